"""Who works which duty: stretches of days change hands within a squadron where that is wished for.

Wishes weigh so little beside cover that a search may end before it comes to them. Where two teams
exchange what they do on some days in a row, cover stays as it is; what the two pay for their own,
hours and burdens, falls. Done as long as anything is gained, the laws allow it, and whatever is
counted, such as leaders and fixed duties, keeps those who can do it.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np

from config.ids import TeamId
from scheduler.problem import IntArray, Problem
from scheduler.roster import Duty, Roster, duty_id
from scheduler.rules import check, rules_of
from scheduler.slots import DAYS
from scheduler.solve.law import Law
from scheduler.solve.lines.problem import TOLERANCE, FloatArray
from scheduler.solve.model import Group, Model, Weeks, hours_cost
from scheduler.solve.options import Span
from scheduler.solve.stated import stated
from scheduler.terms import DRIFT_DAYS

MOST_TEAMS = 100
"""Of a squadron: more have more exchanges than can be looked at in passing."""
TRIES = 300
"""Exchanges of a squadron that are looked at by the laws."""
NEVER = 1e12
INTERVALS = tuple(combinations(range(DAYS + 1), 2))


def turned(model: Model, weeks: Weeks) -> Weeks:
    """The same duties by other teams; each squadron's cost its teams no more than before.

    Args:
        model: Of the problem.
        weeks: Of each team, lawful.
    """
    found = dict(weeks)
    options = model.options
    spans = zip(options.day.tolist(), options.start_min.tolist(), options.end_min.tolist(),
                strict=True)  # fmt: skip
    number = {span: n for n, span in enumerate(spans)}
    for row in range(len(model.problem.squadrons)):
        own = {team: group for group in model.groups if group.squadron == row
               for team in group.teams}  # fmt: skip
        if len({group.line.cost.tobytes() for group in own.values()}) > 1 < len(own) <= MOST_TEAMS:
            squadron = _Squadron(model, own, [[number[s] for s in weeks[team]] for team in own])
            squadron.exchange()
            found |= squadron.weeks()
    return found


class _Squadron:
    """A squadron's week by team and day: the option taken, or −1."""

    def __init__(
        self, model: Model, own: Mapping[TeamId, Group], lines: Sequence[Sequence[int]]
    ) -> None:
        """Lay out what everybody does."""
        self.model, self.teams, self.groups = model, list(own), list(own.values())
        self.taken = np.full((len(own), DAYS), -1, dtype=np.int64)
        for at, line in enumerate(lines):
            self.taken[at, model.options.day[list(line)]] = line
        every = np.array([group.line.cost for group in self.groups])
        never = ~np.array([group.line.allowed for group in self.groups])
        nothing = np.zeros((len(own), 1))  # option −1
        self.cost = np.hstack([np.where(never, NEVER, every), nothing])
        self.minutes = np.append(model.options.minutes, 0)
        self.tries = TRIES
        self.follow: dict[tuple[int, int], bool] = {}
        self.refused: set[tuple[int, ...]] = set()
        problem = model.problem
        self.law = Law.of(law for _, law in stated(problem, rules_of(problem)).laws)

    def exchange(self) -> None:
        """Make the best lawful exchange, as long as there is one."""
        while any(self._made(*swap) for swap in self._swaps()):
            pass

    def weeks(self) -> Weeks:
        """What each team does now."""
        return {team: self._spans(self.taken[at]) for at, team in enumerate(self.teams)}

    def _spans(self, line: IntArray) -> tuple[Span, ...]:
        options = self.model.options
        return tuple(
            Span(int(options.day[n]), int(options.start_min[n]), int(options.end_min[n]))
            for n in line[line >= 0]
        )

    def _swaps(self) -> Iterator[tuple[int, int, int, int]]:
        """Two teams, first day and the day after the last; those that gain most first."""
        teams, taken = np.arange(len(self.teams)), self.taken
        other = self.cost[teams[:, None, None], taken[None, :, :]]  # (who, whose, day)
        own = other[teams, teams]
        change = _summed(other - own[:, None, :])
        minutes = self.minutes[taken]
        more = _summed((minutes[None, :, :] - minutes[:, None, :]).astype(float)).astype(np.int64)
        total = minutes.sum(axis=1)
        for at, group in enumerate(self.groups):
            hours = hours_cost(group.line, total[at] + more[at]) - hours_cost(group.line, total[at])
            change[at] += hours
        both = change + change.transpose(1, 0, 2)
        gains = np.argwhere(np.triu(np.ones(both.shape[:2], dtype=bool), 1)[:, :, None]
                            & (both < -TOLERANCE))  # fmt: skip
        order = np.argsort(both[tuple(gains.T)], kind="stable")
        for a, b, n in gains[order].tolist():
            yield a, b, *INTERVALS[n]

    def _made(self, a: int, b: int, first: int, last: int) -> bool:
        """Exchange if it is lawful and loses nobody who is counted."""
        if not self.tries:
            return False
        lines = self.taken[a].copy(), self.taken[b].copy()
        lines[0][first:last] = self.taken[b, first:last]
        lines[1][first:last] = self.taken[a, first:last]
        if not (self._fits(a, lines[0]) and self._fits(b, lines[1]) and self._serve(a, b, lines)):
            return False
        if (key := (a, b, *lines[0].tolist(), *lines[1].tolist())) in self.refused:
            return False
        self.tries -= 1
        weeks = {self.teams[a]: self._spans(lines[0]), self.teams[b]: self._spans(lines[1])}
        if not _lawful(self.model.problem, weeks):
            self.refused.add(key)
            return False
        self.taken[a], self.taken[b] = lines
        return True

    def _fits(self, at: int, line: IntArray) -> bool:
        """Whether a week can be lawful at all: what is quickly seen of it."""
        own, options, law = self.groups[at].line, self.model.options, self.law
        off = line < 0
        if self.teams[at] in self.model.problem.spared and not (off[1:] & off[:-1]).any():
            return False
        worked, before, run = 0, -1, own.run_days
        for day, n in enumerate(line.tolist()):
            run = run + 1 if n >= 0 else 0
            if n < 0:
                continue
            worked += int(self.minutes[n])
            if run > law.run_days or worked > own.cap_min[day]:
                return False
            if before < 0 and not own.first[n]:
                return False
            if before >= 0 and not self._follows(before, n, day - int(options.day[before])):
                return False
            before = n
        return True

    def _follows(self, before: int, n: int, days: int) -> bool:
        """Whether one duty may follow another that many days later."""
        if (before, n) not in self.follow:
            options, law = self.model.options, self.law
            part, at = slice(n, n + 1), slice(before, before + 1)
            earlier = options.start_min[at], options.end_min[at], options.night[at]
            ok = bool(law.follows(earlier, options, part, np.array([[days == 1]])).all())
            if days <= DRIFT_DAYS:
                ok &= bool(
                    law.drifts(options.clock_min[at], options, part, np.array([[days]])).all()
                )
            self.follow[before, n] = ok
        return self.follow[before, n]

    def _serve(self, a: int, b: int, lines: tuple[IntArray, IntArray]) -> bool:
        """Whether two teams serve each counted row by at least as many duties as before."""
        before = self._served(a, self.taken[a]) + self._served(b, self.taken[b])
        return bool((self._served(a, lines[0]) + self._served(b, lines[1]) >= before).all())

    def _served(self, at: int, line: IntArray) -> IntArray:
        return np.asarray(
            self.groups[at].counts[line[line >= 0]].toarray().astype(bool).sum(axis=0)
        ).ravel()


def _summed(by_day: FloatArray) -> FloatArray:
    """Sums over each interval of days, shape (…, intervals)."""
    upto = np.concatenate([np.zeros((*by_day.shape[:-1], 1)), by_day.cumsum(axis=-1)], axis=-1)
    return np.stack([upto[..., last] - upto[..., first] for first, last in INTERVALS], axis=-1)


def _lawful(problem: Problem, weeks: Weeks) -> bool:
    """Whether teams break no law that asks about each person alone."""
    duties = []
    for team, spans in weeks.items():
        for day, start_min, end_min in spans:
            on, crew = problem.dates[day], problem.crews[day].get(team)
            if crew is None:
                continue  # it is not there, and the duty is left out
            there = tuple(
                person for person in problem.sure(team, day)
                if problem.persons[person].is_free(start_min, end_min)
            )  # fmt: skip
            duties.append(Duty(
                duty_id(team, on), team, crew.squadron, on, start_min, end_min, "patrol",
                crew.officer, there,
            ))  # fmt: skip
    return not check(problem, Roster(tuple(duties)), "person")
