"""The half hours of a week: what is needed, covered and told is counted by them, from Monday on."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from config.durations import DAY_MIN

DAYS = 7
SLOT_MIN = 30
SLOTS_A_DAY = DAY_MIN // SLOT_MIN
SLOTS = DAYS * SLOTS_A_DAY
NOON = SLOTS_A_DAY // 2
"""The slot of a day that begins at noon."""
TAIL_SLOTS, ASKED_SLOTS = 24, 12
"""Half hours of the next Monday that Sunday's duties reach, until noon; and that these are asked
to cover, until 06:00. After that the next week covers what is needed, but who is there beyond that
is one too many: else hours that nobody needs would all be worked on Sunday night.
"""


def lasting(slot_min: Sequence[int]) -> NDArray[np.bool_]:
    """Which slots have a length: when clocks go forward, those that the zone skips have none.

    Nobody is needed in a skipped one, and nobody who works on through it is one too many.

    Args:
        slot_min: First minute of each slot, and the end of the last.
    """
    return np.diff(np.array(slot_min)) > 0
