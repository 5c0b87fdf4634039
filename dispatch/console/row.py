"""A console line as data: the JSON twin, and how it becomes words and columns.

The twin is what `P.console` carries and `qinwu log --json` prints; it has no language in it.
Times are ISO 8601 with the district's offset. `seq` is the frame's, `ref` the order's full id;
`about` is a full id as well, `point` the must-arrive point of a visit, which the text shows;
`said` where an incident is in its caller's words.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from config.calendar import Calendar
from config.durations import DAY_MS
from config.ids import OrderId
from config.words import Say
from dispatch.console.grammar import KINDS, Shown
from dispatch.console.offered import offered
from dispatch.console.why import few, why_text
from events.clock import FIRST_MS, LAST_MS
from events.decisions import About, Line, Why
from events.event import Moment, moment_ms
from events.reason_words import reason_text

Row = Mapping[str, Any]
ANY = "DIR"
"""In a command that a line names: the district folder of whoever reads."""
OLDER: dict[str, dict[str, Any]] = {"breaker": {"minutes": 30}}
"""Fields that lines of older journals do not have, with what held then."""
MOST_SAID = 60
"""Characters of a caller's words on a line; `qinwu order why` and the order have all."""
MOST_OFF_S = 99 * 60 + 59
"""Further from due than this nothing was late: the clock was set in between (`clock_set`)."""


def _shown_by_calendars(moment: str) -> str:
    if not FIRST_MS <= moment_ms(moment) <= LAST_MS:
        msg = "no calendar tells this time"
        raise ValueError(msg)
    return moment


_At = Annotated[Moment, AfterValidator(_shown_by_calendars)]
_Number = Annotated[int, Field(ge=0, le=2**53)]


class Twin(BaseModel):
    """What makes a record of `P.console` a row: anybody may write there who reaches the bus."""

    model_config = ConfigDict(strict=True, extra="ignore")
    at: _At
    kind: Literal[KINDS]  # type: ignore[valid-type] # made of the one list
    squadron: str | None = None
    unit: str | None = None
    order: str | None = None
    about: str | None = None
    place: str | None = None
    point: str | None = None
    said: str | None = None
    due: _At | None = None
    eta: _At | None = None
    arrived: _At | None = None
    why: Why | None = None
    seq: _Number | None = None
    n: _Number | None = None
    text: str | None = None
    fields: dict[str, Any] | None = None


def short_order(order: OrderId | str | None) -> str | None:
    """`area/1042/0` as people say it: D1042.0."""
    if order is None:
        return None
    parts = order.rsplit("/", 2)
    return f"D{parts[1]}.{parts[2]}" if len(parts) == 3 else order


def _about(about: About | None) -> str | None:
    return None if about is None else about.incident or about.visit or about.sighting


def row_of(
    line: Line, *, area: str, seq: int, time_ms: int, calendar: Calendar,
    point: str | None = None, said: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The JSON twin of a `line` decision of the frame `seq`.

    `point` where it is about a visit, `said` where its incident's caller told more than its place.
    """

    def iso(at_ms: int | None) -> str | None:
        return None if at_ms is None else calendar.iso(at_ms)

    return {
        "at": calendar.iso(time_ms),
        "kind": line.kind,
        "area": area,
        "squadron": line.squadron,
        "unit": line.unit,
        "order": short_order(line.order),
        "about": _about(line.about),
        "place": line.place,
        "due": iso(line.due_ms),
        "eta": iso(line.eta_ms),
        "arrived": iso(line.arrived_ms),
        "why": None if line.why is None else line.why.model_dump(exclude_none=True),
        "seq": seq,
        "ref": line.order,
        "text": line.text,
        "fields": line.fields,
        "point": point,
        "said": said,
    }


@dataclass(frozen=True, slots=True)
class Names:
    """What ids are called on the desk; an id without a name stands for itself."""

    calendar: Calendar
    squadrons: Mapping[str, str]
    places: Mapping[str, str]
    folder: str = ANY
    near: Callable[[str], str | None] = lambda _: None
    """What a junction without a place is called, if that is known."""

    def squadron(self, squadron: str | None) -> str | None:
        """二中队 for S2."""
        return None if squadron is None else self.squadrons.get(squadron, squadron)

    def place(self, place: str | None) -> str | None:
        """天目山路/莫干山路口 for a place's id."""
        return None if place is None else self.places.get(place) or self.near(place) or place


def shown(row: Row, names: Names, say: Say) -> Shown:
    """The line as the viewer reads it, in the language of `say`."""
    at_ms = names.calendar.parse_iso(row["at"])
    now = names.calendar.local(at_ms)
    offset = now.strftime("%z")
    marks = {mark: _ms(names, row.get(mark)) for mark in ("due", "eta", "arrived")}
    overdue = row["kind"] == "overdue"
    target = at_ms if overdue else marks["arrived"] or marks["eta"]
    return Shown(
        time=now.strftime("%H:%M:%S.") + f"{at_ms % 1000:03d}",
        offset=offset[:3] if offset.endswith("00") else offset,
        kind=row["kind"],
        squadron=names.squadron(row.get("squadron")),
        unit=row.get("unit"),
        order=row.get("order"),
        about=row.get("point") or row.get("about"),
        place=names.place(row.get("place")),
        due=_clock(names, marks["due"], at_ms),
        eta=None if overdue else _clock(names, marks["eta"], at_ms),
        now=_clock(names, at_ms, at_ms) if overdue else None,
        arrived=_clock(names, marks["arrived"], at_ms),
        delta=_delta(target, marks["due"], seconds=overdue),
        free=free_text(row, names, say),
    )


def _ms(names: Names, iso: str | None) -> int | None:
    return None if iso is None else names.calendar.parse_iso(iso)


def _clock(names: Names, at_ms: int | None, line_ms: int) -> str | None:
    """A time of a line; with its date where the same clock time lies nearer to the line's."""
    if at_ms is None:
        return None
    far = abs(at_ms - line_ms) > DAY_MS // 2
    return names.calendar.local(at_ms).strftime("%m-%d %H:%M" if far else "%H:%M")


def _delta(at_ms: int | None, due_ms: int | None, *, seconds: bool) -> str | None:
    """How far from due, ±MMm or ±MMmSS; minus is early. None where it means nothing."""
    if at_ms is None or due_ms is None:
        return None
    late_s = round((at_ms - due_ms) / 1000)
    if abs(late_s) > MOST_OFF_S:
        return None
    minutes, rest_s = divmod(abs(late_s), 60)
    sign = "-" if late_s < 0 else "+"
    return f"{sign}{minutes:02d}m{rest_s:02d}" if seconds else f"{sign}{minutes:02d}m"


def free_text(row: Row, names: Names, say: Say) -> str:
    """The free text: what happened, then why, in the viewer's words."""
    own = dict(row.get("fields") or {})
    parts = list(slots_text(own, say))
    said = row.get("said")
    if said and said != names.place(row.get("place")):
        parts.append(
            said_text(said if len(said) <= MOST_SAID else f"{said[: MOST_SAID - 1]}…", say)
        )
    if row.get("text"):
        told = {key: row.get(key) for key in ("unit", "about")} | OLDER.get(row["text"], {}) | own
        fields = (
            dict.fromkeys(told, "-")
            | {
                key: _worded(row["text"], key, value, names, say)
                for key, value in told.items()
                if value is not None
            }
            | offered(row["text"], told, names.folder, say)
        )
        if row["text"] == "system.date":
            parts.append(f"date={fields['date']}")
        else:
            parts.append(say(f"line.{row['text']}", **fields))
    if row.get("why"):
        why = Why.model_validate(row["why"], strict=False)  # a list from JSON is as good as a tuple
        parts.append(f"{say('console.why')}={why_text(why, say)}")
    return "; ".join(parts)


def _worded(text: str, key: str, value: Any, names: Names, say: Say) -> Any:  # noqa: ANN401 - any JSON
    """A field's value as the line of that text says it."""
    if key == "place":
        return names.place(value)
    if key == "reason" and text.startswith("rejected."):
        return reason_text(str(value), say)
    if key == "reason" and text.startswith("command."):
        return value  # a person's word, which may read like one of the program's
    if key == "more" and not text.startswith("rejected.more"):  # there it is what the line is about
        clause = "console.more_unnamed" if text.endswith("_unnamed") else "console.more"
        return say(clause, more=value) if value else ""
    return coded(key, value, say)


def slots_text(fields: Mapping[str, Any], say: Say) -> Iterator[str]:
    """Which of an incident's units a line's fields mean, e.g. unit 2 of 2, if they say so."""
    match fields:
        case {"numbers": [*numbers], "of": of}:
            yield say("console.slots", numbers=", ".join(map(str, numbers)), of=of)


def said_text(said: str, say: Say) -> str:
    """Where an incident is in its caller's words."""
    return say("console.said", said=said)


def coded(key: str, value: Any, say: Say) -> Any:  # noqa: ANN401 - any JSON
    """A field's value in words: a code of the catalogue, e.g. a kind of duty; the first units."""
    if key == "units" and isinstance(value, list | tuple):
        return few(value)
    try:
        return say(f"code.{key}.{value}")
    except KeyError:
        return value
