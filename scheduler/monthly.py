"""What the planner has made of a month: what its child needs, and what became of it."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from config.district import District
from config.ids import AreaId
from config.where import spot_of, spot_on
from events.journals import accepted
from events.plan_decisions import Analysed, MonthReported
from events.ports import Streams
from scheduler.due import ReportMonth
from scheduler.hazards import Hazards
from scheduler.jobs import PAGE, REFUSED, Order, Work, hash_of, last_words, order_of
from scheduler.ledger import Ledger
from scheduler.month_kpi import Figure, figures
from scheduler.months import after, month_of, start_ms
from scheduler.publish import Kept
from scheduler.recorded import Recorded


def figures_of(bus: Streams, district: District, month: str) -> tuple[Figure, ...]:
    """The key figures of a month, "2026-11", from the district's journal."""
    first = month_of(month)
    since_ms, until_ms = (start_ms(district.calendar, after(first, n)) for n in (0, 1))
    area = AreaId(district.settings.brigade)

    def squadron_at(told: Mapping[str, Any]) -> str | None:
        spot = (
            spot_on(district, told["edge"], told["along_m"])
            if "edge" in told else spot_of(district, told)
        )  # fmt: skip
        return None if spot is None else district.squadron_of_node(district.roads.node_of(spot))

    return figures(
        accepted(bus, area), since_ms, until_ms, district.settings.visits, district.squadrons,
        squadron_at, Hazards.of(district),
    )  # fmt: skip


def ordered(
    action: Work, bus: Streams, district: District, now_ms: int, recorded: Recorded
) -> Order:
    """The order for an action, with a month's key figures where it is a report."""
    found: tuple[Figure, ...] = ()
    if isinstance(action, ReportMonth):
        found = figures_of(bus, district, action.month)
    return order_of(action, district, now_ms, recorded, found)


def analysis_told(district: District, month: str, out: Path) -> Analysed:
    """Keep what a child's analysis made."""
    Kept(district).needs(out, district.folder / ".qinwu" / "analysis" / month)
    return Analysed(month=month, hash=hash_of(out))


def month_told(
    district: District, ledger: Ledger, month: str, out: Path, code: int, files: str
) -> MonthReported | str | None:
    """Keep the page that a child made on these files, beside them; or say why there is none.

    A text is why it has to be tried again: the child broke off, or the page cannot be kept now.
    None: another planner was faster.
    """
    if ledger.has_reported(month, files):
        return None
    if code not in (0, *REFUSED):
        return last_words(out, code)
    page = out / PAGE
    if code or not page.exists():
        return MonthReported(month=month, refused=last_words(out, code), files=files)
    into = district.folder / f"month-{month}.html"
    try:
        made = hashlib.sha256(page.read_bytes()).hexdigest()
        page.replace(into)  # moved, not copied: whole or not at all, whoever else is at it
    except OSError as error:
        return f"{into.name}: {error.strerror or error}"
    return MonthReported(month=month, hash=made)
