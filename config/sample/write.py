"""Writes the sample district as a folder, byte for byte the same for the same seed and day."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from config.coordinates import Frame
from config.errors import BadInput
from config.importers.folder import iso
from config.importers.mapping import identity
from config.made_tables import (
    HistoryRow,
    LiveRow,
    MustArriveOutRow,
    RosterRow,
    SightingRow,
    VisitRow,
)
from config.reading import columns, write_rows
from config.sample import days, names
from config.sample.duties import (
    make_hazards,
    make_pinned,
    make_rules,
    make_watchlist,
    plate_key,
)
from config.sample.places import node_id
from config.sample.records import live_day, make_history, sightings
from config.sample.rota import make_rota
from config.sample.town import SPEED_KMH, STOP_S
from config.sample.world import TIME_ZONE, World, make_world
from config.settings import Settings
from config.tables import EdgeRow, NodeRow, Row
from config.whole import contents, finish, whole

ORIGIN = {"origin_lon": 117.2, "origin_lat": 34.9}
"""Somewhere on a plain; the town is not there."""
KEY_FILE = "plates.key"
PATROL_FACTOR, SIREN_FACTOR = 0.75, 1.05
"""Speed on patrol, and with lights and sirens, as a share of what is allowed."""
_HEAD = (
    "# A synthetic district, made by `qinwu init`: town, people, plates and history are made up.\n"
    "# Whatever is not here keeps its default (docs/district.md).\n"
)


def settings_of(world: World) -> dict[str, Any]:
    """What settings.yaml says."""
    return {
        "brigade": names.BRIGADE, "name": names.TITLE, "synthetic": True, "simulation": True,
        "time_zone": TIME_ZONE, "crs": {"lonlat": "WGS-84", "metric": "local", **ORIGIN},
        "crew_law": "by_class",
        "squadrons": [{"id": key, "name": name} for key, name in names.SQUADRONS],
        "duty_officer": world.force.people[0].person,
    }  # fmt: skip


def write_sample(folder: Path, seed: int, today: date, live: Iterable[date] = ()) -> World:
    """Make the sample district in a new or empty folder, all of it or nothing.

    Args:
        folder: Where to.
        seed: Of everything that is random.
        today: The day on whose morning the district stands; the history ends the day before.
        live: More days to be played, from `today` to the end of the calendar; those up to the
            end of the next week are always there.

    Raises:
        BadInput: The folder holds something, the year is far from ours, or a day cannot be played.
        OSError: No room, or no right.
    """
    if finish(folder):
        raise BadInput(key="sample.finished", folder=folder)
    _refuse_unless_empty(folder)
    if not days.FIRST_YEAR <= today.year <= days.LAST_YEAR:
        raise BadInput(key="sample.no_today", day=today, first=days.FIRST_YEAR, last=days.LAST_YEAR)
    last = days.calendar_start(today) + timedelta(days=7 * days.WEEKS - 1)
    asked = list(live)
    for day in asked:
        if not today <= day <= last:
            raise BadInput(key="sample.no_live", day=day, first=today, last=last)
    world = make_world(seed, today)
    with whole(folder, partial(_refuse_unless_empty, folder)) as writing:
        _write(writing, world, sorted({*asked, *playable(today)}))
    return world


def _refuse_unless_empty(folder: Path) -> tuple[()]:
    if folder.is_file() or (folder.is_dir() and contents(folder)):
        raise BadInput(key="sample.full", folder=folder)
    return ()


def playable(today: date) -> Iterator[date]:
    """The days that a sample can play by itself: from `today` to the end of the next week."""
    for ahead in range(14 - today.weekday()):
        yield today + timedelta(days=ahead)


def _write(folder: Path, world: World, live: Iterable[date]) -> None:
    given = settings_of(world)
    settings = Settings.model_validate(given)
    text = yaml.safe_dump(given, allow_unicode=True, sort_keys=False)
    (folder / "settings.yaml").write_text(_HEAD + text, encoding="utf-8", newline="\n")
    _write_tables(folder, world, settings)
    _write_history(folder, world, settings)
    _write_roster(folder, world, settings)
    _write_key(folder / KEY_FILE, world.seed)
    for day in live:
        write_rows(folder / "live" / f"{day}.csv", live_day(world, day, settings), LiveRow)
        seen = sightings(world, day)
        write_rows(folder / "live" / f"{day}.sightings.csv", seen, SightingRow)


def _write_tables(folder: Path, world: World, settings: Settings) -> None:
    force = world.force
    correct, strict = make_rules()
    tables: list[list[Any]] = [
        _nodes(world, settings), _edges(world), world.places.places, world.places.posts,
        force.people, force.bonds, force.leave, force.vehicles, force.devices, world.duties,
        make_watchlist(world.seed, world.today), make_hazards(world.seed, world.town, world.today),
        strict, make_pinned(world.places), correct, days.calendar_rows(world.today),
    ]  # fmt: skip
    for rows in tables:
        model: type[Row] = type(rows[0])
        write_rows(folder / model.file, rows, bom=True)


def _nodes(world: World, settings: Settings) -> list[NodeRow]:
    lon, lat = Frame(settings.crs).to_lonlat(world.town.x_m, world.town.y_m)
    order = [name for name, _ in names.SQUADRONS]
    return [
        NodeRow(node=node_id(at), x_m=x_m, y_m=y_m, lon=round(float(lon[at]), 6),
                lat=round(float(lat[at]), 6), squadron=order[int(world.places.squadron[at])])
        for at, (x_m, y_m) in enumerate(zip(world.town.x_m, world.town.y_m, strict=True))
    ]  # fmt: skip


def _edges(world: World) -> list[EdgeRow]:
    rows = []
    for number, (tail, head, road_class, section, metres) in enumerate(world.town.edges, start=1):
        allowed_s, stop_s = metres * 3.6 / SPEED_KMH[road_class], STOP_S[road_class]
        rows.append(EdgeRow.model_validate({
            "edge": f"e{number:04d}", "from": node_id(tail), "to": node_id(head),
            "seconds": round(allowed_s / SIREN_FACTOR + stop_s, 1), "length_m": metres,
            "speed_kmh": SPEED_KMH[road_class], "class": road_class, "section": section,
            "patrol_seconds": round(allowed_s / PATROL_FACTOR + 3 * stop_s, 1), "oneway": "1",
        }))  # fmt: skip
    return rows


def _write_history(folder: Path, world: World, settings: Settings) -> None:
    """history/incidents.csv, and the mapping that says it has our own columns."""
    table = make_history(world)
    table["at"] = iso(table["at_ms"].to_numpy(np.int64), world.calendar)
    (folder / "history").mkdir()
    written = table[list(columns(HistoryRow))]
    written.to_csv(folder / HistoryRow.file, index=False, encoding="utf-8", lineterminator="\n")
    mapping = identity(settings.crs, settings.crew_law, settings.time_zone)
    given = mapping.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    text = yaml.safe_dump(given, allow_unicode=True, sort_keys=False)
    path = folder / "history" / "mapping.yaml"
    path.write_text(_HEAD + text, encoding="utf-8", newline="\n")


def _write_roster(folder: Path, world: World, settings: Settings) -> None:
    """roster/WEEK: the published roster of the current week, its visits and their points."""
    week, rows, visits = make_rota(world)
    out = folder / "roster" / week
    places = {row.place: row for row in world.places.places}
    order = [name for name, _ in names.SQUADRONS]
    lon, lat = Frame(settings.crs).to_lonlat(world.town.x_m, world.town.y_m)
    points = []
    for row in make_pinned(world.places):
        node = int(places[row.place].node[1:])
        given = {name: getattr(row, name) for name in type(row).model_fields}
        points.append(MustArriveOutRow.model_validate(given | {
            "name": places[row.place].name, "lon": round(float(lon[node]), 7),
            "lat": round(float(lat[node]), 7), "squadron": order[world.places.squadron[node]],
        }))  # fmt: skip
    write_rows(out / "roster.csv", rows, RosterRow, bom=True)
    write_rows(out / "visits.csv", visits, VisitRow, bom=True)
    write_rows(out / "must_arrive.csv", points, MustArriveOutRow, bom=True)


def _write_key(path: Path, seed: int) -> None:
    """The key of the plates' hashes, for its owner's eyes only."""
    path.touch(mode=0o600)
    path.write_text(plate_key(seed).hex() + "\n", encoding="ascii", newline="\n")
