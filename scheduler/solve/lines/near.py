"""Which options are little else than others.

Most of a good roster is nearly right: a duty half an hour later, two hours longer, on another day.
"""

from typing import NamedTuple

import numpy as np

from scheduler.solve.lines.moves import Moves
from scheduler.solve.lines.problem import IntArray, Options

SHIFTS = (-1, 1, -2, 2, -3, 3, -4, 4)
"""Steps of the grid by which a duty begins earlier or later; each beside its opposite."""
LENGTHS = 2
"""Other lengths that are near, each with four beginnings."""


class Near(NamedTuple):
    """Options that are little else than each, -1 for none; all of them are later ones of a line.

    shifted: by `SHIFTS`, shape (options, shifts). stretched: of other lengths. longer, shorter: by
    one length, with the same beginning and the same end. on_day: the same on each day. used,
    used_from: all of each day, those of day d from `used_from[d]` on. minutes: of each option.
    """

    shifted: IntArray
    stretched: IntArray
    longer: IntArray
    shorter: IntArray
    on_day: IntArray
    used: IntArray
    used_from: IntArray
    minutes: IntArray


def near(options: Options, moves: Moves) -> Near:
    """Look up what is near each option."""
    used = np.flatnonzero(moves.later == np.arange(options.count))
    keys = np.stack([options.day[used], moves.start_min[used], options.minutes[used]], axis=1)
    at = {(day, start, minutes): n for (day, start, minutes), n in zip(
        keys.tolist(), used.tolist(), strict=True
    )}  # fmt: skip
    lengths, step = sorted(set(keys[:, 2].tolist())), moves.step_min
    shifted, stretched, longer, shorter, on_day = (
        np.full((options.count, size), -1, dtype=np.int64)
        for size in (len(SHIFTS), 4 * LENGTHS, 2, 2, options.days)
    )
    used_from = np.searchsorted(options.day[used], np.arange(options.days + 1))
    found = Near(
        shifted, stretched, longer, shorter, on_day, used, used_from, options.minutes
    )  # fmt: skip
    for (day, start, length), n in at.items():
        found.shifted[n] = [at.get((day, start + by * step, length), -1) for by in SHIFTS]
        others = [(day, start + by, of) for of, by in _others(lengths, length, step)]
        found.stretched[n, : len(others)] = [at.get(other, -1) for other in others]
        rank = lengths.index(length)
        for table, of in (
            (found.longer, lengths[rank + 1 : rank + 2]), (found.shorter, lengths[:rank][-1:]),
        ):  # fmt: skip
            for own in of:
                table[n] = [at.get((day, start + by, own), -1) for by in (0, length - own)]
        found.on_day[n] = [at.get((on, start, length), -1) for on in range(options.days)]
    return found


def _others(lengths: list[int], length: int, step: int) -> list[tuple[int, int]]:
    """Other lengths and by how many minutes each begins later: same beginning, end, middle."""
    nearest = sorted((of for of in lengths if of != length), key=lambda of: abs(of - length))
    found = []
    for of in nearest[:LENGTHS]:
        spare = length - of
        middle = spare // 2 // step * step
        found += [(of, by) for by in (0, spare, middle, spare + (step if spare > 0 else -step))]
    return found
