"""The console line on a terminal: which layout, and its rows.

Only for eyes: nothing reads rows back. Piped or kept in a file a line keeps its grammar. The width
alone chooses the layout, so that all lines have the same. On a wide terminal columns are those of
the grammar, and only free text is wrapped. On a narrow one milliseconds, the offset, padding and
columns that are empty are left out, and what does not fit hangs behind the time:

    08:20:00 DISPATCH 四中队 P055 D319.4 > 2026-12-04-0035 当代路 due 08:08
             eta 08:26 +18m  why=nearest lawful; next P042 +0m26
"""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace

from config.words import Say, cell_width
from dispatch.console.grammar import MARKS, Shown, escaped, to_text

SECONDS = 8
"""Of a time, its HH:MM:SS; what follows a line's first hangs behind it."""
WIDE_CELLS = 140
"""From here on there is room for columns and some text; below, all lines are narrow."""
ABOUT_CELLS = 55
"""Of a wide line: what stands before the column that says what it is about."""
FREE_CELLS = 40
"""Free text hangs under its own column where it has so much room, else under `ABOUT_CELLS`."""
COMMAND = "qinwu "
"""So begins what is meant to be copied into a shell."""
LEAST_CELLS = 40
"""A terminal narrower than this breaks lines itself."""
CLOSING = "，。、；：）》”’！？…,.;:)!?"
OPENING = "（《“‘("


def screen_cells() -> int | None:
    """Width of the terminal that we print to; None where the output is no terminal."""
    if not sys.stdout.isatty():
        return None
    return max(LEAST_CELLS, shutil.get_terminal_size().columns)


def laid_out(shown: Shown, say: Say, cells: int | None) -> str:
    """The line for a terminal of a width, in rows; None is no terminal."""
    if cells is None:
        return to_text(shown, say)
    return (wide if cells >= WIDE_CELLS else narrow)(shown, say, cells)


def wide(shown: Shown, say: Say, cells: int) -> str:
    """The line of the grammar, its free text in rows under its column."""
    line = to_text(shown, say)
    if cell_width(line) <= cells or not shown.free:
        return line
    head = to_text(replace(shown, free="x"), say)[:-1]  # without any its padding would go, too
    begin = cell_width(head)
    free = line[len(head) :]
    indent = begin if cells - begin >= FREE_CELLS else ABOUT_CELLS
    return "\n".join(wrapped([head, *pieces(free)], cells, indent))


def narrow(shown: Shown, say: Say, cells: int) -> str:
    """The line in rows of at most `cells`, broken at the borders of words."""
    head = [shown.time[:SECONDS], say(f"console.kind.{shown.kind}")]
    columns = [getattr(shown, name) for name in ("squadron", "unit", "order")]
    head += [escaped(text, free=True) for text in columns if text]
    place = [escaped(text, free=True) for text in (shown.about, shown.place) if text]
    words = [*head, *([">", *place] if place else [])]
    times = ((mark, getattr(shown, mark)) for mark in MARKS)
    words += [f"{say(f'console.mark.{mark}')} {at}" for mark, at in times if at is not None]
    words += [shown.delta] if shown.delta else []
    free = list(pieces(escaped(shown.free, free=True)))
    return "\n".join(wrapped([*(f"{word} " for word in words), *free], cells, SECONDS + 1))


def pieces(text: str) -> Iterator[str]:
    """What must not be broken: words with the blanks behind them, wide characters one by one.

    A closing mark stays with what it closes, an opening one with what it opens. From a command on
    all is one piece.
    """
    words, command, rest = text.partition(COMMAND)
    piece = ""
    for char in words:
        if piece and _borders(piece, char):
            yield piece
            piece = ""
        piece += char
    yield from (one for one in (piece, command + rest) if one)


def _borders(piece: str, char: str) -> bool:
    """Whether a line may end between a piece and the character behind it."""
    if char == " " or char in CLOSING or piece[-1] in OPENING:
        return False
    return piece[-1] == " " or cell_width(char) > 1 or cell_width(piece[-1]) > 1


def wrapped(told: list[str], cells: int, indent: int) -> Iterator[str]:
    """The pieces in rows; all but the first hang behind blanks.

    A command is left to the terminal to break: what it breaks itself is copied as one line.
    """
    row = ""
    for piece in told:
        rest = piece
        if row.strip() and cell_width(row) + cell_width(rest.rstrip()) > cells:
            yield row.rstrip()
            row = " " * indent
        while not piece.startswith(COMMAND) and cell_width(row) + cell_width(rest.rstrip()) > cells:
            fits = _fitting(rest, cells - cell_width(row))  # a word longer than a row
            yield row + rest[:fits]
            row, rest = " " * indent, rest[fits:]
        row += rest
    if row.strip():
        yield row.rstrip()


def _fitting(text: str, cells: int) -> int:
    """How many characters go into a width, at least one."""
    return next((n for n in range(1, len(text)) if cell_width(text[: n + 1]) > cells), len(text))
