"""Commands that change a week: `qinwu roster swap | extra | edit | undo | draft | approve | …`."""

import json as jsons
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.errors import NotFound
from config.ids import AreaId, DutyId, PostId, TeamId
from config.named import squadron_named
from config.words import language, words
from scheduler.changes.change_args import doer, kind_of, moment, the_week, week_of
from scheduler.options import IMPOSSIBLE, BusTarget, DryRun, Folder, WeekName

if TYPE_CHECKING:  # numpy, ortools: imported on use, so that help is fast
    from config.district import District
    from scheduler.changes.changed import Changed
    from scheduler.changes.changing import Changes

Upon = Annotated[
    int | None,
    typer.Option(
        "--of", min=1, help="The version this was decided upon; default: the one in force now."
    ),
]
AnyWeek = Annotated[
    str | None, typer.Option("--week", help="ISO week; default: that of the duty's date.")
]
By = Annotated[str | None, typer.Option("--by", help="Who does this: a person id.")]
Number = Annotated[int | None, typer.Option("--version", min=1, help="Which; default: the newest.")]
Over = Annotated[
    bool, typer.Option("--over", help="Even if it was made from another version than is in force.")
]
Reason = Annotated[str | None, typer.Option("--reason", help="Why.")]


def join(group: typer.Typer) -> None:
    """Add the commands to a group."""
    group.command("swap")(swap)
    group.command("extra")(extra)
    group.command("undo")(undo)
    group.command("draft")(draft)
    group.command("edit")(edit)
    group.command("approve")(approve)
    group.command("withdraw")(withdraw)
    group.command("versions")(versions)


def swap(
    folder: Folder,
    duty: Annotated[str, typer.Argument(help="Duty id.", metavar="DUTY")],
    other: Annotated[str, typer.Argument(help="The duty to swap it for.", metavar="DUTY")],
    week: AnyWeek = None,
    of: Upon = None,
    dry_run: DryRun = False,  # noqa: FBT002 - a flag
    by: By = None,
    bus: BusTarget = None,
) -> None:
    """Let two teams do each other's duty; others move only as far as the laws ask for.

    Exit 3 when it cannot lawfully be, or somebody else just changed them: then nothing changes.
    """
    from scheduler.wanted import Swap  # noqa: PLC0415

    told, on = Swap(DutyId(duty), DutyId(other)), the_week(week or week_of(duty))
    district = district_of(folder, by)
    with _changes(district, bus, dry=dry_run) as changes:
        found = changes.wanted(on, told, by, publish_it=True, upon=of)
    tell(district, found)


def extra(
    folder: Folder,
    squadron: Annotated[str, typer.Option("--squadron", help="Whose team does it.")],
    start: Annotated[str, typer.Option("--from", help="When it begins, YYYY-MM-DDTHH:MM.")],
    end: Annotated[str, typer.Option("--to", help="When it ends, YYYY-MM-DDTHH:MM.")],
    post: Annotated[str | None, typer.Option("--post", help="Where it waits.")] = None,
    kind: Annotated[str, typer.Option("--kind", help="Kind of duty.")] = "patrol",
    dry_run: DryRun = False,  # noqa: FBT002 - a flag
    by: By = None,
    bus: BusTarget = None,
) -> None:
    """Add a duty to a published week: done by whom it changes least.

    Exit 3 when nobody may lawfully do it: then nothing changes.
    """
    from config.calendar import week_of_day  # noqa: PLC0415
    from scheduler.wanted import Extra  # noqa: PLC0415

    district = district_of(folder, by)
    first, last = moment(district, start), moment(district, end)
    week = week_of_day(district.calendar.local(first).date())
    told = Extra(
        squadron_named(squadron, folder), first, last, PostId(post) if post else None, kind_of(kind)
    )  # fmt: skip
    with _changes(district, bus, dry=dry_run) as changes:
        found = changes.wanted(week, told, by, publish_it=True)
    tell(district, found)


def undo(
    folder: Folder,
    week: WeekName,
    of: Upon = None,
    dry_run: DryRun = False,  # noqa: FBT002 - a flag
    by: By = None,
    bus: BusTarget = None,
) -> None:
    """Put the version before the one in force into force again, each duty as it was.

    Exit 3 when it breaks a law by now, or another version just came: then nothing changes.
    """
    district = district_of(folder, by)
    with _changes(district, bus, dry=dry_run) as changes:
        found = changes.undo(the_week(week), by, of)
    tell(district, found)


def draft(
    folder: Folder,
    week: WeekName,
    source: Annotated[Path, typer.Option("--from", help="This folder's roster.")],
    over: Over = False,  # noqa: FBT002 - a flag
    by: By = None,
    bus: BusTarget = None,
) -> None:
    """Hand a roster in as a draft; qinwu publish puts it into force."""
    from scheduler.duty_ids import refuse_ids_elsewhere  # noqa: PLC0415
    from scheduler.readback import read_roster  # noqa: PLC0415

    district = district_of(folder, by)
    if not (source / "roster.csv").exists():
        raise NotFound("planner.no_roster", week=week, folder=source, district=folder)
    file = read_roster(district, source / "roster.csv", the_week(week))
    refuse_ids_elsewhere(district, file, source / "roster.csv")
    with _changes(district, bus) as changes:
        found = changes.draft(week, file, by, over=over)
    tell(district, found)


def edit(
    folder: Folder,
    week: WeekName,
    duty: Annotated[str, typer.Option("--duty", help="Duty id.")],
    team: Annotated[str | None, typer.Option("--team", help="Give it to this team.")] = None,
    start: Annotated[
        str | None, typer.Option("--start", help="Let it begin then, YYYY-MM-DDTHH:MM.")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--end", help="Let it end then, YYYY-MM-DDTHH:MM.")
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take it out.")] = False,  # noqa: FBT002 - a flag
    version: Annotated[
        int | None,
        typer.Option("--version", min=1, help="Of this draft; default: of what is in force."),
    ] = None,
    by: By = None,
    bus: BusTarget = None,
) -> None:
    """Change one duty and put right what that breaks, as a new draft; publishes nothing."""
    from scheduler.wanted import Edited  # noqa: PLC0415

    district = district_of(folder, by)
    told = Edited(
        DutyId(duty), TeamId(team) if team else None,
        None if start is None else moment(district, start),
        None if end is None else moment(district, end), remove,
    )  # fmt: skip
    with _changes(district, bus) as changes:
        found = changes.wanted(the_week(week), told, by, publish_it=False, of=version)
    tell(district, found)


def approve(
    folder: Folder, week: WeekName, version: Number = None, by: By = None, bus: BusTarget = None
) -> None:
    """Say that a draft may be published."""
    district = district_of(folder, by)
    with _changes(district, bus) as changes:
        found = changes.approve(the_week(week), version, by)
    typer.echo(words()("repair.approved", week=week, version=found.version))


def withdraw(
    folder: Folder,
    week: WeekName,
    version: Number = None,
    by: By = None,
    reason: Reason = None,
    bus: BusTarget = None,
) -> None:
    """Say that a draft must not be published."""
    district = district_of(folder, by)
    with _changes(district, bus) as changes:
        found = changes.withdraw(the_week(week), version, by, reason)
    typer.echo(words()("repair.withdrawn", week=week, version=found.version))


def versions(
    folder: Folder,
    week: WeekName,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, one line.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """List a week's versions: cause, by whom, when, what changed, what became of it."""
    from scheduler.changes.change_told import version_line  # noqa: PLC0415
    from scheduler.changes.version_list import versions as listed  # noqa: PLC0415
    from scheduler.plan_log import PlanReader  # noqa: PLC0415
    from scheduler.reported import looking  # noqa: PLC0415

    district = district_of(folder)
    with looking(district) as bus:
        if bus is None:
            raise NotFound("repair.no_version", week=the_week(week), version="–")
        held = PlanReader(bus, AreaId(district.settings.brigade)).ledger.week(the_week(week))
    found = listed(district, week, held)
    if as_json:
        typer.echo(jsons.dumps([one.data(district) for one in found], ensure_ascii=False))
        return
    for one in found:
        typer.echo(version_line(one, district, language()))


# --- parts -----------------------------------------------------------------------------------


def tell(district: "District", *found: "Changed") -> None:
    """Say what became of changes; exit 3 where nothing did of any of them."""
    from scheduler.changes.change_told import changed_lines  # noqa: PLC0415

    for one in found:
        for line in changed_lines(one, district, language()):
            typer.echo(line, err=one.failed)
    if any(one.failed for one in found):
        raise typer.Exit(IMPOSSIBLE)


@contextmanager
def _changes(
    district: "District", bus: str | None, *, dry: bool = False
) -> Iterator["Changes"]:  # fmt: skip
    from scheduler.changes.changing import Changes  # noqa: PLC0415
    from scheduler.commands import desk  # noqa: PLC0415

    with desk(district, bus) as held:
        yield Changes(held, dry)


def district_of(folder: Path, by: str | None = None) -> "District":
    """The district of a folder; NotFound where whoever does something is none of its people."""
    from config import district as districts  # noqa: PLC0415

    district = districts.load(folder)
    doer(district, by)
    return district
