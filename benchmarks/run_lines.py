"""What the benchmarks of the roster-line engine share: arguments, progress, the last line."""

import argparse
import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from scheduler.solve.lines.problem import LineProblem
    from scheduler.solve.lines.search import Lines

Instance = TypeVar("Instance")

BEGAN_S = time.perf_counter()
"""Before the engine is loaded, which counts too."""
WRITING_S = 0.4
"""Kept for writing what was found."""
HEARD_S = 0.2
"""After so long at most an interrupt is heard: one that comes while the main thread is on its way
into a wait without an end is heard when that is over."""


class BadFile(Exception):
    """What is wrong, where, and how to mend it."""


@dataclass
class Told:
    """The arguments, and the clock that began with them."""

    file: Path
    seconds: float
    workers: int
    seed: int
    out: Path | None
    stop: threading.Event = field(default_factory=threading.Event)
    began_s: float = BEGAN_S
    first_s: float | None = None

    @property
    def spent_s(self) -> float:
        """Seconds since the beginning."""
        return time.perf_counter() - self.began_s

    def tell(self, found: "Lines") -> None:
        """The last line."""
        print(json.dumps({
            "cost": tidy(found.cost), "bound": tidy(found.bound), "proven": found.proven,
            "seconds": round(self.spent_s, 2), "first_seconds": round(self.first_s or 0.0, 2),
        }))  # fmt: skip


def tidy(value: float) -> float | int:
    """A whole number as such."""
    return round(value) if abs(value - round(value)) < 1e-6 else round(value, 4)


def told_by(about: str | None) -> Told | None:
    """Read the arguments, and let an interrupt end the search; None without a file."""
    parser = argparse.ArgumentParser(description=(about or "").splitlines()[0])
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    if given.file is None:
        print("SKIPPED: no instance; give its file as argument")
        return None
    told = Told(given.file, given.seconds, given.workers, given.seed, given.out)
    signal.signal(signal.SIGINT, lambda *_: told.stop.set())
    return told


def run(problem: "LineProblem", told: Told) -> "Lines":
    """Search, and print what gets better."""
    from scheduler.solve.lines.search import Search  # noqa: PLC0415 - compiles what it needs

    def better(found: "Lines") -> None:
        told.first_s = told.spent_s if told.first_s is None else told.first_s
        print(f"{told.spent_s:7.2f} s  cost {tidy(found.cost)}", flush=True)

    def bounded(bound: float) -> None:
        print(f"{told.spent_s:7.2f} s  bound {tidy(bound)}", flush=True)

    search = Search(problem, seed=told.seed, workers=told.workers, better=better, bounded=bounded)
    print(f"{told.spent_s:7.2f} s  ready, {time.process_time():.2f} s of processor", flush=True)
    left_s = max(0.1, told.seconds - told.spent_s - WRITING_S)
    with ThreadPoolExecutor(1) as thread:
        found = thread.submit(search.run, left_s, stop=told.stop)
        while wait([found], HEARD_S).not_done:
            pass
        return found.result()


def command(
    about: str | None,
    read: Callable[[Path], Instance],
    problem_of: Callable[[Instance], "LineProblem"],
    write: Callable[[Path, Instance, "Lines"], None],
    broken: Callable[[Instance, "Lines"], Sequence[str]] = lambda *_: (),
) -> int:
    """Read the file, solve it, write what was found and print the last line; the exit code.

    Args:
        about: The benchmark's docstring.
        read: What the file says; raises BadFile.
        problem_of: It for the engine.
        write: The roster into a file, in the instance's own names.
        broken: Sentences for stderr of laws that what was found does not keep; then the code is 1.
    """
    told = told_by(about)
    if told is None:
        return 0
    try:
        instance = read(told.file)
    except BadFile as trouble:
        print(trouble, file=sys.stderr)
        return 2
    found = run(problem_of(instance), told)
    if told.out is not None:
        write(told.out, instance, found)
    said = broken(instance, found)
    for sentence in said:
        print(sentence, file=sys.stderr)
    told.tell(found)
    return int(bool(said))
