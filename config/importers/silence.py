"""Years of which a history has no record: nobody recorded; they were not years without incidents.

One record with a wrong date, often 1970-01-01, would else make all others rare.
"""

import numpy as np
from numpy.typing import NDArray

SILENCE_DAYS = 366


def stretches(day: NDArray[np.int64]) -> list[tuple[int, int]]:
    """First and last day of each stretch of a history that no year of silence parts, oldest first.

    Args:
        day: The day of each record, as a number, in any order; at least one.
    """
    seen = np.unique(day)
    after = np.flatnonzero(np.diff(seen) > SILENCE_DAYS) + 1
    parts = np.split(seen, after)
    return [(int(part[0]), int(part[-1])) for part in parts]
