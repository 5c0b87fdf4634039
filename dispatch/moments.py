"""Named moments at which a trial may kill the process; inert unless `QINWU_KILL_AT` is set.

`QINWU_KILL_AT=after_append:3` ends the process by SIGKILL when that moment comes a third time, so
that trials of faults strike exactly where a frame, an effect or a snapshot is half done.
"""

import os
import signal
from typing import Literal

Moment = Literal["before_append", "after_append", "between_effects", "during_snapshot"]
VARIABLE = "QINWU_KILL_AT"
_come: dict[str, int] = {}


def reached(moment: Moment) -> None:
    """Say that the moment has come."""
    wanted, _, count = os.environ.get(VARIABLE, "").partition(":")
    if wanted != moment:
        return
    _come[moment] = _come.get(moment, 0) + 1
    if _come[moment] == int(count or 1):
        os.kill(os.getpid(), signal.SIGKILL)
