"""Pins: what a person fixed about teams' days, so that planning and repair keep to it.

A pin says that a team has exactly this duty on a date, or none. They stand beside a roster as
pins.csv, and stay with the week when it is published.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from config.cells import DutyKind
from config.district import District
from config.errors import BadInput
from config.ids import PostId, TeamId
from config.made_tables import PinRow
from config.reading import Table, read_table
from scheduler.export import Printer
from scheduler.roster import Duty, Roster


@dataclass(frozen=True, slots=True)
class Pin:
    """A team's day as a person fixed it. `span`: minutes of the week, None for no duty.

    source: Where the person said so, such as a cell of a sheet.
    """

    team: TeamId
    date: date
    span: tuple[int, int] | None = None
    kind: DutyKind | None = None
    post: PostId | None = None
    source: str = ""

    def holds(self, duties: Sequence[Duty]) -> bool:
        """Whether the team's duties of that date are as they were fixed."""
        if self.span is None:
            return not duties
        return len(duties) == 1 and all(
            (duty.start_min, duty.end_min) == self.span
            and self.kind in (None, duty.kind) and self.post in (None, duty.post)
            for duty in duties
        )  # fmt: skip


def unkept(pins: Iterable[Pin], roster: Roster) -> Iterator[Pin]:
    """The pins that a roster does not keep."""
    days: dict[tuple[TeamId, date], list[Duty]] = {}
    for duty in roster.duties:
        days.setdefault((duty.team, duty.date), []).append(duty)
    return (pin for pin in pins if not pin.holds(days.get((pin.team, pin.date), [])))


def merged(old: Iterable[Pin], new: Iterable[Pin]) -> tuple[Pin, ...]:
    """Pins in order of date and team; a new one stands over an old one of that team and date."""
    found = {(pin.date, pin.team): pin for pins in (old, new) for pin in pins}
    return tuple(found[key] for key in sorted(found))


def read_pins(district: District, path: Path, week: str) -> tuple[Pin, ...]:
    """The pins of a week out of a pins.csv; none when there is no file.

    Raises:
        BadInput: A cell is wrong, or a name is not the district's.
    """
    if not path.exists():
        return ()
    table = read_table(path, PinRow, str(path))
    printer = Printer(district, week)
    known: Mapping[str, Iterable[str]] = {
        "team": district.people.team_ids(), "post": district.posts,
    }  # fmt: skip
    found = []
    for n, row in enumerate(table.rows):
        for column, names in known.items():
            value = getattr(row, column)
            if value is not None and value not in set(names):
                table.find(n, column, "roster.unknown", value=value)
        if row.week == week:
            span = _span(printer, table, n)
            post = PostId(row.post) if row.post else None
            found.append(Pin(TeamId(row.team), row.day, span, row.kind, post, row.source or ""))
    if any(one.level == "error" for one in table.findings):
        raise BadInput(table.findings)
    return merged((), found)


def _span(printer: Printer, table: Table[PinRow], n: int) -> tuple[int, int] | None:
    row = table.rows[n]
    if row.start is None or row.end is None:
        if row.start is not None or row.end is not None:
            table.find(n, "end" if row.end is None else "start", "empty")
        return None
    minutes = []
    for column, value in (("start", row.start), ("end", row.end)):
        try:
            minutes.append(printer.minute(value))
        except ValueError:
            table.find(n, column, "roster.time", value=value)
            return None
    if minutes[1] <= minutes[0]:
        table.find(n, "end", "roster.order", value=row.end)
    return minutes[0], minutes[1]


def pin_rows(pins: Iterable[Pin], printer: Printer) -> list[PinRow]:
    """Rows of pins.csv."""
    return [
        PinRow(
            week=printer.week, team=pin.team, day=pin.date,
            start=printer.iso(pin.span[0]) if pin.span else None,
            end=printer.iso(pin.span[1]) if pin.span else None,
            kind=pin.kind, post=pin.post, source=pin.source or None,
        )
        for pin in pins
    ]  # fmt: skip
