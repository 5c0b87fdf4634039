"""Squadrons' parts of a district and the posts in them, fitted to where things happened."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from config.importers.mapping import Group
from config.roads import Roads
from config.travel import Travel

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

MOST_CANDIDATES = 250


def squadrons(roads: Roads, weights: FloatArray, groups: Sequence[Group],
              areas: Sequence[str]) -> IntArray:  # fmt: skip
    """Number of the squadron of each node, shape (n,).

    Where the groups list the source's area codes, by these: a node of no listed area goes with
    the nearest that has one. Else the district is halved again and again across its longer axis,
    so that each part has its share of the weight.

    Args:
        roads: The network, n nodes.
        weights: What happened at each node, shape (n,).
        groups: The squadrons.
        areas: The source's area code of each node, "" where unknown.
    """
    if not any(group.areas for group in groups):
        return _halved(roads.x_m, roads.y_m, weights, len(groups))
    number = {area: at for at, group in enumerate(groups) for area in group.areas}
    found = np.array([number.get(area, -1) for area in areas], dtype=np.int64)
    known = np.flatnonzero(found >= 0)
    if not known.size:
        return _halved(roads.x_m, roads.y_m, weights, len(groups))
    for at in np.flatnonzero(found < 0).tolist():
        metres = np.hypot(roads.x_m[known] - roads.x_m[at], roads.y_m[known] - roads.y_m[at])
        found[at] = found[known[int(np.argmin(metres))]]
    return found


def _halved(x_m: FloatArray, y_m: FloatArray, weights: FloatArray, parts: int) -> IntArray:
    """Parts of about equal weight, by recursive bisection; numbered from the north or west."""
    part = np.zeros(len(x_m), dtype=np.int64)
    if parts == 1 or len(x_m) < 2:
        return part
    points = np.column_stack((x_m - x_m.mean(), y_m - y_m.mean()))
    axis = np.linalg.eigh(points.T @ points)[1][:, -1]
    leading = int(np.argmax(np.abs(axis)))
    axis = axis if (axis[leading] > 0) == (leading == 0) else -axis
    order = np.argsort(points @ axis, kind="stable")
    few = parts // 2
    mass = np.cumsum(weights[order] + 1e-9)
    cut = int(np.searchsorted(mass, mass[-1] * few / parts)) + 1
    cut = max(min(few, len(order)), min(cut, len(order) - (parts - few)))
    for chosen, first, count in ((order[:cut], 0, few), (order[cut:], few, parts - few)):
        part[chosen] = first + _halved(x_m[chosen], y_m[chosen], weights[chosen], count)
    return part


def shares(weights: Sequence[float], total: int) -> list[int]:
    """Whole shares of `total`, at least one each, by largest remainder."""
    left = max(0, total - len(weights))
    whole = sum(weights) or 1.0
    exact = [left * weight / whole for weight in weights]
    found = [math.floor(each) for each in exact]
    order = sorted(range(len(weights)), key=lambda at: (found[at] - exact[at], at))
    for at in order[: left - sum(found)]:
        found[at] += 1
    return [each + 1 for each in found]


def posts(travel: Travel, weights: FloatArray, squadron: IntArray, counts: Sequence[int]
          ) -> Mapping[int, list[int]]:  # fmt: skip
    """Nodes of each squadron's posts, the first its station: greedy k-median by driving time.

    Each next post is where the weighted driving time from the nearest post falls most. Candidates
    are the heaviest nodes of the squadron, at most 250.
    """
    found: dict[int, list[int]] = {}
    for number, count in enumerate(counts):
        inside = np.flatnonzero(squadron == number)
        heavy = inside[weights[inside] > 0]
        heavy = heavy if heavy.size else inside
        order = np.argsort(-weights[heavy], kind="stable")
        spread = heavy[order][:MOST_CANDIDATES]
        candidates = np.sort(spread)
        needs = candidates if heavy.size > 4 * MOST_CANDIDATES else heavy
        load = np.maximum(weights[needs], 1e-9)
        times = np.stack([travel.from_ms(int(node))[needs] for node in candidates]).astype(float)
        found[number] = _greedy(times, load, candidates, count)
    return found


def _greedy(times: FloatArray, load: FloatArray, candidates: IntArray, count: int) -> list[int]:
    """The best `count` candidates one by one; `times` has shape (candidates, needs)."""
    nearest = np.full(times.shape[1], np.inf)
    chosen: list[int] = []
    for _ in range(min(count, len(candidates))):
        costs = np.minimum(times, nearest) @ load
        costs[chosen] = np.inf
        best = int(np.argmin(costs))
        chosen.append(best)
        nearest = np.minimum(nearest, times[best])
    return [int(candidates[at]) for at in chosen]
