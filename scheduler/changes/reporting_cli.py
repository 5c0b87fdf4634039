"""Commands that report who and what is missing: `qinwu roster absent | withdraw-vehicle`."""

from typing import TYPE_CHECKING, Annotated

import typer

from config.errors import BadInput
from config.named import chosen, person_named
from config.words import language, words
from scheduler.changes.change_args import day
from scheduler.changes.change_cli import By, Reason, district_of, tell
from scheduler.options import BusTarget, DryRun, Folder

if TYPE_CHECKING:  # numpy, ortools: imported on use, so that help is fast
    from config.district import District
    from scheduler.changes.reporting import Back


def join(group: typer.Typer) -> None:
    """Add the commands to a group."""
    group.command("absent")(absent)
    group.command("withdraw-vehicle")(withdraw_vehicle)
    group.command("forget")(forget)


def forget(
    folder: Folder,
    person: Annotated[str, typer.Argument(help="Person id.", metavar="PERSON")],
) -> None:
    """Take a person's name out of the rosters that are kept; the id stays.

    The same name in people.csv is emptied by hand, before. Exit 2 when a file cannot be read:
    then the name may still stand there.
    """
    from config.tables import PersonRow  # noqa: PLC0415
    from scheduler.forgetting import forget as forgotten  # noqa: PLC0415
    from scheduler.forgetting import kept_persons  # noqa: PLC0415

    persons = district_of(folder, None).people.persons
    names: dict[str, str | None] = dict.fromkeys(sorted(kept_persons(folder)))
    names |= {one: row.name for one, row in persons.items()}
    person = chosen(person, names, PersonRow.file)
    found = forgotten(folder, person, names[person])
    say = words()
    for file in found.files:
        typer.echo(file)
    typer.echo(say("repair.forgotten", person=person, count=len(found.files)))
    if names[person]:
        typer.echo(say("repair.forget_next", person=person, folder=folder))
    if found.damaged:
        raise BadInput(found.damaged)


def absent(
    folder: Folder,
    person: Annotated[str, typer.Argument(help="Person id.", metavar="PERSON")],
    date: Annotated[str, typer.Argument(help="YYYY-MM-DD.", metavar="DATE")],
    back: Annotated[bool, typer.Option("--back", help="They are there after all.")] = False,  # noqa: FBT002 - a flag
    dry_run: DryRun = False,  # noqa: FBT002 - a flag
    by: By = None,
    bus: BusTarget = None,
) -> None:
    """Report a person absent; a published week gets its next version at once.

    With --back such a report is taken back: what it changed is as before where that still can be.
    Exit 3 when that version breaks a law: then the one before it stays in force.
    """
    from config.calendar import week_of_day  # noqa: PLC0415
    from scheduler.changes.reporting import Reports  # noqa: PLC0415
    from scheduler.commands import desk  # noqa: PLC0415

    district, on = district_of(folder, by), day(date)
    person, week = person_named(person, district.people.persons), week_of_day(on)
    with desk(district, bus) as held:
        reports = Reports(held, dry_run)
        if back:
            _tell_back(
                district, (person, on.isoformat()), reports.back(person, on, by), dry_run=dry_run
            )
            return
        found, there = reports.absent(person, on, by), reports.in_force(week)
    about = {"folder": folder, "person": person, "day": on, "week": week}
    if not found:
        noted = "planner.no_duty" if there else "planner.no_week_yet"
        typer.echo(words()("repair.dry_nothing" if dry_run else noted, **about))
    tell(district, *found)
    if not dry_run:
        typer.echo(words()("repair.next.back", **about))


def _tell_back(
    district: "District", gone: tuple[str, str], found: "list[Back]", *, dry_run: bool
) -> None:
    """Say what is as it was, and what stays and why."""
    from scheduler.changes.change_told import left_lines  # noqa: PLC0415

    person, date = gone
    if not dry_run:
        typer.echo(words()("repair.back", person=person, day=date))
    for one in found:
        for line in left_lines(one.left, district, language()):
            typer.echo(line)
    if not any(one.changed or one.left for one in found):
        typer.echo(words()("repair.back_nothing"))
    tell(district, *(one.changed for one in found if one.changed))


def withdraw_vehicle(
    folder: Folder,
    vehicle: Annotated[str, typer.Argument(help="Vehicle id.", metavar="VEHICLE")],
    since: Annotated[str, typer.Option("--since", help="First day without it, YYYY-MM-DD.")],
    until: Annotated[
        str | None, typer.Option("--until", help="Last day without it; default: not known.")
    ] = None,
    reason: Reason = None,
    dry_run: DryRun = False,  # noqa: FBT002 - a flag
    by: By = None,
    bus: BusTarget = None,
) -> None:
    """Report a vehicle withdrawn; published weeks get their next version at once.

    Another free vehicle is taken, else the duty is moved or is a hole. Exit 3 when a week could
    not be put right.
    """
    from config.tables import VehicleRow  # noqa: PLC0415
    from scheduler.advice.burdens import check_span  # noqa: PLC0415
    from scheduler.changes.reporting import Reports  # noqa: PLC0415
    from scheduler.commands import desk  # noqa: PLC0415

    district = district_of(folder, by)
    first, last = day(since), day(until) if until else None
    check_span(first, last)
    vehicle = chosen(
        vehicle, {row.vehicle: row.plate for row in district.vehicles}, VehicleRow.file
    )
    with desk(district, bus) as held:
        found = Reports(held, dry_run).vehicle(vehicle, first, last, reason, by)
    if not found:
        noted = "repair.no_change"
        typer.echo(words()("repair.dry_nothing" if dry_run else noted, vehicle=vehicle))
    tell(district, *found)
    if found and until is None and not dry_run:
        about = {"folder": folder, "vehicle": vehicle, "since": since}
        typer.echo(words()("repair.next.vehicle", **about))
