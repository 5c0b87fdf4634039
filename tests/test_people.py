"""Teams of a day, re-bonding, and the crew law."""

from datetime import date
from pathlib import Path

import pytest
from districts import MONDAY, small_district

from config import people
from config.district import load
from config.ids import PersonId
from config.people import CREW_LAW_CLASSES, People, crew_is_lawful
from config.tables import BondRow, LeaveRow, PersonRow

DAY, NEXT = date(2026, 12, 1), date(2026, 12, 2)


def force(*bonds: BondRow, leave: tuple[LeaveRow, ...] = ()) -> People:
    """Two officers and two auxiliaries of s1, one of each of s2."""
    rows = [
        PersonRow(person="o1", squadron="s1", role="officer", team="t1", skills=("car",)),
        PersonRow(person="o2", squadron="s1", role="officer"),
        PersonRow(person="a1", squadron="s1", role="auxiliary", skills=("breath_test",)),
        PersonRow(person="a2", squadron="s1", role="auxiliary"),
        PersonRow(person="o3", squadron="s2", role="officer"),
        PersonRow(person="a3", squadron="s2", role="auxiliary"),
    ]
    return people.build(rows, bonds, leave)


def bond(officer: str, auxiliary: str, *days: date) -> BondRow:
    """A bond, standing or from one day to another."""
    since, until = days or (None, None)
    return BondRow(officer=officer, auxiliary=auxiliary, since=since, until=until)


def crews(found: People, day: date) -> dict[str, tuple[str, ...]]:
    """Auxiliaries by team."""
    return {team.id: team.auxiliaries for team in found.teams_on(day)}


def test_a_team_is_an_officer_with_the_auxiliaries_bonded_that_day() -> None:
    """The team's id is the column `team`, else the officer's; its skills are everybody's."""
    found = force(bond("o1", "a1"), bond("o1", "a2", DAY, DAY), bond("o3", "a3", NEXT, NEXT))
    assert crews(found, DAY) == {"t1": ("a1", "a2"), "o2": (), "o3": ()}
    assert crews(found, NEXT) == {"t1": ("a1",), "o2": (), "o3": ("a3",)}
    assert found.teams_on(DAY)[0].skills == {"car", "breath_test"}


def test_an_officer_on_leave_leaves_no_team_nor_work_for_the_auxiliaries() -> None:
    """Both days of leave are inclusive; auxiliaries cannot work without a present officer."""
    away = LeaveRow(person="o1", since=DAY, until=DAY)
    found = force(bond("o1", "a1"), bond("o1", "a2"), leave=(away,))
    assert crews(found, DAY) == {"o2": (), "o3": ()}
    assert crews(found, NEXT)["t1"] == ("a1", "a2")
    assert not any("a1" in team.people for team in found.teams_on(DAY))


def test_an_auxiliary_on_leave_is_missing_from_the_team() -> None:
    """On both days."""
    found = force(bond("o1", "a1"), leave=(LeaveRow(person="a1", since=DAY, until=NEXT),))
    assert crews(found, DAY)["t1"] == ()
    assert found.on_leave(PersonId("a1"), NEXT)
    assert not found.on_leave(PersonId("a1"), date(2026, 12, 3))


def test_a_bond_of_one_day_stands_over_the_standing_one_that_day() -> None:
    """In whatever order the file has them."""
    bonds = (bond("o2", "a1", DAY, DAY), bond("o1", "a1"))
    for order in (bonds, bonds[::-1]):
        found = force(*order)
        assert crews(found, DAY) == {"t1": (), "o2": ("a1",), "o3": ()}
        assert crews(found, NEXT) == {"t1": ("a1",), "o2": (), "o3": ()}


LAWFUL = {(2, 0): True, (1, 2): True, (1, 1): False, (1, 0): False, (0, 3): False, (3, 0): True}


@pytest.mark.parametrize(("crew", "lawful"), LAWFUL.items())
@pytest.mark.parametrize("road_class", [*sorted(CREW_LAW_CLASSES), None])
def test_arterials_ask_for_two_officers_or_one_with_two_auxiliaries(
    road_class: str | None, crew: tuple[int, int], *, lawful: bool
) -> None:
    """Art. 70, on motorway, trunk, primary, secondary, their links, and where nobody knows."""
    assert crew_is_lawful(*crew, road_class, "by_class") is lawful
    assert crew_is_lawful(*crew, road_class, "all") is lawful


@pytest.mark.parametrize("road_class", ["tertiary", "residential", "service", "unclassified"])
def test_local_roads_ask_for_an_officer(road_class: str) -> None:
    """Auxiliaries never work alone; where the district holds the law everywhere it holds here."""
    assert crew_is_lawful(1, 0, road_class, "by_class")
    assert crew_is_lawful(1, 0, "primary", "local")
    assert not crew_is_lawful(0, 5, road_class, "by_class")
    assert not crew_is_lawful(0, 5, road_class, "local")
    assert not crew_is_lawful(1, 1, road_class, "all")


def test_the_small_district_has_four_teams_lawful_everywhere(tmp_path: Path) -> None:
    """As its description says, and a12's leave takes one of them away on Wednesday."""
    found = load(small_district(tmp_path)).people
    sizes = [len(team.auxiliaries) for team in found.teams_on(MONDAY)]
    assert sizes == [2, 2, 2, 2, 1, 1, 1, 1]
    wednesday = date(2026, 12, 2)
    assert [len(team.auxiliaries) for team in found.teams_on(wednesday)] == [2, 2, 2, 1, 1, 1, 1, 1]
