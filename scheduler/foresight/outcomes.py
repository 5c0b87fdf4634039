"""What became of calls: how many of a kind took a unit, those that proved false among them.

A plan answers each call with its response plan; what is settled by video, put off or called off
on the telephone binds nobody, and what turns out to be nothing has bound a unit all the same.
Pure: rows in, shares out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import compress
from typing import Any

import numpy as np

from scheduler.foresight.levels import BoolArray, IntArray

DOUBT_CALLS = 20.0
"""Calls of a kind and severity after which their own share counts as much as that all take one."""


def _none() -> BoolArray:
    return np.zeros(0, dtype=np.bool_)


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """Calls that are over, as columns of shape (calls,).

    call: Kind and severity of each. ended_ms: When it was over, Unix ms. was: Whether there was
    anything. answered: Whether a unit was there for it.
    """

    call: tuple[tuple[str, str], ...] = ()
    ended_ms: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    was: BoolArray = field(default_factory=_none)
    answered: BoolArray = field(default_factory=_none)

    def before(self, at_ms: int) -> "Outcomes":
        """What was over before a moment."""
        known = self.ended_ms < at_ms
        return replace(
            self, call=tuple(compress(self.call, known)), ended_ms=self.ended_ms[known],
            was=self.was[known], answered=self.answered[known],
        )  # fmt: skip

    def weight(self, kind: str, severity: str) -> float:
        """Calls that take a unit ÷ incidents of a kind and severity, drawn to 1.

        Of a severity alone: that scratches are settled by video says nothing of the badly hurt.
        """
        own = np.array([one == (kind, severity) for one in self.call], dtype=bool)
        answered, were = (int(mask[own].sum()) for mask in (self.answered, self.was))
        return (answered + DOUBT_CALLS) / (were + DOUBT_CALLS)


def outcomes_of(told: Iterable[Mapping[str, Any]]) -> Outcomes:
    """What `scheduler.happened` tells of calls that are over, as columns."""
    rows = [*told]
    return Outcomes(
        tuple((str(one["kind"]), str(one["severity"])) for one in rows),
        np.array([one["ended_ms"] for one in rows], dtype=np.int64),
        *(np.array([one[name] for one in rows], dtype=np.bool_) for name in ("was", "answered")),
    )
