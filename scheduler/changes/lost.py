"""What a change of a week loses: duties that nobody does any more, their tasks, and visits."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scheduler.ledger import Duty


@dataclass(frozen=True, slots=True)
class LostVisits:
    """Visits of a must-arrive point that nobody makes any more."""

    must_arrive: str
    place: str
    count: int


@dataclass(frozen=True, slots=True)
class LostTask:
    """A fixed duty or night check with fewer teams than it had. task: As frames keep it."""

    task: Mapping[str, Any]
    had: int
    left: int


@dataclass(frozen=True, slots=True)
class Lost:
    """What is lost. duties: As they were; of one that was begun the rest, from its new `start`."""

    duties: tuple[Duty, ...] = ()
    visits: tuple[LostVisits, ...] = ()
    tasks: tuple[LostTask, ...] = ()


def lost(before: Iterable[Duty], after: Iterable[Duty], undone: Collection[str]) -> Lost:
    """What one version of a week has lost against another.

    Args:
        before: The duties of one, in the normal form of frames.
        after: Those of the other.
        undone: Ids of duties of the one of which the other says that nobody does them.
    """
    old, new = tuple(before), tuple(after)
    by_id = {str(duty["duty"]): duty for duty in new}
    duties = tuple(
        _rest(duty, by_id.get(str(duty["duty"]))) for duty in old if duty["duty"] in undone
    )
    was, now = Counter(_points(old)), Counter(_points(new))
    places = {
        str(visit["must_arrive"]): str(visit.get("place") or visit["must_arrive"])
        for duty in old for visit in duty.get("visits", ())
    }  # fmt: skip
    visits = (LostVisits(name, places[name], count) for name, count in sorted((was - now).items()))
    return Lost(duties, tuple(visits), tuple(_tasks(old, new)))


def _rest(duty: Duty, worked: Duty | None) -> Duty:
    """What is lost of a duty: all of it, or what comes after the part that was worked."""
    same = worked is not None and worked["start"] == duty["start"]
    return {**duty, "start": worked["end"]} if worked is not None and same else duty


def _tasks(old: Iterable[Duty], new: Iterable[Duty]) -> Iterator[LostTask]:
    """Tasks that fewer teams do than before, the earliest first."""
    had, left = Counter(map(_name, _ended(old))), Counter(map(_name, _ended(new)))
    told = {_name(task): task for task in _ended(old)}
    for name in sorted(told, key=lambda name: (str(told[name]["start"]), name)):
        if left[name] < had[name]:
            yield LostTask(told[name], had[name], left[name])


def _name(task: Mapping[str, Any]) -> str:
    return str(task["task"])


def _ended(duties: Iterable[Duty]) -> Iterator[Mapping[str, Any]]:
    """Each task of duties that see its end: who is relieved amid one leaves it to the next."""
    for duty in duties:
        end = datetime.fromisoformat(str(duty["end"]))
        for task in duty.get("tasks", ()):
            if datetime.fromisoformat(str(task["end"])) <= end:
                yield task


def _points(duties: Iterable[Duty]) -> Iterator[str]:
    for duty in duties:
        for visit in duty.get("visits", ()):
            yield str(visit["must_arrive"])
