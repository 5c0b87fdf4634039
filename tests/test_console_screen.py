"""The console on a terminal: one layout by its width, wrapped between words."""

import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from engines import settle, sqlite_station

from config.importers.mapping import Mapping, builtin
from config.words import LANGUAGES, cell_width, words
from dispatch.console.grammar import WIDTHS, Shown, to_text
from dispatch.console.screen import laid_out, narrow

FREE = "why=nearest lawful; next P042 +0m26; 4 busy (P047 P016 P017…), 1 leads the duty (P019)"
LINE: dict[str, Any] = {
    "time": "08:20:00.123", "offset": "+08", "kind": "dispatch", "squadron": "四中队",
    "unit": "P055", "order": "D319.4", "about": "2026-12-04-0035", "place": "当代路/栾河路口",
    "due": "08:08", "eta": "08:26", "delta": "+18m", "free": FREE,
}  # fmt: skip
CHINESE = "缘由=合法单元中最近；次选P042 +0m26；在忙4个（P047 P016 P017…），依法不可派2个（P01）"


def told(cells: int, **changed: str | None) -> list[str]:
    """The rows of the line on a terminal of a width."""
    return narrow(Shown(**(LINE | changed)), words("en"), cells).splitlines()


def test_a_wide_line_becomes_a_short_head_and_rows_that_hang_behind_the_time() -> None:
    """Without milliseconds, offset and padding."""
    assert told(64) == [
        "08:20:00 DISPATCH 四中队 P055 D319.4 > 2026-12-04-0035",
        "         当代路/栾河路口 due 08:08 eta 08:26 +18m why=nearest",
        "         lawful; next P042 +0m26; 4 busy (P047 P016 P017…), 1",
        "         leads the duty (P019)",
    ]


@pytest.mark.parametrize("free", [FREE, CHINESE, "x" * 150, "字" * 70, ""])
@pytest.mark.parametrize("cells", [40, 63, 100, 120])
def test_no_row_is_wider_than_the_terminal_and_nothing_is_lost(cells: int, free: str) -> None:
    """Counted in cells: a Chinese character takes two."""
    rows = told(cells, free=free)
    assert max(map(cell_width, rows)) <= cells
    assert free.replace(" ", "") in "".join(rows).replace(" ", "")


def test_no_row_begins_with_a_mark_that_closes() -> None:
    """As Chinese is set: a comma stays with what it follows."""
    rows = [row for cells in range(40, 100) for row in told(cells, free=CHINESE)]
    assert not any(row.strip()[0] in "，。；：）、" for row in rows)
    assert not any(row[-1] in "（《" for row in rows)


@pytest.mark.parametrize("free", ["", "held", FREE, CHINESE, "x" * 150])
@pytest.mark.parametrize("cells", [139, 140, 150, 200])
def test_the_width_alone_chooses_the_layout(cells: int, free: str) -> None:
    """A long line among short ones has its columns and its time where they have them."""
    rows = laid_out(Shown(**(LINE | {"free": free})), words("en"), cells).splitlines()
    assert rows[0].startswith("08:20:00.123 +08 DISPATCH 四中队   P055" if cells >= 140 else
                              "08:20:00 DISPATCH 四中队 P055")  # fmt: skip
    assert max(map(cell_width, rows)) <= cells


@pytest.mark.parametrize(("cells", "column"), [(170, 123), (140, 55)])
def test_free_text_hangs_under_its_column_where_there_is_room(cells: int, column: int) -> None:
    """Else under the column that says what it is about; nothing of it is lost."""
    shown = Shown(**LINE)
    first, *others = laid_out(shown, words("en"), cells).splitlines()
    assert {cell_width(row) - cell_width(row.lstrip()) for row in others} == {column}
    assert " ".join([first, *map(str.strip, others)]) == to_text(shown, words("en"))


@pytest.mark.parametrize("cells", [60, 80, 140])
def test_a_command_is_left_to_the_terminal_to_break(cells: int) -> None:
    """Else a shell would run each row by itself, a stranger's id as a command of its own."""
    command = "qinwu command town merge --incident 'my system/2026 12 04' --into my/system/17"
    rows = laid_out(Shown(**(LINE | {"free": f"to merge: {command}"})), words("en"), cells)
    assert rows.splitlines()[-1].strip() == command


def test_a_name_with_blanks_is_shown_as_it_is() -> None:
    """Escapes are for readers that take columns apart."""
    (row,) = told(200, squadron="Squad 1", place="Old\u202e Bridge", free="")
    assert "> 2026-12-04-0035 Old\\u00202e Bridge due" in row
    assert " Squad 1 " in row


@pytest.mark.parametrize("mapping", [m for m in builtin() if m.district], ids=lambda m: m.name)
def test_the_squadrons_of_a_mapping_of_ours_fit_their_column(mapping: Mapping) -> None:
    """A longer name moves all that stands behind it, a blank is written as an escape."""
    assert mapping.district is not None
    names = [group.name for group in mapping.district.force.squadrons]
    assert [name for name in names if " " in name or cell_width(name) > WIDTHS["squadron"]] == []


def test_what_is_absent_takes_no_room() -> None:
    """No dashes: they are for readers that count columns."""
    rows = told(120, unit=None, order=None, due=None, eta=None, delta=None, free="held")
    assert rows == ["08:20:00 DISPATCH 四中队 > 2026-12-04-0035 当代路/栾河路口 held"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_only_a_terminal_that_is_too_narrow_gets_it(tmp_path: Path, lang: str) -> None:
    """A wide one and a pipe get the grammar, so that what people copy is parsed back."""
    station = sqlite_station(tmp_path)
    engine = station.engine()
    station.staff()
    station.incident("n11", incident="I1")
    settle(engine)
    station.bus.close()
    piped = printed(station.folder, lang, None)
    assert printed(station.folder, lang, 400) == piped
    thin = printed(station.folder, lang, 80)
    assert thin != piped
    assert max(map(cell_width, thin)) <= 80


def printed(folder: Path, lang: str, cells: int | None) -> list[str]:
    """What `qinwu log` prints, on a terminal of a width or into a pipe."""
    command = [sys.executable, str(ROOT / "qinwu.py"), "--lang", lang, "log", str(folder)]
    if cells is None:
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
        return done.stdout.splitlines()
    ours, theirs = pty.openpty()
    env = {**os.environ, "COLUMNS": str(cells)}
    with subprocess.Popen(command, stdout=theirs, env=env) as process:  # noqa: S603 - ours
        os.close(theirs)
        text = b""
        while chunk := read(ours):
            text += chunk
    os.close(ours)
    assert process.returncode == 0
    return text.decode().replace("\r\n", "\n").splitlines()


def read(terminal: int) -> bytes:
    """What is there; nothing at the end, which a terminal tells as an error."""
    try:
        return os.read(terminal, 65_536)
    except OSError:
        return b""
