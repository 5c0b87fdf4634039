"""Commands of the planner: `qinwu plan`, `qinwu publish`, `qinwu roster check`."""

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config import findings
from config.errors import BadInput, NotFound
from config.named import week_named
from config.words import language, words
from events.supervise import end_at_once, is_worker, when_orphaned
from scheduler.advice import why_cli
from scheduler.changes import change_cli, reporting_cli
from scheduler.changes.change_args import doer
from scheduler.options import FINDINGS, IMPOSSIBLE, BusTarget, Folder, WeekName
from scheduler.sheet import cli as sheet_cli
from scheduler.stopping import INTERRUPTED, Stopping

if TYPE_CHECKING:  # numpy, scipy, ortools: imported on use, so that help is fast
    from config.district import District
    from scheduler.readback import RosterFile

roster = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)
sheet_cli.join(roster)
why_cli.join(roster)
change_cli.join(roster)
reporting_cli.join(roster)


def plan(
    folder: Folder,
    week: WeekName,
    out: Annotated[Path, typer.Option("--out", help="Where the files go.")],
    time_s: Annotated[
        int, typer.Option("--time", min=1, help="Seconds for the search alone.")
    ] = 60,
    seed: Annotated[int, typer.Option(min=0, help="Of everything random.")] = 7,
    deterministic: Annotated[
        int | None, typer.Option(min=1, help="Rounds in place of seconds: same input, same bytes.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Leave out what begins before, ISO 8601 with offset.")
    ] = None,
    recorded: Annotated[Path | None, typer.Option(hidden=True)] = None,
    analysis_only: Annotated[bool, typer.Option("--analysis-only", hidden=True)] = False,  # noqa: FBT002 - a flag
) -> None:
    """Plan a week and write roster, visits, must-arrive points, staffing and a report.

    Publishes nothing. Ctrl-C keeps the best roster so far, writes it and exits 130; a second one
    gives up at once and writes nothing.
    """
    if is_worker():
        when_orphaned(end_at_once)
    with Stopping() as stopping:
        from scheduler import commands  # noqa: PLC0415

        district = _load(folder, week)
        since_ms = None if since is None else _moment(district, since)
        if since_ms is not None and since_ms >= district.calendar.week_end_ms(week):
            raise BadInput(key="planner.since_over", value=since, week=week)
        _make(out, stopping)
        job = commands.PlanJob(
            week, out, time_s, seed, deterministic, since_ms, recorded, language()
        )
        with commands.tried_again(job):
            if analysis_only:
                commands.analyse_to(district, job)
            elif commands.plan_to(district, job, stopping):
                raise typer.Exit(INTERRUPTED)


def publish(
    folder: Folder,
    week: WeekName,
    source: Annotated[
        Path | None, typer.Option("--from", help="Publish this folder's roster, not the draft.")
    ] = None,
    version: change_cli.Number = None,
    over: change_cli.Over = False,  # noqa: FBT002 - a flag
    by: change_cli.By = None,
    bus: BusTarget = None,
) -> None:
    """Publish a week's newest draft, or a folder's roster; any week, past ones too.

    Exit 3 when it breaks a law, or was made from another version than is in force by now: then
    nothing is published.
    """
    from scheduler import commands  # noqa: PLC0415
    from scheduler.duty_ids import refuse_ids_elsewhere  # noqa: PLC0415
    from scheduler.readback import read_roster  # noqa: PLC0415

    say = words()
    district = _load(folder, week)
    doer(district, by)
    file = None
    if source is not None:
        if version is not None:
            raise BadInput(key="planner.file_or_version")
        if not (source / "roster.csv").exists():
            raise NotFound("planner.no_roster", week=week, folder=source, district=folder)
        file = read_roster(district, source / "roster.csv")
        if file.week != week:
            raise BadInput(
                key="planner.other_week", file=source / "roster.csv", found=file.week, week=week
            )
        refuse_ids_elsewhere(district, file, source / "roster.csv")
        _doubts(file)
    with commands.desk(district, bus) as desk:
        answer = desk.publish(week, file, by, version=version, over=over)
    if answer.refused:
        for line in commands.refused_lines(district, week, answer, language()):
            typer.echo(line, err=True)
        raise typer.Exit(IMPOSSIBLE)
    if source is not None:
        commands.keep_needs(district, week, source, language())
    told = "planner.in_force" if answer.was_in_force else "planner.published"
    typer.echo(say(told, week=week, version=answer.version, duties=answer.duties))
    if source is not None and file is not None:
        _lacks(district, file, source)


def _lacks(district: "District", file: "RosterFile", folder: Path) -> None:
    """Tell what a lawful roster lacks by the files beside it; no law says that it must not."""
    from scheduler.advice.lacks import lacks  # noqa: PLC0415 - brings numpy
    from scheduler.reported import reports_of  # noqa: PLC0415

    told = reports_of(district, language(), violations=False).onto(district)
    for n, line in enumerate(lacks(told, file, folder, language())):
        if n == 0:
            typer.echo(words()("planner.lacks.head"))
        typer.echo(f"  {line}")


def _doubts(file: "RosterFile") -> None:
    """Tell what is odd about the files beside a roster; it is taken all the same."""
    for doubt in file.doubts:
        typer.echo(findings.line(doubt), err=True)


def _make(folder: Path, stopping: Stopping) -> None:
    """Make a folder before anything costs time; BadInput when it cannot be."""
    try:
        stopping.make(folder)
        if not os.access(folder, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
    except OSError as error:
        because = error.strerror or str(error)
        raise BadInput(key="planner.no_out", folder=folder, because=because) from error


@roster.command("check")
def check_roster(
    folder: Folder,
    path: Annotated[Path, typer.Argument(help="roster.csv, whoever made it.", metavar="FILE")],
) -> None:
    """Check a roster against the laws: each breach with the line of its duty. Exit 1 on any."""
    from config import district as districts  # noqa: PLC0415
    from scheduler import commands  # noqa: PLC0415
    from scheduler.duty_ids import refuse_ids_elsewhere  # noqa: PLC0415
    from scheduler.readback import read_roster  # noqa: PLC0415

    say = words()
    if not path.exists():
        raise NotFound("planner.no_file", file=path)
    district = districts.load(folder)
    file = read_roster(district, path)
    refuse_ids_elsewhere(district, file, path)
    _doubts(file)
    lines = commands.check_lines(district, file, str(path), language())
    for line in lines:
        typer.echo(line)
    if lines:
        typer.echo(say("planner.broken_laws", week=file.week, count=len(lines)))
        raise typer.Exit(FINDINGS)
    typer.echo(say("planner.lawful", week=file.week, duties=len(file.roster.duties)))
    _lacks(district, file, path.parent)


def _load(folder: Path, week: str) -> "District":
    """The district; a week that its calendar does not cover is warned about."""
    week_named(week)
    district = _district(folder)
    if not district.calendar.covers(week):
        typer.echo(words()("planner.not_covered", week=week), err=True)
    return district


def _district(folder: Path) -> "District":
    from config import district as districts  # noqa: PLC0415

    return districts.load(folder)


def _moment(district: "District", text: str) -> int:
    try:
        return district.calendar.parse_iso(text)
    except ValueError as wrong:
        raise BadInput(key="planner.time", value=text) from wrong
