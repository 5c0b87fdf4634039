"""Rows of a source as rows of the history: the one mapped reader, of an import and of a plan.

`read_history(folder, …)` is what a planner calls on a district's history folder; an import does
the same to a source's files, with the source's mapping instead of the folder's own.
"""

from collections.abc import Collection, Sequence
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from config.calendar import Calendar
from config.crossings import Crossings
from config.durations import DAY_MIN
from config.errors import BadInput
from config.files import content
from config.importers import moments, spots
from config.importers.choose import lacking
from config.importers.columns import AMOUNTS, WORDS, Table, Take
from config.importers.mapping import MAPPING, Mapping, identity, load
from config.importers.quality import FileQuality, finding
from config.importers.reader import Sheet, Source, read
from config.importers.suspects import causes
from config.settings import Crs, Settings
from config.sound import sound_rows
from config.tables import EdgeRow, NodeRow, PlaceRow

Texts = NDArray[np.object_]
FloatArray = NDArray[np.float64]
COLUMNS = ("id", "at_ms", "resolution_min", "category", "kind", "severity", "violation",
           "x_m", "y_m", "node", "area", "service_s", "street", "file", "line")  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """A history read through a mapping.

    rows: Columns `COLUMNS`, oldest first: those of `HistoryRow`, with the time as
        `at_ms` and "" for an empty text, nan for an unknown service time; `street` names the
        place where the source does. `file` numbers the entry of `files` that a row came from,
        `line` is its line there.
    """

    rows: pd.DataFrame
    files: tuple[FileQuality, ...]


def read_history(folder: Path, settings: Settings) -> Records:
    """The history of a district folder: history/*.csv as history/mapping.yaml describes them.

    Without a mapping the files must have the columns of `HistoryRow`.

    Raises:
        BadInput: The mapping is wrong, or a file lacks a column that it names.
    """
    mapping = mapping_of(folder, settings)
    files = sorted(file for file in (folder / "history").glob("*.csv") if not file.is_dir())
    sources = []
    for file in files:
        name = f"history/{file.name}"
        try:
            sources.append(Source(name, content(file)))
        except OSError as error:
            cause = error.strerror or str(error)
            raise BadInput([finding(name, "import.unreadable", cause=cause)]) from None
    crossings = _crossings(folder, settings, mapping)
    records, unread = mapped(sources, mapping, settings.crs, settings.time_zone, crossings)
    if unread:
        raise BadInput([lacking(source, mapping) for source in unread])
    return records


def _crossings(folder: Path, settings: Settings, mapping: Mapping) -> Crossings | None:
    """Those of a district's streets in the mapping's frame; None where no place asks for them."""
    if all(table.place.column is None for table in mapping.tables.values()):
        return None
    rows = sound_rows(folder / NodeRow.file, NodeRow)
    metres = pd.DataFrame({"x_m": [row.x_m for row in rows], "y_m": [row.y_m for row in rows]})
    spots.to_frame(metres, settings.crs, mapping.crs)
    told = zip(rows, metres["x_m"].tolist(), metres["y_m"].tolist(), strict=True)
    nodes = [row.model_copy(update={"x_m": east, "y_m": north}) for row, east, north in told]
    edges, places = (sound_rows(folder / EdgeRow.file, EdgeRow),
                     sound_rows(folder / PlaceRow.file, PlaceRow))  # fmt: skip
    return Crossings(nodes, edges, places)


def mapping_of(folder: Path, settings: Settings) -> Mapping:
    """How a district folder's history is read: by its mapping file, else as our own columns.

    Raises:
        BadInput: The mapping is wrong.
    """
    described = folder / MAPPING
    if described.exists():
        return load(described, MAPPING)
    return identity(settings.crs, settings.crew_law, settings.time_zone)


def mapped(sources: Sequence[Source], mapping: Mapping, crs: Crs, time_zone: str,
           crossings: Crossings | None = None) -> tuple[Records, list[Source]]:  # fmt: skip
    """The rows of all files that a table of the mapping fits, and the files that none fits.

    Args:
        sources: Files in any order.
        mapping: Says what their columns mean.
        crs: Metric frame wanted for x_m and y_m.
        time_zone: Of wall clocks, where the mapping names none.
        crossings: Of the network, in the mapping's frame; needed where a place is a text.
    """
    calendar = Calendar.of_zone(mapping.time_zone or time_zone)
    qualities: list[FileQuality] = []
    done: dict[str, pd.DataFrame] = {}
    left = list(sources)
    for name, table in mapping.tables.items():
        frames = []
        for source in list(left):
            reading = mapping.reading_of(table, source.name)
            sheet = read(source, table.needed(), reading, table.optional())
            if sheet is None:
                continue
            left.remove(source)
            quality = FileQuality(source.name, name, read=sheet.read, repaired=sheet.repaired)
            frame = _rows(sheet, table, mapping, calendar, quality, crossings)
            frame["file"] = len(qualities)
            qualities.append(quality)
            frames.append(frame)
        if frames:
            done[name] = _settled(pd.concat(frames, ignore_index=True), table, done, qualities)
    rows = pd.concat(done.values(), ignore_index=True) if done else _empty()
    rows = _in_order(rows)
    spots.to_frame(rows, mapping.crs, crs)
    return Records(rows[list(COLUMNS)], tuple(qualities)), left


def _in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Oldest first, by id where moments are equal: only those are told apart by their texts."""
    if rows.empty:
        return rows
    order = np.argsort(rows["at_ms"].to_numpy(), kind="stable")
    at_ms = rows["at_ms"].to_numpy()[order]
    again = np.append(at_ms[1:] == at_ms[:-1], False)[: len(rows)]
    equal = order[again | np.roll(again, 1)]
    same = rows.loc[equal, ["at_ms", "id"]].sort_values(["at_ms", "id"], kind="stable")
    order[again | np.roll(again, 1)] = same.index.to_numpy()
    return rows.take(order).reset_index(drop=True)


def _empty() -> pd.DataFrame:
    return pd.DataFrame(columns=[*COLUMNS], dtype=object)


def _rows(sheet: Sheet, table: Table, mapping: Mapping, calendar: Calendar,
          quality: FileQuality, crossings: Crossings | None) -> pd.DataFrame:  # fmt: skip
    """The usable rows of a file; the others are counted with their reason."""
    reading = mapping.reading_of(table, sheet.name)
    cells = {name: np.array(column, dtype=object) for name, column in sheet.cells.items()}
    count = len(sheet.lines)
    why = np.full(count, "", dtype=object)
    at_ms, bad, otherwise = moments.read(table.time, cells, count, calendar)
    if otherwise:
        quality.repaired["time_form"] = otherwise
    why[bad] = "no_time"
    east, north, how = spots.place(table, cells, reading, mapping, why, quality, crossings)
    frame = pd.DataFrame({"at_ms": at_ms, "x_m": east, "y_m": north})
    for name in ("id", "category", "kind", "violation", "area", "node"):
        frame[name] = _taken(getattr(table, name), cells, table, count, why, WORDS.get(name, ()))
    frame["severity"] = _severity(table, cells, count, why)
    for name, bounds in AMOUNTS.items():
        frame[name] = _amount(_taken(getattr(table, name), cells, table, count, why), bounds, why)
    frame["resolution_min"] = frame["resolution_min"].fillna(DAY_MIN)
    frame["street"] = _street(table, cells, count)
    frame["line"] = sheet.lines
    if table.id is not None:
        why[(frame["id"].to_numpy() == "") & (why == "")] = "no_id"
    else:
        frame["id"] = [f"{Path(sheet.name).name}:{line}" for line in sheet.lines]
    frame.loc[frame["category"] == "violation", "kind"] = ""
    if table.duplicate == "row":
        frame["row"] = pd.util.hash_pandas_object(pd.DataFrame(cells), index=False).to_numpy()
    for line, reason, text in sheet.refused:
        quality.refuse(line, reason, text)
    quality.causes = causes(table, cells, why, quality.posts)
    for at in np.flatnonzero(why != "").tolist():
        quality.refuse(sheet.lines[at], why[at], sheet.text(at))
    good = why == ""
    quality.placed.update(how[good & (how != "")].tolist())
    if reading.swap_xy:
        quality.repaired["swapped"] += int(good.sum())
    if reading.shift_m:
        quality.repaired["shifted"] += int(good.sum())
    return frame if good.all() else frame.loc[good]


def _taken(take: Take | None, cells: MappingOf[str, Texts], table: Table, count: int, why: Texts,
           words: Collection[str] = ()) -> Texts:  # fmt: skip
    """A field as text, "" where unknown; a word that is none of those, if any, refuses its row."""
    if take is None:
        return np.full(count, "", dtype=object)
    if take.column is None:
        return np.full(count, take.value, dtype=object)
    if not take.map and not words:  # also a name for each row: no list of meanings
        told = cells[take.column].copy()
        told[np.isin(told, ["", *table.unknown, *take.unknown])] = take.default or ""
        return told
    at, told = pd.factorize(cells[take.column])
    meaning = np.array([take.meaning(cell, table.unknown) for cell in told], dtype=object)
    strange = np.array([take.is_strange(cell, table.unknown, words) for cell in told], dtype=bool)
    why[strange[at] & (why == "")] = "unknown_value"
    meaning[strange] = ""
    return np.asarray(meaning[at], dtype=object)


def _severity(table: Table, cells: MappingOf[str, Texts], count: int, why: Texts) -> Texts:
    if isinstance(table.severity, Take):
        found = _taken(table.severity, cells, table, count, why, WORDS["severity"])
        return np.where(found == "", table.otherwise, found)
    severity = np.full(count, table.otherwise, dtype=object)
    for grade in reversed(table.severity):
        for name in grade.above_zero:
            counts = spots.number(cells[name], ".")
            why[np.isnan(counts) & (cells[name] != "") & (why == "")] = "bad_number"
            severity[counts > 0] = grade.severity
    return severity


def _amount(texts: Texts, bounds: tuple[float, float], why: Texts) -> FloatArray:
    """Texts as numbers within their bounds, nan where unknown."""
    numbers = spots.number(texts, ".")
    odd = (numbers < bounds[0]) | (numbers > bounds[1]) | (np.isnan(numbers) & (texts != ""))
    why[odd & (why == "")] = "bad_number"
    return numbers


def _street(table: Table, cells: MappingOf[str, Texts], count: int) -> Texts:
    """The first two known street columns: "BROADWAY/WEST 42 STREET"; else the place's own."""
    columns = table.street or tuple(filter(None, (table.place.column,)))
    if not columns:
        return np.full(count, "", dtype=object)
    silent = {"", *table.unknown}
    rows = zip(*(cells[column] for column in columns), strict=True)
    named = (
        "/".join([" ".join(cell.split()) for cell in row if cell not in silent][:2]) for row in rows
    )
    return np.array([name[:120] for name in named], dtype=object)


def _settled(rows: pd.DataFrame, table: Table, done: MappingOf[str, pd.DataFrame],
             qualities: Sequence[FileQuality]) -> pd.DataFrame:  # fmt: skip
    """Without duplicates and rows that say nothing; linked rows stand where theirs do."""
    if table.duplicate != "none":
        twice = rows.duplicated("id" if table.duplicate == "id" else ["row", "id"])
        for number in rows["file"][twice].tolist():
            qualities[number].duplicate += 1
        rows = rows[~twice] if twice.any() else rows
    if table.link is not None:
        rows = _linked(rows, done.get(table.link.table), qualities)
    silent = (rows["category"] == "violation") & (rows["violation"] == "")
    silent |= (rows["category"] == "incident") & (rows["kind"] == "")
    for number, category in rows.loc[silent, ["file", "category"]].itertuples(index=False):
        qualities[number].without["violation" if category == "violation" else "kind"] += 1
    return rows.loc[~silent] if silent.any() else rows


def _linked(rows: pd.DataFrame, others: pd.DataFrame | None,
            qualities: Sequence[FileQuality]) -> pd.DataFrame:  # fmt: skip
    """Rows at the time and place of the row of the same id; those without one keep their own.

    Several may belong to one row, so each gets a number behind the id.
    """
    rows = rows.reset_index(drop=True)
    if others is not None:
        at = pd.Index(others["id"]).get_indexer(rows["id"])
        known = at >= 0
        for name in ("at_ms", "x_m", "y_m", "area", "street"):
            rows.loc[known, name] = others[name].to_numpy()[at[known]]
        for number in rows["file"][~known].tolist():
            qualities[number].repaired["unlinked"] += 1
    numbers = rows.groupby("id").cumcount() + 1
    rows["id"] = rows["id"] + "#" + numbers.astype(str)
    return rows
