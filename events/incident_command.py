"""`qinwu incident new` and `qinwu command`: what persons report and decide, as events."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from config.errors import BadInput, NotFound
from config.faults import near
from config.tables import IncidentKind, Severity
from config.words import words
from events.connect import area_of
from events.telling import BAD_INPUT, At, BusTarget, Folder, Wait, give, tell_replies
from events.whereabouts import known_junction, known_place, known_section

Crs = Literal["WGS-84", "GCJ-02", "BD-09"]
Place = Annotated[str | None, typer.Option("--place", help="Id or name in places.csv.")]
Junction = Annotated[str | None, typer.Option("--junction", help="Node in nodes.csv.")]
Section = Annotated[str | None, typer.Option("--section", help="Road section, with --km.")]
Km = Annotated[float | None, typer.Option("--km", help="Km post on the section.")]
Lon = Annotated[float | None, typer.Option("--lon", help="Degrees, with --lat and --crs.")]
Lat = Annotated[float | None, typer.Option("--lat", help="Degrees.")]
System = Annotated[Crs | None, typer.Option("--crs", help="Coordinate system of the degrees.")]
Squadron = Annotated[str | None, typer.Option("--squadron", help="Squadron id.")]
incident = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)


@incident.callback()
def about() -> None:
    """Report an incident."""


@incident.command("new")
def new(
    folder: Folder,
    kind: Annotated[IncidentKind, typer.Option("--kind", help="What happened.")],
    severity: Annotated[Severity, typer.Option("--severity", help="How bad it is.")] = "none",
    place: Place = None,
    junction: Junction = None,
    section: Section = None,
    km: Km = None,
    lon: Lon = None,
    lat: Lat = None,
    crs: System = None,
    text: Annotated[
        str | None, typer.Option("--text", help="The place in words, for a person to locate.")
    ] = None,
    note: Annotated[str | None, typer.Option("--note", help="Anything else.")] = None,
    squadron: Squadron = None,
    priority: Annotated[
        int | None, typer.Option("--priority", min=1, max=4, help="1 is the most urgent.")
    ] = None,
    units: Annotated[
        int | None, typer.Option("--units", min=0, max=20, help="Units that are needed.")
    ] = None,
    injured: Annotated[int | None, typer.Option("--injured", min=0, help="How many.")] = None,
    drivable: Annotated[
        bool | None, typer.Option("--drivable/--not-drivable", help="All vehicles can leave.")
    ] = None,
    agreed: Annotated[
        bool | None, typer.Option("--agreed/--not-agreed", help="The parties agree.")
    ] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="The unit that is there.")] = None,
    number: Annotated[
        str | None, typer.Option("--id", help="Incident id; without it one is made.")
    ] = None,
    occurred_at: Annotated[
        str | None, typer.Option("--occurred-at", help="ISO 8601 with offset.")
    ] = None,
    scheduled_at: Annotated[
        str | None, typer.Option("--scheduled-at", help="ISO 8601 with offset.")
    ] = None,
    at: At = None,
    bus: BusTarget = None,
    wait_s: Wait = None,
) -> None:
    """Report an incident and print its id; exit 1 when the place is not known."""
    fields = {
        "incident": number, "kind": kind, "severity": severity, "note": note,
        "squadron": squadron, "priority": priority, "units": units, "injured": injured,
        "drivable": drivable, "agreed": agreed, "unit": unit, "occurred_at": occurred_at,
        "scheduled_at": scheduled_at, "at": at, "text": text,
        **_where(folder, place, junction, section, km),
        **_point(lon, lat, crs),
    }  # fmt: skip
    if not any((place, junction, section, text, unit, lon is not None)):
        raise BadInput(key="incident.nowhere")
    event, reply = give(folder, bus, "incident_reported", fields, wait_s)
    typer.echo(number or event)
    if reply is not None and not tell_replies([reply]):
        raise typer.Exit(BAD_INPUT)


def _where(
    folder: Path, place: str | None, junction: str | None, section: str | None, km: float | None
) -> dict[str, Any]:
    """What the district's files know by that name; NotFound with the nearest otherwise."""
    area_of(folder)  # a folder that is no district is said to be none
    if (section is None) != (km is None):
        raise BadInput(key="incident.section_and_km")
    return {
        "place": None if place is None else known_place(folder, place),
        "junction": None if junction is None else known_junction(folder, junction),
        "section": None if section is None else known_section(folder, section),
        "km": km,
    }


def _point(lon: float | None, lat: float | None, crs: str | None) -> dict[str, Any]:
    if len({lon is None, lat is None, crs is None}) != 1:
        raise BadInput(key="incident.whole_point")
    return {"lon": lon, "lat": lat, "crs": crs}


NEEDS: Mapping[str, tuple[str, ...]] = {
    "locate": ("incident",), "merge": ("incident", "into"), "close": ("incident",),
    "cancel": (), "assign": ("incident", "unit"), "queue": ("incident",),
    "verify_sighting": ("sighting", "verdict"), "escalate": (), "welfare_ok": ("unit",),
    "end_shift": ("unit",), "release_breaker": (), "hold": ("incident",), "resume": ("incident",),
    "cancel_visit": ("visit",), "note": ("reason",),
}  # fmt: skip
"""Command → the options without which it says nothing; the engine judges the rest."""


def command(
    folder: Folder,
    name: Annotated[
        str, typer.Argument(help="E.g. locate, merge, close, verify-sighting.", metavar="COMMAND")
    ],
    incident_id: Annotated[str | None, typer.Option("--incident", help="Incident id.")] = None,
    into: Annotated[str | None, typer.Option("--into", help="The incident that stays.")] = None,
    how: Annotated[str | None, typer.Option("--how", help="close: done, video, ….")] = None,
    order: Annotated[str | None, typer.Option("--order", help="Order id.")] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="Unit id.")] = None,
    slot: Annotated[int | None, typer.Option("--slot", min=0, help="Which unit of it.")] = None,
    sighting: Annotated[str | None, typer.Option("--sighting", help="Sighting id.")] = None,
    verdict: Annotated[
        Literal["true", "false"] | None, typer.Option("--verdict", help="Of verify-sighting.")
    ] = None,
    visit: Annotated[str | None, typer.Option("--visit", help="Visit id.")] = None,
    place: Place = None,
    junction: Junction = None,
    section: Section = None,
    km: Km = None,
    lon: Lon = None,
    lat: Lat = None,
    crs: System = None,
    squadron: Squadron = None,
    week: Annotated[str | None, typer.Option("--week", help="ISO week.")] = None,
    version: Annotated[int | None, typer.Option("--version", min=1, help="Of a roster.")] = None,
    by: Annotated[str | None, typer.Option("--by", help="The person who decides.")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="In words.")] = None,
    noted_offline: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--noted-offline", help="Given by voice before; taken however late.")
    ] = False,
    at: At = None,
    bus: BusTarget = None,
    wait_s: Wait = None,
) -> None:
    """Give a command: a person decides, and the engine records it or says why not.

    Commands: locate, merge, close, cancel, assign, queue, verify-sighting, escalate, welfare-ok,
    end-shift, release-breaker, hold, resume, cancel-visit, note.
    """
    fields: dict[str, Any] = {
        "command": _known(name), "incident": incident_id, "into": into, "how": how,
        "order": order, "unit": unit, "slot": slot, "sighting": sighting, "verdict": verdict,
        "visit": visit, "squadron": squadron, "week": week, "version": version, "by": by,
        "reason": reason, "noted_offline": noted_offline or None, "at": at,
        **_where(folder, place, junction, section, km),
        **_point(lon, lat, crs),
    }  # fmt: skip
    _complete(fields)
    event, reply = give(folder, bus, "command_given", fields, wait_s)
    typer.echo(words()("incident.given", command=name, event=event))
    if reply is not None and not tell_replies([reply]):
        raise typer.Exit(BAD_INPUT)


def _known(name: str) -> str:
    """The command's name as events have it.

    Raises:
        NotFound: There is none of that name; the nearest is named.
    """
    wanted = name.replace("-", "_")
    if wanted not in NEEDS:
        guess = near(wanted, NEEDS) or ", ".join(NEEDS)
        raise NotFound("incident.no_command", name=name, near=guess.replace("_", "-"))
    return wanted


def _complete(fields: Mapping[str, Any]) -> None:
    """Refuse a command that lacks what it cannot do without."""
    name = fields["command"]
    lacking = [option for option in NEEDS[name] if fields[option] is None]
    nowhere = all(fields[key] is None for key in ("place", "junction", "section", "lon"))
    if name == "locate" and nowhere:
        lacking.append("place")
    if name == "cancel" and all(fields[key] is None for key in ("incident", "order", "visit")):
        lacking.append("incident")
    if lacking:
        told = " ".join(f"--{option}" for option in lacking)
        raise BadInput(key="incident.lacks", command=name.replace("_", "-"), options=told)
