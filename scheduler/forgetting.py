"""A person's name taken out of the rosters that are kept: files of ids, with a name beside each.

Plain files in, plain files out: what `people.csv` says by now does not matter, since a name is
learnt from the files that have it.
"""

import csv
import hashlib
import html
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jinja2.filters import FILTERS

from config.cells import cell_place, guarded
from config.errors import BadInput, Finding
from config.faults import called
from config.made_tables import NamedRosterRow, NamedVisitRow, RosterRow, VisitRow
from config.reading import Table, columns, read_table
from config.saved import Saved
from config.tables import DutyRow, PlaceRow, PostRow, Row
from config.whole import PLACING, WRITING, finish, whole
from scheduler.publish import REPORT, ROSTER_HASH, file_hash

Cells = dict[str, str]
NAMED: dict[type[Row], type[Row]] = {RosterRow: NamedRosterRow, VisitRow: NamedVisitRow}
"""Tables that are read back, and how they are written: with names beside the ids."""
NAMES = {"officer_name", "auxiliaries_names"}
"""Their columns of people's names."""
escape = FILTERS["escape"]  # as the pages have it: `html.escape` writes quotes otherwise
IN_TABLE = "<td>{name}</td><td><small>{id}</small></td>"
"""How the table of people of a page tells one; who has no name stands there as `BY_ID`."""
BY_ID = "<td>{id}</td><td></td>"
WITH_ID = r"(?P<before>(?:^|[>\s、，：:]))(?:{name} {id}(?!\w)|{name}\({id}\))"
"""How sentences tell one: the name, then the id."""
ALONE = (
    r'(?P<before><(?:td|th scope="row")>){name}(?= <small>)',
    r"(?P<before><br><small>(?:(?:with |同组：)?|[^<]*(?:, |、))){name}(?=</small>|, |、)",
)
"""How sheets tell one, by the name alone: whose line or visit it is, and who comes along."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was done.

    files: Those that are others now. damaged: What cannot be read; all beside it is as it was.
    """

    files: tuple[Path, ...]
    damaged: tuple[Finding, ...]


def forget(folder: Path, person: str, name: str | None) -> Forgotten:
    """Take a person's name out of each kept roster and draft that can be read.

    Args:
        folder: The district folder.
        person: Whose.
        name: What `people.csv` calls them, if anything.

    Raises:
        OSError: No room, or no right; the week at which it came is as it was.
    """
    files, damaged, called_so = list[Path](), list[Finding](), _names_of_places(folder)
    for week in _weeks(folder):
        try:
            finish(week)
            files += _taken_out(week, person, name, called_so)
        except BadInput as error:
            whole_week = Finding("error", str(week), None, None, error.key, error.fields)
            damaged += error.findings or [whole_week]
    return Forgotten(tuple(files), tuple(damaged))


def kept_persons(folder: Path) -> set[str]:
    """Who has a duty in a kept roster or draft, as far as these can be read."""
    tables = [_table(week / RosterRow.file, RosterRow) for week in _weeks(folder)]
    rows = [row for table in tables for row in table.rows]
    return {person for row in rows for person in (row.officer, *row.auxiliaries)}


def _weeks(folder: Path) -> list[Path]:
    """The folders in which a roster is kept, or is just being put."""
    found = {path.parent for path in folder.rglob(RosterRow.file)}
    return sorted({week.parent if week.name == PLACING else week
                   for week in found if not week.name.startswith(WRITING)})  # fmt: skip


def _taken_out(week: Path, person: str, name: str | None, called_so: str) -> list[Path]:
    """Take a name out of a roster, its visits and its page; those that are others now.

    Raises:
        BadInput: One of the three is damaged, or holds the name where nobody reads names; none
            is touched.
    """
    roster, visits = _read(week / RosterRow.file, RosterRow), _read(week / VisitRow.file, VisitRow)
    report = week / REPORT
    page = before = _content(report) if report.is_file() else ""
    fits = page != "" and _hash_in(page) == file_hash(week / RosterRow.file)
    duties, stops, others = _rows(roster), _rows(visits), _people_in(page)
    names = {name or "", others.pop(person, "")}
    for n, row in enumerate(duties):
        names.update(_without(row, person, roster, n))
    own = {row["duty"] for row in duties if row["officer"] == person}
    for row in stops:
        if row["duty"] in own and row.get("officer_name"):
            names.add(row["officer_name"])
            row["officer_name"] = ""
    alike = {*others.values(), *(row.get("officer_name", "") for row in duties)}
    alike.update(one for row in duties for one in _parts(row.get("auxiliaries_names", "")))
    _refuse_astray((roster, visits), person, names - alike - {""}, called_so)
    new = {table.file: _written(table, rows) for table, rows in ((roster, duties), (visits, stops))
           if rows != _rows(table)}  # fmt: skip
    if page:
        page = _hidden(page, person, names - {""}, alike)
        if fits and roster.file in new:
            told = hashlib.sha256(new[roster.file]).hexdigest()
            page = ROSTER_HASH.sub(f'<meta name="roster" content="{told}">', page)
        new |= {str(report): page.encode()} if page != before else {}
    if new:
        with whole(week) as writing:
            for file, raw in new.items():
                (writing / Path(file).name).write_bytes(raw)
    return [*map(Path, new)]


def _without(row: Cells, person: str, table: Table[Any], n: int) -> list[str]:
    """The names of a person in a duty, the n-th record of a table, which has none any more."""
    taken = []
    if row["officer"] == person and row.get("officer_name"):
        taken.append(row["officer_name"])
        row["officer_name"] = ""
    persons, told = _parts(row.get("auxiliaries", "")), _parts(row.get("auxiliaries_names", ""))
    if person in persons and told:
        if len(told) != len(persons):
            place = table.place(n, "auxiliaries_names")
            table.note("names_beside", *place, found=len(told), wanted=len(persons))
            raise BadInput(table.findings)
        taken += [one for one, of in zip(told, persons, strict=True) if of == person != one]
        # the id in its place, so that the others keep theirs
        told = [of if of == person else one for one, of in zip(told, persons, strict=True)]
        row["auxiliaries_names"] = ";".join(told)
    return taken


def _refuse_astray(
    tables: Iterable[Table[Any]], person: str, names: set[str], called_so: str
) -> None:
    """Raise BadInput where a column that is none of people's names holds one of the names.

    Ids and times are what they are. Beside them the program tells places, and a place may be
    called as somebody is: such a name is sought in columns that people made, only.
    """
    found = list[Finding]()
    for table in tables:
        known, told = columns(table.model), columns(NAMED[table.model])
        for at, column in enumerate(table.header):
            if column in known or column in NAMES:
                continue
            sought = [one for one in names if column not in told or one not in called_so]
            key = "name_astray" if column else "name_unheaded"
            for n, cells in enumerate(table.cells):
                if any(name in cells[at] for name in sought):
                    place = cell_place(table.text, table.lines[n], at)
                    table.note(key, *place, column=column, person=person)
        found += table.findings
    if found:
        raise BadInput(found)


def _hidden(page: str, person: str, names: Iterable[str], others: set[str]) -> str:
    """A page as it would be if a person had no name: it changes where people stand, only.

    Who is called the same keeps theirs: such a name goes where the id is with it.
    """
    told = str(escape(person))
    for name in names:
        shown = str(escape(name))
        page = page.replace(IN_TABLE.format(name=shown, id=told), BY_ID.format(id=told))
        for form in (WITH_ID,) if name in others else (WITH_ID, *ALONE):
            found = form.format(name=re.escape(shown), id=re.escape(told))
            page = re.sub(found, lambda one: f"{one['before']}{told}", page)
    return page


def _people_in(page: str) -> Cells:
    """The names in the table of people, by id: who had no duty that week stands there, too."""
    found = re.findall(IN_TABLE.format(name="([^<]+)", id="([^<]+)"), page)
    return {html.unescape(person): html.unescape(name) for name, person in found}


def _hash_in(page: str) -> str | None:
    found = ROSTER_HASH.search(page)
    return None if found is None else found[1]


def _table(path: Path, model: type[Row]) -> Table[Any]:
    """A kept table, also as a spreadsheet program saved it."""
    return read_table(path, model, str(path), Saved(model, str(path)))


def _read(path: Path, model: type[Row]) -> Table[Any]:
    """A kept table in which names can be found; one without rows where there is none.

    Raises:
        BadInput: It cannot be read, or names may stand there under a header that nobody knows.
    """
    table = _table(path, model)
    if strange := _strange(table):
        for column in sorted(NAMES & columns(NAMED[model]).keys() - {*table.header}):
            near = called(column, strange)
            table.note("column_missing", 1, 1, column=column, near=near)
    if table.findings:  # a warning, too: a column of ids under another name
        raise BadInput([replace(one, level="error") for one in table.findings])
    return table


def _strange(table: Table[Any]) -> list[str]:
    """Columns with anything in them that the program does not write; "" for one without header."""
    known = columns(NAMED[table.model])
    return [
        name for at, name in enumerate(table.header)
        if name not in known and any(any(cells[at : at + 1]) for cells in table.cells)
    ]  # fmt: skip


def _names_of_places(folder: Path) -> str:
    """What the district's files call places, posts, fixed duties and squadrons."""
    tables = [_table(folder / row.file, row) for row in (PlaceRow, PostRow, DutyRow)]
    settings = folder / "settings.yaml"
    told = settings.read_text(encoding="utf-8", errors="replace") if settings.is_file() else ""
    return "\n".join([told, *(cell for table in tables for cells in table.cells for cell in cells)])


def _rows(table: Table[Any]) -> list[Cells]:
    """The records of a table, with all their columns."""
    return [dict(zip(table.header, cells, strict=False)) for cells in table.cells]


def _parts(cell: str) -> list[str]:
    """What a cell lists."""
    return [part.strip() for part in cell.split(";")] if cell else []


def _content(path: Path) -> str:
    """The text of a file; BadInput where it is no UTF-8."""
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line, told = raw.count(b"\n", 0, error.start) + 1, {"byte": f"0x{raw[error.start]:02X}"}
        found = Finding("error", str(path), line, None, "check.not_utf8", told)
        raise BadInput([found]) from None


def _written(table: Table[Any], rows: list[Cells]) -> bytes:
    """A table as the program writes it, with other rows; columns without header stay."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.header)
    for row, cells in zip(rows, table.cells, strict=True):
        told = zip(table.header, cells, strict=False)
        writer.writerow(guarded(row[name] if name else cell) for name, cell in told)
    return out.getvalue().encode("utf-8-sig")
