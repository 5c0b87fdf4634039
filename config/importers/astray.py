"""What `qinwu check` says of records that can be read and will not count: where they lie, and when.

The planner leaves them out; of a history without any other it refuses to plan.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from config.calendar import Calendar
from config.durations import DAY_MS
from config.errors import Finding
from config.faults import near, shown
from config.findings import MOST
from config.importers.history import Records
from config.importers.silence import silence_told, strays
from config.importers.spots import REACH_M
from config.reading import Table
from config.tables import NodeRow

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Nodes = Table[NodeRow]


def astray(records: Records, nodes: Nodes, calendar: Calendar) -> list[Finding]:
    """Warnings with their line, and an error where no incident lies on a node.

    Args:
        records: Of history/*.csv.
        nodes: nodes.csv; the ids of faulty rows count as known.
        calendar: The district's, whose days count.
    """
    found: list[Finding] = []
    if not records.rows.empty:
        found += [*_at_strange_nodes(records, nodes.column("node")), *_in_strange_years(records)]
        found += unrecorded(records.rows, calendar)
    usable = sum(quality.usable for quality in records.files)
    if usable and not _on_nodes(records.rows, nodes):  # else: why they are refused is told
        found.append(Finding("error", "history", None, None, "check.no_history", {}))
    return found


def _at_strange_nodes(records: Records, nodes: list[str]) -> Iterator[Finding]:
    """A record at a node that the district has not lies nowhere."""
    rows = records.rows
    strange = rows.loc[~rows["node"].isin({"", *nodes})]
    for number, line, node in _first(strange, "node"):
        told = {"value": shown(node), "near": near(node, nodes), "where": "nodes.csv"}
        file = records.files[number].file
        yield Finding("warning", file, line, 1, "check.unknown_name", told)
    yield from _more(strange)


def _in_strange_years(records: Records) -> Iterator[Finding]:
    """Few records that a year of silence parts from the others have a wrong date."""
    rows = records.rows
    stray = rows.loc[strays(rows["at_ms"].to_numpy(np.int64) // DAY_MS)]
    for number, line, at_ms in _first(stray, "at_ms"):
        year = (EPOCH + timedelta(milliseconds=at_ms)).year
        file = records.files[number].file
        yield Finding("warning", file, line, 1, "check.history_stray", {"year": year})
    yield from _more(stray)


def unrecorded(rows: pd.DataFrame, calendar: Calendar) -> list[Finding]:
    """A warning for incidents, or violations, of which a month, say, is missing."""
    day = calendar.local_ms(rows["at_ms"].to_numpy(np.int64)) // DAY_MS
    incident = (rows["kind"] != "").to_numpy()
    return silence_told(day, {"incidents": incident, "violations": ~incident})


def _on_nodes(rows: pd.DataFrame, nodes: Nodes) -> bool:
    """Whether any incident names a node, or lies within reach of one."""
    incidents = rows.loc[rows["kind"] != ""]
    named = incidents["node"] != ""
    if incidents.loc[named, "node"].isin(nodes.column("node")).any():
        return True
    here = incidents.loc[~named, ["x_m", "y_m"]].to_numpy(np.float64)
    if not len(here) or not nodes.rows:
        return False
    from scipy.spatial import cKDTree  # noqa: PLC0415 - half a second; whose nodes are named needs none

    finder = cKDTree([(node.x_m, node.y_m) for node in nodes.rows])
    return bool(np.any(finder.query(here)[0] <= REACH_M))


def _first(rows: pd.DataFrame, name: str) -> Iterator[tuple[int, int, Any]]:
    """File, line and one column of the rows that are shown."""
    shown_rows = rows.head(MOST)[["file", "line", name]]
    for number, line, value in shown_rows.itertuples(index=False):
        yield int(number), int(line), value


def _more(rows: pd.DataFrame) -> Iterator[Finding]:
    if len(rows) > MOST:
        yield Finding("warning", "history", None, None, "check.more", {"count": len(rows) - MOST})
