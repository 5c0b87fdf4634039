"""The console line on a terminal that is narrower than it: less of a head, the rest wrapped.

Only for eyes: nothing reads it back. Piped, kept in a file or on a terminal wide enough, a line
keeps its grammar. Left out are milliseconds, the offset, padding and columns that are empty.

    08:20:00 DISPATCH 四中队 P055 D319.4 > 2026-12-04-0035 当代路 due 08:08
             eta 08:26 +18m  why=nearest lawful; next P042 +0m26
"""

import shutil
import sys
from collections.abc import Iterator

from config.words import Say, cell_width
from dispatch.console.grammar import MARKS, Shown, escaped

SECONDS = 8
"""Of a time, its HH:MM:SS; what follows a line's first hangs behind it."""
WIDE_CELLS = 140
"""From here on most lines fit as they are; below, all are narrow, so that columns stay in step."""
LEAST_CELLS = 40
"""A terminal narrower than this breaks lines itself."""
CLOSING = "，。、；：）》”’！？…,.;:)!?"
OPENING = "（《“‘("


def screen_cells() -> int | None:
    """Width of the terminal that we print to; None where the output is no terminal."""
    if not sys.stdout.isatty():
        return None
    return max(LEAST_CELLS, shutil.get_terminal_size().columns)


def fits(line: str, cells: int) -> bool:
    """Whether a line of the grammar is shown as it is on a terminal of a width."""
    return cells >= WIDE_CELLS and cell_width(line) <= cells


def narrow(shown: Shown, say: Say, cells: int) -> str:
    """The line in rows of at most `cells`, broken at the borders of words."""
    head = [shown.time[:SECONDS], say(f"console.kind.{shown.kind}")]
    columns = [getattr(shown, name) for name in ("squadron", "unit", "order")]
    head += [escaped(text) for text in columns if text]
    place = [escaped(text) for text in (shown.about, shown.place) if text]
    words = [*head, *([">", *place] if place else [])]
    times = ((mark, getattr(shown, mark)) for mark in MARKS)
    words += [f"{say(f'console.mark.{mark}')} {at}" for mark, at in times if at is not None]
    words += [shown.delta] if shown.delta else []
    free = list(pieces(escaped(shown.free, free=True)))
    return "\n".join(wrapped([*(f"{word} " for word in words), *free], cells))


def pieces(text: str) -> Iterator[str]:
    """What must not be broken: words with the blanks behind them, wide characters one by one.

    A closing mark stays with what it closes, an opening one with what it opens.
    """
    piece = ""
    for char in text:
        if piece and _borders(piece, char):
            yield piece
            piece = ""
        piece += char
    if piece:
        yield piece


def _borders(piece: str, char: str) -> bool:
    """Whether a line may end between a piece and the character behind it."""
    if char == " " or char in CLOSING or piece[-1] in OPENING:
        return False
    return piece[-1] == " " or cell_width(char) > 1 or cell_width(piece[-1]) > 1


def wrapped(told: list[str], cells: int) -> Iterator[str]:
    """The pieces in rows; all but the first hang behind the time."""
    row, indent = "", " " * (SECONDS + 1)
    for piece in told:
        rest = piece
        if row.strip() and cell_width(row) + cell_width(rest.rstrip()) > cells:
            yield row.rstrip()
            row = indent
        while cell_width(row) + cell_width(rest.rstrip()) > cells:  # a word longer than a row
            fits = _fitting(rest, cells - cell_width(row))
            yield row + rest[:fits]
            row, rest = indent, rest[fits:]
        row += rest
    if row.strip():
        yield row.rstrip()


def _fitting(text: str, cells: int) -> int:
    """How many characters go into a width, at least one."""
    return next((n for n in range(1, len(text)) if cell_width(text[: n + 1]) > cells), len(text))
