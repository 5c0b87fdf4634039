"""Places by the names of streets: 南京西路与石门一路路口, or G312国道K123+400, as people write.

Only names that the network has are looked for; what is not found, or may be two places, is said.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.distance import pdist

from config.km_posts import KmPosts
from config.road_names import RoadNames, plain
from config.tables import EdgeRow, NodeRow, PlaceRow

TOGETHER_M = 60.0
"""Junctions so near are one crossing: streets of two carriageways meet in four of them."""
APART_M = 250.0
"""Crossings of the same two streets farther from each other are two places."""
NoCrossing = Literal["no_crossing", "two_crossings"]


@dataclass(frozen=True, slots=True)
class Located:
    """Where a text says that something was.

    node: Number of the node; None where it is not known.
    how: `crossing` or `km_post`; else why it is not known.
    known: Of a post beyond the road's: which there are.
    """

    node: int | None
    how: str
    known: str = ""


class Crossings:
    """The named streets of a network, the junctions of each, and its km posts."""

    def __init__(self, nodes: Sequence[NodeRow], edges: Iterable[EdgeRow],
                 places: Iterable[PlaceRow] = ()) -> None:  # fmt: skip
        """Take the network's rows, and the places of which some are km posts."""
        self.nodes = nodes
        self._metres = np.array([(row.x_m, row.y_m) for row in nodes]).reshape(-1, 2)
        self._number = {row.node: at for at, row in enumerate(nodes)}
        written: dict[str, list[int]] = {}
        for edge in edges:
            ends = [self._number[end] for end in (edge.origin, edge.to) if end in self._number]
            if edge.section and ends:
                written.setdefault(edge.section, []).extend(ends)
        self._names = RoadNames(written)
        self._on: dict[str, list[int]] = {}
        for name, ends in written.items():
            self._on.setdefault(plain(name), []).extend(ends)
        self._posts = KmPosts(places, written)

    def streets(self, text: str) -> list[str]:
        """The streets that a text names, as the network writes them."""
        return [self._names.written[name] for name in self._streets(text)]

    def locate(self, text: str) -> Located:
        """Where the streets that a text names cross, else at the km post that it names."""
        crossing = self.find(text)
        if isinstance(crossing, int):
            return Located(crossing, "crossing")
        post = self._posts.find(text)
        if post is None:
            return Located(None, crossing)
        if post.section is None:
            return Located(None, "no_km_posts")
        at = None if post.row is None else self._number.get(post.row.node)
        return Located(None, "beyond_posts", post.known()) if at is None else Located(at, "km_post")

    def find(self, text: str) -> int | NoCrossing:
        """The number of the node where the first two streets that a text names meet."""
        streets = self._streets(text)
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

    def _streets(self, text: str) -> list[str]:
        """Known names in a text, each once, as `plain` spells them."""
        return list(dict.fromkeys(name for _, name in self._names.within(plain(text))))
