"""`init` and `import` killed while their files move into place: the next command finishes it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from small_import import small_source
from typed import Typed, typed

from config.whole import FORMER, PLACING

__all__ = ["typed"]
KILLED_AT_THE_THIRD_MOVE = """
import os, signal, sys
from pathlib import Path
import qinwu
move, moved = Path.replace, []
def once(path, target):
    moved.append(path)
    if len(moved) > 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return move(path, target)
Path.replace = once
qinwu.main()
"""


def command(name: str, folder: Path) -> list[str]:
    """`qinwu init` or `qinwu import` into the folder `d`, as words."""
    if name == "init":
        return ["init", str(folder / "d"), "--today", "2026-11-26"]
    mapping, out = str(folder / "small.yaml"), str(folder / "d")
    return ["import", str(folder / "src"), "--mapping", mapping, "--out", out]


def killed(name: str, folder: Path) -> Path:
    """The folder of a command that got `kill -9` when two of its files stood in their place."""
    if not (folder / "src").exists():
        small_source(folder / "src")
    told = [sys.executable, "-c", KILLED_AT_THE_THIRD_MOVE, *command(name, folder)]
    ended = subprocess.run(told, env={**os.environ, "QINWU_LANG": "en"}, check=False)  # noqa: S603
    assert ended.returncode == -signal.SIGKILL
    assert (folder / "d" / PLACING).is_dir()
    return folder / "d"


@pytest.mark.parametrize("name", ["check", "doctor"])
def test_an_unfinished_district_is_told_as_such(typed: Typed, tmp_path: Path, name: str) -> None:
    """One fault with its way out, not every file that is still missing."""
    out = killed("import", tmp_path)
    told = typed(name, out)
    said = told.out + told.err
    assert (told.code != 0, "cut off" in said, "nodes.csv" in said) == (True, True, False)


def test_a_sample_that_was_cut_off_is_finished_by_the_next_init(
    typed: Typed, tmp_path: Path
) -> None:
    """Every file had been written before the first one moved."""
    out = killed("init", tmp_path)
    told = typed(*command("init", tmp_path))
    assert (told.code, "whole now" in told.err, (out / PLACING).exists()) == (2, True, False)
    assert typed("check", out).code == 0


def test_an_import_that_was_cut_off_is_imported_again(typed: Typed, tmp_path: Path) -> None:
    """As over any import that nobody edited."""
    out = killed("import", tmp_path)
    assert typed(*command("import", tmp_path)).code == 0
    assert not (out / PLACING).exists()


def test_an_import_cut_off_over_another_leaves_no_file_of_it(typed: Typed, tmp_path: Path) -> None:
    """A day that the former kept out is in the history of the one after it."""
    small_source(tmp_path / "src")
    typed(*command("import", tmp_path), "--live", "2017-10-01")
    out = killed("import", tmp_path)
    assert typed(*command("import", tmp_path)).code == 0
    assert not (out / "live" / "2017-10-01.csv").exists()


def test_what_lay_beside_an_import_that_was_cut_off_stays(typed: Typed, tmp_path: Path) -> None:
    """A journal is nobody's to remove."""
    small_source(tmp_path / "src")
    typed(*command("import", tmp_path))
    (tmp_path / "d" / "duty.db").write_text("journal", encoding="utf-8")
    out = killed("import", tmp_path)
    typed(*command("import", tmp_path))
    assert (out / "duty.db").read_text(encoding="utf-8") == "journal"


def test_what_was_edited_after_an_import_was_cut_off_is_kept_aside(
    typed: Typed, tmp_path: Path
) -> None:
    """One that was not cut off refuses such a file; this one has already begun to replace it."""
    small_source(tmp_path / "src")
    typed(*command("import", tmp_path))
    people = killed("import", tmp_path) / "people.csv"
    mine = people.read_text(encoding="utf-8") + "MINE,s1,officer\n"
    people.write_text(mine, encoding="utf-8")
    told = typed(*command("import", tmp_path))
    aside = people.with_name("people.csv.edited")
    assert (told.code, aside.read_text(encoding="utf-8")) == (0, mine)
    assert str(aside) in told.err


def strange(name: str, folder: Path) -> None:
    """Something in a folder that only looks like the rest of a move."""
    folder.mkdir()
    placing = folder / PLACING
    if name == "a file":
        placing.write_text("", encoding="utf-8")
        return
    placing.mkdir()
    (placing / ("x" if name == "of somebody" else FORMER)).write_text("", encoding="utf-8")


@pytest.mark.parametrize("name", ["a file", "of somebody", "damaged"])
@pytest.mark.parametrize("begun", ["init", "import"])
def test_what_no_command_left_behind_is_told_as_such(
    typed: Typed, tmp_path: Path, name: str, begun: str
) -> None:
    """It is neither moved nor removed."""
    small_source(tmp_path / "src")
    strange(name, tmp_path / "d")
    told = typed(*command(begun, tmp_path))
    assert (told.code, "is not what a command that was cut off leaves" in told.err) == (2, True)
    assert (tmp_path / "d" / PLACING).exists()
