"""`qinwu unit`: who is on duty, and what units do, said by them or by their squadron's desk."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from config.errors import BadInput
from config.kinds import UNIT_ENDS
from config.named import no_word, squadron_named, team_named
from config.words import catalogue, language, words
from events.options import At, BusTarget, Folder

if TYPE_CHECKING:  # models: imported on use, so that help is fast
    from events.rostered import Crew
    from events.signing import Now
    from events.telling import Line

IMPOSSIBLE = 3
STATUSES = (
    "free", "acknowledged", "en_route", "on_scene", "clearing", "meal", "break", "out_of_service",
)  # fmt: skip
"""What a unit says of itself; of visits and orders the track and the engine know better."""

Option = typer.Option
Units = Annotated[
    list[str] | None, typer.Argument(help="Unit id, or the officer's name.", metavar="UNIT")
]
Whole = Annotated[
    bool,
    Option("--all", help="All who have not signed in and whose duty runs or begins in 30 min."),
]
Squadron = Annotated[str | None, Option("--squadron", help="With --all: of one squadron only.")]
People = Annotated[
    list[str] | None,
    Option("--person", help="Who is there, if not whom the roster names; again for each."),
]
Vehicle = Annotated[str | None, Option("--vehicle", help="Another vehicle than the roster's.")]
Device = Annotated[str | None, Option("--device", help="Another PDA than the roster's.")]
Duty = Annotated[str | None, Option("--duty", help="Duty id, where a unit has two near now.")]
How = Annotated[
    str | None,
    Option("--how", help="With free: done, video, cancelled, scheduled or no-unit-needed."),
]
Wait = Annotated[
    float, Option("--wait", min=0, max=3600, help="Seconds to wait for the engine's answer.")
]

unit = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)


class Saying(NamedTuple):
    """An event of a unit, and what is told once it is taken."""

    unit: str
    name: str
    fields: Mapping[str, Any]
    told: str


@unit.callback()
def about() -> None:
    """Say who is on duty and what units do, without a device."""


@unit.command("sign-in")
def sign_in(
    folder: Folder, units: Units = None, whole: Whole = False,  # noqa: FBT002 - a flag
    squadron: Squadron = None, people: People = None, vehicle: Vehicle = None,
    device: Device = None, duty: Duty = None, at: At = None, bus: BusTarget = None,
    wait_s: Wait = 10.0,
) -> None:  # fmt: skip
    """Sign units in to their duties, with the crew, vehicle and PDA of the roster.

    Exit 1 when a unit has no duty that runs or begins within 2 h, 3 when the engine refuses.
    """
    from events.signing import Now, everybody, instead, rostered_crew  # noqa: PLC0415
    from events.telling import opened  # noqa: PLC0415

    named = _teams(folder, units, whole=whole, squadron=squadron)
    own = {"--person": people, "--vehicle": vehicle, "--device": device, "--duty": duty}
    if len(named) != 1 and (more := [option for option, value in own.items() if value]):
        raise BadInput(key="unit.one", options=", ".join(more))
    ours = None if squadron is None else squadron_named(squadron, folder)
    there = instead(folder, people or (), vehicle, device)
    with opened(folder, bus) as line:
        now = Now.of(folder, line, at)
        found = {name: rostered_crew(now, name, duty) for name in named}
        if whole:
            found = _not_begun(line, everybody(now, ours))
        _tell(line, [_signed_in(now, name, there.of(crew)) for name, crew in found.items()], wait_s)


@unit.command("sign-off")
def sign_off(
    folder: Folder, units: Units = None, at: At = None, bus: BusTarget = None, wait_s: Wait = 10.0
) -> None:
    """End units' duties; whoever is at an incident finishes it first."""
    _tell_status(folder, _teams(folder, units), {"status": "off_duty"}, at, bus, wait_s)


@unit.command("status")
def status(
    folder: Folder,
    name: Annotated[str, typer.Argument(help="Unit id, or the officer's name.", metavar="UNIT")],
    what: Annotated[str, typer.Argument(help="E.g. free, meal, on-scene.", metavar="STATUS")],
    order: Annotated[str | None, Option("--order", help="Order id, e.g. D1042.0.")] = None,
    how: How = None,
    at: At = None, bus: BusTarget = None, wait_s: Wait = 10.0,
) -> None:  # fmt: skip
    """Say what a unit is doing.

    Statuses: free, acknowledged, en-route, on-scene, clearing, meal, break, out-of-service.
    """
    told = _word("unit.no_status", what, STATUSES)
    ended = None if how is None else _word("unit.no_end", how, UNIT_ENDS)
    named = _teams(folder, [name])
    _tell_status(folder, named, {"status": told, "order": order, "how": ended}, at, bus, wait_s)


def _word(key: str, told: str, choices: Sequence[str]) -> str:
    """The word that is meant, as events have it; typed with hyphens.

    Raises:
        BadInput: There is none such, in the words of `key`; with the nearest.
    """
    meant = told.replace("-", "_")
    if meant not in choices:
        spelled = [one.replace("_", "-") for one in choices]
        raise no_word(key, told, spelled, choices=", ".join(spelled))
    return meant


def _teams(
    folder: Path, units: Sequence[str] | None, *, whole: bool = False, squadron: str | None = None
) -> list[str]:
    """The ids of the units that are named.

    Raises:
        BadInput: None is, or both some and all.
    """
    from events.connect import area_of  # noqa: PLC0415

    area_of(folder)  # a folder that is no district is said to be none
    if whole == bool(units) or (squadron is not None and not whole):
        raise BadInput(key="unit.which", folder=folder)
    return list(dict.fromkeys(team_named(one, folder) for one in units or ()))


def _not_begun(line: "Line", crews: Mapping[str, "Crew"]) -> dict[str, "Crew"]:
    """The crews that have not signed in to their duties yet; the others are told."""
    from events.begun import begun  # noqa: PLC0415

    if before := begun(line, crews):
        told = {"units": ", ".join(before), "unit": before[0], "folder": line.typed}
        typer.echo(words()("unit.left_out", **told), err=True)
    return {unit: crew for unit, crew in crews.items() if unit not in before}


def _signed_in(now: "Now", unit: str, crew: "Crew") -> Saying:
    """A crew begins its duty."""
    duty, say = crew.duty, words()
    fields = {
        "unit": unit, "officer": crew.officer, "auxiliaries": list(crew.auxiliaries),
        "vehicle": crew.vehicle, "device": crew.device,
        "duty": duty.row.duty if duty else None, "at": now.at,
    }  # fmt: skip
    about = say("unit.duty_unknown")
    if duty is not None:
        about = say("unit.duty", kind=say(f"code.kind.{duty.row.kind}"), hours=now.hours(duty))
    there = [crew.officer, *crew.auxiliaries, crew.vehicle, crew.device]
    told = say("unit.signed_in", unit=unit, duty=about, there=", ".join(filter(None, there)))
    return Saying(unit, "signed_in", fields, told)


def _tell_status(
    folder: Path, named: Sequence[str], fields: Mapping[str, Any], at: str | None,
    bus: str | None, wait_s: float,
) -> None:  # fmt: skip
    """Units say what they do."""
    from events.signing import Now  # noqa: PLC0415
    from events.telling import opened  # noqa: PLC0415

    say = words()
    is_now = say(f"unit.is.{fields['status']}")
    with opened(folder, bus) as line:
        at = Now.of(folder, line, at).at
        _tell(line, [
            Saying(name, "status_reported", {"unit": name, "at": at, **fields},
                   say("unit.status", unit=name, is_now=is_now))
            for name in named
        ], wait_s)  # fmt: skip


def _tell(line: "Line", sayings: Sequence[Saying], wait_s: float) -> None:
    """Send all, tell what became of each; exit 3 when the engine took one for nothing.

    Whoever is alone with the store has nobody to wait for: the engine takes it when it runs.
    """
    from events.telling import give_all  # noqa: PLC0415

    if not sayings:
        return
    alone = line.bus.exclusive
    given = give_all(line, [(one.name, one.fields) for one in sayings], 0 if alone else wait_s)
    refused = False
    for one, (_, reply) in zip(sayings, given, strict=True):
        if reply is None:
            typer.echo(words()("unit.stored" if alone else "unit.sent", told=one.told))
        else:
            refused = _told(one, reply, line.typed) or refused
    if refused:
        raise typer.Exit(IMPOSSIBLE)


def _told(one: Saying, reply: Mapping[str, Any], folder: str) -> bool:
    """Tell what became of a saying, with commands for the folder; whether it changed nothing."""
    from events.telling import reply_line  # noqa: PLC0415

    say = words()
    what, _, reason = str(reply.get("reason") or "").partition(":")
    taken = reply.get("outcome") == "accepted" and what in ("", "noted")
    if taken:
        typer.echo(one.told)
    if what or not taken:
        key = f"unit.because.{reason}"
        known = key in catalogue(language())
        names = {"unit": one.unit, "folder": folder}
        typer.echo(say(key, **names) if known else reply_line(reply, say, folder=folder), err=True)
    return not taken
