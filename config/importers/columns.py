"""How the columns of a source's file become rows of the history: the tables of a mapping file."""

import codecs
from collections.abc import Collection, Iterator
from collections.abc import Mapping as MappingOf
from typing import Annotated, Literal, Self, get_args

from pydantic import BeforeValidator, Field, field_validator, model_validator

from config.cells import LONGEST_SERVICE_S
from config.durations import DAY_MIN
from config.kinds import IncidentKind, Severity
from config.settings import Part

WORDS: MappingOf[str, tuple[str, ...]] = {
    "kind": get_args(IncidentKind),
    "severity": get_args(Severity),
    "category": ("incident", "violation"),
}
"""What each field of words may say."""
AMOUNTS: MappingOf[str, tuple[float, float]] = {
    "resolution_min": (1, DAY_MIN),
    "service_s": (0, LONGEST_SERVICE_S),
}
"""The least and the most that each number of a row can be."""


def _column(given: object) -> object:
    return {"column": given} if isinstance(given, str) else given


class Take(Part):
    """Where a field's value comes from: a column, perhaps translated, or a fixed value."""

    column: str | None = Field(None, min_length=1)
    value: str | None = None
    map: dict[str, str] = Field({}, description="Source's word → ours.")
    default: str | None = Field(None, description="For words not in `map`; none: row refused.")
    unknown: tuple[str, ...] = Field((), description="Words that say nothing.")
    optional: bool = Field(default=False, description="A file may lack the column.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.column is None) == (self.value is None):
            msg = "give either a column or a fixed value"
            raise ValueError(msg)
        return self

    def meaning(self, cell: str, unknown: Collection[str] = ()) -> str | None:
        """What a cell says in our words, "" where it is unknown; None: nobody knows."""
        if cell in self.map:
            return self.map[cell]
        if cell in ("", *unknown, *self.unknown):
            return self.default or ""
        return self.default if self.map else cell

    def is_strange(self, cell: str, unknown: Collection[str], words: Collection[str]) -> bool:
        """Whether a cell says nothing that is known; `words` are all there are, if any."""
        ours = self.meaning(cell, unknown)
        return ours is None or bool(words and ours and ours not in words)

    def told(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Where the take itself names our words, and which; "" in a map is unknown."""
        if self.value is not None:
            yield ("value",), self.value
        given = ((("map", word), ours) for word, ours in self.map.items())
        for key, ours in (*given, (("default",), self.default)):
            if ours:
                yield key, ours


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
    """Where: metres of the mapping's frame, degrees of its system, or two streets that cross."""

    x_m: str | None = None
    y_m: str | None = None
    lon: str | None = None
    lat: str | None = None
    column: str | None = Field(None, min_length=1, description="Text that names two streets.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        ways = (self.x_m, self.y_m), (self.lon, self.lat), (self.column,)
        if [None in way for way in ways].count(False) != 1:
            msg = "give x_m and y_m, or lon and lat, or a column that names two streets"
            raise ValueError(msg)
        return self

    @property
    def metric(self) -> bool:
        """Whether the columns are metres."""
        return self.x_m is not None

    def names(self) -> tuple[str, ...]:
        """The columns, east first."""
        if self.column is not None:
            return (self.column,)
        return (self.x_m or "", self.y_m or "") if self.metric else (self.lon or "", self.lat or "")


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

    @field_validator("encodings")
    @classmethod
    def _known(cls, given: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for name in given or ("utf-8",):
            try:
                codecs.lookup(name)
            except LookupError:
                msg = f"no such encoding: {name}"
                raise ValueError(msg) from None
        if given == ():
            msg = "give at least one encoding"
            raise ValueError(msg)
        return given


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
    street: tuple[str, ...] = Field(
        (), description="Columns that name the place; the first two known."
    )
    unknown: tuple[str, ...] = Field((), description="Codes for unknown, in any column.")
    bounds: Bounds | None = None
    link: Link | None = None
    duplicate: Literal["id", "row", "none"] = "id"
    files: tuple[Reading, ...] = ()

    def needed(self) -> set[str]:
        """Columns without which a file is not of this kind."""
        names = {take.column for take in self._takes() if take.column and not take.optional}
        names |= {*self.counted(), *self.time.names()}
        return names | set(self.place.names()) | set(self.street)

    def counted(self) -> list[str]:
        """Columns of counts, by which a row is graded."""
        graded = () if isinstance(self.severity, Take) else self.severity
        return [name for grade in graded for name in grade.above_zero]

    def strange_words(self) -> Iterator[tuple[str, tuple[str, ...], str]]:
        """Field, key and word where the table itself says what no row of a history may."""
        for name, words in WORDS.items():
            take = getattr(self, name)
            for key, word in take.told() if isinstance(take, Take) else ():
                if word not in words:
                    yield name, key, word

    def optional(self) -> set[str]:
        """Columns that are read where a file has them."""
        return {take.column for take in self._takes() if take.column and take.optional}

    def given_names(self) -> dict[str, str]:
        """Our column of each column of the source that is taken as it is, or translated."""
        fields = ("area", "violation", "kind", "severity", "category", "node")
        taken = ((getattr(self, name), name) for name in fields)
        return {take.column: name for take, name in taken if isinstance(take, Take) and take.column}

    def _takes(self) -> list[Take]:
        takes = (self.id, self.resolution_min, self.category, self.kind, self.severity,
                 self.violation, self.area, self.service_s, self.node)  # fmt: skip
        return [take for take in takes if isinstance(take, Take)]
