"""A mapping to begin with: what the columns of somebody's tables seem to mean, with first values.

Columns are known by the words that `import.header` has for them, in every language. What would be
wrong without a sign is left to whoever knows: coordinate systems, time zones, days before months.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from config.errors import BadInput
from config.faults import meant, shown
from config.importers.choose import unfit
from config.importers.columns import WORDS, Reading
from config.importers.decoding import decode, encodings_of
from config.importers.moments import YEAR_FIRST
from config.importers.reader import (
    DELIMITERS,
    HEADER_WITHIN,
    Sheet,
    Source,
    columns_of,
    is_text,
    read,
)
from config.words import LANGUAGES, Say, catalogue

FIRST = 3
"""Values of a column that are shown."""
MOST_UNKNOWN = 9
"""Words that nobody knows that are shown; the rest is counted."""
MOST_WORDS = 1000
"""Words that are looked up: a column of more has sentences."""
FIELDS = ("id", "day", "clock", "lon", "lat", "place", "kind", "severity", "violation")
_PLAIN = re.compile(r"\w[\w ]*")
_BARE_NUMBER = re.compile(r"[\d_ ]+")
_YAML_WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))


class Columns(NamedTuple):
    """A table's sheet, and the column that each field seems to have."""

    sheet: Sheet
    of: Mapping[str, str]

    def first(self, *names: str, most: int | None = FIRST) -> list[str]:
        """Different values of a column, or of several that are read together; None: all."""
        told = zip(*(self.sheet.cells[name] for name in names), strict=True)
        return list(dict.fromkeys(" ".join(each) for each in told if all(each)))[:most]


def draft(sources: Sequence[Source], say: Say) -> str:
    """The text of a mapping for the tables of a source; it loads once the open lines are filled.

    Files of the same columns, such as one of each year, are one table.

    Raises:
        BadInput: The source holds no table, or one that has a column twice.
    """
    tables: dict[tuple[str, ...], Columns] = {}
    for one in filter(is_text, sources):
        if found := _columns(one):
            tables.setdefault(found.sheet.order, found)
    if not tables:
        raise BadInput([unfit(one) for one in sources])
    lines = [f"# {say('import.draft.head')}"]
    lines += [f"# {say(f'import.draft.{name}')}" for name in ("name", "zone", "crs")]
    lines += ["crew_law: by_class", f"# {say('import.draft.district')}", "tables:"]
    for table in tables.values():
        lines.append(f"  {_quoted(table.sheet.name)}:")
        lines += [f"    {line}" for line in _table(table, say)]
    return "\n".join(lines) + "\n"


def _columns(source: Source) -> Columns | None:
    """The columns of the line that says most; of those that say as much, of most cells.

    Rows may have more cells than the header, and a form above it, too; a title has one.
    """
    encodings = encodings_of(source.content, Reading())
    head = decode(source.content, encodings)[0][:HEADER_WITHIN]
    names, delimiter = max(
        ((columns_of(line, each), each) for line in head for each in DELIMITERS),
        key=lambda found: (len(_known(found[0])), sum(map(bool, found[0]))),
        default=([], None),
    )  # fmt: skip
    reading = Reading(delimiter=delimiter)
    sheet = read(source, set(filter(None, names)), reading) if any(names) else None
    return None if sheet is None else Columns(sheet, _known(sheet.order))


def _known(names: Sequence[str]) -> dict[str, str]:
    """Field → column, the surest first; each column has one meaning."""
    found: dict[str, str] = {}
    for _, field, name in sorted(_likely(names), key=lambda each: each[0], reverse=True):
        if field not in found and name not in found.values():
            found[field] = name
    return found


def _likely(names: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    """How sure it is that a field has a column: by the word that the column's name is, or holds."""
    for field in FIELDS:
        key = f"import.header.{field}"
        told = " ".join(catalogue(lang)[key] for lang in LANGUAGES).casefold().split()
        for name in names:
            bare = name.casefold()
            held = [len(one) for one in told if one == bare or (not one.isascii() and one in bare)]
            if held:
                yield max(held) + 100 * (bare in told), field, name


def _table(table: Columns, say: Say) -> Iterator[str]:
    """The lines of a table: what is known, then what is not."""
    of = table.of
    if "id" in of:
        yield _line(f"id: {_quoted(of['id'])}", table.first(of["id"]))
    yield _time(table, say)
    if "lon" in of and "lat" in of:
        yield _line(f"place: {{lon: {_quoted(of['lon'])}, lat: {_quoted(of['lat'])}}}",
                    table.first(of["lon"], of["lat"]))  # fmt: skip
    elif "place" in of:
        yield _line(f"place: {{column: {_quoted(of['place'])}}}", table.first(of["place"]))
    else:
        yield f"# {say('import.draft.place')}"
    if "kind" not in of:
        yield f"# {say('import.draft.kind')}"
    for field in ("kind", "severity"):
        if field in of:
            yield _words(table, field, say)
    if "violation" in of:
        yield _line(f"violation: {_quoted(of['violation'])}", table.first(of["violation"]))
    for name in table.sheet.order:
        if name not in of.values():
            told = say("import.draft.unused", column=shown(name))
            yield f"# {told}: {_values(table.first(name))}"


def _time(table: Columns, say: Say) -> str:
    """When: the columns of day and time; how it is written only where the year stands first."""
    names = [table.of[field] for field in ("day", "clock") if field in table.of]
    if not names:
        return f"# {say('import.draft.time')}"
    values = table.first(*names)
    found = [YEAR_FIRST.fullmatch(one) for one in values]
    columns = ", ".join(map(_quoted, names))
    if not values or None in found:
        return _line(f"# time: {{columns: [{columns}], formats: [?]}}", values)
    has_hours = all(one and one[4] for one in found)
    written = "%Y-%m-%d %H:%M" if has_hours else "%Y-%m-%d"
    return _line(f'time: {{columns: [{columns}], formats: ["{written}"]}}', values)


def _words(table: Columns, field: str, say: Say) -> str:
    """A column whose words are to be translated: those that are known, and the others."""
    name = table.of[field]
    values = table.first(name, most=None)
    looked_up = ((one, meant(one, WORDS[field])) for one in values[:MOST_WORDS])
    known = {one: ours for one, ours in looked_up if ours}
    told = ", ".join(f"{_quoted(one)}: {ours}" for one, ours in known.items())
    others = [one for one in values if one not in known]
    line = f"{field}: {{column: {_quoted(name)}, map: {{{told}}}}}"
    if not others:
        return line
    told = _values(others[:MOST_UNKNOWN])
    if left := len(others[MOST_UNKNOWN:]):
        told = say("import.draft.more", values=told, count=left)
    return f"{line}  # {say('import.draft.words')}: {told}"


def _line(text: str, values: Sequence[str]) -> str:
    return f"{text}  # {_values(values)}" if values else text


def _values(values: Sequence[str]) -> str:
    return ", ".join(map(shown, values))


def _quoted(name: str) -> str:
    """A name as YAML has it."""
    plain = _PLAIN.fullmatch(name) and not _BARE_NUMBER.fullmatch(name)
    if plain and name.casefold() not in _YAML_WORDS and name == name.strip():
        return name
    return json.dumps(name, ensure_ascii=False)
