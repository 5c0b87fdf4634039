"""The outside world for demos and trials: callers, gates, and crews that obey orders.

`Player` is what happens; `events.playing` lets it happen on a bus. It speaks to the program only
as anybody does: events into the inbox and the positions, orders and rosters read back. What it
says depends on the day, the seed, and what it hears when, on nothing else.
"""

import json
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from config.district import District
from events import schema
from events.crews import Crews
from events.device import Task, Told
from events.event import moment_ms, moment_text
from events.live import PositionReported
from events.motion import Point
from events.ports import Record, Stored
from events.scene import Call, Scene, Seen

FOREIGN_STAY_MS = 15 * 60_000
"""Time on scene of an incident that is not of the file: somebody else told it."""
VISIT_STAY_MS = 12 * 60_000
LINGER_MS = 2 * 60_000  # a crew leaves a visit up to so much after its dwell
AT_NODE_M = 1.0  # degrees that were rounded still mean the node
TRUE_HITS = 0.9  # share of listed plates that a person finds to be read rightly


class Said(NamedTuple):
    """An event to be sent: the suffix of its stream, and the record."""

    suffix: str
    record: Record


@dataclass(slots=True)
class Player:
    """The outside world of one district and day; all its chances come from `seed`."""

    district: District
    scene: Scene
    seed: int = 7
    trouble: bool = True
    crews: Crews = field(init=False)
    told: int = 0
    """How many events the world has told."""
    incidents: int = 0
    """How many of them are incidents."""
    _stays_ms: dict[str, int] = field(init=False)
    _calls: int = 0
    _sightings: int = 0
    _verdicts: list[Told] = field(default_factory=list)
    _heard: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Nothing has happened yet."""
        scene = self.scene
        self.crews = Crews(self.district, self.seed, scene.start_ms, scene.until_ms, self.trouble)
        self._stays_ms = {call.incident: round(call.row.service_s * 1000) for call in scene.calls}

    def wake(self, now_ms: int) -> None:
        """Go on in the middle of the day: who is on duty by then signs in now."""
        self.crews.wake(now_ms)

    def learn(self, records: Iterable[Stored], now_ms: int) -> None:
        """Let the crews read the inbox: rosters, and who is absent."""
        self.crews.learn(records, now_ms)

    def obey(self, orders: Iterable[Stored], now_ms: int) -> None:
        """Let the crews hear the messages of `P.orders`; a repeat says nothing new."""
        for record in orders:
            message = json.loads(record.value)
            if message.get("type") == "order" and message["order"] not in self._heard:
                self._heard.add(message["order"])
                device = self.crews.of_unit(message["unit"], now_ms)
                task = self._task(message)
                if device is not None and task is not None:
                    device.receive(task, now_ms)
            elif message.get("type") == "order_ended":
                for device in self.crews.devices.values():
                    device.recall(message["order"], now_ms)

    def _task(self, message: Mapping[str, Any]) -> Task | None:
        """What an order asks for; None without a point to go to."""
        lon, lat, order = message.get("lon"), message.get("lat"), str(message["order"])
        if not isinstance(lon, (int, float)) or not isinstance(lat, (int, float)):
            return None
        x_m, y_m = self.district.frame.to_metric([lon], [lat])
        there = Point(float(x_m[0]), float(y_m[0]), float(lon), float(lat))
        node, off_m = self.district.roads.nearest_node(there.x_m, there.y_m)
        incident, visit, leave = (message.get(name) for name in ("incident", "visit", "leave"))
        stay_ms = self._stays_ms.get(str(incident), FOREIGN_STAY_MS)
        if visit:
            dwell_min = message.get("dwell_min")
            stay_ms = dwell_min * 60_000 if isinstance(dwell_min, int) else VISIT_STAY_MS
            stay_ms += random.Random(f"{self.seed}/{order}").randrange(LINGER_MS)  # noqa: S311 - play
        return Task(
            order=order,
            node=node,
            mode="patrol"
            if message.get("mode", "patrol" if visit else "") == "patrol"
            else "incident",
            stay_ms=stay_ms,
            incident=incident,
            visit=visit,
            sighting=message.get("sighting"),
            leave_ms=moment_ms(leave) if isinstance(leave, str) else 0,
            beside=there if off_m > AT_NODE_M else None,
        )

    def tick(self, now_ms: int) -> list[Said]:
        """What the world says up to `now_ms` (at most the scene's end), in order of time."""
        until_ms = min(now_ms, self.scene.until_ms)
        happened = [*self._happened(until_ms), *self.crews.tick(until_ms)]
        happened.sort(key=lambda told: told.at_ms)
        self.told += len(happened)
        return [self._said(told) for told in happened]

    def _happened(self, until_ms: int) -> Iterator[Told]:
        calls, sightings = self.scene.calls, self.scene.sightings
        while self._calls < len(calls) and calls[self._calls].at_ms <= until_ms:
            yield self._incident(calls[self._calls])
            self._calls += 1
        while self._sightings < len(sightings) and sightings[self._sightings].at_ms <= until_ms:
            seen = sightings[self._sightings]
            yield _sighting(seen)
            if seen.row.entry is not None:
                self._verdicts.append(self._verdict(seen))
            self._sightings += 1
        due = [told for told in self._verdicts if told.at_ms <= until_ms]
        self._verdicts = [told for told in self._verdicts if told.at_ms > until_ms]
        yield from due

    def _verdict(self, seen: Seen) -> Told:
        """A person at the desk looks at the picture, most often within a minute."""
        chance = random.Random(f"{self.seed}/{seen.sighting}")  # noqa: S311 - play
        at_ms = seen.at_ms + round(1000 * chance.triangular(15, 80, 35))
        said: dict[str, object] = {
            "at": moment_text(at_ms), "command": "verify_sighting", "sighting": seen.sighting,
            "verdict": "true" if chance.random() < TRUE_HITS else "false",
        }  # fmt: skip
        if self.district.settings.duty_officer is not None:
            said["by"] = self.district.settings.duty_officer
        return Told(at_ms, "command_given", said, f"verdict/{seen.sighting}")

    def _incident(self, call: Call) -> Told:
        self.incidents += 1
        row = call.row
        said: dict[str, object] = {
            "at": moment_text(call.at_ms), "incident": call.incident, "kind": row.kind,
            "severity": row.severity, "priority": row.priority,
        }  # fmt: skip
        if row.place is not None:
            said["place"] = row.place
        else:
            crs = self.district.settings.crs.lonlat or "WGS-84"
            said |= {"lon": row.lon, "lat": row.lat, "crs": crs}
        return Told(call.at_ms, "incident_reported", said, f"incident/{call.incident}")

    def _said(self, told: Told) -> Said:
        raw = schema.event(
            told.name, told.fields, source=self.source, id=told.id, time=moment_text(told.at_ms)
        )
        if told.name != PositionReported.name:
            return Said("inbox", Record(raw))
        return Said("positions", Record(raw, key=str(told.fields["unit"]).encode()))

    @property
    def source(self) -> str:
        """The source of all its events."""
        return f"play/{self.seed}"


def _sighting(seen: Seen) -> Told:
    said: dict[str, object] = {
        "at": moment_text(seen.at_ms), "sighting": seen.sighting, "gate": seen.row.gate,
        "plate_hash": seen.row.plate_hash,
    }  # fmt: skip
    if seen.row.entry is not None:
        said["entry"] = seen.row.entry
    return Told(seen.at_ms, "sighting_reported", said, f"sighting/{seen.sighting}")
