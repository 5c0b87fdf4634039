"""Which built-in mapping fits a source, by the headers of its files, and why none does."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from config.errors import BadInput, Finding
from config.faults import near, shown
from config.importers.columns import Reading
from config.importers.decoding import decode, encodings_of
from config.importers.mapping import Mapping, builtin
from config.importers.quality import finding
from config.importers.reader import (
    DELIMITERS,
    HEADER_WITHIN,
    Source,
    columns_of,
    header_of,
    is_hidden,
    is_osm,
    is_text,
    is_workbook,
)

_HEAD_BYTES = 65_536


class Lack(NamedTuple):
    """A header that lacks some columns of a table, or has them separated otherwise than said."""

    line: int
    header: str
    delimiter: str
    needed: set[str]

    def missing(self) -> list[str]:
        """The columns that it lacks, by name."""
        return sorted(self.needed.difference(columns_of(self.header, self.delimiter)))

    def renamed(self) -> Iterator[str]:
        """Those of them that seem to stand there under another name, with that name."""
        others = [one for one in columns_of(self.header, self.delimiter) if one not in self.needed]
        for column in self.missing():
            if like := near(column, others):
                others.remove(like)
                yield f"{column} → {shown(like)}"


def choose(sources: Sequence[Source]) -> Mapping:
    """The built-in mapping that fits most files of a source.

    Raises:
        BadInput: None fits; the findings name the columns that the nearest one misses.
    """
    heads = {source.name: _head(source) for source in sources if is_text(source)}
    best: tuple[int, Mapping | None] = (0, None)
    for mapping in builtin():
        fitting = _fitting(mapping, sources, heads)
        if fitting > best[0]:
            best = (fitting, mapping)
    if best[1] is not None:
        return best[1]
    unfitting = [nearest or unfit(source) for source in sources for nearest in [_nearest(source)]]
    raise BadInput([*unfitting, *other_sheets(sources)])


def unfit(source: Source) -> Finding:
    """The finding for a file that is like nothing: a workbook may hold what is looked for."""
    if is_hidden(source):
        return finding(source.name, "import.hidden_sheets", others=_titles(source))
    unread = is_workbook(source)
    return finding(source.name, "import.old_workbook" if unread else "import.no_mapping")


def other_sheets(sources: Sequence[Source]) -> list[Finding]:
    """The findings for workbooks of which a worksheet is read that may be only the cover."""
    return [finding(one.name, "import.other_sheets", read=shown(one.sheets[0]),
                    others=_titles(one))
            for one in sources if len(one.sheets) > 1 and not is_hidden(one)]  # fmt: skip


def _titles(source: Source) -> str:
    """The worksheets of a workbook that are not read."""
    return ", ".join(map(shown, source.sheets[1:]))


def _head(source: Source, reading: Reading | None = None) -> list[str]:
    head = source.content[:_HEAD_BYTES]
    if len(head) == _HEAD_BYTES:  # a letter that is cut in two would be none of its encoding
        head = head.rpartition(b"\n")[0]
    encodings = (*encodings_of(head, reading or Reading()), "latin-1")
    return decode(head, encodings)[0][: HEADER_WITHIN + 1]


def _fitting(mapping: Mapping, sources: Sequence[Source], heads: dict[str, list[str]]) -> int:
    """How many files a mapping can use; 0 where it makes no district of them."""
    if mapping.district is None:
        return 0
    network = mapping.district.network
    if network.kind == "osm":
        return sum(is_osm(source) for source in sources)
    tables = [table.needed() for table in mapping.tables.values()]
    if network.kind == "graph":
        graph = list(network.needed().values())
        if not all(any(header_of(head, each) for head in heads.values()) for each in graph):
            return 0
        tables += graph
    return sum(any(header_of(head, needed) for needed in tables) for head in heads.values())


def _nearest(source: Source) -> Finding | None:
    found = [(_lacks(source, mapping), mapping) for mapping in builtin() if mapping.district]
    like = [(lacks, mapping) for lacks, mapping in found if lacks is not None]
    if not like:
        return None
    return _named(source, *min(like, key=lambda pair: len(pair[0].missing())))


def lacking(source: Source, mapping: Mapping) -> Finding:
    """The finding for a file that no table of a mapping fits: which columns it lacks."""
    lacks = _lacks(source, mapping)
    if is_hidden(source):
        return unfit(source)
    if lacks is None:
        needed = (f"{name}: {', '.join(sorted(table.needed()))}"
                  for name, table in mapping.tables.items())  # fmt: skip
        return finding(source.name, "import.no_table", mapping=mapping.name,
                       header=header(source, mapping), columns="; ".join(needed))  # fmt: skip
    return _named(source, lacks, mapping)


def header(source: Source, mapping: Mapping) -> str:
    """The line of a file's head that is likest a header, as it is read: that of most cells.

    A title above it has one cell, whatever the delimiter.
    """
    head = _head(source, mapping.reading_of(None, source.name))[:HEADER_WITHIN]
    return _bare(max(head, key=_filled, default=""))


def _bare(line: str) -> str:
    """A line as a message shows it, without the delimiters of cells that are empty at its end."""
    return shown(line.rstrip(",;\t| "))


def _filled(line: str) -> int:
    return max(sum(map(bool, columns_of(line, delimiter))) for delimiter in DELIMITERS)


def nearly(source: Source, mapping: Mapping) -> Finding | None:
    """As `lacking`, but None for a file that has nothing to do with the mapping's tables."""
    lacks = _lacks(source, mapping) if is_text(source) else None
    return None if lacks is None else _named(source, lacks, mapping)


def _named(source: Source, lacks: Lack, mapping: Mapping) -> Finding:
    if not lacks.missing():
        return finding(source.name, "import.delimiter", lacks.line,
                       delimiter=repr(lacks.delimiter), mapping=mapping.name)  # fmt: skip
    return finding(source.name, "import.columns_missing", lacks.line, mapping=mapping.name,
                   columns=", ".join(lacks.missing()), header=_bare(lacks.header),
                   near=", ".join(lacks.renamed()))  # fmt: skip


def _lacks(source: Source, mapping: Mapping) -> Lack | None:
    """The header most like one of a table's.

    None when no line of the file's head has at least half of a table's columns.
    """
    best: tuple[float, Lack] | None = None
    for table in mapping.tables.values():
        head = _head(source, mapping.reading_of(table, source.name))
        needed = table.needed()
        for delimiter in DELIMITERS:
            for number, line in enumerate(head[:HEADER_WITHIN]):
                missing = needed - set(columns_of(line, delimiter))
                share = 1 - len(missing) / len(needed)
                if share >= 0.5 and (best is None or share > best[0]):
                    best = share, Lack(number + 1, line, delimiter, needed)
    return None if best is None else best[1]
