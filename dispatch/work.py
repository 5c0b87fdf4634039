"""One step at work: the state as far as decisions have gone, and the decisions so far."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from config.ids import OrderId
from dispatch.apply import applied
from dispatch.ground import Ground
from dispatch.state import State
from events.decisions import Decision
from events.frame import order_id, size_of

One = TypeVar("One")
MOST_DUE_BYTES = 128 * 1024
"""Of what one frame decides because its time has come: a quarter of the largest, so that what
came in has its place beside it.
"""


@dataclass(slots=True)
class Work:
    """Lives inside one step. What was added is applied at once, as a fold will do it."""

    state: State
    ground: Ground
    now_ms: int
    decisions: list[Decision] = field(default_factory=list)
    more_is_due: bool = False
    """Whether the frame had no room for all that is due."""
    _room: int = MOST_DUE_BYTES
    _week: str = ""

    def add(self, decision: Decision) -> None:
        """Take a decision."""
        self.state = applied(self.state, decision, self.ground, self.now_ms)
        self.decisions.append(decision)

    def while_room(self, due: Iterable[One]) -> Iterator[One]:
        """What may be due, one by one, as long as the frame has room for what is decided on it.

        The rest is due at once: the next frame goes on with it.
        """
        for one in due:
            if self._room <= 0:
                self.more_is_due = True
                return
            begun = len(self.decisions)
            yield one
            self._room -= sum(map(size_of, self.decisions[begun:]))

    @property
    def goes_on(self) -> bool:
        """Whether the frame before had no room for all that was due."""
        return self.state.more_due_seq == self.state.seq

    @property
    def week(self) -> str:
        """The ISO week of its now; every slot that waits asks for it."""
        if not self._week:
            self._week = self.ground.district.calendar.week_of(self.now_ms)
        return self._week

    def next_order_id(self) -> OrderId:
        """Id of the decision that is added next."""
        return order_id(self.state.area, self.state.seq + 1, len(self.decisions))
