"""Where somebody stands anyway no visit is due: nobody is sent twice, and no promise is broken."""

from dataclasses import replace

import numpy as np
import pytest
from districts import WEEK, small_district
from scipy.sparse import csr_array
from test_analysis import past
from test_must_arrive import NAMES, budget, case

from config.district import District, load
from config.tables import DutyRow
from scheduler.foresight.analysis import Analysis, able_to, analyse
from scheduler.foresight.choosing import choose
from scheduler.foresight.demand import Response
from scheduler.foresight.must_arrive import WINDOWS, Terms, hours_of

PLACE = "p6"
"""The place at the corner where the crashes are."""


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> District:
    """The hand-made district."""
    return load(small_district(tmp_path_factory.mktemp("district")))


def watched(district: District, **changed: object) -> Analysis:
    """Its week with one more duty at the corner, Monday to Friday from 7 to 9."""
    duty = DutyRow.model_validate({
        "duty": "corner", "squadron": "s2", "kind": "peak", "weekdays": "1;2;3;4;5",
        "start": "07:00", "end": "09:00", "place": PLACE, **changed,
    })  # fmt: skip
    more = replace(district, duties=(*district.duties, duty))
    return analyse(more, past(district), WEEK, seed=7)


def at_corner(found: Analysis) -> set[tuple[int, int]]:
    """Weekday and first hour of the visits at the corner."""
    return {(p.weekday, p.start_min // 60) for p in found.must_arrive if p.place == PLACE}


def test_no_visit_is_due_where_a_post_is_held(district: District) -> None:
    """The morning post on weekdays leaves the corner's visits of these mornings to others."""
    without = at_corner(analyse(district, past(district), WEEK, seed=7))
    assert {(day, 7) for day in range(1, 6)} & without
    found = at_corner(watched(district))
    assert not {(day, 7) for day in range(1, 6)} & found
    assert found


def test_a_post_that_is_held_for_less_than_a_visit_excuses_none(district: District) -> None:
    """Ten minutes at the window's end are no stay of twelve."""
    found = watched(district, start="08:50", end="09:00")
    assert {(day, 7) for day in range(1, 6)} & at_corner(found)


def test_no_visit_is_due_where_a_night_check_may_stand(district: District) -> None:
    """Whatever turns its units take: the place and all hours of the check are theirs."""
    found = analyse(district, past(district), WEEK, seed=7)
    checks = [(p.place, p.weekday, hours_of(p)) for one in found.night_checks.values() for p in one]
    assert checks
    for point in found.must_arrive:
        for place, weekday, hours in checks:
            if (point.place, point.weekday, point.reason.kind) == (place, weekday, "risk"):
                assert not np.isin(hours_of(point), hours).any()


def test_presence_takes_off_from_what_lies_near() -> None:
    """P1 would meet half of what happens at P0: more than P5 has, but not while P0 is held."""
    rates, points = case()
    rates[:6] = 0.0
    rates[0, 7:9] = 0.5  # window 3: half of it is more than what happens at P5
    rates[5, 100] = 0.3
    halves = np.eye(12)
    halves[1, 0] = 0.5
    near = replace(points, covers=csr_array(halves))
    held = np.zeros((12, WINDOWS), dtype=bool)
    held[0, 3] = True
    terms = Terms(random_share=0)
    before, after = (
        [point.place for point in choose(rates, near, NAMES, budget(1), (), terms, present=present)]
        for present in (None, held)
    )
    assert before[0] == "P0"
    assert after[0] == "P5"


def test_units_that_hold_posts_have_no_time_for_visits(district: District) -> None:
    """What is left of the units on duty anyway is what visits are chosen for."""
    units = np.full((2, 336), 3)
    needed = Response(np.zeros((2, 336)), units, np.ones((2, 336, 1)))
    fixed = np.zeros((2, 336), dtype=np.int64)
    fixed[0, 14:18] = 3  # Monday 7 to 9
    risk = np.ones((len(district.roads.node_ids), 168))
    room = able_to(district, risk, needed, fixed).window_min
    assert room[0, 3] == 0.0
    assert (np.delete(room[0], 3) == room[1, 0]).all()
