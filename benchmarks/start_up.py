"""How soon the command answers: every help page, and a few commands on the sample district.

`python benchmarks/start_up.py [--runs 5] [--commands]` prints medians in milliseconds of wall time
and of CPU time, which a busy machine stretches less; the last line is JSON. Exit 1 when a help page
takes longer than the bar of 300 ms. Commands have no bar: `--commands` makes the sample, plans a
week of it in a short while and times what people ask daily.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import qinwu  # noqa: E402 - the path first

if TYPE_CHECKING:
    from typer._click import Command

COMMAND = str(ROOT / "qinwu.py")
BAR_MS = 300
TODAY, WEEK, DAY, PERSON = "2026-11-27", "2026-W49", "2026-12-02", "P001"


class Took(NamedTuple):
    """Median milliseconds of a process."""

    wall: float
    cpu: float


def took(told: Sequence[str], runs: int) -> Took:
    """Median times of a process that ends well."""
    walls, cpus = [], []
    for _ in range(runs + 1):
        began_s, used_s = time.perf_counter(), _children_s()
        subprocess.run([sys.executable, *told], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        walls.append(1000 * (time.perf_counter() - began_s))
        cpus.append(1000 * (_children_s() - used_s))
    return Took(
        statistics.median(walls[1:]), statistics.median(cpus[1:])
    )  # the first warms the disk


def _children_s() -> float:
    """CPU seconds of all children that ended."""
    times = os.times()
    return times.children_user + times.children_system


def pages() -> Iterator[tuple[str, ...]]:
    """Every command and sub-command, as it is typed before `--help`."""

    def below(path: tuple[str, ...], command: "Command") -> Iterator[tuple[str, ...]]:
        yield path
        for name, one in getattr(command, "commands", {}).items():
            yield from below((*path, name), one)

    yield ()
    for name in qinwu.COMMANDS:
        yield from below((name,), qinwu._load(name))  # noqa: SLF001 - as the command itself does


def daily(folder: Path) -> Iterator[tuple[str, ...]]:
    """What people ask every day, of a sample district whose week is published just before."""
    sample, out = str(folder / "sample"), str(folder / "out")
    for told in (
        ("init", sample, "--today", TODAY),
        ("plan", sample, "--week", WEEK, "--out", out, "--deterministic", "1"),
        ("publish", sample, "--week", WEEK, "--from", out),
    ):
        done = [sys.executable, COMMAND, *told]
        subprocess.run(done, check=True, capture_output=True)  # noqa: S603 - our own command
    yield ("check", sample)
    yield ("publish", sample, "--week", WEEK, "--from", out)
    yield ("roster", "why", sample, PERSON, DAY)
    yield ("roster", "check", sample, f"{out}/roster.csv")
    yield ("roster", "versions", sample, "--week", WEEK)
    yield ("journal", "verify", sample)
    yield ("incident", "new", sample, "--kind", "obstacle", "--text", "a tree on the road")


def main() -> int:
    """Measure one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--commands", action="store_true", help="Time daily commands, too.")
    told = parser.parse_args()
    nothing = took(["-c", ""], told.runs)
    print(f"bare Python: {nothing.wall:.0f} ms, CPU {nothing.cpu:.0f} ms")
    slowest = Took(0, 0)
    for page in pages():
        found = took([COMMAND, *page, "--help"], told.runs)
        slowest = max(slowest, found)
        print(f"{' '.join(('qinwu', *page))} --help: {found.wall:.0f} ms, CPU {found.cpu:.0f} ms")
    print(f"the slowest help page: {slowest.wall:.0f} ms (bar {BAR_MS} ms)")
    commands = {}
    if told.commands:
        with tempfile.TemporaryDirectory() as name:
            for command in daily(Path(name)):
                found = took([COMMAND, *command], told.runs)
                what = " ".join(command[: 2 if command[0] in ("roster", "journal") else 1])
                commands[what] = round(found.cpu)
                print(f"qinwu {what}: {found.wall:.0f} ms, CPU {found.cpu:.0f} ms")
    ratio = round(slowest.wall / nothing.wall, 2)
    print(json.dumps({"slowest_help_ms": round(slowest.wall), "ratio_to_bare_python": ratio,
                      "commands_cpu_ms": commands}))  # fmt: skip
    return int(slowest.wall > BAR_MS)


if __name__ == "__main__":
    sys.exit(main())
