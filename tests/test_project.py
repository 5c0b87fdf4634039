"""The house as described: packages, layers, who may import what, and what no file may say."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import conftest
import pytest
from conftest import ROOT
from sources import HOUSE, nodes, together

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
TOPS = tuple(f"{name}.py" for name in PROJECT["tool"]["setuptools"]["py-modules"])
"""The command, above all packages: nothing of the house may import it."""
ONLY_IN = {
    "kafka": ("events/kafka*.py", "events/doctor.py"),
    "apscheduler": ("scheduler/timer.py",),
    "starlette": ("events/door*.py", "dispatch/console/*", "scheduler/board/*"),
    "uvicorn": ("events/door*.py", "dispatch/console/*", "scheduler/board/*"),
    "httpx": ("events/*",),
    "ortools": ("scheduler/solve/*",),
    "jinja2": ("scheduler/*", "dispatch/console/*"),
    "pyproj": ("config/coordinates.py",),
    "orjson": ("events/frame.py",),
    "openpyxl": ("scheduler/sheet/*", "config/importers/workbook.py"),
    "icalendar": ("scheduler/sheet/calendar_files.py",),
    "duckdb": ("scheduler/hindsight/backtest_files.py",),
}
"""Third-party packages that only an adapter may know, by the files that may."""
FAULTS = "benchmarks/faults.py"  # kills processes: a target of its own
LINES_A_FILE, LINES_A_FUNCTION, LINES_A_TEST_FILE = 300, 50, 500
IMPORT_NAMES = {"PyYAML": "yaml", "kafka-python": "kafka", "pydantic_core": "pydantic"}


def imports(*folders: str) -> Iterator[tuple[str, str]]:
    """(file, top-level package) of every import under these folders or files."""
    for top in folders:
        path = ROOT / top
        for file in [path] if path.is_file() else path.rglob("*.py"):
            for node in nodes(file):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom):
                    assert node.level == 0, f"{file}: say the package's whole name"
                    names = [node.module or ""]
                for name in names:
                    yield file.relative_to(ROOT).as_posix(), name.partition(".")[0]


def committed() -> list[Path]:
    """The repository's text files; without git, those of the house."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True)  # noqa: S603
    files = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    assert files
    return [file for file in files if file.is_file() and file.suffix not in {".png", ".gz"}]


def test_packages_are_the_projects_and_the_contracts() -> None:
    """A package that is forgotten in pyproject.toml is missing only where it is installed."""
    found = {
        file.parent.relative_to(ROOT).as_posix().replace("/", ".")
        for name in HOUSE
        for file in (ROOT / name).rglob("*.py")
    }
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == found
    contracts = PROJECT["tool"]["importlinter"]
    layers = [part for layer in contracts["contracts"][0]["layers"] for part in layer.split(" | ")]
    assert set(contracts["root_packages"]) == set(layers) == set(HOUSE)


def test_data_files_are_in_the_package() -> None:
    """Every file beside the code that the program reads is matched by the package data."""
    patterns = PROJECT["tool"]["setuptools"]["package-data"]
    lost = [
        file.relative_to(ROOT).as_posix()
        for file in committed()
        if (name := file.relative_to(ROOT).parts[0]) in HOUSE
        and file.suffix != ".py"
        and not any(
            fnmatch(file.relative_to(ROOT / name).as_posix(), pattern)
            for pattern in patterns.get(name, ())
        )
    ]
    assert lost == []


@together
def test_no_package_imports_the_command() -> None:
    """`qinwu` stands above all."""
    assert [file for file, name in imports(*HOUSE) if name.startswith("qinwu")] == []


@together
def test_adapters_alone_know_what_they_adapt() -> None:
    """ARCHITECTURE, decision 12; imports inside functions count too."""
    strays = [
        f"{file} imports {name}"
        for file, name in imports(*TOPS, *HOUSE)
        if name in ONLY_IN and not any(fnmatch(file, allowed) for allowed in ONLY_IN[name])
    ]
    assert strays == []


@together
def test_whatever_is_imported_is_declared() -> None:
    """What comes along with another package today may not tomorrow."""
    extras = PROJECT["project"]["optional-dependencies"]
    wanted = [re.split(r"[><=\[ ]", line)[0]
              for line in PROJECT["project"]["dependencies"] + extras["osm"]]  # fmt: skip
    declared = {IMPORT_NAMES.get(name, name) for name in wanted}
    used = {IMPORT_NAMES.get(name, name) for _, name in imports(*TOPS, *HOUSE)}
    ours = {*HOUSE, *(name.removesuffix(".py") for name in TOPS)}
    assert used - set(sys.stdlib_module_names) - ours <= declared


def sizes(file: Path) -> tuple[int, dict[str, int]]:
    """Lines of a file, and of each of its functions."""
    text = file.read_text(encoding="utf-8")
    functions = {
        node.name: (node.end_lineno or node.lineno) - node.lineno + 1
        for node in nodes(file)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    return len(text.splitlines()), functions


@together
def test_files_and_functions_are_small() -> None:
    """What is read at 3 a.m. fits the screen; a test file may be longer, and draw longer states."""
    large = []
    for file in committed():
        name = file.relative_to(ROOT).as_posix()
        if file.suffix != ".py":
            continue
        lines, functions = sizes(file)
        if name.startswith("tests/"):
            large += [name] * (lines > LINES_A_TEST_FILE)
            continue
        large += [name] * (lines > LINES_A_FILE)
        large += [f"{name}: {f}" for f, long in functions.items() if long > LINES_A_FUNCTION]
    assert large == []


def test_locks_have_hashes_and_no_address() -> None:
    """Each version is pinned by content; where it comes from is the machine's own affair."""
    for name in ("requirements.lock", "requirements-dev.lock"):
        lock = (ROOT / name).read_text(encoding="utf-8")
        pins = re.split(r"\n(?=[\w])", lock)
        assert all("==" in pin and "--hash=sha256:" in pin for pin in pins)
        assert "://" not in lock
        assert re.search(r"--(extra-)?index-url|--find-links|--trusted-host", lock) is None
        locked = {re.sub(r"[-_.]+", "-", pin.split("==")[0]).lower() for pin in pins}
        for line in PROJECT["project"]["dependencies"]:
            assert re.sub(r"[-_.]+", "-", re.split(r"[><=\[ ]", line)[0]).lower() in locked


def test_no_file_names_a_place_of_one_machine() -> None:
    """An absolute path of whoever built it works nowhere else."""
    place = re.compile(r"(?<![\w.:/}*-])/(?:work|root|home|Users|opt)/\w")
    named = [
        f"{file.relative_to(ROOT)}: {line.strip()[:80]}"
        for file in committed()
        for line in file.read_text(encoding="utf-8").splitlines()
        if place.search(line) and file != Path(__file__)
    ]
    assert named == []


@pytest.mark.parametrize("name", ["Makefile", "pyproject.toml", ".ci/run", "deploy/kafka/pom.xml"])
def test_no_set_up_names_a_download_host(name: str) -> None:
    """Mirrors and offline machines set theirs in the clients' own configuration."""
    text = (ROOT / name).read_text(encoding="utf-8").replace('xmlns="http://', "")
    assert "://" not in text


@pytest.mark.parametrize(("ci", "outcome"), [("true", "Failed"), ("", "Skipped")])
def test_what_is_absent_fails_under_ci(
    ci: str, outcome: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test that CI cannot run is not passed over in silence."""
    monkeypatch.setenv("CI", ci)
    with pytest.raises(BaseException, match="no broker") as told:
        conftest.absent("no broker")
    assert told.type.__name__ == outcome


def test_make_bench_runs_every_program_and_no_file_that_they_share() -> None:
    """A program says how it is called; what others import cannot be."""
    make = ["make", "-n", "bench"]
    told = subprocess.run(make, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - the reader's own make
    files = {f"benchmarks/{file.name}": file.read_text("utf-8")
             for file in (ROOT / "benchmarks").glob("*.py")}  # fmt: skip
    programs = {name for name, text in files.items() if "\nif __name__ ==" in text}
    assert set(re.findall(r"benchmarks/\w+\.py", told.stdout)) == programs - {FAULTS}


def test_a_failure_is_named_at_once() -> None:
    """So a run that is broken off has said what it found; what passed says nothing."""
    said: list[str] = []
    for outcome in ("failed", "passed"):
        report = pytest.TestReport("a.py::b", ("a.py", 1, "b"), {}, outcome, None, "call")
        conftest.Failures(said.append).pytest_runtest_logreport(report)
    assert said == ["FAILED a.py::b (call)"]
