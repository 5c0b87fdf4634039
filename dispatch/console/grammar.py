r"""The console line as text: fixed columns first, free text last, parsed back without loss.

    07:42:12.207 +08 DISPATCH 二中队 P012 D1042.0 > M07 天目山路 due 07:45 eta 07:44 -01m  why=…

Columns are separated by one or more spaces; what is absent is `-`. Within a column a space is
written `\s`, tab `\t`, newline `\n`, other invisible or ambiguous-width characters
`\uXXXXXX`, a backslash `\\`, and a column that is just `-` is `\-`. Two spaces open the free
text. Widths are cells of a terminal, so Chinese names line up; a longer text pushes its line, it
is never cut.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from config.words import Say, pad

KINDS = (
    "dispatch", "reassign", "arrived", "due_soon", "overdue", "clear", "roster", "stale", "back",
    "refused", "queued", "escalate", "sign_in", "missed", "watch", "system",
)  # fmt: skip
WIDTHS = {"kind": 8, "squadron": 8, "unit": 6, "order": 10, "about": 16, "place": 24}
MARKS = ("due", "eta", "now", "arrived")
_ESCAPES = {"\\": "\\\\", " ": "\\s", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_UNESCAPES = {"\\": "\\", "s": " ", "t": "\t", "n": "\n", "r": "\r", "-": "-"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A console line in the viewer's words, column by column; None is an empty column.

    `time` is HH:MM:SS.mmm and `offset` ±HH[MM]; `due`, `eta`, `now`, `arrived` are HH:MM local,
    MM-DD before it where that is not the nearest to the line's, and `delta` ±MMm[SS] against `due`.
    """

    time: str
    offset: str
    kind: str
    squadron: str | None = None
    unit: str | None = None
    order: str | None = None
    about: str | None = None
    place: str | None = None
    due: str | None = None
    eta: str | None = None
    now: str | None = None
    arrived: str | None = None
    delta: str | None = None
    free: str = ""


_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    chr(code)
    for first, last in ((0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
    for code in range(first, last + 1)
}
"""Fillers, a blank of Braille and variation selectors: letters and signs that show nothing."""


class NotALine(ValueError):
    """The text is no console line."""


def escaped(text: str | None, *, free: bool = False) -> str:
    """A column's text without anything that could end it; `free` keeps spaces."""
    if text is None or text == "":
        return "" if free else "-"
    if text == "-" and not free:
        return "\\-"
    if not free:
        return "".join(_escape(char) for char in text)
    # The first and last blank of free text would be taken for the separator or lost at the end.
    inner = range(1, len(text) - 1)
    return "".join(
        char if char == " " and n in inner else _ESCAPES.get(char) or _visible(char)
        for n, char in enumerate(text)
    )


def _escape(char: str) -> str:
    ambiguous = unicodedata.east_asian_width(char) == "A" and not char.isalpha()
    return _ESCAPES.get(char) or (f"\\u{ord(char):06x}" if ambiguous else _visible(char))


def _visible(char: str) -> str:
    """Blanks of other scripts and bidirectional marks would move what stands behind them."""
    seen = char.isprintable() and not char.isspace() and char not in _UNSEEN
    return char if seen else f"\\u{ord(char):06x}"


def unescaped(text: str) -> str | None:
    """The inverse of `escaped` for a column."""
    return None if text == "-" else _unescape(text)


def _unescape(text: str) -> str:
    def char(match: re.Match[str]) -> str:
        code = match.group(1)
        return chr(int(code[1:], 16)) if code.startswith("u") else _UNESCAPES[code]

    try:
        return re.sub(r"\\(u[0-9a-f]{6}|.)", char, text, flags=re.DOTALL)
    except (KeyError, ValueError) as error:
        msg = f"no such escape in {text!r}"
        raise NotALine(msg) from error


def to_text(shown: Shown, say: Say) -> str:
    """The line, without a line feed."""
    columns = [shown.time, shown.offset, pad(say(f"console.kind.{shown.kind}"), WIDTHS["kind"])]
    columns += [
        pad(escaped(getattr(shown, name)), WIDTHS[name]) for name in ("squadron", "unit", "order")
    ]
    columns += [">", pad(escaped(shown.about), WIDTHS["about"])]
    columns.append(pad(escaped(shown.place), WIDTHS["place"]))
    for mark in MARKS:
        if (moment := getattr(shown, mark)) is not None:
            columns += [say(f"console.mark.{mark}"), moment]
    if shown.delta is not None:
        columns.append(shown.delta)
    line = " ".join(columns)
    if not shown.free:
        return line.rstrip()
    free = escaped(shown.free, free=True)
    if dict(_times(f" {free}", say)).keys() - {"free"}:  # it would be taken for a column
        free = f"\\u{ord(shown.free[0]):06x}{free[1:]}"
    return f"{line}  {free}"


_HEAD = re.compile(
    r"(?P<time>\d\d:\d\d:\d\d\.\d{3}) (?P<offset>[+-]\d\d(?:\d\d)?) (?P<kind>\S+) +"
    r"(?P<squadron>\S+) +(?P<unit>\S+) +(?P<order>\S+) +> (?P<about>\S+) +(?P<place>\S+)"
)


def from_text(line: str, say: Say) -> Shown:
    """The columns of a line that `to_text` wrote in the same language.

    Raises:
        NotALine: The text does not follow the grammar.
    """
    match = _HEAD.match(line)
    if match is None:
        msg = f"no console line: {line!r}"
        raise NotALine(msg)
    kinds = {say(f"console.kind.{kind}"): kind for kind in KINDS}
    if match["kind"] not in kinds:
        msg = f"no kind of line: {match['kind']!r}"
        raise NotALine(msg)
    rest = line[match.end() :]
    times = dict(_times(rest, say))
    free = times.pop("free", "")
    columns = {n: unescaped(match[n]) for n in ("squadron", "unit", "order", "about", "place")}
    parts: dict[str, Any] = {**columns, **times, "free": free}
    return Shown(match["time"], match["offset"], kinds[match["kind"]], **parts)


def _times(rest: str, say: Say) -> Iterator[tuple[str, str]]:
    """The marked times, the delta and the free text behind the place."""
    for mark in MARKS:
        marked = re.escape(say(f"console.mark.{mark}"))
        found = re.match(rf" +{marked} ((?:\d\d-\d\d )?\d\d:\d\d)(?= |$)", rest)
        if found:
            yield mark, found[1]
            rest = rest[found.end() :]
    found = re.match(r" +([+-]\d+m(?:\d\d)?)(?= |$)", rest)
    if found:
        yield "delta", found[1]
        rest = rest[found.end() :]
    free = re.match(r" {2,}(?=\S)", rest) if rest.strip() else None
    if free:
        yield "free", _unescape(rest[free.end() :])


assert {f.name for f in fields(Shown)} >= {*WIDTHS, *MARKS}  # noqa: S101 - the table names columns
