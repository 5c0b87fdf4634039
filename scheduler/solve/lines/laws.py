"""Laws as small automata: what is remembered from day to day, and which options may come next.

Every term reads a line day by day. It has codes 0 … size - 1, begins in `start`, and says the
next code for each code and kind of option (OFF: a day off), or DEAD. Runs that touch the edges of
the horizon count as long enough; before the first day lies a day off.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]

DEAD = -1


class Term(Protocol):
    """One condition on a line."""

    @property
    def size(self) -> int:
        """Number of codes."""

    @property
    def start(self) -> int:
        """Code before the first day."""

    def step(self, day: int, codes: IntArray, kinds: IntArray) -> IntArray:
        """Next codes or DEAD, shape (codes, kinds), for a day's kinds (OFF among them)."""


def _each(codes: IntArray, kinds: IntArray) -> tuple[IntArray, IntArray]:
    """Both as arrays of shape (codes, kinds)."""
    shape = (len(codes), len(kinds))
    return np.broadcast_to(codes[:, None], shape), np.broadcast_to(kinds[None, :], shape)


@dataclass(frozen=True)
class Succession:
    """Which kinds may follow which on the next day. allowed: rows of followers, by kind."""

    allowed: tuple[tuple[bool, ...], ...]

    @property
    def _classes(self) -> tuple[IntArray, IntArray]:
        """Distinct rows, and the row of each kind: kinds with the same followers are one."""
        table = np.array(self.allowed, dtype=np.int64).reshape(len(self.allowed), -1)
        found, number = np.unique(table, axis=0, return_inverse=True)
        return found, number.reshape(-1).astype(np.int64)

    @property
    def size(self) -> int:
        """A code for each class of kinds, and one for a day off."""
        return len(self._classes[0]) + 1

    @property
    def start(self) -> int:
        """After a day off."""
        return 0

    def step(self, day: int, codes: IntArray, kinds: IntArray) -> IntArray:  # noqa: ARG002
        """Remember the last kind's followers."""
        rows, number = self._classes
        code, kind = _each(codes, kinds)
        ok = (kind < 0) | (code == 0) | (rows[code - 1, kind] > 0)
        return np.where(ok, np.where(kind < 0, 0, number[kind] + 1), DEAD)


@dataclass(frozen=True)
class WorkRun:
    """Least and most days worked in a row. Codes: 0 off; then two a length: too short, enough."""

    least: int
    most: int

    @property
    def size(self) -> int:
        """The last code is the edge before the first day."""
        return 2 * self.most + 2

    @property
    def start(self) -> int:
        """At the edge."""
        return self.size - 1

    def step(self, day: int, codes: IntArray, kinds: IntArray) -> IntArray:  # noqa: ARG002
        """Count the days; a run that begins at the edge is long enough."""
        code, kind = _each(codes, kinds)
        edge = code == self.start
        length = np.where(edge | (code == 0), 0, (code + 1) // 2) + 1
        enough = edge | ((code > 0) & (code % 2 == 0)) | (length >= self.least)
        more = np.where(length <= self.most, 2 * length - 1 + enough, DEAD)
        rest = np.where((code % 2 == 1) & ~edge, DEAD, 0)
        return np.where(kind >= 0, more, rest)


@dataclass(frozen=True)
class OffRun:
    """Least days off in a row. Codes: 0 at work, then days off so far, up to the least."""

    least: int

    @property
    def size(self) -> int:
        """Days off beyond the least need no telling apart."""
        return max(1, self.least) + 1

    @property
    def start(self) -> int:
        """A run at the edge is long enough."""
        return self.size - 1

    def step(self, day: int, codes: IntArray, kinds: IntArray) -> IntArray:  # noqa: ARG002
        """Work may begin after enough days off."""
        code, kind = _each(codes, kinds)
        rest = np.minimum(code + 1, self.size - 1)
        work = np.where((code == 0) | (code == self.size - 1), 0, DEAD)
        return np.where(kind >= 0, work, rest)


@dataclass(frozen=True)
class KindRun:
    """Most days in a row with one of some kinds. counted: by kind."""

    counted: tuple[bool, ...]
    most: int

    @property
    def size(self) -> int:
        """A code a length."""
        return self.most + 1

    @property
    def start(self) -> int:
        """None yet."""
        return 0

    def step(self, day: int, codes: IntArray, kinds: IntArray) -> IntArray:  # noqa: ARG002
        """Count, or begin anew."""
        code, kind = _each(codes, kinds)
        more = np.where(code < self.most, code + 1, DEAD)
        return np.where((kind >= 0) & np.array(self.counted)[kind], more, 0)


@dataclass(frozen=True)
class OffTogether:
    """Any `within` days of the horizon hold `together` days off in a row.

    Codes: (days since the last such days off ended, shifted) × (days off so far).
    """

    together: int
    within: int

    @property
    def size(self) -> int:
        """Both parts."""
        return (self.within + 1) * (self.together + 1)

    @property
    def start(self) -> int:
        """The first window to be kept ends on day `within` - 1."""
        return 0

    def step(self, day: int, codes: IntArray, kinds: IntArray) -> IntArray:  # noqa: ARG002
        """Count the days since; enough days off set it back."""
        code, kind = _each(codes, kinds)
        since, off = np.divmod(code, self.together + 1)
        off = np.where(kind < 0, np.minimum(off + 1, self.together), 0)
        since = np.where(off == self.together, self.together - 1, since + 1)
        alive = since <= self.within - 1
        return np.where(alive, since * (self.together + 1) + off, DEAD)


@dataclass(frozen=True)
class Counter:
    """Counts options of some kinds, or blocks of days (week-ends) that have one.

    counted: by kind. blocks: block of each day or -1; None: every option counts for itself.
    """

    counted: tuple[bool, ...]
    blocks: tuple[int, ...] | None = None

    @property
    def size(self) -> int:
        """Code 1: this block has been counted."""
        return 1 if self.blocks is None else 2

    @property
    def start(self) -> int:
        """Nothing counted."""
        return 0

    def phase(self, day: int) -> tuple[bool, bool]:
        """What the next code depends on besides code and kind: days of equal phase are alike."""
        if self.blocks is None:
            return True, False
        goes_on = day + 1 < len(self.blocks) and self.blocks[day + 1] == self.blocks[day] >= 0
        return self.blocks[day] >= 0, goes_on

    def _counts(self, day: int, kinds: IntArray) -> npt.NDArray[np.bool_]:
        found = (kinds >= 0) & np.array(self.counted)[kinds]
        return found if self.phase(day)[0] else np.zeros_like(found)

    def step(self, day: int, codes: IntArray, kinds: IntArray) -> IntArray:
        """Remember within a block that it has been counted."""
        code, kind = _each(codes, kinds)
        if self.blocks is None:
            return np.zeros_like(code)
        goes_on = self.phase(day)[1]
        return np.where(goes_on & (self._counts(day, kind) | (code == 1)), 1, 0)

    def gain(self, day: int, codes: IntArray, kinds: IntArray) -> IntArray:
        """What is added to the count, shape (codes, kinds)."""
        code, kind = _each(codes, kinds)
        return np.where(self._counts(day, kind) & (code == 0), 1, 0)


@dataclass(frozen=True)
class Law:
    """Which lines are lawful. counters: what groups may bound by a most each.

    entries: Ways in, for people with different pasts: the first code of each term and counter;
    none: everybody begins in `start`.
    """

    terms: tuple[Term, ...]
    counters: tuple[Counter, ...] = ()
    entries: tuple[tuple[int, ...], ...] = ()

    @property
    def begins(self) -> tuple[tuple[int, ...], ...]:
        """First codes of each entry."""
        return self.entries or (tuple(term.start for term in (*self.terms, *self.counters)),)

    def key(self) -> Hashable:
        """Equal for equal laws."""
        return self.terms, self.counters, self.entries
