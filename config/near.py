"""A spot without a name, told by the nearest that has one: in words that no language changes."""

import math

QUARTERS = ("E", "NE", "N", "NW", "W", "SW", "S", "SE")


def beside(name: str, east_m: float, north_m: float) -> str:
    """What lies so far from there: "3 AVENUE+105mE", without blanks, which end a column."""
    eighth = round(math.atan2(north_m, east_m) / (math.pi / 4)) % len(QUARTERS)
    return f"{name}+{math.hypot(east_m, north_m):.0f}m{QUARTERS[eighth]}"
