"""The second engine: a Boolean per team and option, plain CP-SAT. For small weeks and as yardstick.

It states every term anew, without the lines of `law.py`, so that each engine tests the other.
One Boolean per officer, day and start does not scale; `engine.py` is what plans a district.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model

from config.ids import TeamId
from scheduler.problem import Problem
from scheduler.rules import Rule, rules_of
from scheduler.solve.boolean_costs import add_cost, add_counts
from scheduler.solve.boolean_laws import add_days_off, add_law
from scheduler.solve.options import Options, Span, options_of
from scheduler.solve.stated import stated
from scheduler.solve.weights import SCALE
from scheduler.terms import Count

Bits = dict[TeamId, list[cp_model.IntVar]]


@dataclass(frozen=True, slots=True)
class Found:
    """What the engine found; `lines` None: there is no such week.

    cost, bound: Weighted, as in the other engine; they are equal when the best is proven.
    """

    lines: dict[TeamId, tuple[Span, ...]] | None
    cost: float
    bound: float


class Plain:
    """A week as Booleans."""

    def __init__(
        self, problem: Problem, more: tuple[tuple[int, int, int], ...] = (),
        rules: Sequence[Rule] | None = None,
    ) -> None:  # fmt: skip
        """State all terms of all rules.

        Args:
            problem: The week.
            more: Further spans (day, start_min, end_min) that a duty may have.
            rules: In place of the problem's own.

        Raises:
            Misstated: A rule asks for what the engines do not keep.
        """
        self.problem = problem
        self.options: Options = options_of(problem, more)
        self.cp = cp_model.CpModel()
        self.taken: Bits = {
            team: [self.cp.new_bool_var("") for _ in range(self.options.count)]
            for team in problem.teams
        }
        for team, bits in self.taken.items():
            if team in problem.spared:
                add_days_off(self.cp, self.options, bits)
            for day in range(len(problem.dates)):
                self.cp.add_at_most_one(bits[self.options.on(day)])
        self.costs: list[tuple[cp_model.IntVar, int]] = []
        asked = stated(problem, rules_of(problem) if rules is None else rules)
        for _, law in asked.laws:
            add_law(self.cp, problem, self.options, self.taken, law)
        for tier, term in asked.costs:
            self.costs += add_cost(self.cp, problem, self.options, self.taken, tier, term)
        counts = [(tier, term) for tier, term in asked.costs if isinstance(term, Count)]
        self.costs += add_counts(self.cp, self.options, self.taken, counts)
        self.cp.minimize(
            cp_model.LinearExpr.weighted_sum(
                [part for part, _ in self.costs], [price for _, price in self.costs]
            )
        )

    def allows(self, team: TeamId, line: Iterable[int]) -> bool:
        """Whether a team may work exactly these options, whatever the others do."""
        wanted = set(line)
        model = self.cp.clone()
        for n, bit in enumerate(self.taken[team]):
            model.add(bit == (n in wanted))
        model.clear_objective()  # type: ignore[no-untyped-call]
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.catch_sigint_signal = False
        return bool(solver.solve(model) in {cp_model.OPTIMAL, cp_model.FEASIBLE})

    def best(self, time_s: float, seed: int = 0, workers: int = 8) -> Found:
        """The best week found in the time."""
        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = time_s
        solver.parameters.num_workers = workers
        solver.parameters.random_seed = seed
        solver.parameters.catch_sigint_signal = False
        status = solver.solve(self.cp)
        bound = max(0.0, solver.best_objective_bound / SCALE)
        if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            return Found(None, float("inf"), bound)
        lines = {
            team: tuple(self._spans([solver.boolean_value(bit) for bit in bits]))
            for team, bits in self.taken.items()
        }
        return Found(lines, solver.objective_value / SCALE, bound)

    def _spans(self, taken: Sequence[bool]) -> Iterable[Span]:
        options = self.options
        for n, on in enumerate(taken):
            if on:
                yield Span(int(options.day[n]), int(options.start_min[n]), int(options.end_min[n]))
