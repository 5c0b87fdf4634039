"""The command `qinwu`: what comes of every outcome, for a person at a terminal."""

import json
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from conftest import ROOT

import qinwu
from config.errors import BadInput, Finding, Impossible, NotFound, QinwuError
from config.words import LANGUAGES, catalogue


def run(*told: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, str(ROOT / "qinwu.py"), *told],
        env={**os.environ, "QINWU_LANG": "en", **variables},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.fixture
def outcome(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> "Outcome":
    """What the command makes of trouble that a sub-command raises."""
    return Outcome(monkeypatch, capsys, tmp_path)


class Outcome:
    """Runs the command with one sub-command that raises."""

    def __init__(
        self, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str], folder: Path
    ) -> None:
        """Details files go to `folder`."""
        self.patch, self.capture = patch, capture
        patch.setenv("QINWU_LANG", "en")
        patch.setattr("tempfile.tempdir", str(folder))

    def of(self, trouble: BaseException) -> tuple[int, str]:
        """Exit code, and what stands on stderr."""

        def fail() -> None:
            raise trouble

        self.patch.setattr(qinwu, "fail", fail, raising=False)
        self.patch.setitem(qinwu.COMMANDS, "fail", "qinwu:fail")
        self.patch.setattr(sys, "argv", ["qinwu", "fail"])
        with pytest.raises(SystemExit) as left:
            qinwu.main()
        return left.value.code, self.capture.readouterr().err  # type: ignore[return-value] # ints


@pytest.mark.parametrize("name", qinwu.COMMANDS)
def test_every_command_is_there_with_its_help(name: str) -> None:
    """The table names modules by text: a renamed function would be found by users only."""
    module, _, attribute = qinwu.COMMANDS[name].partition(":")
    assert callable(getattr(import_module(module), attribute))
    assert all(f"help.{name}" in catalogue(lang) for lang in LANGUAGES)


def test_help_imports_nothing_heavy() -> None:
    """Which is why it is fast; how fast, `benchmarks/start_up.py` measures."""
    assert run("--help").returncode == 0
    look = "import sys, qinwu; qinwu._root(); print(sorted(sys.modules))"
    loaded = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", look], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    assert re.search(r"'(numpy|pandas|pydantic|ortools|scipy|kafka|starlette)'", loaded) is None


def test_help_of_a_command_imports_none_of_what_the_command_needs() -> None:
    """Of every command and sub-command."""
    look = """if True:
        import json, sys, qinwu
        from typer._click import Context
        brought, known = {}, set()
        def tell(path, command):
            with Context(command, info_name=path[-1]) as context:
                command.get_help(context)
            brought[" ".join(path)] = sorted(set(sys.modules) - known)
            known.update(sys.modules)
            for name, one in getattr(command, "commands", {}).items():
                tell((*path, name), one)
        for name in qinwu.COMMANDS:
            tell((name,), qinwu._load(name))
        print(json.dumps(brought))
    """
    told = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", look], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    brought: dict[str, list[str]] = json.loads(told)
    assert {"roster swap", "order why", "events send", "journal export"} <= brought.keys()
    heavy = {
        "numpy", "pandas", "scipy", "ortools", "numba", "shapely", "pyproj", "yaml", "kafka",
        "starlette", "openpyxl", "jinja2", "pydantic", "config.settings", "config.tables",
        "events.schema", "importlib.metadata",
    }  # fmt: skip
    assert {name: found for name, new in brought.items() if (found := heavy & set(new))} == {}


def test_no_option_that_is_not_given_brings_what_reads_values() -> None:
    """Typer reads by pydantic, which takes as long to come as all the rest of a help page."""
    look = """if True:
        import sys, qinwu
        sys.argv = ["qinwu", "roster", "swap", "--help"]
        try:
            qinwu.main()
        finally:
            print("pydantic" in sys.modules)
    """
    told = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", look], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    assert "Usage: qinwu roster swap" in told
    assert told.endswith("False\n")


def test_whoever_only_watches_a_run_loads_nothing_that_runs(tmp_path: Path) -> None:
    """`qinwu run` is two processes; the one that starts the other again needs no engine."""
    look = (
        "import sys, pathlib, qinwu; from dispatch import supervisor;"
        "supervisor.supervise = lambda *_, **__: 0; qinwu.run(pathlib.Path(sys.argv[1]));"
        "print(*sys.modules)"
    )
    told = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", look, tmp_path], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    assert {"numpy", "pydantic", "dispatch.run"} & set(told.split()) == set()


def test_publishing_waits_for_no_solver() -> None:
    """Nor does checking; they take seconds to come, and only who plans or drives needs them."""
    look = "import sys; from scheduler import commands, readback, reported; print(*sys.modules)"
    told = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", look], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    heavy = {"ortools", "pandas", "scipy", "numba", "shapely", "pyproj", "jinja2"}
    assert heavy & set(told.split()) == set()


def test_help_speaks_the_language_asked_for() -> None:
    """Told on the command line it wins over the environment."""
    assert catalogue("zh-CN")["help.plan"] in run("--lang", "zh-CN", "--help").stdout
    assert catalogue("en")["help.about"] in run("--help").stdout
    assert catalogue("zh-CN")["help.about"] in run("--help", QINWU_LANG="zh-CN").stdout


def test_a_misspelt_command_is_told_the_nearest() -> None:
    """Bad input, to stderr."""
    told = run("chekc")
    assert (told.returncode, told.stdout) == (2, "")
    assert "check" in told.stderr


@pytest.mark.parametrize(
    ("trouble", "code"),
    [(NotFound, 1), (BadInput, 2), (Impossible, 3), (QinwuError, 1)],
)
def test_trouble_becomes_words_and_its_exit_code(
    trouble: type[QinwuError], code: int, outcome: Outcome
) -> None:
    """One line that a person can act on."""
    wrong = trouble(key="help.foreign_package", package="events", where="there")
    expected = catalogue("en")["help.foreign_package"].format(package="events", where="there")
    assert outcome.of(wrong) == (code, expected + "\n")


def test_findings_stand_with_file_line_and_column(outcome: Outcome) -> None:
    """As compilers write them, so that editors jump there."""
    code, told = outcome.of(
        BadInput([Finding("error", "people.csv", 7, 3, "check.choice",
                          {"column": "role", "value": "oficer", "near": "officer",
                           "choices": "officer, auxiliary"})])
    )  # fmt: skip
    assert code == 2
    assert told.startswith("people.csv:7:3: ")
    assert "officer" in told.partition("; ")[2]


def test_an_interrupt_exits_130(outcome: Outcome) -> None:
    """As shells expect, and without a word."""
    assert outcome.of(KeyboardInterrupt()) == (130, "")


def test_a_bug_is_one_line_and_the_details_are_in_a_file(outcome: Outcome) -> None:
    """No traceback reaches a user; whoever mends it gets it whole."""
    code, told = outcome.of(ZeroDivisionError("at night"))
    assert code == 70
    assert told.count("\n") == 1
    assert "Traceback" not in told
    named = re.search(r"\S+/qinwu-\w+\.txt", told)
    assert named is not None
    details = Path(named[0]).read_text(encoding="utf-8")
    assert "Traceback" in details
    assert "ZeroDivisionError: at night" in details


def test_a_reader_who_leaves_is_no_trouble() -> None:
    """`qinwu ... | head` ends quietly, whatever was still to be written."""
    writer = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, str(ROOT / "qinwu.py"), "--help"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert writer.stdout is not None
    assert writer.stderr is not None
    writer.stdout.close()
    told = writer.stderr.read()
    writer.stderr.close()
    assert (writer.wait(30), told) == (0, b"")


def test_another_distributions_package_of_our_name_is_refused(tmp_path: Path) -> None:
    """The index has an `Events`; installed beside ours its files would be mixed with ours."""
    info = tmp_path / "Events-0.5.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: Events\nVersion: 0.5\n")
    (info / "RECORD").write_text("events/__init__.py,,\nEvents-0.5.dist-info/METADATA,,\n")
    told = run("check", "nowhere", PYTHONPATH=str(tmp_path))
    assert told.returncode == 1
    assert "Events" in told.stderr
    assert "venv" in told.stderr
    (info / "RECORD").write_text("events_of_others/__init__.py,,\n")
    assert "Events" not in run("check", "nowhere", PYTHONPATH=str(tmp_path)).stderr


def test_a_package_that_shadows_ours_is_refused(tmp_path: Path) -> None:
    """Not installed, only found first."""
    (tmp_path / "events").mkdir()
    (tmp_path / "events" / "__init__.py").touch()
    look = (
        f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(ROOT)!r}]; import qinwu; qinwu.main()"
    )
    told = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", look], capture_output=True, text=True, check=False
    )
    assert told.returncode == 1
    assert str(tmp_path / "events") in told.stderr
