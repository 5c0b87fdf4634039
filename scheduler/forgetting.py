"""A person's name taken out of the rosters that are kept: files of ids, with a name beside each.

Plain files in, plain files out: what `people.csv` says by now does not matter, since a name is
learnt from the files that have it.
"""

import csv
import html
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from config.made_tables import RosterRow, VisitRow
from scheduler.publish import REPORT, ROSTER_HASH, file_hash

Cells = dict[str, str]


def forget(folder: Path, person: str, name: str | None) -> list[Path]:
    """Take a person's name out of each kept roster and draft; the files that are others now.

    Args:
        folder: The district folder.
        person: Whose.
        name: What `people.csv` calls them, if anything.
    """
    found = []
    for path in sorted(folder.rglob(RosterRow.file)):
        duties = _rows(path)
        own = {row["duty"] for row in duties if row.get("officer") == person}
        names = {name, *(taken for row in duties for taken in _without(row, person))} - {None, ""}
        visits = path.with_name(VisitRow.file)
        stops = _rows(visits) if visits.is_file() else []
        for row in stops:
            if row.get("duty") in own and row.get("officer_name"):
                names.add(row["officer_name"])
                row["officer_name"] = ""
        known = {row.get("officer_name") for row in duties}
        known |= {one for row in duties for one in row.get("auxiliaries_names", "").split(";")}
        report = path.with_name(REPORT)
        page = report.read_text(encoding="utf-8") if report.is_file() else ""
        fits = page != "" and _hash_in(page) == file_hash(path)
        texts = {path: _text(duties), visits: _text(stops)}
        found += [one for one, text in texts.items() if text and _put(one, text, "utf-8-sig")]
        if page:
            page = _hidden(page, person, {str(one).removeprefix("'") for one in names}, known)
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
    told = (row.get("auxiliaries_names") or "").split(";")
    for n, one in enumerate((row.get("auxiliaries") or "").split(";")):
        if one == person and n < len(told) and told[n] != person:
            taken.append(told[n])
            told[n] = person  # so that the others keep their places
    row["auxiliaries_names"] = ";".join(told)
    return taken


def _hidden(page: str, person: str, names: Iterable[str], others: set[str | None]) -> str:
    """A page in which a person has an id for a name; who is called the same keeps theirs."""
    told = html.escape(person)
    for name in map(html.escape, sorted(names, key=len, reverse=True)):
        page = page.replace(f"{name}({told})", told)
        alike = [one for one in map(html.escape, filter(None, others)) if name in one]
        if not alike:
            page = page.replace(name, told)
        elif name not in alike:  # a part of another's, who keeps theirs
            page = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", lambda _: told, page)
    return page


def _hash_in(page: str) -> str | None:
    found = ROSTER_HASH.search(page)
    return None if found is None else found[1]


def _rows(path: Path) -> list[Cells]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


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
