"""Fixes on the ground: from what devices say in degrees to places on the network, and tracks."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from config.coordinates import to_wgs84
from config.ids import DeviceId, UnitId
from config.roads import Spot
from dispatch.ground import Ground
from events.live import PositionReported

MOVED_M = 30.0
"""Nearer than this to the last place, a device may only have measured badly."""
AGREEING = 3
"""So many fixes that agree with each other, not with the one before, show that one was wrong."""


@dataclass(frozen=True, slots=True)
class Fix:
    """A fix on the ground. `x_m`, `y_m` as measured, `spot` the nearest on the network."""

    unit: UnitId
    at_ms: int
    device: DeviceId
    x_m: float
    y_m: float
    spot: Spot
    speed_mps: float | None
    steps: int | None


def located(reports: Iterable[PositionReported], ground: Ground) -> list[Fix]:
    """The fixes by their times; coordinates are converted and snapped all at once.

    A point that the district's metric frame does not know (UTM on the other side of the earth)
    is left out.
    """
    told, fixes = list(reports), []
    for crs in sorted({report.crs for report in told}):
        some = [report for report in told if report.crs == crs]
        lon, lat = np.array([one.lon for one in some]), np.array([one.lat for one in some])
        x_m, y_m = ground.district.frame.to_metric(*to_wgs84(lon, lat, crs))
        known = np.isfinite(x_m) & np.isfinite(y_m)
        spots = ground.district.roads.snap_all(x_m[known], y_m[known])
        found = (one for one, good in zip(some, known.tolist(), strict=True) if good)
        places = zip(found, x_m[known].tolist(), y_m[known].tolist(), spots, strict=True)
        fixes += [
            Fix(
                UnitId(report.unit),
                report.at_ms,
                DeviceId(report.device),
                x,
                y,
                spot,
                report.speed_mps,
                report.steps,
            )
            for report, x, y, spot in places
        ]
    return sorted(fixes, key=lambda fix: fix.at_ms)


class Point(NamedTuple):
    """Metres east and north."""

    x_m: float
    y_m: float


@dataclass(frozen=True, slots=True)
class Track:
    """What is kept of a unit's fixes.

    fix: The newest. since_ms: Of the first. anchor: Where the device was last seen to have moved
    to. moved_ms, step_ms: When it last moved, when its step counter last grew. doubted: Fixes at
    an impossible speed that may yet turn out right.
    """

    fix: Fix
    since_ms: int
    anchor: Point
    moved_ms: int | None = None
    step_ms: int | None = None
    moving: bool = False
    doubted: tuple[Fix, ...] = ()

    @property
    def alive_ms(self) -> int:
        """When somebody was last seen to carry the device; at first, when it was first heard of."""
        return max(self.since_ms, self.moved_ms or 0, self.step_ms or 0)

    def stepped_since(self, at_ms: int) -> bool:
        """Whether steps were taken since; a device that counts none cannot say no."""
        return self.fix.steps is None or (self.step_ms is not None and self.step_ms > at_ms)


def followed(before: Track | None, fix: Fix, most_mps: float) -> Track:
    """The track with one more fix, newer than all it has.

    A fix that no unit can have reached is doubted: the track's newest stays. When several doubted
    ones agree, it was the one before that was wrong.
    """
    moves = fix.speed_mps is not None and fix.speed_mps > 0
    fresh = Track(
        fix, fix.at_ms, Point(fix.x_m, fix.y_m), fix.at_ms if moves else None, None, moves
    )
    if before is None:
        return fresh
    if _is_too_far(before.fix, fix, most_mps):
        agree = before.doubted and not _is_too_far(before.doubted[-1], fix, most_mps)
        doubted = (*before.doubted, fix) if agree else (fix,)
        if len(doubted) < AGREEING:
            return replace(before, doubted=doubted)
        return fresh
    far = _metres(before.anchor, fix) > MOVED_M
    counted = fix.steps is not None and before.fix.steps is not None
    stepped = counted and (fix.steps or 0) > (before.fix.steps or 0)
    return Track(
        fix=fix,
        since_ms=before.since_ms,
        anchor=Point(fix.x_m, fix.y_m) if far else before.anchor,
        moved_ms=fix.at_ms if far or moves else before.moved_ms,
        step_ms=fix.at_ms if stepped else before.step_ms,
        moving=moves or (fix.speed_mps is None and far),
    )


def _metres(a: Point | Fix, b: Fix) -> float:
    return float(np.hypot(a.x_m - b.x_m, a.y_m - b.y_m))


def _is_too_far(a: Fix, b: Fix, most_mps: float) -> bool:
    """Whether nobody drives from one fix to the other in the time between, bad measures allowed."""
    return _metres(a, b) - MOVED_M > most_mps * abs(b.at_ms - a.at_ms) / 1000
