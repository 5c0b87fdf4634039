"""How the engine takes a roster: whole, with its hash, in its turn; what has begun goes on."""

import itertools

import pytest
from brigades import VISIT, Brigade, at, lines, published, shift, texts
from districts import WEEK

from config.ids import DutyId, UnitId, VisitId
from events.facts import Accepted

NEXT_WEEK = "2026-W50"


def held(brigade: Brigade) -> dict[str, int]:
    """Week → version in force."""
    return dict(brigade.state.held)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_version_is_taken_when_all_is_in_in_whatever_order(
    brigade: Brigade, order: tuple[int, ...]
) -> None:
    """The header may come first, last or in between."""
    duties = [shift("t1"), shift("t2")]
    told = [("duty_rostered", duties[0]), ("duty_rostered", duties[1]),
            ("roster_published", published(duties))]  # fmt: skip
    for step, which in enumerate(order):
        name, data = told[which]
        brigade.tell(name, **data)
        assert held(brigade) == ({WEEK: 1} if step == 2 else {})
    assert set(brigade.state.duties) == {"d-t1", "d-t2"}
    assert not brigade.state.arriving


def test_a_wrong_hash_is_not_taken_until_the_right_one_comes(brigade: Brigade) -> None:
    """A duty that was changed on the way must not be worked."""
    told = brigade.roster(shift("t1"), hash="0" * 64)
    assert "roster.hash" in texts(told, "refused")
    assert held(brigade) == {}
    right = brigade.tell("roster_published", **published([shift("t1")]))
    assert texts(right, "roster") == ["roster.taken"]


def test_a_version_that_replaces_another_than_the_held_one_is_not_taken(brigade: Brigade) -> None:
    """Its planner did not know what is in force."""
    brigade.roster(shift("t1"))
    told = brigade.roster(shift("t2", version=3), version=3, replaces=2)
    assert texts(told, "refused") == ["roster.replaces"]
    assert held(brigade) == {WEEK: 1}
    assert set(brigade.state.duties) == {"d-t1"}


def test_the_first_version_known_of_a_week_is_taken_whatever_it_replaces(brigade: Brigade) -> None:
    """An engine that was away when version 1 came works by version 2."""
    brigade.roster(shift("t2", version=2), version=2, replaces=1)
    assert held(brigade) == {WEEK: 2}


def test_an_older_version_that_comes_late_is_said_and_not_taken(brigade: Brigade) -> None:
    """Or a slow sender would undo an absence."""
    brigade.roster(shift("t2", version=2), version=2, replaces=1)
    told = brigade.roster(shift("t1"))
    assert texts(told, "system") == ["roster.older"]
    assert held(brigade) == {WEEK: 2}
    assert set(brigade.state.duties) == {"d-t2"}
    assert not brigade.state.arriving


def test_a_version_that_came_before_the_one_it_replaces_waits_for_it(brigade: Brigade) -> None:
    """Both are taken with the last piece of the older one."""
    brigade.roster(shift("t1"))
    brigade.roster(shift("t3", version=3), version=3, replaces=2)
    told = brigade.roster(shift("t2", version=2), version=2, replaces=1)
    assert [line.fields and line.fields["version"] for line in lines(told, "roster")] == [2, 3]
    assert held(brigade) == {WEEK: 3}
    assert set(brigade.state.duties) == {"d-t3"}


def test_what_is_wrong_with_a_version_that_waited_is_no_word_on_the_one_that_came(
    brigade: Brigade,
) -> None:
    """That one is in force, and so its sender is told; the console names the other."""
    brigade.roster(shift("t1"))
    brigade.roster(shift("t3", version=3), version=3, replaces=2, hash="0" * 64)
    told = brigade.roster(shift("t2", version=2), version=2, replaces=1)
    assert texts(told, "refused") == ["roster.hash"]
    assert held(brigade) == {WEEK: 2}
    assert [fact.reason for fact in told.facts if isinstance(fact, Accepted)] == [None, None]


def test_a_duty_that_has_begun_goes_on_whatever_a_new_version_says(brigade: Brigade) -> None:
    """Changing the people of a unit on the road is no roster's business."""
    brigade.roster(shift("t1"), shift("t2"), shift("t4", duty="other"))
    brigade.sign_in("t1")
    moved = shift("t1", start=300, end=800, version=2)
    brigade.roster(moved, shift("t2", start=60, version=2), version=2, replaces=1)
    duties = brigade.state.duties
    assert (duties[DutyId("d-t1")].start_ms, duties[DutyId("d-t1")].week) == (
        brigade.now_ms - 3_600_000, WEEK,
    )  # fmt: skip
    assert duties[DutyId("d-t2")].start_ms == brigade.now_ms + 3_600_000
    assert DutyId("other") not in duties
    assert brigade.unit("t1").duty == "d-t1"


def test_a_duty_that_has_begun_may_end_earlier(brigade: Brigade) -> None:
    """Its officer fell ill: the unit is sent no more, and its visits are who takes over's."""
    later = VISIT | {"visit": "v2", "arrive": at(200), "leave": at(212), "window_end": at(300)}
    brigade.roster(shift("t1", visits=[VISIT, later]))
    brigade.sign_in("t1")
    heir = shift("t3", start=90, version=2, visits=[later | {"visit": "v3"}])
    brigade.roster(shift("t1", end=90, version=2, visits=[VISIT]), heir, version=2, replaces=1)
    end_ms = brigade.now_ms + 90 * 60_000
    assert brigade.state.duties[DutyId("d-t1")].end_ms == end_ms
    assert brigade.unit("t1").end_ms == end_ms
    assert set(brigade.state.visits) == {"v1", "v3"}


def test_a_duty_that_ended_is_not_made_anew_by_the_next_version(brigade: Brigade) -> None:
    """It was signed in to, so it counts; a second sign-in to it would count twice."""
    brigade.roster(shift("t1", end=30))
    brigade.sign_in("t1")
    brigade.wait(20)
    brigade.tell("status_reported", unit="t1", status="off_duty")
    brigade.roster(shift("t1", end=30, version=2), version=2, replaces=1)
    assert brigade.state.duties[DutyId("d-t1")].signed_ms is not None


def test_weeks_stand_side_by_side(brigade: Brigade) -> None:
    """Next week's roster comes on Saturday and touches nothing of this week's."""
    brigade.roster(shift("t1"))
    later = shift("t1", start=7 * 1440, end=7 * 1440 + 480, duty="next", week=NEXT_WEEK)
    brigade.roster(later, week=NEXT_WEEK)
    assert held(brigade) == {WEEK: 1, NEXT_WEEK: 1}
    assert set(brigade.state.duties) == {"d-t1", "next"}


def test_duties_are_forgotten_days_after_their_end(brigade: Brigade) -> None:
    """The state does not grow with the years."""
    brigade.roster(shift("t1", end=60))
    brigade.wait(60 + 3 * 1440)
    later = shift("t1", start=7 * 1440, end=7 * 1440 + 480, duty="next", week=NEXT_WEEK)
    brigade.roster(later, week=NEXT_WEEK)
    assert set(brigade.state.duties) == {"next"}


def test_a_whole_week_comes_in_one_frame(brigade: Brigade) -> None:
    """236 duties is what a brigade of 60 teams has."""
    duties = [shift(f"t{1 + n % 8}", duty=f"d{n}", start=n, end=n + 480) for n in range(236)]
    told = brigade.roster(*duties)
    assert [line.fields and line.fields["duties"] for line in lines(told, "roster")] == [236]
    assert len(brigade.state.duties) == 236


def test_a_visit_under_way_is_finished_under_the_new_version(brigade: Brigade) -> None:
    """Its unit would else drive to a point that nobody knows any more."""
    brigade.roster(shift("t1", visits=[VISIT]))
    brigade.sign_in("t1")
    brigade.wait(28)
    assert brigade.order_of("t1").about.visit == "v1"
    brigade.roster(shift("t1", version=2), version=2, replaces=1)
    assert brigade.state.visits[VisitId("v1")].order == brigade.unit("t1").order


def test_visits_of_duties_that_have_not_begun_are_the_new_versions(brigade: Brigade) -> None:
    """Else a point would be visited twice, or where nobody planned it."""
    brigade.roster(shift("t1", visits=[VISIT]))
    brigade.roster(
        shift("t1", version=2, visits=[VISIT | {"visit": "v2", "place": "p3"}]),
        version=2, replaces=1,
    )  # fmt: skip
    assert set(brigade.state.visits) == {"v2"}


def test_a_post_and_a_squadron_that_nobody_knows_fall_back_to_the_officers(
    brigade: Brigade,
) -> None:
    """A roster made elsewhere may name less than ours."""
    duty = {k: v for k, v in shift("t2", post="nowhere").items() if k != "squadron"}
    brigade.roster(duty)
    taken = brigade.state.duties[DutyId("d-t2")]
    assert (taken.squadron, taken.team) == ("s2", UnitId("t2"))
    assert taken.post == brigade.ground.post_node(None, "s2")
