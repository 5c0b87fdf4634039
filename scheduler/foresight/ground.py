"""Where things are, as arrays: smoothing of places, points to stand, sections."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.spatial import cKDTree

from config.district import District
from config.ids import NodeId
from config.travel import UNREACHABLE
from scheduler.foresight.kernels import network_kernel, plane_kernel
from scheduler.foresight.levels import BoolArray, FloatArray, IntArray, weighted
from scheduler.foresight.must_arrive import Points

BANDWIDTH_M = 300.0  # smoothing along the network; in cells it is two of them
MEETS_M = 300.0  # presence is felt so far


def kernel_of(district: District) -> csr_array:
    """Smoothing along the roads, or over two cells where there are none."""
    roads = district.roads
    if roads.edge_ids:
        ends = roads.tail.astype(np.int64), roads.head.astype(np.int64)
        return network_kernel(*ends, roads.length_m, len(roads.node_ids), BANDWIDTH_M)
    cell_m = district.settings.travel.cell_m or BANDWIDTH_M / 2
    return plane_kernel(roads.x_m, roads.y_m, 2.0 * cell_m)


def points_of(district: District) -> Points:
    """Where must-arrive points may be: the district's places, or its nodes when it has none.

    A visit meets the incidents of its own node, and less of others the farther they are.
    """
    roads = district.roads
    names: tuple[str, ...] = tuple(district.places) or tuple(roads.node_ids)
    nodes = nodes_of(district, names)
    everywhere = np.column_stack((roads.x_m, roads.y_m))
    here = everywhere[nodes]
    reach = MEETS_M if roads.edge_ids else 1.0
    far = cKDTree(here).sparse_distance_matrix(cKDTree(everywhere), reach, output_type="coo_matrix")
    covers = coo_array(
        (1.0 - far.data / reach, (far.row, far.col)), shape=(len(names), len(everywhere))
    )
    squadron = district.node_squadron[nodes].astype(np.int64)
    return Points(names, squadron, covers.tocsr(), _drive_min(district)[nodes])


def nodes_of(district: District, places: Sequence[str]) -> IntArray:
    """Nodes of places where points may be: the district's, or nodes themselves; shape (places,)."""
    if district.places:
        return np.array([district.node_of_place(place) for place in places], dtype=np.int64)
    return np.array([district.roads.index[NodeId(place)] for place in places], dtype=np.int64)


def _drive_min(district: District) -> FloatArray:
    """Minutes from the nearest post of its squadron to each node, shape (nodes,).

    Where no post leads nothing is known of the way: it costs nothing.
    """
    best = np.full(len(district.roads.node_ids), float(UNREACHABLE))
    for post in district.posts.values():
        own = district.squadrons.index(district.squadron_of_post(post))
        time_ms = district.travel.from_ms(district.node_of_post(post.post), "patrol")
        best = np.where(district.node_squadron == own, np.minimum(best, time_ms), best)
    return np.where(best < UNREACHABLE, best / 60_000.0, 0.0)


def strict_of(district: District, names: Sequence[str]) -> BoolArray:
    """Which of these sections are strict-control roads 严管路, shape (sections,)."""
    strict = {row.section for row in district.strict_roads}
    return np.array([name in strict for name in names], dtype=bool)


def sections_of(district: District) -> tuple[tuple[str, ...], csr_array, FloatArray, IntArray]:
    """Sections, the share of each node in each, their km, and their open hazards.

    A node belongs to the sections that meet there, in equal parts; the two directions of a
    street are one length.
    """
    roads = district.roads
    names = tuple(sorted({name for name in roads.edge_section if name}))
    order = {name: at for at, name in enumerate(names)}
    nodes = len(roads.node_ids)
    own = np.array([order.get(name or "", -1) for name in roads.edge_section], dtype=np.int64)
    edges = np.flatnonzero(own >= 0)
    once = edges[(roads.twin[edges] < 0) | (edges < roads.twin[edges])]
    length_km = weighted(own[once], roads.length_m[once] / 1000.0, len(names))
    ends = np.concatenate((roads.tail[edges], roads.head[edges]))
    section, node = np.divmod(np.unique(np.tile(own[edges], 2) * nodes + ends), nodes)
    meet = np.bincount(node, minlength=nodes)
    shares = coo_array((1.0 / meet[node], (section, node)), shape=(len(names), nodes)).tocsr()
    hazards = np.zeros(len(names), dtype=np.int64)
    for hazard in district.hazards:
        if hazard.verified is None:
            at = node == roads.index[NodeId(hazard.node)]
            np.add.at(hazards, section[at], 1)
    return names, shares, length_km, hazards
