"""Which open incident was reported before another, of the same kind, near in place and time."""

import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from heapq import merge

from config.ids import IncidentId
from config.roads import Spot
from dispatch.ground import Ground
from dispatch.state import Incident
from events.decisions import LonLat

Incidents = Mapping[IncidentId, Incident]
_Told = tuple[Spot, LonLat | None]
"""Where an incident is: its spot, and the point that was told if that lies off it."""


def would_be_left(incident: Incident, into: Incident) -> bool:
    """Whether units go to an incident that, merged into a held one, nobody goes to any more."""
    return into.held and not incident.held and incident.spot is not None


class Twins:
    """Lives inside one step, in which no incident is added: an index of those at its start.

    A long night has thousands of incidents open. Looked at are only those near in time, the
    nearest first, so that the first one near in place is the answer.
    """

    def __init__(self, incidents: Incidents, ground: Ground) -> None:
        """Index the incidents, which are in the order in which they came."""
        self._ground = ground
        self._turn = {one: turn for turn, one in enumerate(incidents)}
        self._moments: dict[str, dict[int, list[IncidentId]]] = {}
        for one in incidents.values():
            if one.spot is not None and one.closed is None:
                moments = self._moments.setdefault(one.kind, {})
                moments.setdefault(one.reported_ms, []).append(one.id)
        for moments in self._moments.values():
            for same in moments.values():
                same.sort()
        self._sorted = {kind: sorted(moments) for kind, moments in self._moments.items()}
        self._wheres: dict[_Told, tuple[float, float]] = {}

    def of(self, incident: Incident, incidents: Incidents) -> IncidentId | None:
        """The one nearest in time of those that came before and are open; of equals the lowest id.

        Args:
            incident: Indexed; reported in this step.
            incidents: As they are by now: earlier answers of the step may have closed some.
        """
        if incident.spot is None:
            return None
        turn = self._turn[incident.id]
        for other_id in self._outward(incident):
            other = incidents.get(other_id)
            if (
                other is not None and other.spot is not None and other.closed is None
                and self._turn[other_id] < turn
                and self._near((other.spot, other.point), (incident.spot, incident.point))
            ):  # fmt: skip
                return other_id
        return None

    def _outward(self, incident: Incident) -> Iterator[IncidentId]:
        """Those of its kind within the time of the rule, the nearest first, equals by id."""
        moments = self._moments.get(incident.kind, {})
        known: Sequence[int] = self._sorted.get(incident.kind, ())
        at_ms, limit_ms = (
            incident.reported_ms,
            self._ground.settings.dispatch.duplicate_min * 60_000,
        )
        right = bisect_left(known, at_ms)
        left = right - 1
        while True:
            gaps = [at_ms - known[left]] if left >= 0 else []
            gaps += [known[right] - at_ms] if right < len(known) else []
            gap = min(gaps, default=limit_ms + 1)
            if gap > limit_ms:
                return
            same: list[list[IncidentId]] = []
            if left >= 0 and at_ms - known[left] == gap:
                same.append(moments[known[left]])
                left -= 1
            if right < len(known) and known[right] - at_ms == gap:
                same.append(moments[known[right]])
                right += 1
            yield from merge(*same)

    def _near(self, a: _Told, b: _Told) -> bool:
        """Whether two are within the metres of the rule; most are plainly not."""
        limit_m = self._ground.settings.dispatch.duplicate_m
        (ax, ay), (bx, by) = self._where(a), self._where(b)
        if abs(ax - bx) > limit_m or abs(ay - by) > limit_m:
            return False
        return math.hypot(ax - bx, ay - by) <= limit_m

    def _where(self, told: _Told) -> tuple[float, float]:
        found = self._wheres.get(told)
        if found is None:
            found = self._wheres[told] = self._ground.where(*told)
        return found
