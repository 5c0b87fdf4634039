"""Km posts of an OpenStreetMap extract: nodes `highway=milestone` with `distance` or `pk`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from config.km_posts import post_text, read_km
from config.tables import PlaceRow

if TYPE_CHECKING:
    from config.importers.osm import Way

BESIDE_M = 100.0
"""A post so near to a point of a road that has a name stands at that road."""


@dataclass(frozen=True, slots=True)
class Milestone:
    """A node that says at which kilometre it stands; on a way, or beside it."""

    node: str
    km: float


def milestone(node: str, tags: Mapping[str, str]) -> Milestone | None:
    """The km post that a node is; None where it is none, or does not say its kilometre."""
    if tags.get("highway") != "milestone":
        return None
    km = read_km(tags.get("distance") or tags.get("pk") or "")
    return None if km is None else Milestone(node, km)


def km_posts(
    stones: Iterable[Milestone], ways: Sequence["Way"], metres: Mapping[str, tuple[float, float]]
) -> list[PlaceRow]:
    """Places at the points of named ways where km posts stand: ways are to be cut there.

    Args:
        stones: All that the extract has.
        ways: Those that are driven.
        metres: East and north of each node, of posts and of ways.
    """
    section = {node: way.section for way in ways if way.section for node in way.nodes}
    shape = [node for node in section if node in metres]
    if not shape:
        return []
    tree = cKDTree(np.array([metres[node] for node in shape]))
    found: dict[tuple[str, float], PlaceRow] = {}
    for stone in stones:
        if stone.node not in metres:
            continue
        far_m, at = tree.query(metres[stone.node])
        name = str(section[shape[at]])
        if far_m <= BESIDE_M:
            found.setdefault((name, stone.km), PlaceRow(
                place=f"K{stone.node}", kind="km_post", node=f"n{shape[at]}",
                name=f"{name}{post_text(stone.km)}", km=stone.km, section=name,
            ))  # fmt: skip
    return list(found.values())
