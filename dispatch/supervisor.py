"""`qinwu run`: a process that only watches, so it loads nothing of what its worker needs."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from config.errors import NotFound
from config.telling import tell_line
from config.words import words
from events.supervise import ended, is_worker, supervise

if TYPE_CHECKING:
    from config.district import District
    from events.clock import Clock
    from events.ports import Bus


class Turner(Protocol):
    """What turns beside the engine, in a thread of its own: the planner."""

    def turn(self, wait_ms: int = 0) -> bool:
        """One round; whether anything was done."""
        ...

    def close(self) -> None:
        """Let go of what it started."""
        ...


MakeTurner = Callable[["Bus", "District", "Clock"], Turner]


@dataclass(frozen=True, slots=True)
class Options:
    """What `qinwu run` was asked for. `planner`: how to make one, None where there is none."""

    folder: Path
    bus: str | None = None
    engine: bool = True
    planner: MakeTurner | None = None
    port: int = 0


def run(options: Options, command: list[str]) -> int:
    """Supervise workers, or be one; the exit code.

    Args:
        options: What to run.
        command: How to start a worker with the same options.

    Raises:
        NotFound: There is no such folder.
    """
    if is_worker():
        work: Callable[[Options], int] = import_module("dispatch.run").work
        return work(options)
    if not options.folder.is_dir():  # before anything is said to start
        raise NotFound(key="check.no_folder", folder=options.folder)

    def tell(code: int, pause_s: float) -> None:
        tell_line(words()("run.again", code=ended(code), seconds=f"{pause_s:.1f}"))

    tell_line(words()("door.starts", folder=options.folder))
    return supervise(command, tell)
