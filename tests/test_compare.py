"""What differs between two rosters: by person and day, each difference under its name."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from districts import MONDAY, WEEK, small_district
from planned import week_of

from config.district import District, load
from config.ids import DutyId, PersonId, PostId, VehicleId
from config.words import LANGUAGES, words
from scheduler.change_words import ChangeWords
from scheduler.compare import ORDER, by_duty, changes
from scheduler.export import Printer
from scheduler.roster import Roster
from scheduler.sheets import span_text

FIRST = DutyId(f"t1@{MONDAY.isoformat()}")


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> District:
    """The hand-made district."""
    return load(small_district(tmp_path_factory.mktemp("d")))


@pytest.fixture(scope="module")
def roster(district: District) -> Roster:
    """Its hand-made week."""
    return week_of(district, WEEK).roster


def changed(roster: Roster, **fields: Any) -> Roster:  # noqa: ANN401 - fields of a duty
    """The roster with its first duty otherwise."""
    duty = roster.duty(FIRST)
    assert duty is not None
    return roster.replaced([FIRST], [replace(duty, **fields)])


def crew(roster: Roster) -> tuple[PersonId, ...]:
    """The people of the first duty."""
    duty = roster.duty(FIRST)
    assert duty is not None
    return duty.people


def test_a_roster_does_not_differ_from_itself(roster: Roster) -> None:
    """Nor from its copy in another order."""
    assert changes(roster, Roster(tuple(reversed(roster.duties))), ORDER) == []


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"start_min": 450}, ("moved",)),
        ({"end_min": 990}, ("moved",)),
        ({"kind": "school"}, ("kind",)),
        ({"post": PostId("st2")}, ("post",)),
        ({"vehicle": VehicleId("v9")}, ("vehicle",)),
        ({"start_min": 450, "post": None}, ("moved", "post")),
        ({"device": None}, ()),
    ],
)
def test_each_difference_has_its_name(
    roster: Roster, fields: Mapping[str, Any], what: tuple[str, ...]
) -> None:
    """Everybody of the duty is told."""
    found = changes(roster, changed(roster, **fields))
    assert {one.person: one.what for one in found} == (
        dict.fromkeys(crew(roster), what) if what else {}
    )


def test_who_leaves_a_crew_has_no_duty_and_the_others_another_crew(roster: Roster) -> None:
    """Three people, three changes."""
    officer, first, second = crew(roster)
    found = changes(roster, changed(roster, auxiliaries=(first,)))
    told = {one.person: one.what for one in found}
    assert told == {officer: ("crew",), first: ("crew",), second: ("gone",)}


def test_what_goes_one_way_comes_back_the_other(roster: Roster) -> None:
    """A duty that is taken out is gone; seen from the other side it is new."""
    without = roster.replaced([FIRST])
    gone, new = changes(roster, without), changes(without, roster)
    assert {(c.person, c.what) for c in gone} == {(p, ("gone",)) for p in crew(roster)}
    assert [(c.person, c.after) for c in new] == [(c.person, c.before) for c in gone]


def test_changes_stand_by_day_and_the_order_of_people(roster: Roster) -> None:
    """Such as that of people.csv."""
    order = sorted({p for duty in roster.duties for p in duty.people}, reverse=True)
    found = changes(roster, Roster(), people=order)
    assert [c.date for c in found] == sorted(c.date for c in found)
    monday = [c.person for c in found if c.date == MONDAY]
    assert monday == [p for p in order if p in monday]


def test_changes_by_duty_hold_all_of_them(roster: Roster) -> None:
    """Each change belongs to one duty."""
    found = changes(roster, changed(roster, start_min=450))
    assert list(by_duty(found)) == [FIRST]
    assert sum(map(len, by_duty(found).values())) == len(found) == len(crew(roster))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_change_is_told_with_person_day_before_and_after(
    district: District, roster: Roster, lang: str
) -> None:
    """The line says what the desk has to tell the person."""
    after = changed(roster, start_min=450)
    words = ChangeWords(Printer(district, WEEK), lang)
    line = words.lines(changes(roster, after))[0]
    assert "2026-11-30" in line
    assert line.index("08:00–16:00") < line.index("07:30–16:00")
    assert words.duty(None) in ("off", "休")


@pytest.mark.parametrize(
    ("last", "english", "chinese"),
    [
        ("2026-11-30T15:30", "07:30–15:30", "07:30–15:30"),
        ("2026-12-01T00:00", "07:30–24:00", "07:30–24:00"),
        ("2026-12-01T06:00", "07:30–06:00+1", "07:30–次日06:00"),
    ],
)
def test_an_end_on_the_next_day_is_told(last: str, english: str, chinese: str) -> None:
    """Midnight is the end of the day that it ends."""
    told = [span_text("2026-11-30T07:30", last, words(lang)) for lang in LANGUAGES]
    assert told == [english, chinese]
