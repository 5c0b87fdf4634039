"""A district folder's history on a grid: what a backtest reads."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from config.calendar import Calendar
from config.errors import BadInput, NotFound
from config.faults import near
from config.importers.folder import QUALITY
from config.importers.history import COLUMNS, mapping_of, read_history
from config.settings import Settings
from config.yaml_reading import read_yaml
from scheduler.foresight.history import History, from_rows
from scheduler.hindsight.grid import Grid, gridded

FILTERED = ("area", "kind", "severity", "category", "violation", "node", "street")
"""Our own columns that records can be chosen by."""


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A history on a grid, and its rows as they were read (`config.importers.history.COLUMNS`)."""

    history: History
    grid: Grid
    calendar: Calendar
    rows: pd.DataFrame


def source_of(folder: Path, cell_m: float, chosen: Sequence[str]) -> Source:
    """The history of a district whose places are cells, its grid and its calendar.

    Args:
        folder: The district folder; of its files only settings.yaml and history/ are read.
        cell_m: Side of a cell.
        chosen: "COLUMN=VALUE" each; all must hold.

    Raises:
        BadInput: The settings, the mapping or a file of the history cannot be read; or a filter.
        NotFound: There is no folder, or no record is left.
    """
    if not folder.is_dir():
        raise NotFound(key="check.no_folder", folder=folder)
    settings = read_yaml(folder / "settings.yaml", Settings).sound()
    rows = read_history(folder, settings).rows
    for text in chosen:
        rows = _filtered(rows, text, folder, settings)
    if rows.empty:
        raise NotFound("backtest.no_rows", folder=folder)
    grid, cell = gridded(rows, settings.crs, cell_m)
    names = [str(number) for number in range(len(grid.cells))]
    placed = rows.assign(node=[names[number] for number in cell.tolist()])
    calendar = Calendar.of_zone(settings.time_zone)
    return Source(from_rows(placed, names), grid, calendar, rows)


def _filtered(rows: pd.DataFrame, text: str, folder: Path, settings: Settings) -> pd.DataFrame:
    name, equals, value = text.partition("=")
    known = {**dict.fromkeys(FILTERED), **_given_names(folder, settings)}
    if not equals or name not in known:
        columns = near(name, known) or ", ".join(known)
        raise BadInput(key="backtest.no_column", value=text, columns=columns)
    return rows[rows[known[name] or name] == value]


def _given_names(folder: Path, settings: Settings) -> dict[str, str]:
    """Our column of each of the source's: of the mapping here, or of the import that made this."""
    found: dict[str, str] = {}
    for table in mapping_of(folder, settings).tables.values():
        found |= table.given_names()
    with suppress(OSError, ValueError, AttributeError):  # no import made this folder
        found |= json.loads((folder / QUALITY).read_text(encoding="utf-8")).get("columns", {})
    return {name: ours for name, ours in found.items() if ours in COLUMNS}
