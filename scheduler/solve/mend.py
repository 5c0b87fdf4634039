"""The least change that puts right what is wrong with a roster, by CP-SAT, and its proof.

Everybody's days are choices; the first of each day is how it is. The weights of all other choices
are made least, together with those of work that nobody does; then their cost. What a statement of
laws does not know is refused roster by roster, so what comes out is lawful and the bound holds:
each refusal takes away that one only.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from ortools.sat.python import cp_model

from scheduler.solve.mend_work import Work


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody may do on a day.

    job: Number of the work that it does, None for none. span: Its minutes, None for a day off.
    weight: How much it changes; 0 for a day as it is. lack: What it is worse in, such as a skill.
    """

    job: int | None = None
    span: tuple[int, int] | None = None
    weight: int = 0
    lack: int = 0

    @property
    def points(self) -> int:
        """What is made least."""
        return self.weight + self.lack


Days = Sequence[Sequence[Choice]]
Lits = list[list[tuple[Choice, cp_model.IntVar]]]
"""Of each day: its choices, each with whether it is taken."""
Picks = Mapping[str, tuple[int, ...]]
"""Of each worker: the number of the choice of each day."""
NoGood = tuple[tuple[str, int, int], ...]
"""Worker, day and choice that cannot all be together."""
Price = tuple[cp_model.IntVar, int]


class Laws(Protocol):
    """What a roster must keep to, and what it costs."""

    def state(self, cp: cp_model.CpModel, worker: str, days: Lits) -> None:
        """State the laws of one worker's line; no stricter than they are."""

    def state_all(self, cp: cp_model.CpModel, lines: Mapping[str, Lits]) -> None:
        """State what holds for all lines together."""

    def prices(self, cp: cp_model.CpModel, worker: str) -> Iterable[Price]:
        """What a line costs that was stated before."""

    def refused(self, picks: Picks) -> Sequence[NoGood]:
        """What is unlawful of a roster; nothing when it is lawful."""


@dataclass(frozen=True, slots=True)
class Mended:
    """A lawful roster. weight: What it changes. points: That, and what it lacks.

    bound: No lawful roster has fewer points. undone: Jobs, by number, that lack somebody, each as
    often as it does.
    """

    picks: Picks
    weight: int
    points: int
    bound: int
    undone: tuple[int, ...] = ()

    @property
    def proven(self) -> bool:
        """Whether nothing less is possible."""
        return self.points <= self.bound


@dataclass(slots=True)
class Mender:
    """One repair.

    lines: Choices of each worker and day. wants: How many must do each job. undone: Points of
    each that is missing. laws: Of the lines.
    about: Days that something happened on; the search begins with these.
    """

    lines: Mapping[str, Days]
    wants: Sequence[int]
    undone: Sequence[int]
    laws: Laws
    about: frozenset[int]
    _nogoods: list[NoGood] = field(default_factory=list)

    def measured(self, picks: Picks, bound: int = 0) -> Mended:
        """A roster with what it changes."""
        taken = [self.lines[w][d][n] for w, days in picks.items() for d, n in enumerate(days)]
        left = list(self.wants)
        for choice in taken:
            if choice.job is not None:
                left[choice.job] -= 1
        undone = tuple(job for job, lack in enumerate(left) for _ in range(lack))
        points = sum(choice.points for choice in taken) + sum(self.undone[job] for job in undone)
        return Mended(picks, sum(choice.weight for choice in taken), points, bound, undone)

    def least(self) -> int:
        """Points that every roster has at least: each job without anybody needs somebody."""
        left, offers = list(self.wants), dict[int, list[int]]()
        forced = 0
        for days in self.lines.values():
            for choices in days:
                as_it_is = choices[0]
                forced += min(choice.points for choice in choices)
                if as_it_is.job is not None:
                    left[as_it_is.job] -= 1
                own: dict[int, int] = {}
                for choice in choices:
                    if choice.job is not None and choice.job != as_it_is.job:
                        own[choice.job] = min(
                            own.get(choice.job, self.undone[choice.job]), choice.points
                        )  # fmt: skip
                for job, weight in own.items():
                    offers.setdefault(job, []).append(weight)
        needed = 0
        for job, lack in enumerate(left):
            found = sorted(offers.get(job, []))[: max(0, lack)]
            needed += sum(found) + self.undone[job] * max(0, lack - len(found))
        return max(needed, forced)

    def as_it_is(self) -> Picks:
        """Nobody changes: everybody has the first choice of each day."""
        return {worker: (0,) * len(days) for worker, days in self.lines.items()}

    def best(self, first: Picks | None, time_s: float) -> Mended | None:
        """The roster with the least change, found in ever wider neighbourhoods.

        Args:
            first: A lawful roster to begin with, where one is known.
            time_s: For all of it on a quiet core, counted as work; then what is held is given.

        Returns:
            None where no lawful roster was found.
        """
        work = Work(time_s)
        least = self.least()
        held = None if first is None else self.measured(first, least)
        for freed in self._widening():
            if (held and held.proven) or work.over:
                break
            held = self._search(freed, held, work)
        return held and self._cheapest(held, work)

    def _widening(self) -> Iterator[frozenset[int]]:
        """Days that may change: those it is about, those beside them, all."""
        count = max((len(days) for days in self.lines.values()), default=0)
        told: list[frozenset[int]] = []
        for by in (0, 1, count):
            days = {n for at in self.about for n in range(at - by, at + by + 1) if 0 <= n < count}
            if frozenset(days) not in told:
                told.append(frozenset(days))
                yield told[-1]

    def _search(self, freed: frozenset[int], held: Mended | None, work: Work) -> Mended | None:
        """The least change with some days free; what is held where none less is found in time."""
        model = _Model(self, freed, held)
        everything = all(
            day in freed or len(choices) == 1
            for days in self.lines.values() for day, choices in enumerate(days)
        )  # fmt: skip
        least = held.bound if held else self.least()
        while True:
            picks, bound = model.solved(work)
            if everything:
                least = max(least, bound)
            if picks is None:
                return held and replace(held, bound=min(least, held.points))
            bad = self.laws.refused(picks)
            if not bad:
                return self.measured(picks, least)
            self._nogoods += bad
            model.forbid(bad)

    def _cheapest(self, held: Mended, work: Work) -> Mended:
        """The cheapest of the rosters that change no more; its days and changed ones are free."""
        if work.over:
            return held
        changed = {day for days in held.picks.values() for day, n in enumerate(days) if n}
        model = _Model(self, self.about | changed, held, priced=True)
        while not work.over:
            picks, _ = model.solved(work)
            if picks is None:
                break
            bad = self.laws.refused(picks)
            if not bad:
                return self.measured(picks, held.bound)
            model.forbid(bad)
        return held


class _Model:
    """CP-SAT's view of a repair in which only some days are free."""

    def __init__(
        self, of: Mender, freed: frozenset[int], held: Mended | None, *, priced: bool = False
    ) -> None:
        self.of, self.cp, self.held = of, cp_model.CpModel(), held
        self.numbers: dict[str, list[list[int]]] = {}
        self.lits: dict[str, Lits] = {}
        for worker, days in of.lines.items():
            own = held.picks[worker] if held else (0,) * len(days)
            self.numbers[worker] = [
                list(range(len(choices))) if day in freed else sorted({0, own[day]})
                for day, choices in enumerate(days)
            ]
            self.lits[worker] = [
                [(choices[n], self.cp.new_bool_var("")) for n in self.numbers[worker][day]]
                for day, choices in enumerate(days)
            ]
            for choices in self.lits[worker]:
                self.cp.add_exactly_one(lit for _, lit in choices)
            of.laws.state(self.cp, worker, self.lits[worker])
        of.laws.state_all(self.cp, self.lits)
        self._aim(priced=priced)
        self.forbid(of._nogoods)  # noqa: SLF001 - its own model
        self._hint()

    def _aim(self, *, priced: bool) -> None:
        """The work, the change, and what is to be least."""
        parts: list[tuple[cp_model.IntVar, int]] = []
        doing: list[list[cp_model.IntVar]] = [[] for _ in self.of.wants]
        for lines in self.lits.values():
            for choices in lines:
                for choice, lit in choices:
                    if choice.points:
                        parts.append((lit, choice.points))
                    if choice.job is not None:
                        doing[choice.job].append(lit)
        for want, price, lits in zip(self.of.wants, self.of.undone, doing, strict=True):
            lack = self.cp.new_int_var(0, want, "")
            self.cp.add(sum(lits) + lack == want)
            parts.append((lack, price))
        change = cp_model.LinearExpr.weighted_sum([p for p, _ in parts], [w for _, w in parts])
        if self.held:
            self.cp.add(change <= self.held.points)
        prices = [
            price for worker in self.lits if priced
            for price in self.of.laws.prices(self.cp, worker)
        ]  # fmt: skip
        cost = cp_model.LinearExpr.weighted_sum([p for p, _ in prices], [w for _, w in prices])
        self.cp.minimize(cost if priced else change)

    def forbid(self, nogoods: Iterable[NoGood]) -> None:
        """Take away rosters that are unlawful."""
        for nogood in nogoods:
            lits = [self._lit(*one) for one in nogood]
            if all(lit is not None for lit in lits):
                self.cp.add_bool_or([~lit for lit in lits if lit is not None])

    def _lit(self, worker: str, day: int, number: int) -> cp_model.IntVar | None:
        numbers = self.numbers[worker][day]
        return self.lits[worker][day][numbers.index(number)][1] if number in numbers else None

    def _hint(self) -> None:
        if self.held is None:
            return
        for worker, days in self.held.picks.items():
            for day, picked in enumerate(days):
                for number, (_, lit) in zip(
                    self.numbers[worker][day], self.lits[worker][day], strict=True
                ):
                    self.cp.add_hint(lit, number == picked)

    def solved(self, work: Work) -> tuple[Picks | None, int]:
        """The best roster, and a bound of what is to be least."""
        solver, status = work.solved(self.cp)
        if status == cp_model.INFEASIBLE:
            return None, self.held.points if self.held else 0
        bound = max(0, round(solver.best_objective_bound))
        if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            return None, bound
        return {
            worker: tuple(
                next(
                    number for number, (_, lit) in zip(numbers, choices, strict=True)
                    if solver.boolean_value(lit)
                )
                for numbers, choices in zip(self.numbers[worker], days, strict=True)
            )
            for worker, days in self.lits.items()
        }, bound  # fmt: skip
