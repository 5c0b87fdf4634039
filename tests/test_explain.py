"""Why a person has a duty or none: every number is the rules' own and adds up to the cost."""

import csv
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from full_weeks import lawful_lines, random_week
from rosters import DATES, MONDAY, problem, span, worked
from sample_truth import folder_of

from config.errors import NotFound
from config.ids import MustArriveId, PersonId, PlaceId, SquadronId, TeamId
from config.words import words
from scheduler.advice.asked import asked
from scheduler.advice.explain import moment, why
from scheduler.advice.standing import used_by
from scheduler.costing import by_tier, cost_of, worth
from scheduler.problem import Due, Problem, Task
from scheduler.reasons import chance, completed
from scheduler.roster import Roster
from scheduler.rules import check, cost_by_tier, laws_of
from scheduler.solve.finish import finish
from scheduler.solve.options import Span

T0, T1 = TeamId("s0t0"), TeamId("s0t1")


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts are compared with the English catalogue."""
    monkeypatch.setenv("QINWU_LANG", "en")


def made(week: Problem, **lines: tuple[tuple[int, str, str], ...]) -> Roster:
    """The finished roster of some lines given as (day, start, end)."""
    spans = {TeamId(t): tuple(Span(d, *span(d, a, b)) for d, a, b in own)
             for t, own in lines.items()}  # fmt: skip
    return finish(week, spans).roster


def text(week: Problem, roster: Roster, person: str, day: int) -> str:
    """All lines of an explanation."""
    return "\n".join(why(week, roster, person, DATES[day]))


WEEK = problem(teams=2, needed=2, past={"s0t0o": worked([(-1, "08:00", "18:00")])})
ROSTER = made(
    WEEK, s0t0=((0, "08:00", "16:00"), (1, "21:00", "05:00")), s0t1=((0, "10:00", "18:00"),)
)


def test_what_a_duty_is_worth_adds_up_to_the_cost() -> None:
    """With it and what it saves is the cost without it, tier by tier, in random weeks."""
    for seed in range(600, 606):
        week = random_week(seed, teams=3)
        roster = finish(week, lawful_lines(week, seed)).roster
        with_it = cost_by_tier(week, roster)
        for duty in roster.duties[:6]:
            without = cost_by_tier(week, roster.replaced([duty.id]))
            changes = worth(week, roster, duty)
            for tier, cost in with_it.items():
                saved = sum(points for (of, _), points in changes.items() if of is tier)
                assert cost + saved == without[tier], (seed, duty.id)


def test_the_told_numbers_are_those_of_the_rules() -> None:
    """8 h of contract are 16 steps; the units of its hours; the second unit until 16:00."""
    told = text(WEEK, ROSTER, "s0t0o", 0)
    assert "from 08:00 1 of 2, from 10:00 2 of 2" in told
    duty = ROSTER.duties_of(PersonId("s0t0o"))[0]
    for (tier, rule), points in worth(WEEK, ROSTER, duty).items():
        name = words("en")(f"planner.rule.{rule}")
        tier_name = words("en")(f"planner.tier.{tier.name.lower()}")
        assert f"without it: {tier_name} {points:+d} ({name})" in told
    assert "contract half hours +16" in told


def test_the_next_start_is_the_first_that_the_laws_allow() -> None:
    """A minute earlier breaks them; after a night a day and an hour must pass."""
    told = text(WEEK, ROSTER, "s0t0o", 0)
    assert "11 h: the next duty may start at 2026-12-01 03:00" in told
    night = text(WEEK, ROSTER, "s0t0o", 1)
    assert "nights in a row 1 of 3 nights" in night
    assert "start at 2026-12-03 05:00" in night


def test_hours_count_what_was_worked_before_the_week() -> None:
    """10 h on the Sunday before, 8 h on Monday; of the month only what lies in it."""
    duty = ROSTER.duties_of(PersonId("s0t0o"))[0]
    found = {one.rule: one.used for one in used_by(WEEK, ROSTER, duty, PersonId("s0t0o"))}
    assert (found["most-in-seven-days"], found["days-in-a-row"]) == (1080, 2)
    assert found["nights-in-a-row"] == 0  # the night is tomorrow's
    assert found.keys() == {
        rule.id for rule in laws_of(WEEK) if rule.limit is not None and rule.limit.most
    }
    told = text(WEEK, ROSTER, "s0t0o", 0)
    for law in ("work in seven days 18 of 48 h", "work in a month 8 of 212 h", "row 2 of 6 days"):
        assert law in told


def test_an_auxiliary_is_told_to_whom_they_are_bonded() -> None:
    """And who else is there."""
    told = text(WEEK, ROSTER, "s0t0a0", 0)
    assert "bonded to s0t0o, with s0t0a1;" in told


def test_tasks_and_visits_are_named_even_from_a_file() -> None:
    """A roster.csv holds no tasks: they are found again by kind and hours."""
    task = Task(
        "school", "school", SquadronId("s0"), *span(0, "09:00", "11:00"), on_road=True,
        road_class="residential",
    )  # fmt: skip
    due = Due(
        MustArriveId("m1"), PlaceId("x"), SquadronId("s0"), 0, *span(0, "12:00", "14:00"),
        road_class="residential",
    )  # fmt: skip
    week = replace(WEEK, tasks=(task,), due=(due,), _home={})
    roster = made(week, s0t1=((0, "08:00", "16:00"),))
    bare = Roster(tuple(replace(duty, tasks=()) for duty in roster.duties))
    assert completed(week, bare) == roster
    told = text(week, bare, "s0t1o", 0)
    assert "it does school (school post, 2026-11-30 09:00 to 2026-11-30 11:00): 1 of 1" in told
    assert "cover points +200 (fixed duties)" in told
    assert "visits x 1" in told


# --- a day off -------------------------------------------------------------------------------


def test_leave_comes_first() -> None:
    """No law is looked up."""
    week = problem(teams=2, absent={"s0t0a0": [(0, 1440)]})
    assert why(week, Roster(), "s0t0a0", MONDAY) == [
        "s0t0a0 has no duty on 2026-11-30", "they are on leave that day",
    ]  # fmt: skip


def test_whose_officer_is_away_has_no_team() -> None:
    """An auxiliary never works alone."""
    crews = [{T1: WEEK.crews[0][T1]}, *WEEK.crews[1:]]
    week = replace(WEEK, crews=tuple(crews), _home={})
    assert "no team" in text(week, Roster(), "s0t0a0", 0)


def test_a_law_that_forbids_every_duty_is_named() -> None:
    """Six days in a row were worked before Monday."""
    past = {"s0t0o": worked((day, "08:00", "14:00") for day in range(-6, 0))}
    week = problem(teams=1, past=past)
    told = text(week, Roster(), "s0t0o", 0)
    assert "days in a row: forbids 144 of 144 possible duties of the day" in told
    assert "no duty on that day would be lawful" in told


def test_what_forbids_a_day_is_what_check_finds() -> None:
    """The best lawful duty is lawful and changes the cost as told; with none, all are unlawful."""
    lawful = 0
    for seed in range(700, 702):
        week = replace(random_week(seed, teams=3, due=0), tasks=(), _home={})
        roster = finish(week, lawful_lines(week, seed, 0.5)).roster
        for team in list(week.teams)[:2]:
            busy = {d.date for d in roster.duties if d.team == team}
            for day in (n for n in range(7) if DATES[n] not in busy and team in week.crews[n]):
                found = chance(week, roster, week.crews[day][team], day)
                assert found.tried == 144
                if found.best is None:
                    assert found.forbidden
                    continue
                duty, change = found.best
                more = roster.replaced((), [duty])
                wrong = {b.rule for b in check(week, more)} - {"vehicles"}  # it is given none yet
                assert wrong == set(), (seed, duty.id)
                after, before = cost_of(week, more), cost_of(week, roster)
                for tier, points in by_tier(change).items():
                    told = sum(after[k] - before[k] for k in {*after, *before} if k[0] is tier)
                    assert told == points, (seed, duty.id, tier)
                lawful += 1
    assert lawful > 2


def test_a_covered_day_needs_nobody_more() -> None:
    """A third unit where one is needed would only cost."""
    week = problem(teams=2, needed=0)
    roster = made(week, s0t0=tuple((day, "08:00", "16:00") for day in range(5)))
    told = text(week, roster, "s0t0o", 5)
    assert "works 40 of 40 contract hours" in told
    assert "nobody more is needed: the best lawful duty" in told


def test_a_team_that_goes_without_someone_says_which_law_keeps_them() -> None:
    """A guest who worked at home until 22:00 has too little rest for 08:00."""
    crews = [dict(of_day) for of_day in WEEK.crews]
    guest = PersonId("s0t1a0")
    crews[1][T0] = replace(crews[1][T0], auxiliaries=(*crews[1][T0].auxiliaries, guest))
    crews[1][T1] = replace(crews[1][T1], auxiliaries=(PersonId("s0t1a1"),))
    week = replace(WEEK, crews=tuple(crews), _home={})
    roster = made(week, s0t0=((1, "08:00", "16:00"),), s0t1=((0, "14:00", "22:00"),))
    told = text(week, roster, guest, 1)
    assert "their team s0t0 has s0t0@2026-12-01" in told
    assert "rest between duties" in told


def test_a_stranger_and_another_week_are_said_to_be() -> None:
    """Neither is a crash."""
    with pytest.raises(NotFound):
        why(WEEK, ROSTER, "nobody", MONDAY)
    other = why(WEEK, ROSTER, "s0t0o", MONDAY + timedelta(days=9))
    assert other == ["2026-12-09 does not lie in 2026-W49"]


def test_the_command_explains_a_published_roster(tmp_path: Path) -> None:
    """The sample district's week in force, read from its files, every number from its demand."""
    folder = folder_of(tmp_path / "district")
    with (folder / "roster" / "2026-W48" / "roster.csv").open(encoding="utf-8-sig") as file:
        row = next(csv.DictReader(file))
    week = asked(folder, "2026-W48", None, "en")
    told = why(week.problem, week.roster, row["officer"], date.fromisoformat(row["date"]))
    assert told[0].startswith(f"{row['officer']} leads {row['duty']}: ")
    assert any(line.startswith("without it: ") for line in told)
    with pytest.raises(NotFound):
        asked(folder, "2026-W40", None, "en")


def test_both_languages_explain(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same lines in Chinese."""
    english = why(WEEK, ROSTER, "s0t0o", DATES[1]), why(WEEK, ROSTER, "s0t1o", DATES[3])
    monkeypatch.setenv("QINWU_LANG", "zh-CN")
    chinese = why(WEEK, ROSTER, "s0t0o", DATES[1]), why(WEEK, ROSTER, "s0t1o", DATES[3])
    assert [len(told) for told in chinese] == [len(told) for told in english]
    assert "没有勤务" in chinese[1][0]


@pytest.mark.parametrize(("at_min", "told"), [
    (0, "2026-11-30 00:00"), (1439, "2026-11-30 23:59"), (7 * 1440 + 30, "2026-12-07 00:30"),
    (8 * 1440 + 60, "2026-12-08 01:00"),
])  # fmt: skip
def test_moments_may_lie_beyond_the_week(at_min: int, told: str) -> None:
    """A rest may end in the next week."""
    assert moment(WEEK, at_min) == told
