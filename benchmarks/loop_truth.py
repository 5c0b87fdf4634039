"""The hidden truth of the loop: the sample's, which shifts as its files end.

Beside the ring road that opens three weeks later, from FIRST on a quarter of the commute's calls
come from a new business park, half of the drinking goes on in another street, and lorries drive
by day that drove by night. None of it stands in any file.
"""

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from config.made_tables import HistoryRow
from config.sample.days import HISTORY_DAYS
from config.sample.draws import stream
from config.sample.offences import HALF_YEAR, HALF_YEAR_DAYS, Factor
from config.sample.process import Component
from config.sample.world import World, make_world
from config.sample.write import write_sample
from scheduler.foresight.levels import FloatArray

TODAY, FIRST = date(2026, 11, 24), date(2026, 2, 2)
"""The sample's day; the files end before FIRST, a Monday."""
MOVED = {"commute": 0.25, "bars": 0.5}
"""Of a cause's calls: how much comes from elsewhere since FIRST."""
LORRIES = ("超载", "渣土车违法")
NEW_M, POINT_M = 600.0, 400.0
DRUNK, DRUNK_SHARE = "酒驾醉驾", 0.004
"""The kind that night checks look for; of the drivers who are tested, on the mean."""


def around(world: World, node: int, reach_m: float) -> FloatArray:
    """How much of each node a crew at a node sees, shape (nodes,)."""
    x_m, y_m = np.array(world.town.x_m), np.array(world.town.y_m)
    return np.asarray(np.exp(-((np.hypot(x_m - x_m[node], y_m - y_m[node]) / reach_m) ** 2)))


def shifted(world: World) -> World:
    """The world whose truth is another from FIRST on."""
    span = world.process.span
    later = (np.arange(24 * span.days) >= 24 * span.day(FIRST)).astype(np.float64)
    random = stream(world.seed, "loop")
    places = [int(row.node[1:]) for row in world.places.places]
    parts: list[Component] = []
    moved: dict[str, FloatArray] = {}
    for part in world.process.components:
        share = MOVED.get(part.name, 0.0)
        parts.append(replace(part, when=part.when * (1 - share * later)))
        if share:
            where = around(world, places[int(random.integers(len(places)))], NEW_M)
            moved[part.name] = where / where.sum()
            new = moved[part.name]
            parts.append(Component(part.name, new, part.when * share * later, part.mix))
    committed: list[Factor] = []
    for one in world.offences.committed:
        if one.name == DRUNK:
            share = MOVED["bars"]
            committed.append(replace(one, when=one.when * (1 - share * later)))
            where = moved["bars"] * one.where.sum()
            committed.append(Factor(DRUNK, where, one.when * share * later))
        elif one.name in LORRIES:
            committed.append(
                replace(one, when=np.where(later > 0, np.roll(one.when, 12), one.when))
            )
        else:
            committed.append(one)
    return replace(
        world, process=replace(world.process, components=tuple(parts)),
        offences=replace(world.offences, committed=tuple(committed)),
    )  # fmt: skip


def made(folder: Path, seed: int) -> World:
    """Write a sample district whose files know nothing from FIRST on; its hidden truth."""
    write_sample(folder, seed, TODAY)
    file = folder / HistoryRow.file
    with file.open(encoding="utf-8-sig", newline="") as lines:
        head, *rows = csv.reader(lines)
    at = head.index("at")
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([head, *(r for r in rows if r[at] < FIRST.isoformat())])
    return shifted(make_world(seed, TODAY))


class Truth:
    """What is really committed: by kind, place and hour, on the scale of HALF_YEAR."""

    def __init__(self, world: World) -> None:
        """Scale each kind to its yearly number, as if police stood everywhere alike."""
        self.world = world
        self.parts: list[tuple[int, FloatArray, FloatArray]] = []
        for number, kind in enumerate(HALF_YEAR):
            own = [one for one in world.offences.committed if one.name == kind]
            total = sum(float(one.where.sum() * one.when[: 24 * HISTORY_DAYS].sum()) for one in own)
            scale = HALF_YEAR[kind] * HISTORY_DAYS / HALF_YEAR_DAYS / total
            self.parts += [(number, one.where * scale, one.when) for one in own]
        parts = world.process.components
        bars = [part.where for part in parts if part.name == "bars"]
        self.drink = (1 - MOVED["bars"]) * bars[0] + MOVED["bars"] * bars[1]
        self.traffic = next(part.where for part in parts if part.name == "always")

    def committed(self, first: date, days: int) -> FloatArray:
        """By squadron, hour of the day and kind, over some days, shape (squadrons, 24, kinds)."""
        start = 24 * self.world.process.span.day(first)
        squadron = np.array(self.world.places.squadron)
        found = np.zeros((int(squadron.max()) + 1, 24, len(HALF_YEAR)))
        for number, where, when in self.parts:
            hour = when[start : start + 24 * days].reshape(-1, 24).sum(axis=0)
            found[:, :, number] += np.outer(np.bincount(squadron, where), hour)
        return found

    def drunk_share(self, node: int) -> float:
        """Of the drivers who pass a node by night, those who drank."""
        seen = around(self.world, node, POINT_M)
        ratio = (seen @ self.drink) / (seen @ self.traffic)
        return min(DRUNK_SHARE * float(ratio), 0.5)
