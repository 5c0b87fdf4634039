"""Tables as spreadsheet programs save them: another encoding or separator, dates of their own.

For files that people open, change and hand in again: rosters, and a district's tables where they
cannot be read as they stand. What is read otherwise than it stands is said; what could mean two
things, such as 01/02/2026, stays as it is and is refused.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time
from types import NoneType
from typing import Any, get_args

from config.errors import Finding
from config.importers.columns import Reading
from config.importers.decoding import AS_SAVED, UTF_16, decode, encodings_of
from config.importers.reader import DELIMITERS, columns_of, header_of
from config.reading import columns
from config.tables import Row

_DATE = re.compile(r"(\d{4})[/.年](\d{1,2})[/.月](\d{1,2})日?")
_TIME = re.compile(r"(\d{1,2}):(\d\d)(?::00)?")
_TEXT = re.compile(r'="([^"]*)"')  # so that 007 keeps its zeros
_UNREAD = "\ufffd"
_KEPT = "surrogateescape"


@dataclass(slots=True)
class Saved:
    """Makes a saved file the table that was opened; `findings` tell what was read otherwise."""

    model: type[Row]
    file: str
    findings: list[Finding] = field(default_factory=list)

    def __call__(self, raw: bytes) -> bytes:
        """The bytes as the program writes them; unchanged where there is nothing to read so.

        Those of a line that nobody can read stay as they are, so that this line is told.
        """
        encodings = encodings_of(raw, Reading())
        lines = decode(raw, encodings, errors=_KEPT)[0]
        named = columns(self.model)
        needed = {n for n, attribute in named.items()
                  if self.model.model_fields[attribute].is_required()}  # fmt: skip
        if any(_UNREAD in line for line in lines):
            return raw
        found = header_of(lines[:1], needed)  # None: what it lacks is told of the text, not bytes
        delimiter = found[1] if found else max(DELIMITERS, key=lines[0].count)
        try:
            rows = list(csv.reader(io.StringIO("\n".join(lines), newline=""), delimiter=delimiter,
                                   strict=True))  # fmt: skip
        except csv.Error:
            return raw
        if raw.startswith(UTF_16) or encodings == AS_SAVED:
            self._tell("encoding", encoding="UTF-16" if raw.startswith(UTF_16) else "GB18030")
        if delimiter != ",":
            self._tell("delimiter", delimiter={"\t": "TAB"}.get(delimiter, delimiter))
        if texts := sum(map(_unwrapped, rows)):
            self._tell("texts", count=texts)
        kinds = {n: _kind(self.model.model_fields[attribute].annotation)
                 for n, attribute in named.items()}  # fmt: skip
        header = columns_of(lines[0], delimiter)
        if times := sum(_rewritten(row, header, kinds) for row in rows[1:]):
            self._tell("times", count=times)
        return _written(rows) if self.findings else raw

    def _tell(self, key: str, **fields: object) -> None:
        place = "warning", self.file, None, None
        self.findings.append(Finding(*place, f"check.saved.{key}", fields))


def reopened(model: type[Row], file: str, raw: bytes) -> tuple[bytes, list[Finding]] | None:
    """A table of a district as it was opened, and what was read otherwise; None: as it stands.

    A file that is UTF-8 but for some bytes is no other encoding's: it is damaged, and refused.
    """
    saved = Saved(model, file)
    made = saved(raw)
    return (made, saved.findings) if saved.findings else None


def _kind(annotation: Any) -> Any:  # noqa: ANN401 - a type, or a union of some
    """A column's type, which may be empty."""
    inner = next((one for one in get_args(annotation) if one is not NoneType), None)
    return annotation if inner is None else _kind(inner)


def _unwrapped(row: list[str]) -> int:
    """How many cells of a row were formulas that are only a text; now that text."""
    told = {at: wrapped[1] for at, cell in enumerate(row)
            if (wrapped := _TEXT.fullmatch(cell.strip()))}  # fmt: skip
    for at, text in told.items():
        row[at] = text
    return len(told)


def _rewritten(row: list[str], header: Sequence[str], kinds: dict[str, Any]) -> int:
    """How many cells of a row were dates or times of day in a spreadsheet's way; now in ours."""
    count = 0
    for at, name in enumerate(header[: len(row)]):
        told = cell = row[at].strip()
        if kinds.get(name) is date and (found := _DATE.fullmatch(cell)):
            year, month, day = found.groups()
            told = f"{year}-{month:0>2}-{day:0>2}"
        elif kinds.get(name) is time and (found := _TIME.fullmatch(cell)):
            told = f"{found[1]:0>2}:{found[2]}"
        if told != cell:
            row[at] = told
            count += 1
    return count


def _written(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode(errors=_KEPT)
