"""The whole import: a source in, a district folder that `qinwu check` accepts out."""

import shlex
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from config.calendar import Calendar
from config.crossings import Crossings
from config.errors import BadInput, NotFound
from config.importers import areas, folder, force, history, live, naming, network
from config.importers.astray import unrecorded
from config.importers.choose import choose, header, lacking, nearly, other_sheets, unfit
from config.importers.graph import read_graph
from config.importers.mapping import DistrictMapping, Mapping, load
from config.importers.maps import one_map
from config.importers.osm import read_osm
from config.importers.quality import FileQuality, Report, finding, lost_rows
from config.importers.reader import Source, is_osm, is_text, is_workbook, sources
from config.made_tables import LiveRow
from config.roads import Roads
from config.settings import Settings, Squadron
from config.tables import PlaceRow, PostRow
from config.travel import Travel
from config.whole import finish, whole


@dataclass(slots=True)
class Drawn:
    """A network, and the history that lies on it."""

    network: network.Made
    roads: Roads
    rows: pd.DataFrame
    files: tuple[FileQuality, ...]
    """Of the history: what the column `file` of `rows` numbers."""
    report: Report


def import_district(source: Path, out: Path, mapping_file: Path | None = None,
                    day: date | None = None, today: date | None = None) -> Report:  # fmt: skip
    """Make a district folder of a source; nothing is written unless all of it can be.

    Args:
        source: A file, or a folder of files and zips.
        out: The folder to make: absent, empty, or made by an import and not edited since.
        mapping_file: What the files mean; None takes the built-in one that fits their headers.
        day: A local date to keep out of the history and to write to live/DATE.csv.
        today: From when on the calendar must cover the weeks; None is the history's end.

    Raises:
        BadInput: The source, the mapping or the folder is not as it must be.
        NotFound: Nothing happened on `day`.
        OSError: No room, or no right.
    """
    begun = time.perf_counter()
    finish(out)  # an import that was cut off: this one takes its place
    former = folder.refuse_unless_free(out)
    files = sources(source)
    mapping = load(mapping_file) if mapping_file is not None else choose(files)
    if mapping.district is None:
        raise BadInput([finding(str(mapping_file), "import.no_district")])
    settings = settings_of(mapping, mapping.district)
    options = _options(out, mapping_file, day)
    files, elsewhere, twice = one_map(files, mapping.district, source, options)
    drawn = _draw(files, mapping, mapping.district, settings, Report(mapping.name, source.name))
    drawn.report.elsewhere, drawn.report.twice = elsewhere, twice
    calendar = Calendar.of_zone(settings.time_zone)
    played = _hold(drawn, day, settings, calendar) if day is not None else None
    tables = _tables(drawn, mapping.district, settings)
    tables["calendar.csv"] = folder.calendar_rows(drawn.rows, calendar, today)
    for table in mapping.tables.values():
        drawn.report.columns |= table.given_names()
    drawn.report.count_lost(mapping.tables)
    drawn.report.notes = _notes(drawn, mapping.district)
    content = folder.Content(settings, mapping, tables, drawn.rows, calendar, day, played)
    with whole(out, partial(folder.make_room, out, former)) as writing:
        drawn.report.written = folder.write(writing, content)
        drawn.report.seconds = round(time.perf_counter() - begun, 3)
        drawn.report.save(writing / folder.QUALITY)
    return drawn.report


def _options(out: Path, mapping_file: Path | None, day: date | None) -> str:
    """The options of the command, to be typed again."""
    given = {"--out": out, "--mapping": mapping_file, "--live": day}
    return " ".join(f"{name} {shlex.quote(str(told))}" for name, told in given.items() if told)


def settings_of(mapping: Mapping, given: DistrictMapping) -> Settings:
    """The settings of a mapping's district; what it leaves open keeps its default."""
    if mapping.time_zone is None or mapping.crs.lonlat is None:
        missing = "time_zone" if mapping.time_zone is None else "crs.lonlat"
        raise BadInput([finding(mapping.name, "import.undeclared", name=missing)])
    travel = given.travel
    if given.network.kind == "cells":
        travel = travel.model_copy(update={"cell_m": given.network.cell_m})
    return Settings(
        brigade=given.brigade, name=given.name, simulation=given.simulation,
        time_zone=mapping.time_zone, crs=mapping.crs, crew_law=mapping.crew_law, travel=travel,
        squadrons=tuple(Squadron(id=each.id, name=each.name) for each in given.force.squadrons),
        duty_officer="P001",
    )  # fmt: skip


def _draw(files: Sequence[Source], mapping: Mapping, given: DistrictMapping, settings: Settings,
          report: Report) -> Drawn:  # fmt: skip
    """The network, and the history with the node of each row."""
    made, left = _network(files, mapping, given, report)
    records, unused = history.mapped(
        left, mapping, settings.crs, settings.time_zone,
        Crossings(made.nodes, made.edges, made.km_posts),
    )  # fmt: skip
    faults = [fault for source in unused for fault in [nearly(source, mapping)] if fault]
    if faults:
        raise BadInput(faults)
    tables = [source for source in unused if is_text(source)]
    books = [source for source in unused if is_workbook(source)]
    if mapping.tables and records.rows.empty and (tables or books or records.files):
        raise _without_rows(records, [*tables, *books], mapping, report)
    report.files += records.files
    report.ignored = [source.name for source in unused]
    report.headers = {source.name: header(source, mapping) for source in tables}
    report.unread = [source.name for source in books]
    report.sheets = {one.name: list(one.sheets) for one in left if len(one.sheets) > 1}
    rows = records.rows
    missing = unrecorded(rows, Calendar.of_zone(settings.time_zone)) if len(rows) else []
    report.silent = [{"key": one.key, **one.fields} for one in missing]
    if given.network.kind == "cells":
        if rows.empty:
            raise _without_rows(records, tables, mapping, report)
        x_m, y_m = rows["x_m"].to_numpy(float), rows["y_m"].to_numpy(float)
        made, names = network.cells(x_m, y_m, given.network.cell_m, settings.crs)
        rows = rows.assign(node=names)
        roads = made.roads(settings.crs)
    else:
        roads = made.roads(settings.crs)
        rows = _snapped(rows, roads, given.network.reach_m, records)
        if rows.empty and records.files:
            raise _without_rows(records, [], mapping, report)
    report.network = made.counts
    return Drawn(made, roads, rows, records.files, report)


def _without_rows(
    records: history.Records, tables: Sequence[Source], mapping: Mapping, report: Report
) -> BadInput:
    """What to raise where no row is usable: why each file's are not, and what others lack."""
    lost = [fault for each in records.files for fault in lost_rows(each)]
    none = finding(report.source, "import.no_rows", mapping=mapping.name)
    others = [unfit(one) if is_workbook(one) else lacking(one, mapping) for one in tables]
    return BadInput([*([none] if lost or not others else []), *lost, *others,
                     *other_sheets(tables)])  # fmt: skip


def _network(files: Sequence[Source], mapping: Mapping, given: DistrictMapping, report: Report
             ) -> tuple[network.Made, list[Source]]:  # fmt: skip
    """The roads of a source, none where its mapping has only cells; and the files left."""
    if given.network.kind == "cells":
        return network.Made([], []), list(files)
    if given.network.kind == "graph":
        made, qualities, left = read_graph(files, mapping, given.network)
        report.files += qualities
        return made, left
    maps = [source for source in files if is_osm(source)]
    if not maps:
        raise BadInput([finding(report.source, "import.no_osm")])
    made, quality = read_osm(maps[0], given.network, mapping.crs)
    report.files.append(quality)
    return made, [source for source in files if not is_osm(source)]


def _snapped(rows: pd.DataFrame, roads: Roads, reach_m: float | None, records: history.Records
             ) -> pd.DataFrame:  # fmt: skip
    """Rows with their nearest node; those too far from any are refused, with their line."""
    if rows.empty:
        return rows
    nodes, metres = roads.nearest_nodes(rows["x_m"].to_numpy(float), rows["y_m"].to_numpy(float))
    far = metres > (reach_m or np.inf)
    lines = rows[["file", "line"]].assign(metres=metres)[far].sort_values(["file", "line"])
    for at, file, line, metre in lines.itertuples():
        told = " ".join(part for part in rows.loc[at, ["id", "street"]] if part)
        text = f"{told}: {metre:.0f} m (reach_m {reach_m:g})"
        records.files[file].refuse(int(line), "outside_network", text)
    names = np.array(roads.node_ids, dtype=object)[nodes]
    return rows.assign(node=names)[~far].reset_index(drop=True)


def _hold(drawn: Drawn, day: date, settings: Settings, calendar: Calendar) -> list[LiveRow]:
    """Take a day out of the history; its incidents as rows to be played."""
    held = live.on_day(drawn.rows, day, calendar)
    played = live.live_rows(drawn.rows[held], settings, calendar)
    if not played:
        if drawn.rows.empty:
            raise NotFound("import.nothing_to_play", day=day)
        first, last = (
            calendar.local(int(at)).date() for at in drawn.rows["at_ms"].agg(["min", "max"])
        )
        raise NotFound("import.no_live", day=day, first=first, last=last)
    for number, count in drawn.rows["file"][held].value_counts().items():
        drawn.files[int(str(number))].held["live"] += int(count)
    drawn.rows = drawn.rows[~held].reset_index(drop=True)
    drawn.report.made["live"] = len(played)
    return played


def _tables(
    drawn: Drawn, given: DistrictMapping, settings: Settings
) -> dict[str, Sequence[object]]:
    """Rows of the other files: squadrons of the nodes, posts, places, the force."""
    incidents = drawn.rows[drawn.rows["category"] == "incident"]
    at = np.array([drawn.roads.index[name] for name in incidents["node"]], dtype=np.int64)
    count = len(drawn.roads.node_ids)
    weights = np.bincount(at, minlength=count).astype(float)
    if not weights.any():  # no history: as if everything happened evenly along the roads
        ends = np.concatenate((drawn.roads.tail, drawn.roads.head))
        weights = np.bincount(ends, np.tile(drawn.roads.length_m, 2), minlength=count)
    groups = given.force.squadrons
    squadron = areas.squadrons(drawn.roads, weights, groups, _areas(drawn, incidents))
    for number, group in enumerate(groups):
        if not (squadron == number).any():
            fault = finding(drawn.report.mapping, "import.no_nodes", squadron=group.id)
            raise BadInput([fault])
    parts = [float(weights[squadron == number].sum()) for number in range(len(groups))]
    counts = areas.shares(parts, given.force.posts)
    travel = Travel(drawn.roads, settings.travel)
    chosen = areas.posts(travel, weights, squadron, counts)
    parted = zip(drawn.network.nodes, squadron.tolist(), strict=True)
    nodes = [row.model_copy(update={"squadron": groups[number].id}) for row, number in parted]
    names = naming.names_of(drawn.network, drawn.roads, incidents)
    made = force.generate(given.force, [len(chosen[number]) for number in range(len(groups))])
    spots = [(groups[number].id, at, drawn.roads.node_ids[node])
             for number, found in chosen.items() for at, node in enumerate(found)]  # fmt: skip
    called = naming.apart(names.get(node) for _, _, node in spots)
    posts = [
        PostRow(post=f"{group}-{at + 1}", node=node, squadron=group, name=name,
                station="1" if at == 0 else "0")
        for (group, at, node), name in zip(spots, called, strict=True)
    ]  # fmt: skip
    kind = "junction" if drawn.network.edges else "other"
    places = [PlaceRow(place=f"L{name}", kind=kind, node=name, name=shown)
              for name, shown in names.items()]  # fmt: skip
    places += drawn.network.km_posts
    fitted = "posts" if len(incidents) else "posts_spread"
    drawn.report.made |= {
        "squadrons": len(groups), fitted: len(posts), "places": len(places),
        "people": len(made.people), "vehicles": len(made.vehicles), "devices": len(made.devices),
    }  # fmt: skip
    return {
        "nodes.csv": nodes, "edges.csv": drawn.network.edges, "posts.csv": posts,
        "places.csv": places, "people.csv": made.people, "bonds.csv": made.bonds,
        "vehicles.csv": made.vehicles, "devices.csv": made.devices,
    }  # fmt: skip


def _areas(drawn: Drawn, incidents: pd.DataFrame) -> list[str]:
    """The area code that most incidents of each node have; "" where none is known."""
    known = incidents[incidents["area"] != ""]
    usual = known.groupby(["node", "area"]).size().reset_index(name="count")
    usual = usual.sort_values(["count", "area"], ascending=[False, True]).drop_duplicates("node")
    of = dict(zip(usual["node"], usual["area"], strict=True))
    return [of.get(name, "") for name in drawn.roads.node_ids]


def _notes(drawn: Drawn, given: DistrictMapping) -> list[str]:
    notes = ["holidays", "force"]
    if drawn.rows.empty:
        notes.append("no_history")
    if given.network.kind == "cells":
        notes.append("no_network")
    if any(each.refused["no_km_posts"] for each in drawn.files) and not drawn.network.km_posts:
        notes.append("no_km_posts")
    return notes
