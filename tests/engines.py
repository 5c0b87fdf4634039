"""A small district with an engine on any bus: what the tests of the dispatch shell stand on."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from districts import MONDAY, WEEK, small_district

from config.district import District, load
from config.ids import AreaId
from dispatch import decide
from dispatch.decide import Outcome
from dispatch.ground import Ground
from dispatch.recover import Core
from dispatch.service import Engine
from dispatch.state import State
from events import ports
from events.clock import Clock
from events.event import moment_text
from events.frame import Fold, Folded, Frame
from events.memory import MemoryBus
from events.planning import DutyRostered
from events.ports import Bus, Record
from events.schema import event, roster_hash
from events.sqlite import SqliteBus

AREA = AreaId("hz")
TEAMS = (1, 2, 3, 4, 5, 6, 7, 8)


def squadron(number: int) -> str:
    """Odd teams are s1, even ones s2."""
    return "s1" if number % 2 else "s2"


def crew(number: int) -> list[str]:
    """The auxiliaries of an officer; teams 1 to 4 have two."""
    return [f"a{number}", f"a{number + 8}"] if number <= 4 else [f"a{number}"]


def duties(version: int = 1) -> list[dict[str, Any]]:
    """One duty of each team from 08:00 to 18:00 on Monday."""
    return [
        {
            "week": WEEK, "version": version, "duty": f"t{n}-1", "team": f"t{n}",
            "date": MONDAY.isoformat(), "start": f"{MONDAY}T08:00:00+08:00",
            "end": f"{MONDAY}T18:00:00+08:00", "kind": "patrol", "officer": f"o{n}",
            "auxiliaries": tuple(crew(n)), "squadron": squadron(n), "device": f"pda{n}",
            "post": "st1" if n % 2 else "st2",
        }
        for n in TEAMS
    ]  # fmt: skip


def roster_events() -> list[bytes]:
    """The roster of that Monday as the planner sends it."""
    rows = [DutyRostered.model_validate(one) for one in duties()]
    told = [
        event("duty_rostered", one, source="plan", id=f"{one.week}/{one.duty}",
              time=f"{MONDAY}T07:00:00+08:00")
        for one in rows
    ]  # fmt: skip
    whole = {"week": WEEK, "version": 1, "duties": len(rows), "hash": roster_hash(rows)}
    return [*told, event("roster_published", whole, source="plan", id=f"{WEEK}/1",
                         time=f"{MONDAY}T07:00:00+08:00")]  # fmt: skip


@dataclass
class Station:
    """A district, a bus, and a clock that tests set."""

    folder: Path
    bus: Bus = field(default_factory=MemoryBus)
    settings: dict[str, Any] = field(default_factory=dict)
    district: District = field(init=False)
    now_ms: int = 0
    sent: int = 0

    def __post_init__(self) -> None:
        """Monday, nine o'clock."""
        if not (self.folder / "settings.yaml").exists():
            small_district(self.folder, **self.settings)
        self.district = load(self.folder)
        self.now_ms = self.at("09:00:00")

    def at(self, clock: str, days: int = 0) -> int:
        """Unix ms of a local clock time that Monday, or days later."""
        return self.district.calendar.parse_iso(f"{MONDAY + timedelta(days)}T{clock}+08:00")

    def engine(self, core: Core = decide, writer: str = "w", **options: Any) -> Engine:  # noqa: ANN401
        """An engine on this station's clock."""
        clock = Clock(wall=lambda: self.now_ms)
        return Engine(options.pop("bus", self.bus), self.district, clock, writer, core, **options)

    def put(self, *raws: bytes) -> list[int]:
        """Send raw bytes into the inbox."""
        return self.bus.send(ports.inbox(AREA), [Record(raw) for raw in raws])

    def send(self, name: str, **data: Any) -> str:  # noqa: ANN401 - of the event
        """Send an event of the desk; its id in frames."""
        self.sent += 1
        time = moment_text(self.now_ms)
        self.put(event(name, data, source="desk", id=str(self.sent), time=time))
        return f"desk/{self.sent}"

    def staff(self, *teams: int) -> None:
        """Publish the roster and sign teams in."""
        self.put(*roster_events())
        for n in teams or TEAMS:
            self.send(
                "signed_in", unit=f"t{n}", officer=f"o{n}", auxiliaries=crew(n), duty=f"t{n}-1"
            )

    def incident(self, junction: str = "n11", **more: Any) -> str:  # noqa: ANN401 - of the event
        """Report an incident."""
        told = {"kind": "crash", "severity": "damage", "junction": junction} | more
        return self.send("incident_reported", **told)

    def rows(self, suffix: str) -> list[dict[str, Any]]:
        """What stands in an output stream."""
        return [json.loads(one.value) for one in self.bus.read(ports.stream(AREA, suffix), -1)]

    def frames(self) -> list[Frame]:
        """The accepted frames of the journal, by a reader of its own."""
        fold, found = Fold(AREA), []
        after = -1
        while stored := self.bus.journal(ports.journal(AREA)).read(after):
            after = stored[-1].position
            taken = [fold.accept(one.position, one.value) for one in stored]
            found += [one.frame for one in taken if isinstance(one, Folded)]
        return found


def settle(engine: Engine, most: int = 200) -> None:
    """Turn until there is nothing to do."""
    for _ in range(most):
        if not engine.turn():
            return
    msg = "the engine never comes to rest"
    raise AssertionError(msg)


@dataclass
class Fragile:
    """The real core with a fault: it crashes whenever a certain event is given."""

    event: str
    crashes: int = 0

    def step(self, state: State, given: Sequence[Any], ground: Ground, now_ms: int) -> Outcome:
        """As `decide.step`."""
        for one in given:
            if isinstance(one, decide.Record) and one.read.event == self.event:
                self.crashes += 1
                msg = "a fault of the program"
                raise ZeroDivisionError(msg)
        return decide.step(state, given, ground, now_ms)

    def fold(self, state: State, frame: Frame, ground: Ground) -> State:
        """As `decide.fold`."""
        return decide.fold(state, frame, ground)

    def next_deadline_ms(self, state: State, ground: Ground) -> int | None:
        """As `decide.next_deadline_ms`."""
        return decide.next_deadline_ms(state, ground)


def sqlite_station(folder: Path) -> Station:
    """A station on a file."""
    small_district(folder / "d")
    return Station(folder / "d", SqliteBus(folder / "d" / "duty.db"))
