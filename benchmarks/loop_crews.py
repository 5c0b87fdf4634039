"""The crews of the loop: they accept their orders, stand at their visits, deal with incidents."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from dispatch.service import Engine
from events import ports, schema
from events.event import moment_text
from events.ports import Bus, Record

Event = tuple[int, str, dict[str, Any]]
"""When, its name, its data."""
Finds = Callable[[Mapping[str, Any], int, int], Iterable[Event]]
"""What is recorded in the stay of a visit's order: Unix ms of its start, its minutes."""
MINUTE_MS = 60_000
STEP_MIN, DRIVE_MS = 30, 10 * MINUTE_MS


class Crews:
    """Who was sent where, and what they say of it."""

    def __init__(self, bus: Bus, engine: Engine, finds: Finds) -> None:
        """Nobody was sent yet."""
        self.bus, self.engine, self.finds = bus, engine, finds
        self.service_s: dict[str, float] = {}
        """Of each incident that may come, how long it takes on scene."""
        self._read, self._fixes = ports.before(0), 0
        self._visiting: list[Mapping[str, Any]] = []
        self._later: list[Event] = []
        self._where: dict[str, tuple[float, float]] = {}

    def said(self, now_ms: int) -> list[Event]:
        """What they entered up to now: at the scene, and done there."""
        due = [one for one in self._later if one[0] <= now_ms]
        self._later = [one for one in self._later if one[0] > now_ms]
        return due

    def obey(self, now_ms: int) -> list[Event]:
        """They accept what they are sent to, and set out."""
        found = self.bus.read(ports.orders(self.engine.area), self._read)
        self._read = found[-1].position if found else self._read
        accepted = []
        for order in map(json.loads, (stored.value for stored in found)):
            if order.get("type") != "order" or not (order.get("visit") or order.get("incident")):
                continue
            said = {"unit": order["unit"], "order": order["order"], "answer": "accepted"}
            accepted.append((now_ms, "order_answered", said))
            if order.get("visit"):
                self._visiting.append(order)
                there_ms = now_ms + DRIVE_MS
                self._later += self.finds(order, there_ms, order.get("dwell_min", 12))
            else:
                self._later += self._deals(order, now_ms)
        return accepted

    def _deals(self, order: Mapping[str, Any], now_ms: int) -> Iterator[Event]:
        there_ms = now_ms + DRIVE_MS
        stay_ms = round(1000 * self.service_s.get(order["incident"], 1200.0))
        for at_ms, status in ((there_ms, "on_scene"), (there_ms + stay_ms, "free")):
            yield at_ms, "status_reported", {"unit": order["unit"], "status": status}

    def report(self, now_ms: int) -> None:
        """Fixes of the half hour: who was sent to a visit stood there for its dwell."""
        set_out_ms = now_ms - STEP_MIN * MINUTE_MS
        fixes = []
        for order in self._visiting:
            self._where[order["unit"]] = order["lon"], order["lat"]
            stay_ms = (order.get("dwell_min", 12) + 2) * MINUTE_MS
            fixes += [(set_out_ms + DRIVE_MS + after_ms, order["unit"])
                      for after_ms in range(0, stay_ms, 2 * MINUTE_MS)]  # fmt: skip
        self._visiting = []
        fixes += [(now_ms, unit) for unit in self._where if unit in self.engine.state.units]
        records = [self._fix(at_ms, unit) for at_ms, unit in sorted(fixes)]
        if records:
            self.bus.send(ports.positions(self.engine.area), records)

    def _fix(self, at_ms: int, unit: str) -> Record:
        lon, lat = self._where[unit]
        self._fixes += 1
        told = {"at": moment_text(at_ms), "unit": unit, "device": f"pda-{unit}", "crs": "WGS-84",
                "lon": lon, "lat": lat, "speed_mps": 0.0}  # fmt: skip
        raw = schema.event("position_reported", told, source="loop", id=f"fix-{self._fixes}",
                           time=moment_text(at_ms))  # fmt: skip
        return Record(raw, key=unit.encode())
