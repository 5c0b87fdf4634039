"""The hidden process: how often, where and when something happens in the made-up town.

A sum of components, each a place weight times an hourly intensity. Each alone is separable,
their sum is not: schools at school hours, bars on nights before days off, rain that strikes fast
roads most, road works that come and go, a ring road that opens half-way through the history and
takes over through traffic. Nothing of the planner is used here, nor may it import this.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray

from config.sample import names
from config.sample.days import HISTORY_DAYS, WEEKS, calendar_days, calendar_start, history_start
from config.sample.draws import stream
from config.sample.places import Places
from config.sample.town import Town

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

VOLUME = {"trunk": 0.0, "primary": 4.0, "secondary": 2.4, "tertiary": 1.2, "residential": 0.45,
          "unclassified": 0.5}  # fmt: skip
"""Traffic by class; the ring's own is a component, since it opens later."""
OPENING_DAY, RAMP_DAYS = HISTORY_DAYS // 2, 21
TAKEN_OVER = 0.45
"""Share of the old roads' through traffic that the ring takes when it is open."""
RAINY_DAYS = (0.12, 0.15, 0.2, 0.26, 0.28, 0.36, 0.46, 0.42, 0.3, 0.2, 0.16, 0.11)
WORKS = 40

_WORKING = (1, 0.6, 0.4, 0.4, 0.6, 1.5, 4, 9, 9, 6, 5, 5, 5, 5, 5, 5.5, 7, 9.5, 8, 5, 4, 3, 2, 1.5)
_RESTING = (
    2,
    1.2,
    0.8,
    0.5,
    0.5,
    0.8,
    1.5,
    2.5,
    4,
    6,
    7,
    7,
    6,
    6,
    6.5,
    7,
    7,
    7,
    6,
    6,
    5,
    4,
    3.5,
    3,
)
_FREIGHT = (4, 4, 4, 4, 5, 6, 6, 5, 4, 4, 4, 4, 3, 4, 4, 4, 4, 4, 4, 5, 6, 6, 5, 5)
_SCHOOL = (0, 0, 0, 0, 0, 0, 1, 9, 2, 0, 0, 1, 2, 1, 0, 3, 8, 4, 0, 0, 0, 0, 0, 0)
_EVENING = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 6, 8, 8)
_SMALL_HOURS = (8, 6, 3, 1, 0.3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
_MARKET = (0, 0, 0, 0, 0, 1, 4, 7, 8, 7, 5, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
_DAYLIGHT = (0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 2, 6, 6, 4, 4, 4, 3, 4, 4, 4, 5, 6, 4, 2, 1, 1, 1, 0.5)
_FLAT = (1,) * 24


@dataclass(frozen=True, slots=True)
class Component:
    """One cause: where (weights of the nodes, sum 1), when (calls an hour), what (a mix's name)."""

    name: str
    where: FloatArray
    when: FloatArray
    mix: str


@dataclass(frozen=True, slots=True)
class Span:
    """The days of the process, hours numbered from the first midnight, local time.

    works: offices open; eve: the next day is off; school: schools open; wet: shape (hours,).
    """

    first: date
    works: BoolArray
    eve: BoolArray
    school: BoolArray
    wet: BoolArray

    @property
    def days(self) -> int:
        """How many days."""
        return len(self.works)

    def day(self, of: date) -> int:
        """Number of a date."""
        return (of - self.first).days

    def hourly(self, profile: Sequence[float], active: ArrayLike, week: float) -> FloatArray:
        """Calls an hour: a day's profile on active days; `week` calls where all seven are."""
        shape = np.asarray(profile, dtype=np.float64)
        day = week / 7 * shape / shape.sum()
        return np.outer(np.asarray(active, dtype=np.float64), day).ravel()


@dataclass(frozen=True, slots=True)
class Process:
    """The truth. `scale` makes the calls what the force can just answer (config.sample.tight)."""

    span: Span
    components: tuple[Component, ...]
    scale: float = 1.0

    def rates(self, first: date, days: int) -> FloatArray:
        """True expected calls per node and hour, shape (nodes, 24 × days), from a date on."""
        start = 24 * self.span.day(first)
        where = np.stack([component.where for component in self.components], axis=1)
        when = [component.when[start : start + 24 * days] for component in self.components]
        return self.scale * where @ np.stack(when)

    def draw(self, first: date, days: int, random: Generator) -> tuple[IntArray, ...]:
        """Calls of some days: (hour since `first`, node, number of the component)."""
        start = 24 * self.span.day(first)
        found = []
        for number, component in enumerate(self.components):
            rate = self.scale * component.when[start : start + 24 * days]
            hours, nodes = draw_from(component.where, rate, random)
            found.append((hours, nodes, np.full(len(hours), number)))
        return tuple(np.concatenate(column) for column in zip(*found, strict=True))


def draw_from(where: FloatArray, when: FloatArray, random: Generator) -> tuple[IntArray, IntArray]:
    """Hours and nodes of a Poisson process with rate where × when."""
    hours = np.repeat(np.arange(len(when)), random.poisson(when))
    ladder = np.cumsum(where)
    nodes = np.searchsorted(ladder, random.random(len(hours)) * ladder[-1], side="right")
    return hours.astype(np.int64), np.minimum(nodes, len(where) - 1).astype(np.int64)


def make_span(seed: int, today: date) -> Span:
    """History, calendar and weather of a district that is made on `today`."""
    first = history_start(today)
    count = (calendar_start(today) - first).days + 7 * WEEKS
    rows = calendar_days(first, count + 1)
    works = np.array([row.kind in ("workday", "in_lieu") for row in rows])
    school = np.array([row.school == "1" for row in rows])
    random = stream(seed, "weather")
    chance = np.array([RAINY_DAYS[row.day.month - 1] for row in rows[:count]])
    starts = np.flatnonzero(random.random(count) < chance)
    wet = np.zeros(24 * count + 48, dtype=np.bool_)
    begin, length = random.integers(0, 24, len(starts)), random.integers(3, 15, len(starts))
    for day, hour, hours in zip(starts, begin, length, strict=True):
        wet[24 * day + hour : 24 * day + hour + hours] = True
    return Span(first, works[:count], ~works[1:], school[:count], wet[: 24 * count])


def opened(span: Span) -> FloatArray:
    """How far the ring road is open on each day, 0 to 1."""
    return np.clip((np.arange(span.days) - OPENING_DAY) / RAMP_DAYS, 0.0, 1.0)


def make_process(seed: int, today: date, town: Town, places: Places) -> Process:
    """The hidden process of a seed, not yet scaled."""
    span = make_span(seed, today)
    random = stream(seed, "process")
    noise = random.gamma(80.0, 1 / 80.0, span.days)
    season = 1.0 + 0.07 * np.sin(2 * np.pi * (np.arange(span.days) + span.first.timetuple().tm_yday
                                              - 200) / 365.25)  # fmt: skip
    busy = np.repeat(noise * season, 24)
    found = [
        Component(part.name, part.where / part.where.sum(), part.when * busy, part.mix)
        for makers in (_town_parts, _road_parts, _special_parts)
        for part in makers(town, places, span, random)
    ]
    return Process(span, tuple(found))


def exposure(town: Town, random: Generator) -> FloatArray:
    """Traffic at each node, with what is peculiar to it."""
    volume = np.zeros(len(town.x_m))
    for tail, head, road_class, _, _ in town.edges:
        volume[tail] += VOLUME[road_class] / 2
        volume[head] += VOLUME[road_class] / 2
    far = np.hypot(np.array(town.x_m), np.array(town.y_m))
    hot: FloatArray = random.lognormal(0.0, 0.7, len(volume))
    return np.asarray(volume * np.exp(-far / 6500.0) * hot, dtype=np.float64)


def near(town: Town, nodes: Sequence[int], reach_m: float) -> FloatArray:
    """Weight that falls off with the distance to some nodes; none on the ring, which opens late."""
    x_m, y_m = np.array(town.x_m), np.array(town.y_m)
    gaps = [np.hypot(x_m - x_m[node], y_m - y_m[node]) for node in nodes]
    weight = sum(np.exp(-((gap / reach_m) ** 2)) for gap in gaps)
    return np.where(np.array(town.kind) == "ring", 0.0, weight)


def _town_parts(town: Town, places: Places, span: Span, random: Generator) -> Iterator[Component]:
    traffic = exposure(town, random)
    centre = traffic * near(town, [int(town.grid[10, 8])], 2500.0)
    rest = ~span.works
    yield Component("commute", traffic, span.hourly(_WORKING, span.works, 420), "urban")
    yield Component("leisure", centre, span.hourly(_RESTING, 0.35 + 0.65 * rest, 330), "urban")
    yield Component("always", exposure(town, random), span.hourly(_FLAT, rest | True, 70), "urban")
    for name, nodes, week in (("school", places.schools, 110), ("village_school",
                              places.village_schools, 22)):  # fmt: skip
        when = span.hourly(_SCHOOL, span.school, week)
        yield Component(name, near(town, nodes, 260.0), when, "school")
    after = np.concatenate(([False], span.eve[:-1]))
    late = span.hourly(_EVENING, 0.15 + span.eve, 70) + span.hourly(_SMALL_HOURS, 0.1 + after, 50)
    yield Component("bars", near(town, places.bars, 420.0) * (traffic + 0.3), late, "night")


def _road_parts(town: Town, places: Places, span: Span, random: Generator) -> Iterator[Component]:
    """Through traffic: on the old roads until the ring opens, then on the ring and its feeders."""
    del places
    count, share = len(town.x_m), opened(span)
    hot = random.lognormal(0.0, 0.7, count)
    old, ring, feeders = np.zeros(count), np.zeros(count), np.zeros(count)
    old[town.section_nodes("栾河路", "中华路", "当代路")] = 1.0
    for radial in town.radials:
        inside = radial.index(next(at for at in radial if at in town.crossings))
        old[radial[:inside]] = 0.6
        feeders[radial[inside + 1 :]] = 1.0
    ring[[at for at, kind in enumerate(town.kind) if kind == "ring"]] = 1.0
    ring[town.crossings] = 4.0
    stays = span.hourly(_FREIGHT, 1.0 - TAKEN_OVER * share, 200)
    yield Component("through", old * hot, stays, "fast")
    yield Component("ring", ring * hot, span.hourly(_FREIGHT, share, 120), "fast")
    yield Component("feeders", feeders * hot, span.hourly(_FREIGHT, 0.5 + 0.5 * share, 60), "fast")
    daylight = span.hourly(_DAYLIGHT, np.ones(span.days), 1)
    wet = span.wet / max(float(span.wet.mean()), 0.01)
    yield Component("rain_fast", feeders + old, wet * daylight * 45, "wet")
    yield Component("rain_ring", ring, wet * daylight * 25 * np.repeat(share, 24), "wet")
    yield Component("rain_town", exposure(town, random), wet * daylight * 50, "wet")
    turns = np.abs(np.diff(span.works.astype(np.int64), append=0)) * _long(span)
    yield Component("exodus", feeders, span.hourly(_RESTING, turns, 300), "fast")
    yield Component("exodus_ring", ring, span.hourly(_RESTING, turns * share, 200), "fast")


def _long(span: Span) -> IntArray:
    """1 on days next to or inside a time off of at least three days."""
    rest = (~span.works).astype(np.int64)
    run = np.convolve(rest, np.ones(3, np.int64))[2:] == 3
    found = np.zeros(span.days, dtype=np.int64)
    for start in np.flatnonzero(run):
        found[max(0, start - 1) : start + 4] = 1
    return found


def _special_parts(town: Town, places: Places, span: Span, random: Generator
                   ) -> Iterator[Component]:  # fmt: skip
    """Village markets every fifth day, and road works."""
    del places
    dates = [span.first + timedelta(days=n) for n in range(span.days)]
    for turn in range(5):
        nodes = [v.nodes[0] for n, v in enumerate(town.villages) if n % 7 == turn]
        active = np.array([day.day % 5 == turn for day in dates])
        when = span.hourly(_MARKET, active, 45)
        yield Component(f"market{turn}", near(town, nodes, 300.0), when, "market")
    sections = [*names.STREETS, *names.AVENUES, *names.RADIALS]
    for number in range(WORKS):
        line = town.section_nodes(sections[int(random.integers(len(sections)))])
        at = int(random.integers(max(1, len(line) - 4)))
        site = np.zeros(len(town.x_m))
        site[line[at : at + 4]] = 1.0
        start = int(random.integers(-60, span.days))
        active = np.zeros(span.days)
        active[max(0, start) : max(0, start + int(random.integers(25, 110)))] = 1.0
        when = span.hourly(_DAYLIGHT, active, float(random.uniform(8, 22)))
        yield Component(f"works{number}", site, when, "works")
