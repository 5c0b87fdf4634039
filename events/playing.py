"""The outside world on a bus: step by step for a demo, or against the wall clock."""

import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from statistics import median

from config.errors import Impossible
from events import ports, schema
from events.clock import Clock, Setting
from events.play import Player, Said
from events.ports import Bus, BusLost, NoStream, Record, Stored, StreamGap

TURN_MS = 60
"""How long a turn waits for orders, wall time: at 60 times the speed under 4 s of the day."""
LEARN_S = 1.0
"""How often the inbox is read for rosters: seldom, so that orders are answered soon."""
PROGRESS_S = 15.0
MEASURED = 15
"""Turns of which the middle one says how fast the machine is: one alone says what else it did."""
GIVE_UP_S = 180.0
_AGAIN_S = 1.0
_BATCH = 2_000


@dataclass(slots=True)
class Playing:
    """A player who reads from and speaks to a bus. After a `BusLost` set another `bus`.

    What could not be sent stays to be sent again with the same ids, so that what arrived after
    all is recognised as a repeat.
    """

    player: Player
    area: str
    bus: Bus
    inbox_at: int = ports.before(0)
    orders_at: int = ports.before(0)
    unsent: dict[str, list[Record]] = field(default_factory=dict)

    def turn(self, now_ms: int) -> None:
        """Read rosters and orders, let things happen up to `now_ms`, send them."""
        self.learn(now_ms)
        self.act(now_ms, self.hear())

    def learn(self, now_ms: int) -> None:
        """Read what is new in the inbox."""
        name = ports.inbox(self.area)
        while found := self.bus.read(name, self.inbox_at, _BATCH):
            self.inbox_at = found[-1].position
            self.player.learn(found, now_ms)

    def hear(self, wait_ms: int = 0) -> list[Stored]:
        """New messages of `P.orders`; waits for the first."""
        found = self.bus.read(ports.orders(self.area), self.orders_at, _BATCH, wait_ms)
        if found:
            self.orders_at = found[-1].position
        return found

    def act(self, now_ms: int, orders: list[Stored]) -> None:
        """Obey, let things happen up to `now_ms`, and send them."""
        self.player.obey(orders, now_ms)
        for said in self.player.tick(now_ms):
            self.put(said)
        self.flush()

    def put(self, said: Said) -> None:
        """Add an event to what is to be sent."""
        self.unsent.setdefault(said.suffix, []).append(said.record)

    def flush(self) -> None:
        """Send what is to be sent, one call a stream; the inbox first: answers are waited for."""
        for suffix in sorted(self.unsent):
            if self.unsent[suffix]:
                self.bus.send(ports.stream(self.area, suffix), self.unsent[suffix])
                self.unsent[suffix] = []

    def set_clock(self, setting: Setting) -> None:
        """Say to everybody, with the next `flush`, what time it is from now on."""
        said = setting._replace(speed=float(setting.speed))._asdict()
        name = f"clock/{setting.wall_ms}/{setting.virtual_ms}"
        raw = schema.event("clock_set", said, source=self.player.source, id=name)
        self.player.crews.clock = None  # what was read until now is overtaken
        self.put(Said("inbox", Record(raw)))


Tell = Callable[[str, dict[str, object]], None]
"""Says something to whoever watches: a key of the words, and its fields."""


@dataclass(slots=True)
class Live:
    """A playing in wall time, over whatever happens to the bus."""

    playing: Playing
    reopen: Callable[[], Bus]
    speed: float
    tell: Tell
    clock: Clock = field(default_factory=Clock)
    _told_s: float = 0.0
    _learned_s: float = 0.0
    _turned_ms: int = 0
    _turns_s: deque[float] = field(default_factory=lambda: deque(maxlen=MEASURED))
    _slow_told: bool = False

    def begin(self) -> None:
        """Set the clock to the day's start, or go on where a play of this day was broken off.

        Raises:
            Impossible: The clock of this bus already stands behind the day.
        """
        playing, scene = self.playing, self.playing.player.scene
        playing.learn(scene.start_ms)
        self._follow()
        now_ms = self.clock.now_ms() if self.clock.setting else scene.start_ms
        local = playing.player.district.calendar.iso
        if now_ms >= scene.until_ms:
            raise Impossible("play.over", now=local(now_ms), end=local(scene.until_ms))
        resumed = now_ms > scene.start_ms
        if not resumed:
            last = playing.bus.last(ports.orders(playing.area))
            playing.orders_at = last.position if last else playing.orders_at
        else:
            playing.player.wake(now_ms)
        self._turned_ms = max(now_ms, scene.start_ms)
        self._set(self._turned_ms, self.speed)
        playing.flush()
        self.tell("play.resumes" if resumed else "play.begins", {
            "day": scene.day, "now": local(now_ms // 1000 * 1000), "speed": self.speed,
            "incidents": len(scene.calls), "sightings": len(scene.sightings),
        })  # fmt: skip

    def run(self) -> None:
        """Play to the end of the scene, then stop the clock."""
        self._told_s = time.monotonic()
        until_ms = self.playing.player.scene.until_ms
        while self.clock.now_ms() < until_ms:
            self._lasting(self._turn)
            if time.monotonic() - self._told_s >= PROGRESS_S:
                self._told_s = time.monotonic()
                self.tell("play.progress", self.figures())
        self._lasting(self._turn)
        self._set(until_ms, 0.0)
        self._lasting(self.playing.flush)

    def stop(self) -> None:
        """Stop the clock where it stands, so that the same command goes on from there."""
        self._set(min(self.clock.now_ms(), self.playing.player.scene.until_ms), 0.0)
        self.playing.flush()

    def figures(self) -> dict[str, object]:
        """What the world has told so far."""
        player = self.playing.player
        now_ms = min(self.clock.now_ms(), player.scene.until_ms)
        return {
            "now": player.district.calendar.iso(now_ms // 1000 * 1000), "told": player.told,
            "incidents": player.incidents, "units": player.crews.on_duty(),
        }  # fmt: skip

    def _turn(self) -> None:
        began_s = time.monotonic()
        orders = self.playing.hear(TURN_MS)
        if began_s - self._learned_s >= LEARN_S:
            self._learned_s = began_s
            self.playing.learn(self.clock.now_ms())
            self._follow()
        now_ms = self.clock.now_ms()
        for record in orders:
            self.playing.player.obey([record], self._heard_ms(record, now_ms))
        self._turned_ms = now_ms
        self.playing.act(now_ms, [])
        self._tell_if_slow(time.monotonic() - began_s)
        # An order that comes at once ends the wait: the next turn must not come at once too.
        time.sleep(max(0.0, TURN_MS / 1000 - (time.monotonic() - began_s)))

    def _tell_if_slow(self, turn_s: float) -> None:
        """Say once that turns take so much of the day that answers must come too late."""
        self._turns_s.append(turn_s)
        usual_s = median(self._turns_s)
        speed = self.clock.setting.speed if self.clock.setting else 1.0
        allowed_s = self.playing.player.district.settings.dispatch.acknowledge_s
        enough = len(self._turns_s) == MEASURED
        if self._slow_told or not enough or usual_s * speed <= allowed_s / 2:
            return
        self._slow_told = True
        self.tell("play.too_fast", {
            "turn": f"{usual_s:.2f}", "day": round(usual_s * speed), "allowed": round(allowed_s),
            "speed": f"{max(1.0, allowed_s / 2 / usual_s):.0f}",
        })  # fmt: skip

    def _heard_ms(self, order: Stored, now_ms: int) -> int:
        """When the crew heard it: when it was stored, however late this loop reads it.

        What was told up to the turn before stays told, whatever clock the bus stamps with.
        """
        setting = self.clock.setting
        if setting is None:
            return now_ms
        return min(now_ms, max(self._turned_ms, setting.at_ms(order.stored_ms)))

    def _follow(self) -> None:
        """Take over the newest setting of the clock: somebody may have changed its speed."""
        told = self.playing.player.crews.clock
        if told is not None:
            self.clock.setting = told

    def _set(self, virtual_ms: int, speed: float) -> None:
        self.clock.setting = Setting(virtual_ms, self.clock.wall(), speed)
        self.playing.set_clock(self.clock.setting)

    def _lasting(self, step: Callable[[], None]) -> None:
        """Do it, however often the bus is lost in between, for some minutes."""
        lost_s: float | None = None
        while True:
            try:
                if lost_s is not None:
                    with suppress(BusLost):
                        self.playing.bus.close()
                    self.playing.bus = self.reopen()
                step()
            except (NoStream, StreamGap):
                raise  # waiting would not mend it
            except BusLost as trouble:
                if lost_s is None:
                    lost_s = time.monotonic()
                    self.tell("play.lost", {"seconds": round(GIVE_UP_S)})
                    self.tell(trouble.key, dict(trouble.fields))
                if time.monotonic() - lost_s > GIVE_UP_S:
                    raise
                time.sleep(_AGAIN_S)
            else:
                if lost_s is not None:
                    self.tell("play.back", {"seconds": round(time.monotonic() - lost_s)})
                return
