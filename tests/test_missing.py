"""What is not covered: holes add up, the smallest set is that, each fix does what it says."""

from collections import Counter
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from full_weeks import lawful_lines, random_week
from rosters import DATES, SLOTS, problem, span, worked

from config.ids import PersonId, SquadronId, TeamId
from scheduler.advice.barriers import Smallest, barriers, smallest
from scheduler.advice.fixes import fixes
from scheduler.advice.hole_words import split
from scheduler.advice.holes import Hole, covered, holes, lacking, windows
from scheduler.advice.remedies import Fix
from scheduler.costing import cost_of
from scheduler.problem import IntArray, Problem, Task
from scheduler.roster import Roster, duty_id
from scheduler.rules import check, shortfalls
from scheduler.solve.finish import finish
from scheduler.solve.options import Span, options_of

T0, T1 = TeamId("s0t0"), TeamId("s0t1")
MORNING = span(0, "08:00", "14:00")


def made(week: Problem, **lines: tuple[tuple[int, str, str], ...]) -> Roster:
    """The finished roster of some lines given as (day, start, end)."""
    spans = {TeamId(t): tuple(Span(d, *span(d, a, b)) for d, a, b in own)
             for t, own in lines.items()}  # fmt: skip
    return finish(week, spans).roster


def patrols(roster: Roster) -> Roster:
    """The same hours, without tasks and roles."""
    return Roster(tuple(replace(duty, tasks=(), kind="patrol") for duty in roster.duties))


def only(first_min: int, last_min: int, units: int = 1, squadrons: int = 1) -> IntArray:
    """Units needed by squadron s0 over a span, and at no other time by anybody."""
    needed = np.zeros((squadrons, SLOTS), dtype=np.int64)
    needed[0, first_min // 30 : last_min // 30] = units
    return needed


def hole_of(week: Problem, roster: Roster, rule: str = "cover-demand") -> Hole:
    """The dearest hole of a rule."""
    return next(hole for hole in holes(week, roster) if hole.rule == rule)


def fixed(week: Problem, roster: Roster, hole: Hole, most: int = 3) -> list[Fix]:
    """The cheapest fixes of a hole."""
    options = options_of(week)
    tries = barriers(week, roster, hole, windows(week, roster, hole, options)).tries
    least = smallest(week, hole, tries) if tries else None
    return fixes(week, roster, hole, tries, options, least, most)


def test_holes_are_all_that_is_short() -> None:
    """Their costs and units are the rules' own."""
    for seed in range(60, 64):
        week = random_week(seed, teams=3, due=0)
        roster = finish(week, lawful_lines(week, seed, 0.4)).roster
        found, short = holes(week, roster), Counter[str]()
        for breach in shortfalls(week, roster):
            if breach.units and breach.rule in ("cover-demand", "fixed-duties", "duty-leader"):
                short[breach.rule] += breach.amount
        for rule, cost in short.items():
            assert sum(hole.cost for hole in found if hole.rule == rule) == cost
        for hole in found:
            held = sum(units for _, units in hole.slots) or hole.units
            assert lacking(week, roster, hole) == held


def test_a_hole_is_of_one_squadron_and_day() -> None:
    """Nobody at all for a week: seven holes, and the next Monday's first hours."""
    week = problem(teams=1)
    found = [hole for hole in holes(week, Roster()) if hole.slots]
    assert sorted(hole.span[0] // 1440 for hole in found) == list(range(8))


# --- the smallest set ------------------------------------------------------------------------


def brute(hole: Hole, found: Smallest, tries: tuple[object, ...]) -> tuple[int, int]:
    """Fewest half hours open, then fewest laws in the way, over all choices of duties."""
    best = (10**9, 10**9)
    teams = {one.team for one in tries}  # type: ignore[attr-defined]
    for count in range(len(teams) + 1):
        for some in combinations(tries, count):
            if len({one.team for one in some}) < count:  # type: ignore[attr-defined]
                continue
            open_slots = 0
            for slot, units in hole.slots or ((0, hole.units),):
                there = sum(slot in covered(WEEK, hole, one.window) for one in some)  # type: ignore[attr-defined]
                open_slots += max(0, units - there)
            walls = frozenset().union(*(one.barriers for one in some))  # type: ignore[attr-defined]
            best = min(best, (open_slots, len(walls)))
    del found
    return best


WEEK = problem(
    teams=3, needed=only(*span(1, "06:00", "12:00"), units=2),
    past={
        "s0t0o": worked((day, "08:00", "14:00") for day in range(-5, 0)),
        "s0t1a0": worked([(-1, "16:00", "22:00")]),
    },
)  # fmt: skip


def test_the_smallest_set_is_the_smallest() -> None:
    """Against every choice of duties."""
    roster = made(WEEK, s0t0=((0, "10:00", "18:00"),), s0t1=((0, "16:00", "22:00"),),
                  s0t2=((0, "18:00", "02:00"),))  # fmt: skip
    hole = hole_of(WEEK, roster)
    some = windows(WEEK, roster, hole, options_of(WEEK))
    tries = barriers(WEEK, roster, hole, some[::4]).tries
    found = smallest(WEEK, hole, tries)
    assert found.proven
    assert (found.open_slots, len(found.barriers)) == brute(hole, found, tries)
    assert found.barriers


def test_without_a_law_in_the_way_the_set_is_empty() -> None:
    """Somebody is free, and the solver was not asked."""
    week = problem(teams=1, needed=only(*MORNING))
    hole = hole_of(week, Roster())
    tries = barriers(week, Roster(), hole, windows(week, Roster(), hole, options_of(week))).tries
    assert smallest(week, hole, tries).barriers == frozenset()


def test_more_than_the_whole_force_stays_open() -> None:
    """Five units are needed of two teams: three lack in each of twelve half hours."""
    week = problem(teams=2, needed=only(*MORNING, units=5))
    hole = hole_of(week, Roster())
    tries = barriers(week, Roster(), hole, windows(week, Roster(), hole, options_of(week))).tries
    assert smallest(week, hole, tries).open_slots == 36


def test_teams_are_told_by_why_they_do_not_come() -> None:
    """One is on duty, one has another duty that day, one is kept away by a law, one is on leave."""
    night = worked([(-1, "18:00", "04:00")])
    week = problem(teams=4, needed=only(*MORNING, units=2), past={"s0t2o": night},
                   absent={"s0t3o": [(0, 1440)]})  # fmt: skip
    crews = [{t: c for t, c in week.crews[0].items() if t != "s0t3"}, *week.crews[1:]]
    week = replace(week, crews=tuple(crews), _home={})
    roster = made(week, s0t0=((0, "08:00", "14:00"),), s0t1=((0, "16:00", "22:00"),))
    hole = hole_of(week, roster)
    found = barriers(week, roster, hole, windows(week, roster, hole, options_of(week)))
    groups = (found.on_duty, found.other, found.free, found.away)
    assert [sorted(group) for group in groups] == [["s0t0"], ["s0t1"], ["s0t2"], ["s0t3"]]
    assert not found.lawful
    assert "rest-between-duties" in found.forbidden


# --- fixes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(80, 84))
def test_each_fix_is_lawful_closes_something_and_costs_what_it_says(seed: int) -> None:
    """On the whole roster; laws set aside are those that are named."""
    week = random_week(seed, teams=3, due=0)
    roster = finish(week, lawful_lines(week, seed, 0.5)).roster
    laws, cost, told = Counter(check(week, roster)), cost_of(week, roster), 0
    for hole in holes(week, roster)[:3]:
        for fix in fixed(week, roster, hole):
            relaxed, after = fix.applied(week, roster)
            broken = Counter(check(relaxed, after)) - laws
            assert {(b.rule, str(b.person or b.squadron)) for b in broken} <= fix.exempt
            assert lacking(relaxed, after, hole) == fix.left < lacking(week, roster, hole)
            now = cost_of(relaxed, after)
            for key in {*now, *cost}:
                assert now[key] - cost[key] == fix.change.get(key, 0), (seed, fix.what, key)
            told += 1
    assert told


def kinds(week: Problem, roster: Roster, rule: str = "cover-demand") -> list[str]:
    """Kinds of the cheapest fixes of the dearest hole."""
    return [fix.what for fix in fixed(week, roster, hole_of(week, roster, rule), most=9)]


def test_a_free_team_comes() -> None:
    """Within its contract."""
    assert kinds(problem(teams=1, needed=only(*MORNING)), Roster())[0] == "extra"


def test_a_team_whose_contract_is_full_works_overtime() -> None:
    """40 h from Tuesday on."""
    week = problem(teams=1, needed=only(*MORNING))
    roster = made(week, s0t0=tuple((day, "08:00", "16:00") for day in range(1, 6)))
    assert "overtime" in kinds(week, roster)


def test_a_duty_that_begins_too_late_is_moved() -> None:
    """From 10:00 to 08:00, and as long as the contract likes."""
    week = problem(teams=1, needed=only(*MORNING))
    roster = made(week, s0t0=((0, "10:00", "16:00"),))
    (fix, *_) = fixed(week, roster, hole_of(week, roster))
    assert (fix.what, fix.new[0].start_min, fix.left) == ("moved", MORNING[0], 0)


def test_a_squadron_that_has_too_many_lends_one() -> None:
    """On duty there with nothing to do."""
    week = problem(squadrons=2, teams=1, needed=only(*MORNING, squadrons=2), vehicles=2)
    roster = patrols(made(week, s1t0=((0, "08:00", "14:00"),)))
    gone = {**week.crews[0]}
    del gone[T0]
    week = replace(week, crews=(gone, *week.crews[1:]), _home={})
    (fix, *_) = fixed(week, roster, hole_of(week, roster))
    assert (fix.what, fix.lent, fix.new[0].squadron) == ("lent", "s1", "s0")
    assert fix.left == 0


def test_a_law_gives_way_by_a_step_only_where_nothing_else_helps() -> None:
    """Until 21:00 the evening before: eight is the first hour, and seven is asked for."""
    past = {"s0t0o": worked([(-1, "17:00", "21:00")])}
    week = problem(teams=1, needed=only(*span(0, "07:00", "08:00")), past=past)
    found = fixed(week, Roster(), hole_of(week, Roster()), most=9)
    assert [fix.what for fix in found] == ["exempt", "relaxed"]
    assert found[1].limits == {"rest_min": 600}


def test_a_duty_that_has_room_takes_the_task() -> None:
    """It is there, and nobody told it."""
    task = Task("school", "school", SquadronId("s0"), *span(0, "09:00", "10:00"), on_road=True,
                road_class="residential")  # fmt: skip
    week = problem(teams=1, needed=0, tasks=[task])
    roster = made(week, s0t0=((0, "08:00", "14:00"),))
    assert "tasked" in kinds(week, patrols(roster), "fixed-duties")


def test_a_role_of_the_day_is_given_to_who_is_there() -> None:
    """The leader is on patrol."""
    week = problem(teams=1, needed=0)
    roster = made(week, s0t0=((0, "08:00", "14:00"),))
    bare = patrols(roster)
    hole = next(hole for hole in holes(week, bare) if hole.task == "leader/s0/0")
    (fix, *_) = fixed(week, bare, hole)
    assert (fix.what, fix.new[0].kind) == ("tasked", "leader")


def test_whoever_lacks_the_skill_is_in_the_way_by_it() -> None:
    """Nobody of the squadron speaks it."""
    task = Task("desk", "desk", SquadronId("s0"), *MORNING, skills=frozenset({"russian"}))
    week = problem(teams=2, needed=0, tasks=[task])
    hole = hole_of(week, Roster(), "fixed-duties")
    tries = barriers(week, Roster(), hole, windows(week, Roster(), hole, options_of(week))).tries
    found = smallest(week, hole, tries)
    assert len(found.barriers) == 1
    assert next(iter(found.barriers))[0] == "skills"
    assert fixed(week, Roster(), hole) == []


def test_ids_of_new_duties_are_those_of_their_teams() -> None:
    """As every roster's are."""
    week = problem(teams=2, needed=only(*MORNING))
    (fix, *_) = fixed(week, Roster(), hole_of(week, Roster()))
    assert fix.new[0].id == duty_id(fix.new[0].team, DATES[0])
    assert fix.new[0].officer == PersonId(f"{fix.new[0].team}o")


def test_slight_holes_are_told_by_squadron_and_none_is_left_out() -> None:
    """One unit less for a half hour has no line of its own, unless it is of the dearest."""
    slight = [Hole("cover-demand", SquadronId("s0"), (0, 30), 1, 10, slots=((n, 1),))
              for n in range(3)]  # fmt: skip
    longer = Hole("cover-demand", SquadronId("s0"), (0, 60), 1, 20, slots=((0, 1), (1, 1)))
    task = Hole("fixed-duties", SquadronId("s0"), (0, 60), 1, 200, task="school")
    found = [task, longer, *slight]
    assert split(found, 0) == ([task, longer], slight)
    assert split(found, 3) == ([task, longer, slight[0]], slight[1:])
