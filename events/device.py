"""A simulated unit of the outside world: a PDA that obeys orders, moves on the road and reports.

It knows what a real crew knows: its duty, its post, the orders that it received. It never sees
the engine's state. Times are Unix ms of the district's clock; places are node numbers of
`config.roads`. All its accidents come from its own generator, seeded by the duty's id.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from config.roads import Roads
from config.travel import Mode, Travel
from events.event import moment_text

MOVING_FIX_MS = 15_000
PARKED_FIX_MS = 60_000
STRIDE_STEPS = 7  # a crew on its feet takes some steps between two parked fixes


class Leg(NamedTuple):
    """One edge of a drive, and when it is driven."""

    tail: int
    head: int
    start_ms: int
    end_ms: int


class Told(NamedTuple):
    """An event that the device sends: its name and data."""

    name: str
    data: dict[str, object]


@dataclass(frozen=True, slots=True)
class Task:
    """An order as the crew understood it."""

    order: str
    node: int
    mode: Mode
    stay_ms: int
    incident: str | None = None
    visit: str | None = None
    leave_ms: int = 0  # a visit is not left before


@dataclass(frozen=True, slots=True)
class Shift:
    """What the roster says of the unit's duty."""

    duty: str
    unit: str
    officer: str
    auxiliaries: tuple[str, ...]
    vehicle: str | None
    device: str
    post: int
    start_ms: int
    end_ms: int


@dataclass(slots=True)
class Device:
    """One unit of the outside world, from sign-in to the end of its duty."""

    shift: Shift
    roads: Roads
    travel: Travel
    seed: int
    late_ms: int = 0
    absent: bool = False
    random: random.Random = field(init=False)
    node: int = field(init=False)
    on_duty: bool = False
    over: bool = False
    task: Task | None = None
    steps: int = 0
    _legs: list[Leg] = field(default_factory=list)
    _act_ms: int | None = None  # when the crew next does something by itself
    _phase: str = "waiting"
    _next_fix_ms: int = 0
    _sign_in_ms: int = field(init=False)
    _answers: list[tuple[int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """A crew signs in a few minutes before or after its duty's start."""
        self.random = random.Random(f"{self.seed}/{self.shift.duty}/{self.shift.start_ms}")  # noqa: S311 - play
        self.node = self.shift.post
        early_ms = round(self.random.triangular(-8, 6, -3) * 60_000)
        self._sign_in_ms = self.shift.start_ms + early_ms + self.late_ms

    def receive(self, task: Task, now_ms: int) -> None:
        """A new order arrived on the PDA; it takes the place of the present one."""
        if self.over or not self.on_duty:
            return
        self.task = task
        answer_ms = now_ms + round(self.random.triangular(4, 40, 10) * 1000)
        self._answers.append((answer_ms, task.order))
        self._phase = "turning_out"
        turn_out_s = self.random.triangular(15, 100, 40) if not self._legs else 5
        self._act_ms = answer_ms + round(turn_out_s * 1000)

    def recall(self, order: str, now_ms: int) -> None:
        """The order ended: the crew drives home unless it has another one."""
        if self.task is None or self.task.order != order:
            return
        self.task = None
        self._phase, self._act_ms = "waiting", now_ms + 5_000

    def tick(self, now_ms: int) -> Iterator[Told]:
        """Everything that the device says up to `now_ms`."""
        if self.over or self.absent:
            return
        if not self.on_duty:
            if now_ms < self._sign_in_ms:
                return
            self.on_duty = True
            self._next_fix_ms = now_ms
            yield self._signed_in(now_ms)
        yield from self._answered(now_ms)
        yield from self._acted(now_ms)
        if now_ms >= self._next_fix_ms:
            yield self._fix(now_ms)
        if now_ms >= self.shift.end_ms and self.task is None and not self._legs:
            self.over = True
            yield self._status(now_ms, "off_duty")

    def _signed_in(self, now_ms: int) -> Told:
        lon, lat = self._point(now_ms)
        return Told("signed_in", {
            "at": moment_text(now_ms), "unit": self.shift.unit, "officer": self.shift.officer,
            "auxiliaries": list(self.shift.auxiliaries), "vehicle": self.shift.vehicle,
            "device": self.shift.device, "duty": self.shift.duty,
            "lon": lon, "lat": lat, "crs": "WGS-84",
        })  # fmt: skip

    def _answered(self, now_ms: int) -> Iterator[Told]:
        due = [order for at_ms, order in self._answers if at_ms <= now_ms]
        self._answers = [answer for answer in self._answers if answer[0] > now_ms]
        for order in due:
            if self.task is not None and self.task.order == order:
                yield Told("order_answered", {
                    "at": moment_text(now_ms), "order": order, "unit": self.shift.unit,
                    "answer": "accepted",
                })  # fmt: skip

    def _acted(self, now_ms: int) -> Iterator[Told]:
        """Leave, arrive, finish: what the crew does by itself when its moment comes."""
        if self._legs and now_ms >= self._legs[-1].end_ms:
            self.node, self._legs = self._legs[-1].head, []
            self._next_fix_ms = now_ms
            if self.task is not None and self._phase == "driving":
                self._phase = "standing"
                stay_ms = max(self.task.stay_ms, self.task.leave_ms - now_ms)
                self._act_ms = now_ms + stay_ms
        if self._act_ms is None or now_ms < self._act_ms:
            return
        self._act_ms = None
        if self._phase == "turning_out" and self.task is not None:
            self._drive(self.task.node, self.task.mode, now_ms)
            self._phase = "driving"
            self._next_fix_ms = now_ms + 1_000
        elif self._phase == "standing" and self.task is not None:
            if self.task.incident is not None:
                yield self._status(now_ms, "clearing")
                yield self._status(now_ms, "free")
            self.task = None
            self._home(now_ms)
        elif self._phase == "waiting" and self.task is None:
            self._home(now_ms)

    def _home(self, now_ms: int) -> None:
        self._phase = "waiting"
        self._drive(self.shift.post, "patrol", now_ms)

    def _drive(self, target: int, mode: Mode, now_ms: int) -> None:
        """Set out from where the unit is; a leg that was begun is driven to its end."""
        begun = [leg for leg in self._legs if leg.start_ms <= now_ms < leg.end_ms]
        start = begun[-1].head if begun else self.node
        at_ms = begun[-1].end_ms if begun else now_ms
        legs = begun
        for tail, head, leg_ms in self.travel.legs(start, target, mode):
            legs.append(Leg(tail, head, at_ms, at_ms + leg_ms))
            at_ms += leg_ms
        # Already there: a leg of no length, so that arriving has one way only.
        self._legs = legs or [Leg(start, start, now_ms, now_ms)]

    def _point(self, now_ms: int) -> tuple[float, float]:
        for leg in self._legs:
            if leg.start_ms <= now_ms < leg.end_ms:
                share = (now_ms - leg.start_ms) / (leg.end_ms - leg.start_ms)
                return _between(self.roads, leg.tail, leg.head, share)
        node = self._legs[-1].head if self._legs else self.node
        return _between(self.roads, node, node, 0.0)

    def _fix(self, now_ms: int) -> Told:
        moving = next((x for x in self._legs if x.start_ms <= now_ms < x.end_ms), None)
        if moving is None:
            self.steps += STRIDE_STEPS
            speed_mps = 0.0
        else:
            metres = float(
                ((self.roads.x_m[moving.head] - self.roads.x_m[moving.tail]) ** 2
                + (self.roads.y_m[moving.head] - self.roads.y_m[moving.tail]) ** 2) ** 0.5
            )  # fmt: skip
            speed_mps = max(1.0, round(1000 * metres / (moving.end_ms - moving.start_ms), 1))
        self._next_fix_ms = now_ms + (PARKED_FIX_MS if moving is None else MOVING_FIX_MS)
        lon, lat = self._point(now_ms)
        return Told("position_reported", {
            "at": moment_text(now_ms), "unit": self.shift.unit, "device": self.shift.device,
            "crs": "WGS-84", "lon": lon, "lat": lat, "speed_mps": min(speed_mps, 45.0),
            "steps": self.steps,
        })  # fmt: skip

    def _status(self, now_ms: int, status: str) -> Told:
        said: dict[str, object] = {
            "at": moment_text(now_ms), "unit": self.shift.unit, "status": status
        }  # fmt: skip
        if self.task is not None:
            said["order"] = self.task.order
        return Told("status_reported", said)


def _between(roads: Roads, tail: int, head: int, share: float) -> tuple[float, float]:
    """Longitude and latitude on the straight line between two nodes."""
    lon = roads.lon[tail] + share * (roads.lon[head] - roads.lon[tail])
    lat = roads.lat[tail] + share * (roads.lat[head] - roads.lat[tail])
    return round(float(lon), 7), round(float(lat), 7)
