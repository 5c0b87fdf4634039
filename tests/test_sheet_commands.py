"""`qinwu roster sheet | read | ics | json` as a person calls them, with a real bus."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from districts import WEEK, small_district
from openpyxl import load_workbook
from planned import week_of, write_week
from sheet_files import Edit, cell_of, edited
from typed import within
from typer.testing import CliRunner

from config.district import load
from config.errors import QinwuError
from config.words import words
from scheduler.cli import roster


def qinwu(folder: Path, *told: str) -> subprocess.CompletedProcess[str]:
    """Run the command, in English."""
    return within(*told, folder=folder)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A district `d` whose hand-made week, in `w49`, is published."""
    home = tmp_path_factory.mktemp("home")
    folder = small_district(home / "d")
    district = load(folder)
    write_week(district, week_of(district, WEEK), home / "w49")
    done = qinwu(home, "publish", "d", "--week", WEEK, "--from", "w49")
    assert done.returncode == 0, done.stderr
    done = qinwu(home, "roster", "sheet", "d", "--week", WEEK, "--out", "w.xlsx")
    assert done.returncode == 0, done.stderr
    return home


def hand(home: Path, name: str, edit: Edit) -> str:
    """An edited copy of the sheet."""
    edited(home / "w.xlsx", home / name, edit)
    return name


def test_a_sheet_goes_round_and_calendars_follow(home: Path) -> None:
    """Read, published as version 2 with its pins, and the duty that is gone is cancelled."""
    address = cell_of(home / "w.xlsx", "t1", 0)
    name = hand(home, "off.xlsx", lambda sheet: setattr(sheet[address], "value", "off"))
    done = qinwu(home, "roster", "read", "d", name, "--out", "w49-2")
    assert done.returncode == 0, done.stderr
    changes = done.stdout.splitlines()
    assert len(changes) == 3 + 2
    assert all("Mon 2026-11-30" in line and line.endswith("> off (gone)") for line in changes[:3])
    done = qinwu(home, "publish", "d", "--week", WEEK, "--from", "w49-2")
    assert f"{WEEK} version 2 is published" in done.stdout
    kept = home / "d" / "roster" / WEEK
    pins = (kept / "pins.csv").read_text(encoding="utf-8-sig").splitlines()
    assert pins[1].startswith(f"{WEEK},t1,2026-11-30,,,,,")
    done = qinwu(home, "roster", "ics", "d", "--week", WEEK, "--out", "ics", "--person", "o1")
    assert done.stdout.startswith(f"{WEEK} version 2: 1 calendars")
    told = (home / "ics" / "o1.ics").read_text(encoding="utf-8")
    assert told.count("STATUS:CANCELLED") == 1
    assert told.count("SEQUENCE:2") == told.count("BEGIN:VEVENT")
    done = qinwu(home, "roster", "json", "d", "--week", WEEK)
    assert json.loads(done.stdout)["version"] == 2


def test_wrong_cells_end_with_2_and_nothing_is_written(home: Path) -> None:
    """All of them are told, with what was understood."""
    first, second, third = (cell_of(home / "w.xlsx", "t2", day) for day in (0, 1, 2))

    def edit(sheet) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001 - a worksheet
        sheet[first].value, sheet[second].value = "07:30-", "=1+1"
        sheet[third].value = "07:30-15:30"

    done = qinwu(home, "roster", "read", "d", hand(home, "bad.xlsx", edit), "--out", "bad")
    assert done.returncode == 2
    assert f"bad.xlsx:Duty sheet!{first}: error: 07:30- has no whole hours" in done.stderr
    assert f"bad.xlsx:Duty sheet!{second}: error: =1+1 is a formula" in done.stderr
    assert "Wed 2026-12-02" in done.stdout
    assert "Traceback" not in done.stderr
    assert not (home / "bad").exists()


def test_a_broken_law_ends_with_1_and_its_cell(home: Path) -> None:
    """The files are there to be mended; publishing would refuse them."""
    address = cell_of(home / "w.xlsx", "t2", 1)
    name = hand(home, "law.xlsx", lambda s: setattr(s[address], "value", "16:00-04:00"))
    done = qinwu(home, "roster", "read", "d", name, "--from", "w49", "--out", "law")
    assert done.returncode == 1
    assert "Duty sheet!" in done.stdout
    assert (home / "law" / "roster.csv").exists()
    assert "qinwu publish" not in done.stdout


def test_a_broken_law_is_told_and_counted_alike_by_read_check_and_publish(home: Path) -> None:
    """A law and duty on a line, with all of its crew: read counted laws, the others people."""
    address = cell_of(home / "w.xlsx", "t2", 1)
    name = hand(home, "alike.xlsx", lambda s: setattr(s[address], "value", "16:00-04:00"))
    read = qinwu(home, "roster", "read", "d", name, "--from", "w49", "--out", "alike")
    check = qinwu(home, "roster", "check", "d", "alike/roster.csv")
    publish = qinwu(home, "publish", "d", "--week", WEEK, "--from", "alike", "--over")
    shown = (read.stdout, check.stdout, publish.stderr)
    counts = [re.findall(r"breaches of laws: (\d+)", text) for text in shown]
    told = [
        {line.partition("rest between duties: ")[2] for line in text.splitlines()} - {""}
        for text in shown
    ]
    assert counts[0] == counts[1] == counts[2] != []
    assert told[0] == told[1] == told[2] != set()
    assert all("t2@" in one and "民警2 o2" in one for one in told[0])
    assert int(counts[1][0]) == len(check.stdout.splitlines()) - 1


@pytest.mark.parametrize(
    ("told", "code", "said"),
    [
        (("sheet", "d", "--week", WEEK, "--out", "w.doc"), 2, "name a file that ends in"),
        (("sheet", "d", "--week", "2026-W99", "--out", "w.xlsx"), 2, "no ISO week"),
        (("sheet", "d", "--week", "2026-W50", "--out", "x.xlsx"), 1, "no roster of 2026-W50"),
        (("read", "d", "none.xlsx"), 1, "there is no file none.xlsx"),
        (("read", "d", "w49/roster.csv"), 2, "is no workbook"),
        (("ics", "d", "--week", WEEK, "--out", "i", "--person", "nobody"), 1, "has no nobody"),
        (("ics", "d", "--week", WEEK, "--out", "i", "--before", "x.csv"), 1, "no file x.csv"),
        (("json", "d", "--week", WEEK, "--out", "d/settings.yaml/x"), 2, "cannot be written"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_told(
    home: Path, told: tuple[str, ...], code: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the exit code of its kind, in words."""
    monkeypatch.chdir(home)
    ended = CliRunner().invoke(roster, told).exception
    assert isinstance(ended, QinwuError)
    assert (ended.exit_code, said in words("en")(ended.key, **ended.fields)) == (code, True)


def test_the_page_is_written(home: Path) -> None:
    """In the language that is asked for."""
    told = ("roster", "sheet", "d", "--week", WEEK, "--from", "w49", "--out", "pages/w.html")
    done = qinwu(home, "--lang", "zh-CN", *told)
    assert done.returncode == 0, done.stderr
    page = (home / "pages" / "w.html").read_text(encoding="utf-8")
    assert "勤务排班表" in page
    assert "size: A3 landscape" in page


def test_a_sheet_that_lost_its_memory_says_its_week(home: Path) -> None:
    """By its title."""

    def forget(path: Path) -> None:
        book = load_workbook(path)
        del book["_qinwu"]
        book.save(path)

    (home / "lost.xlsx").write_bytes((home / "w.xlsx").read_bytes())
    forget(home / "lost.xlsx")
    done = qinwu(home, "roster", "read", "d", "lost.xlsx", "--from", "w49")
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "no change")
