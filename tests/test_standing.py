"""How a person stands by the rules: what is left is below nothing exactly where one is broken."""

import re
from dataclasses import replace
from random import Random

import pytest
from full_weeks import random_week
from rosters import DATES, problem, span, worked

from config.ids import PersonId, SquadronId, TeamId
from config.words import words
from scheduler.advice.standing import State, standing
from scheduler.advice.standing_words import rule_lines
from scheduler.names import Called
from scheduler.problem import Problem
from scheduler.roster import Duty, Roster, duty_id
from scheduler.rules import Tier, check, rules_of

O0 = PersonId("s0t0o")


def alone(*some: tuple[int, str, str]) -> Roster:
    """Duties of one officer, whatever the laws say."""
    return Roster(tuple(
        Duty(duty_id(TeamId("s0t0"), DATES[day]), TeamId("s0t0"), SquadronId("s0"), DATES[day],
             *span(day, first, last), "patrol", O0)
        for day, first, last in some
    ))  # fmt: skip


def state(week: Problem, roster: Roster, rule: str) -> State:
    """The officer's state by a rule."""
    return next(one for one in standing(week, roster, O0) if one.rule == rule)


@pytest.mark.parametrize("seed", range(30))
def test_less_than_nothing_is_left_where_a_law_is_broken(seed: int) -> None:
    """Random weeks, lawful or not, with a past."""
    draw = Random(seed)  # noqa: S311 - no secret
    week = replace(random_week(seed, teams=1, due=0), tasks=(), _home={})
    clocks = [f"{hour:02d}:{minute}" for hour in range(24) for minute in ("00", "30")]
    roster = alone(*(
        (day, draw.choice(clocks), draw.choice(clocks)) for day in range(7) if draw.random() < 0.8
    ))  # fmt: skip
    broken = {one.rule for one in check(week, roster) if one.person == O0}
    for one in standing(week, roster, O0):
        if one.tier is Tier.LAW:
            assert (one.left is not None and one.left < 0) == (one.rule in broken), one


def test_every_rule_of_a_person_has_its_state() -> None:
    """All but those that are about a squadron or a task."""
    week = problem(teams=1)
    told = {one.rule for one in standing(week, Roster(), O0)}
    of_places = {"cover-demand", "fixed-duties", "duty-leader", "must-arrive"}
    assert told == {rule.id for rule in rules_of(week)} - of_places


def test_a_law_s_limit_is_the_setting_that_the_law_goes_by() -> None:
    """Another number in the settings is another law; no two share one."""
    week = problem(teams=1)
    names = {rule.id: rule.limit.name for rule in rules_of(week) if rule.limit}
    assert names
    assert len(set(names.values())) == len(names)
    for law, name in names.items():
        limits = week.limits.model_copy(update={name: getattr(week.limits, name) + 1})
        other = rules_of(replace(week, limits=limits))
        changed = [a.id for a, b in zip(rules_of(week), other, strict=True) if a != b]
        assert changed == [law], name


def test_a_law_without_a_number_is_told_by_how_often_it_is_broken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two duties on a day of leave are two times, not days of at most 0."""
    monkeypatch.setenv("QINWU_LANG", "en")
    week = problem(teams=1, absent={O0: [(0, 2880)]})
    roster = alone((0, "08:00", "16:00"), (1, "08:00", "16:00"))
    lines = list(rule_lines(week, roster, O0, Called()))
    name = words("en")("planner.rule.leave")
    assert any(line.strip().startswith(f"{name}: broken, times: 2") for line in lines), lines


def test_rest_is_told_where_it_is_shortest() -> None:
    """16 h, then 12."""
    week = problem(teams=1)
    one = state(week, alone((0, "08:00", "16:00"), (1, "08:00", "16:00"), (2, "04:00", "10:00")),
                "rest-between-duties")  # fmt: skip
    assert (one.used, one.left, one.at) == (720, 60, DATES[2])


def test_the_week_before_counts() -> None:
    """Five days until Sunday and one now are six."""
    past = {"s0t0o": worked((day, "08:00", "14:00") for day in range(-5, 0))}
    one = state(problem(teams=1, past=past), alone((0, "08:00", "14:00")), "days-in-a-row")
    assert (one.used, one.left) == (6, 0)
    assert one.bite is not None
    assert (one.bite.on, one.bite.forbidden) == (DATES[1], one.bite.tried)


def test_without_a_duty_there_is_nothing_to_count() -> None:
    """No rest can be too short."""
    one = state(problem(teams=1), Roster(), "rest-between-duties")
    assert (one.used, one.left, one.bite) == (None, None, None)


def test_the_contract_is_the_teams() -> None:
    """8 of 40 hours: 32 short."""
    one = state(problem(teams=1), alone((0, "08:00", "16:00")), "contract-hours")
    assert (one.used, one.limit, one.left) == (480, 2400, -1920)


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_it_is_told_in_both_languages(lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line a rule, with hours for minutes."""
    monkeypatch.setenv("QINWU_LANG", lang)
    week = problem(teams=1, absent={O0: [(2880, 4320)]})
    lines = list(rule_lines(week, alone((0, "08:00", "16:00")), O0, Called()))
    name = words(lang)("planner.rule.most-in-24-hours")
    line = next(line for line in lines if name in line)
    assert re.search(r" 8\b.* 12\b", line)
    assert any("2026-12-02" in line for line in lines[:4])
