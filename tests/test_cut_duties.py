"""Duties that a sick call cuts: after midnight."""

from pathlib import Path

import pytest
from test_absence import Held, folder, held

from config.made_tables import MustArriveOutRow
from config.reading import write_rows
from config.words import words
from scheduler.absence import repaired
from scheduler.export import Printer, write_roster
from scheduler.handed import draft_faults
from scheduler.intake import Week
from scheduler.publish import duties_of, normal
from scheduler.readback import RosterFile, read_roster
from scheduler.recorded import Recorded
from scheduler.roster import Duty

__all__ = ["folder", "held"]


def cut(held: Held, duty: Duty, now_min: int, day: str) -> RosterFile:
    """The version after the duty's officer was told absent on a day, some seconds into a minute."""
    ill = Recorded({duty.officer: frozenset({day})}).onto(held.district)
    now_ms = Week(held.district.calendar, held.file.week).at_ms(now_min) + 30_000
    return repaired(ill, held.file, [(duty.officer, day)], now_ms)


def new_in(held: Held, after: RosterFile) -> list[Duty]:
    """Duties that the version before had not."""
    return [duty for duty in after.roster.duties if held.file.roster.duty(duty.id) is None]


def nights(held: Held) -> list[tuple[Duty, int]]:
    """Duties over midnight, and the minute of that midnight."""
    of = Week(held.district.calendar, held.file.week)
    found = [(duty, of.local(duty.date, 1440)) for duty in held.file.roster.duties]
    return [(duty, midnight) for duty, midnight in found if duty.end_min > midnight + 120]


@pytest.mark.parametrize("after_midnight_min", [-30, 0, 1, 60])
def test_a_night_duty_cut_after_midnight_is_read_back(
    held: Held, tmp_path: Path, after_midnight_min: int
) -> None:
    """Its rest starts on the next day under the date of the whole, in a file and in a draft."""
    printer, filled = Printer(held.district, held.file.week), 0
    for n, (duty, midnight) in enumerate(nights(held)[::40]):
        after = cut(held, duty, midnight + after_midnight_min, duty.date.isoformat())
        filled += len(new_in(held, after))
        out = tmp_path / str(n)
        out.mkdir()
        rows = printer.point_rows(after.points.values(), words())
        write_rows(out / MustArriveOutRow.file, rows, MustArriveOutRow, bom=True)
        write_roster(out, printer, after.roster, 2, after.points)
        assert read_roster(held.district, out / "roster.csv").roster == after.roster
        told = normal(duties_of(held.district, after, 2))
        assert draft_faults(held.district, held.file.week, told) == ()
    assert filled > 0
