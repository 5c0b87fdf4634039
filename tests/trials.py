"""A trial of faults: `qinwu run` under traffic, its processes killed, its streams accounted for."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from conftest import ROOT
from fault_check import active, check, read_all

from config.district import District, load
from config.ids import AreaId
from events import ports
from events.connect import connect
from events.event import moment_text
from events.owners import alive, running
from events.planning import DutyRostered
from events.ports import Bus, BusLost, Record, Stored
from events.schema import event, roster_hash

NAMED = ("before_append", "after_append", "between_effects", "during_snapshot")
OPEN = 10
"""Orders that must be open at every kill."""
PATIENCE_S = 120.0


@dataclass
class Trial:
    """One `qinwu run`, the traffic to it, and what was seen."""

    folder: Path
    bus_address: str | None
    random: random.Random
    least_open: int = OPEN
    district: District = field(init=False)
    area: AreaId = field(init=False)
    process: subprocess.Popen[bytes] | None = None
    bus: Bus | None = None
    sent: list[str] = field(default_factory=list)
    told: list[bytes] = field(default_factory=list)
    """Every event that was acknowledged as stored."""
    journal: list[bytes] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    opens: list[int] = field(default_factory=list)
    handled: set[str] = field(default_factory=set)
    dying: int | None = None
    """Deaths before a named moment that is still to come."""

    def __post_init__(self) -> None:
        """Load the district."""
        self.district = load(self.folder)
        self.area = AreaId(self.district.settings.brigade)

    # --- processes -------------------------------------------------------------------------

    def start(self, kill_at: str | None = None) -> None:
        """Start a supervisor; `kill_at` is a named moment with its count."""
        told = [sys.executable, str(ROOT / "qinwu.py"), "run", str(self.folder), "--no-planner"]
        told += ["--bus", self.bus_address] if self.bus_address else []
        env = {**os.environ, "QINWU_LANG": "en"} | ({"QINWU_KILL_AT": kill_at} if kill_at else {})
        with (self.folder / "run.log").open("ab") as log:
            self.process = subprocess.Popen(told, stdout=log, stderr=log, env=env)  # noqa: S603

    def worker(self) -> int | None:
        """The worker's process."""
        found = running(self.folder)
        return found.pid if found else None

    def stop(self) -> None:
        """Kill the supervisor; its worker follows."""
        if self.process is None:
            return
        worker = self.worker()
        self.process.kill()
        self.process.wait()
        self.process = None
        if worker is not None:
            until(lambda: not alive(worker))

    # --- traffic ---------------------------------------------------------------------------

    def ask(self, work: Callable[[Bus], Any]) -> Any:  # noqa: ANN401 - what `work` gives
        """Do it on the bus, again until it is there: workers die meanwhile."""
        end_s = time.monotonic() + PATIENCE_S
        while True:
            try:
                if self.bus is None:
                    self.bus = connect(self.bus_address, self.folder)
                    if self.bus_address is None and self.worker() is None:
                        self.drop()  # opened the file itself: the worker needs it
                        self._revive()  # it may die at its named moment before its door is open
                        if time.monotonic() > end_s:
                            raise TimeoutError(self.folder)
                        time.sleep(0.1)
                        continue
                return work(self.bus)
            except BusLost:
                self.drop()
                self._revive()
                if time.monotonic() > end_s:
                    raise
                time.sleep(0.1)

    def drop(self) -> None:
        """Forget a connection that failed."""
        bus, self.bus = self.bus, None
        if bus is not None:
            bus.close()

    def send(self, *raws: bytes) -> None:
        """Send until acknowledged; an attempt whose answer was lost makes a duplicate."""
        self.ask(lambda bus: bus.send(ports.inbox(self.area), [Record(raw) for raw in raws]))
        self.told += raws

    def tell(self, name: str, **fields: Any) -> None:  # noqa: ANN401 - of the event
        """Send an event of this moment."""
        key = str(len(self.sent))
        self.sent.append(f"faults/{key}")
        self.send(event(name, fields, source="faults", id=key, time=now_text()))

    def staff(self) -> None:
        """All crews with two auxiliaries on duty from now on."""
        now = datetime.now(UTC)
        day = self.district.calendar.local(round(now.timestamp() * 1000)).date()
        teams = [t for t in self.district.people.teams_on(day) if t.auxiliaries]
        week = self.district.calendar.week_of(round(now.timestamp() * 1000))
        duties = [
            DutyRostered.model_validate({
                "week": week, "version": 1, "duty": f"{team.id}-1", "team": team.id,
                "date": day.isoformat(), "start": iso(now - timedelta(minutes=30)),
                "end": iso(now + timedelta(hours=11)), "kind": "patrol", "officer": team.officer,
                "auxiliaries": tuple(team.auxiliaries), "squadron": team.squadron,
            })
            for team in teams
        ]  # fmt: skip
        for duty in duties:
            self.tell("duty_rostered", **duty.model_dump(exclude_none=True, mode="json"))
        whole = {"week": week, "version": 1, "duties": len(duties), "hash": roster_hash(duties)}
        self.tell("roster_published", **whole)
        for duty in duties:
            crew = {"officer": duty.officer, "auxiliaries": list(duty.auxiliaries)}
            self.tell("signed_in", unit=duty.team, duty=duty.duty, **crew)

    def incident(self) -> None:
        """One more incident somewhere."""
        node = self.random.choice(self.district.roads.node_ids)
        units = self.random.choice((1, 1, 2))
        self.tell("incident_reported", kind="crash", severity="injury", junction=node, units=units)

    def _stranger(self) -> bytes:
        """An event that this program does not know; it is rejected."""
        told = {"specversion": "1.0", "id": self.random.randbytes(6).hex(), "source": "foreign",
                "type": "other.event", "data": {}}  # fmt: skip
        return json.dumps(told).encode()

    def traffic(self, count: int) -> None:
        """Some events of all kinds; keeps more than enough orders open."""
        frames = self.frames()
        orders = active(frames)
        for order, unit in orders.items():
            if order not in self.handled:
                self.handled.add(order)
                self.tell("order_answered", order=order, unit=unit, answer="accepted")
        for _ in range(count):
            match self.random.randrange(6):
                case 0 if len(orders) > self.least_open + 2:
                    order = self.random.choice(sorted(orders))
                    unit = orders.pop(order)
                    self.tell("status_reported", unit=unit, status="on_scene", order=order)
                    self.tell("status_reported", unit=unit, status="free", order=order, how="done")
                case 1:
                    self.send(self.random.choice(self.told))
                case 2:
                    self.send(self._stranger())
                case _:
                    self.incident()

    # --- what stands in the streams ----------------------------------------------------------

    def frames(self) -> list[bytes]:
        """The journal's records as they are now; checks that none has changed."""
        found: list[Stored] = self.ask(lambda bus: read_all(bus, ports.journal(self.area)))
        raws = [stored.value for stored in found]
        if raws[: len(self.journal)] != self.journal:
            self.findings.append("the journal before is no prefix of the journal after")
        self.journal = raws
        return raws

    def settled(self) -> bool:
        """Whether everything sent is consumed."""
        last = self.ask(lambda bus: bus.last(ports.inbox(self.area)))
        frames = [json.loads(raw) for raw in self.frames()]
        upto = max((one["to"] for frame in frames for one in frame["inputs"]), default=-1)
        return bool(upto >= last.position)

    def kill(self, number: int) -> str:
        """Kill in the way that is this number's turn; how."""
        ways = ("worker", "supervisor", *NAMED)
        way = ways[number % len(ways)]
        self.opens.append(len(active(self.frames())))
        if way == "worker":
            worker = until(self.worker)
            self.traffic(self.random.randrange(1, 5))
            os.kill(worker, signal.SIGKILL)
            return way
        if way == "supervisor":
            self.traffic(self.random.randrange(1, 5))
            self.stop()
            self.start()
            return way
        self.stop()
        self.drop()
        self.start(f"{way}:{1 if way == 'during_snapshot' else self.random.randrange(2, 6)}")
        self.dying = self.deaths()
        if way == "during_snapshot":
            self._leave()
        else:
            while self.dying is not None:
                self.traffic(1)
                self._revive()  # on Kafka the traffic does not notice
                time.sleep(0.2)  # and would pile up while a worker starts
        return way

    def _leave(self) -> None:
        """Tell the supervisor to end: a snapshot is made on leaving, and the worker dies in it.

        Or in one before, where it had much to fold.
        """
        dying = self.dying or 0
        until(lambda: self.worker() or self.deaths() > dying)
        if self.deaths() > dying:
            self._revive()
            return
        self.incident()
        assert self.process is not None
        self.process.terminate()
        self.process.wait()
        self.process, self.dying = None, None
        self.drop()
        self.start()

    def _revive(self) -> None:
        """After a death at a named moment: start without it."""
        if self.dying is not None and self.deaths() > self.dying:
            self.dying = None
            self.stop()
            self.start()

    def deaths(self) -> int:
        """How often the supervisor saw its worker killed."""
        return (self.folder / "run.log").read_text(encoding="utf-8").count("ended (SIGKILL)")


def now_text() -> str:
    """The present."""
    return moment_text(time.time_ns() // 1_000_000)


def iso(moment: datetime) -> str:
    """A moment as events want it."""
    return moment.isoformat(timespec="seconds")


def until(what: Callable[[], Any]) -> Any:  # noqa: ANN401 - what it gives
    """Wait until it gives something."""
    end_s = time.monotonic() + PATIENCE_S
    while not (found := what()):
        if time.monotonic() > end_s:
            msg = f"{what.__qualname__} did not come within {PATIENCE_S} s"
            raise TimeoutError(msg)
        time.sleep(0.05)
    return found


def measure(
    trial: Trial, kills: int, say: Callable[[str], object] = lambda _: None
) -> dict[str, Any]:
    """Run the trial, saying each kill as it happens; what was found."""
    trial.start()
    try:
        until(trial.worker)
        trial.staff()
        for _ in range(trial.least_open + 4):
            trial.incident()
        until(trial.settled)
        ways = []
        for number in range(kills):
            while len(active(trial.frames())) < trial.least_open:
                trial.incident()
                time.sleep(0.2)
            ways.append(trial.kill(number))
            say(f"kill {number + 1} of {kills}: {ways[-1]}, {trial.opens[-1]} orders open")
            trial.traffic(2)
        until(trial.settled)
        time.sleep(1)
        found: dict[str, Any] = trial.ask(lambda bus: check(bus, trial.area, set(trial.sent)))
    finally:
        trial.drop()
        trial.stop()
    trial.findings += found.pop("findings")
    return found | {
        "kills": kills, "ways": sorted(set(ways)), "orders_open_least": min(trial.opens, default=0),
        "events": len(trial.sent), "findings": trial.findings,
    }  # fmt: skip
