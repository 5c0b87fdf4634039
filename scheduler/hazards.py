"""Hazards 隐患 from `hazards.csv` and from the journal together: found, rectified, verified.

An open one raises the risk of its section until it is rectified; the month's figures count when
it was verified.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from config.district import District
from config.durations import DAY_MS
from config.tables import HazardRow
from config.where import NAMES, spot_of
from events.event import moment_ms, moment_text

RECTIFIED = frozenset(("rectified", "verified"))
REACH_M = 300.0
"""Farther from the network it lies on no section."""
FIRST, LAST = date(1970, 1, 1), date(2199, 12, 31)
"""Days that a calendar can tell: a register has others for "unknown" and for "for ever"."""
Normal = Mapping[str, Any]


@dataclass(slots=True)
class Hazards:
    """Of each its last change as normal data of a `hazard_changed`, with `found`: when it was."""

    known: dict[str, Normal] = field(default_factory=dict)

    @classmethod
    def of(cls, district: District) -> "Hazards":
        """Those of the file. Days without a clock: found as they began, verified as they ended."""

        def at(day: date, later_ms: int = 0) -> str:
            told = min(max(day, FIRST), LAST)
            return moment_text(district.calendar.at_ms(told, time(0)) + later_ms)

        hazards = cls()
        for row in district.hazards:
            told = {"hazard": row.hazard, "kind": row.kind, "junction": row.node}
            hazards.take({**told, "change": "found", "at": at(row.found)})
            if row.verified is not None:
                ended = at(row.verified, DAY_MS - 1)
                hazards.take({**told, "change": "verified", "at": ended})
        return hazards

    def take(self, told: Normal) -> None:
        """A change, unless a later one is known; what it does not say stays as it was."""
        name = str(told["hazard"])
        before = self.known.get(name, {"found": told["at"], "at": told["at"]})
        if moment_ms(str(told["at"])) < moment_ms(str(before["at"])):
            return
        said = {key: value for key, value in told.items() if value is not None}
        if not said.keys().isdisjoint(NAMES):  # one place, not half of each
            before = {key: value for key, value in before.items() if key not in NAMES}
        self.known[name] = {**before, **said}

    def told(self) -> tuple[Normal, ...]:
        """All of them, in the order in which they became known."""
        return tuple(self.known.values())


def hazards_of(district: District, told: Iterable[Normal]) -> tuple[HazardRow, ...]:
    """The rows of the file as reports left them, and one for each that they alone know.

    Args:
        district: Its file, roads and calendar. What lies nowhere in it is left out.
        told: As `Hazards.told` tells them.
    """
    hazards = Hazards.of(district)
    for one in told:
        hazards.take(one)
    rows = {row.hazard: row for row in district.hazards}
    found = ((name, one, _node_of(district, one)) for name, one in hazards.known.items())
    return tuple(
        _row(district, one, node, rows.get(name)) for name, one, node in found if node is not None
    )


def _row(district: District, told: Normal, node: str, row: HazardRow | None) -> HazardRow:
    """A hazard as a row; of one that is not in the file only what its risk is made from."""

    def day(at: object) -> date:
        return district.calendar.local(moment_ms(str(at))).date()

    closed = day(told["at"]) if told["change"] in RECTIFIED else None
    if row is not None:
        return row.model_copy(update={"node": node, "verified": closed})
    return HazardRow.model_construct(
        hazard=told["hazard"], node=node, kind=told.get("kind", "other"),
        found=day(told["found"]), verified=closed,
    )  # fmt: skip


def _node_of(district: District, told: Normal) -> str | None:
    """The junction at which it lies; of one that names only its section that in the middle."""
    roads, spot = district.roads, spot_of(district, told)
    if spot is not None:
        return roads.node_ids[roads.node_of(spot)] if spot.off_m <= REACH_M else None
    edges = [at for at, name in enumerate(roads.edge_section) if name == told.get("section")]
    return roads.node_ids[int(roads.tail[edges[len(edges) // 2]])] if edges else None
