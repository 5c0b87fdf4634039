"""Orders for a solver, which works elsewhere than in the planner's own process."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Protocol

from config.district import District
from config.errors import BadInput
from config.words import words
from events.supervise import ended
from scheduler.due import Analyse, MakeDraft, ReportMonth
from scheduler.month_kpi import Figure
from scheduler.recorded import Recorded


class Job(Protocol):
    """A solver at work, e.g. a child process; `out` is the folder that it fills."""

    out: Path

    def poll(self) -> int | None:
        """Exit code, or None while it works."""
        ...

    def kill(self) -> None:
        """End it."""
        ...


@dataclass(frozen=True, slots=True)
class Order:
    """What a solver is to do; `month`: the report of a month, with its key figures."""

    week: str
    analysis_only: bool = False
    from_ms: int | None = None
    time_s: int = 60
    seed: int = 0
    recorded: Recorded = field(default_factory=Recorded)
    month: str | None = None
    figures: tuple[Figure, ...] = ()


PAGE, FIGURES = "month.html", "figures.json"
"""What the report of a month is called in the folder that a solver fills, and its key figures."""
REFUSED = (1, 2, 3)
"""Exit codes of a solver that will say the same again: not found, bad input, impossible."""
LATER = 75
"""Exit code of a solver that found no room for what it made (EX_TEMPFAIL)."""
LOG = "plan.log"
"""What a solver says, in the folder that it fills."""
Solver = Callable[[Order], Job]
Work = MakeDraft | Analyse | ReportMonth
"""What is a solver's to do."""


def key(action: Work) -> tuple[str, str]:
    """What an order is about, for trying again later; what is asked for is something else."""
    if isinstance(action, ReportMonth):
        return "month", action.month
    if isinstance(action, Analyse):
        return "analysis", action.week or action.month
    return "asked" if action.wish else "draft", action.week


def order_of(
    action: Work, district: District, now_ms: int, recorded: Recorded,
    figures: tuple[Figure, ...] = (),
) -> Order:  # fmt: skip
    """The order for an action; a wish's time and seed go before the settings'."""
    if isinstance(action, ReportMonth):
        week = district.calendar.week_of(now_ms)
        return Order(week, recorded=recorded, month=action.month, figures=figures)
    if isinstance(action, Analyse):
        week = action.week or district.calendar.week_of(now_ms)
        return Order(week, analysis_only=True, recorded=recorded)
    wish = action.wish
    return Order(
        action.week, from_ms=action.from_ms,
        time_s=wish.time_s if wish and wish.time_s else district.settings.publication.solve_s,
        seed=wish.seed if wish and wish.seed else 0, recorded=recorded,
    )  # fmt: skip


def about(action: Work) -> tuple[str, str]:
    """What an order is about, for whoever is told what became of it."""
    if isinstance(action, ReportMonth | Analyse):
        return "month" if isinstance(action, ReportMonth) else "analysis", action.month
    return "week", action.week


def last_words(out: Path, code: int) -> str:
    """What a solver said last before it ended with an exit code; of a signal it knew nothing."""
    if code < 0:
        return words()("planner.killed", signal=ended(code))
    try:
        lines = (out / LOG).read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        lines = []
    return next((line[:500] for line in reversed(lines) if line.strip()), f"exit {code}")


def hash_of(folder: Path) -> str:
    """Hash of an analysis: of its points and its staffing."""
    names = ("must_arrive.csv", "staffing.csv")
    raw = b"".join((folder / name).read_bytes() for name in names if (folder / name).exists())
    return hashlib.sha256(raw).hexdigest()


def write_figures(found: Sequence[Figure], path: Path) -> None:
    """Key figures for the planner's child, which has no bus."""
    path.write_text(json.dumps([asdict(one) for one in found]), encoding="utf-8")


def read_figures(path: Path) -> tuple[Figure, ...]:
    """What `write_figures` wrote; none where it wrote nothing.

    Raises:
        BadInput: The file is not that.
    """
    if not path.exists():
        return ()
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return tuple(Figure(**{**one, "times": tuple(one["times"])}) for one in told)
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        raise BadInput(key="planner.recorded", file=path, because=wrong) from wrong
