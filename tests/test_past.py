"""What the records hold near a must-arrive point, and the choice of points by parts."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from scheduler.foresight.choosing import Search
from scheduler.foresight.must_arrive import WINDOWS, Budget, MustArrive, Points, Reason, Terms
from scheduler.foresight.past import with_past
from scheduler.foresight.patterns import Days, Seen

POINTS = Points(
    ("a", "b"), np.zeros(2, dtype=np.int64),
    csr_array(np.array([[1.0, 0.5, 0.0], [0.0, 0.0, 1.0]])), np.zeros(2),
)  # fmt: skip
DAYS = Days(np.arange(14) % 7, np.zeros(14, dtype=np.int64))


def seen(*records: tuple[int, int, int]) -> Seen:
    """Place, day and hour of each."""
    return Seen(*np.array(records, dtype=np.int64).reshape(-1, 3).T)


def test_a_point_knows_the_records_of_its_neighbours_in_its_hours() -> None:
    """On any weekday, those of its own weekday, and the kinds; an unknown hour is none."""
    incidents = {
        "crash": seen((0, 0, 8), (1, 3, 9), (0, 0, 10), (2, 0, 8), (0, 7, -1)),
        "other": seen((1, 7, 8)),
    }
    point = MustArrive("p", "a", "s", 1, 8 * 60, 10 * 60, 12, 1, Reason("risk", 1.0, 1))
    past = with_past((point,), POINTS, DAYS, incidents)[0].reason.past
    assert past is not None
    assert (past.weeks, past.count, past.on_day) == (2, 3, 2)
    assert past.kinds == (("crash", 2), ("other", 1))


def test_after_midnight_is_still_the_evening_s_weekday() -> None:
    """A window from 23:00 on Monday holds what came at half past midnight on Tuesday."""
    point = MustArrive("p", "b", "s", 1, 23 * 60, 25 * 60, 12, 1, Reason("risk", 1.0, 1))
    past = with_past((point,), POINTS, DAYS, {"crash": seen((2, 1, 0), (2, 0, 0))})[0].reason.past
    assert past is not None
    assert (past.count, past.on_day) == (2, 1)


def plainly(search: Search, visits: int, left: list[int]) -> list[tuple[int, int]]:
    """The same greedy choice, looking at all points and windows each time."""
    found: list[tuple[int, int]] = []
    own = search.points.squadron
    while len(found) < visits:
        there = search.room_min[own] >= search.cost_min[:, None]
        able = search.open & there & (np.array(left)[own] > 0)[:, None]
        gain = np.where(able, search.value, 0.0)
        row, window = divmod(int(np.argmax(gain)), WINDOWS)
        if gain[row, window] <= 0:
            break
        found.append((row, window))
        left[own[row]] -= 1
        search._use(row, window)
    return found


@pytest.mark.parametrize("seed", range(5))
def test_looking_at_changed_windows_alone_chooses_the_same(seed: int) -> None:
    """Equal gains too, with little room and squadrons that run out of visits."""
    random = np.random.default_rng(seed)
    worth = random.integers(0, 4, (12, WINDOWS)) / 4.0
    covers = np.eye(12) + 0.5 * np.eye(12, k=1)
    points = Points(
        tuple(map(str, range(12))), np.arange(12) % 3, csr_array(covers), random.uniform(0, 9, 12)
    )
    most = np.array([5, 40, 90])
    budget = Budget(most, most, random.uniform(0, 60, (3, WINDOWS)))
    chosen = Search(worth, points, budget, Terms()).by_risk(120, most)
    slow = plainly(Search(worth, points, budget, Terms()), 120, most.tolist())
    assert [(row, window) for row, window, _ in chosen] == slow
