"""Who could do a duty: what is called lawful is, what is told adds up to the cost."""

from collections import Counter
from dataclasses import replace

import pytest
from full_weeks import lawful_lines, random_week
from rosters import DATES, problem, span, worked

from config.ids import PersonId, SquadronId, TeamId
from scheduler.advice.candidates import because, candidate, candidates
from scheduler.costing import Costing, by_tier, cost_of
from scheduler.problem import Problem, Task
from scheduler.roster import Duty, Roster, duty_id
from scheduler.rules import check, cost_by_tier
from scheduler.solve.finish import finish
from scheduler.solve.options import Span

T0, T1, T2 = TeamId("s0t0"), TeamId("s0t1"), TeamId("s0t2")


def made(week: Problem, **lines: tuple[tuple[int, str, str], ...]) -> Roster:
    """The finished roster of some lines given as (day, start, end)."""
    spans = {TeamId(t): tuple(Span(d, *span(d, a, b)) for d, a, b in own)
             for t, own in lines.items()}  # fmt: skip
    return finish(week, spans).roster


def on(roster: Roster, team: TeamId, day: int) -> Duty:
    """A team's duty of a day."""
    found = roster.duty(duty_id(team, DATES[day]))
    assert found is not None
    return found


@pytest.mark.parametrize("seed", range(40, 46))
def test_the_lawful_break_nothing_more_and_their_price_adds_up(seed: int) -> None:
    """Applied to the whole roster: no new breach, and the cost changes tier by tier as told."""
    week = random_week(seed, teams=4, due=0)
    roster = finish(week, lawful_lines(week, seed)).roster
    before, cost = Counter(check(week, roster)), cost_by_tier(week, roster)
    for duty in roster.duties[::5]:
        for one in candidates(week, roster, duty):
            if one.lawful:
                after = one.applied(roster, duty)
                assert not Counter(check(week, after)) - before, (seed, duty.id, one.team)
                told, now = by_tier(one.change), cost_by_tier(week, after)
                assert {t: cost[t] + told[t] for t in cost} == now, (seed, duty.id, one.team)


@pytest.mark.parametrize("seed", range(46, 50))
def test_parts_of_the_cost_add_up_to_the_roster_s(seed: int) -> None:
    """Rule by rule and tier by tier; a part of the week changes by as much as the whole."""
    week = random_week(seed, teams=4, due=0)
    roster = finish(week, lawful_lines(week, seed)).roster
    assert by_tier(cost_of(week, roster)) == cost_by_tier(week, roster)
    gone = roster.duties[seed % 5 :: 9]
    told = by_tier(Costing.of(week, roster, gone).change(gone))
    without = cost_by_tier(week, roster.replaced(duty.id for duty in gone))
    for tier, cost in cost_by_tier(week, roster).items():
        assert cost + told[tier] == without[tier]


@pytest.mark.parametrize("seed", range(50, 54))
def test_who_is_called_unlawful_breaks_a_law_when_applied(seed: int) -> None:
    """With the crew that is told, and with any exchange left out."""
    week = random_week(seed, teams=4, due=0)
    roster = finish(week, lawful_lines(week, seed)).roster
    refused = 0
    for duty in roster.duties[::7]:
        for one in candidates(week, roster, duty):
            if not one.lawful:
                rules = {breach.rule for breach in check(week, one.applied(roster, duty))}
                assert rules & {breach.rule for breach in one.broken}, (seed, duty.id, one.team)
                refused += 1
    assert refused


def test_all_of_the_squadron_are_asked_but_the_holder() -> None:
    """A patrol of one squadron is nothing for another's teams."""
    week = problem(squadrons=2, teams=3)
    roster = made(week, s0t0=((0, "08:00", "16:00"),))
    assert {one.team for one in candidates(week, roster, on(roster, T0, 0))} == {T1, T2}


def test_a_night_check_is_anybodys() -> None:
    """Its units may come from any squadron, each in its own name."""
    check_task = Task("night_check@2026-11-30", "night_check", None, *span(0, "21:00", "03:00"))
    week = problem(squadrons=2, teams=2, tasks=[check_task])
    roster = made(week, s0t0=((0, "21:00", "05:00"),))
    found = {one.team: one for one in candidates(week, roster, on(roster, T0, 0))}
    assert set(found) == {"s0t1", "s1t0", "s1t1"}
    assert found[TeamId("s1t0")].duty.squadron == SquadronId("s1")


def test_the_cheapest_comes_first() -> None:
    """Whose contract is full works overtime: 8 h are 16 points there and 32 here, no leader 100."""
    week = problem(teams=3, needed=0)
    full = tuple((day, "08:00", "16:00") for day in (1, 2, 3, 4, 5))
    roster = made(week, s0t0=((0, "08:00", "16:00"),), s0t1=full)
    first, second = candidates(week, roster, on(roster, T0, 0))
    assert (first.team, second.team) == (T2, T1)
    assert list(by_tier(second.change).values()) == [16, 132, 0]


def test_a_law_in_the_way_is_told_with_its_amount_and_the_duty_to_blame() -> None:
    """22:00 to 08:00 leaves 10 of 11 hours."""
    week = problem(teams=2)
    roster = made(week, s0t0=((1, "08:00", "16:00"),), s0t1=((0, "14:00", "22:00"),))
    duty = on(roster, T0, 1)
    crew = week.crews[1][T1]
    found = {b.rule: (b.amount, w) for b, w in
             because(week, roster, duty, candidate(week, roster, duty, crew))}  # fmt: skip
    amount, blamed = found["rest-between-duties"]
    assert amount == 60
    assert [stint.duty and stint.duty.id for stint in blamed] == ["s0t1@2026-11-30"]


def test_a_duty_of_the_week_before_may_be_to_blame() -> None:
    """It has a date and no id: nobody can give it away."""
    week = problem(teams=2, past={"s0t1o": worked([(-1, "18:00", "22:00")])})
    roster = made(week, s0t0=((0, "08:00", "16:00"),))
    duty = on(roster, T0, 0)
    one = candidate(week, roster, duty, week.crews[0][T1])
    (breach, blamed), = because(week, roster, duty, one)  # fmt: skip
    assert (breach.rule, breach.amount) == ("rest-between-duties", 60)
    assert [(stint.date.isoformat(), stint.duty) for stint in blamed] == [("2026-11-29", None)]


def test_who_is_on_duty_that_day_may_exchange() -> None:
    """Mornings for evenings; both lines stay lawful, and both duties are still done."""
    week = problem(teams=2)
    roster = made(week, s0t0=((0, "08:00", "16:00"),), s0t1=((0, "12:00", "20:00"),))
    duty = on(roster, T0, 0)
    (one,) = candidates(week, roster, duty)
    assert one.lawful
    assert one.gives == on(roster, T1, 0)
    after = one.applied(roster, duty)
    assert [(d.team, d.start_min) for d in after.duties] == [("s0t1", 480), ("s0t0", 720)]


def test_an_auxiliary_who_may_not_come_is_left_and_told_why() -> None:
    """The rest of the crew is lawful on a local road."""
    week = problem(teams=2, past={"s0t1a0": worked([(-1, "18:00", "22:00")])})
    roster = made(week, s0t0=((0, "08:00", "16:00"),))
    (one,) = candidates(week, roster, on(roster, T0, 0))
    assert one.lawful
    assert one.duty.auxiliaries == ("s0t1a1",)
    assert [breach.rule for breach in one.left[PersonId("s0t1a0")]] == ["rest-between-duties"]


def test_a_hole_has_candidates_too() -> None:
    """The duty is in no roster any more; nobody has anything to give in exchange."""
    week = problem(teams=2)
    roster = made(week, s0t0=((0, "08:00", "16:00"),))
    duty = on(roster, T0, 0)
    (one,) = candidates(week, roster.replaced([duty.id]), duty)
    assert one.lawful
    assert by_tier(one.change)[min(by_tier(one.change))] == -16


def test_without_a_vehicle_nobody_can() -> None:
    """One vehicle, and it is out."""
    week = problem(teams=3, vehicles=1)
    roster = made(week, s0t0=((0, "08:00", "16:00"),))
    extra = replace(on(roster, T0, 0), id=duty_id(T1, DATES[0]), team=T1, vehicle=None)
    (one,) = (c for c in candidates(week, roster, extra) if c.team == T2)
    assert [breach.rule for breach in one.broken] == ["vehicles"]
