"""Makes the load as tight as the force: a slack force proves nothing.

The units that each squadron needs follow from the true rates by Erlang C; the process is scaled
until they are `TIGHT` of what all teams can give in their contract week, and the teams are given
to the squadrons in proportion. Written without the planner's queueing, whose check it is.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import numpy as np
from numpy.typing import NDArray

from config.sample.kinds import KINDS, MIX, SIGMA
from config.sample.process import Process

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

TEAMS, WEEK_H = 60, 40
TIGHT = 0.955
WAITING = 0.2
"""Share of calls that may find no unit free."""
TRAVEL_H, PAPERWORK_H = 0.09, 0.25
LEAST = 2
"""Calls that need two units come at any hour."""
OPERATIONS_H = 2 * 2 * 6.0 + 6.0
"""Team-hours a week of night checks and of the monthly joint operation."""
WEEKS_BACK, HOURS, MOST = 77, 168, 40


def erlang_c(units: int, load: FloatArray) -> FloatArray:
    """Share of calls that find all units busy, by Erlang's sums; load below units."""
    term, total = np.ones_like(load), np.ones_like(load)
    for k in range(1, units):
        term = term * load / k
        total = total + term
    last = term * load / units * units / (units - load)
    return last / (total + last)


@cache
def most_load() -> FloatArray:
    """Largest load that 0, 1, … units answer with at most `WAITING` of the calls waiting."""
    found = [0.0]
    for units in range(1, MOST):
        low, high = np.array([0.0]), np.array([float(units)])
        for _ in range(50):
            middle = (low + high) / 2
            fits = erlang_c(units, middle) <= WAITING
            low, high = np.where(fits, middle, low), np.where(fits, high, middle)
        found.append(float(low[0]))
    return np.array(found)


def work_h(mix: str) -> float:
    """Mean unit-hours of a call: way, scene and paperwork, of all the units it takes."""
    units = [2.0 if what in ("injury", "fatal") or kind == "drink_drive" else 1.0
             for kind, what, _ in KINDS]  # fmt: skip
    scene = [minutes / 60 + PAPERWORK_H for _, _, minutes in KINDS]
    hours = np.array(scene) * np.exp(SIGMA**2 / 2) + TRAVEL_H
    share = np.array(MIX[mix])
    return float((share * units * hours).sum() / share.sum())


def load_of(process: Process, squadron: IntArray, today: date) -> FloatArray:
    """True units busy by squadron and hour of the week, shape (squadrons, 168), at scale 1.

    Of the history, as a planner knows it; calls bind units for the hour and, less, the next two.
    """
    first = today - timedelta(days=today.weekday() + 7 * WEEKS_BACK)
    start = 24 * process.span.day(first)
    load = np.zeros((int(squadron.max()) + 1, HOURS))
    for part in process.components:
        week = part.when[start : start + WEEKS_BACK * HOURS].reshape(-1, HOURS).mean(axis=0)
        week = 0.62 * week + 0.28 * np.roll(week, 1) + 0.1 * np.roll(week, 2)
        share = np.bincount(squadron, weights=part.where, minlength=len(load))
        load += np.outer(share, week * work_h(part.mix))
    return load


def team_hours(load: FloatArray, fixed: IntArray) -> FloatArray:
    """Team-hours a week that each squadron needs, shape (squadrons,).

    Args:
        load: Units busy, shape (squadrons, 168).
        fixed: Units at schools and fixed posts, the same shape.
    """
    units = np.searchsorted(most_load(), load)
    needed = np.maximum(np.maximum(units, LEAST), fixed)
    return np.asarray(needed.sum(axis=1) + OPERATIONS_H / len(load), dtype=np.float64)


def tighten(process: Process, squadron: IntArray, fixed: IntArray, today: date
            ) -> tuple[Process, list[int]]:  # fmt: skip
    """The process scaled to the force, and how many teams each squadron has."""
    load = load_of(process, squadron, today)
    low, high = 0.01, 10.0
    for _ in range(40):
        scale = (low + high) / 2
        fits = team_hours(scale * load, fixed).sum() <= TIGHT * TEAMS * WEEK_H
        low, high = (scale, high) if fits else (low, scale)
    scaled = replace(process, scale=round(low, 6))
    return scaled, share_out(TEAMS, team_hours(low * load, fixed).tolist())


def share_out(count: int, by: Sequence[float]) -> list[int]:
    """So many whole things in proportion, largest remainders first."""
    exact = np.array(by) / sum(by) * count
    whole = np.floor(exact).astype(np.int64)
    whole[np.argsort(whole - exact, kind="stable")[: count - int(whole.sum())]] += 1
    return [int(each) for each in whole]
