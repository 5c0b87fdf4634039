"""`qinwu incident new` and `qinwu command`: what persons report and decide, as events."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from config.controls import visible
from config.errors import BadInput, NotFound
from config.faults import near, shown
from config.kinds import IncidentKind, Severity
from config.named import squadron_named, team_named
from config.words import words
from events.options import BAD_INPUT, At, BusTarget, Folder, Wait

Crs = Literal["WGS-84", "GCJ-02", "BD-09"]
Option = typer.Option
# Where something is.
Place = Annotated[str | None, Option("--place", help="Id or name in places.csv.")]
Junction = Annotated[
    str | None, Option("--junction", help="Node in nodes.csv, or two streets that cross.")
]
Section = Annotated[str | None, Option("--section", help="Road section, with --km.")]
Km = Annotated[str | None, Option("--km", help="Km post on the section: 12.35 or K12+350.")]
Lon = Annotated[float | None, Option("--lon", help="Degrees, with --lat and --crs.")]
Lat = Annotated[float | None, Option("--lat", help="Degrees.")]
System = Annotated[Crs | None, Option("--crs", help="Coordinate system of the degrees.")]
Located = Annotated[str | None, Option("--text", help="In words, for a person to locate.")]
Squadron = Annotated[str | None, Option("--squadron", help="Squadron id.")]
# What an incident is.
Kind = Annotated[IncidentKind, Option("--kind", help="What happened.")]
HowBad = Annotated[Severity, Option("--severity", help="How bad it is.")]
Note = Annotated[str | None, Option("--note", help="Anything else.")]
Priority = Annotated[int | None, Option("--priority", min=1, max=4, help="1: most urgent.")]
Units = Annotated[int | None, Option("--units", min=0, max=20, help="Units that are needed.")]
Injured = Annotated[int | None, Option("--injured", min=0, help="How many.")]
Drivable = Annotated[bool | None, Option("--drivable/--not-drivable", help="All can leave.")]
Agreed = Annotated[bool | None, Option("--agreed/--not-agreed", help="The parties agree.")]
There = Annotated[str | None, Option("--unit", help="The unit that is there.")]
Number = Annotated[str | None, Option("--id", help="Incident id; without it one is made.")]
Occurred = Annotated[str | None, Option("--occurred-at", help="ISO 8601 with offset.")]
Scheduled = Annotated[str | None, Option("--scheduled-at", help="ISO 8601 with offset.")]
# What a person decides.
Name = Annotated[str, typer.Argument(help="E.g. locate, merge, close.", metavar="COMMAND")]
Incident = Annotated[str | None, Option("--incident", help="Incident id.")]
Into = Annotated[str | None, Option("--into", help="merge: the incident that stays.")]
How = Annotated[str | None, Option("--how", help="close: done, video, scheduled, ….")]
Order = Annotated[str | None, Option("--order", help="Order id.")]
Unit = Annotated[str | None, Option("--unit", help="Unit id.")]
Slot = Annotated[int | None, Option("--slot", min=0, help="Which of an incident's units.")]
Sighting = Annotated[str | None, Option("--sighting", help="Sighting id.")]
Verdict = Annotated[Literal["true", "false"] | None, Option("--verdict", help="Of a sighting.")]
Visit = Annotated[str | None, Option("--visit", help="Visit id.")]
Week = Annotated[str | None, Option("--week", help="ISO week.")]
Version = Annotated[int | None, Option("--version", min=1, help="Of a roster.")]
By = Annotated[str | None, Option("--by", help="The person who decides.")]
Reason = Annotated[str | None, Option("--reason", help="In words.")]
Offline = Annotated[bool, Option("--noted-offline", help="By voice; taken however late.")]

NEEDS: Mapping[str, tuple[str, ...]] = {
    "locate": ("incident",), "merge": ("incident", "into"), "close": ("incident",),
    "cancel": (), "assign": ("incident", "unit"), "queue": ("incident",),
    "verify_sighting": ("sighting", "verdict"), "escalate": (), "welfare_ok": ("unit",),
    "end_shift": ("unit",), "release_breaker": (), "hold": ("incident",),
    "resume": ("incident",), "cancel_visit": ("visit",), "note": ("reason",),
}  # fmt: skip
"""Command → the options without which it says nothing; the engine judges the rest."""
ONE_OF: Mapping[str, tuple[str, ...]] = {
    "locate": ("place", "junction", "section", "lon"),
    "cancel": ("incident", "order", "visit"),
}
"""Command → options of which it needs one."""

incident = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)


@incident.callback()
def about() -> None:
    """Report an incident."""


@incident.command("new")
def new(
    folder: Folder, kind: Kind, severity: HowBad = "none", place: Place = None,
    junction: Junction = None, section: Section = None, km: Km = None, lon: Lon = None,
    lat: Lat = None, crs: System = None, text: Located = None, note: Note = None,
    squadron: Squadron = None, priority: Priority = None, units: Units = None,
    injured: Injured = None, drivable: Drivable = None, agreed: Agreed = None,
    unit: There = None, number: Number = None, occurred_at: Occurred = None,
    scheduled_at: Scheduled = None, at: At = None, bus: BusTarget = None, wait_s: Wait = None,
) -> None:  # fmt: skip
    """Report an incident and print its id; exit 1 when the place is not known."""
    from events.telling import give, tell_replies  # noqa: PLC0415 - models; help is fast

    fields = {
        **_where(folder, place, junction, section, km, lon),
        "incident": number, "kind": kind, "severity": severity, "note": note,
        "squadron": _squadron(folder, squadron), "priority": priority, "units": units,
        "injured": injured, "drivable": drivable, "agreed": agreed, "unit": _unit(folder, unit),
        "occurred_at": occurred_at,
        "scheduled_at": scheduled_at, "at": at, "text": text,
        **_point(lon, lat, crs),
    }  # fmt: skip
    if not any((place, junction, section, text, unit, lon is not None)):
        raise BadInput(key="incident.nowhere")
    _readable(fields)
    event, reply = give(folder, bus, "incident_reported", fields, wait_s)
    typer.echo(number or event)
    if reply is None:
        return
    taken = tell_replies([reply], folder, number or event)
    if reply.get("reason") and lon is not None and lat is not None and crs is not None:
        _tell_if_far(folder, lon, lat, crs)
    if not taken:
        raise typer.Exit(BAD_INPUT)


def _tell_if_far(folder: Path, lon: float, lat: float, crs: str) -> None:
    """Of a point that is nowhere on the district's map, how far off it is."""
    from events.whereabouts import MAP_KM, nearest_junction  # noqa: PLC0415

    km, node = nearest_junction(folder, lon, lat, crs)
    if km > MAP_KM:
        typer.echo(visible(words()("incident.far", km=round(km), node=node)), err=True)


def _where(
    folder: Path, place: str | None, junction: str | None, section: str | None, km: str | None,
    lon: float | None,
) -> dict[str, Any]:  # fmt: skip
    """What the district's files know by that name; NotFound with the nearest otherwise.

    Raises:
        BadInput: More than one place is named: who reports would not know which one counts.
    """
    from events.connect import area_of  # noqa: PLC0415
    from events.whereabouts import known_junction, known_place, known_section  # noqa: PLC0415

    area_of(folder)  # a folder that is no district is said to be none
    if (section is None) != (km is None):
        raise BadInput(key="incident.section_and_km")
    ways = {"--place": place, "--junction": junction, "--section": section, "--lon": lon}
    told = [option for option, value in ways.items() if value is not None]
    if len(told) > 1:
        raise BadInput(key="incident.one_place", options=", ".join(told))
    where: dict[str, Any] = {"place": None, "junction": None, "section": None, "km": None}
    if section is not None and km is not None:
        where |= known_section(folder, section, _read_km(km))
    if place is not None:
        where |= _or_post(folder, place, "place", known_place)
    if junction is not None:
        where |= _or_post(folder, junction, "junction", known_junction)
    return where


def _or_post(
    folder: Path, told: str, field: str, known: Callable[[Path, str], str]
) -> dict[str, Any]:
    """What the files know by that name; else the km post that it is: 大外环K12+350."""
    from events.whereabouts import known_post  # noqa: PLC0415

    try:
        return {field: known(folder, told)}
    except NotFound:
        if (post := known_post(folder, told)) is None:
            raise
        return post


def _read_km(told: str) -> float:
    """The kilometre itself.

    Raises:
        BadInput: It is none.
    """
    from config.km_posts import read_km  # noqa: PLC0415 - models; help is fast

    km = read_km(told)
    if km is None:
        raise BadInput(key="incident.no_km", value=shown(told))
    return km


def _squadron(folder: Path, told: str | None) -> str | None:
    return None if told is None else squadron_named(told, folder)


def _unit(folder: Path, told: str | None) -> str | None:
    return None if told is None else team_named(told, folder)


def _point(lon: float | None, lat: float | None, crs: str | None) -> dict[str, Any]:
    if len({lon is None, lat is None, crs is None}) != 1:
        raise BadInput(key="incident.whole_point")
    return {"lon": lon, "lat": lat, "crs": crs}


def command(
    folder: Folder, name: Name, incident_id: Incident = None, into: Into = None,
    how: How = None, order: Order = None, unit: Unit = None, slot: Slot = None,
    sighting: Sighting = None, verdict: Verdict = None, visit: Visit = None,
    place: Place = None, junction: Junction = None, section: Section = None, km: Km = None,
    lon: Lon = None, lat: Lat = None, crs: System = None, squadron: Squadron = None,
    week: Week = None, version: Version = None, by: By = None, reason: Reason = None,
    noted_offline: Offline = False, at: At = None,  # noqa: FBT002 - a flag
    bus: BusTarget = None, wait_s: Wait = None,
) -> None:  # fmt: skip
    """Give a command: a person decides, and the engine records it or says why not.

    Commands: locate, merge, close, cancel, assign, queue, verify-sighting, escalate, welfare-ok,
    end-shift, release-breaker, hold, resume, cancel-visit, note.
    """
    from events.telling import give, tell_replies  # noqa: PLC0415

    fields: dict[str, Any] = {
        **_where(folder, place, junction, section, km, lon),
        "command": _known(name), "incident": incident_id, "into": into, "how": how,
        "order": order, "unit": _unit(folder, unit), "slot": slot, "sighting": sighting,
        "verdict": verdict, "visit": visit, "squadron": _squadron(folder, squadron),
        "week": week, "version": version, "by": by,
        "reason": reason, "noted_offline": noted_offline or None, "at": at,
        **_point(lon, lat, crs),
    }  # fmt: skip
    _complete(fields)
    _readable(fields)
    event, reply = give(folder, bus, "command_given", fields, wait_s)
    typer.echo(words()("incident.given", command=name, event=event))
    if reply is not None and not tell_replies([reply]):
        raise typer.Exit(BAD_INPUT)


def _readable(fields: Mapping[str, Any]) -> None:
    """Refuse bytes that are no text: a terminal of another encoding sends them."""
    for option, value in fields.items():
        if isinstance(value, str) and not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError as error:
                raise BadInput(
                    key="incident.not_utf8", option=option.replace("_", "-"), value=ascii(value)
                ) from error


def _known(name: str) -> str:
    """The command's name as events have it.

    Raises:
        BadInput: There is none of that name; the nearest is named.
    """
    wanted = name.replace("-", "_")
    if wanted not in NEEDS:
        guess = near(wanted, NEEDS) or ", ".join(NEEDS)
        raise BadInput(key="incident.no_command", name=name, near=guess.replace("_", "-"))
    return wanted


def _complete(fields: Mapping[str, Any]) -> None:
    """Refuse a command that lacks what it cannot do without."""
    name = fields["command"]
    lacking = [option for option in NEEDS[name] if fields[option] is None]
    choices = ONE_OF.get(name, ())
    if choices and all(fields[option] is None for option in choices):
        lacking.append(choices[0])
    if lacking:
        told = " ".join(f"--{option}" for option in lacking)
        raise BadInput(key="incident.lacks", command=name.replace("_", "-"), options=told)
