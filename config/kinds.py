"""What an incident may be; apart from the cells, whose pydantic no help page needs."""

from typing import Literal

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
