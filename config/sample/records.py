"""Draws from the hidden process: 18 months of records, and a day to be played."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from config.coordinates import Frame
from config.made_tables import LiveRow, SightingRow
from config.sample.days import HISTORY_DAYS
from config.sample.draws import stream
from config.sample.duties import WATCHED, made_up_plate, make_watchlist, plate_hash, plate_key
from config.sample.kinds import KINDS, draw_kinds, draw_service_s
from config.sample.offences import CAUSES, HALF_YEAR
from config.sample.places import node_id
from config.sample.process import IntArray
from config.sample.town import Town
from config.sample.world import World
from config.settings import Settings

FloatArray = NDArray[np.float64]
Texts = NDArray[np.object_]

HOUR_S, MS = 3600, 1000
HOUR_ONLY = 0.02
"""Share of records of which only the hour is known."""
UNTIMED = 0.08
"""Share of incidents whose time on scene nobody noted."""
ASIDE_M = 45.0
SIGHTINGS, UNLISTED = 7, 3
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Calls:
    """Drawn incidents, oldest first; all columns have shape (calls,)."""

    at_ms: IntArray
    node: IntArray
    kind: IntArray
    cause: IntArray
    service_s: FloatArray


def _moments(world: World, first: date, hours: IntArray, random: Generator) -> IntArray:
    """Moments inside hours counted from a date's midnight, whole seconds."""
    midnight_s = (first - _EPOCH).days * 24 * HOUR_S
    local_s = midnight_s + hours * HOUR_S + random.integers(0, HOUR_S, len(hours))
    return world.calendar.of_local_ms(local_s * MS)


def draw_calls(world: World, first: date, days: int, random: Generator) -> Calls:
    """Incidents of some days."""
    hours, nodes, causes = world.process.draw(first, days, random)
    at_ms = _moments(world, first, hours, random)
    order = np.lexsort((causes, nodes, at_ms))
    at_ms, nodes, causes = at_ms[order], nodes[order], causes[order]
    mixes = [component.mix for component in world.process.components]
    kinds = draw_kinds(mixes, causes, random)
    return Calls(at_ms, nodes, kinds, causes, draw_service_s(kinds, random))


def spots(town: Town, nodes: IntArray, random: Generator) -> tuple[FloatArray, FloatArray]:
    """Positions on the roads near nodes, nearer to them than to any other node."""
    parts = town.arrays()
    by_tail = np.argsort(parts["tail"], kind="stable")
    count = np.bincount(parts["tail"], minlength=len(town.x_m))
    begin = np.cumsum(count) - count
    pick = begin[nodes] + (random.random(len(nodes)) * count[nodes]).astype(np.int64)
    edge = by_tail[pick]
    east = parts["x"][parts["head"][edge]] - parts["x"][nodes]
    north = parts["y"][parts["head"][edge]] - parts["y"][nodes]
    every = np.column_stack((parts["x"], parts["y"]))
    gap_m = np.asarray(cKDTree(every).query(every, k=2)[0])[:, 1]
    aside_m = random.random(len(nodes)) * np.minimum(0.45 * gap_m[nodes], ASIDE_M)
    share = aside_m / np.hypot(east, north)
    return (np.round(parts["x"][nodes] + share * east, 1),
            np.round(parts["y"][nodes] + share * north, 1))  # fmt: skip


def make_history(world: World) -> pd.DataFrame:
    """All records up to the day before `today`, in the columns of `HistoryRow`, oldest first."""
    random = stream(world.seed, "history")
    first = world.process.span.first
    calls = draw_calls(world, first, HISTORY_DAYS, random)
    hours, nodes, offence = world.offences.draw(HISTORY_DAYS, random)
    names = np.array(list(HALF_YEAR), dtype=object)
    at_ms = np.concatenate((calls.at_ms, _moments(world, first, hours, random)))
    node = np.concatenate((calls.node, nodes))
    seen, blank = len(calls.at_ms), np.full(len(hours), "", dtype=object)
    service_s = np.where(random.random(seen) < UNTIMED, np.nan, calls.service_s)
    x_m, y_m = spots(world.town, node, random)
    coarse = random.random(len(at_ms)) < HOUR_ONLY
    at_ms = np.where(coarse, at_ms - at_ms % (HOUR_S * MS), at_ms)
    ids = np.array([node_id(at) for at in range(len(world.town.x_m))], dtype=object)
    table = pd.DataFrame({
        "at_ms": at_ms, "resolution_min": np.where(coarse, 60, 1),
        "category": np.where(np.arange(len(at_ms)) < seen, "incident", "violation"),
        "kind": np.concatenate((_texts(calls.kind, 0), blank)),
        "severity": np.concatenate((_texts(calls.kind, 1), np.full(len(hours), "none"))),
        "violation": np.concatenate((_blamed(world, calls, random), names[offence])),
        "x_m": x_m, "y_m": y_m, "node": ids[node], "area": _areas(world)[node],
        "service_s": np.concatenate((service_s, np.full(len(hours), np.nan))),
    })  # fmt: skip
    table = table.sort_values(["at_ms", "node", "kind"], kind="stable", ignore_index=True)
    table.insert(0, "id", [f"r{number:06d}" for number in range(1, len(table) + 1)])
    return table


def _texts(kind: IntArray, part: int) -> Texts:
    return np.array([what[part] for what in KINDS], dtype=object)[kind]


def _areas(world: World) -> Texts:
    """The source's own area codes: the squadrons' parts."""
    return np.array(["北片", "南片", "东片", "西片"], dtype=object)[world.places.squadron]


def _blamed(world: World, calls: Calls, random: Generator) -> Texts:
    """The violation that a crash is blamed on; mostly not determined."""
    found = np.full(len(calls.kind), "", dtype=object)
    chance = random.random(len(found))
    crash = _texts(calls.kind, 0) == "crash"
    mixes = np.array([component.mix for component in world.process.components], dtype=object)
    mix = mixes[calls.cause]
    for name, causes in CAUSES.items():
        low = 0.0
        for violation, share in causes.items():
            here = crash & (mix == name) & (chance >= low) & (chance < low + share)
            found[here] = violation
            low += share
    return found


def live_day(world: World, day: date, settings: Settings) -> list[LiveRow]:
    """The incidents of a day to be played, drawn from the same process, in order of time.

    Args:
        world: Of the district.
        day: From `today` to the end of the calendar; earlier days are in the history.
        settings: For the frame and the priorities.
    """
    random = stream(world.seed, f"live {day}")
    calls = draw_calls(world, day, 1, random)
    x_m, y_m = spots(world.town, calls.node, random)
    lon, lat = Frame(settings.crs).to_lonlat(x_m, y_m)
    columns = (calls.at_ms.tolist(), calls.kind.tolist(), lon.tolist(), lat.tolist(),
               calls.service_s.tolist())  # fmt: skip
    rows = []
    for at_ms, kind, east, north, service_s in zip(*columns, strict=True):
        name, severity, _ = KINDS[kind]
        rows.append(LiveRow.model_validate({
            "at": world.calendar.iso(at_ms), "kind": name, "severity": severity,
            "lon": round(east, 6), "lat": round(north, 6), "service_s": service_s,
            "priority": settings.response_to(name, severity).priority,
        }))  # fmt: skip
    return rows


def sightings(world: World, day: date) -> list[SightingRow]:
    """Plates seen at gates on a day: some listed, some that only look like listed ones."""
    random, key = stream(world.seed, f"sightings {day}"), plate_key(world.seed)
    listed = [row for row in make_watchlist(world.seed, world.today)
              if row.until is None or row.until >= day]  # fmt: skip
    seconds = np.sort(random.integers(6 * HOUR_S, 24 * HOUR_S, SIGHTINGS + UNLISTED))
    stranger = random.permutation(SIGHTINGS + UNLISTED) < UNLISTED
    found = []
    for number, (second, unknown) in enumerate(zip(seconds, stranger, strict=True)):
        gate = world.places.gates[int(random.integers(len(world.places.gates)))]
        entry = listed[int(random.integers(len(listed)))]
        plate = made_up_plate(sum(count for _, count in WATCHED) + 1 + number)
        at_ms = world.calendar.of_local_ms([((day - _EPOCH) // timedelta(days=1) * 24 * HOUR_S
                                             + int(second)) * MS])  # fmt: skip
        found.append(SightingRow(
            at=world.calendar.iso(int(at_ms[0])), gate=gate,
            plate_hash=plate_hash(key, plate) if unknown else entry.plate_hash,
            entry=None if unknown else entry.entry,
        ))  # fmt: skip
    return found
