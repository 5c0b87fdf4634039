"""Ctrl-C at any moment of `qinwu plan`: no traceback, no half a plan, and it says what it does."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import ROOT
from districts import WEEK, small_district

from config.made_tables import HistoryRow
from config.reading import write_rows
from config.words import LANGUAGES, words

FILES = [
    "colours.geojson", "must_arrive.csv", "must_arrive.geojson", "report.html", "roster.csv",
    "staffing.csv", "visits.csv",
]  # fmt: skip
Planning = Callable[..., "Planned"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The hand-made district with a short history."""
    made = small_district(tmp_path_factory.mktemp("plan") / "d")
    began = datetime(2026, 9, 1, tzinfo=UTC)
    rows = [
        HistoryRow.model_validate({
            "id": f"c{n}", "at": (began + timedelta(hours=7 * n)).isoformat(), "kind": "crash",
            "node": f"n{n % 6}{n % 5}", "x_m": 0.0, "y_m": 0.0,
        })
        for n in range(200)
    ]  # fmt: skip
    (made / "history").mkdir()
    write_rows(made / "history" / "all.csv", rows)
    return made


class Planned:
    """A `qinwu plan` with a long time to solve, interrupted whenever its stderr says a word."""

    def __init__(self, folder: Path, out: Path, lang: str) -> None:
        """Start it; it tells each module that it imports."""
        self.out = out
        self.said: list[str] = []
        told = ["plan", str(folder), "--week", WEEK, "--time", "200", "--out", str(out)]
        self.process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-X", "importtime", str(ROOT / "qinwu.py"), *told],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, encoding="utf-8",
            env={**os.environ, "QINWU_LANG": lang}, start_new_session=True,
        )  # fmt: skip

    def interrupt_at(self, word: str) -> None:
        """Press Ctrl-C at the first line that holds a word: the whole group gets it."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if not line.startswith("import time:"):
                self.said.append(line.rstrip("\n"))
            if word in line:
                os.killpg(self.process.pid, signal.SIGINT)
                return
        pytest.fail(f"it never said {word}: {self.said}")

    def ended(self) -> tuple[int, list[str]]:
        """Exit code, and all that it said but its imports."""
        assert self.process.stderr is not None
        rest = self.process.stderr.read().splitlines()
        self.said += [line for line in rest if not line.startswith("import time:")]
        return self.process.wait(60), self.said


@pytest.mark.parametrize(
    "module", [" config.interrupts", " typer.main", " config.usage", " numpy", " pydantic.main"]
)
def test_an_interrupt_while_it_loads_ends_it_without_a_word_too_many(
    folder: Path, tmp_path: Path, module: str
) -> None:
    """Before the first line of help's imports and amid those of the solver."""
    planned = Planned(folder, tmp_path / "out", "en")
    planned.interrupt_at(module)
    code, said = planned.ended()
    assert code == 130
    assert set(said) <= {words("en")("planner.given_up")}
    assert not planned.out.exists()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_first_keeps_the_best_and_says_so_the_second_gives_up(
    folder: Path, tmp_path: Path, lang: str
) -> None:
    """The folders that it made are gone, the one that was there is not."""
    say = words(lang)
    planned = Planned(folder, tmp_path / "new" / "out", lang)
    planned.interrupt_at(say("planner.step.records"))
    planned.interrupt_at(say("planner.finishing"))
    code, said = planned.ended()
    assert (code, said[-1]) == (130, say("planner.given_up"))
    assert not any("Traceback" in line for line in said)
    assert list(tmp_path.iterdir()) == []


def test_what_stood_in_the_folder_before_stays(folder: Path, tmp_path: Path) -> None:
    """Only what this plan made is removed."""
    (tmp_path / "roster.csv").write_text("mine", encoding="utf-8")
    planned = Planned(folder, tmp_path, "en")
    planned.interrupt_at(words("en")("planner.step.records"))
    planned.interrupt_at(words("en")("planner.finishing"))
    assert planned.ended()[0] == 130
    assert [path.name for path in tmp_path.iterdir()] == ["roster.csv"]
    assert (tmp_path / "roster.csv").read_text(encoding="utf-8") == "mine"


def test_one_alone_writes_the_best_so_far(folder: Path, tmp_path: Path) -> None:
    """All five files, long before the time is over, and exit 130."""
    planned = Planned(folder, tmp_path / "out", "en")
    planned.interrupt_at("best ")
    code, said = planned.ended()
    assert code == 130
    assert words("en")("planner.finishing") in said
    assert not any("Traceback" in line for line in said)
    assert sorted(path.name for path in planned.out.iterdir()) == FILES
