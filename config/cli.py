"""Commands of the district: `qinwu check`, `qinwu import`, `qinwu init`."""

import json
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from config.errors import BadInput, NotFound

FOUND, BAD_INPUT = 1, 2


def check(
    folder: Annotated[Path, typer.Argument(help="The district folder.", metavar="DIR")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a finding.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Check a district folder: each fault with its file, line, column and what to try.

    Exit 0 when sound or doubtful only (warnings), 2 when a file has errors.
    """
    from config import district, findings  # noqa: PLC0415 - numpy and scipy; help is fast
    from config.words import words  # noqa: PLC0415

    if not folder.is_dir():
        raise NotFound(key="check.no_folder", folder=folder)
    found = district.check(folder)
    for finding in found:
        if as_json:
            typer.echo(json.dumps(findings.as_data(finding), ensure_ascii=False))
        else:
            typer.echo(findings.line(finding))
    errors, warnings = (findings.count(found, level) for level in ("error", "warning"))
    if not as_json:
        key = "check.found" if found else "check.sound"
        typer.echo(words()(key, folder=folder, errors=errors, warnings=warnings))
    if errors:
        raise typer.Exit(BAD_INPUT)


def import_source(
    source: Annotated[Path, typer.Argument(help="A file, or a folder of files.", metavar="SRC")],
    out: Annotated[Path | None, typer.Option("--out", help="The district folder to make.")] = None,
    mapping: Annotated[Path | None, typer.Option("--mapping", help="What the files mean.")] = None,
    live: Annotated[
        datetime | None,
        typer.Option("--live", formats=["%Y-%m-%d"], help="Keep this day out, to be played."),
    ] = None,
    draft: Annotated[
        Path | None,
        typer.Option("--draft-mapping", help="Write a mapping to begin with, and nothing else."),
    ] = None,
) -> None:
    """Make a district folder from somebody's files, with a report of every row's fate.

    The built-in mappings are chosen by the files' headers. Writes only into a new or empty
    folder, or over an import that nobody edited since. Exit 1 where more than a fifth of a
    table's rows were refused for what stands in them.
    """
    from config import findings  # noqa: PLC0415
    from config.importers.folder import QUALITY  # noqa: PLC0415 - pandas; help is fast
    from config.importers.make import import_district  # noqa: PLC0415
    from config.words import words  # noqa: PLC0415

    if draft is not None:
        if out or mapping or live:
            raise BadInput(key="import.draft.alone")
        _draft(source, draft)
        return
    if out is None:
        raise BadInput(key="import.draft.no_out")
    today = datetime.now(UTC).date()
    report = import_district(source, out, mapping, live.date() if live else None, today)
    say = words()
    for line in report.lines(say):
        typer.echo(line)
    typer.echo(say("import.done", out=out, quality=QUALITY))
    for finding in report.misread():
        typer.echo(findings.line(finding), err=True)
    if report.lost:
        raise typer.Exit(FOUND)


def _draft(source: Path, file: Path) -> None:
    """Write what the headers of a source seem to mean into a new file."""
    from config.importers.draft import draft  # noqa: PLC0415 - pandas; help is fast
    from config.importers.reader import sources  # noqa: PLC0415
    from config.words import words  # noqa: PLC0415

    text = draft(sources(source), words())
    try:
        with file.open("x", encoding="utf-8") as new:
            new.write(text)
    except OSError as error:  # one that is there may be what somebody wrote for hours
        raise BadInput(key="sending.not_written", file=file, cause=error.strerror) from None
    told = {"source": shlex.quote(str(source)), "mapping": shlex.quote(str(file))}
    typer.echo(words()("import.draft.written", file=file, **told))


def init(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.", metavar="DIR")],
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of all that is random.")] = 7,
    today: Annotated[
        datetime | None,
        typer.Option("--today", formats=["%Y-%m-%d"], help="The history ends the day before."),
    ] = None,
    live: Annotated[
        list[datetime] | None,
        typer.Option("--live", formats=["%Y-%m-%d"], help="Also make this day, to be played."),
    ] = None,
) -> None:
    """Make the sample district: a synthetic town, its force and 18 months of history."""
    from config.calendar import Calendar, week_of_day  # noqa: PLC0415 - numpy; help is fast
    from config.sample.world import TIME_ZONE  # noqa: PLC0415 - pandas
    from config.sample.write import write_sample  # noqa: PLC0415 - pandas
    from config.words import words  # noqa: PLC0415

    now = today.date() if today else datetime.now(Calendar.of_zone(TIME_ZONE).zone).date()
    made = write_sample(folder, seed, now, [day.date() for day in live or ()])
    say = words()
    people, edges = len(made.force.people), len(made.town.edges)
    typer.echo(say("sample.made", people=people, edges=edges, seed=seed, today=now))
    typer.echo(say("sample.next", folder=folder, week=week_of_day(now + timedelta(days=7))))
