"""Every term of the vocabulary in both engines, alone, against a reading of its own docstring.

Here a term meets no rule and no district: what it says is counted out minute by minute and date
by date. Whatever an engine does not keep, it refuses, with the name of the rule that asks for it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, get_args

import numpy as np
import pytest
from rosters import SLOTS, problem
from small_weeks import allowed, edgy, lines_of, with_starts

from config.durations import DAY_MIN
from config.ids import TeamId
from scheduler.problem import Person, Problem
from scheduler.roster import Roster
from scheduler.rules import Breach, Tier
from scheduler.slots import DAYS
from scheduler.solve.boolean import Plain
from scheduler.solve.lines.search import Search
from scheduler.solve.model import model_of
from scheduler.solve.options import Options, Span
from scheduler.solve.stated import Misstated
from scheduler.solve.weights import WEIGHT
from scheduler.terms import (
    DRIFT_DAYS,
    AtOnce,
    CostTerm,
    Count,
    Cover,
    DaysOff,
    Dislike,
    Drift,
    Forbid,
    LawTerm,
    MinGap,
    Prefer,
    Run,
    Term,
    Window,
)

TEAM = TeamId("s0t0")
Rules = Sequence[Any]
"""Of `Says`: the protocol of rules has its fields by class, these have them each."""


@dataclass(frozen=True)
class Says:
    """A rule that says some terms in a tier; nobody checks it."""

    tier: Tier
    said: tuple[object, ...]
    id: str = "as-said"

    def terms(self, _: Problem) -> Iterator[Term]:
        """What it was made to say."""
        yield from self.said  # type: ignore[misc]  # some say what is no term

    def check(self, _: Problem, __: Roster) -> Iterator[Breach]:
        """Nothing."""
        yield from ()


def law(*said: object) -> list[Any]:
    """The terms as laws, and that duties do not overlap."""
    return [Says(Tier.LAW, (MinGap(0),)), Says(Tier.LAW, said)]


ENGINES: Mapping[str, Callable[[Problem, Rules], object]] = {
    "lines": lambda week, rules: model_of(week, rules=rules),
    "booleans": lambda week, rules: Plain(week, rules=rules),
}


# Laws, read from their docstrings.


@dataclass(frozen=True)
class Stay:
    """A duty of the week or before it: day it starts on, minutes."""

    day: int
    start_min: int
    end_min: int
    ours: bool


def stays(week: Problem, person: Person, line: Sequence[Span]) -> list[Stay]:
    """All that a person works, in order."""
    past = [Stay(week.day(w.date), w.start_min, w.end_min, ours=False) for w in person.past]
    return sorted([*past, *(Stay(*span, ours=True) for span in line)], key=lambda s: s.start_min)


def keeps(week: Problem, person: Person, term: LawTerm, line: Sequence[Span]) -> bool:
    """Whether a person's week keeps a term."""
    worked = stays(week, person, line)
    pairs = [(a, b) for a, b in pairwise(worked) if b.ours]
    ours = [stay for stay in worked if stay.ours]
    match term:
        case Forbid(_, start, end, day):
            here = [s for s in ours if day in (None, s.day)]
            return not any(s.start_min < end and start < s.end_min for s in here)
        case MinGap(minutes, "duty"):
            return all(b.start_min - a.end_min >= minutes for a, b in pairs)
        case MinGap(minutes):
            return all(
                b.start_min - a.end_min >= minutes or (night(week, b) and b.day == a.day + 1)
                for a, b in pairs if night(week, a)
            )  # fmt: skip
        case Run(most, of):
            dates = {s.day for s in worked if of == "duties" or night(week, s)}
            return not any(
                all(s.day - n in dates for n in range(most + 1)) for s in ours if s.day in dates
            )
        case Window(most, "span", length):
            return fullest(worked, length) <= most
        case Window(most, "dates", length):
            return all(total(worked, s.day - length, s.day) <= most for s in ours)
        case Window(most):
            months = [(date.year, date.month) for date in week.dates]
            brought = {months[0]: person.month_min}
            return all(
                brought.get(month, 0)
                + sum(s.end_min - s.start_min for s in ours if months[s.day] == month) <= most
                for month in {months[s.day] for s in ours}
            )  # fmt: skip
        case DaysOff(within):
            dates = {s.day for s in worked}
            return all(
                any(not {n, n - 1} & dates for n in range(last - within + 2, last + 1))
                for last in range(DAYS) if any(s.day <= last for s in ours)
            )  # fmt: skip
        case Drift(most):
            return all(
                moved(week, a, b) <= most * min(b.day - a.day, DRIFT_DAYS)
                for a, b in pairwise(ours)
            )
        case _:
            raise AssertionError(term)


def night(week: Problem, stay: Stay) -> bool:
    """Whether it is a night."""
    return week.is_night(stay.start_min, stay.end_min)


def moved(week: Problem, a: Stay, b: Stay) -> int:
    """Minutes between the clock times of two starts, the short way round."""
    off = (week.clock_min(a.start_min) - week.clock_min(b.start_min)) % DAY_MIN
    return min(off, DAY_MIN - off)


def total(worked: Sequence[Stay], after: int, last: int) -> int:
    """Minutes of the duties of some dates."""
    return sum(s.end_min - s.start_min for s in worked if after < s.day <= last)


def fullest(worked: Sequence[Stay], length: int) -> int:
    """Most minutes of any window that touches a duty of the week, minute by minute."""
    early = 20 * DAY_MIN
    at_work, ours = np.zeros(40 * DAY_MIN, dtype=np.int64), np.zeros(40 * DAY_MIN, dtype=np.int64)
    for stay in worked:
        at_work[stay.start_min + early : stay.end_min + early] = 1
        ours[stay.start_min + early : stay.end_min + early] = stay.ours
    sums = [np.concatenate([[0], np.cumsum(of)]) for of in (at_work, ours)]
    within, own = (of[length:] - of[:-length] for of in sums)
    return int(np.where(own > 0, within, 0).max())


LAWS: tuple[LawTerm, ...] = (
    Forbid(TEAM, 600, 2000), Forbid(TEAM, 600, 6000, 3), MinGap(0), MinGap(660), MinGap(1200),
    MinGap(2000), MinGap(2880), MinGap(1440, "nights"), MinGap(2040, "nights"),
    MinGap(2880, "nights"), MinGap(3000, "nights"), Run(1, "duties"),
    Run(3, "duties"), Run(6, "duties"), Run(9, "duties"), Run(1, "nights"), Run(3, "nights"),
    Run(8, "nights"), Window(720, "span", 1440), Window(480, "span", 1440),
    Window(540, "span", 900), Window(2400, "dates", 7), Window(2400, "dates", 9),
    Window(5000, "dates", 14), Window(11_000, "month"), DaysOff(8), DaysOff(9), DaysOff(14),
    Drift(0), Drift(240), Drift(300),
)  # fmt: skip


def told(term: object) -> str:
    """Its name in a list of tests."""
    return str(term).replace("scheduler.terms.", "")


@dataclass(frozen=True)
class Read:
    """Some random lines of one team under one term, and whether they keep it."""

    lines: list[tuple[int, ...]]
    keeps: list[bool]


def read(week: Problem, term: LawTerm, seed: int, count: int) -> Read:
    """Lines drawn at the term's edges, and our own reading of the term."""
    model = model_of(week, rules=law(term))
    lines = [line for line in lines_of(model, seed, count) if not overlaps(model.options, line)]
    people = [week.persons[p] for p in sorted({p for p in week.persons if p.startswith(TEAM)})]
    found = []
    for line in lines:
        spans = spans_of(model.options, line)
        apart = [keeps(week, person, MinGap(0), spans) for person in people]
        found.append(all(apart) and all(keeps(week, person, term, spans) for person in people))
    return Read(lines, found)


def spans_of(options: Options, line: Sequence[int]) -> list[Span]:
    """A line's duties."""
    return [
        Span(int(options.day[n]), int(options.start_min[n]), int(options.end_min[n])) for n in line
    ]


def overlaps(options: Options, line: Sequence[int]) -> bool:
    """Whether two duties of a line are at the same time."""
    return any(options.start_min[b] < options.end_min[a] for a, b in pairwise(line))


@pytest.mark.parametrize("term", LAWS, ids=told)
def test_the_pricing_keeps_a_law_as_it_is_said(term: LawTerm) -> None:
    """A line is a path of the pricing exactly when every person in it keeps the term."""
    for seed in range(4):
        week = edgy(seed)
        known = read(week, term, seed, 60)
        found = allowed(model_of(week, rules=law(term)), known.lines)
        assert found == known.keeps, (seed, first_wrong(known, found))


@pytest.mark.parametrize("term", LAWS, ids=told)
def test_the_booleans_keep_a_law_as_it_is_said(term: LawTerm) -> None:
    """The second engine allows a line exactly when every person in it keeps the term."""
    week = edgy(11)
    known, plain = read(week, term, 11, 10), Plain(week, rules=law(term))
    found = [plain.allows(TEAM, line) for line in known.lines]
    assert found == known.keeps, first_wrong(known, found)


def first_wrong(known: Read, found: Sequence[bool]) -> object:
    """The first line on which an engine and we differ."""
    both = zip(known.lines, known.keeps, found, strict=True)
    return next((line, ours) for line, ours, theirs in both if ours != theirs)


@pytest.mark.parametrize("term", [t for t in LAWS if t != MinGap(0)], ids=told)
def test_the_lines_that_are_drawn_keep_and_break_a_law(term: LawTerm) -> None:
    """The tests above would notice an engine that passes the term over, or forbids everything."""
    found = (kept for seed in range(12) for kept in read(edgy(seed), term, seed, 60).keeps)
    first = next(found)
    assert any(kept != first for kept in found), term


def test_at_once_is_kept_by_both_engines() -> None:
    """Two teams want to be there always, one may: no slot has both."""
    week = with_starts(problem(teams=2), (480,))
    wanted = Cover(((np.full((1, SLOTS), 2), 5),), (), np.zeros((1, SLOTS), dtype=np.int64))
    rules = [*law(AtOnce(np.ones((1, SLOTS), dtype=np.int64))), Says(Tier.COVER, (wanted,))]
    cost, plain = cheapest(week, rules)
    free, _ = cheapest(week, rules[:1] + rules[2:])
    assert cost == plain > free


# Prices, in every tier.


def cheapest(week: Problem, rules: Rules) -> tuple[float, float]:
    """Least cost that each engine finds and proves."""
    model = model_of(week, rules=rules)
    lines = Search(model.lines, seed=0, workers=1).run(0, rounds=2)
    booleans = Plain(week, rules=rules).best(20, workers=2)
    assert booleans.cost == pytest.approx(booleans.bound)
    return lines.cost, booleans.cost


def priced() -> Mapping[str, tuple[tuple[object, ...], float]]:
    """Per term of prices: what is said, and the points that the best week costs by our reading.

    Of one team that may work at 08:00 for eight hours each day, and is wanted as it is said.
    """
    none, one = np.zeros((1, SLOTS), dtype=np.int64), np.zeros((1, SLOTS), dtype=np.int64)
    one[0, 16 : 16 + 16 + 2] = 1  # Monday 08:00 to 17:00: the duty covers all but two slots
    work = Prefer(TEAM, 7 * 480, short=1000, over=0)
    return {
        "cover": ((Cover(((one, 5),), (), none),), 2 * 5),
        "count": ((Count("two", 2, 5, frozenset({TEAM}), (500, 600)),), 5),
        "prefer": ((Prefer(TEAM, 7 * 480 + 60, short=5, over=0),), 2 * 5),
        "dislike": ((work, Dislike(TEAM, (2,), nights=False, cost=5)), 5),
    }


@pytest.mark.parametrize("tier", WEIGHT, ids=lambda tier: tier.name)
@pytest.mark.parametrize("name", priced())
def test_a_price_weighs_as_its_tier_in_both_engines(name: str, tier: Tier) -> None:
    """The best week costs its points times the weight of the rule's tier."""
    said, points = priced()[name]
    week = with_starts(problem(teams=1), (480,))
    week = replace(week, limits=week.limits.model_copy(update={"shift_lengths_h": (8,)}))
    lines, booleans = cheapest(week, [*law(), Says(tier, said)])
    assert lines == booleans == pytest.approx(points * WEIGHT[tier])


# What is refused.

NO_STEPS = Cover((), (), np.zeros((1, SLOTS), dtype=np.int64))
ONE_OF_EACH: tuple[Term, ...] = (
    Forbid(TEAM, 0, 60), MinGap(660), Run(6, "duties"), Window(2880, "dates", 7), DaysOff(14),
    Drift(240), AtOnce(np.ones((1, SLOTS), dtype=np.int64)), NO_STEPS,
    Count("one", 1, 5, frozenset({TEAM}), (500, 600)), Prefer(TEAM, 2400, 1, 0),
    Dislike(TEAM, (5, 6), nights=False, cost=1),
)  # fmt: skip


def test_the_terms_tried_are_the_whole_vocabulary() -> None:
    """A new term needs a line here, and with it a decision in each engine."""
    assert {type(term) for term in ONE_OF_EACH} == {*get_args(LawTerm), *get_args(CostTerm)}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("tier", Tier, ids=lambda tier: tier.name)
@pytest.mark.parametrize("term", ONE_OF_EACH, ids=lambda term: type(term).__name__)
def test_a_term_is_taken_in_its_tiers_and_refused_in_the_others(
    term: Term, tier: Tier, engine: str
) -> None:
    """Nothing is a law by the way, and nothing is passed over."""
    week = with_starts(problem(teams=1), (480,))
    if isinstance(term, LawTerm) == (tier is Tier.LAW):
        ENGINES[engine](week, [Says(tier, (term,))])
        return
    with pytest.raises(Misstated, match=rf"as-said.*{tier.name}.*{type(term).__name__}"):
        ENGINES[engine](week, [Says(tier, (term,))])


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("term", [
    Run(0, "nights"), Window(960, "dates", 3), Window(960, "dates"), Window(960, "span", 2880),
    Window(960, "span"), Window(480, "month"), DaysOff(7), "a term of nobody",
], ids=told)  # fmt: skip
def test_what_an_engine_would_not_keep_is_refused(term: object, engine: str) -> None:
    """The message names the rule."""
    with pytest.raises(Misstated, match="as-said"):
        ENGINES[engine](with_starts(problem(teams=1), (480,)), [Says(Tier.LAW, (term,))])


def test_a_gap_longer_than_the_pricing_sees_is_refused() -> None:
    """The Booleans keep any gap."""
    with pytest.raises(Misstated, match="as-said"):
        model_of(edgy(0), rules=law(MinGap(4200)))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_second_cover_is_refused(engine: str) -> None:
    """It would take the place of the first."""
    rules = [Says(Tier.COVER, (NO_STEPS,)), Says(Tier.WISH, (NO_STEPS,), "another")]
    with pytest.raises(Misstated, match="another"):
        ENGINES[engine](with_starts(problem(teams=1), (480,)), rules)
