"""Parts that several rows ask for: what is lacking is shared among them as cheaply as may be."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from scheduler.solve.lines.compiled import compiled
from scheduler.solve.lines.rows import FloatArray, IntArray


class Shared(NamedTuple):
    """Rows over parts, for compiled code: what a row lacks, some of its parts must lack.

    Rows and parts fall into clusters that have nothing to do with each other. order: rows, cluster
    by cluster, in each those over single parts first; those of cluster c from `order_from[c]` to
    `order_from[c + 1]`. parts, parts_from: parts likewise. cluster: of each row. least: of each
    row. most, price: of each part: how many may be lacking, and the cost of each. Parts of row r:
    `members[row_from[r] : row_from[r + 1]]`, the cheapest first; rows of part n likewise.
    """

    order: IntArray
    order_from: IntArray
    parts: IntArray
    parts_from: IntArray
    cluster: IntArray
    least: IntArray
    row_from: IntArray
    members: IntArray
    most: IntArray
    price: FloatArray
    part_from: IntArray
    rows: IntArray

    @property
    def clusters(self) -> int:
        """How many."""
        return len(self.order_from) - 1


def shared_of(least: IntArray, most: IntArray, price: FloatArray, rows: Sequence[Sequence[int]]
              ) -> Shared:  # fmt: skip
    """Lay out rows.

    Args:
        least: What each row asks for, shape (rows,).
        most: How many of each part may be lacking, shape (parts,).
        price: Cost of each.
        rows: Parts of each row.
    """
    members = [sorted(parts, key=lambda part: float(price[part])) for parts in rows]
    of_part: list[list[int]] = [[] for _ in most]
    for row, parts in enumerate(members):
        for part in parts:
            of_part[part].append(row)
    row_from, flat = _flat(members)
    owner = np.repeat(np.arange(len(members)), np.diff(row_from))
    size = len(members) + len(most)
    links = coo_array((np.ones(len(flat)), (owner, len(members) + flat)), shape=(size, size))
    count, cluster = connected_components(links, directed=False)
    width = np.diff(row_from)
    own, theirs = cluster[: len(members)].astype(np.int64), cluster[len(members) :]
    order, parts_order = np.lexsort((width, own)), np.argsort(theirs, kind="stable")
    every = np.arange(count + 1)
    return Shared(
        order, np.searchsorted(own[order], every), parts_order,
        np.searchsorted(theirs[parts_order], every), own, least, row_from, flat, most, price,
        *_flat(of_part),
    )  # fmt: skip


def _flat(parts: Sequence[Sequence[int]]) -> tuple[IntArray, IntArray]:
    """Where each part begins, and all parts in a row."""
    begins = np.append(0, np.cumsum([len(part) for part in parts]))
    return begins.astype(np.int64), np.array([n for own in parts for n in own], dtype=np.int64)


@compiled
def share(
    shared: Shared, cluster: int, served: IntArray, lack: IntArray, missing: IntArray
) -> float:
    """What a cluster lacks costs, if its rows are served so often.

    lack, missing: Of all rows and parts; those of the cluster are overwritten, missing is filled.
    """
    begin, end, cost = shared.order_from[cluster], shared.order_from[cluster + 1], 0.0
    for at in range(begin, end):
        lack[shared.order[at]] = shared.least[shared.order[at]] - served[shared.order[at]]
    for at in range(shared.parts_from[cluster], shared.parts_from[cluster + 1]):
        missing[shared.parts[at]] = 0
    for at in range(begin, end):
        row = shared.order[at]
        for place in range(shared.row_from[row], shared.row_from[row + 1]):
            part = shared.members[place]
            more = min(lack[row], shared.most[part] - missing[part])
            if more > 0:
                missing[part] += more
                cost += more * shared.price[part]
                for other in range(shared.part_from[part], shared.part_from[part + 1]):
                    lack[shared.rows[other]] -= more
    return cost


@compiled
def worth_of(shared: Shared, lacks: npt.NDArray[np.bool_], found: FloatArray) -> None:
    """Fill `found`: what one more in each row is worth, the widest rows of a cluster first."""
    paid = np.zeros(len(shared.most), dtype=np.bool_)
    for place in range(len(shared.order) - 1, -1, -1):
        row = shared.order[place]
        good = lacks[row]
        for at in range(shared.row_from[row], shared.row_from[row + 1]):
            good = good and not paid[shared.members[at]]
        if good:
            found[row] = shared.price[shared.members[shared.row_from[row + 1] - 1]]
            for at in range(shared.row_from[row], shared.row_from[row + 1]):
                paid[shared.members[at]] = True
