"""Reads CSV files for `staffing.py`; every fault is told with file, line and cause."""

import csv
import io
import math
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from pathlib import Path

MOST_TOLD = 20  # faults of a file

Row = dict[str, str]


class BadFile(Exception):
    """What is wrong, where, and how to mend it; a line for each fault."""


def rows_of(path: Path, columns: Sequence[str]) -> list[tuple[int, Row]]:
    """The rows with their lines.

    Raises:
        BadFile: It cannot be read, lacks a column or has it twice, a row is too short, or there
            is none.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as trouble:
        msg = f"{path}:1: cannot be read as UTF-8 text ({trouble})"
        raise BadFile(msg) from trouble
    reader = csv.DictReader(io.StringIO(text))
    found: list[tuple[int, Row]] = []
    faults: list[str] = []
    try:
        given = [name.strip() for name in reader.fieldnames or ()]
        if missing := [name for name in columns if name not in given]:
            msg = f"{path}:1: no column {', '.join(missing)}; the header is {','.join(columns)}"
            raise BadFile(msg)
        if twice := [name for name in columns if given.count(name) > 1]:
            msg = f"{path}:1: column {', '.join(twice)} stands there twice; keep one of each name"
            raise BadFile(msg)
        reader.fieldnames = given
        for row in reader:
            cells = {name: (row[name] or "").strip() for name in columns}
            if "" in cells.values():
                empty = next(name for name, cell in cells.items() if not cell)
                faults.append(f"{path}:{reader.line_num}: {empty} is empty")
            found.append((reader.line_num, cells))
    except csv.Error as trouble:
        faults.append(f"{path}:{reader.reader.line_num}: no CSV ({trouble})")
    refuse(faults)
    if not found:
        msg = f"{path}:2: no row after the header"
        raise BadFile(msg)
    return found


def refuse(faults: Sequence[str]) -> None:
    """Raise what was found, if anything."""
    if faults:
        more = len(faults) - MOST_TOLD
        tail = [f"and {more} more"] if more > 0 else []
        raise BadFile("\n".join([*faults[:MOST_TOLD], *tail]))


def number(cell: str, least: float, most: float, *, whole: bool = False) -> float:
    """A finite number within its bounds.

    Raises:
        ValueError: With what it should be.
    """
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not least <= value <= most or (whole and value != int(value)):
        kind = "whole number" if whole else "number"
        msg = f"{cell!r} is no {kind} from {least:g} to {most:g}"
        raise ValueError(msg)
    return value


def each(
    path: Path, rows: Iterable[tuple[int, Row]], read: Callable[[Row], tuple[float, ...]]
) -> list[tuple[float, ...]]:
    """What `read` makes of every row; all faults are told with their lines."""
    found, faults = [], []
    for line, row in rows:
        try:
            found.append(read(row))
        except ValueError as trouble:
            faults.append(f"{path}:{line}: {trouble}")
    refuse(faults)
    return found


def local_time(text: str) -> datetime:
    """A date with a time of the local clock.

    Raises:
        ValueError: It is none, has no time, or belongs to another clock.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        msg = f"{text!r} is no local time such as 2026-03-02 08:15"
        raise ValueError(msg) from None
    if at.tzinfo is not None:
        msg = f"{text!r} has an offset; write local time without one, such as 2026-03-02 08:15"
        raise ValueError(msg)
    if not is_date(text):
        return at
    msg = f"{text!r} has no time; write it behind, such as {text} 08:15"
    raise ValueError(msg)


def is_date(text: str) -> bool:
    """Whether it is a day without a time."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
