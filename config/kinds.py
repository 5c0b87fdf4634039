"""What an incident may be; apart from the cells, whose pydantic no help page needs."""

from typing import Literal, get_args

IncidentKind = Literal[
    "crash",
    "congestion",
    "breakdown",
    "obstacle",
    "signal_fault",
    "dispute",
    "drink_drive",
    "other",
]
Severity = Literal["none", "damage", "injury", "fatal"]
SEVERITIES: tuple[str, ...] = get_args(Severity)
"""The least first."""
UnitEnd = Literal["done", "video", "cancelled", "scheduled", "no_unit_needed"]
UNIT_ENDS: tuple[UnitEnd, ...] = get_args(UnitEnd)
"""How a unit may say that its incident ended."""


def graver(one: str, other: str) -> str:
    """The greater of two severities."""
    return max(one, other, key=SEVERITIES.index)
