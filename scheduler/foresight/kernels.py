"""Smoothing over space: how an incident at one place speaks for the places around it.

Pure array functions. Apart from the levels, since only who fits patterns needs sparse matrices.
"""

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from scheduler.foresight.levels import FloatArray, IntArray, weighted

REACH = 3.0  # a kernel ends at this many bandwidths
SOURCES = 256  # places whose network distances are held in memory at once


def plane_kernel(x_m: FloatArray, y_m: FloatArray, bandwidth_m: float) -> csr_array:
    """Gaussian smoothing over straight-line distance, shape (places, places).

    Each column sums to 1: an incident is spread over its surroundings, never multiplied.
    """
    points = np.column_stack((x_m, y_m))
    tree = cKDTree(points)
    pairs = tree.query_pairs(REACH * bandwidth_m, output_type="ndarray")
    far = np.linalg.norm(points[pairs[:, 0]] - points[pairs[:, 1]], axis=1)
    return _columns(pairs[:, 0], pairs[:, 1], far, bandwidth_m, len(points))


def network_kernel(
    origin: IntArray, to: IntArray, length_m: FloatArray, places: int, bandwidth_m: float
) -> csr_array:
    """Gaussian smoothing over the distance along roads, both ways, shape (places, places).

    Two carriageways a river apart are near on the map and far on the road.

    Args:
        origin: Tail of each edge, shape (edges,).
        to: Head of each edge.
        length_m: Of each edge; of parallel edges the shortest counts.
        places: How many there are.
        bandwidth_m: Standard deviation of the smoothing.
    """
    order = np.argsort(-length_m, kind="stable")  # the last writer, the shortest, wins below
    lengths = {(int(origin[k]), int(to[k])): float(length_m[k]) for k in order}
    ends = np.array(list(lengths), dtype=np.int64).reshape(-1, 2)
    metres = np.maximum(np.fromiter(lengths.values(), np.float64, len(lengths)), 0.1)
    graph = coo_array((metres, (ends[:, 0], ends[:, 1])), shape=(places, places)).tocsr()
    rows, columns, far = [], [], []
    for first in range(0, places, SOURCES):
        sources = np.arange(first, min(first + SOURCES, places))
        metres = dijkstra(graph, directed=False, indices=sources, limit=REACH * bandwidth_m)
        row, column = np.nonzero(np.isfinite(metres))
        later = column > row + first
        rows.append(row[later] + first)
        columns.append(column[later])
        far.append(metres[row[later], column[later]])
    if not rows:
        return csr_array((0, 0))
    return _columns(
        np.concatenate(rows), np.concatenate(columns), np.concatenate(far), bandwidth_m, places
    )


def _columns(
    one: IntArray, other: IntArray, far: FloatArray, bandwidth_m: float, places: int
) -> csr_array:
    """The kernel of pairs, both ways and with itself, each column scaled to sum to 1."""
    near = np.exp(-0.5 * (far / bandwidth_m) ** 2)
    itself = np.arange(places)
    row, column = np.concatenate((one, other, itself)), np.concatenate((other, one, itself))
    weight = np.concatenate((near, near, np.ones(places)))
    total = weighted(column, weight, places)
    return coo_array((weight / total[column], (row, column)), shape=(places, places)).tocsr()
