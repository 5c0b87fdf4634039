"""`docs/adding.md` carried out on a copy of the tree: the rule and the event that it adds work."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

TREE = ("config", "events", "scheduler", "dispatch", "tests", "docs")
WORDS = {
    "en": ("no nights in training", "trainees do not ride together", "calls for help"),
    "zh-CN": ("见习民警不值夜班", "见习民警不同车", "请求支援"),
}
SENTENCES = {
    "en": ("is in training and would work at night", "would ride with another one in training"),
    "zh-CN": ("处于见习期，将在夜间执勤", "将与另一名见习民警同车"),
}


def blocks() -> dict[str, str]:
    """The page's Python by the file that it belongs to."""
    page = (ROOT / "docs" / "adding.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^```python (\S+)\n(.*?)^```$", page, re.DOTALL | re.MULTILINE))


def put(file: Path, before: str, text: str) -> None:
    """Insert text before the first place where something stands."""
    whole = file.read_text(encoding="utf-8")
    assert before in whole, f"{file.name}: {before!r}"
    file.write_text(whole.replace(before, text + before, 1), encoding="utf-8")


def run(copy: Path, *arguments: str) -> str:
    """A Python command in the copy, which must end well."""
    told = {**os.environ, "PYTHONPATH": str(copy), "QINWU_LANG": "en"}
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, *arguments],
        cwd=copy,
        env=told,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree with the page's rule and event in it."""
    copy = tmp_path_factory.mktemp("tree")
    for name in TREE:  # with what is compiled, which is as good there
        shutil.copytree(ROOT / name, copy / name)
    for file in (*ROOT.glob("*.py"), ROOT / "pyproject.toml"):
        shutil.copy(file, copy)
    shutil.copytree(ROOT / "deploy", copy / "deploy")
    add_rule(copy)
    add_event(copy)
    return copy


def add_rule(copy: Path) -> None:
    """Steps 1 to 3 of the page's first section, and its tests."""
    told = blocks()
    for name in ("scheduler/rules/training.py", "tests/test_training.py"):
        (copy / name).write_text(told[name], encoding="utf-8")
    rules = copy / "scheduler" / "rules" / "__init__.py"
    names = "NoNightsInTraining, TraineesApart"
    put(rules, "\n\ndef rules_of", f"from scheduler.rules.training import {names}\n")
    put(rules, "RestBetweenDuties(limits", "NoNightsInTraining(), TraineesApart(),\n        ")
    laws = copy / "tests" / "test_laws.py"
    put(laws, '\n\n@pytest.mark.parametrize("case", LAWS', told["tests/test_laws.py"])
    for language, (nights, apart, _) in WORDS.items():
        words = copy / "config" / "words" / language / "planner.toml"
        names = f'no-nights-in-training = "{nights}"\ntrainees-apart = "{apart}"\n'
        put(words, "one-duty-a-day = ", names)
    for language, (nights, apart) in SENTENCES.items():
        words = copy / "config" / "words" / language / "answers.toml"
        names = f'no-nights-in-training = "{nights}"\ntrainees-apart = "{apart}"\n'
        put(words, "one-duty-a-day = ", names)


def add_event(copy: Path) -> None:
    """Steps 1 to 6 of the page's second section."""
    told = blocks()
    put(copy / "events" / "live.py", "class OrderAnswered(", told["events/live.py"] + "\n\n")
    kinds = copy / "events" / "kinds.py"
    put(kinds, "    IncidentReported,\n", "    HelpCalled,\n")
    put(kinds, "RosterPublished, DutyRostered", "HelpCalled, ")
    put(kinds, '    "IncidentReported",\n', '    "HelpCalled",\n')
    sample = '    "help_called": {"at": _AT, "unit": "P012", **_POINT},\n'
    put(copy / "events" / "samples.py", '    "order_answered": {', sample)
    take = copy / "dispatch" / "take.py"
    put(take, "    IncidentReported,\n", "    HelpCalled,\n")
    put(take, "def _clock(", told["dispatch/take.py"] + "\n\n")
    put(take, "    ClockSet.type(): ", "    HelpCalled.type(): _help,\n")
    for language, (*_, name) in WORDS.items():
        words = copy / "config" / "words" / language / "dispatch.toml"
        put(words, "same_incident = ", f'help_called = "{name}"\n')
    golden = copy / "tests" / "golden" / "help_called.json"
    golden.write_text(run(copy, "qinwu.py", "events", "sample", "help_called"), encoding="utf-8")
    run(copy, "-m", "events.document", "docs/events.md")


def test_what_the_page_adds_is_written_as_the_house_writes(copy: Path) -> None:
    """The page ends with `make lint`; the linters pass on every file that it changed."""
    changed = [
        file.relative_to(copy).as_posix() for file in copy.rglob("*.py")
        if not (old := ROOT / file.relative_to(copy)).exists()
        or old.read_bytes() != file.read_bytes()
    ]  # fmt: skip
    assert len(changed) == 8, changed
    run(copy, "-m", "ruff", "check", "--no-cache", *changed)
    run(copy, "-m", "ruff", "format", "--no-cache", "--check", *changed)


def test_the_rule_is_kept_by_check_and_by_an_engine(copy: Path) -> None:
    """The page's own test, its cases, and that every text stands in both languages."""
    run(copy, "-m", "pytest", "-q", "-p", "no:xdist", "tests/test_training.py",
        "tests/test_laws.py", "tests/test_words.py")  # fmt: skip


def test_the_rule_is_told_as_a_reason(copy: Path) -> None:
    """Whoever asks why somebody cannot take a duty reads a sentence, not the name of a rule."""
    run(copy, "-m", "pytest", "-q", "-p", "no:xdist", "tests/test_answers.py", "-k", "each_law")


def test_the_event_is_taken_and_makes_a_line(copy: Path) -> None:
    """As the page says, from its sample to the console; its sender is told that it counts."""
    test = copy / "tests" / "test_help.py"
    test.write_text(
        "from brigades import Brigade, shift\n"
        "from districts import small_district\n"
        "from config.district import load\n\n\n"
        "def test_a_call_for_help_is_told(tmp_path):\n"
        "    brigade = Brigade.of(load(small_district(tmp_path / 'd')))\n"
        "    outcome = brigade.tell('help_called', unit='t1')\n"
        "    told = [d.text for d in outcome.decisions if d.type == 'line']\n"
        "    assert 'help_called' in told\n"
        "    assert [(fact.reason, fact.counts) for fact in outcome.facts] == [(None, True)]\n",
        encoding="utf-8",
    )
    run(copy, "-m", "pytest", "-q", "-p", "no:xdist", "tests/test_help.py")


def test_the_event_has_its_golden_file_and_stands_on_the_page(copy: Path) -> None:
    """What the page asks for is enough for the suites that look at every event."""
    run(copy, "-m", "pytest", "-q", "-p", "no:xdist", "tests/test_schema.py", "-k", "golden")
    assert "### `help_called`" in (copy / "docs" / "events.md").read_text(encoding="utf-8")
