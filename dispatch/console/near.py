"""What a junction is called on the desk where no place is: the number of a node says nothing."""

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from config.near import beside
from config.tables import NodeRow, PlaceRow

Spot = tuple[float, float]
"""Metres east and north."""


@dataclass  # without slots: what is read is kept beside the fields
class Near:
    """Junctions by the nearest place with a name; the network is read when the first is asked."""

    folder: Path
    places: Iterable[PlaceRow]
    _told: dict[str, str | None] = field(default_factory=dict)

    def name(self, node: str) -> str | None:
        """What a node is called; None where that is no node, or nothing has a name."""
        if node not in self._told:
            self._told[node] = self._beside(node)
        return self._told[node]

    def _beside(self, node: str) -> str | None:
        if node not in self._spots or not self._named:
            return None
        x_m, y_m = self._spots[node]
        name, (to_x_m, to_y_m) = min(
            self._named, key=lambda one: math.hypot(x_m - one[1][0], y_m - one[1][1])
        )
        return beside(name, x_m - to_x_m, y_m - to_y_m)

    @cached_property
    def _named(self) -> list[tuple[str, Spot]]:
        return [(row.name, self._spots[row.node]) for row in self.places
                if row.name and row.node in self._spots]  # fmt: skip

    @cached_property
    def _spots(self) -> dict[str, Spot]:
        """Positions alone: a city's rows, checked one by one, would take a second."""
        try:
            with (self.folder / NodeRow.file).open(encoding="utf-8-sig", newline="") as file:
                return {row["node"]: (float(row["x_m"]), float(row["y_m"]))
                        for row in csv.DictReader(file)}  # fmt: skip
        except (OSError, ValueError, KeyError, TypeError, csv.Error):
            return {}  # whoever checks the folder tells of it; the log goes on with ids
