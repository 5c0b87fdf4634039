"""The crews of a played day: from rosters in the inbox to devices, with one late and one sick."""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from config.district import District
from config.durations import HOUR_MS
from config.ids import PostId, UnitId
from events import schema
from events.clock import Setting
from events.device import Device, Shift, Told
from events.duties import in_force
from events.event import Event, moment_ms, moment_text
from events.planning import AbsenceReported, ClockSet, DutyRostered, RosterPublished
from events.ports import Stored
from events.rosters import Rosters

LATE_MS = 40 * 60_000
SICK_BEFORE_MS = 60 * 60_000
OVERTIME_MS = 4 * HOUR_MS
_HEARD = tuple(
    kind.name.encode() for kind in (AbsenceReported, ClockSet, DutyRostered, RosterPublished)
)


@dataclass(slots=True)
class Crews:
    """Everybody on the rosters whose duty falls into the play."""

    district: District
    seed: int
    start_ms: int
    until_ms: int
    trouble: bool = True
    """One unit signs in late, one officer calls in sick."""
    devices: dict[str, Device] = field(default_factory=dict)
    clock: Setting | None = None
    """The newest setting of the clock that was read."""
    _rosters: Rosters = field(default_factory=Rosters)
    _sick: set[tuple[str, str]] = field(default_factory=set)  # (person, date)
    _late: str | None = None
    _called: list[Told] = field(default_factory=list)

    def learn(self, records: Iterable[Stored], now_ms: int) -> None:
        """Read the inbox: a whole version of a roster makes its crews, the sick stay at home."""
        for record in filter(_concerns, records):
            read = schema.parse(record.value, record.headers)
            if not isinstance(read, schema.Refused):
                self._read(read.data, record.stored_ms)
                taken = self._rosters.take(read.type, read.normal(record.stored_ms))
                for week, duties in taken:
                    whole = (schema.restored(DutyRostered.type(), one) for one in duties)
                    self._make(week, (d for d in whole if isinstance(d, DutyRostered)), now_ms)
        for device in self.devices.values():
            if not device.on_duty:
                device.absent = (device.shift.officer, device.shift.date) in self._sick
        self._choose_trouble(now_ms)

    def _read(self, told: Event, stored_ms: int) -> None:
        if isinstance(told, AbsenceReported):
            days = {(told.person, day) for day in told.dates}
            self._sick = self._sick - days if told.back else self._sick | days
        elif isinstance(told, ClockSet):
            setting = Setting(told.virtual_ms, told.wall_ms, told.speed)
            if setting.tellable(stored_ms):  # else the engine refuses it, too
                self.clock = setting

    def _make(self, week: str, duties: Iterable[DutyRostered], now_ms: int) -> None:
        """A device for each duty; one that already began keeps its crew, and may end earlier."""
        own = {device.shift.id: device for device in self.devices.values()
               if device.shift.week == week}  # fmt: skip
        held = {name: device.shift for name, device in own.items()}
        begun = {name for name, device in own.items() if device.begun}
        version = in_force(held, week, map(self._shift, duties), begun)
        for name in own.keys() - begun:
            del self.devices[own[name].shift.key]
        for name, end_ms in version.ends_ms.items():
            own[name].end_at(max(end_ms, now_ms))  # nobody goes before they hear of it
        for name, shift in version.duties.items():
            if name in version.fresh:
                self._add(shift, now_ms)

    def _add(self, shift: Shift, now_ms: int) -> None:
        """A device for a duty, if it falls into the play."""
        if shift.end_ms <= max(self.start_ms, now_ms) or shift.start_ms >= self.until_ms:
            return
        device = Device(shift, self.district.travel, self.seed, now_ms, opened_ms=self.start_ms)
        if shift.key == self._late:
            device.come_late(LATE_MS)
        self.devices[shift.key] = device

    def _shift(self, duty: DutyRostered) -> Shift:
        post = self.district.posts.get(PostId(duty.post or ""))
        if post is None:
            squadron = duty.squadron or self.district.squadrons[0]
            post = self.district.station_of(squadron)
        device = duty.device
        if device is None and duty.kind != "desk":
            device = f"pda-{duty.team}"  # type: ignore[assignment] # a phone that no list knows
        return Shift(
            week=duty.week, id=duty.duty, date=duty.date, kind=duty.kind,
            team=UnitId(duty.team),
            officer=duty.officer, auxiliaries=tuple(duty.auxiliaries), vehicle=duty.vehicle,
            device=device, post=self.district.node_of_post(post.post),
            start_ms=moment_ms(duty.start), end_ms=moment_ms(duty.end),
        )  # fmt: skip

    def wake(self, now_ms: int) -> None:
        """Begin in the middle of the day: nothing that a crew did before is done again.

        Who should be home by now may still be at an incident: an open order will tell.
        """
        gone = [k for k, d in self.devices.items() if d.shift.end_ms <= now_ms - OVERTIME_MS]
        for key in gone:
            del self.devices[key]
        for device in self.devices.values():
            device.begin_at(now_ms)

    def _choose_trouble(self, now_ms: int) -> None:
        """Choose by the seed who is late and who is sick, once there are crews to choose from."""
        if not self.trouble or self._late is not None:
            return
        ahead = sorted(
            (device for device in self.devices.values()
             if device.shift.obeys and not device.absent
             and device.shift.start_ms > now_ms + 2 * SICK_BEFORE_MS),
            key=lambda device: zlib.crc32(f"{self.seed}/{device.shift.key}".encode()),
        )  # fmt: skip
        if len(ahead) < 3:
            return
        late, sick = ahead[0], ahead[1]
        self._late = late.shift.key
        late.come_late(LATE_MS)
        if any(device.absent for device in self.devices.values()):
            return  # somebody called in already, perhaps in a play that was broken off
        sick.absent = True
        self._sick.add((sick.shift.officer, sick.shift.date))
        at_ms = sick.shift.start_ms - SICK_BEFORE_MS
        self._called.append(Told(at_ms, "absence_reported", {
            "at": moment_text(at_ms), "person": sick.shift.officer, "dates": [sick.shift.date],
            "kind": "sick",
        }, f"sick/{sick.shift.officer}/{sick.shift.date}"))  # fmt: skip

    def tick(self, now_ms: int) -> Iterator[Told]:
        """What crews and the sick say up to `now_ms`, each crew in order of time."""
        due = [call for call in self._called if call.at_ms <= now_ms]
        self._called = [call for call in self._called if call.at_ms > now_ms]
        yield from due
        for key in sorted(self.devices):
            if self.devices[key].next_ms <= now_ms:
                yield from self.devices[key].tick(now_ms)

    def of_unit(self, unit: str, now_ms: int) -> Device | None:
        """The unit's crew on duty, else its next one: a team may have a duty each day."""
        mine = [d for d in self.devices.values() if d.shift.team == unit and not d.over]
        return min(
            mine, key=lambda d: (not d.on_duty, abs(d.shift.start_ms - now_ms)), default=None
        )

    def on_duty(self) -> int:
        """How many units are on duty."""
        return sum(device.on_duty and not device.over for device in self.devices.values())


def _concerns(record: Stored) -> bool:
    """Whether it may be worth a parser's time: most are our own events, read back."""
    if any(name in record.value for name in _HEARD):
        return True
    return any(name == "ce_type" and value.split(b".")[1:2] and value.split(b".")[1] in _HEARD
               for name, value in record.headers)  # fmt: skip
