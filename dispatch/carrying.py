"""Missed visits go once to the next duty of their squadron; what is missed again is 日清零.

What was made after all, as a proof says that came late, need not be made once more.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from config.ids import DutyId, UnitId, VisitId
from dispatch.ground import Ground
from dispatch.happenings import Proven
from dispatch.proofs import MISSED
from dispatch.state import Duty, State, Visit
from dispatch.visit_choice import PATROLS
from dispatch.work import Work
from events.decisions import (
    About,
    Line,
    LineKind,
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
    for visit in work.while_room(list(work.state.visits.values())):
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
        "visit": _once_more(visit),
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
    due_ms, on = turn.window_end_ms - visit.dwell_ms, {"date": turn.day.isoformat(), "team": team}
    _line(work, visit, "missed", team, due_ms, text="visit.carried", fields=on)


def made_after_all(work: Work, visit: Visit, proof: Proven) -> None:
    """A visit that was told as missed was made; its turn that nobody was sent to is taken back."""
    if proof.late_ms is None or visit.status not in MISSED:
        return
    work.add(
        Warning(
            rule="visit_proven_late", squadron=visit.squadron, unit=proof.unit,
            about=About(visit=visit.id), fields={"proved_ms": proof.late_ms},
        )
    )  # fmt: skip
    _line(work, visit, "clear", proof.unit, visit.due_ms, text="visit.proven_late")
    again = work.state.visits.get(_once_more(visit))
    if again is not None and again.status == "planned":
        work.add(Warning(rule="visit_cancelled", about=About(visit=again.id)))
        _line(work, again, "clear", again.team, again.due_ms, text="visit.not_again")


def _once_more(visit: Visit) -> VisitId:
    return VisitId(f"{visit.id}+1")


def _line(
    work: Work, visit: Visit, kind: LineKind, unit: UnitId, due_ms: int, *, text: str,
    fields: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    work.add(
        Line(
            kind=kind, squadron=visit.squadron, unit=unit, about=About(visit=visit.id),
            place=visit.place or work.ground.name_at(visit.spot), due_ms=due_ms, text=text,
            fields=fields,
        )
    )  # fmt: skip


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
