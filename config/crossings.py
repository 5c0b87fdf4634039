"""Crossings by the names of their streets: 南京西路与石门一路路口, as people write where it was.

Only names that the network has are looked for; what is not found, or may be two places, is said.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.distance import pdist

from config.tables import EdgeRow, NodeRow

TOGETHER_M = 60.0
"""Junctions so near are one crossing: streets of two carriageways meet in four of them."""
APART_M = 250.0
"""Crossings of the same two streets farther from each other are two places."""
NoCrossing = Literal["no_crossing", "two_crossings"]
_BEFORE = frozenset("区县市镇乡省与和及跟同近靠距至到在于由从向往沿进过交口处侧号道、，。；：")
_WORD = re.compile(r"\w")
_WHOLE = r"(?!(?<=[a-z0-9])[a-z0-9])"
"""Where a name ends: S2 is not in S20, nor Park in Parking; after 路 anything may follow."""


class Crossings:
    """The named streets of a network, and the junctions of each."""

    def __init__(self, nodes: Sequence[NodeRow], edges: Iterable[EdgeRow]) -> None:
        """Take the network's rows."""
        self.nodes = nodes
        self._metres = np.array([(row.x_m, row.y_m) for row in nodes]).reshape(-1, 2)
        number = {row.node: at for at, row in enumerate(nodes)}
        self._on: dict[str, list[int]] = {}
        self._written: dict[str, str] = {}
        for edge in edges:
            ends = [number[end] for end in (edge.origin, edge.to) if end in number]
            if edge.section and ends:
                self._on.setdefault(edge.section.casefold(), []).extend(ends)
                self._written.setdefault(edge.section.casefold(), edge.section)
        names = sorted(self._on, key=lambda name: (-len(name), name))
        any_name = "|".join(map(re.escape, names)) if names else r"(?!)"
        self._names = re.compile(f"(?:{any_name}){_WHOLE}")

    def streets(self, text: str) -> list[str]:
        """The streets that a text names, as the network writes them."""
        return [self._written[name] for name in dict.fromkeys(self._streets(text.casefold()))]

    def find(self, text: str) -> int | NoCrossing:
        """The number of the node where the first two streets that a text names meet."""
        streets = list(dict.fromkeys(self._streets(text.casefold())))
        if len(streets) < 2:
            return "no_crossing"
        here, there = (sorted(set(self._on[name])) for name in streets[:2])
        far_m = np.asarray(cKDTree(self._metres[there]).query(self._metres[here])[0])
        least_m = float(np.min(far_m))
        if least_m > TOGETHER_M:
            return "no_crossing"
        met = [at for at, metres in zip(here, far_m.tolist(), strict=True)
               if metres <= least_m]  # fmt: skip
        spots = self._metres[met]
        if pdist(spots).max(initial=0.0) > APART_M:
            return "two_crossings"
        return met[int(np.hypot(*(spots - spots.mean(axis=0)).T).argmin())]

    def _streets(self, text: str) -> Iterable[str]:
        """Known names in a text; what begins or ends inside another word is of a longer name."""
        end = 0
        for found in self._names.finditer(text):
            before = text[found.start() - 1 : found.start()]
            if found.start() == end or before in _BEFORE or not _WORD.match(before):
                yield found[0]
                end = found.end()
