"""Missed visits go once to the next duty of their squadron; what is missed again is 日清零."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from config.ids import DutyId
from dispatch.ground import Ground
from dispatch.state import Duty, State, Visit
from dispatch.visit_choice import PATROLS
from dispatch.work import Work
from events.decisions import (
    About,
    Line,
    Warning,  # noqa: A004 - the format's word
)


class Turn(NamedTuple):
    """A later duty that covers the visit's window; the earliest sorts first."""

    window_start_ms: int
    start_ms: int
    duty: DutyId
    window_end_ms: int
    day: date


def carry_missed(work: Work) -> None:
    """Give visits that were missed before this roster was known to its duties."""
    for visit in list(work.state.visits.values()):
        if visit.status == "missed":
            carry(work, visit)


def carry(work: Work, visit: Visit) -> None:
    """Carry a missed visit to the next duty that can make it, if it was not carried before."""
    turns = () if visit.carried else _turns(work.state, visit, work.ground, work.now_ms)
    turn = min(turns, default=None)
    if turn is None:
        return
    team = work.state.duties[turn.duty].team
    told = {
        "visit": f"{visit.id}+1",
        "duty": turn.duty,
        "team": team,
        "window_start_ms": turn.window_start_ms,
        "window_end_ms": turn.window_end_ms,
        "arrive_ms": turn.window_start_ms + visit.arrive_ms - visit.window_start_ms,
    }
    about = About(visit=visit.id)
    work.add(
        Warning(rule="visit_carried", squadron=visit.squadron, unit=team, about=about, fields=told)
    )
    work.add(
        Line(
            kind="missed",
            squadron=visit.squadron,
            unit=team,
            about=about,
            place=visit.place or work.ground.name_at(visit.spot),
            due_ms=turn.window_end_ms - visit.dwell_ms,
            text="visit.carried",
            fields={"date": turn.day.isoformat(), "team": team},
        )
    )


def _turns(state: State, visit: Visit, ground: Ground, now_ms: int) -> Iterator[Turn]:
    """Later duties of the squadron that cover the same window on a day of the same band.

    Patrols, and duties of the kind for which the visit was planned.
    """
    calendar = ground.district.calendar
    first = calendar.local(visit.window_start_ms)
    last = calendar.local(visit.window_end_ms)
    own = state.duties.get(visit.duty)
    kinds = PATROLS if own is None else PATROLS | {own.kind}
    road_class = ground.road_class(visit.spot)
    for duty in state.duties.values():
        able = ground.lawful(duty.crew, road_class)
        if duty.squadron != visit.squadron or duty.kind not in kinds or not able:
            continue
        for day in _days(duty, ground):
            start_ms = calendar.at_ms(day, first.time())
            end_ms = calendar.at_ms(day + (last.date() - first.date()), last.time())
            covers = duty.start_ms <= start_ms and end_ms <= duty.end_ms
            same_band = calendar.works(day) == calendar.works(first.date())
            if covers and same_band and start_ms >= now_ms:
                yield Turn(start_ms, duty.start_ms, duty.id, end_ms, day)


def _days(duty: Duty, ground: Ground) -> tuple[date, ...]:
    """The dates on which a duty lies; it may cross midnight."""
    calendar = ground.district.calendar
    first, last = calendar.local(duty.start_ms).date(), calendar.local(duty.end_ms).date()
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))
