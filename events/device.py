"""A simulated unit of the outside world: a PDA that obeys orders, moves on the road and reports.

It knows what a real crew knows: its duty, its post, the orders that it received. It never sees
the engine's state. Times are Unix ms of the district's clock; places are node numbers of
`config.roads`. All its accidents come from its own generator, seeded by the duty's id, and what
it does happens at its own moments, however rarely it is asked.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from config.ids import DutyId, UnitId
from config.travel import Mode, Travel
from events.event import moment_text
from events.motion import Motion, Point

MOVING_FIX_MS = 15_000
PARKED_FIX_MS = 60_000
STRIDE_STEPS = 7  # a crew on its feet takes some steps between two parked fixes
NEVER_MS = 2**62
STOPPED = 0.4  # share of ordered interceptions that stop the vehicle, DOMAIN "funnel"


class Told(NamedTuple):
    """An event that the world sends: when, its name, its data, and an id that a repeat keeps."""

    at_ms: int
    name: str
    fields: dict[str, object]
    id: str


@dataclass(frozen=True, slots=True)
class Task:
    """An order as the crew understood it."""

    order: str
    node: int
    mode: Mode
    stay_ms: int
    incident: str | None = None
    visit: str | None = None
    sighting: str | None = None
    leave_ms: int = 0
    """A visit is not left before."""
    beside: Point | None = None
    """Where the order says, if that is not at the node."""


@dataclass(frozen=True, slots=True)
class Shift:
    """What the roster says of the unit's duty."""

    week: str
    id: DutyId
    date: str
    kind: str
    team: UnitId
    officer: str
    auxiliaries: tuple[str, ...]
    vehicle: str | None
    device: str | None
    post: int
    start_ms: int
    end_ms: int

    @property
    def key(self) -> str:
        """The duty among those of all weeks."""
        return f"{self.week}/{self.id}"

    @property
    def obeys(self) -> bool:
        """A desk stays where it is; all others turn out."""
        return self.device is not None and self.kind != "desk"


@dataclass(slots=True)
class Device:
    """One unit of the outside world, from sign-in to the end of its duty."""

    shift: Shift
    travel: Travel
    seed: int
    begin_ms: int = 0
    """When the crew is made, or the play begins."""
    opened_ms: int = 0
    """When the play began: whoever was on duty by then says since when, and is not late."""
    absent: bool = False
    chance: random.Random = field(init=False)
    motion: Motion = field(init=False)
    on_duty: bool = False
    over: bool = False
    task: Task | None = None
    steps: int = 0
    phase: str = "waiting"
    _sign_in_ms: int = field(init=False)
    _since_ms: int | None = None
    _at_ms: int = 0
    _answers: list[tuple[int, Task]] = field(default_factory=list)
    _act_ms: int = NEVER_MS  # when the crew next does something by itself
    _next_fix_ms: int = NEVER_MS
    _soon_ms: int = NEVER_MS

    def __post_init__(self) -> None:
        """A crew signs in a few minutes before or after its duty's start."""
        self.chance = random.Random(f"{self.seed}/{self.shift.key}/{self.shift.start_ms}")  # noqa: S311 - play
        self.motion = Motion(self.travel, self.shift.post)
        early_ms = round(self.chance.triangular(-8, 6, -3) * 60_000)
        self._sign_in_ms = self.shift.start_ms + early_ms
        if self._sign_in_ms < self.opened_ms:
            self._since_ms = self._sign_in_ms
        self.begin_at(self.begin_ms)

    def begin_at(self, now_ms: int) -> None:
        """Whoever should have signed in by now does so within a minute."""
        soon_ms = now_ms + round(self.chance.random() * 60_000)
        self._sign_in_ms = max(self._sign_in_ms, soon_ms)
        self._plan()

    def come_late(self, late_ms: int) -> None:
        """The crew signs in that much later."""
        self._sign_in_ms += late_ms
        self._plan()

    def end_at(self, end_ms: int) -> None:
        """A newer version of the roster lets the duty end earlier."""
        self.shift = replace(self.shift, end_ms=end_ms)
        self._plan()

    @property
    def begun(self) -> bool:
        """Whether the crew was on duty: it keeps its duty, whatever the roster says later."""
        return self.on_duty or self.over

    @property
    def next_ms(self) -> int:
        """When the device next does or says something."""
        return NEVER_MS if self.absent else self._soon_ms

    def _plan(self) -> None:
        """Find the next moment after anything changed: it is asked for far more often."""
        if not self.on_duty or self.over:
            self._soon_ms = NEVER_MS if self.over else self._sign_in_ms
            return
        moments = [self._act_ms, self._next_fix_ms, *(at_ms for at_ms, _ in self._answers)]
        if self.motion.end_ms is not None:
            moments.append(self.motion.end_ms)
        if self._idle:
            moments.append(self.shift.end_ms)
        self._soon_ms = max(self._at_ms, min(moments))

    @property
    def _idle(self) -> bool:
        return self.task is None and not self.motion.driving and self._act_ms == NEVER_MS

    def receive(self, task: Task, now_ms: int) -> None:
        """A new order arrived on the PDA; it takes the place of the present one."""
        if self.over or self.absent or not self.shift.obeys:
            return
        self.task = task
        if not self.on_duty:
            return  # read when the crew signs in
        answer_ms = now_ms + round(self.chance.triangular(4, 40, 10) * 1000)
        self._answers.append((answer_ms, task))
        self.phase = "turning_out"
        turn_out_s = 5.0 if self.motion.driving else self.chance.triangular(15, 100, 40)
        self._act_ms = answer_ms + round(turn_out_s * 1000)
        self._plan()

    def recall(self, order: str, now_ms: int) -> None:
        """The order ended: the crew drives home unless it has another one."""
        if self.task is not None and self.task.order == order:
            self.task = None
            if self.on_duty:
                self.phase, self._act_ms = "waiting", now_ms + 5_000
            self._plan()

    def tick(self, now_ms: int) -> Iterator[Told]:
        """Everything that the device says up to `now_ms`, each at its own moment."""
        while (at_ms := self.next_ms) <= now_ms:
            self._at_ms = at_ms
            yield from self._step(at_ms)
            self._plan()

    def _step(self, at_ms: int) -> Iterator[Told]:
        if not self.on_duty:
            yield from self._begun(at_ms)
            return
        yield from self._answered(at_ms)
        self._arrive(at_ms)
        if at_ms >= self._act_ms:
            self._act_ms = NEVER_MS
            yield from self._acted(at_ms)
        if at_ms >= self._next_fix_ms:
            yield self._fix(at_ms)
        if self._idle and at_ms >= self.shift.end_ms:
            self.over = True
            yield self._status(at_ms, "off_duty")

    def _begun(self, at_ms: int) -> Iterator[Told]:
        # Too late to begin at all, but a crew may be out with an order past its duty's end.
        self.over = at_ms >= self.shift.end_ms and self.task is None
        if self.over:
            return
        self.on_duty = True
        shift = self.shift
        pairs = (("vehicle", shift.vehicle), ("device", shift.device))
        yield Told(at_ms, "signed_in", {
            "at": moment_text(self._since_ms or at_ms), "unit": shift.team,
            "officer": shift.officer,
            "auxiliaries": list(shift.auxiliaries), "duty": shift.id,
            **self._point(at_ms), **{name: one for name, one in pairs if one is not None},
        }, f"{shift.key}/signed_in/{shift.officer}")  # fmt: skip
        if shift.device is not None:
            self._next_fix_ms = at_ms
        if self.task is not None:
            self.receive(self.task, at_ms)

    def _answered(self, at_ms: int) -> Iterator[Told]:
        due = [task for answer_ms, task in self._answers if answer_ms <= at_ms]
        self._answers = [answer for answer in self._answers if answer[0] > at_ms]
        for task in due:
            if self.task is not task:
                continue
            lost = not self.motion.reaches(task.node, task.mode, at_ms)
            if lost:
                self.recall(task.order, at_ms)
            said = {"reason": "no_way"} if lost else {}
            yield Told(at_ms, "order_answered", {
                "at": moment_text(at_ms), "order": task.order, "unit": self.shift.team,
                "answer": "refused" if lost else "accepted", **said,
            }, f"answer/{task.order}")  # fmt: skip

    def _arrive(self, at_ms: int) -> None:
        if not self.motion.arrive(at_ms):
            return
        self._fix_at(at_ms)
        if self.task is not None and self.phase == "driving":
            self.phase = "standing"
            self._act_ms = max(at_ms + self.task.stay_ms, self.task.leave_ms)

    def _acted(self, at_ms: int) -> Iterator[Told]:
        """Leave, finish, clear: what the crew does by itself when its moment comes."""
        task = self.task
        if task is not None and self.phase == "turning_out":
            self.motion.drive(task.node, task.mode, at_ms, task.beside)
            self.phase = "driving"
            self._fix_at(at_ms + 1_000)
            return
        if task is not None and self.phase == "standing" and task.visit is None:
            yield self._checked(task, at_ms) if task.sighting else self._status(at_ms, "clearing")
            self.phase = "clearing"
            self._act_ms = at_ms + round(self.chance.triangular(20, 120, 40) * 1000)
            return
        if task is not None and self.phase == "clearing":
            yield self._status(at_ms, "free")
        self.task, self.phase = None, "waiting"
        if self.motion.node != self.shift.post or self.motion.driving:
            self.motion.drive(self.shift.post, "patrol", at_ms)

    def _fix_at(self, at_ms: int) -> None:
        if self.shift.device is not None:
            self._next_fix_ms = at_ms

    def _fix(self, at_ms: int) -> Told:
        speed_mps = self.motion.speed_mps(at_ms)
        if not speed_mps:
            self.steps += STRIDE_STEPS
        self._next_fix_ms = at_ms + (MOVING_FIX_MS if speed_mps else PARKED_FIX_MS)
        return Told(at_ms, "position_reported", {
            "at": moment_text(at_ms), "unit": self.shift.team, "device": self.shift.device,
            **self._point(at_ms), "speed_mps": speed_mps, "steps": self.steps,
        }, f"{self.shift.key}/fix/{at_ms}")  # fmt: skip

    def _point(self, at_ms: int) -> dict[str, object]:
        here = self.motion.where(at_ms)
        return {"lon": round(here.lon, 7), "lat": round(here.lat, 7), "crs": "WGS-84"}

    def _status(self, at_ms: int, status: str) -> Told:
        task = self.task
        said: dict[str, object] = {
            "at": moment_text(at_ms), "unit": self.shift.team, "status": status
        }  # fmt: skip
        if task is not None:
            said["order"] = task.order
            if task.incident is not None:
                said |= {"incident": task.incident} | ({"how": "done"} if status == "free" else {})
        return Told(at_ms, "status_reported", said, f"{self.shift.key}/{status}/{at_ms}")

    def _checked(self, task: Task, at_ms: int) -> Told:
        """An interception's end: stopped, or the vehicle was not seen."""
        outcome = "stopped" if self.chance.random() < STOPPED else "lost"
        return Told(at_ms, "check_result", {
            "at": moment_text(at_ms), "unit": self.shift.team, "kind": "stop", "outcome": outcome,
            "order": task.order, "sighting": task.sighting,
        }, f"check/{task.order}")  # fmt: skip
