"""A dispatch engine without a shell, for the tests of its core: events in, frames out.

    brigade = Brigade(ground)
    brigade.roster(shift("t1"), shift("t2"))
    brigade.sign_in("t1")
    brigade.tell("incident_reported", kind="crash", place="p2")

Each step goes through a frame's raw bytes and back, and its fold must be the step's own state;
what has to hold after any step is looked at after every step. The clock is Monday noon.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from districts import NOW, WEEK

from config.district import District
from config.ids import AreaId, IncidentId, OrderId, UnitId
from config.words import words
from dispatch.console.grammar import from_text, to_text
from dispatch.console.row import Names, row_of, shown
from dispatch.decide import Given, Outcome, Record, fold, next_deadline_ms, step
from dispatch.ground import Ground
from dispatch.state import Held, Incident, State, Unit
from events.decisions import Decision, Line, Order
from events.event import moment_text
from events.facts import Deadline, Fact, Position
from events.frame import Fold, Frame, Input
from events.planning import DutyRostered
from events.schema import Envelope, Refused, event, parse, roster_hash

NOW_MS = int(NOW.timestamp()) * 1000
MINUTE_MS, HOUR_MS = 60_000, 3_600_000
Told = Mapping[str, Any]


def at(minutes: float) -> str:
    """An ISO time so many minutes after Monday noon."""
    return moment_text(NOW_MS + round(minutes * MINUTE_MS))


def shift(team: str, *, start: float = -60, end: float = 420, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    """A duty of a team (t1 to t8), by minutes from noon, with the people whom it has."""
    number = int(team[1:])
    bonded = [f"a{n}" for n in (number, number + 8) if n <= 12]
    return {
        "week": WEEK, "version": 1, "duty": f"d-{team}", "team": team, "date": "2026-11-30",
        "start": at(start), "end": at(end), "kind": "patrol", "officer": f"o{number}",
        "auxiliaries": bonded, "vehicle": f"v{number}", "squadron": f"s{2 - number % 2}",
    } | more  # fmt: skip


VISIT: dict[str, Any] = {
    "visit": "v1", "must_arrive": "m1", "place": "p2", "arrive": at(30), "leave": at(42),
    "window_start": at(10), "window_end": at(100), "dwell_min": 12,
}  # fmt: skip
"""A visit of twelve minutes at the school at half past twelve."""


def published(duties: Sequence[Told], **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    """The header of a roster version of these duties."""
    made = [DutyRostered.model_validate({**one, "auxiliaries": tuple(one["auxiliaries"])} | {
        "visits": tuple(one.get("visits", ())), "tasks": tuple(one.get("tasks", ()))})
        for one in duties]  # fmt: skip
    told = {"week": WEEK, "version": 1, "duties": len(duties), "hash": roster_hash(made)}
    return told | more


def read(name: str, data: Told, number: str) -> Envelope | Refused:
    """An event as a sender makes it and the engine parses it."""
    return parse(event(name, data, source="test", id=number))


@dataclass
class Brigade:
    """An engine's core, its clock and its journal."""

    ground: Ground
    state: State = field(default_factory=lambda: State(AreaId("hz")))
    now_ms: int = NOW_MS
    journal: list[bytes] = field(default_factory=list)
    folding: Fold = field(default_factory=lambda: Fold(AreaId("hz")))
    position: int = -1
    sent: int = 0

    @classmethod
    def of(cls, district: District) -> "Brigade":
        """With nobody on duty."""
        return cls(Ground(district))

    # --- in ---

    def record(self, name: str, number: str | None = None, **data: Any) -> Record:  # noqa: ANN401
        """The next record of the inbox."""
        self.sent += 1
        self.position += 1
        told = {"at": moment_text(self.now_ms)} | data
        return Record(self.position, read(name, told, number or str(self.sent)), self.now_ms)

    def tell(self, name: str, number: str | None = None, **data: Any) -> Outcome:  # noqa: ANN401
        """One event, in a frame of its own."""
        return self.turn(self.record(name, number, **data))

    def turn(self, *given: Given) -> Outcome:
        """One step with these, folded again from the bytes of its frame."""
        before = self.state
        outcome = step(before, given, self.ground, self.now_ms)
        frame = self.folding.next_frame(
            "test", self.now_ms, _inputs(outcome.facts), outcome.facts, outcome.decisions
        )
        raw = frame.raw()
        self.folding.accept(len(self.journal), raw, made=frame)
        self.journal.append(raw)
        self.state = fold(before, Frame.read(raw), self.ground)
        assert self.state == outcome.state
        assert broken(self.state, self.ground) == []
        return outcome

    def wait(self, minutes: float) -> list[Decision]:
        """Let time pass, stepping at each deadline; all that was decided on the way."""
        until_ms = self.now_ms + round(minutes * MINUTE_MS)
        decided: list[Decision] = []
        while True:
            due_ms = next_deadline_ms(self.state, self.ground)
            if due_ms is None or due_ms > until_ms:
                break
            assert due_ms > self.state.time_ms, "a deadline that is never met"
            self.now_ms = max(self.now_ms, due_ms)
            decided += self.turn(Deadline(at_ms=due_ms)).decisions
        self.now_ms = until_ms
        return decided

    def roster(self, *duties: Told, **more: Any) -> Outcome:  # noqa: ANN401 - any field
        """A whole version, duties first, in one frame."""
        records = [self.record("duty_rostered", **one) for one in duties]
        return self.turn(*records, self.record("roster_published", **published(duties, **more)))

    def sign_in(self, team: str, **more: Any) -> Outcome:  # noqa: ANN401 - any field
        """A team with all its people begins its duty, at its post unless a point is given."""
        own = shift(team)
        people = {"officer": own["officer"], "auxiliaries": own["auxiliaries"]}
        return self.tell("signed_in", **{"unit": team, **people} | more)

    def place(self, team: str, place: str) -> None:
        """Put a unit at a place, as its track would."""
        spot = self.ground.spot_of({"place": place})
        assert spot is not None
        edge, along_m = self.ground.edge_of_spot(spot)
        self.turn(
            Position(unit=UnitId(team), at_ms=self.now_ms, edge=edge, along_m=along_m, change="fix")
        )

    # --- out ---

    def unit(self, team: str) -> Unit:
        """A unit on duty."""
        return self.state.units[UnitId(team)]

    def incident(self, name: str) -> Incident:
        """An incident."""
        return self.state.incidents[IncidentId(name)]

    def order_of(self, team: str) -> Held:
        """The active order of a unit."""
        return self.state.orders[OrderId(str(self.unit(team).order))]

    def sent_to(self, incident: str) -> list[str]:
        """Units with an active order to an incident, by slot."""
        orders = sorted(self.incident(incident).orders.items())
        return [str(self.state.orders[order].unit) for _, order in orders]


def _inputs(facts: Iterable[Fact]) -> tuple[Input, ...]:
    offsets = [fact.offset for fact in facts if hasattr(fact, "offset")]
    if not offsets:
        return ()
    return (Input(topic="hz.inbox", partition=0, first=min(offsets), to=max(offsets)),)


def lines(decided: Iterable[Decision] | Outcome, kind: str | None = None) -> list[Line]:
    """The console lines among decisions, of a kind if one is asked for."""
    found = decided.decisions if isinstance(decided, Outcome) else decided
    return [one for one in found if isinstance(one, Line) and kind in (None, one.kind)]


def texts(decided: Iterable[Decision] | Outcome, kind: str | None = None) -> list[str | None]:
    """The keys of those lines' texts."""
    return [one.text for one in lines(decided, kind)]


def orders(decided: Iterable[Decision] | Outcome) -> list[Order]:
    """The orders among decisions."""
    found = decided.decisions if isinstance(decided, Outcome) else decided
    return [one for one in found if isinstance(one, Order)]


def spoken(line: Line, ground: Ground, lang: str, *, seq: int = 1, time_ms: int = NOW_MS) -> str:
    """A console line as text; it is parsed back without loss on the way."""
    district = ground.district
    squadrons = {one.id: one.name for one in district.settings.squadrons}
    places = {str(key): row.name or key for key, row in district.places.items()}
    names, say = Names(district.calendar, squadrons, places), words(lang)
    row = row_of(line, area="hz", seq=seq, time_ms=time_ms, calendar=district.calendar)
    told = shown(row, names, say)
    text = to_text(told, say)
    assert from_text(text, say) == told
    return text


# --- what holds after every step -----------------------------------------------------------------


def broken(state: State, ground: Ground) -> list[str]:
    """What is wrong with a state: nothing, ever."""
    return [*_slots(state), *_orders(state), *_law(state, ground)]


def _slots(state: State) -> Iterable[str]:
    for one in state.incidents.values():
        if one.closed is not None:
            if one.orders or one.queued:
                yield f"{one.id} is closed and has {one.orders} {one.queued}"
            continue
        for slot in range(one.slots):
            ways = [slot in one.orders, slot in one.queued, slot in one.done]
            if ways.count(True) != 1:
                yield f"{one.id} slot {slot}: ordered, queued, done = {ways}"
        if not one.slots or len(one.done) == one.slots:
            yield f"{one.id} is open and nothing is left to do"


def _orders(state: State) -> Iterable[str]:
    holders = [order.unit for order in state.orders.values()]
    if len(holders) != len(set(holders)):
        yield f"a unit holds two orders: {sorted(holders)}"
    for order in state.orders.values():
        unit = state.units.get(order.unit)
        if unit is None or unit.order != order.id:
            yield f"{order.id}: its unit {order.unit} does not hold it"
        incident = state.incidents.get(order.about.incident or IncidentId(""))
        if order.about.incident and (
            incident is None or incident.orders.get(order.slot) != order.id
        ):
            yield f"{order.id} is not the order of its slot"
        visit = state.visits.get(order.about.visit) if order.about.visit else None
        if order.about.visit and (visit is None or visit.order != order.id):
            yield f"{order.id} is not the order of its visit"
    for unit in state.units.values():
        if unit.order is not None and unit.order not in state.orders:
            yield f"{unit.id} holds {unit.order}, which is over"
        at_work = unit.status in (
            "dispatched", "acknowledged", "en_route", "on_scene", "clearing",
            "to_must_arrive", "at_must_arrive",
        )  # fmt: skip
        if at_work != (unit.order is not None):
            yield f"{unit.id} is {unit.status} with order {unit.order}"


def _law(state: State, ground: Ground) -> Iterable[str]:
    for order in state.orders.values():
        unit = state.units.get(order.unit)
        road_class = ground.road_class(order.target)
        if unit and not ground.lawful(unit.crew, road_class):
            yield f"{order.id}: {unit.id} may not work on {road_class}"
