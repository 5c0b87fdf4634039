"""What every event shares: times, field types, and the base of the classes in `kinds`.

Stable for good: fields are only ever added, with a default, and unknown fields are ignored. The
golden files of the tests must parse for ever. Times are ISO 8601 with offset; a naive time is
refused. Units stand last in a name. Nothing here reads a clock.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from config import ids
from events.normal import whole_numbers

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def moment_ms(text: str) -> int:
    """Unix ms of an ISO 8601 time with offset, rounded down; ValueError when it is none."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        msg = "a time needs its offset"
        raise ValueError(msg)
    return (moment - _EPOCH) // _MS


def moment_text(at_ms: int) -> str:
    """The same moment in UTC, ISO 8601."""
    return (_EPOCH + at_ms * _MS).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def short_id(name: str) -> str:
    """A name as an id that events can name: where it has too many characters, with its digest."""
    if len(name) <= MOST_ID:
        return name
    told = sha256(name.encode()).hexdigest()[:16]
    return f"{name[: MOST_ID - len(told) - 1]}~{told}"


def _moment(text: str) -> str:
    datetime.fromisoformat(text)  # the pattern has seen to the offset
    return text


def _day(text: str) -> str:
    date.fromisoformat(text)
    return text


def _week(text: str) -> str:
    date.fromisocalendar(int(text[:4]), int(text[6:]), 1)
    return text


_MOMENT = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?"
    r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)$"
)
Moment = Annotated[
    str, Field(pattern=_MOMENT, examples=["2026-12-03T07:42:12+08:00"]), AfterValidator(_moment)
]
_CERTAIN = (
    r"^[1-9][0-9]{3}-((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)"
    r"|(0[13578]|1[02])-31)[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?"
    r"(Z|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?)$"
)
CertainMoment = Annotated[str, Field(pattern=_CERTAIN)]
"""A `Moment` whose form alone says that it exists: all but leap days and years before 1000."""
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_day)]
Week = Annotated[str, Field(pattern=r"^[0-9]{4}-W[0-9]{2}$"), AfterValidator(_week)]

MOST_ID = 200
"""Characters of an id: every event that names it is refused with a longer one."""
_ID = Field(min_length=1, max_length=MOST_ID)
IncidentId = Annotated[ids.IncidentId, _ID]
SightingId = Annotated[ids.SightingId, _ID]
UnitId = Annotated[ids.UnitId, _ID]
TeamId = Annotated[ids.TeamId, _ID]
PersonId = Annotated[ids.PersonId, _ID]
SquadronId = Annotated[ids.SquadronId, _ID]
VehicleId = Annotated[ids.VehicleId, _ID]
DeviceId = Annotated[ids.DeviceId, _ID]
OrderId = Annotated[ids.OrderId, _ID]
VisitId = Annotated[ids.VisitId, _ID]
MustArriveId = Annotated[ids.MustArriveId, _ID]
DutyId = Annotated[ids.DutyId, _ID]
PlaceId = Annotated[ids.PlaceId, _ID]
PostId = Annotated[ids.PostId, _ID]
NodeId = Annotated[ids.NodeId, _ID]
GateId = Annotated[ids.GateId, _ID]
Word = Annotated[str, _ID]
Text = Annotated[str, Field(max_length=2000)]
Lon = Annotated[float, Field(ge=-180, le=180)]
Lat = Annotated[float, Field(ge=-90, le=90)]
Crs = Literal["WGS-84", "GCJ-02", "BD-09"]
PlateHash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="Keyed hash.")]
Version = Annotated[int, Field(ge=1, le=1_000_000)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
UnitStatus = Literal[
    "free", "to_must_arrive", "at_must_arrive", "dispatched", "acknowledged", "en_route",
    "on_scene", "clearing", "meal", "break", "out_of_service", "off_duty",
]  # fmt: skip


class Part(BaseModel):
    """A part of an event; its validator is built on first use, since most commands use few."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="ignore", allow_inf_nan=False, defer_build=True
    )


class Event(Part):
    """The `data` of an event. `name` is the middle of its CloudEvents type."""

    name: ClassVar[str]
    at: Moment | None = Field(None, description="When it happened; else the envelope's time.")

    @property
    def at_ms(self) -> int:
        """The event's own time, Unix ms; known for every event restored from a frame."""
        if self.at is None:
            msg = f"{self.name} without its own time: use the envelope's"
            raise ValueError(msg)
        return moment_ms(self.at)

    @classmethod
    def type(cls) -> str:
        """The CloudEvents type."""
        return f"qinwu.{cls.name}.v1"


class Ruled(Event):
    """An event of which some fields are only right together."""

    @classmethod
    def lacks(cls, told: Mapping[str, Any]) -> str | None:
        """What is wrong with fields that are each right, in a sentence; None: nothing.

        Args:
            told: The fields in their normal form.
        """
        raise NotImplementedError

    @model_validator(mode="after")
    def _right_together(self) -> Self:
        problem = self.lacks(whole_numbers(self))
        if problem is not None:
            raise ValueError(problem)
        return self


class Somewhere(Ruled):
    """An event with a point on the earth: all of lon, lat and crs, or none."""

    lon: Lon | None = None
    lat: Lat | None = None
    crs: Crs | None = Field(None, description="Declared by the source; never guessed.")

    @classmethod
    def lacks(cls, told: Mapping[str, Any]) -> str | None:
        """As `Ruled`."""
        if ("lon_e7" in told) is ("lat_e7" in told) is ("crs" in told):
            return None
        return "lon, lat and crs go together"
