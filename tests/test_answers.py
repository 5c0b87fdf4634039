"""Why not and who else, as they are told: by commands, of a roster in a folder or published."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from districts import WEEK, small_district
from planned import week_of, write_needs, write_week
from typed import Outcome, Typed, typed

from config.district import load
from config.words import LANGUAGES, catalogue
from scheduler.advice.asked import asked
from scheduler.rules import laws_of
from scheduler.things import SEATS

__all__ = ["typed"]


@pytest.fixture(name="town", scope="module")
def _town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small district with its hand-made week published, needs and all."""
    folder = small_district(tmp_path_factory.mktemp("town") / "d")
    district = load(folder)
    file = week_of(district, WEEK)
    write_week(district, file, folder / "roster" / WEEK)
    write_needs(district, WEEK, folder / "roster" / WEEK)
    return folder


@pytest.fixture(name="heard", scope="module")
def _heard() -> dict[tuple[str, ...], Outcome]:
    """What each question was answered: the town does not change, so it is asked once."""
    return {}


@pytest.fixture
def ask(heard: dict[tuple[str, ...], Outcome], town: Path, typed: Typed) -> Typed:
    """`ask("missing", "--most", "4", lang="en")`: the answer, now or from before."""

    def answer(name: str, *told: str, lang: str) -> Outcome:
        key = (lang, name, *told)
        if key not in heard:
            heard[key] = typed("roster", name, town, *told, lang=lang)
        return heard[key]

    return answer


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts are compared with the English catalogue."""
    monkeypatch.setenv("QINWU_LANG", "en")


def test_why_not_names_the_law_and_the_duty_to_blame(town: Path, typed: Typed) -> None:
    """o3 is free on Wednesday, but was on duty until 16:00 the day before: 10 of 11 hours."""
    told = typed("roster", "why-not", town, "o3", "02:00-08:00@2026-12-02")
    assert told.code == 0
    assert "in the hands of 民警3 t3 it would be unlawful:" in told.out
    blamed = "because of 2026-12-01 08:00 to 16:00 (t3@2026-12-01)"
    law = "民警3 o3 would rest 1 h too little before or after the duty of Wed 2026-12-02"
    assert f"{law}, {blamed}" in told.out


def test_why_not_tells_what_a_lawful_change_costs(town: Path, typed: Typed) -> None:
    """t3 works 32 of 40 hours, t1 would have 32: no contract changes, 16 halves each way."""
    told = typed("roster", "why-not", town, "o3", "t1@2026-12-02")
    teams = "lawful for 民警3 t3; instead of 民警1 t1"
    assert f"{teams} it changes the cost by: contract half hours +0" in told.out


def test_why_not_of_the_duty_that_somebody_has(town: Path, typed: Typed) -> None:
    """There is nothing to explain away."""
    told = typed("roster", "why-not", town, "a1", "t1@2026-12-02")
    assert told.out.startswith("𠮷田 a1 has t1@2026-12-02")


def test_who_is_of_another_squadron_covers_nothing_there(town: Path, typed: Typed) -> None:
    """o2 leads a team of s2."""
    told = typed("roster", "why-not", town, "o2", "t1@2026-12-02")
    assert "their team is of 二中队: what it does covers nothing of 一中队" in told.out


def test_who_is_on_leave_is_said_to_be(town: Path, typed: Typed) -> None:
    """a12 is away on Wednesday."""
    told = typed("roster", "why-not", town, "a12", "t2@2026-12-02")
    assert "on leave" in told.out


def test_candidates_are_ranked_and_counted(town: Path, typed: Typed) -> None:
    """Three teams of s1 are free at ten; the fourth has a duty."""
    told = typed("roster", "candidates", town, "10:00-16:00@2026-12-02", "--squadron", "s1")
    first = "  1. 民警3 t3, with 辅警3 a3, 辅警11 a11: contract half hours -12, cover points "
    assert first in told.out
    barred = "has another duty that day (t1@2026-12-02)"
    assert f"  -  民警1 t1, with 𠮷田 a1, 辅警9 a9: {barred}" in told.out
    assert told.out.endswith("3 of 4 teams could take it\n")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "told",
    [
        ("candidates", "01:00-09:00@2026-12-02"), ("candidates", "t1@2026-12-02"),
        ("why-not", "o3", "02:00-08:00@2026-12-02"), ("why", "o1", "2026-12-01"),
        ("why", "a12", "2026-12-02"), ("why", "o3", "2026-12-02"),
        ("rules", "o1", "--week", WEEK), ("missing", "--week", WEEK, "--most", "4"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_who_and_where_are_called_by_name_with_the_id_behind(
    told: tuple[str, ...], lang: str, ask: Typed
) -> None:
    """A planner knows people, posts and places by name; the id is for the next command."""
    shown = ask(*told, lang=lang)
    text = re.sub(r"\bt\d@|team t\d\b|小组 t\d\b", "", shown.out)  # of a duty's id
    bare = re.findall(
        r"(?:^|[^\w@])(?<!\w )([oat]\d{1,2}|[pw]\d|st\d)\b(?![@-])", text, flags=re.MULTILINE
    )
    assert (shown.code, bare) == (0, [])
    assert not re.search(r"\bs[12]\b", text)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_law_of_a_person_has_a_sentence(lang: str, town: Path) -> None:
    """In place of its name, its duty and an amount."""
    problem = asked(town, WEEK, None, lang).problem
    ids = {rule.id for rule in laws_of(problem)} | {SEATS}
    assert {key.rpartition(".")[2] for key in catalogue(lang) if "answers.law." in key} == ids


def test_hours_alone_are_asked_of_every_squadron(town: Path, typed: Typed) -> None:
    """One more patrol of each."""
    told = typed("roster", "candidates", town, "10:00-16:00@2026-12-02")
    assert told.out.count("one more duty: ") == 2


@pytest.mark.parametrize(("duty", "code", "word"), [
    ("soon", 2, "TEAM@2026-12-01"), ("t1@2026-13-01", 2, "TEAM@2026-12-01"),
    ("25:00-26:00@2026-12-01", 2, "08:00-16:00@2026-12-01"), ("@2026-12-01", 2, "TEAM@"),
    ("t3@2026-12-02", 1, "not in the roster"), ("t1@2026-01-05", 1, "no roster of 2026-W02"),
])  # fmt: skip
def test_what_is_no_duty_is_said_with_what_to_try(
    town: Path, typed: Typed, duty: str, code: int, word: str
) -> None:
    """Exit 2 for what can be none, 1 for one that is not there."""
    told = typed("roster", "candidates", town, duty)
    assert (told.code, word in told.err) == (code, True), told.err


def test_missing_lists_holes_and_tells_of_the_dearest(town: Path, typed: Typed) -> None:
    """The first with its reasons and fixes, the others on a line each."""
    told = typed("roster", "missing", town, "--week", WEEK, "--most", 1)
    assert told.code == 0
    lines = told.out.splitlines()
    assert lines[0].startswith(f"{WEEK}: holes: ")
    assert lines[1].startswith("1. ")
    assert any(line.startswith("   a) ") for line in lines)
    assert lines[-1].startswith("not explained: ")
    slight = [line for line in lines if "half hours with one unit too few" in line]
    numbered = [line for line in lines if line.split(". ")[0].isdecimal()]
    count = int(lines[0].split("holes: ")[1].split(";")[0])
    assert count == len(numbered) + sum(int(line.split(": ")[2]) for line in slight)


def test_missing_of_a_week_that_is_none(town: Path, typed: Typed) -> None:
    """Exit 2, and 1 for one that nobody published."""
    assert typed("roster", "missing", town, "--week", "soon").code == 2
    assert typed("roster", "missing", town, "--week", "2026-W30").code == 1


def test_a_stranger_or_a_squadron_that_is_none_is_told(town: Path, typed: Typed) -> None:
    """Neither is a crash."""
    assert typed("roster", "why-not", town, "nobody", "t1@2026-12-02").code == 1
    told = typed("roster", "candidates", town, "10:00-16:00@2026-12-02", "--squadron", "s9")
    assert (told.code, "s1" in told.err) == (1, True)


def test_no_question_waits_for_ortools() -> None:
    """It takes seconds to come, and nothing is solved anew; whoever only looks needs no pandas."""
    names = ("answers", "missing", "standing_words", "burden_words", "differing", "explain")
    code = f"import sys; from scheduler.advice import {', '.join(names)}; print(*sys.modules)"
    told = subprocess.run(  # noqa: S603 - this interpreter, on this repository
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True
    )
    assert not {b"ortools", b"pandas"} & set(told.stdout.split())


def test_in_chinese_the_same_is_told(ask: Typed) -> None:
    """As many lines."""
    ways = (
        ("why-not", "o3", "02:00-08:00@2026-12-02"), ("candidates", "t1@2026-12-02"),
        ("missing", "--week", WEEK, "--most", "4"),
    )  # fmt: skip
    for way in ways:
        english, chinese = ask(*way, lang="en"), ask(*way, lang="zh-CN")
        assert english.out.count("\n") == chinese.out.count("\n")
        assert "小组" in chinese.out or "单元" in chinese.out
