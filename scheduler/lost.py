"""What a change of a week loses: duties that nobody does any more, visits that nobody makes."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from scheduler.ledger import Duty


@dataclass(frozen=True, slots=True)
class LostVisits:
    """Visits of a must-arrive point that nobody makes any more."""

    must_arrive: str
    place: str
    count: int


@dataclass(frozen=True, slots=True)
class Lost:
    """What is lost. duties: As they were; of one that was begun the rest, from its new `start`."""

    duties: tuple[Duty, ...] = ()
    visits: tuple[LostVisits, ...] = ()


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
    return Lost(duties, tuple(visits))


def _rest(duty: Duty, worked: Duty | None) -> Duty:
    """What is lost of a duty: all of it, or what comes after the part that was worked."""
    same = worked is not None and worked["start"] == duty["start"]
    return {**duty, "start": worked["end"]} if worked is not None and same else duty


def _points(duties: Iterable[Duty]) -> Iterator[str]:
    for duty in duties:
        for visit in duty.get("visits", ()):
            yield str(visit["must_arrive"])
