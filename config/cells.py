"""What may stand in one cell of a district's files, and how it is written.

Text cells are stripped before. Lists stand in one cell, separated by `;`.
"""

import re
from collections.abc import Sequence
from datetime import date, time
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

Text = Annotated[str, Field(min_length=1, max_length=200)]
Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\s;,\x00-\x1f]+$")]

_FORMULA = re.compile(r"'*[=+\-@\t]")

_NOT_WRITTEN_DATE = PydanticCustomError("date_written", "a date is written 2026-11-30")
_NOT_WRITTEN_CLOCK = PydanticCustomError("clock_written", "a time of day is written 07:30")


def guarded(text: str) -> str:
    """A text as a spreadsheet program shows it: behind an apostrophe where it is a formula there.

    Whoever names a place `=1+1`, or worse, must not have it reckoned on the desk's machine.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(cell: str) -> str:
    """The text in a cell; the way back of `guarded`."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def _split(cell: object) -> object:
    return (
        tuple(part.strip() for part in cell.split(";") if part.strip())
        if isinstance(cell, str)
        else cell
    )


def _written_day(cell: object) -> object:
    # pydantic alone takes 20261130 for seconds since 1970
    if isinstance(cell, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", cell):
        raise _NOT_WRITTEN_DATE
    return cell


def _written_clock(cell: object) -> object:
    if isinstance(cell, str) and not re.fullmatch(r"[0-9]{1,2}:[0-9]{2}", cell):
        raise _NOT_WRITTEN_CLOCK
    return cell.zfill(5) if isinstance(cell, str) else cell


def _window(at: time) -> time:
    if at.second or at.microsecond or at.tzinfo is not None:
        raise _NOT_WRITTEN_CLOCK
    return at


Ids = Annotated[tuple[Id, ...], BeforeValidator(_split)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_split)]
Day = Annotated[date, BeforeValidator(_written_day)]
Clock = Annotated[time, BeforeValidator(_written_clock), AfterValidator(_window)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
FRAME_M = 1e8
"""No frame of metres reaches farther."""
Metres = Annotated[float, Field(ge=-FRAME_M, le=FRAME_M, allow_inf_nan=False)]
LONGEST_SERVICE_S = 604_800.0
"""A week on scene; what is more is a slip of the pen."""
ServiceSeconds = Annotated[float, Field(ge=0, le=LONGEST_SERVICE_S, allow_inf_nan=False)]
Weekday = Annotated[int, Field(ge=1, le=7)]
Weekdays = Annotated[tuple[Weekday, ...], BeforeValidator(_split)]

RoadClass = Literal[
    "motorway", "trunk", "primary", "secondary", "tertiary",
    "motorway_link", "trunk_link", "primary_link", "secondary_link", "tertiary_link",
    "unclassified", "residential", "living_street", "service", "road",
]  # fmt: skip
DutyKind = Literal[
    "patrol", "fixed", "peak", "school", "night_check", "desk", "operation", "leader", "stand_by"
]
PlaceKind = Literal["junction", "gate", "km_post", "school", "bars", "station", "other"]


def cell_place(text: Sequence[str], line: int, at: int, delimiter: str = ",") -> tuple[int, int]:
    """Line and character column at which cell `at` of the record beginning on `line` begins."""
    place, quoted = 1, False
    while line <= len(text):
        for place, letter in enumerate(text[line - 1], start=1):
            if at == 0:
                return line, place
            if letter == '"':
                quoted = not quoted
            elif letter == delimiter and not quoted:
                at -= 1
        if not quoted:
            break
        line += 1
    return min(line, len(text)), place
