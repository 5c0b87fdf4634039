"""What a solver hands in: known to who asks for it, who need not wait for ortools."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from config.ids import MustArriveId
from scheduler.roster import Roster

Progress = Callable[[float | None, float | None], None]


@dataclass(frozen=True, slots=True)
class Solved:
    """A lawful roster.

    cost: By the rules, weighted by tier. bound: What no roster of these options goes below.
    missed: Points that nobody visits as often as is due, and why.
    contract_least: Points that contracts cost in any roster; None: not worked out.
    prices: Points that one more unit in each half hour saves by the linear program, at most; shape
        (squadrons, slots); None where none is known.
    """

    roster: Roster
    cost: float
    bound: float
    missed: Mapping[MustArriveId, str] = field(default_factory=dict)
    contract_least: int | None = None
    prices: NDArray[np.float64] | None = field(default=None, compare=False)
