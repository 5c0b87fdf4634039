"""The quality report of an import: read, usable, duplicate, repaired, refused and why.

For each file: read = usable + refused; written = usable − duplicate − without. Nothing of a
source is lost without standing in one of these.
"""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from config.controls import visible
from config.errors import Finding, Key
from config.faults import shown

SAMPLES = 5
"""Rows shown of each reason of a file."""
MADE_BY = "qinwu import"
MOST_LOST = 0.2
"""Share of a table's rows that may be refused before the import says that it was misread."""
_NOT_LOST = {"outside_network", "outside_bounds", "header_again"}
"""Reasons for which a row is left out rightly: it is another district's, or no row."""


def finding(file: str, key: str, line: int | None = None, **fields: object) -> Finding:
    """What is wrong with a file of the source, as data."""
    return Finding("error", file, line, None, key, fields)


@dataclass(frozen=True, slots=True)
class Cause:
    """Which column rows are refused for: its first values, and what could have been read there."""

    column: str
    values: tuple[str, ...]
    expected: str = ""

    def told(self) -> dict[str, str]:
        """The fields of a finding."""
        return {"column": self.column, "values": ", ".join(self.values), "expected": self.expected}


@dataclass(slots=True)
class FileQuality:
    """What became of the rows of one file.

    repaired: Cells or rows set right, by repair.
    without: Usable rows that say nothing for the history, by what they lack; not written.
    held: Rows kept out of the history on purpose, by why (the day that is to be played).
    placed: Usable rows whose place is told by a text, by how it was found: crossing, km_post.
    samples: (line, reason, text) of refused rows.
    causes: By reason, where a column is to blame.
    posts: By text of a place that is beyond its road's km posts, from where to where they stand.
    """

    file: str
    table: str
    read: int = 0
    duplicate: int = 0
    repaired: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    without: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    placed: Counter[str] = field(default_factory=Counter)
    samples: list[tuple[int, str, str]] = field(default_factory=list)
    causes: dict[str, Cause] = field(default_factory=dict)
    posts: dict[str, str] = field(default_factory=dict)

    @property
    def usable(self) -> int:
        """Rows whose time and place are known well enough; a duplicate is usable."""
        return self.read - self.refused.total()

    @property
    def written(self) -> int:
        """Rows that stand in the history."""
        return self.usable - self.duplicate - self.without.total() - self.held.total()

    def shown(self) -> dict[str, object]:
        """The entry of a file in quality.json."""
        counts = ("file", "table", "read", "usable", "duplicate", "written")
        reasons = ("repaired", "refused", "without", "held", "placed")
        found: dict[str, object] = {name: getattr(self, name) for name in counts}
        found |= {name: dict(getattr(self, name)) for name in reasons}
        samples = [{"line": line, "why": why, "row": row} for line, why, row in self.samples]
        causes = {why: cause.told() for why, cause in self.causes.items()}
        return {**found, "samples": samples, "causes": causes}

    def refuse(self, line: int, reason: str, text: str) -> None:
        """Count a refused row; the first of each reason are kept as samples."""
        self.refused[reason] += 1
        if self.refused[reason] <= SAMPLES:
            self.samples.append((line, reason, text[:120]))


def lost_rows(each: FileQuality) -> Iterator[Finding]:
    """Why none of a file's rows is usable: each reason with its count and its first row."""
    for reason, count in each.refused.items():
        line, text = next((line, text) for line, why, text in each.samples if why == reason)
        told = {"count": count, "why": Key(f"import.refused.{reason}"), "text": visible(text)}
        cause = each.causes.get(reason)
        key = "import.lost_cells" if cause and cause.expected else "import.lost_rows"
        yield finding(each.file, key, line, **told, **(cause.told() if cause else {}))
    for reason, count in each.without.items():
        why = Key(f"import.without.{reason}")
        yield finding(each.file, "import.lost_silent", None, count=count, why=why)


@dataclass(slots=True)
class Report:
    """What an import read and made.

    columns: Our column of each column of the source, where a filter may name either.
    ignored: Files of the source that no table, network or mapping uses.
    headers: The header of each of them that is a table, as it was read.
    unread: Those of them that are workbooks of a kind that is not read.
    sheets: Worksheets of each workbook that has several with anything in them: the first is read;
        "" where people see none of them.
    elsewhere: Maps of the source that lie outside the mapping's area.
    twice: Maps of the source that are there under another name, too.
    network: Counts of the road network: ways, segments, parts left out.
    made: What was generated because the source has none: people, vehicles, posts.
    lost: Rows of each table that were refused for what stands in them, not for where they lie,
        where those are more than `MOST_LOST` of it: the history is not whole.
    silent: Feeds of which days are missing: a key of the words and its fields.
    written: SHA-256 of each file of the district as written, so that a later import knows which
        files were edited since.
    """

    mapping: str
    source: str
    files: list[FileQuality] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    sheets: dict[str, list[str]] = field(default_factory=dict)
    elsewhere: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    network: dict[str, float] = field(default_factory=dict)
    made: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    lost: dict[str, int] = field(default_factory=dict)
    silent: list[dict[str, object]] = field(default_factory=list)
    seconds: float = 0.0
    written: dict[str, str] = field(default_factory=dict)

    def totals(self, table: str | None = None) -> dict[str, int]:
        """Sums over the files, of one table or of all."""
        chosen = [each for each in self.files if table in (None, each.table)]
        return {
            "read": sum(each.read for each in chosen),
            "usable": sum(each.usable for each in chosen),
            "duplicate": sum(each.duplicate for each in chosen),
            "repaired": sum(each.repaired.total() for each in chosen),
            "refused": sum(each.refused.total() for each in chosen),
            "written": sum(each.written for each in chosen),
        }

    def count_lost(self, tables: Collection[str]) -> None:
        """Note what the tables of a mapping have lost, where it is much."""
        for name in tables:
            of = [each.refused for each in self.files if each.table == name]
            lost = sum(sum(each.values()) - sum(each[why] for why in _NOT_LOST) for each in of)
            if lost > MOST_LOST * self.totals(name)["read"]:
                self.lost[name] = lost

    def misread(self) -> Iterator[Finding]:
        """A warning for each table that has lost much."""
        for name, count in self.lost.items():
            told = {"table": name, "count": count, "read": self.totals(name)["read"]}
            yield Finding("warning", self.source, None, None, "import.lost_much", told)

    def tables(self) -> list[str]:
        """The tables that files were read for, in order."""
        return list(dict.fromkeys(each.table for each in self.files))

    def save(self, path: Path) -> None:
        """Write quality.json."""
        shown = {name: getattr(self, name) for name in self.__dataclass_fields__}
        shown["files"] = [each.shown() for each in self.files]
        totals = {table: self.totals(table) for table in self.tables()}
        content = {"made_by": MADE_BY, **shown, "totals": totals}
        text = json.dumps(content, ensure_ascii=False, indent=1)
        path.write_text(text + "\n", encoding="utf-8")

    def lines(self, say: Callable[..., str]) -> Iterator[str]:
        """The report as lines for people."""
        yield say("import.mapping", mapping=self.mapping, source=self.source)
        for each in self.files:
            yield say("import.file", file=_printed(each.file), table=each.table, read=each.read,
                      usable=each.usable, duplicate=each.duplicate,
                      repaired=each.repaired.total(), refused=each.refused.total(),
                      written=each.written)  # fmt: skip
            yield from _details(each, say)
        for table in self.tables():
            totals = self.totals(table)
            share = 100 * totals["usable"] / max(1, totals["read"])
            yield say("import.total", table=table, share=f"{share:.3f}", **totals)
        yield from self._not_used(say)
        for key, count in self.network.items():
            yield say(f"import.network.{key}", count=f"{count:g}")
        for key, made in self.made.items():
            yield say(f"import.made.{key}", count=made)
        yield from self._notes(say)
        yield say("import.seconds", seconds=f"{self.seconds:.1f}")

    def _notes(self, say: Callable[..., str]) -> Iterator[str]:
        """What people should fill in."""
        for note in self.notes:
            yield say(f"import.note.{note}")
        for one in self.silent:
            yield say(one["key"], **{name: told for name, told in one.items() if name != "key"})

    def _not_used(self, say: Callable[..., str]) -> Iterator[str]:
        hidden = {name for name, (read, *_) in self.sheets.items() if not read}
        for name in self.ignored:
            file = _printed(name)
            if name in hidden:
                continue  # told below
            if name in self.headers:
                yield say("import.ignored_table", file=file, header=self.headers[name])
            elif name in self.unread:
                yield say("import.ignored_workbook", file=file)
            else:
                yield say("import.ignored", file=file)
        for name, (read, *others) in self.sheets.items():
            key = "import.sheets" if read else "import.hidden"
            told = {"read": shown(read), "others": ", ".join(map(shown, others))}
            yield say(key, file=_printed(name), **told)
        for name in self.elsewhere:
            yield say("import.map_elsewhere", file=_printed(name))
        for name in self.twice:
            yield say("import.map_twice", file=_printed(name))


def _details(each: FileQuality, say: Callable[..., str]) -> Iterator[str]:
    for key, count in each.placed.items():
        yield say("import.detail", what=say(f"import.placed.{key}"), count=count)
    for key, count in each.repaired.items():
        yield say("import.detail", what=say(f"import.repair.{key}"), count=count)
    for key, count in (each.without + each.held).items():
        yield say("import.detail", what=say(f"import.without.{key}"), count=count)
    for key, count in each.refused.items():
        yield say("import.detail", what=say(f"import.refused.{key}"), count=count)
        if cause := each.causes.get(key):
            told = "import.cause_expected" if cause.expected else "import.cause"
            yield say(told, **cause.told())
    for line, reason, text in each.samples:
        why = say(f"import.refused.{reason}")
        yield say("import.sample", file=_printed(each.file), line=line, why=why,
                  text=_printed(text))  # fmt: skip


def _printed(text: str) -> str:
    """A stranger's text in one line, without what drives a terminal."""
    return text if text.isprintable() else ascii(text)[1:-1]
