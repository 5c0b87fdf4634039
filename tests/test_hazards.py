"""Hazards of the file and of the journal are one register: sections are raised by it."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from districts import edit, small_district

from config.district import District, load
from config.tables import HazardRow
from scheduler.foresight.ground import sections_of
from scheduler.hazards import Hazards
from scheduler.recorded import Recorded

FILED = {"莫干山路": 1, "文一路": 1}
"""The one of hazards.csv, where two streets meet."""
NEW = {"学院路": 1, "栾河路": 1}


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> District:
    """The hand-made district."""
    return load(small_district(tmp_path_factory.mktemp("hazards")))


def said(change: str, day: int, hazard: str = "new", **more: str) -> dict[str, Any]:
    """A change in November 2026."""
    at = f"2026-11-{day:02d}T09:00:00+08:00"
    return {"hazard": hazard, "change": change, "at": at, **more}


def onto(district: District, *told: Mapping[str, Any]) -> District:
    """The district after these reports, in their order."""
    hazards = Hazards()
    for one in told:
        hazards.take(one)
    return Recorded(hazards=hazards.told()).onto(district)


def raised(district: District) -> dict[str, int]:
    """Sections with open hazards, and how many."""
    names, _, _, hazards = sections_of(district)
    return {name: int(n) for name, n in zip(names, hazards, strict=True) if n}


def test_a_reported_hazard_raises_its_sections_until_it_is_rectified(district: District) -> None:
    """Found and assigned it is open, also where the assignment does not say where it lies."""
    found, assigned = said("found", 5, junction="n00"), said("assigned", 6)
    assert raised(onto(district, found)) == raised(onto(district, found, assigned)) == FILED | NEW
    assert raised(onto(district, found, said("rectified", 7))) == FILED
    assert raised(onto(district, found, said("rectified", 7), said("found", 8))) == FILED | NEW
    assert raised(onto(district, said("rectified", 7), found)) == FILED


@pytest.mark.parametrize("days", [("0001-01-01", "9999-12-31"), ("9999-12-31", "")])
def test_a_day_that_no_calendar_has_stops_nothing(days: tuple[str, str], tmp_path: Path) -> None:
    """A register with a date for "unknown" and one for "for ever"."""
    edit(small_district(tmp_path), HazardRow, 0, found=days[0], verified=days[1])
    told = onto(load(tmp_path), said("found", 5, junction="n00"))
    assert raised(told) == (NEW if days[1] else FILED | NEW)


def test_a_hazard_of_the_file_is_closed_by_a_report(district: District) -> None:
    """Its row keeps the rest; whichever is later holds, the file or a report."""
    verified = onto(district, said("verified", 20, "h1"))
    assert raised(verified) == {}
    [row] = verified.hazards
    assert row == district.hazards[0].model_copy(update={"verified": date(2026, 11, 20)})
    assert (
        raised(onto(district, said("verified", 9, "h1"))) == FILED
    )  # the file found it on the 10th
    assert raised(onto(verified, said("assigned", 20, "h1"))) == {}
    assert raised(onto(verified, said("found", 21, "h1"))) == FILED


@pytest.mark.parametrize(
    ("where", "sections"),
    [
        ({"place": "p2"}, {"学院路", "当代路"}),
        ({"section": "中华路"}, {"中华路", "文二路"}),
        ({"section": "无此路"}, set()),
        ({"junction": "n99"}, set()),
        ({}, set()),
    ],
)
def test_where_a_hazard_lies(district: District, where: dict[str, str], sections: set[str]) -> None:
    """At a place, in the middle of a section, or nowhere that anybody knows."""
    told = onto(district, said("found", 5, **where))
    assert raised(told).keys() - FILED.keys() == sections
    assert raised(told).items() >= FILED.items()
