"""Burdens go round: who bore more than their share is spared; both faces of each rule agree."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from districts import WEEK, small_district
from planned import week_of, write_week
from rosters import DATES, problem, span
from small_weeks import bare, lines_of

from config.district import load
from config.ids import PersonId, SquadronId, TeamId
from config.settings import Fairness
from scheduler.advice.explain import why
from scheduler.intake import Week
from scheduler.problem import Problem
from scheduler.publish import problem_to_check
from scheduler.roster import Duty, Roster, duty_id
from scheduler.rules import Rule, Tier, rules_of
from scheduler.rules.fairness import (
    HolidaysInTurn,
    NightsInTurn,
    OvertimeInTurn,
    WeekendsInTurn,
)
from scheduler.shares import Earlier, Over, borne_before
from scheduler.slots import SLOT_MIN
from scheduler.solve.model import model_of
from scheduler.solve.options import Span
from scheduler.solve.weights import weighted

TEAM, OFFICER, AUXILIARY = TeamId("s0t0"), PersonId("s0t0o"), PersonId("s0t0a1")
DAY, NIGHT, LATE = ("08:00", "16:00"), ("22:00", "06:00"), ("20:00", "01:30")


def had(over: Over, who: PersonId = OFFICER, teams: int = 1) -> Problem:
    """A week whose Wednesday is a holiday, in which one person bore more than their share."""
    week = problem(teams=teams)
    persons = {**week.persons, who: replace(week.persons[who], over=over)}
    return replace(week, persons=persons, holidays=(2,))


def on(*some: tuple[int, tuple[str, str]]) -> Roster:
    """Duties of the team on some days."""
    return Roster(tuple(
        Duty(duty_id(TEAM, DATES[day]), TEAM, SquadronId("s0"), DATES[day], *span(day, *clocks),
             "patrol", OFFICER)
        for day, clocks in some
    ))  # fmt: skip


def points(rule: Rule, week: Problem, roster: Roster) -> list[tuple[str, int]]:
    """At whom a roster breaks a rule, and its points."""
    return [(str(one.person), one.amount) for one in rule.check(week, roster)]


# An example kept and one broken, rule by rule.


@pytest.mark.parametrize(("clocks", "cost"), [(DAY, []), (LATE, []), (NIGHT, [("s0t0o", 6)])])
def test_a_night_costs_by_the_nights_above_the_share(
    clocks: tuple[str, str], cost: list[tuple[str, int]]
) -> None:
    """One and a half nights too many, four points each; a late duty is no night."""
    assert points(NightsInTurn(4), had(Over(nights=1.5)), on((1, clocks))) == cost


@pytest.mark.parametrize(("day", "cost"), [(4, []), (5, [("s0t0o", 8)]), (6, [("s0t0o", 8)])])
def test_a_week_end_costs_by_the_duties_above_the_share(
    day: int, cost: list[tuple[str, int]]
) -> None:
    """Friday is none."""
    assert points(WeekendsInTurn(4), had(Over(weekends=2)), on((day, DAY))) == cost


@pytest.mark.parametrize(("day", "cost"), [(1, []), (2, [("s0t0o", 8)])])
def test_a_holiday_costs_by_the_holidays_above_the_share(
    day: int, cost: list[tuple[str, int]]
) -> None:
    """The calendar says which days those are."""
    assert points(HolidaysInTurn(8), had(Over(holidays=1)), on((day, DAY))) == cost


@pytest.mark.parametrize(("days", "cost"), [(5, []), (6, [("s0t0o", 16 * 3)])])
def test_overtime_costs_by_the_hours_above_the_share(
    days: int, cost: list[tuple[str, int]]
) -> None:
    """A sixth duty is 16 half hours over the contract; 24 h too many are three duties."""
    roster = on(*((day, DAY) for day in range(days)))
    assert points(OvertimeInTurn(1), had(Over(hours=24)), roster) == cost


@pytest.mark.parametrize("over", [-3.0, 0.0, 0.1])
def test_who_had_their_share_or_less_pays_nothing(over: float) -> None:
    """A tenth of a night is less than a point."""
    week = had(Over(over * 8, over, over, over))
    roster = on(*((day, NIGHT) for day in range(7)))
    for rule in (NightsInTurn(4), WeekendsInTurn(4), HolidaysInTurn(4), OvertimeInTurn(4)):
        assert points(rule, week, roster) == []
        assert list(rule.terms(week)) == []


def test_an_auxiliary_who_bore_most_speaks_for_the_team() -> None:
    """The team's line is theirs, too; the words name them."""
    week = had(Over(nights=2), AUXILIARY)
    assert points(NightsInTurn(4), week, on((1, NIGHT))) == [("s0t0a1", 8)]


def test_a_price_of_nothing_turns_a_rule_off() -> None:
    """As `fairness` in the settings says it."""
    week = had(Over(9, 9, 9, 9))
    off = replace(week, fairness=Fairness(night=0, weekend=0, holiday=0, overtime=0))
    wishes = [rule for rule in rules_of(off) if rule.tier is Tier.WISH]
    assert len(wishes) == 4
    assert not any(list(rule.terms(off)) for rule in wishes)
    assert not any(points(rule, off, on((5, NIGHT))) for rule in wishes)


def test_why_says_how_somebody_stands_and_what_the_duty_costs_by_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two nights above the share, four points each."""
    monkeypatch.setenv("QINWU_LANG", "en")
    told = list(why(had(Over(nights=2)), on((1, NIGHT)), "s0t0o", DATES[1]))
    assert "without it: wish points -8 (nights in turn)" in told
    assert any("nights +2.0, week-end duties +0.0" in line for line in told)


# Both faces.


@pytest.mark.parametrize("seed", range(8))
def test_engine_and_check_price_every_line_alike(seed: int) -> None:
    """Random shares of an officer and two auxiliaries, at the halves where points are rounded."""
    random = Random(seed)  # noqa: S311 - repeatable
    week = had(Over())
    draws = (-1.0, 0.0, 0.125, 0.25, 0.375, 1.125, 2.5)
    persons = {
        name: replace(person, over=Over(8 * random.choice(draws), *random.choices(draws, k=3)))
        for name, person in week.persons.items()
    }  # fmt: skip
    week = replace(week, persons=persons)
    model = model_of(week)
    (group,) = model.groups
    options = model.options
    rules = [rule for rule in rules_of(week) if rule.tier is Tier.WISH]
    for line in lines_of(model, seed, 30):
        spans = [
            Span(int(options.day[n]), int(options.start_min[n]), int(options.end_min[n]))
            for n in line
        ]
        roster = bare(week, {TEAM: spans})
        checked = sum(one.amount for rule in rules for one in rule.check(week, roster))
        priced = sum(float(group.line.cost[n]) for n in line)
        minutes = sum(one.end_min - one.start_min for one in spans)
        for tier, wanted, _, price in group.line.prices:
            if tier is Tier.WISH:
                priced += weighted(tier, price) * max(0, -(-(minutes - wanted) // SLOT_MIN))
        assert priced == weighted(Tier.WISH, checked), (seed, spans)


# Where the shares come from.


def test_what_was_published_is_what_the_next_week_knows(tmp_path: Path) -> None:
    """t1 worked five days and t3, of the other squadron, four: nobody had a night too many."""
    district = load(small_district(tmp_path / "d"))
    write_week(district, week_of(district, "2026-W48"), district.folder / "roster" / "2026-W48")
    week = problem_to_check(district, week_of(district, WEEK))
    assert {person.over.nights for person in week.persons.values()} == {0.0}
    for squadron in district.squadrons:
        own = [one.over.hours for one in week.persons.values()
               if (one.squadron, one.role) == (squadron, "officer")]  # fmt: skip
        assert sum(own) == pytest.approx(0)
    assert any(person.over.hours > 0 for person in week.persons.values())


MONDAY, HOUR_MS = date(2026, 11, 30), 3_600_000


def duty(weeks: int, person: str, hour: int = 22) -> Earlier:
    """Eight hours of a Wednesday some weeks before."""
    day = MONDAY - timedelta(days=7 * weeks - 2)
    start_ms = ((day - date(1970, 1, 1)).days * 24 + hour - 8) * HOUR_MS
    people = (PersonId(person),)
    return Earlier(day, start_ms, start_ms + 8 * HOUR_MS, SquadronId("s1"), people)


def nights(folder: Path, duties: list[Earlier]) -> dict[str, float]:
    """How many nights above their share o1 and o3 bore."""
    found = borne_before(load(small_district(folder / "d")), MONDAY, duties)
    return {one.person: one.over("nights") for one in found if one.person in ("o1", "o3")}


def test_what_is_a_night_to_the_shares_is_one_to_the_laws(tmp_path: Path) -> None:
    """It is told twice, in moments and in minutes of a week: whenever a duty begins."""
    district = load(small_district(tmp_path / "d"))
    week, of = problem_to_check(district, week_of(district, WEEK)), Week(district.calendar, WEEK)
    told, asked = [], []
    for hour in range(24):
        one = duty(1, "o1", hour)
        found = borne_before(district, MONDAY, [one])
        told += [burden.had["nights"] for burden in found if burden.person == "o1"]
        asked.append(week.is_night(of.of_ms(one.start_ms), of.of_ms(one.end_ms)))
    assert told == asked
    assert {*asked} == {True, False}


@pytest.mark.parametrize(("weeks", "over"), [(13, 0.0), (12, 0.5)])
def test_weeks_before_those_looked_back_on_do_not_count(
    weeks: int, over: float, tmp_path: Path
) -> None:
    """Twelve weeks by default: the thirteenth is forgiven."""
    duties = [duty(weeks, "o1"), duty(weeks, "o3", 8), duty(1, "o1", 8), duty(1, "o3", 8)]
    assert nights(tmp_path, duties)["o1"] == over


@pytest.mark.parametrize(("last", "over"), [([], 0.0), ([(1, "o3", 22)], 0.0),
                                            ([(1, "o3", 8)], -0.8)])  # fmt: skip
def test_who_is_new_starts_at_the_mean(
    last: list[tuple[int, str, int]], over: float, tmp_path: Path
) -> None:
    """Nights of the time before their first duty were never theirs to bear."""
    duties = [duty(weeks, "o1") for weeks in (1, 2, 3, 4)] + [duty(*one) for one in last]
    assert nights(tmp_path, duties)["o3"] == pytest.approx(over)
