"""The hidden process of violations: committed where traffic is, recorded where police stand.

What is committed is place × hour by kind; what is recorded is that times presence, so the
records tell of the patrols as much as of the drivers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from config.sample.draws import stream
from config.sample.places import Places
from config.sample.process import Process, draw_from, exposure, near, opened
from config.sample.town import Town

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

HALF_YEAR_DAYS = 182.625
HALF_YEAR: Mapping[str, int] = {
    "抛洒遗漏": 184, "渣土车违法": 136, "混凝土搅拌车违法": 146, "酒驾醉驾": 388, "超载": 62,
    "超速": 740, "疲劳驾驶": 58, "逾期未检验": 500, "未戴头盔": 2600, "非标电动车": 3600,
}  # fmt: skip
"""Records in half a year: the brigade's own figures where it has them, else of their order."""
CAUSES: Mapping[str, Mapping[str, float]] = {
    "urban": {"未按规定让行": 0.2, "闯红灯": 0.08, "未戴头盔": 0.06, "超速": 0.05},
    "fast": {"超速": 0.2, "疲劳驾驶": 0.12, "超载": 0.08, "抛洒遗漏": 0.05},
    "school": {"未按规定让行": 0.25, "未戴头盔": 0.12, "非标电动车": 0.1},
    "night": {"酒驾醉驾": 0.4, "超速": 0.12},
    "wet": {"超速": 0.25, "未按规定让行": 0.12},
    "works": {"未按规定让行": 0.2, "渣土车违法": 0.08},
    "market": {"未按规定让行": 0.2, "非标电动车": 0.15},
}
"""Share of crashes by cause that a violation is blamed for; the rest is not determined."""


@dataclass(frozen=True, slots=True)
class Factor:
    """A place weight (nodes,) and an intensity by hour of the span."""

    name: str
    where: FloatArray
    when: FloatArray


@dataclass(frozen=True, slots=True)
class Offences:
    """The truth of violations: what is committed by kind, and where police stand when."""

    committed: tuple[Factor, ...]
    presence: tuple[Factor, ...]

    def rates(self, kind: str) -> FloatArray:
        """Committed in a mean week up to a constant, shape (nodes, 168)."""
        own = [factor for factor in self.committed if factor.name == kind]
        weeks = len(own[0].when) // 168
        hours = [one.when[: 168 * weeks].reshape(-1, 168).mean(axis=0) for one in own]
        where = np.stack([one.where for one in own], axis=1)
        return np.asarray(where @ np.stack(hours), dtype=np.float64)

    def seen(self, kind: str, days: int) -> list[tuple[FloatArray, FloatArray]]:
        """Expected records of the first days: place weights × calls an hour, part by part."""
        parts = [
            (one.where * there.where, (one.when * there.when)[: 24 * days])
            for one in self.committed if one.name == kind for there in self.presence
        ]  # fmt: skip
        total = sum(float(where.sum() * when.sum()) for where, when in parts)
        scale = HALF_YEAR[kind] * days / HALF_YEAR_DAYS / total
        return [(where, when * (float(where.sum()) * scale)) for where, when in parts]

    def draw(self, days: int, random: Generator) -> tuple[IntArray, IntArray, IntArray]:
        """Records of the first days of the span: (hour, node, number of the kind)."""
        found = []
        for number, kind in enumerate(HALF_YEAR):
            for where, when in self.seen(kind, days):
                hours, nodes = draw_from(where, when, random)
                found.append((hours, nodes, np.full(len(hours), number)))
        hours, nodes, kinds = (np.concatenate(column) for column in zip(*found, strict=True))
        return hours, nodes, kinds


def make_offences(seed: int, town: Town, places: Places, process: Process,
                  posts: list[int]) -> Offences:  # fmt: skip
    """The violations of a seed; `posts` are nodes where units wait."""
    random = stream(seed, "offences")
    named = {part.name: part for part in process.components}
    return Offences(
        tuple(_committed(town, process, random)),
        tuple(_presence(town, places, process, posts, named["bars"].where)),
    )


def _hours(process: Process, *spans: tuple[int, int]) -> FloatArray:
    """1 inside the daily spans of hours, 0.1 outside, for all hours of the span."""
    hour = np.arange(24 * process.span.days) % 24
    inside = np.zeros(len(hour), dtype=np.bool_)
    for start, end in spans:
        inside |= (start <= hour) & (hour < end) if start < end else (hour >= start) | (hour < end)
    return np.where(inside, 1.0, 0.1)


def _committed(town: Town, process: Process, random: Generator) -> Iterator[Factor]:
    parts = {part.name: part for part in process.components}
    count = len(town.x_m)
    share = np.repeat(opened(process.span), 24)
    heavy = (parts["through"].where + parts["feeders"].where) * random.lognormal(0, 0.4, count)
    local = exposure(town, random) ** 0.5 * random.lognormal(0, 0.6, count)
    dry = np.where(process.span.wet, 0.6, 1.0)
    works = sum(part.where for name, part in parts.items() if name.startswith("works")) + heavy
    yield Factor("抛洒遗漏", heavy, _hours(process, (5, 11), (20, 24)))
    yield Factor("渣土车违法", works, _hours(process, (20, 5)))
    yield Factor("混凝土搅拌车违法", works, _hours(process, (6, 19)))
    yield Factor("酒驾醉驾", parts["bars"].where, parts["bars"].when)
    open_road = parts["feeders"].where
    for name, where, spans in (
        ("超载", heavy, ((22, 6),)),
        ("超速", open_road, ((9, 16), (21, 3))),
        ("疲劳驾驶", open_road, ((1, 6), (13, 15))),
    ):
        hours = _hours(process, *spans)
        yield Factor(name, where, hours)
        yield Factor(name, parts["ring"].where, hours * share)  # nobody drives there before
    yield Factor("逾期未检验", exposure(town, random), _hours(process, (8, 19)))
    yield Factor("未戴头盔", local, _hours(process, (6, 9), (11, 13), (16, 19)) * dry)
    yield Factor("非标电动车", local, _hours(process, (6, 20)) * dry)


def _presence(town: Town, places: Places, process: Process, posts: list[int], bars: FloatArray
              ) -> Iterator[Factor]:  # fmt: skip
    """Around posts by day, at schools in the morning, on strict roads, at the night checks."""
    span = process.span
    hour = np.arange(24 * span.days) % 24
    day = np.where((hour >= 7) & (hour < 20), 1.0, 0.25)
    strict = np.zeros(len(town.x_m))
    strict[town.section_nodes("栾河路", "当代路")] = 1.0
    school = np.repeat(span.school, 24) & np.isin(hour, (7, 8, 16, 17))
    weekday = np.repeat(np.array([(span.first.weekday() + n) % 7 for n in range(span.days)]), 24)
    night = (np.isin(weekday, (4, 5)) & (hour >= 21)) | (np.isin(weekday, (5, 6)) & (hour < 3))
    yield Factor("everywhere", np.full(len(town.x_m), 0.03), day)
    yield Factor("posts", near(town, posts, 650.0), day)
    yield Factor("strict", strict, day)
    yield Factor("schools", 2.0 * near(town, places.schools, 250.0), school.astype(np.float64))
    yield Factor("night_check", 40.0 * bars / bars.max(), night.astype(np.float64))
