"""The Curtois–Qu instances by the engine, beside the yardsticks and the best that is known.

`python benchmarks/curtois_table.py [FOLDER] [--instances 1-12] [--seconds 60] [--seeds 1]
[--yardsticks sat,highs]`: the median cost of the seeds of each instance, its gap above the best
known, the bound, and what a plain model finds in the same time by CP-SAT with 8 workers and by
HiGHS. The last line is JSON: the sum of gaps on 5–8, and its ratio to plain CP-SAT's. Exit 1 where
a bound is above the best known, or the ratio above 0.1.
"""

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parents[1] / "shared" / "data" / "rosters"
BEST = (
    607, 828, 1001, 1716, 1143, 1950, 1056, 1300, 439, 4631, 3443, 4040,
    1348, 1278, 3829, 3225, 5746, 4459, 3149, 4769, 21133, 30241, 17428, 42463,
)  # fmt: skip
"""Best known cost of instances 1 … 24."""
SUMMED = range(5, 9)
MOST_RATIO = 0.1


@dataclass(frozen=True, slots=True)
class Result:
    """Of one instance. costs: of the seeds; plain: of each yardstick, None: nothing lawful."""

    number: int
    costs: list[float]
    bounds: list[float]
    proven_s: list[float]
    plain: dict[str, float | None]

    @property
    def cost(self) -> float:
        """The median."""
        return statistics.median(self.costs)

    def gap(self, cost: float | None) -> float:
        """Above the best known, as a share of it; whoever finds nothing is a whole one above."""
        best = BEST[self.number - 1]
        return 1.0 if cost is None else (cost - best) / best

    def row(self) -> str:
        """One line of the table."""
        proven = f"{len(self.proven_s)}/{len(self.costs)} proven"
        if self.proven_s:
            proven += f" in {statistics.median(self.proven_s):.1f} s"
        told = " ".join(f"{name} {cost}" for name, cost in self.plain.items())
        return (
            f"{self.number:2}: {self.cost:g} ({min(self.costs):g}-{max(self.costs):g}), best known "
            f"{BEST[self.number - 1]}, gap {self.gap(self.cost):.2%}, bound {max(self.bounds):g}, "
            f"{proven}; {told or 'no yardstick'}"
        )


def last_line(script: str, *words: str) -> dict[str, Any]:
    """What a benchmark says last."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, str(HERE / script), *words], check=True, capture_output=True, text=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def results(asked: argparse.Namespace) -> Iterator[Result]:
    """Each instance, its seeds one after another, then the yardsticks."""
    first, _, last = asked.instances.partition("-")
    for number in range(int(first), int(last or first) + 1):
        file = asked.folder / f"Instance{number}.txt"
        if not file.exists():
            print(f"{number:2}: SKIPPED, no {file}")
            continue
        time = ("--seconds", str(asked.seconds))
        ours = [
            last_line("curtois.py", str(file), *time, "--seed", str(seed))
            for seed in range(1, asked.seeds + 1)
        ]
        plain = {
            name: last_line("curtois_plain.py", str(file), *time, "--solver", name)["cost"]
            for name in asked.yardsticks.split(",") if name
        }  # fmt: skip
        yield Result(
            number, [one["cost"] for one in ours], [one["bound"] for one in ours],
            [one["seconds"] for one in ours if one["proven"]], plain,
        )  # fmt: skip


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    parser.add_argument("--instances", default="1-12", help="a number, or first-last")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--yardsticks", default="sat,highs", help='of sat, highs; "": none')
    asked = parser.parse_args()
    found, wrong = [], False
    for result in results(asked):
        print(result.row(), flush=True)
        found.append(result)
        wrong = wrong or max(result.bounds) > BEST[result.number - 1]
    summed = [one for one in found if one.number in SUMMED]
    ours = sum(one.gap(one.cost) for one in summed)
    told: dict[str, object] = {"instances": len(found), "sum_of_gaps": round(ours, 5)}
    if summed and all("sat" in one.plain for one in summed):
        plain = sum(one.gap(one.plain["sat"]) for one in summed)
        told["ratio_to_plain"] = round(ours / plain, 4) if plain else None
        wrong = wrong or ours > MOST_RATIO * plain
    print(json.dumps(told))
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
