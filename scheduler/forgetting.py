"""A person's name taken out of the rosters that are kept: files of ids, with a name beside each.

Plain files in, plain files out: what `people.csv` says by now does not matter, since a name is
learnt from the files that have it.
"""

import csv
import html
import io
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from jinja2.filters import FILTERS

from config.cells import unguarded
from config.errors import BadInput, Finding
from config.made_tables import RosterRow, VisitRow
from scheduler.publish import REPORT, ROSTER_HASH, file_hash

Cells = dict[str, str]
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
    """
    files, damaged = list[Path](), list[Finding]()
    for path in sorted(folder.rglob(RosterRow.file)):
        try:
            files += _taken_out(path, person, name)
        except BadInput as error:
            damaged += error.findings
    return Forgotten(tuple(files), tuple(damaged))


def kept_persons(folder: Path) -> set[str]:
    """Who has a duty in a kept roster or draft that can be read."""
    found = set[str]()
    for path in folder.rglob(RosterRow.file):
        with suppress(BadInput):  # told by who takes a name out of it
            for row in _rows(path):
                found |= {row.get("officer", ""), *row.get("auxiliaries", "").split(";")}
    return found - {""}


def _taken_out(path: Path, person: str, name: str | None) -> list[Path]:
    """Take a name out of a roster, its visits and its page; those that are others now.

    Raises:
        BadInput: One of the three is damaged; none is touched.
    """
    visits, report = path.with_name(VisitRow.file), path.with_name(REPORT)
    duties = _rows(path)
    stops = _rows(visits) if visits.is_file() else []
    page = _content(report) if report.is_file() else ""
    fits = page != "" and _hash_in(page) == file_hash(path)
    others = _people_in(page)
    names = {name or "", others.pop(person, "")}
    names.update(taken for row in duties for taken in _without(row, person))
    own = {row.get("duty") for row in duties if row.get("officer") == person}
    for row in stops:
        if row.get("duty") in own:
            names.add(row.get("officer_name", ""))
            row["officer_name"] = ""
    alike = {*others.values(), *(row.get("officer_name", "") for row in duties)}
    alike.update(one for row in duties for one in row.get("auxiliaries_names", "").split(";"))
    texts = {path: _text(duties), visits: _text(stops)}
    found = [one for one, text in texts.items() if text and _put(one, text, "utf-8-sig")]
    if page:
        page = _hidden(page, person, set(map(unguarded, names)) - {""}, set(map(unguarded, alike)))
        if fits:
            page = ROSTER_HASH.sub(f'<meta name="roster" content="{file_hash(path)}">', page)
        found += [report] if _put(report, page, "utf-8") else []
    return found


def _without(row: Cells, person: str) -> list[str]:
    """The names of a person in a duty, which has none any more."""
    taken = []
    if row.get("officer") == person and row.get("officer_name"):
        taken.append(row["officer_name"])
        row["officer_name"] = ""
    told = row.get("auxiliaries_names", "").split(";")
    for n, one in enumerate(row.get("auxiliaries", "").split(";")):
        if one == person and n < len(told) and told[n] != person:
            taken.append(told[n])
            told[n] = person  # so that the others keep their places
    row["auxiliaries_names"] = ";".join(told)
    return taken


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


def _rows(path: Path) -> list[Cells]:
    """The rows of a file, with all their columns.

    Raises:
        BadInput: It is no CSV file in UTF-8, or a row has not the cells of the header.
    """
    reader = csv.reader(io.StringIO(_content(path), newline=""), strict=True)
    rows, line = list[Cells](), 1
    try:
        header = next(reader, [])
        for cells in reader:
            line, begin = reader.line_num + 1, line
            if cells and (len(cells) < len(header) or any(cells[len(header) :])):
                raise _damaged(path, begin, "cell_count", found=len(cells), wanted=len(header))
            rows += [dict(zip(header, cells, strict=False))] if cells else []
    except csv.Error:
        raise _damaged(path, line, "not_csv") from None
    return rows


def _content(path: Path) -> str:
    """The text of a file; BadInput where it is no UTF-8."""
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _damaged(path, line, "not_utf8", byte=f"0x{raw[error.start]:02X}") from None


def _damaged(path: Path, line: int, key: str, **fields: object) -> BadInput:
    return BadInput([Finding("error", str(path), line, None, f"check.{key}", fields)])


def _text(rows: list[Cells]) -> str:
    """Rows as the file that they were read from."""
    if not rows:
        return ""
    lines: list[Mapping[str, str]] = [dict(zip(rows[0], rows[0], strict=True)), *rows]
    written = _Lines()
    csv.DictWriter(written, list(rows[0]), lineterminator="\n").writerows(lines)
    return "".join(written)


class _Lines(list[str]):
    """Where a writer of CSV puts its lines."""

    write = list.append


def _put(path: Path, text: str, encoding: str) -> bool:
    """Write a file anew, whole or not at all; whether it is another than before."""
    raw = text.encode(encoding)
    if path.read_bytes() == raw:
        return False
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(raw)
    part.replace(path)
    return True
