"""Commands of the duty sheet: `qinwu roster sheet | read | ics | json`."""

import json as jsons
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.errors import BadInput, NotFound
from config.named import person_named, week_named
from config.words import language, words
from scheduler.options import FINDINGS, Folder, From, WeekName

if TYPE_CHECKING:  # openpyxl, icalendar, numpy: imported on use, so that help is fast
    from scheduler.sheet.source import Source
    from scheduler.sheet.taking import Taken

WRITERS = (".xlsx", ".html")


def join(group: typer.Typer) -> None:
    """Add the commands to a group."""
    group.command("sheet")(sheet)
    group.command("read")(read)
    group.command("ics")(ics)
    group.command("json")(as_json)


def sheet(
    folder: Folder,
    week: WeekName,
    out: Annotated[Path, typer.Option("--out", help="FILE.xlsx, or FILE.html to print.")],
    source: From = None,
) -> None:
    """Write the week's duty sheet 排班表: a workbook, or a page to print on A3.

    The workbook also has posts by the hour, a sheet a day, and the must-arrive list.
    """
    from scheduler.sheet import book  # noqa: PLC0415

    if out.suffix.lower() not in WRITERS:
        raise BadInput(key="sheet.suffix", file=out)
    told = _source(folder, week, source)
    write = book.write_book if out.suffix.lower() == ".xlsx" else book.write_page
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        write(told, out, language())
    except OSError as error:
        because = error.strerror or str(error)
        raise BadInput(key="planner.no_out", folder=out.parent, because=because) from error
    duties = len(told.roster.duties)
    typer.echo(words()("sheet.written", week=week, duties=duties, file=out))


def read(
    folder: Folder,
    file: Annotated[Path, typer.Argument(help="An edited duty sheet.", metavar="FILE.xlsx")],
    source: From = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the roster here, to be published.")
    ] = None,
) -> None:
    """Read an edited duty sheet: what is wrong with it, what it changes, which laws it breaks.

    Changed days are pinned. Exit 1 when a law is broken, 2 when a cell is wrong: then nothing
    is written.
    """
    from config import findings  # noqa: PLC0415
    from scheduler.change_words import ChangeWords  # noqa: PLC0415
    from scheduler.duty_ids import refuse_ids_elsewhere  # noqa: PLC0415
    from scheduler.sheet.taking import take, week_of  # noqa: PLC0415
    from scheduler.sheet.workbook import opened  # noqa: PLC0415

    say, lang = words(), language()
    book = opened(file)
    week = week_of(book)
    given = _source(folder, week, source)
    refuse_ids_elsewhere(given.district, given.file, given.folder / "roster.csv")
    taken = take(given, book, lang)
    for finding in findings.capped([one for one in taken.findings if one.level != "error"]):
        typer.echo(findings.line(finding, lang), err=True)
    told = ChangeWords(taken.source.printer, lang).lines(taken.changes)
    for line in told or [say("sheet.change.none")]:
        typer.echo(line)
    if taken.errors:
        raise BadInput(list(findings.capped(taken.errors)))
    laws = taken.laws(lang)
    for line in laws:
        typer.echo(line)
    if out is not None:
        _write(taken, out)
    people = len({change.person for change in taken.changes})
    typer.echo(say("sheet.taken", week=week, changes=len(told), people=people, laws=len(laws)))
    if out is not None and not laws:  # what breaks a law would be refused
        typer.echo(say("sheet.next", folder=folder, week=week, out=out))
    if laws:
        raise typer.Exit(FINDINGS)


def ics(
    folder: Folder,
    week: WeekName,
    out: Annotated[Path, typer.Option("--out", help="Where the files go, one a person.")],
    person: Annotated[str | None, typer.Option("--person", help="Only this person.")] = None,
    source: From = None,
    before: Annotated[
        Path | None, typer.Option("--before", help="roster.csv of the version before.")
    ] = None,
) -> None:
    """Write each person's duties as a calendar; what an earlier version gave is cancelled.

    Earlier versions are those that were published, and --before.
    """
    from scheduler.readback import read_roster  # noqa: PLC0415
    from scheduler.sheet.calendar_files import Calendars, stamp_of  # noqa: PLC0415
    from scheduler.sheet.versions import published  # noqa: PLC0415

    told = _source(folder, week, source)
    only = None if person is None else person_named(person, told.district.people.persons)
    if before is not None and not before.exists():
        raise NotFound("planner.no_file", file=before)
    held = published(told.district, week, language())
    sequence = told.file.version
    if source is not None and held:
        sequence = max(sequence, held[-1].version + 1)
    earlier = [file for file in held if file.version < sequence]
    if before is not None:
        earlier.append(read_roster(told.district, before, week))
        sequence = max(sequence, earlier[-1].version + 1)
    calendars = Calendars(
        told, sequence, stamp_of(told.folder / "roster.csv"), words(),
        [file.roster for file in earlier],
    )  # fmt: skip
    try:
        written = calendars.write(out, None if only is None else [only])
    except OSError as error:
        because = error.strerror or str(error)
        raise BadInput(key="planner.no_out", folder=out, because=because) from error
    typer.echo(words()("sheet.calendars", week=week, version=sequence, count=len(written), out=out))


def as_json(
    folder: Folder,
    week: WeekName,
    source: From = None,
    out: Annotated[Path | None, typer.Option("--out", help="A file; else it is printed.")] = None,
) -> None:
    """Write the week's roster as one JSON object, names included."""
    from scheduler.sheet.data import data_of  # noqa: PLC0415

    text = jsons.dumps(data_of(_source(folder, week, source)), ensure_ascii=False, indent=1)
    if out is None:
        typer.echo(text)
        return
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        because = error.strerror or str(error)
        raise BadInput(key="planner.no_out", folder=out.parent, because=because) from error


def _source(folder: Path, week: str, source: Path | None) -> "Source":
    """The roster to work on."""
    from config import findings  # noqa: PLC0415
    from scheduler.reported import told_district  # noqa: PLC0415
    from scheduler.sheet.source import source_of  # noqa: PLC0415

    week_named(week)
    found = source_of(told_district(folder, language()), week, source)
    for doubt in found.file.doubts:
        typer.echo(findings.line(doubt), err=True)
    return found


def _write(taken: "Taken", out: Path) -> None:
    try:
        taken.write(out)
    except OSError as error:
        because = error.strerror or str(error)
        raise BadInput(key="planner.no_out", folder=out, because=because) from error
