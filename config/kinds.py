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
UnitEnd = Literal["done", "video", "cancelled", "scheduled", "no_unit_needed"]
UNIT_ENDS: tuple[UnitEnd, ...] = get_args(UnitEnd)
"""How a unit may say that its incident ended."""
