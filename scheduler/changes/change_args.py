"""What is typed behind the commands that change a week, read: weeks, days, times, kinds."""

from datetime import date, datetime
from typing import TYPE_CHECKING, get_args

from config.errors import BadInput
from config.named import check_year, day_named, unknown, week_named

if TYPE_CHECKING:
    from config.cells import DutyKind
    from config.district import District


def the_week(text: str) -> str:
    """An ISO week."""
    return week_named(text)


def week_of(duty: str) -> str:
    """The week of the date in a duty's id, which the planner's own ids end with."""
    from config.calendar import week_of_day  # noqa: PLC0415

    try:
        return week_of_day(date.fromisoformat(duty.rpartition("@")[2]))
    except ValueError as wrong:
        raise BadInput(key="repair.which_week", duty=duty) from wrong


def day(text: str) -> date:
    """A date."""
    return date.fromisoformat(day_named(text))


def moment(district: "District", text: str) -> int:
    """Unix ms of a local time, or of one with offset; BadInput where it is neither."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise BadInput(key="repair.no_time", value=text) from wrong
    check_year(text, at.date())
    if at.tzinfo is None:
        return district.calendar.at_ms(at.date(), at.time())
    return round(at.timestamp() * 1000)


def doer(district: "District", by: str | None) -> None:
    """Whoever says that they do it is a person of the district; NotFound otherwise."""
    from config.tables import PersonRow  # noqa: PLC0415

    if by is not None and by not in district.people.persons:
        people = {str(one): str(one) for one in district.people.persons}
        raise unknown("named.no", by, people, file=PersonRow.file)


def kind_of(text: str) -> "DutyKind":
    """A kind of duty."""
    from config.cells import DutyKind  # noqa: PLC0415

    found: DutyKind | None = next((kind for kind in get_args(DutyKind) if kind == text), None)
    if found is None:
        raise BadInput(key="repair.no_kind", value=text, kinds=", ".join(get_args(DutyKind)))
    return found
