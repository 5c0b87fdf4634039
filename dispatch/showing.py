"""A day shown: played with its log on the screen, once more by the yardstick, then compared.

The yardstick sends whoever is closest in a straight line; district, rosters, day and seed are
the same. It runs in a process of its own beside the show.
"""

import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Self

from config.district import District, load
from config.errors import Impossible
from config.heard import until
from config.ids import AreaId
from config.words import Say
from dispatch.console.log import Keeper
from dispatch.kpi import Figures
from dispatch.simulate import Instant, On, Simulation, StraightLine, Turner
from events import ports
from events.connect import FILE, embedded
from events.memory import MemoryBus
from events.ports import Bus, Record, Stored
from events.scene import Scene, read_scene
from events.supervise import ended

MakeTurner = Callable[[Bus, District, Instant], Turner]
"""Makes the planner that answers sick calls; picklable, the yardstick has one too."""


@dataclass(frozen=True, slots=True)
class Day:
    """What is played: a day's file of a district; `speed` None: as fast as it goes."""

    folder: Path
    file: Path
    hours: float
    seed: int
    planner: MakeTurner
    speed: float | None = None

    def scene(self, district: District) -> Scene:
        """The day's events."""
        return read_scene(district, self.file, self.hours)


def shown(day: Day, say: Say, echo: Callable[[str], None]) -> tuple[Figures, Figures]:
    """Play the day on the district's own file, the yardstick beside it; the figures of both."""
    district = load(day.folder)
    scene = day.scene(district)
    instant = Instant(scene.start_ms)
    bus = embedded(day.folder / FILE, instant)
    try:
        with _Yardstick(day, Told.of(bus, district.settings.brigade)) as yardstick:
            keeper = Keeper(bus, AreaId(district.settings.brigade), day.folder, say, echo)
            planner = day.planner(bus, district, instant)
            simulation = Simulation(
                district, scene, bus, instant, day.seed, others=(planner, keeper)
            )
            simulation.run(day.speed)
            return simulation.figures(), yardstick.figures()
    finally:
        bus.close()


@dataclass(frozen=True, slots=True)
class Told:
    """What was told before the day: the inbox, and the planner's own frames of what is in it."""

    inbox: tuple[Record, ...]
    plan: tuple[bytes, ...] = ()

    @staticmethod
    def of(bus: Bus, area: str) -> "Told":
        """All of a bus."""
        inbox = (Record(one.value, one.key, one.headers) for one in _all(bus, ports.inbox(area)))
        return Told(tuple(inbox), tuple(one.value for one in _all(bus, ports.plan(area))))

    def onto(self, bus: Bus, area: str) -> None:
        """Tell an empty bus the same."""
        bus.send(ports.inbox(area), self.inbox)
        plan = bus.journal(ports.plan(area))
        for raw in self.plan:
            plan.append(raw, plan.tail())


def _all(bus: Bus, name: str) -> Iterator[Stored]:
    after = ports.before(0)
    while found := bus.read(name, after):
        yield from found
        after = found[-1].position


class _Yardstick:
    """The same day in another process, decided by straight lines."""

    def __init__(self, day: Day, told: Told) -> None:
        context = get_context("spawn")
        self._ours, theirs = context.Pipe(duplex=False)
        # A daemon: whatever happens to the show, it does not outlive it.
        self._process = context.Process(
            target=_measure, args=(day, told, theirs), daemon=True
        )  # fmt: skip

    def __enter__(self) -> Self:
        self._process.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.join()

    def figures(self) -> Figures:
        """What it measured; waits for it.

        Raises:
            Impossible: It ended without: a fault of this program, or somebody ended it.
        """
        until(self._ours.poll)
        try:
            found: Figures = self._ours.recv()
        except EOFError:
            self._process.join()
            raise Impossible("demo.no_yardstick", code=ended(self._process.exitcode or 0)) from None
        return found


def _measure(day: Day, told: Told, answer: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answer.send(straight(day, told))


def straight(day: Day, told: Told) -> Figures:
    """The figures of the day if the closest in a straight line were sent."""
    district = load(day.folder)
    scene = day.scene(district)
    instant = Instant(scene.start_ms)
    bus = MemoryBus(instant)
    told.onto(bus, district.settings.brigade)
    planner = day.planner(bus, district, instant)
    core = On(StraightLine(district))
    simulation = Simulation(district, scene, bus, instant, day.seed, core, (planner,))
    simulation.run(None)
    return simulation.figures()


def report(ours: Figures, straight: Figures, say: Say) -> list[str]:
    """The day in some lines: planned, done, gaps, response, and the yardstick's; what it shows."""
    lines = [
        say("demo.duties", duties=ours.duties, signed=ours.signed_in),
        say(
            "demo.visits", due=ours.visits_due, made=ours.visits_made, missed=ours.visits_missed,
            share=_share(ours.visits_made, ours.visits_due),
        ),
        *([say("demo.proved", count=ours.visits_proved)] if ours.visits_proved else ()),
        say(
            "demo.gaps", waited=ours.waited, calls=len(ours.calls),
            unsigned=ours.duties - ours.signed_in,
        ),
        say("demo.response_head"),
    ]  # fmt: skip
    for key, one in (("ours", ours), ("straight", straight)):
        lines.append(
            say(
                "demo.response", who=say(f"demo.{key}"), median=_clock(one.median_s),
                p90=_clock(one.p90_s), late=one.late, calls=len(one.calls),
                visits=one.visits_made,
            )
        )  # fmt: skip
    lines.append(say("demo.told", ours=_clock(ours.off_s), straight=_clock(straight.off_s)))
    return [*lines, say("demo.fair")]


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "–"


def _clock(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
