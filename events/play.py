"""The outside world for demos and trials: callers, gates, and crews that obey orders.

`Player` is what happens; `play` lets it happen on a bus in real time. Both speak to the program
only as anybody does: events into the inbox and the positions, orders and rosters read back.
"""

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from config.district import District
from config.ids import NodeId
from config.tables import LiveRow
from events import ports, schema
from events.device import Device, Shift, Task, Told
from events.event import moment_ms, moment_text
from events.planning import DutyRostered, RosterPublished
from events.ports import Record, Stored, Streams

SOURCE = "play"
LATE_MS = 40 * 60_000
SICK_BEFORE_MS = 60 * 60_000
NO_DEVICE = {"leader", "stand_by", "desk"}
"""Kinds of duty that drive nowhere: they sign in, and move no device of their own."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A listed plate seen at a gate."""

    at_ms: int
    gate: str
    plate_hash: str
    entry: str | None = None


@dataclass(slots=True)
class Player:
    """The outside world of one district and day; all its chances come from `seed`."""

    district: District
    incidents: tuple[tuple[int, LiveRow], ...]
    sightings: tuple[Sighting, ...] = ()
    seed: int = 7
    trouble: bool = True
    """One unit signs in late, one officer calls in sick."""
    devices: dict[str, Device] = field(default_factory=dict)
    until_ms: int = 0
    _known: set[tuple[str, int]] = field(default_factory=set)
    _duties: dict[tuple[str, int], list[DutyRostered]] = field(default_factory=dict)
    _versions: dict[str, int] = field(default_factory=dict)
    _rows: dict[str, LiveRow] = field(default_factory=dict)
    _next_incident: int = 0
    _next_sighting: int = 0
    _sick: list[tuple[int, Told]] = field(default_factory=list)
    _told: int = 0

    def learn_roster(self, records: Iterable[Stored]) -> None:
        """Read roster events of the inbox; a whole version makes its crews."""
        for record in records:
            read = schema.parse(record.value, record.headers)
            if isinstance(read, schema.Refused):
                continue
            if isinstance(read.data, DutyRostered):
                key = (read.data.week, read.data.version)
                self._duties.setdefault(key, []).append(read.data)
            elif isinstance(read.data, RosterPublished):
                self._known.add((read.data.week, read.data.version))
        for week, version in sorted(self._known):
            if version > self._versions.get(week, 0):
                self._versions[week] = version
                self._make_crews(self._duties.pop((week, version), []))

    def _make_crews(self, duties: Iterable[DutyRostered]) -> None:
        """A device for each duty; one that already began keeps its crew."""
        fresh = [duty for duty in duties if duty.kind not in NO_DEVICE]
        for duty in fresh:
            shift = self._shift(duty)
            present = self.devices.get(shift.duty)
            if present is None or not (present.on_duty or present.absent):
                self.devices[shift.duty] = Device(
                    shift, self.district.roads, self.district.travel, self.seed
                )
        if self.trouble and fresh:
            self._make_trouble()

    def _make_trouble(self) -> None:
        """Choose who is late and who is sick, by the seed, once there are crews to choose from."""
        start_ms = self.incidents[0][0] if self.incidents else 0
        ahead = sorted(
            (d for d in self.devices.values() if d.shift.start_ms > start_ms + 2 * SICK_BEFORE_MS),
            key=lambda device: zlib.crc32(f"{self.seed}/{device.shift.duty}".encode()),
        )
        if len(ahead) < 3 or self._sick or any(device.late_ms for device in ahead):
            return
        late, sick = ahead[0], ahead[1]
        late.late_ms = LATE_MS
        late.__post_init__()
        sick.absent = True
        day = self.district.calendar.local(sick.shift.start_ms).date().isoformat()
        at_ms = sick.shift.start_ms - SICK_BEFORE_MS
        said = {"at": moment_text(at_ms), "person": sick.shift.officer, "date": day,
                "kind": "sick"}  # fmt: skip
        self._sick.append((at_ms, Told("absence_reported", said)))

    def _shift(self, duty: DutyRostered) -> Shift:
        roads = self.district.roads
        post = self.district.posts.get(duty.post or "")
        node = roads.index[NodeId(post.node)] if post is not None else 0
        return Shift(
            duty=f"{duty.week}/{duty.duty}",
            unit=duty.team,
            officer=duty.officer,
            auxiliaries=tuple(duty.auxiliaries),
            vehicle=duty.vehicle,
            device=f"pda-{duty.team}",
            post=node,
            start_ms=moment_ms(duty.start),
            end_ms=moment_ms(duty.end),
        )

    def obey(self, orders: Iterable[Stored], now_ms: int) -> None:
        """Let the crews hear the messages of `P.orders`."""
        for record in orders:
            message = json.loads(record.value)
            if message.get("type") == "order":
                device = self._device_of(message["unit"], now_ms)
                task = self._task(message)
                if device is not None and task is not None:
                    device.receive(task, now_ms)
            elif message.get("type") == "order_ended":
                for device in self.devices.values():
                    device.recall(message["order"], now_ms)

    def _device_of(self, unit: str, now_ms: int) -> Device | None:
        """The device of the unit's crew on duty now: a team may have a duty each day."""
        mine = [d for d in self.devices.values() if d.shift.unit == unit and not d.over]
        return min(
            mine, key=lambda d: (not d.on_duty, abs(d.shift.start_ms - now_ms)), default=None
        )

    def _task(self, message: Mapping[str, object]) -> Task | None:
        lon, lat = message.get("lon"), message.get("lat")
        if not isinstance(lon, (int, float)) or not isinstance(lat, (int, float)):
            return None
        node = self.district.roads.nearest_node_lonlat(float(lon), float(lat))
        incident, visit = message.get("incident"), message.get("visit")
        row = self._rows.get(str(incident))
        stay_s = row.service_s if row is not None else 900.0
        leave = message.get("leave")
        return Task(
            order=str(message["order"]),
            node=node,
            mode="patrol" if visit else "incident",
            stay_ms=round(stay_s * 1000) if not visit else 13 * 60_000,
            incident=None if visit else str(incident or message.get("sighting")),
            visit=str(visit) if visit else None,
            leave_ms=moment_ms(leave) if isinstance(leave, str) else 0,
        )

    def tick(self, now_ms: int) -> Iterator[tuple[str, Record]]:
        """What the world says up to `now_ms`, as (stream's suffix, record)."""
        while self._next_incident < len(self.incidents):
            at_ms, row = self.incidents[self._next_incident]
            if at_ms > now_ms:
                break
            self._next_incident += 1
            yield self._record(self._incident(at_ms, row), now_ms)
        while self._next_sighting < len(self.sightings):
            seen = self.sightings[self._next_sighting]
            if seen.at_ms > now_ms:
                break
            self._next_sighting += 1
            yield self._record(_seen(seen), now_ms)
        for at_ms, told in [sick for sick in self._sick if sick[0] <= now_ms]:
            self._sick.remove((at_ms, told))
            yield self._record(told, now_ms)
        for duty in sorted(self.devices):
            for told in self.devices[duty].tick(now_ms):
                yield self._record(told, now_ms)

    def _incident(self, at_ms: int, row: LiveRow) -> Told:
        incident = f"live-{self._next_incident:04d}"
        self._rows[incident] = row
        said: dict[str, object] = {
            "at": moment_text(at_ms), "incident": incident, "kind": row.kind,
            "severity": row.severity, "priority": row.priority,
        }  # fmt: skip
        if row.place is not None:
            said["place"] = row.place
        else:
            said |= {"lon": row.lon, "lat": row.lat, "crs": "WGS-84"}
        return Told("incident_reported", said)

    def _record(self, told: Told, now_ms: int) -> tuple[str, Record]:
        self._told += 1
        raw = schema.event(
            told.name, told.data, source=f"{SOURCE}/{self.seed}/{self.until_ms}",
            id=str(self._told), time=moment_text(now_ms),
        )  # fmt: skip
        return ("positions" if told.name == "position_reported" else "inbox"), Record(raw)

    @property
    def spoken(self) -> int:
        """How many events the world has told."""
        return self._told


def _seen(seen: Sighting) -> Told:
    said: dict[str, object] = {
        "at": moment_text(seen.at_ms), "gate": seen.gate, "plate_hash": seen.plate_hash
    }  # fmt: skip
    if seen.entry is not None:
        said["entry"] = seen.entry
    return Told("sighting_reported", said)


def send_all(bus: Streams, area: str, said: Iterable[tuple[str, Record]]) -> None:
    """Send what the world said, in its order, one call a stream."""
    by_stream: dict[str, list[Record]] = {}
    for suffix, record in said:
        by_stream.setdefault(suffix, []).append(record)
    for suffix, records in by_stream.items():
        bus.send(ports.stream(area, suffix), records)
