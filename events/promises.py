"""What rosters promise and what was kept of it: sign-ins and visits, counted from a journal.

The one count of both sets of key figures, the day's and the month's. Pure: frames go in.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from config.durations import MINUTE_MS
from config.ids import DutyId, OrderId, UnitId, VisitId
from config.settings import Visits
from events.decisions import (
    BY_PROOF,
    About,
    Decision,
    EndedShift,
    Order,
    OrderEnded,
    Warning,  # noqa: A004 - the format's word
)
from events.duties import Duties as Rostered
from events.duties import Duty, InForce
from events.event import moment_ms
from events.facts import Accepted, Position
from events.frame import Frame
from events.kinds import VisitProof
from events.rosters import Normal, Window, visit_id, window_of

GRACE_MS = 15 * MINUTE_MS
"""A duty counts as signed in up to so long after its start, and as held so long before its end."""


def nine_of_ten(times: Iterable[float]) -> float | None:
    """What nine of ten do not exceed (nearest rank); None: there are none."""
    ordered = sorted(times)
    return ordered[-(-9 * len(ordered) // 10) - 1] if ordered else None


class Duties(NamedTuple):
    """How many were due; of how many the crew signed in in time; and held them to the end."""

    due: int
    signed_in: int
    held: int


class Visited(NamedTuple):
    """How many visits were due, none that was cancelled; made; given up.

    Made is what the engine says is made; `proved`: of these those of which no track tells, but a
    photo or a sign-in.

    stood_ms: Time inside the radius and the window, of each visit at most its dwell. due_ms: All
    their dwells.
    """

    due: int
    made: int
    missed: int
    proved: int
    stood_ms: int
    due_ms: int


class Stay(NamedTuple):
    """A unit stood at the point of a visit, inside its window, Unix ms."""

    unit: UnitId
    start_ms: int
    end_ms: int


class Over(NamedTuple):
    """A visit that nobody can make any more: of which point, at which place, what it came to."""

    visit: VisitId
    must_arrive: str
    place: str | None
    window: Window
    made: bool
    stays: tuple[Stay, ...]


class _Visit(NamedTuple):
    duty: DutyId
    arrive_ms: int
    window: Window
    squadron: str | None = None
    must_arrive: str = ""
    place: str | None = None


@dataclass(slots=True)
class Promises:
    """Of all frames taken so far; `usual`: what holds of visits whose plan says less."""

    usual: Visits
    _last_ms: int = 0
    _rostered: Rostered = field(default_factory=Rostered)
    _left: dict[DutyId, int] = field(default_factory=dict)
    _visits: dict[VisitId, _Visit] = field(default_factory=dict)
    _orders: dict[OrderId, VisitId] = field(default_factory=dict)
    _became: dict[VisitId, Literal["made", "missed", "cancelled"]] = field(default_factory=dict)
    _sent: dict[UnitId, VisitId] = field(default_factory=dict)
    _inside: dict[UnitId, int] = field(default_factory=dict)
    """Since when a unit has been at the point of its visit, Unix ms."""
    _proofs: dict[VisitId, Stay] = field(default_factory=dict)
    """Of each visit the last proof beside the fixes: a stay of its dwell from then on."""
    _by_proof: set[VisitId] = field(default_factory=set)
    """Made by such a proof."""
    _stays: dict[VisitId, list[Stay]] = field(default_factory=dict)

    def take(self, frame: Frame) -> None:
        """An accepted frame, in its order."""
        self._last_ms = frame.time_ms
        for fact in frame.facts:
            if isinstance(fact, Position):
                self._moved(fact)
            if not isinstance(fact, Accepted) or not fact.counts:
                continue
            if (duty := self._rostered.signed_in(fact.kind, fact.data)) is not None:
                self._left.pop(duty.id, None)  # it came back
            if fact.kind == VisitProof.type() and fact.data["kind"] != "track":
                self._proved(fact.data)
            for version in self._rostered.versions(fact.kind, fact.data):
                self._in_force(version)
        for decision in frame.decisions:
            self._decided(decision)

    def duties(self, since_ms: int, until_ms: int, squadron: str | None = None) -> Duties:
        """Of those that begin in [since, until); what is still to come is left out.

        Args:
            since_ms: From, and
            until_ms: to, Unix ms.
            squadron: Of this one alone; None: of all.
        """
        begun = {
            name: duty for name, duty in self._rostered.held.items()
            if since_ms <= duty.start_ms < min(until_ms, self._last_ms)
            and squadron in (None, duty.squadron)
        }  # fmt: skip
        signed_ms = self._rostered.signed_ms
        in_time = [duty for name, duty in begun.items() if name in signed_ms
                   and signed_ms[name] <= duty.start_ms + GRACE_MS]  # fmt: skip
        held = [duty for duty in in_time
                if self._left.get(duty.id, duty.end_ms) >= duty.end_ms - GRACE_MS]  # fmt: skip
        return Duties(len(begun), len(in_time), len(held))

    def visits(self, since_ms: int, until_ms: int, squadron: str | None = None) -> Visited:
        """Of those whose last useful arrival is in [since, until), the time to come left out.

        What was carried over stays missed: it was not made in its window.
        """
        until_ms = min(until_ms, self._last_ms)
        due = {
            name: visit.window.dwell_ms for name, visit in self._visits.items()
            if since_ms <= visit.window.due_ms < until_ms
            and squadron in (None, visit.squadron) and self._became.get(name) != "cancelled"
        }  # fmt: skip
        became = [self._became.get(name) for name in due]
        stood_ms = sum(min(self._stood_ms(name), dwell_ms) for name, dwell_ms in due.items())
        made, missed = became.count("made"), became.count("missed")
        proved = sum(name in self._by_proof for name in due)
        return Visited(len(due), made, missed, proved, stood_ms, sum(due.values()))

    def over(self) -> Iterator[Over]:
        """Every visit that was made or missed, or whose window has closed; no cancelled one."""
        for name, one in self._visits.items():
            became = self._became.get(name)
            ended = became is not None or one.window.end_ms < self._last_ms
            if ended and became != "cancelled":
                stays = tuple(self._stays.get(name, ()))
                yield Over(
                    name, one.must_arrive, one.place, one.window, became == "made", stays
                )  # fmt: skip

    def _stood_ms(self, visit: VisitId) -> int:
        return sum(one.end_ms - one.start_ms for one in self._stays.get(visit, ()))

    def _in_force(self, version: InForce[Duty]) -> None:
        """As in the engine: a visit stays with the duty that goes on, or with its order."""
        ordered = set(self._orders.values())
        self._visits = {
            name: visit for name, visit in self._visits.items()
            if name in ordered or visit.window.end_ms < self._last_ms
            or version.still_due(visit.duty, visit.arrive_ms)
        }  # fmt: skip
        for name, duty in version.duties.items():
            if name in version.fresh:
                self._planned(duty)

    def _planned(self, duty: Duty) -> None:
        for told in duty.told.get("visits", ()):
            visit = visit_id(told, duty.id)
            if visit not in self._visits:
                self._became.pop(visit, None)
                self._proofs.pop(visit, None)
                window = window_of(told, duty.end_ms, self.usual)
                self._visits[visit] = _Visit(
                    duty.id, moment_ms(told["arrive"]), window, duty.squadron,
                    str(told["must_arrive"]), told.get("place"),
                )  # fmt: skip

    def _moved(self, fact: Position) -> None:
        """A unit that is sent to a visit came to its point, or went away from it."""
        if fact.change == "arrived" and fact.unit in self._sent:
            self._inside.setdefault(fact.unit, fact.at_ms)
        elif fact.change == "outside":
            self._went(fact.unit, fact.at_ms)

    def _went(self, unit: UnitId, at_ms: int) -> None:
        """It stands there no longer; only what lies in the window was presence."""
        since_ms, visit = self._inside.pop(unit, None), self._sent.get(unit)
        if since_ms is not None and visit is not None and visit in self._visits:
            window = self._visits[visit].window
            stay = Stay(unit, max(since_ms, window.start_ms), min(at_ms, window.end_ms))
            if stay.start_ms < stay.end_ms:
                self._stays.setdefault(visit, []).append(stay)

    def _proved(self, told: Normal) -> None:
        """A photo or a sign-in: whether it makes a visit says the engine."""
        name, unit = VisitId(str(told.get("visit"))), UnitId(str(told["unit"]))
        if name in self._visits and self._sent.get(unit) == name:
            self._proofs[name] = self._stay(name, unit, moment_ms(str(told["at"])))

    def _stay(self, visit: VisitId, unit: UnitId, proved_ms: int) -> Stay:
        """What a proof of that moment tells of."""
        window = self._visits[visit].window
        end_ms = min(proved_ms + window.dwell_ms, window.end_ms)
        return Stay(unit, end_ms - window.dwell_ms, end_ms)

    def _proven(self, visit: VisitId) -> None:
        """A proof made it; where fixes did not see its unit come, the proof says when it was."""
        self._by_proof.add(visit)
        proof = self._proofs.get(visit)
        if proof is not None and proof.unit not in self._inside:
            self._stays.setdefault(visit, []).append(proof)

    def _decided(self, decision: Decision) -> None:
        match decision:
            case EndedShift() if decision.duty is not None:
                self._left[decision.duty] = decision.at_ms or self._last_ms
            case Order() if decision.about.visit is not None:
                self._orders[decision.id] = decision.about.visit
                self._sent[decision.unit] = decision.about.visit
            case OrderEnded() if (visit := self._orders.pop(decision.order, None)) is not None:
                if decision.reason == BY_PROOF:
                    self._proven(visit)
                for unit in [unit for unit, sent in self._sent.items() if sent == visit]:
                    self._went(unit, self._last_ms)
                    del self._sent[unit]
                # At the window's end the last fix may prove the dwell; else "missed" comes next.
                if decision.how == "done" or decision.reason == "window_over":
                    self._became[visit] = "made"
            case Warning(rule="visit_missed" | "visit_cancelled" as rule) if (
                decision.about is not None and decision.about.visit is not None
            ):
                self._became[decision.about.visit] = (
                    "missed" if rule == "visit_missed" else "cancelled"
                )
            case Warning(
                rule="visit_proven_late", about=About(visit=str(about)), unit=str(unit),
                fields={"proved_ms": int(proved_ms)},
            ) if (visit := VisitId(about)) in self._visits:  # fmt: skip
                self._became[visit] = "made"
                self._by_proof.add(visit)
                self._stays.setdefault(visit, []).append(self._stay(visit, UnitId(unit), proved_ms))
