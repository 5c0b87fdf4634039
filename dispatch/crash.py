"""Inputs on which `step` crashed, remembered over the crash in `DIR/.qinwu/crash.json`.

A crash in a batch does not tell which input it was: after the refold the batch's inputs come one
a frame. The input that crashes again is parked: set aside, told to people, never tried again.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

from config.ids import AreaId

FILE = Path(".qinwu") / "crash.json"


@dataclass(slots=True)
class Crashes:
    """What is known of crashes of an area's inputs; positions are those of the inbox on a bus."""

    folder: Path
    area: AreaId
    bus: str
    upto: int = -1
    """Inputs up to this position come one a frame."""
    parked: dict[int, str] = field(default_factory=dict)
    """Position → the error, of inputs that crashed twice."""

    @classmethod
    def read(cls, folder: Path, area: AreaId, bus: str) -> "Crashes":
        """What the file says; nothing where it is absent, of another bus, or not whole."""
        try:
            told = json.loads((folder / FILE).read_text(encoding="utf-8"))
            if (told["area"], told["bus"]) != (area, bus):
                return cls(folder, area, bus)
            parked = {int(position): str(error) for position, error in told["parked"].items()}
            return cls(folder, area, bus, int(told["to"]), parked)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls(folder, area, bus)

    def note(self, first: int, to: int, error: str) -> None:
        """`step` crashed on the inputs from `first` to `to`."""
        if first == to and self.upto >= to:
            self.parked[to] = error
        else:
            self.upto = max(self.upto, to)
        self._write(first, error)

    def passed(self, inbox: int) -> None:
        """All is consumed up to there; what lies behind is forgotten."""
        if self.upto < 0 or inbox < self.upto:
            return
        self.upto, self.parked = -1, {}
        (self.folder / FILE).unlink(missing_ok=True)

    def _write(self, first: int, error: str) -> None:
        path = self.folder / FILE
        path.parent.mkdir(exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps({
            "area": self.area, "bus": self.bus, "from": first, "to": self.upto, "error": error,
            "parked": {str(position): text for position, text in self.parked.items()},
        }), encoding="utf-8")  # fmt: skip
        fresh.replace(path)
