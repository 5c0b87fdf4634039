"""Must-arrive points: the best ones, apart, within what a squadron can do, some by chance."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array, eye_array

from scheduler.foresight.choosing import budget as able
from scheduler.foresight.choosing import choose, unmet
from scheduler.foresight.levels import HOURS
from scheduler.foresight.must_arrive import (
    WINDOWS,
    Budget,
    MustArrive,
    Points,
    Reason,
    Terms,
    hours_of,
    night_points,
    window_rates,
    window_start,
    windows_of,
)

NAMES = ("first", "second")


def case(places: int = 12, seed: int = 1) -> tuple[np.ndarray, Points]:
    """Places on a line with random rates, half of each squadron, each met only where it is."""
    rates = np.random.default_rng(seed).gamma(0.5, 0.01, (places, HOURS))
    squadron = (np.arange(places) >= places // 2).astype(np.int64)
    names = tuple(f"P{k}" for k in range(places))
    return rates, Points(names, squadron, csr_array(eye_array(places)), np.zeros(places))


def budget(week: int, window: int = 3) -> Budget:
    """So many visits of 12 min, the same for both squadrons."""
    each = np.array([week, week])
    return Budget(each, each, np.full((2, WINDOWS), 12.0 * window))


def test_the_best_windows_are_chosen() -> None:
    """With nothing left to chance the chosen slots are the squadron's highest expected ones."""
    rates, points = case()
    chosen = choose(rates, points, NAMES, budget(10), terms=Terms(random_share=0))
    worth = np.sort(window_rates(rates)[:6].ravel())[-10:]
    found = sorted(p.reason.expected for p in chosen if p.squadron == "first")
    assert found == pytest.approx(worth, abs=1e-6)


def test_no_squadron_gets_more_than_it_can_make() -> None:
    """Visits of each squadron stay within its week and each of its windows."""
    rates, points = case()
    rates[:, 21:23] += 1.0
    chosen = choose(rates, points, NAMES, budget(30, window=2), seed=3)
    for squadron in NAMES:
        own = [p for p in chosen if p.squadron == squadron]
        slots = [(p.weekday, p.start_min) for p in own for _ in range(p.visits)]
        assert len(slots) == 30
        assert max(slots.count(slot) for slot in slots) <= 2


def test_neighbours_share_their_worth() -> None:
    """Of three places, two of which see the same incidents, the second pick is the third place."""
    rates = np.full((3, HOURS), 1e-9)
    rates[:, 1:3] = np.array([[1.0], [0.9], [0.6]])
    near = csr_array(np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]))
    points = Points(("A", "B", "C"), np.zeros(3, dtype=np.int64), near, np.zeros(3))
    limits = Budget(np.array([2]), np.array([2]), np.full((1, WINDOWS), 99.0))
    terms = Terms(random_share=0, effect=0.8)
    chosen = choose(rates, points, ("one",), limits, terms=terms)
    assert {(p.place, p.weekday, p.start_min) for p in chosen} == {("A", 1, 60), ("C", 1, 60)}


def test_a_window_holds_as_many_visits_as_fit_with_their_spacing() -> None:
    """Two hours hold one visit 90 min apart from the next, two when 60 min are enough."""
    found = [Terms().most_visits(), Terms(spacing_min=60).most_visits()]
    assert found == [1, 2]


def test_several_visits_to_one_point_are_one_point() -> None:
    """A second visit in a window raises `visits`; the point keeps its id."""
    rates, points = case(places=2)
    rates[:] = 1e-9
    rates[0, 41:43] = 5.0
    chosen = choose(rates, points, NAMES, budget(2), terms=Terms(spacing_min=50, random_share=0))
    assert [(p.id, p.visits) for p in chosen if p.squadron == "first"] == [("P0-2-17", 2)]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_audit_share_is_kept(seed: int) -> None:
    """12 % of 50 visits are six random slots in each squadron, whatever the seed."""
    rates, points = case()
    chosen = choose(rates, points, NAMES, budget(50, window=9), seed=seed)
    kinds = [p.reason.kind for p in chosen if p.squadron == "second"]
    assert (kinds.count("audit"), kinds.count("risk")) == (6, 44)


def test_chance_is_the_seed_s() -> None:
    """The same seed gives the same points; another seed moves only the audit slots."""
    rates, points = case()
    one, again, other = (choose(rates, points, NAMES, budget(50, 9), seed=s) for s in (1, 1, 2))
    assert one == again

    def by_risk(chosen: tuple[MustArrive, ...]) -> set[str]:
        return {p.id for p in chosen if p.reason.kind == "risk"}

    assert one != other
    assert by_risk(one) == by_risk(other)


def pinned(place: str, weekday: int, start_min: int, visits: int = 1) -> MustArrive:
    """A point that a person pinned."""
    why = Reason("pinned", 0.0, 0, "school")
    return MustArrive("S1", place, "first", weekday, start_min, start_min + 90, 20, visits, why)


def test_pinned_points_are_kept_and_use_up_the_budget() -> None:
    """Two pinned visits leave eight of ten; the pinned point stands as it was given."""
    rates, points = case()
    mine = pinned("P2", 3, 450, visits=2)
    chosen = choose(rates, points, NAMES, budget(10), [mine], Terms(random_share=0))
    own = [p for p in chosen if p.squadron == "first"]
    assert mine in own
    assert sum(p.visits for p in own) == 10


def test_a_pinned_window_is_not_chosen_again() -> None:
    """Where a person pinned 07:30–09:00 the window it touches is not given a second point."""
    rates, points = case()
    rates[2, 48 + 7 : 48 + 9] = 9.0
    chosen = choose(rates, points, NAMES, budget(10), [pinned("P2", 3, 450)])
    again = [p for p in chosen if (p.place, p.weekday) == ("P2", 3) and p.id != "S1"]
    assert not [p for p in again if p.start_min == 420]


def test_each_point_knows_what_to_correct_there_and_then() -> None:
    """The violations come from the squadron, weekday and hour of the window."""
    rates, points = case()
    chosen = choose(rates, points, NAMES, budget(5), must_correct=lambda s, d, h: (f"{s}-{d}-{h}",))
    assert all(p.must_correct == (f"{p.squadron}-{p.weekday}-{p.start_min // 60}",) for p in chosen)


def test_ids_are_unique_and_say_place_day_and_hour() -> None:
    """No two points of a week share an id."""
    rates, points = case()
    ids = [p.id for p in choose(rates, points, NAMES, budget(60, 9))]
    assert len(ids) == len(set(ids))


def test_night_points_are_the_riskiest_of_their_hours_and_apart() -> None:
    """A neighbour 300 m from the riskiest is passed over; day risk plays no part."""
    rates = np.zeros((4, HOURS))
    friday = [4 * 24 + h for h in range(21, 27)]
    rates[:, friday] = np.array([[4.0], [3.0], [2.0], [1.0]])
    rates[3, :90] = 50.0
    points = Points(
        ("A", "B", "C", "D"), np.zeros(4, dtype=np.int64), csr_array(eye_array(4)), np.zeros(4)
    )
    x = np.array([0.0, 300.0, 2000.0, 5000.0])
    found = night_points(rates, points, x, np.zeros(4), friday, 2)
    assert [place for place, _ in found] == ["A", "C"]
    assert [risk for _, risk in found] == pytest.approx([24.0, 12.0])


def test_a_window_begins_at_an_odd_hour_and_the_last_of_a_day_ends_after_midnight() -> None:
    """07:00 to 09:00 is one window; Sunday's last ends on Monday at 01:00, as the week repeats."""
    rates = np.zeros((1, HOURS))
    rates[0, [7, 8]], rates[0, [167, 0]] = 1.0, 2.0
    worth = window_rates(rates)[0]
    assert {window_start(int(w)): worth[w] for w in np.flatnonzero(worth)} == {
        (1, 7): 2.0, (7, 23): 4.0,
    }  # fmt: skip


def test_a_window_s_hours_and_windows_are_those_that_it_touches() -> None:
    """Also when it fills none, and when it runs from Sunday into Monday."""
    hour = MustArrive("p", "a", "s", 1, 450, 495, 12, 1, Reason("pinned", 0.0, 0))  # 07:30-08:15
    assert (hours_of(hour).tolist(), windows_of(hour)) == ([7, 8], [3])
    night = replace(hour, weekday=7, start_min=22 * 60 + 30, end_min=25 * 60 + 30)
    assert (hours_of(night).tolist(), windows_of(night)) == ([166, 167, 0, 1], [82, 83, 0])


def test_a_far_point_costs_more_of_a_window_s_time() -> None:
    """In 40 minutes two visits with 8 of way fit, of those with 18 minutes of way only one."""
    rates = np.zeros((3, HOURS))
    rates[:, 1:3] = np.array([[3.0], [2.0], [1.0]])
    limits = Budget(np.array([9]), np.array([9]), np.full((1, WINDOWS), 40.0))
    terms = Terms(random_share=0)

    def chosen(drive_min: list[float]) -> list[str]:
        squadron, own = np.zeros(3, dtype=np.int64), csr_array(eye_array(3))
        points = Points(("A", "B", "C"), squadron, own, np.array(drive_min))
        found = choose(rates, points, ("one",), limits, terms=terms)
        return [p.place for p in found if p.reason.kind == "risk"]

    assert chosen([8.0, 8.0, 8.0]) == ["A", "B"]
    assert chosen([18.0, 18.0, 8.0]) == ["A"]


def test_the_section_with_the_most_uncovered_risk_gets_its_visits() -> None:
    """Ten quiet places of one section outweigh two busy ones that are visited anyway."""
    rates = np.full((12, HOURS), 0.01)
    rates[:2, 41:43] = 5.0
    names = tuple(f"P{k}" for k in range(12))
    own = csr_array(eye_array(12))
    points = Points(names, np.zeros(12, dtype=np.int64), own, np.zeros(12))
    sections = csr_array(np.repeat([[1.0] * 2 + [0.0] * 10, [0.0] * 2 + [1.0] * 10], [1, 1], 0))
    limits = Budget(np.array([20]), np.array([20]), np.full((1, WINDOWS), 99.0))
    chosen = choose(rates, points, ("one",), limits, terms=Terms(random_share=0), sections=sections)
    spread = [p for p in chosen if p.reason.kind == "balance"]
    assert len(spread) == 1
    assert all(p.place not in {"P0", "P1"} for p in spread)


def test_what_no_visit_meets_is_told() -> None:
    """A visit takes its share off its own window; the rest of the week stays uncovered."""
    rates, points = case()
    limits = budget(1)
    chosen = choose(rates, points, NAMES, limits, terms=Terms(random_share=0))
    left = unmet(rates, points, chosen)
    worth = window_rates(rates)
    taken = {points.place.index(p.place): p.reason.expected * 0.6 for p in chosen}
    for row in range(len(rates)):
        assert left[row] == pytest.approx(worth[row].sum() - taken.get(row, 0.0), abs=1e-6)


def test_the_week_s_visits_follow_the_risk_and_a_window_s_minutes_the_units_there() -> None:
    """Three quarters of the risk get 75 of 100 visits; each half hour counts."""
    units = np.full((2, 336), 2)
    units[1, 17 * 2 + 1] = 1  # Monday 17:30, in the window from 17:00
    found = able(np.array([3.0, 1.0]), units, 100)
    assert found.week.tolist() == [75, 25]
    assert found.most.tolist() == [150, 50]
    assert found.window_min[0].tolist() == [120.0] * WINDOWS
    assert np.flatnonzero(found.window_min[1] < 120.0).tolist() == [8]
    assert found.window_min[1, 8] == 105.0


def test_where_the_best_slots_lie_together_a_squadron_takes_more_than_its_share() -> None:
    """All ten best slots lie in the first squadron; it takes them up to its most."""
    rates, points = case()
    rates[:6] += 1.0
    window_min = np.full((2, WINDOWS), 99.0)
    half, more = np.array([5, 5]), np.array([8, 8])
    limits = Budget(half, more, window_min)
    chosen = choose(rates, points, NAMES, limits, terms=Terms(random_share=0))
    own = [p.squadron for p in chosen]
    assert (own.count("first"), own.count("second")) == (8, 2)
