"""The mapping file: how a source's files become a district, and its rows a history.

Everything peculiar to a source stands in its mapping: columns, encodings, date parts, swapped
axes, shifted datums, codes for unknown. The code knows no city. docs/import.md has every key.
"""

import fnmatch
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from config.errors import BadInput
from config.settings import Crs, Part, Travel
from config.tables import RoadClass, Severity
from config.yaml_reading import read_yaml

CrewLaw = Literal["all", "local", "by_class"]


def _column(given: object) -> object:
    return {"column": given} if isinstance(given, str) else given


class Take(Part):
    """Where a field's value comes from: a column, perhaps translated, or a fixed value."""

    column: str | None = None
    value: str | None = None
    map: dict[str, str] = Field({}, description="Source's word → ours.")
    default: str | None = Field(None, description="For words not in `map`; none: row refused.")
    unknown: tuple[str, ...] = Field((), description="Words that say nothing.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.column is None) == (self.value is None):
            msg = "give either a column or a fixed value"
            raise ValueError(msg)
        return self


Taken = Annotated[Take, BeforeValidator(_column)]


class Moment(Part):
    """When: columns of date parts, or columns joined by a space and read by formats."""

    year: str | None = None
    month: str | None = None
    day: str | None = None
    hour: str | None = None
    minute: str | None = None
    columns: tuple[str, ...] = ()
    formats: tuple[str, ...] = Field((), description="strptime formats, or `iso` with offset.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        parts = (self.year, self.month, self.day)
        if (None in parts) == (not self.columns) or bool(self.columns) != bool(self.formats):
            msg = "give year, month and day columns, or columns and their formats"
            raise ValueError(msg)
        return self

    def names(self) -> list[str]:
        """All columns that the time is read from."""
        parts = (self.year, self.month, self.day, self.hour, self.minute)
        return [name for name in parts if name is not None] + list(self.columns)


class Spot(Part):
    """Where: metres of the mapping's metric frame, or degrees of its declared system."""

    x_m: str | None = None
    y_m: str | None = None
    lon: str | None = None
    lat: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        metric, degrees = (self.x_m, self.y_m), (self.lon, self.lat)
        if (None in metric) == (None in degrees):
            msg = "give x_m and y_m, or lon and lat"
            raise ValueError(msg)
        return self

    @property
    def metric(self) -> bool:
        """Whether the columns are metres."""
        return self.x_m is not None

    def names(self) -> tuple[str, str]:
        """The two columns, east first."""
        east, north = (self.x_m, self.y_m) if self.metric else (self.lon, self.lat)
        assert east is not None and north is not None  # noqa: PT018 - by _one
        return east, north


class Graded(Part):
    """A severity that holds when any of the count columns is above zero."""

    severity: Severity
    above_zero: tuple[str, ...] = Field(min_length=1)


class Link(Part):
    """Rows that belong to rows of another table, and take time and place from them."""

    table: str


class Bounds(Part):
    """Where a place may lie, after swapping and shifting, in the units of the source."""

    east: tuple[float, float]
    north: tuple[float, float]


class Reading(Part):
    """How a file is read. Given for all files, and again for those whose name matches."""

    match: str = Field("*", description="Shell pattern of the file's name.")
    encodings: tuple[str, ...] | None = Field(None, description="Tried in order, line by line.")
    delimiter: str | None = Field(None, min_length=1, max_length=1)
    decimal: Literal[".", ","] | None = None
    swap_xy: bool | None = Field(None, description="The two place columns change their names.")
    shift_m: tuple[float, float] | None = Field(None, description="Added east and north.")


class Table(Part):
    """One kind of file: which columns make a row of the history."""

    id: Taken | None = None
    time: Moment
    resolution_min: Taken = Take(value="1")
    place: Spot
    category: Taken = Take(value="incident")
    kind: Taken | None = None
    severity: tuple[Graded, ...] | Taken = ()
    otherwise: Severity = Field("none", description="When no count is above zero.")
    violation: Taken | None = None
    area: Taken | None = None
    service_s: Taken | None = None
    node: Taken | None = None
    street: tuple[str, ...] = Field((), description="Columns that name the place, best first.")
    unknown: tuple[str, ...] = Field((), description="Codes for unknown, in any column.")
    bounds: Bounds | None = None
    link: Link | None = None
    duplicate: Literal["id", "row", "none"] = "id"
    files: tuple[Reading, ...] = ()

    def needed(self) -> set[str]:
        """Columns without which a file is not of this kind."""
        takes = (self.id, self.resolution_min, self.category, self.kind, self.violation,
                 self.area, self.service_s, self.node)  # fmt: skip
        names = {take.column for take in takes if take is not None and take.column}
        if isinstance(self.severity, Take):
            names |= {self.severity.column} if self.severity.column else set()
        else:
            names |= {name for grade in self.severity for name in grade.above_zero}
        return names | set(self.time.names()) | set(self.place.names()) | set(self.street)


class Seconds(Part):
    """A column of durations, and how many seconds its unit has."""

    column: str
    unit_s: float = Field(1.0, gt=0)


class GraphNodes(Part):
    """Columns of a table of junctions."""

    id: str
    place: Spot


class GraphArcs(Part):
    """Columns of a table of directed roads."""

    origin: str
    to: str
    seconds: Seconds
    patrol_seconds: Seconds | None = None


class Network(Part):
    """What the road network is made from."""

    kind: Literal["cells", "graph", "osm"]
    cell_m: int = Field(200, ge=10, le=5000)
    reach_m: float | None = Field(None, gt=0, description="Farthest node of an incident kept.")
    nodes: GraphNodes | None = None
    arcs: GraphArcs | None = None
    speeds_kmh: dict[RoadClass, float] = Field({}, description="OSM classes driven, in traffic.")
    lights_factor: float = Field(1.0, gt=0, le=1, description="Time with lights ÷ in traffic.")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.kind == "graph" and (self.nodes is None or self.arcs is None):
            msg = "a graph needs nodes and arcs"
            raise ValueError(msg)
        if self.kind == "osm" and not self.speeds_kmh:
            msg = "osm needs speeds_kmh, one a class"
            raise ValueError(msg)
        return self


class Group(Part):
    """A squadron: its name and, by area, the source's area codes that are its part."""

    id: str
    name: str
    areas: tuple[str, ...] = ()


class Force(Part):
    """The force to generate where the source has none."""

    squadrons: tuple[Group, ...] = Field(min_length=1)
    posts: int = Field(16, ge=1, le=500, description="In all; units on duty at the peak.")
    auxiliaries: int = Field(2, ge=0, le=8, description="Bonded to each officer.")
    week_h: int = Field(40, ge=1, le=60, description="Hours of a team in a week.")


class DistrictMapping(Part):
    """What settings.yaml says of the district."""

    brigade: str
    name: str
    simulation: bool = False
    travel: Travel = Travel()
    force: Force
    network: Network


class Mapping(Part):
    """A mapping file. `district` is absent where it only describes a folder's history."""

    name: str
    attribution: str = ""
    time_zone: str | None = None
    crs: Crs
    crew_law: CrewLaw
    reading: Reading = Reading()
    district: DistrictMapping | None = None
    tables: dict[str, Table] = {}

    def reading_of(self, table: Table | None, file: str) -> Reading:
        """How `file` is read: its own entry where one matches, completed by the general one."""
        entries = [entry for entry in (table.files if table else ())
                   if fnmatch.fnmatch(Path(file).name, entry.match)]  # fmt: skip
        merged = self.reading.model_dump(exclude_none=True)
        for entry in entries[:1]:
            merged |= entry.model_dump(exclude_none=True)
        return Reading.model_validate(merged)


def load(path: Path) -> Mapping:
    """The mapping of a YAML file.

    Raises:
        BadInput: With line and column of each key that is wrong.
    """
    document = read_yaml(path, Mapping, str(path))
    if document.value is None or any(each.level == "error" for each in document.findings):
        raise BadInput(document.findings)
    return document.value


IDENTITY = "identity.yaml"


def builtin() -> tuple[Mapping, ...]:
    """The mappings that come with the program, that of our own columns last."""
    names = sorted(file.name for file in _folder().iterdir() if file.name.endswith(".yaml"))
    return tuple(_shipped(name) for name in sorted(names, key=lambda name: name == IDENTITY))


def identity(crs: Crs, crew_law: CrewLaw, time_zone: str) -> Mapping:
    """The mapping of a history that already has our columns, as an import writes it."""
    given = {"crs": crs, "crew_law": crew_law, "time_zone": time_zone}
    return _shipped(IDENTITY).model_copy(update=given)


def _shipped(name: str) -> Mapping:
    with resources.as_file(_folder() / name) as path:
        return load(path)


def _folder() -> Traversable:
    return resources.files("config.importers") / "mappings"
