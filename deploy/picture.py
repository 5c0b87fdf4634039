"""A picture of a console log, as a terminal of so many cells shows it.

    COLUMNS=112 script -qc "qinwu log DIR" /dev/null | sed -n 40,60p |
      python deploy/picture.py --title TITLE > picture.svg

Each run of cells, and in it each wide character, has its own place, so that Chinese names line up
whatever font a browser takes.
Colour only repeats the word of the kind. Rows that begin with a blank go on with the line above.
"""

import argparse
import re
import sys
import unicodedata
from collections.abc import Iterator
from html import escape
from itertools import groupby

CELL_X, CELL_Y = 8.0, 18.0
LEFT, TOP = 14.0, 40.0
HEAD = re.compile(r"(\d\d:\d\d:\d\d(?:\.\d{3} [+-]\d+)? )(\S*)")
"""The time of a line, all of it narrow, and its kind."""
COLOURS = {
    ("派警", "DISPATCH", "改派", "REASSIGN"): "#58a6ff",
    ("到场", "ARRIVED", "解除", "CLEAR", "签到", "SIGN-IN", "恢复", "BACK"): "#3fb950",
    ("预警", "DUE-SOON", "待派", "QUEUED", "失联", "STALE", "布控", "WATCH"): "#d29922",
    ("超时", "OVERDUE!", "升级", "ESCALATE", "拒绝", "REFUSED", "漏到", "MISSED"): "#f85149",
}
PLAIN, DIM = "#c9d1d9", "#8b949e"
SHAPE = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img">
<title>{title}</title>
<style>text{{font:13px ui-monospace,Menlo,Consolas,"Noto Sans Mono CJK SC",monospace}}
.w{{font-size:15px}}</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<circle cx="18" cy="16" r="5" fill="#f85149"/><circle cx="36" cy="16" r="5" fill="#d29922"/>
<circle cx="54" cy="16" r="5" fill="#3fb950"/>
<text x="76" y="20" fill="{dim}">{title}</text>
{rows}
</svg>"""


def cells(char: str) -> int:
    """How many cells a terminal gives a character."""
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def placed(line: str) -> Iterator[tuple[int, str, str]]:
    """Words and phrases of one width of characters: first cell, text, colour."""
    found = HEAD.match(line)
    time, kind = found.groups() if found else ("", "")
    colour = next((c for words, c in COLOURS.items() if kind in words), DIM)
    at = 0
    parts = ((time, DIM), (kind, colour), (line[len(time) + len(kind) :], PLAIN))
    for part, shade in parts:
        for wide, run in groupby(part, key=lambda char: cells(char) == 2):
            text = "".join(run)
            bare = text.lstrip()
            if bare:
                yield at + len(text) - len(bare), bare.rstrip(), shade
            at += len(text) * (2 if wide else 1)


def drawn(line: str, y: float) -> Iterator[str]:
    """The texts of a line: its time, its kind in colour, the rest."""
    for at, text, shade in placed(line):
        shown = escape(text).replace(" ", "\u00a0")
        x, width = LEFT + at * CELL_X, len(text) * CELL_X
        if cells(text[0]) == 2:  # one length of all would part two characters more than five
            each = " ".join(f"{x + 2 * n * CELL_X:.0f}" for n in range(len(text)))
            placing = f'class="w" x="{each}" y="{y:.0f}" fill="{shade}"'
        else:
            placing = f'x="{x:.0f}" y="{y:.0f}" fill="{shade}" textLength="{width:.0f}"'
        yield f"<text {placing}>{shown}</text>"


def main() -> None:
    """Draw what stands on stdin."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--title", default="qinwu log")
    asked = parser.parse_args()
    lines = [line.rstrip("\r\n") for line in sys.stdin]
    widest = max(sum(map(cells, line)) for line in lines)
    rows = [
        text for n, line in enumerate(lines) for text in drawn(line, TOP + 12 + n * CELL_Y)
    ]  # fmt: skip
    print(
        SHAPE.format(
            width=2 * LEFT + widest * CELL_X, height=TOP + 10 + len(lines) * CELL_Y,
            title=escape(asked.title), rows="\n".join(rows), dim=DIM,
        )
    )  # fmt: skip


if __name__ == "__main__":
    main()
