"""What is certified of each tier: never more than another roster has, and honest where unknown."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest
from rosters import SLOTS, problem, span
from small_weeks import bare, tiny

from config.ids import TeamId
from scheduler.certified import certified
from scheduler.problem import Problem
from scheduler.roster import Roster
from scheduler.rules import Tier, cost_by_tier
from scheduler.shares import Over
from scheduler.solve.engine import cost_of, solve
from scheduler.solve.options import Span
from scheduler.solve.weights import SCALE
from scheduler.terms import CostTerm, Count, Cover, Dislike, Prefer

T0 = TeamId("s0t0")
MORNINGS = tuple(Span(day, *span(day, "08:00", "16:00")) for day in range(5))


@dataclass(frozen=True)
class Told:
    """A roster with what is said of all rosters."""

    roster: Roster
    bound: float
    contract_least: int | None = None


@dataclass(frozen=True)
class Wishes:
    """A rule that wishes for one thing."""

    said: CostTerm
    tier: Tier = Tier.WISH
    id: str = "as-wished"

    def terms(self, _: Problem) -> Iterator[CostTerm]:
        """What it was made to say."""
        yield self.said


def week() -> Problem:
    """One team, needed on five mornings and on none of the rest."""
    needed = np.zeros((1, SLOTS), dtype=np.int64)
    for _, first, last in MORNINGS:
        needed[0, first // 30 : last // 30] = 1
    return problem(teams=1, needed=needed)


def least_of(found: Told, of: Problem) -> dict[Tier, int | None]:
    """Of each tier what is certified."""
    return {one.tier: one.least for one in certified(of, found)}


def test_what_costs_nothing_is_the_best_whatever_is_known() -> None:
    """No cost is below 0."""
    roster = bare(week(), {T0: MORNINGS})
    assert cost_by_tier(week(), roster)[Tier.CONTRACT] == 0
    assert least_of(Told(roster, 0.0), week())[Tier.CONTRACT] == 0


def test_a_bound_is_a_tiers_own_where_all_above_is_as_good_as_can_be() -> None:
    """Of cover what is left of the bound; with the contract at its least."""
    of = week()
    roster = bare(of, {T0: MORNINGS})
    cover = cost_by_tier(of, roster)[Tier.COVER]
    assert cover > 0  # no leader and no stand-by
    assert least_of(Told(roster, cover - 7.0), of)[Tier.COVER] == cover - 7


def test_nothing_is_known_of_cover_while_a_contract_may_cost_less() -> None:
    """A roster with more contract hours may cover less; its cover was not asked for."""
    of = week()
    roster = bare(of, {T0: MORNINGS[:4]})
    found = least_of(Told(roster, cost_of(of, roster), contract_least=0), of)
    assert found[Tier.CONTRACT] == 0
    assert found[Tier.COVER] is None


def test_nothing_is_known_of_cover_without_a_bound() -> None:
    """0 is no bound of a cost."""
    roster = bare(week(), {T0: MORNINGS})
    assert least_of(Told(roster, 0.0), week())[Tier.COVER] is None


def test_of_wishes_nothing_is_known_while_cover_may_cost_less() -> None:
    """Nights are worked by whoever had too many; better cover may need more of them."""
    of = problem(teams=1, needed=1)
    over = {name: replace(one, over=Over(nights=3.0)) for name, one in of.persons.items()}
    of = replace(of, persons=over)
    nights = [Span(day, *span(day, "22:00", "06:00")) for day in range(3)]
    roster = bare(of, {T0: nights})
    assert cost_by_tier(of, roster)[Tier.WISH] > 0
    least = cost_by_tier(of, roster)[Tier.CONTRACT]
    found = least_of(Told(roster, cost_of(of, roster) - 50, contract_least=least), of)
    assert found[Tier.WISH] is None


NOBODY, PAIR = np.zeros((1, SLOTS), dtype=np.int64), np.zeros((1, SLOTS), dtype=np.int64)
PAIR[0, 16:20] = 2  # Monday 08:00 to 10:00


@pytest.mark.parametrize(
    ("wish", "most"),
    [
        (Count("two", 2, SCALE, frozenset({T0}), (500, 600)), 2),
        (Cover(((PAIR // 2, SCALE), (PAIR, SCALE)), (), NOBODY), 4 + 4),
        (Cover((), ((NOBODY, SCALE),), PAIR), SLOTS + 2 * 4),
        (Dislike(T0, (5, 6), nights=False, cost=SCALE), 7),
        (Prefer(T0, 300, short=SCALE, over=0), 10),
        (Prefer(T0, 2760, short=0, over=SCALE), 4),
    ],
    ids=["count", "cover", "units too many", "dislike", "too short", "too long"],
)
def test_of_a_bound_a_tier_gets_what_wishes_cannot_cost(
    wish: CostTerm, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever price is wished for: the worst roster for it costs no more."""
    of = week()
    roster = bare(of, {T0: MORNINGS})
    cover = cost_by_tier(of, roster)[Tier.COVER]
    monkeypatch.setattr("scheduler.certified.rules_of", lambda _: (Wishes(wish),))
    assert least_of(Told(roster, cover), of)[Tier.COVER] == cover - most


@pytest.mark.parametrize("seed", range(4))
def test_a_proven_week_is_certified_and_no_other_roster_goes_below(seed: int) -> None:
    """Every roster with the same contract costs at least what is certified of cover."""
    of = tiny(seed)
    solved = solve(of, rounds=2, seed=1)
    found = {one.tier: one for one in certified(of, solved)}
    assert found[Tier.CONTRACT].least == found[Tier.CONTRACT].cost
    for other in range(3):
        rival = solve(of, rounds=1, seed=10 + other).roster
        costs = cost_by_tier(of, rival)
        assert costs[Tier.CONTRACT] >= (found[Tier.CONTRACT].least or 0)
        if costs[Tier.CONTRACT] == found[Tier.CONTRACT].cost:
            assert costs[Tier.COVER] >= (found[Tier.COVER].least or 0)
