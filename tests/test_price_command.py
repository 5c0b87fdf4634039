"""`qinwu roster prices` of a small district: text in both languages, data, Ctrl-C, mistakes."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from districts import WEEK, small_district
from planned import week_of, write_needs, write_week
from typed import Typed, typed

import scheduler.solve
from config.district import load
from config.words import LANGUAGES
from scheduler.problem import Problem
from scheduler.solve.solved import Solved

__all__ = ["typed"]
ASKED = ("--rule", "rest-between-duties", "--most", "1", "--time", "1")


@pytest.fixture(name="town", scope="module")
def _town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small district with its hand-made week published, needs and all."""
    folder = small_district(tmp_path_factory.mktemp("town") / "d")
    district = load(folder)
    write_week(district, week_of(district, WEEK), folder / "roster" / WEEK)
    write_needs(district, WEEK, folder / "roster" / WEEK)
    return folder


@pytest.fixture(name="searched", scope="module")
def _searched() -> Iterator[None]:
    """A week that was searched already is told again: one search for all languages and forms.

    There is one week, which only its limits change.
    """
    known: dict[tuple[str, float, int], Solved] = {}
    search = scheduler.solve.solve_in_child

    def once(week: Problem, *, time_s: float, seed: int, **told: Any) -> Solved:  # noqa: ANN401 - handed on
        asked = repr(week.limits), time_s, seed
        if asked not in known:
            known[asked] = search(week, time_s=time_s, seed=seed, **told)
        return known[asked]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scheduler.solve, "solve_in_child", once)
        yield
    assert len(known) == 2  # the week as it is, and with the law relaxed


@pytest.mark.usefixtures("searched")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_law_is_told_by_name_with_its_step(town: Path, typed: Typed, lang: str) -> None:
    """What is searched goes to stderr, what it costs to stdout."""
    shown = typed("roster", "prices", town, "--week", WEEK, *ASKED, lang=lang)
    assert shown.code == 0, shown.err
    step = {
        "en": "- rest between duties, 10 h in place of 11 h: ",
        "zh-CN": "- 勤务间休息，由 11 小时改为 10 小时：",
    }
    assert step[lang] in shown.out
    assert shown.err.count("\n") >= 3
    assert WEEK in shown.out.splitlines()[0]


@pytest.mark.usefixtures("searched")
def test_data_have_both_ends_of_each_price(town: Path, typed: Typed) -> None:
    """And what each tier costs, with what is certified of it."""
    shown = typed("roster", "prices", town, "--week", WEEK, *ASKED, "--json")
    data = json.loads(shown.out)
    [law] = data["laws"]
    assert (law["rule"], law["before"], law["after"]) == ("rest-between-duties", 660, 600)
    assert 0 <= law["low"] <= law["high"]
    assert set(data["tiers"]) == {"contract", "cover", "wish"}
    assert data["bound"] <= data["cost"]


def test_what_is_no_law_with_a_step_is_refused_with_those_that_are(
    town: Path, typed: Typed
) -> None:
    """Before anything is searched."""
    shown = typed("roster", "prices", town, "--week", WEEK, "--rule", "rest")
    assert shown.code == 2
    assert "rest-between-duties" in shown.err
    assert "search" not in shown.err


def test_a_week_that_nobody_published_is_not_there(town: Path, typed: Typed) -> None:
    """Exit 1, as of all questions."""
    assert typed("roster", "prices", town, "--week", "2026-W30").code == 1


def stopped(town: Path, at: str, sign: signal.Signals) -> tuple[int, str, str]:
    """Exit code and both outputs of two laws' prices, ended in the search so told."""
    process = subprocess.Popen(  # noqa: S603 - a list, no shell
        [sys.executable, str(ROOT / "qinwu.py"), "roster", "prices", str(town), "--week", WEEK,
         "--rule", "rest-between-duties", "--rule", "start-drift", "--most", "0", "--time", "1"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        env={**os.environ, "QINWU_LANG": "en"}, start_new_session=True,
    )  # fmt: skip
    assert process.stderr is not None
    told = ""
    for line in process.stderr:
        told += line
        if line.startswith(at):
            os.killpg(process.pid, sign)
            break
    out, rest = process.communicate(timeout=60)
    return process.returncode, out, told + rest


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_who_ends_it_is_told_what_is_known_by_then(town: Path, sign: signal.Signals) -> None:
    """In the second search: the first is told of, and what was not tried is named."""
    code, out, told = stopped(town, "search 2 of 3", sign)
    assert code == 130, told
    assert out.startswith(f"{WEEK}: ")
    assert "not tried: rest between duties, 10 h in place of 11 h, starts do not jump" in out
    assert "ending with the prices that are known by now" in told
    assert told.index("searches: 3 in all") < told.index("search 2 of 3")


def test_who_ends_it_in_the_first_search_is_told_that_nothing_is_known(town: Path) -> None:
    """And how to be done sooner."""
    code, out, told = stopped(town, "search 1 of at most 3", signal.SIGINT)
    assert (code, out) == (130, "")
    assert (
        "no price is known yet: stopped in search 1 of at most 3; give --time 1 or --rule" in told
    )
