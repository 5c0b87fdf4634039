"""Pins: what a person fixed is written, read back, and told when a roster does not keep it."""

from dataclasses import replace
from pathlib import Path

import pytest
from districts import MONDAY, WEEK, small_district
from planned import week_of

from config.district import District, load
from config.errors import BadInput
from config.ids import PostId, TeamId
from config.made_tables import PinRow
from config.reading import write_rows
from scheduler.export import Printer
from scheduler.pins import Pin, merged, pin_rows, read_pins, unkept

OFF = Pin(TeamId("t1"), MONDAY)
WORK = Pin(TeamId("t1"), MONDAY, (480, 960), "patrol", PostId("st1"), "班表!F5")


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> District:
    """The hand-made district."""
    return load(small_district(tmp_path_factory.mktemp("d")))


@pytest.mark.parametrize(
    ("pin", "kept"),
    [
        (WORK, True),
        (replace(WORK, kind=None, post=None), True),
        (replace(WORK, span=(450, 960)), False),
        (replace(WORK, kind="desk"), False),
        (replace(WORK, post=PostId("st2")), False),
        (OFF, False),
        (replace(OFF, team=TeamId("t8")), True),
    ],
)
def test_a_pin_is_kept_by_that_duty_only(district: District, pin: Pin, *, kept: bool) -> None:
    """What a pin leaves open may be anything."""
    assert list(unkept([pin], week_of(district, WEEK).roster)) == ([] if kept else [pin])


def test_pins_read_back_as_they_were_written(district: District, tmp_path: Path) -> None:
    """Of their own week only; a day off has no times."""
    pins = merged([WORK], [replace(OFF, team=TeamId("t2"))])
    rows = pin_rows(pins, Printer(district, WEEK))
    rows += pin_rows([replace(OFF, team=TeamId("t3"))], Printer(district, "2026-W50"))
    write_rows(tmp_path / "pins.csv", rows, PinRow, bom=True)
    assert read_pins(district, tmp_path / "pins.csv", WEEK) == pins
    assert read_pins(district, tmp_path / "none.csv", WEEK) == ()


def test_the_newer_pin_of_a_day_holds() -> None:
    """A person may change their mind."""
    assert merged([WORK], [OFF]) == (OFF,)
    assert merged([OFF], [WORK]) == (WORK,)


@pytest.mark.parametrize(
    ("cells", "column", "key"),
    [
        ("t9,2026-11-30,,,,", 10, "unknown"),
        ("t1,2026-11-30,2026-11-30T08:00:00+08:00,,,", 50, "empty"),
        ("t1,2026-11-30,early,late,,", 24, "time"),
        ("t1,2026-11-30,2026-11-30T08:00:00+08:00,2026-11-30T07:00:00+08:00,,", 50, "order"),
        ("t1,2026-11-30,,,,st9", 27, "unknown"),
    ],
)
def test_a_wrong_pin_is_told_with_its_place(
    district: District, tmp_path: Path, cells: str, column: int, key: str
) -> None:
    """Line and column, as of any file."""
    path = tmp_path / "pins.csv"
    path.write_text(f"week,team,date,start,end,kind,post\n{WEEK},{cells}\n", encoding="utf-8")
    with pytest.raises(BadInput) as told:
        read_pins(district, path, WEEK)
    (finding,) = told.value.findings
    assert (finding.line, finding.key.rpartition(".")[2]) == (2, key)
    assert finding.column == column
