"""Taking an absence back: the published week as it was before, as far as that still can be.

What a repair changed of one squadron on one day belongs together: whoever took a duty over gives
it back. Each such part comes back whole, or stays as it is and says why.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from config.calendar import Calendar
from config.district import District
from scheduler.drafting import against
from scheduler.ledger import ABSENCE, Draft, Duty, WeekLedger, bare
from scheduler.publish import breach_data
from scheduler.recorded import Recorded
from scheduler.rules import Breach

Why = Literal["begun", "changed", "laws"]
"""Something of it has begun; somebody changed it since; it would break laws."""


@dataclass(frozen=True, slots=True)
class Left:
    """A day of a squadron that stays as the absence left it. breaches: The laws, as data."""

    squadron: str
    date: str
    why: Why
    breaches: tuple[Mapping[str, Any], ...] = ()

    def told(self) -> dict[str, Any]:
        """As the planner's journal has it."""
        return {
            "squadron": self.squadron, "date": self.date, "why": self.why,
            "breaches": [dict(breach) for breach in self.breaches],
        }  # fmt: skip

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Left":
        """What `told` told."""
        return cls(told["squadron"], told["date"], told["why"], tuple(told["breaches"]))


@dataclass(frozen=True, slots=True)
class Part:
    """What a repair changed of a squadron's day: duties before and after it, by id."""

    squadron: str
    date: str
    before: Mapping[str, Duty]
    after: Mapping[str, Duty]

    def back_in(self, duties: Iterable[Duty]) -> bool:
        """Whether it is in a version's duties as it was before the repair."""
        return _same({*self.before, *self.after}, self.before, duties)

    def applied(self, duties: Iterable[Duty]) -> tuple[Duty, ...]:
        """A version's duties with this part as it was before the repair."""
        others = [duty for duty in duties if str(duty["duty"]) not in self.after]
        return (*others, *self.before.values())

    def touches(self, gone: tuple[str, str], calendar: Calendar) -> bool:
        """Whether somebody who was gone on a day had a duty in it then."""
        return any(_touches(duty, gone, calendar) for duty in self.before.values())

    def moves(self) -> Iterator[dict[str, str]]:
        """Each team's day that is not as it was, as a version tells of it."""
        at = {(duty["start"], duty["end"]): name for name, duty in self.before.items()}
        for name, duty in self.before.items():
            yield {"team": duty["team"], "date": duty["date"], "why": "back", "of": name}
        for name, duty in self.after.items():
            if name not in self.before:
                of = at.get((duty["start"], duty["end"]), name)
                yield {"team": duty["team"], "date": duty["date"], "why": "freed", "of": of}


@dataclass(frozen=True, slots=True)
class Restored:
    """A week with what came back. duties: All of the version; change: What it tells of itself.

    version: Where nothing comes back: since which one it is as before, if it is; it came back
    with another absence that the same repair was made for.
    """

    duties: tuple[Duty, ...] = ()
    change: Mapping[str, Any] | None = None
    left: tuple[Left, ...] = ()
    version: int | None = None


def restored(
    district: District, recorded: Recorded, held: WeekLedger, week: str, gone: tuple[str, str],
    now_ms: int | None,
) -> Restored:  # fmt: skip
    """The version in force with what an absence changed as it was before.

    Args:
        district: As its files say.
        recorded: What was reported, without that absence.
        held: What was done about the week.
        week: Which.
        gone: Person and ISO date of the absence.
        now_ms: What has begun by then stays; None: nothing has.

    Returns:
        With no `change` where nothing comes back.
    """
    in_force = held.drafts[held.held or 0].duties
    left: list[Left] = []
    free: list[Part] = []
    parts = _parts(held, district.calendar, recorded, gone)
    there = [part for part in parts if part.back_in(in_force)]
    for part in parts:
        if part in there:
            continue
        why = _in_the_way(part, in_force, district.calendar, now_ms)
        if why is None:
            free.append(part)
        else:
            left.append(Left(part.squadron, part.date, why))
    by_now = recorded.onto(district)

    def broken(parts: Sequence[Part]) -> list[Breach]:
        return against(by_now, held, week, _with(in_force, parts), in_force, now_ms)

    taken = free if free and not broken(free) else []
    for part in free if not taken else ():
        if found := broken([*taken, part]):
            told = tuple(map(breach_data, found))
            left.append(Left(part.squadron, part.date, "laws", told))
        else:
            taken = [*taken, part]
    if not taken:
        own = [part for part in there if part.touches(gone, district.calendar)]
        return Restored(left=tuple(left), version=_since(held, own))
    moves = [move for part in taken for move in part.moves()]
    moves.sort(key=lambda move: (move["date"], move["team"]))
    change = {"weight": 0, "points": 0, "proven": False, "undone": [], "moves": moves}
    return Restored(_with(in_force, taken), change, tuple(left))


def _parts(
    held: WeekLedger, calendar: Calendar, recorded: Recorded, gone: tuple[str, str]
) -> list[Part]:
    """What the newest repair because of an absence changed, squadron by squadron, day by day.

    Days that it changed because of others who still are absent are left out.
    """
    found = _repair(held, calendar, gone)
    if found is None:
        return []
    olds, news = ({str(duty["duty"]): duty for duty in draft.duties} for draft in found)
    changed = [name for name in {*olds, *news} if bare(olds.get(name)) != bare(news.get(name))]
    groups: dict[tuple[str, str], list[str]] = {}
    for name in sorted(changed):
        duty = olds.get(name) or news[name]
        groups.setdefault((str(duty.get("squadron") or ""), str(duty["date"])), []).append(name)
    return [
        Part(
            *where, {name: olds[name] for name in names if name in olds},
            {name: news[name] for name in names if name in news},
        )
        for where, names in sorted(groups.items())
        if any(_touches(olds[name], gone, calendar) for name in names if name in olds)
        or not any(recorded.absent(olds[name], calendar) for name in names if name in olds)
    ]  # fmt: skip


def _repair(
    held: WeekLedger, calendar: Calendar, gone: tuple[str, str]
) -> tuple[Draft, Draft] | None:
    """The version before the newest repair that took the person out, and that repair."""
    for one in reversed(held.publications):
        after, before = held.drafts[one.version], held.drafts.get(one.replaces or 0)
        if after.cause != ABSENCE or before is None:
            continue
        now = {str(duty["duty"]): duty for duty in after.duties}
        own = [duty for duty in before.duties if _touches(duty, gone, calendar)]
        if any(bare(now.get(str(duty["duty"]))) != bare(duty) for duty in own):
            return before, after
    return None


def _touches(duty: Duty, gone: tuple[str, str], calendar: Calendar) -> bool:
    person, day = gone
    return bool(Recorded({person: frozenset({day})}).absent(duty, calendar))


def _in_the_way(
    part: Part, in_force: Sequence[Duty], calendar: Calendar, now_ms: int | None
) -> Why | None:
    """Why a part cannot come back, whatever the laws."""
    each = (*part.before.values(), *part.after.values())
    if now_ms is not None and any(calendar.parse_iso(duty["start"]) < now_ms for duty in each):
        return "begun"
    names = {*part.before, *part.after}
    return None if _same(names, part.after, in_force) else "changed"


def _since(held: WeekLedger, parts: Sequence[Part]) -> int | None:
    """The version since which parts are as before a repair; None: they are not, or there are none.

    Several absences may have led to one repair: the first that is taken back brings back all.
    """
    found = None
    for one in reversed(held.publications) if parts else ():
        duties = held.drafts[one.version].duties
        if not all(part.back_in(duties) for part in parts):
            break
        found = one.version
    return found


def _same(names: Iterable[str], wanted: Mapping[str, Duty], duties: Iterable[Duty]) -> bool:
    """Whether duties of these ids are as wanted, whatever the numbers of their versions."""
    now = {str(duty["duty"]): duty for duty in duties}
    return all(bare(now.get(name)) == bare(wanted.get(name)) for name in names)


def _with(duties: Sequence[Duty], parts: Iterable[Part]) -> tuple[Duty, ...]:
    for part in parts:
        duties = part.applied(duties)
    return tuple(duties)
