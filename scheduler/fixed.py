"""Fixed duties and night checks of a date, by the id under which rosters name them."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from config.cells import DutyKind
from config.duty_rows import NIGHT_CHECK
from config.ids import PlaceId, PostId

if TYPE_CHECKING:
    from config.district import District
    from config.tables import DutyRow
    from scheduler.intake import Week


@dataclass(frozen=True, slots=True)
class Fixed:
    """What a task of a roster's duty is: its minutes of the week, and where it is done."""

    kind: DutyKind
    start_min: int
    end_min: int
    place: PlaceId | None = None
    post: PostId | None = None


def task_id(duty: str, day: date) -> str:
    """Id of a fixed duty, or of the night check, on a date."""
    return f"{duty}@{day.isoformat()}"


def row_of(district: "District", task: str) -> "DutyRow | None":
    """The fixed duty that a task's id names; None for the night check and for strangers."""
    duty = task.rpartition("@")[0]
    return next((row for row in district.duties if row.duty == duty), None)


def fixed(district: "District", of: "Week", task: str) -> Fixed | None:
    """What an id names in a week; None where it names nothing there."""
    duty, _, told = task.rpartition("@")
    day = next((day for day in of.dates if day.isoformat() == told), None)
    if day is None:
        return None
    if duty == NIGHT_CHECK:
        rule = district.settings.night_check
        return Fixed("night_check", *of.span(day, rule.start, rule.end))
    row = row_of(district, task)
    if row is None:
        return None
    span = of.span(day, row.start, row.end)
    place = PlaceId(row.place) if row.place else None
    return Fixed(row.kind, *span, place, PostId(row.post) if row.post else None)
