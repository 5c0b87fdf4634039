"""What `qinwu demo` says in the end: commands that work where whoever reads it stands."""

import os
import sys
from datetime import date
from pathlib import Path

import pytest

import qinwu_demo
from qinwu_demo import Demo, called


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in a folder of its own, started by its path from the folder above."""
    found = tmp_path / ".venv" / "bin" / "qinwu"
    found.parent.mkdir(parents=True)
    found.touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [".venv/bin/qinwu", "demo"])
    monkeypatch.setenv("PATH", os.defpath)
    return found


@pytest.mark.usefixtures("program")
def test_what_is_not_on_the_path_is_called_by_its_path() -> None:
    """`make demo` needs no path; what it advises needs none either."""
    assert called() == ".venv/bin/qinwu"


def test_what_is_on_the_path_is_called_by_its_name(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the documents call it."""
    monkeypatch.setenv("PATH", str(program.parent))
    assert called() == "qinwu"


def test_another_program_of_that_name_is_not_called(
    program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody has an older one on the path."""
    (tmp_path / "qinwu").touch(mode=program.stat().st_mode)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert called() == ".venv/bin/qinwu"


def test_a_file_that_python_was_given_is_called_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Out of a tree that is not installed."""
    (tmp_path / "qinwu.py").touch(mode=0o644)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["qinwu.py", "demo"])
    assert called() == f"{sys.executable} qinwu.py"


@pytest.mark.usefixtures("program")
def test_the_demo_ends_with_commands_that_can_be_typed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each of them, with the folder that it made."""
    for module, name in (("district_commands", "init"), ("planner_commands", "plan"),
                         ("planner_commands", "publish")):  # fmt: skip
        monkeypatch.setattr(getattr(qinwu_demo, module), name, lambda *_, **__: None)
    monkeypatch.setattr(qinwu_demo, "shown", lambda *_: (None, None))
    monkeypatch.setattr(qinwu_demo, "report", lambda *_: ())
    monkeypatch.setenv("QINWU_LANG", "en")
    Demo(Path("demo"), date(2026, 11, 26), 7, None).show(600, 24)
    last = capsys.readouterr().out.splitlines()[-1]
    assert ".venv/bin/qinwu log demo · .venv/bin/qinwu order why demo ORDER · " in last
