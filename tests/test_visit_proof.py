"""Any track against an independent reading of its raw fixes: was it a visit or not?"""

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from patrolled import Morning, duty, visit

DWELL_S, SILENT_S = 12 * 60, 180
OPENS_S, CLOSES_S = 7 * 3600, 9 * 3600
P3 = visit("p3", "07:00", "09:00", "07:30")
OUT = (150.0, 0.0)
"""300 m from p3 on its own street, 40 s by patrol."""
DRIVE_S = 40


@st.composite
def tracks(draw: st.DrawFn) -> list[tuple[int, bool]]:
    """Fixes after 07:27: second of the day, whether at the point. Gaps lie at the limits' edges."""
    at_s, found = OPENS_S + 27 * 60 + draw(st.integers(0, 60)), []
    for _ in range(draw(st.integers(1, 5))):
        inside = draw(st.booleans())
        for _ in range(draw(st.integers(1, 14))):
            at_s += draw(st.sampled_from((40, 59, 60, 61, 60, 60, 179, 180, 181, 400)))
            found.append((at_s, inside))
        at_s += DRIVE_S
    return [one for one in found if one[0] < 10 * 3600]


def longest_s(track: Sequence[tuple[int, bool]], *, generous: bool) -> int:
    """The longest presence inside the window, seconds.

    Gaps of more than three minutes between two fixes count for nothing. Strictly read a presence
    ends with its last fix; generously with the moment at which it must have set out to where it
    was seen next.
    """
    best = stood = 0
    for (at_s, inside), (next_s, next_inside) in pairwise(track):
        if not inside:
            stood = 0
            continue
        until_s = next_s
        if not next_inside:
            near = generous and next_s - at_s <= SILENT_S
            until_s = max(at_s, next_s - DRIVE_S) if near else at_s
        elif next_s - at_s > SILENT_S:
            until_s = at_s
        stood += max(0, min(until_s, CLOSES_S) - max(at_s, OPENS_S))
        best = max(best, stood)
        if not next_inside:
            stood = 0
    return best


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the district."""
    return tmp_path_factory.mktemp("proof")


@given(track=tracks())
@settings(
    max_examples=40, deadline=timedelta(seconds=20),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
def test_a_visit_is_made_exactly_when_its_raw_fixes_say_so(
    ready: Path, track: list[tuple[int, bool]]
) -> None:
    """Full dwell by its fixes: made. Not even with the benefit of the doubt: not made."""
    day = Morning(ready)
    day.roster(duty("d1", "t1", visits=[P3]))
    day.sign_in("t1", "06:00")
    for at_s, inside in track:
        clock = f"{at_s // 3600:02d}:{at_s // 60 % 60:02d}:{at_s % 60:02d}"
        day.fix("t1", clock, "p3" if inside else OUT)
    day.run("10:30")
    made = day.visit("p3/d1").status == "done"
    event(f"made: {made}")
    if longest_s(track, generous=False) >= DWELL_S:
        assert made
    if made:
        assert longest_s(track, generous=True) >= DWELL_S
