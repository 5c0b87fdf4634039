"""The mapping file: how a source's files become a district, and its rows a history.

Everything peculiar to a source stands in its mapping: columns, encodings, date parts, swapped
axes, shifted datums, codes for unknown. The code knows no city. docs/import.md has every key.
"""

import fnmatch
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from config.calendar import Calendar
from config.cells import RoadClass
from config.errors import BadInput, NotFound
from config.faults import of_choices, shown
from config.importers.columns import WORDS, Bounds, Reading, Spot, Table
from config.settings import Crs, Part, Travel, frame_fault
from config.yaml_reading import Document, read_yaml

MAPPING = "history/mapping.yaml"
"""Where a district folder says what its history's columns mean."""
CrewLaw = Literal["all", "local", "by_class"]


class Seconds(Part):
    """A column of durations, and how many seconds its unit has."""

    column: str
    unit_s: float = Field(1.0, gt=0)


class GraphNodes(Part):
    """Columns of a table of junctions."""

    id: str
    place: Spot

    @field_validator("place")
    @classmethod
    def _point(cls, given: Spot) -> Spot:
        if given.column is not None:
            msg = "a junction lies at a point, not at streets"
            raise ValueError(msg)
        return given


class GraphArcs(Part):
    """Columns of a table of directed roads."""

    origin: str
    to: str
    seconds: Seconds
    patrol_seconds: Seconds | None = None


class Cells(Part):
    """No roads: cells of a grid at multiples of its side, where something happened."""

    kind: Literal["cells"]
    cell_m: int = Field(200, ge=10, le=5000)


class Graph(Part):
    """Two tables, junctions and directed roads with their driving times."""

    kind: Literal["graph"]
    reach_m: float | None = Field(None, gt=0, description="Farthest node of an incident kept.")
    nodes: GraphNodes
    arcs: GraphArcs

    def needed(self) -> dict[str, set[str]]:
        """The columns of the two tables."""
        arcs = self.arcs
        times = (arcs.seconds, arcs.patrol_seconds or arcs.seconds)
        return {
            "nodes": {self.nodes.id, *self.nodes.place.names()},
            "arcs": {arcs.origin, arcs.to, *(each.column for each in times)},
        }


class Osm(Part):
    """An OpenStreetMap extract."""

    kind: Literal["osm"]
    reach_m: float | None = Field(None, gt=0, description="Farthest node of an incident kept.")
    within: Bounds | None = Field(None, description="Degrees; an extract elsewhere is refused.")
    speeds_kmh: dict[RoadClass, float] = Field(
        min_length=1, description="Classes that are driven, and their speed in traffic."
    )
    lights_factor: float = Field(1.0, gt=0, le=1, description="Time with lights ÷ in traffic.")


Network = Annotated[Cells | Graph | Osm, Field(discriminator="kind")]


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
    tables: dict[str, Table] = Field({}, description="Read in this order.")

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, given: str | None) -> str | None:
        try:
            Calendar.of_zone(given or "UTC")
        except (KeyError, ValueError, OSError):
            msg = f"no such time zone: {given}"
            raise ValueError(msg) from None
        return given

    @model_validator(mode="after")
    def _declared(self) -> Self:
        spots = {name: table.place for name, table in self.tables.items()}
        degrees = [name for name, spot in spots.items() if spot.lon is not None]
        if degrees and self.crs.lonlat is None:
            msg = f"crs.lonlat must be declared: {degrees[0]} has degrees"
            raise ValueError(msg)
        streets = self.district is None or self.district.network.kind == "osm"
        if not streets and any(spot.column for spot in spots.values()):
            msg = "place.column needs a network of named streets (kind: osm)"
            raise ValueError(msg)
        return self

    def reading_of(self, table: Table | None, file: str) -> Reading:
        """How `file` is read: its own entry where one matches, completed by the general one."""
        entries = [entry for entry in (table.files if table else ())
                   if fnmatch.fnmatch(Path(file).name, entry.match)]  # fmt: skip
        merged = self.reading.model_dump(exclude_none=True)
        for entry in entries[:1]:
            merged |= entry.model_dump(exclude_none=True)
        return Reading.model_validate(merged)


def load(path: Path, shown: str | None = None) -> Mapping:
    """The mapping of a YAML file; with `shown` a district's own, which findings call so.

    Raises:
        BadInput: With line and column of each key that is wrong.
        NotFound: The file that somebody named is not there.
    """
    if shown is None and not path.exists():
        raise NotFound("planner.no_file", file=path)
    document = read_yaml(path, Mapping, shown or str(path))
    if document.value is not None and shown is not None:
        key = frame_fault(document.value.crs)
        if key is not None:
            document.find(("crs",), key)
    if document.value is not None:
        _refuse_strange_words(document, document.value)
    if document.value is None or any(each.level == "error" for each in document.findings):
        raise BadInput(document.findings)
    return document.value


def _refuse_strange_words(document: Document[Mapping], mapping: Mapping) -> None:
    """Find the words of fixed values, maps and defaults that no row of a history may have."""
    for name, table in mapping.tables.items():
        for field, key, word in table.strange_words():
            loc = ("tables", name, field, *key)
            told = of_choices(word, WORDS[field])
            document.find(loc, "choice", column=".".join(loc), value=shown(word), **told)


IDENTITY = "identity.yaml"


def builtin() -> tuple[Mapping, ...]:
    """The mappings that come with the program, that of our own columns last."""
    names = sorted(file.name for file in _folder().iterdir() if file.name.endswith(".yaml"))
    return tuple(_shipped(name) for name in sorted(names, key=lambda name: name == IDENTITY))


def identity(crs: Crs, crew_law: CrewLaw, time_zone: str) -> Mapping:
    """The mapping of a history that already has our columns, as an import writes it."""
    given = {"crs": crs, "crew_law": crew_law, "time_zone": time_zone}
    return _shipped(IDENTITY).model_copy(update=given)


@cache
def _shipped(name: str) -> Mapping:
    with resources.as_file(_folder() / name) as path:
        return load(path)


def _folder() -> Traversable:
    return resources.files("config.importers") / "mappings"
