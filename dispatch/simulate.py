"""A day in one process: the outside world and the engine step by step on a clock of their own.

Nothing waits and nothing depends on this machine's time, so the same district, day and seed give
the same orders. Told a speed, the steps keep pace with the wall clock, for whoever watches.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from config.district import District
from config.ids import AreaId
from config.roads import Spot
from config.travel import Mode
from dispatch import decide
from dispatch.decide import Given, Outcome
from dispatch.ground import Ground
from dispatch.kpi import Figures, figures
from dispatch.recover import Core
from dispatch.service import Engine
from dispatch.state import State
from dispatch.tracks import Tracker
from events.clock import Clock
from events.frame import Frame
from events.journals import accepted
from events.play import Player
from events.playing import Playing
from events.ports import Bus
from events.scene import Scene

STEP_MS = 5_000


class Turner(Protocol):
    """What else lives in that time: the planner, a log."""

    def turn(self) -> bool:
        """One round; whether anything was done."""
        ...


@dataclass(slots=True)
class Instant:
    """The wall time of a simulated day, Unix ms; it moves when it is told to."""

    now_ms: int

    def __call__(self) -> int:
        """What time it is."""
        return self.now_ms


class StraightLine(Ground):
    """The yardstick's ground: who is closest in a straight line seems to be there first."""

    def drive_ms(self, origins: list[Spot], target: Spot, mode: Mode = "incident") -> list[int]:
        """Straight lines at the settings' speed where units are chosen; visits drive as always."""
        if mode != "incident":
            return super().drive_ms(origins, target, mode)
        speed_kmh = self.settings.travel.speed_kmh
        return [round(self.metres(spot, target) * 3600 / speed_kmh) for spot in origins]


@dataclass(frozen=True, slots=True)
class On:
    """The core on a ground of its own, whatever the shell stands on."""

    ground: Ground

    def step(self, state: State, given: Sequence[Given], ground: Ground, now_ms: int) -> Outcome:
        """As `decide.step`."""
        del ground
        return decide.step(state, given, self.ground, now_ms)

    def fold(self, state: State, frame: Frame, ground: Ground) -> State:
        """As `decide.fold`."""
        del ground
        return decide.fold(state, frame, self.ground)

    def next_deadline_ms(self, state: State, ground: Ground) -> int | None:
        """As `decide.next_deadline_ms`."""
        del ground
        return decide.next_deadline_ms(state, self.ground)


@dataclass(slots=True)
class Simulation:
    """A day that is being played. `others` turn after the engine, at every step."""

    district: District
    scene: Scene
    bus: Bus
    instant: Instant
    seed: int = 7
    core: Core = decide
    others: Sequence[Turner] = ()
    engine: Engine = field(init=False)
    playing: Playing = field(init=False)

    def __post_init__(self) -> None:
        """Put the engine and the world on the bus; nothing has happened yet."""
        clock = Clock(wall=self.instant)
        tracker = Tracker(Ground(self.district))
        self.engine = Engine(
            self.bus, self.district, clock, f"simulation/{self.seed}", self.core, tracker,
            cached=False,
        )  # fmt: skip
        player = Player(self.district, self.scene, self.seed)
        self.playing = Playing(player, self.district.settings.brigade, self.bus)
        self._settle()  # the rosters come into force before the day begins
        self.playing.learn(self.instant.now_ms)
        player.wake(self.instant.now_ms)

    def run(self, speed: float | None, told: Callable[[int], None] | None = None) -> None:
        """Play to the end of the scene.

        Args:
            speed: Times as fast as the wall clock at most; None: as fast as it goes.
            told: Called with the moment after every step.
        """
        began_s, start_ms = time.monotonic(), self.instant.now_ms
        while self.instant.now_ms < self.scene.until_ms:
            self.instant.now_ms = min(self.instant.now_ms + STEP_MS, self.scene.until_ms)
            self.playing.turn(self.instant.now_ms)
            self._settle()
            if told is not None:
                told(self.instant.now_ms)
            if speed is not None:
                ahead_s = (self.instant.now_ms - start_ms) / 1000 / speed
                time.sleep(max(0.0, ahead_s - (time.monotonic() - began_s)))

    def _settle(self) -> None:
        """Let everybody react until nobody has anything to do."""
        busy = True
        while busy:
            busy = self.engine.turn()
            for other in self.others:
                busy = other.turn() or busy

    def figures(self) -> Figures:
        """What the day's journal says of it."""
        frames = accepted(self.bus, AreaId(self.district.settings.brigade))
        since_ms, until_ms = self.scene.start_ms, self.scene.until_ms
        usual = self.district.settings.visits
        return figures(frames, self.engine.state, since_ms, until_ms, usual)
