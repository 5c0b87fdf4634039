"""Must-correct lists of past months from any history, as a file that others can score.

A row of must_correct.csv: month "2018-01", area (the source's district code), hour_from, hour_to
(half-open hours of the local day), violation (the source's text); at most three per month, area
and hour, the most frequent first.
"""

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from config.calendar import Calendar
from config.errors import BadInput
from scheduler.foresight.history import HOUR_MIN
from scheduler.foresight.levels import IntArray
from scheduler.foresight.must_correct import (
    DAY_H,
    Correcting,
    Violations,
    monthly,
    recorded_violations,
    says_a_violation,
)
from scheduler.months import YEAR_MONTHS, Month, named, number_of, numbered

NAME = "must_correct.csv"
HEAD = ("month", "area", "hour_from", "hour_to", "violation")
PATROL_HEAD = ("month", "area", "hour", "patrol_hours")


def violations_of(rows: pd.DataFrame, calendar: Calendar) -> Violations:
    """The recorded violations of a history whose hour and area are known.

    Args:
        rows: Columns of `config.importers.history.COLUMNS`.
        calendar: For the local hour and month.
    """
    mask = rows["area"] != ""
    mask &= rows["resolution_min"].to_numpy(np.float64) <= HOUR_MIN
    rows = rows[mask & rows["violation"].map(says_a_violation).astype(bool)]
    areas, area = _coded(rows["area"])
    local_ms = calendar.local_ms(rows["at_ms"].to_numpy(np.int64))
    return recorded_violations(areas, area, *_coded(rows["violation"]), local_ms)


def _coded(texts: "pd.Series[str]") -> tuple[tuple[str, ...], IntArray]:
    names = tuple(sorted(set(texts)))
    return names, pd.Index(names).get_indexer(pd.Index(texts)).astype(np.int64)


def with_patrols(violations: Violations, file: Path) -> Violations:
    """The violations with the hours that patrols stood: month, area, hour, patrol_hours.

    A column `violation` is optional: hours of a check that looks for that kind alone, beside
    those (without a violation) in which everything is looked for.

    Raises:
        BadInput: The file or a row of it cannot be read, with its line.
    """
    found: dict[tuple[int, int, int, str], float] = {}
    place = {area: number for number, area in enumerate(violations.areas)}
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            if missing := set(PATROL_HEAD) - set(reader.fieldnames or ()):
                columns = ", ".join(name for name in PATROL_HEAD if name in missing)
                raise BadInput(key="backtest.patrol_columns", file=file, columns=columns)
            for row in reader:
                month, hour, hours = _patrol(row, f"{file}:{reader.line_num}")
                if (area := place.get(row["area"].strip())) is not None:
                    at = month, area, hour, (row.get("violation") or "").strip()
                    found[at] = found.get(at, 0.0) + hours
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        because = getattr(error, "strerror", None) or str(error)
        raise BadInput(key="backtest.patrol_unread", file=file, because=because) from error
    months = [month for month, _, _, _ in found] or [0]
    size = max(months) - min(months) + 1, len(violations.areas), DAY_H, len(violations.kinds)
    patrol_h = np.zeros(size)
    for (month, area, hour, violation), hours in found.items():
        alike = [violation == kind or not violation for kind in violations.kinds]
        patrol_h[month - min(months), area, hour, alike] += hours
    return replace(violations, first_month=min(months), patrol_h=patrol_h)


def _patrol(row: dict[str, str], where: str) -> tuple[int, int, float]:
    """Month, hour of the day and patrol hours of a row."""
    try:
        year, month = (int(part) for part in row["month"].split("-"))
        hour, hours = int(row["hour"]), float(row["patrol_hours"])
    except (AttributeError, TypeError, ValueError):
        year = month = hour = hours = -1
    if not (0 < month <= YEAR_MONTHS and 0 <= hour < DAY_H and 0 <= hours < np.inf and year > 0):
        raise BadInput(key="backtest.patrol_row", where=where)
    return number_of((year, month)), hour, hours


def rows_between(
    violations: Violations,
    first: Month,
    last: Month,
    memory_months: int | None = None,
    how: Correcting | None = None,
) -> Iterator[tuple[str, str, int, int, str]]:
    """The rows of the file, from one month to another, both included."""
    begin, end = number_of(first), number_of(last)
    band_h = (how or Correcting()).band_h
    for number, lists, shares in monthly(violations, end, memory_months, how):
        if number < begin:
            continue
        month = named(numbered(number))
        for area, band in np.ndindex(lists.shape[:2]):
            kinds = np.flatnonzero(lists[area, band])
            for kind in kinds[np.argsort(-shares[area, band, kinds], kind="stable")]:
                yield (
                    month, violations.areas[area], band * band_h, (band + 1) * band_h,
                    violations.kinds[kind],
                )  # fmt: skip


def write(
    file: Path,
    violations: Violations,
    first: Month,
    last: Month,
    memory_months: int | None = None,
) -> int:
    """Write the lists of these months; how many rows.

    Raises:
        BadInput: The file cannot be written.
    """
    rows = list(rows_between(violations, first, last, memory_months))
    try:
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(HEAD)
            writer.writerows(rows)
    except OSError as error:
        because = error.strerror or str(error)
        raise BadInput(key="backtest.not_written", folder=file.parent, because=because) from error
    return len(rows)
