"""Which cell a row is refused for, and what would have been read there."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from config.cells import FRAME_M
from config.faults import shown
from config.importers.columns import AMOUNTS, WORDS, Moment, Table, Take
from config.importers.moments import ISO
from config.importers.quality import Cause

Texts = NDArray[np.object_]
Row = Mapping[str, str]
LOOKED_AT, SHOWN = 200, 3
"""Rows of a reason whose cells are looked at, and the different ones that are told."""
_ISO_SHOWN = "2026-11-30T07:42:00+08:00"


def causes(table: Table, cells: Mapping[str, Texts], why: Texts,
           posts: Mapping[str, str]) -> dict[str, Cause]:  # fmt: skip
    """For each reason that is due to a column: which one, its first values, what was expected.

    Args:
        table: How the file is read.
        cells: Its texts by column.
        why: The reason of each row, "" where it is usable.
        posts: By text of a place the km posts of its road.
    """
    found: dict[str, Cause] = {}
    for reason in dict.fromkeys(why[why != ""].tolist()):
        told: dict[str, Cause] = {}
        for at in np.flatnonzero(why == reason)[:LOOKED_AT].tolist():
            row = {name: column[at] for name, column in cells.items()}
            one = cause(table, row, reason, posts)
            if one is not None:
                told.setdefault(f"{one.column}\n{one.values}", one)
        first = next(iter(told.values()), None)
        if first is not None:
            some = [one for one in told.values() if one.column == first.column][:SHOWN]
            expected = ", ".join(dict.fromkeys(one.expected for one in some if one.expected))
            found[reason] = Cause(first.column, tuple(one.values[0] for one in some), expected)
    return found


def cause(table: Table, row: Row, reason: str, posts: Mapping[str, str]) -> Cause | None:
    """What one row was refused for; None where no column is to blame."""
    if reason == "no_time":
        names = table.time.names()
        told = " ".join(row.get(name, "") for name in names)
        return Cause(" + ".join(names), (shown(told),), times(table.time))
    name = next((each for each in suspects(table, row, reason) if each in row), None)
    if reason == "unknown_value":  # a row over several lines is not seen whole
        name = name or _translated(table)[0][0]
        return Cause(name, (shown(row.get(name, "")),), ", ".join(_known(table, name)))
    if reason == "beyond_posts":
        name = name or table.place.names()[0]
    if name is None:
        return None
    told = row.get(name, "")
    return Cause(name, (shown(told),), posts.get(told, ""))


def times(moment: Moment) -> str:
    """How a time would be read: its formats, or the parts that have a column."""
    parts = ("year", "month", "day", "hour", "minute")
    if not moment.formats:
        return " ".join(name for name in parts if getattr(moment, name) is not None)
    return ", ".join(_ISO_SHOWN if each == ISO else each for each in moment.formats)


def suspects(table: Table, row: Row, reason: str) -> list[str]:
    """Columns that may be the reason, the likeliest first."""
    if reason == "no_time":
        return table.time.names()
    if reason == "no_id":
        return [table.id.column or ""] if table.id else []
    place = list(table.place.names())
    if reason in (
        "no_place",
        "no_crossing",
        "two_crossings",
        "no_km_posts",
        "beyond_posts",
        "outside_bounds",
        "exchanged",
        "no_degrees",
    ):
        return sorted(place, key=lambda name: _is_number(row.get(name, "")))
    if reason == "bad_number":
        bounds = dict.fromkeys((*place, *table.counted()), (-FRAME_M, FRAME_M))
        for name, between in AMOUNTS.items():
            take = getattr(table, name)
            if take and take.column:
                bounds[take.column] = between
        return [name for name, between in bounds.items()
                if not _is_amount(row.get(name, ""), between)]  # fmt: skip
    if reason == "unknown_value":
        return [column for column, take, words in _translated(table)
                if take.is_strange(row.get(column, ""), table.unknown, words)]  # fmt: skip
    return []


def _translated(table: Table) -> list[tuple[str, Take, Sequence[str]]]:
    """Columns whose cells must be words, how they are taken, and the words, () for any."""
    names = (*WORDS, "id", "violation", "area", "node")
    takes = ((getattr(table, name), WORDS.get(name, ())) for name in names)
    return [(take.column, take, words) for take, words in takes
            if isinstance(take, Take) and take.column and (take.map or words)]  # fmt: skip


def _known(table: Table, column: str) -> Sequence[str]:
    """What a column may say."""
    for name, take, words in _translated(table):
        if name == column:
            return list(take.map) or words
    return ()


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text.replace(",", ".")))
    except ValueError:
        return False


def _is_amount(text: str, bounds: tuple[float, float]) -> bool:
    if not _is_number(text):
        return text == ""
    return bounds[0] <= float(text.replace(",", ".")) <= bounds[1]
