"""A district folder, loaded: the one object that planner and dispatch work from."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from config import calendar, checks, doubts, people, roads, travel
from config.coordinates import Frame, to_wgs84
from config.errors import BadInput, Finding
from config.findings import capped
from config.ids import PlaceId, PostId, SquadronId, VehicleId
from config.reading import Table, public_csv, read_table
from config.settings import Settings
from config.tables import (
    TABLES,
    BondRow,
    CalendarRow,
    DeviceRow,
    DutyRow,
    EdgeRow,
    HazardRow,
    LeaveRow,
    MustArriveRow,
    MustCorrectRow,
    NodeRow,
    PersonRow,
    PlaceRow,
    PostRow,
    Row,
    StrictRoadRow,
    VehicleRow,
    WatchRow,
)
from config.whole import PLACING, unfinished
from config.yaml_reading import Document, read_yaml


@dataclass(frozen=True, slots=True)
class District:
    """All of a district folder, checked."""

    folder: Path
    settings: Settings
    roads: roads.Roads
    travel: travel.Travel
    calendar: calendar.Calendar
    people: people.People
    frame: Frame
    places: Mapping[PlaceId, PlaceRow]
    posts: Mapping[PostId, PostRow]
    vehicles: tuple[VehicleRow, ...]
    devices: tuple[DeviceRow, ...]
    duties: tuple[DutyRow, ...]
    watchlist: tuple[WatchRow, ...]
    hazards: tuple[HazardRow, ...]
    strict_roads: tuple[StrictRoadRow, ...]
    must_arrive_fixed: tuple[MustArriveRow, ...]
    must_correct_fixed: tuple[MustCorrectRow, ...]
    hashes: Mapping[str, str]
    """File → SHA-256 of its content without private columns (`reading.public_csv`)."""
    node_squadron: NDArray[np.int32]
    """Position in `squadrons` of each node's squadron, shape (n,)."""
    withdrawn: Mapping[VehicleId, tuple[tuple[date, date | None], ...]] = field(
        default_factory=dict
    )
    """First and last days without a vehicle, as reported; what `vehicles` says holds, too."""

    @property
    def squadrons(self) -> tuple[SquadronId, ...]:
        """The squadrons, in the order of the settings."""
        return tuple(SquadronId(squadron.id) for squadron in self.settings.squadrons)

    def squadron_of_node(self, node: int) -> SquadronId:
        """The squadron in whose part of the district a node (by its index) lies."""
        return self.squadrons[int(self.node_squadron[node])]

    def node_of_place(self, place: str) -> int:
        """Index of a place's node; KeyError when there is no such place."""
        return self.roads.index[self.places[PlaceId(place)].node]  # type: ignore[index]

    def node_of_post(self, post: str) -> int:
        """Index of a post's node; KeyError when there is no such post."""
        return self.roads.index[self.posts[PostId(post)].node]  # type: ignore[index]

    def node_of_duty(self, duty: DutyRow) -> int | None:
        """Index of the node where a fixed duty stands: its place's, else its post's."""
        if duty.place:
            return self.node_of_place(duty.place)
        return self.node_of_post(duty.post) if duty.post else None

    def station_of(self, squadron: str) -> PostRow:
        """The post that is a squadron's station; every squadron has one."""
        return next(
            post for post in self.posts.values()
            if post.station == "1" and self.squadron_of_post(post) == squadron
        )  # fmt: skip

    def squadron_of_post(self, post: PostRow) -> SquadronId:
        """A post's squadron, or that of its node where the row names none."""
        if post.squadron:
            return SquadronId(post.squadron)
        return self.squadron_of_node(self.node_of_post(post.post))


@dataclass(slots=True)
class Parts:
    """A district's files as read, before they are checked against each other."""

    folder: Path
    settings: Document[Settings]
    tables: dict[type[Row], Table[Any]]

    def __getitem__(self, model: type[Row]) -> Table[Any]:
        """The file of a row model."""
        return self.tables[model]

    def findings(self) -> list[Finding]:
        """All that was found so far, in the order of files and lines.

        Where the folder is unfinished that alone: every other fault follows from it.
        """
        if unfinished(self.folder):
            return [Finding("error", PLACING, None, None, "check.cut_off")]
        found = list(self.settings.findings)
        for table in self.tables.values():
            found += sorted(table.findings, key=lambda f: (f.line or 0, f.column or 0))
        return found


def read(folder: Path) -> Parts:
    """Read all files of a district folder and check them against each other."""
    settings = read_yaml(folder / "settings.yaml", Settings)
    tables = {model: read_table(folder / model.file, model) for model in TABLES}
    parts = Parts(folder, settings, tables)
    checks.check_all(settings, tables)
    return parts


def check(folder: Path, now: datetime | None = None) -> list[Finding]:
    """Everything that is wrong (errors) or doubtful (warnings) in a district folder.

    Its history, kept rosters and days to be played are read, too, as planner and play do.

    Args:
        folder: The district folder.
        now: From when on the calendar should cover the weeks; default is the present.
    """
    from config import kept  # noqa: PLC0415 - pandas; engine and door load without it

    now = now or datetime.now(UTC)
    parts = read(folder)
    none = [*doubts.without_history(folder), *doubts.of_an_import(folder)]
    if not _errors(parts):
        doubts.note_doubts(_build(parts), parts.tables, now)
    if unfinished(folder):
        return parts.findings()
    beside = kept.check_kept(folder, parts.settings, parts.tables, now)
    return list(capped([*parts.findings(), *none, *beside]))


def load(folder: Path) -> District:
    """Load a district folder.

    Raises:
        BadInput: With all findings that are errors.
    """
    parts = read(folder)
    errors = _errors(parts)
    if errors:
        raise BadInput(list(capped(errors)))
    return _build(parts)


def _errors(parts: Parts) -> list[Finding]:
    return [finding for finding in parts.findings() if finding.level == "error"]


def _build(parts: Parts) -> District:
    """The district of files without errors."""
    settings = parts.settings.sound()
    rows = {model: table.rows for model, table in parts.tables.items()}
    frame = Frame(settings.crs)
    network = roads.build(rows[NodeRow], rows[EdgeRow], _lonlat(rows[NodeRow], settings, frame))
    posts = {PostId(row.post): row for row in rows[PostRow]}
    hashes = {"settings.yaml": hashlib.sha256(parts.settings.raw).hexdigest()}
    for table in parts.tables.values():
        if table.present:
            hashes[table.file] = hashlib.sha256(public_csv(table)).hexdigest()
    return District(
        folder=parts.folder, settings=settings, roads=network,
        travel=travel.Travel(network, settings.travel),
        calendar=calendar.Calendar.of_zone(settings.time_zone,
                                           {row.day: row for row in rows[CalendarRow]}),
        people=people.build(rows[PersonRow], rows[BondRow], rows[LeaveRow]),
        frame=frame, places={PlaceId(row.place): row for row in rows[PlaceRow]}, posts=posts,
        vehicles=rows[VehicleRow], devices=rows[DeviceRow], duties=rows[DutyRow],
        watchlist=rows[WatchRow], hazards=rows[HazardRow], strict_roads=rows[StrictRoadRow],
        must_arrive_fixed=rows[MustArriveRow], must_correct_fixed=rows[MustCorrectRow],
        hashes=hashes, node_squadron=_node_squadrons(rows[NodeRow], settings, network, posts),
    )  # fmt: skip


def _lonlat(
    nodes: tuple[NodeRow, ...], settings: Settings, frame: Frame
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """WGS-84 degrees of the nodes: as given, else from their metres."""
    lon = np.array([np.nan if row.lon is None else row.lon for row in nodes])
    lat = np.array([np.nan if row.lat is None else row.lat for row in nodes])
    if settings.crs.lonlat is not None:
        lon, lat = to_wgs84(lon, lat, settings.crs.lonlat)
    missing = np.isnan(lon) | np.isnan(lat)
    if missing.any():
        x_m = np.array([row.x_m for row in nodes])
        y_m = np.array([row.y_m for row in nodes])
        lon, lat = lon.copy(), lat.copy()
        lon[missing], lat[missing] = frame.to_lonlat(x_m[missing], y_m[missing])
    return lon, lat


def _node_squadrons(nodes: tuple[NodeRow, ...], settings: Settings, network: roads.Roads,
                    posts: Mapping[PostId, PostRow]) -> NDArray[np.int32]:  # fmt: skip
    """Squadron of each node: as given, else that of the nearest station as the crow flies."""
    order = {squadron.id: at for at, squadron in enumerate(settings.squadrons)}
    best_m = np.full(len(nodes), np.inf)
    squadron = np.zeros(len(nodes), dtype=np.int32)
    for post in posts.values():
        if post.station != "1" or post.squadron is None:
            continue
        at = network.index[post.node]  # type: ignore[index]
        metres = np.hypot(network.x_m - network.x_m[at], network.y_m - network.y_m[at])
        nearer = metres < best_m
        best_m[nearer], squadron[nearer] = metres[nearer], order[post.squadron]
    given = [(at, order[row.squadron]) for at, row in enumerate(nodes) if row.squadron]
    for at, number in given:
        squadron[at] = number
    return squadron
