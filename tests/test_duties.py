"""Who is on duty: the engine, the key figures, the hours on the road and the command agree."""

from typing import Any

import pytest
from brigades import MINUTE_MS, NOW_MS, Brigade, shift

from config.settings import Visits
from events.frame import Frame
from events.promises import Promises
from events.rostered import Rostered, open_to
from scheduler.on_duty import OnDuty

LONG = 24 * 60


def engine(brigade: Brigade) -> set[str]:
    """The duties that the engine knows as signed in to."""
    return {one.id for one in brigade.state.duties.values() if one.signed_ms is not None}


def figures(brigade: Brigade) -> set[str]:
    """Those that the key figures count."""
    found = Promises(Visits())
    for raw in brigade.journal:
        found.take(Frame.read(raw))
    begun = found.duties(NOW_MS - LONG * MINUTE_MS, NOW_MS + LONG * MINUTE_MS)
    names = set(found._rostered.signed_ms)
    assert begun.signed_in <= len(names)
    return {str(name) for name in names}


def hours(brigade: Brigade) -> set[str]:
    """Those whose hours on the road are counted."""
    found = OnDuty()
    for raw in brigade.journal:
        found.take(Frame.read(raw))
    return {str(name) for name in found._watches}


def command(brigade: Brigade) -> set[str]:
    """Those that `unit sign-in` offers at this moment, of the version in force."""
    held: list[Any] = list(brigade.state.duties.values())  # it looks at the times of a row alone
    rows = {Rostered(one, one.start_ms, one.end_ms): one.id for one in held}
    return {rows[one] for one in open_to(list(rows), brigade.now_ms)}


def agreed(brigade: Brigade) -> set[str]:
    """The duties signed in to, on which all agree; the command offered each of them."""
    told = engine(brigade)
    assert figures(brigade) == told
    assert hours(brigade) == told
    return set(told)


@pytest.mark.parametrize(("more", "expected"), [
    ({}, {"d-t1"}),
    ({"duty": "d-t1"}, {"d-t1"}),
    ({"duty": "other"}, set()),
    ({"duty": "d-t3"}, set()),
])  # fmt: skip
def test_a_sign_in_is_to_the_same_duty_for_all(
    brigade: Brigade, more: dict[str, Any], expected: set[str]
) -> None:
    """One that names none, its own, none that there is, another team's."""
    brigade.roster(shift("t1"), shift("t1", duty="late", start=430, end=700), shift("t3"))
    brigade.sign_in("t1", **more)
    assert agreed(brigade) == expected
    assert expected <= command(brigade)


@pytest.mark.parametrize(("start", "taken"), [(121, False), (119, True)])
def test_a_duty_can_be_signed_in_to_from_the_same_moment_for_all(
    brigade: Brigade, start: float, *, taken: bool
) -> None:
    """Two hours before its start."""
    brigade.roster(shift("t1", start=start))
    brigade.sign_in("t1")
    assert bool(agreed(brigade)) == bool(command(brigade)) == taken


@pytest.mark.parametrize("named", [True, False])
def test_what_a_newer_version_took_away_nobody_can_sign_in_to(
    brigade: Brigade, *, named: bool
) -> None:
    """t1's duty is another's now: it has no hours and is no promise."""
    brigade.roster(shift("t1"))
    brigade.roster(shift("t3", version=2), version=2, replaces=1)
    brigade.sign_in("t1", **({"duty": "d-t1"} if named else {}))
    brigade.sign_in("t3")
    assert agreed(brigade) == {"d-t3"} == command(brigade)


def test_a_duty_that_has_begun_ends_for_all_as_the_newer_version_says(brigade: Brigade) -> None:
    """An hour earlier, though its unit signed in by the older one."""
    brigade.roster(shift("t1"))
    brigade.sign_in("t1")
    brigade.roster(shift("t1", end=360, version=2), version=2, replaces=1)
    brigade.wait(500)
    found = OnDuty()
    for raw in brigade.journal:
        found.take(Frame.read(raw))
    ends = {one["end_ms"] for one in found.watches()}
    assert ends == {one.end_ms for one in brigade.state.duties.values()}
    assert ends == {NOW_MS + 360 * MINUTE_MS}
