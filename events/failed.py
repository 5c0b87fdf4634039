"""What a planner could not make, as `P.plan` notes it: the planner writes it, the doctor reads it.

The last word counts: what was made since has not failed any more.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from events.facts import Fact, Note
from events.owners import HIDDEN

KEY: Final = "planner.failed"


@dataclass(frozen=True, slots=True)
class Failed:
    """What could not be made, and why.

    of: "week": its roster; "analysis" or "month": those of a month, its forecast or its report.
    In no journal: "asked", a week's plan that is refused, and "event", one that is set aside.
    what: Which week, month or event.
    """

    of: str
    what: str
    why: str

    def note(self) -> Note:
        """As a fact."""
        return Note(key=KEY, fields={"of": self.of, "what": self.what, "why": self.why})

    @classmethod
    def noted(cls, fact: Fact) -> "Failed | None":
        """What a fact notes; None: something else."""
        if not isinstance(fact, Note) or fact.key != KEY:
            return None
        of, what, why = (str(fact.fields.get(name, "")) for name in ("of", "what", "why"))
        return cls(of, what, why)


def log_of(folder: Path, of: str, what: str) -> Path:
    """Where a district keeps all that a solver said of what it could not make."""
    return folder / HIDDEN / "failed" / f"{of}-{what}.log"
