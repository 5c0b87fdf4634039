"""Making a change once more where another came between: a few times, never in step, then said."""

import random
import time
from dataclasses import dataclass

from config.errors import Impossible
from scheduler.plan_log import PlanReader
from scheduler.week_ledger import WeekLedger

MOST = 6
PAUSE_S = 1.0


@dataclass(slots=True)
class Again:
    """The attempts at one change of a week."""

    reader: PlanReader
    week: str
    tried: int = 0

    def held(self) -> WeekLedger:
        """What the next attempt goes on from.

        From the second on it is read after a pause of random length, longer each time.

        Raises:
            Impossible: It was tried often enough.
        """
        if self.tried == MOST:
            raise Impossible("planner.crowded", week=self.week, times=MOST)
        if self.tried:
            time.sleep(random.uniform(0, PAUSE_S * self.tried))  # noqa: S311 - no secret
            self.reader.catch_up()
        self.tried += 1
        return self.reader.ledger.week(self.week)
