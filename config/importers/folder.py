"""The files of a district as an import writes them, and whose folder may be written to."""

import hashlib
import json
from collections.abc import Collection, Sequence
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from config.calendar import Calendar
from config.errors import BadInput
from config.importers.mapping import Mapping, identity
from config.importers.quality import MADE_BY, finding
from config.made_tables import HistoryRow, LiveRow
from config.reading import columns, write_rows
from config.settings import Settings
from config.tables import TABLES, CalendarRow, Row
from config.whole import contents

QUALITY = "quality.json"
WEEKS_BEFORE, WEEKS_AFTER = 5, 60
_MODELS: MappingOf[str, type[Row]] = {model.file: model for model in TABLES}


@dataclass(frozen=True, slots=True)
class Content:
    """All that an import writes."""

    settings: Settings
    mapping: Mapping
    tables: MappingOf[str, Sequence[object]]
    rows: pd.DataFrame
    calendar: Calendar
    day: date | None
    played: list[LiveRow] | None


def refuse_unless_free(out: Path) -> dict[str, str]:
    """Refuse a folder that holds anything but an unedited import; gives the SHA-256 of its files.

    What else lies there (rosters, journals) stays.

    Raises:
        BadInput: `out` is a file, holds files of somebody else, or ones edited since the import.
    """
    if out.is_file():
        raise BadInput([finding(str(out), "import.out_file")])
    if not out.exists() or not contents(out):
        return {}
    try:
        report = json.loads((out / QUALITY).read_text(encoding="utf-8"))
        written = dict(report["written"]) if report["made_by"] == MADE_BY else None
    except (OSError, ValueError, KeyError, TypeError):
        written = None
    if written is None:
        raise BadInput([finding(str(out), "import.out_full", quality=QUALITY)])
    edited = [
        name for name, digest in written.items()
        if not _inside(out, name) or ((out / name).is_file() and _digest(out / name) != digest)
    ]  # fmt: skip
    if edited:
        raise BadInput([finding(str(out / name), "import.out_edited") for name in edited])
    return written


def make_room(out: Path, former: MappingOf[str, str]) -> Collection[str]:
    """The names of a former import's files, just before others take their place.

    Raises:
        BadInput: They are not what they were: somebody imported into the folder, or edited one.
    """
    if refuse_unless_free(out) != former:
        raise BadInput([finding(str(out), "import.out_taken")])
    return former.keys()


def _inside(out: Path, name: str) -> bool:
    return (out / name).resolve().is_relative_to(out.resolve())


def write(out: Path, content: Content) -> dict[str, str]:
    """Write the district into an empty folder; gives the SHA-256 of each file."""
    (out / "history").mkdir()
    settings, mapping = content.settings, content.mapping
    _write_settings(out / "settings.yaml", settings, mapping)
    for name, rows in content.tables.items():
        write_rows(out / name, rows, _MODELS[name])  # type: ignore[arg-type]
    _write_history(out / HistoryRow.file, content.rows, content.calendar)
    reader = identity(settings.crs, settings.crew_law, settings.time_zone)
    _write_mapping(out / "history" / "mapping.yaml", reader)
    names = ["settings.yaml", *content.tables, HistoryRow.file, "history/mapping.yaml"]
    if content.played is not None:
        name = f"live/{content.day}.csv"
        write_rows(out / name, content.played, LiveRow)
        names.append(name)
    return {name: _digest(out / name) for name in names}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write_settings(path: Path, settings: Settings, mapping: Mapping) -> None:
    given = settings.model_dump(mode="json", exclude_defaults=True)
    given["squadrons"] = [each.model_dump() for each in settings.squadrons]
    lines = [
        f"# Made by {MADE_BY} with the mapping {mapping.name}.",
        f"# Source: {mapping.attribution or '-'}",
        "# People, bonds, vehicles, devices and posts are generated; put your own in their place.",
        "# Whatever is not here keeps its default (docs/district.md).",
    ]
    text = yaml.safe_dump(given, allow_unicode=True, sort_keys=False)
    path.write_text("\n".join(lines) + "\n" + text, encoding="utf-8")


def _write_mapping(path: Path, mapping: Mapping) -> None:
    given = mapping.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    text = yaml.safe_dump(given, allow_unicode=True, sort_keys=False)
    head = "# How history/*.csv is read (docs/import.md). These files have our own columns.\n"
    path.write_text(head + text, encoding="utf-8")


def _write_history(path: Path, rows: pd.DataFrame, calendar: Calendar) -> None:
    """history/incidents.csv, oldest first, in the columns of `HistoryRow`."""
    named = columns(HistoryRow)
    table: dict[str, Any] = {name: rows[name] for name in named if name != "at"}
    table["at"] = iso(rows["at_ms"].to_numpy(np.int64), calendar)
    table["resolution_min"] = rows["resolution_min"].astype("int64")
    for name in ("x_m", "y_m", "service_s"):
        table[name] = rows[name].astype("float64").round(2)
    frame = pd.DataFrame(table)[list(named)]
    frame.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


def iso(at_ms: np.ndarray[Any, np.dtype[np.int64]], calendar: Calendar) -> list[str]:
    """Moments as ISO 8601 with offset, whole seconds."""
    local = calendar.local_ms(at_ms)
    minutes = (local - at_ms) // 60_000
    offsets = {
        each: f"{'-' if each < 0 else '+'}{abs(each) // 60:02d}:{abs(each) % 60:02d}"
        for each in np.unique(minutes).tolist()
    }
    clocks = np.datetime_as_string(local.astype("datetime64[ms]"), unit="s").tolist()
    return [clock + offsets[each] for clock, each in zip(clocks, minutes.tolist(), strict=True)]


def calendar_rows(rows: pd.DataFrame, calendar: Calendar, today: date | None) -> list[CalendarRow]:
    """Days from 5 weeks before the history's end to 60 after, and the 60 weeks from `today`.

    Monday to Friday are workdays and school days, week-ends are rest: no source of incidents
    knows the holidays, so people must fill them in.
    """
    spans = []
    if len(rows):
        last = calendar.local(int(rows["at_ms"].max())).date()
        spans.append((last - timedelta(weeks=WEEKS_BEFORE), last + timedelta(weeks=WEEKS_AFTER)))
    if today is not None:
        spans.append((today, today + timedelta(weeks=WEEKS_AFTER)))
    days: set[date] = set()
    for first, end in spans:
        monday = first - timedelta(days=first.weekday())
        sunday = end + timedelta(days=6 - end.weekday())
        days |= {monday + timedelta(days=n) for n in range((sunday - monday).days + 1)}
    return [
        CalendarRow(day=day, kind="workday" if day.isoweekday() <= 5 else "rest",
                    school="1" if day.isoweekday() <= 5 else "0")
        for day in sorted(days)
    ]  # fmt: skip
