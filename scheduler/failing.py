"""What a planner could not make: told once to whoever runs it, its solver's words kept."""

import shlex
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from config.controls import visible
from config.telling import tell_line
from config.words import words
from events.failed import Failed, log_of
from events.plan_decisions import MonthReported
from scheduler.jobs import LOG

Tell = Callable[[Failed, Path | None], None]
"""Given what failed, and the file with all that was said of it, where there is one."""


def nobody(failed: Failed, log: Path | None) -> None:
    """Nobody looks on."""
    del failed, log


def tell(folder: Path, failed: Failed, log: Path | None) -> None:
    """Say it on stderr, with the next thing to try."""
    say, named = words(), {"folder": shlex.quote(str(folder))}
    told = say(f"planner.failed.{failed.of}", what=failed.what, why=visible(failed.why), **named)
    tell_line(told)
    if log is not None:
        tell_line(say("planner.failed_log", file=log))


class Failing:
    """What fails at present."""

    def __init__(self, folder: Path, tell: Tell) -> None:
        """Nothing has failed yet.

        Args:
            folder: The district's.
            tell: Told of each failure.
        """
        self._folder, self._tell = folder, tell
        self._known: dict[tuple[str, str], str] = {}

    def told(self, failed: Failed, out: Path | None = None) -> bool:
        """Tell of a failure, but not again where it is tried again and the reason is the same.

        Whoever asked for it is answered each time.

        Args:
            failed: What, and why.
            out: The solver's folder, of which the log is kept.

        Returns:
            Whether it was told.
        """
        about = failed.of, failed.what
        log = None if out is None else self._kept(out / LOG, log_of(self._folder, *about))
        if failed.of != "asked" and self._known.get(about) == failed.why:
            return False
        self._known[about] = failed.why
        self._tell(failed, log)
        return True

    def reported(self, told: MonthReported | None, out: Path) -> None:
        """Tell of a month's report that is refused; of one that is made, that it went well."""
        if told is not None and told.refused:
            self.told(Failed("month", told.month, told.refused), out)
        elif told is not None:
            self.over("month", told.month)

    def over(self, of: str, what: str) -> None:
        """It went well: should it fail again, that is new."""
        self._known.pop((of, what), None)
        with suppress(OSError):
            log_of(self._folder, of, what).unlink(missing_ok=True)

    def _kept(self, log: Path, path: Path) -> Path | None:
        """Keep a log beyond the next job; None: there is none, or no room for it."""
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            return Path(shutil.copyfile(log, path))
        return None
