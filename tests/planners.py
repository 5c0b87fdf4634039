"""A district with a bus in memory and planners on one clock, and ways to hand them work."""

from pathlib import Path
from typing import Any

import pytest
from districts import small_district
from planned import Instantly

from config.district import load
from events import ports
from events.clock import Clock
from events.failed import Failed
from events.frame import Frame
from events.kinds import RosterPublished
from events.memory import MemoryBus
from events.ports import Record
from events.schema import Envelope, event, parse
from scheduler.planner import Planner

PLAN, INBOX = ports.plan("hz"), ports.inbox("hz")
SATURDAY = "2026-11-28T18:00:00+08:00"


class House:
    """A district, a bus in memory, and planners on one clock."""

    def __init__(self, folder: Path, **settings: Any) -> None:  # noqa: ANN401 - of settings.yaml
        self.district = load(small_district(folder / "d", weeks=8, **settings))
        self.bus = MemoryBus()
        self.now_ms = self.at(SATURDAY)
        self.solver = Instantly(self.district, folder / "out")
        self.told = list[Failed]()
        self.sent = 0

    def at(self, iso: str) -> int:
        """Unix ms of an ISO time."""
        return self.district.calendar.parse_iso(iso)

    def planner(self, bus: object = None, *, timed: bool = True) -> Planner:
        """A planner on this house's clock."""
        clock = Clock(wall=lambda: self.now_ms)
        return Planner(
            bus or self.bus, self.district, clock, "test", self.solver, timed=timed,  # type: ignore[arg-type]
            tell=lambda failed, _: self.told.append(failed),
        )  # fmt: skip

    def send(self, name: str, **data: object) -> None:
        """Put an event of the desk into the inbox."""
        self.sent += 1
        raw = event(name, data, source="desk", id=str(self.sent), time="2026-11-28T10:00:00Z")
        self.bus.send(INBOX, [Record(raw)])

    def frames(self) -> list[Frame]:
        """What stands in P.plan."""
        return [Frame.read(stored.value) for stored in self.bus.read(PLAN)]

    def decided(self, kind: type) -> list[object]:
        """All decisions of a kind."""
        return [d for frame in self.frames() for d in frame.decisions if isinstance(d, kind)]

    def inbox(self) -> list[Envelope]:
        """All events of the inbox."""
        found = (parse(stored.value) for stored in self.bus.read(INBOX))
        return [told for told in found if isinstance(told, Envelope)]

    def rosters(self) -> list[RosterPublished]:
        """The versions that were sent."""
        return [told.data for told in self.inbox() if isinstance(told.data, RosterPublished)]


def settle(*planners: Planner) -> None:
    """Turn until nobody has anything to do."""
    for _ in range(60):
        worked = [planner.turn() for planner in planners]
        if not any(worked):
            return
    pytest.fail("the planner never comes to rest")
