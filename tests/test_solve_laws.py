"""The laws of the engines against `check`, which shares no code with them."""

from dataclasses import replace

import numpy as np
import pytest
from rosters import problem
from small_weeks import allowed, bare, between, edgy, free_hours, lines_of, week_of

from config.cells import DutyKind
from config.ids import SquadronId, TeamId
from config.settings import Limits
from scheduler.problem import Problem, Task
from scheduler.rules import check
from scheduler.solve.boolean import Plain
from scheduler.solve.model import Model, model_of
from scheduler.solve.options import Span, options_of

TEAM = TeamId("s0t0")


def lawful(week: Problem, model: Model, line: tuple[int, ...]) -> bool:
    """Whether `check` finds nothing in the roster of one line."""
    options = model.options
    spans = [
        Span(int(options.day[n]), int(options.start_min[n]), int(options.end_min[n])) for n in line
    ]
    return not check(week, bare(week, {TEAM: spans}))


@pytest.mark.parametrize("seed", range(30))
def test_pricing_and_check_agree_on_every_line(seed: int) -> None:
    """A line is a path of the pricing exactly when check() finds no breach."""
    week = edgy(seed)
    model = model_of(week)
    lines = lines_of(model, seed, 60)
    found = allowed(model, lines)
    told = [lawful(week, model, line) for line in lines]
    wrong = [line for line, a, b in zip(lines, found, told, strict=True) if a != b]
    assert not wrong, (seed, wrong[0], check_of(week, model, wrong[0]))


def check_of(week: Problem, model: Model, line: tuple[int, ...]) -> list[object]:
    """What `check` says, for the failure message."""
    options = model.options
    spans = [
        Span(int(options.day[n]), int(options.start_min[n]), int(options.end_min[n])) for n in line
    ]
    return [spans, *check(week, bare(week, {TEAM: spans}))]


@pytest.mark.parametrize("seed", range(6))
def test_booleans_and_check_agree_on_every_line(seed: int) -> None:
    """The second engine allows a line exactly when check() finds no breach."""
    week = edgy(1000 + seed)
    model, plain = model_of(week), Plain(week)
    lines = lines_of(model, seed, 12)
    wrong = [line for line in lines if plain.allows(TEAM, line) != lawful(week, model, line)]
    assert not wrong, (seed, wrong[0], check_of(week, model, wrong[0]))


@pytest.mark.parametrize("seed", range(12))
def test_booleans_and_check_agree_before_a_published_week(seed: int) -> None:
    """Duties of later weeks are in the line of their people as those of earlier weeks are."""
    week = between(2000 + seed)
    model, plain = model_of(week), Plain(week)
    lines = lines_of(model, seed, 12)
    wrong = [line for line in lines if plain.allows(TEAM, line) != lawful(week, model, line)]
    assert not wrong, (seed, wrong[0], check_of(week, model, wrong[0]))


@pytest.mark.parametrize("seed", range(12))
def test_pricing_allows_all_that_check_does_before_a_published_week(seed: int) -> None:
    """So its bound holds: what the search knows of later weeks forbids nothing lawful."""
    week = between(3000 + seed)
    model = model_of(week)
    told = [line for line in lines_of(model, seed, 40) if lawful(week, model, line)]
    assert all(allowed(model, told))


@pytest.mark.parametrize("seed", range(6))
def test_pricing_knows_single_duties_that_no_later_week_allows(seed: int) -> None:
    """But for the month and two days off together, for which a duty alone is seldom to blame."""
    week = between(4000 + seed)
    limits = {"most_in_month_min": 40_000, "two_days_off_in_days": 60}
    week = replace(week, limits=week.limits.model_copy(update=limits))
    model = model_of(week)
    alone: list[tuple[int, ...]] = [
        (n,) for n in range(model.options.of_day[5], model.options.count)
    ]
    late = [line for line in alone if not lawful(week, model, line)]
    found = allowed(model, late)
    saturday_nights = model.options.night & (model.options.day == 5)
    assert not any(
        told for told, (n, *_) in zip(found, late, strict=True) if not saturday_nights[n]
    )


@pytest.mark.parametrize(
    ("kind", "longest_h", "made"), [("operation", 12, True), ("operation", 10, False),
                                    ("fixed", 10, True)],
)  # fmt: skip
def test_an_operation_gets_a_duty_of_its_own_up_to_its_length(
    kind: DutyKind, longest_h: int, *, made: bool
) -> None:
    """Eleven hours are more than any shift: only an operation that may be so long has a duty."""
    limits = Limits(operation_length_h=longest_h)
    task = Task("joint", kind, SquadronId("s0"), 1200, 1860)
    options = options_of(problem(tasks=[task], limits=limits))
    assert (options.find(0, 1200, 1860) is not None) == made


def test_the_lines_tested_are_neither_all_lawful_nor_all_broken() -> None:
    """The two tests above would notice an engine that allows all or nothing."""
    told = []
    for seed in range(40):
        week = edgy(seed)
        model = model_of(week)
        told += [lawful(week, model, line) for line in lines_of(model, seed, 10)]
    assert 0.15 < sum(told) / len(told) < 0.85


@pytest.mark.parametrize("seed", range(5))
def test_pricing_is_exact(seed: int) -> None:
    """No lawful line that was drawn is worth more than the best that the pricing finds."""
    week = week_of(seed)
    model = model_of(week)
    group = model.groups[0]
    worth = np.random.default_rng(seed).integers(0, 50, model.options.count).astype(float)
    best = free_hours(model).price(0, worth[model.doubled.source])
    drawn = [
        worth[list(line)].sum()
        for line in lines_of(model, seed, 400)
        if lawful_of(week, model, group.teams[0], line)
    ]
    assert max(drawn, default=0.0) <= -best.bound + 1e-9


def lawful_of(week: Problem, model: Model, team: TeamId, line: tuple[int, ...]) -> bool:
    """Whether a team may work a line, by `check` alone."""
    options = model.options
    spans = [
        Span(int(options.day[n]), int(options.start_min[n]), int(options.end_min[n])) for n in line
    ]
    return not check(week, bare(week, {team: spans}))
