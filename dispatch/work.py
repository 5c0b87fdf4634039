"""One step at work: the state as far as decisions have gone, and the decisions so far."""

from dataclasses import dataclass, field

from config.ids import OrderId
from dispatch.apply import applied
from dispatch.ground import Ground
from dispatch.state import State
from events.decisions import Decision
from events.frame import order_id


@dataclass(slots=True)
class Work:
    """Lives inside one step. What was added is applied at once, as a fold will do it."""

    state: State
    ground: Ground
    now_ms: int
    decisions: list[Decision] = field(default_factory=list)
    _week: str = ""

    def add(self, decision: Decision) -> None:
        """Take a decision."""
        self.state = applied(self.state, decision, self.ground, self.now_ms)
        self.decisions.append(decision)

    @property
    def week(self) -> str:
        """The ISO week of its now; every slot that waits asks for it."""
        if not self._week:
            self._week = self.ground.district.calendar.week_of(self.now_ms)
        return self._week

    def next_order_id(self) -> OrderId:
        """Id of the decision that is added next."""
        return order_id(self.state.area, self.state.seq + 1, len(self.decisions))
