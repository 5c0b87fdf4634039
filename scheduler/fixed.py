"""Fixed duties and night checks of a date, by the id under which rosters name them."""

from dataclasses import dataclass
from datetime import date, time
from typing import TYPE_CHECKING

from config.cells import DutyKind
from config.ids import NIGHT_CHECK, PlaceId, PostId

if TYPE_CHECKING:
    from config.district import District
    from config.tables import DutyRow


@dataclass(frozen=True, slots=True)
class Fixed:
    """What a task of a roster's duty is: when (Unix ms), and where it is done."""

    kind: DutyKind
    start_ms: int
    end_ms: int
    place: PlaceId | None = None
    post: PostId | None = None


def task_id(duty: str, day: date) -> str:
    """Id of a fixed duty, or of the night check, on a date."""
    return f"{duty}@{day.isoformat()}"


def named(task: str) -> tuple[str, date] | None:
    """The fixed duty, or the night check, that a task's id names, with its date; None: neither."""
    duty, _, day = task.rpartition("@")
    try:
        return duty, date.fromisoformat(day)
    except ValueError:
        return None


def row_of(district: "District", task: str) -> "DutyRow | None":
    """The fixed duty that a task's id names; None for the night check and for strangers."""
    found = named(task)
    return next((row for row in district.duties if found and row.duty == found[0]), None)


def is_night_check(task: str) -> bool:
    """Whether a task's id names the night check of a date."""
    found = named(task)
    return found is not None and found[0] == NIGHT_CHECK


def fixed(district: "District", task: str) -> Fixed | None:
    """What an id names; None where the district's files know it no more."""
    found = named(task)
    if found is None:
        return None
    duty, day = found

    def span_ms(start: time, end: time) -> tuple[int, int]:
        return district.calendar.span_ms(day, start, end)

    if duty == NIGHT_CHECK:
        rule = district.settings.night_check
        return Fixed("night_check", *span_ms(rule.start, rule.end))
    row = row_of(district, task)
    if row is None:
        return None
    place, post = row.place, row.post
    return Fixed(
        row.kind, *span_ms(row.start, row.end), PlaceId(place) if place else None,
        PostId(post) if post else None,
    )  # fmt: skip
