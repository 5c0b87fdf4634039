"""Trials of visits: slots drawn by lot for the weeks ahead, and what the records say afterwards.

A slot is a must-arrive point (place, weekday, window); those pinned by people and night checks
are never left out by lot. An incident counts once, at the slot that covers it most.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from config.calendar import monday_of, week_of_day, window_min
from config.cells import Clock, Id, Text, Weekday
from config.district import District
from config.durations import DAY_MS
from config.errors import BadInput
from config.reading import read_table, write_rows
from config.saved import Saved
from config.tables import Row
from scheduler.foresight.ground import kernel_of, points_of
from scheduler.foresight.history import EPOCH, History, incidents_by_kind
from scheduler.foresight.levels import HOURS, BoolArray, FloatArray, IntArray, weighted
from scheduler.foresight.must_arrive import MustArrive, Points
from scheduler.foresight.patterns import fit
from scheduler.hindsight.effect import Sites, draw

DAY_MIN, WEEK_MIN = 24 * 60, HOURS * 60


class TrialRow(Row):
    """A slot in a week of a trial, and whether it is worked."""

    file: ClassVar = "trial.csv"
    key: ClassVar = ("week", "point")

    week: Text
    point: Id
    place: Id
    squadron: Id
    weekday: Weekday
    window_start: Clock
    window_end: Clock
    worked: Literal["0", "1"]


@dataclass(frozen=True, slots=True)
class Slot:
    """Where and when: minutes of the week from `start_min` up to `end_min`."""

    place: str
    start_min: int
    end_min: int


def slot_of(point: MustArrive) -> Slot:
    """The slot of a must-arrive point."""
    day_min = (point.weekday - 1) * DAY_MIN
    return Slot(point.place, day_min + point.start_min, day_min + point.end_min)


def drawable(district: District, points: Iterable[MustArrive]) -> list[MustArrive]:
    """Points that a lot may leave out, in order of their ids."""
    pinned = {row.id for row in district.must_arrive_fixed}
    free = (point for point in points if point.reason.kind != "night_check")
    return sorted((p for p in free if p.id not in pinned), key=lambda point: point.id)


def write_trial(path: Path, points: Sequence[MustArrive], week: str, weeks: int, seed: int) -> None:
    """Draw by lot and write who is worked in which week.

    Raises:
        ValueError: The weeks are not pairs.
    """
    worked = draw(len(points), weeks, seed)
    monday = monday_of(week)
    rows = [
        TrialRow.model_validate({
            "week": week_of_day(monday + timedelta(weeks=number)), "point": point.id,
            "place": point.place, "squadron": point.squadron, "weekday": point.weekday,
            "window_start": _clock(point.start_min), "window_end": _clock(point.end_min),
            "worked": str(int(worked[row, number])),
        })
        for number in range(weeks) for row, point in enumerate(points)
    ]  # fmt: skip
    write_rows(path, rows, TrialRow, bom=True)


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def read_trial(path: Path) -> tuple[list[Slot], str, BoolArray]:
    """Slots, the first week, and in which weeks each is worked, shape (slots, weeks).

    Raises:
        BadInput: A cell is wrong, or the rows are not each slot once in each of pairs of weeks.
    """
    saved = Saved(TrialRow, str(path))
    table = read_table(path, TrialRow, str(path), saved)
    if table.findings:
        raise BadInput(table.findings)
    names = sorted({row.point for row in table.rows})
    weeks = sorted({row.week for row in table.rows})
    worked = np.full((len(names), len(weeks)), -1)
    slots: dict[str, Slot] = {}
    for row in table.rows:
        start_min, end_min = window_min(row.window_start, row.window_end)
        day_min = (row.weekday - 1) * DAY_MIN
        slots[row.point] = Slot(row.place, day_min + start_min, day_min + end_min)
        worked[names.index(row.point), weeks.index(row.week)] = int(row.worked)
    pairs = worked.reshape(len(names), -1, 2) if len(weeks) % 2 == 0 and weeks else worked
    if pairs.ndim != 3 or not (np.sort(pairs, axis=2) == (0, 1)).all():
        raise BadInput(key="effect.no_pairs", file=path)
    return [slots[name] for name in names], weeks[0], worked == 1


def came_in(
    district: District, history: History, slots: Sequence[Slot], week: str, weeks: int
) -> FloatArray:
    """Incidents of each slot in each week from one on, shape (slots, weeks)."""
    points = points_of(district)
    rows = {name: row for row, name in enumerate(points.place)}
    known = history.where((history.place >= 0) & (history.kind >= 0) & history.hour_known)
    local_ms = district.calendar.local_ms(known.at_ms)
    minute = (local_ms - (monday_of(week) - EPOCH).days * DAY_MS) // 60_000
    best, own = np.zeros(len(known)), np.full(len(known), -1)
    number = np.zeros(len(known), dtype=np.int64)
    for at, slot in enumerate(slots):
        share = points.covers[[rows[slot.place]]].toarray().ravel()[known.place]
        since = minute - slot.start_min
        inside = (since >= 0) & (since < weeks * WEEK_MIN)
        inside &= (since % WEEK_MIN < slot.end_min - slot.start_min) & (share > best)
        best[inside], own[inside] = share[inside], at
        number[inside] = since[inside] // WEEK_MIN
    counted = own >= 0
    flat = own[counted] * weeks + number[counted]
    size = len(slots) * weeks
    return weighted(flat, np.ones(len(flat)), size).reshape(len(slots), weeks)


def _near(points: Points, row: int) -> IntArray:
    """Nodes whose incidents a visit meets, more than not at all."""
    return np.flatnonzero(points.covers[[row]].toarray().ravel() > 0)


def expected_weekly(
    district: District, history: History, slots: Sequence[Slot], week: str
) -> float:
    """Incidents a week to be expected in the slots, from the records before the trial."""
    known = history.before(district.calendar.week_start_ms(week))
    days, incidents = incidents_by_kind(known, district.calendar)
    patterns = fit(tuple(district.roads.node_ids), days, incidents, kernel_of(district))
    points = points_of(district)
    rows = {name: row for row, name in enumerate(points.place)}
    inside = np.zeros((len(patterns.places), HOURS), dtype=bool)
    for slot in slots:
        near = _near(points, rows[slot.place])
        hours = np.arange(slot.start_min // 60, -(-slot.end_min // 60)) % HOURS
        inside[np.ix_(near, hours)] = True
    return float(sum(pattern.rates()[inside].sum() for pattern in patterns.kinds))


def sites_of(district: District, history: History, places: Iterable[str], since_ms: int) -> Sites:
    """All nodes before and after a moment; visited are those that a visit to the places meets."""
    points = points_of(district)
    rows = {name: row for row, name in enumerate(points.place)}
    visited = np.zeros(len(district.roads.node_ids), dtype=bool)
    for place in set(places):
        visited[_near(points, rows[place])] = True
    known = history.where((history.place >= 0) & (history.kind >= 0))
    before, after = (
        weighted(known.place[side], np.ones(int(side.sum())), len(visited))
        for side in (known.at_ms < since_ms, known.at_ms >= since_ms)
    )
    return Sites(before, after, visited)
