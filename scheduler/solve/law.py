"""The laws' terms for one roster line: which option may follow which, and what a team may do.

A line is a team's week, one option or none a day. The people of a team share its line, so their
pasts are merged to the strictest; guests join afterwards where it is lawful for them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import assert_never

import numpy as np

from config.durations import DAY_MIN
from config.ids import PersonId, SquadronId, TeamId
from scheduler.problem import IntArray, Person, Problem
from scheduler.rules import Tier
from scheduler.slots import DAYS
from scheduler.solve.later import before_later
from scheduler.solve.lines.problem import FloatArray
from scheduler.solve.options import BoolArray, Options
from scheduler.solve.weights import weighted
from scheduler.terms import (
    AtOnce,
    DaysOff,
    Dislike,
    Drift,
    Forbid,
    LawTerm,
    MinGap,
    Prefer,
    Run,
    Window,
)

NEVER = 10**6


@dataclass(frozen=True, slots=True)
class Law:
    """The numbers of the laws' terms that hold for every line; without a term, no limit."""

    gap_min: int = 0
    after_nights_min: int = 0
    run_days: int = NEVER
    run_nights: int = NEVER
    spans: tuple[tuple[int, int], ...] = ()
    """(minutes of a window, most minutes of duty in it)."""
    dates: tuple[tuple[int, int], ...] = ()
    """(number of dates, a week or more, most minutes of duty on them)."""
    month_min: int = NEVER
    days_off_within: int = NEVER
    drift_min: int = DAY_MIN

    @staticmethod
    def of(terms: Iterable[LawTerm]) -> "Law":
        """The strictest of each kind."""
        found: dict[str, int] = {}
        windows: dict[str, list[tuple[int, int]]] = {"span": [], "dates": []}

        def least(key: str, value: int) -> None:
            found[key] = min(found.get(key, NEVER), value)

        for term in terms:
            match term:
                case MinGap(minutes, after):
                    key = "gap_min" if after == "duty" else "after_nights_min"
                    found[key] = max(found.get(key, 0), minutes)
                case Run(most, of):
                    least("run_days" if of == "duties" else "run_nights", most)
                case Window(most, "month"):
                    least("month_min", most)
                case Window(most, of, length):
                    windows[of].append((length, most))
                case DaysOff(within):
                    least("days_off_within", within)
                case Drift(most):
                    least("drift_min", most)
                case Forbid() | AtOnce():
                    pass  # of one team's line; of all teams together
                case _:
                    assert_never(term)
        return Law(spans=tuple(windows["span"]), dates=tuple(windows["dates"]), **found)

    def alone(self, options: Options) -> BoolArray:
        """Whether each option keeps to the spans without any other, shape (options,)."""
        ok = np.ones(options.count, dtype=bool)
        for length, most in self.spans:
            ok &= np.minimum(options.minutes, length) <= most
        return ok

    def follows(
        self, before: tuple[IntArray, IntArray, BoolArray], options: Options, part: slice,
        next_date: BoolArray,
    ) -> BoolArray:  # fmt: skip
        """Whether each option may follow each earlier duty, shape (earlier, options of the part).

        Args:
            before: Start, end and night of the earlier duties, shape (earlier,).
            options: The week's.
            part: Which of them come next.
            next_date: Whether the next is on the date after the earlier's, shape (earlier, 1).
        """
        start, end = before[0][:, None], before[1][:, None]
        night = before[2][:, None]
        gap = options.start_min[part] - end
        ok: BoolArray = np.asarray(gap >= self.gap_min)
        goes_on = np.asarray(night & options.night[part] & next_date)
        ok &= np.asarray(~night | goes_on | (gap >= self.after_nights_min), dtype=bool)
        for length, most in self.spans:
            both = (end - start) + options.minutes[part]
            ok &= np.minimum(both, length - gap) <= most
        return ok

    def drifts(
        self, clock_min: IntArray, options: Options, part: slice, days: IntArray
    ) -> BoolArray:
        """Whether each option starts near enough to each clock time so many days before."""
        moved = (options.clock_min[part] - clock_min[:, None]) % DAY_MIN
        return np.asarray(np.minimum(moved, DAY_MIN - moved) <= days * self.drift_min)


@dataclass(frozen=True, slots=True)
class Line:
    """What one team may do: shape (options,) where not said otherwise.

    allowed: Options it may have at all. first: Options it may have as the week's first duty.
    run_days, run_nights: brought in a row from last week. cap_min: most minutes worked in the
    week up to the end of each day, shape (7,). pair_by: last day by which two days off together
    must have come, if Monday is worked, and if it is off. cost: of each option, weighted.
    """

    team: TeamId
    squadron: SquadronId
    allowed: BoolArray
    first: BoolArray
    run_days: int
    run_nights: int
    cap_min: IntArray
    pair_by: tuple[int, int]
    cost: FloatArray
    prices: tuple[tuple[Tier, int, int, int], ...] = field(default=())
    """(tier, minutes, price of a half hour below, above)."""

    def key(self) -> tuple[object, ...]:
        """Equal for interchangeable teams."""
        return (
            self.squadron, self.allowed.tobytes(), self.first.tobytes(), self.run_days,
            self.run_nights, self.cap_min.tobytes(), self.pair_by,
            self.cost.tobytes(), self.prices,
        )  # fmt: skip


def line_of(
    problem: Problem, law: Law, options: Options, team: TeamId, forbids: Iterable[Forbid],
    costs: Iterable[tuple[Tier, Prefer | Dislike]],
) -> Line:  # fmt: skip
    """A team's line.

    Args:
        problem: The week.
        law: Of all lines.
        options: The week's.
        team: Whose.
        forbids: Of that team.
        costs: Of that team, with their tiers.
    """
    allowed = law.alone(options)
    cost = np.zeros(options.count, dtype=np.float64)
    prices = []
    for forbid in forbids:
        touched = (options.start_min < forbid.end_min) & (options.end_min > forbid.start_min)
        allowed &= ~(touched if forbid.day is None else touched & (options.day == forbid.day))
    for tier, term in costs:
        match term:
            case Dislike(_, days, nights, points):
                disliked = np.isin(options.day, days) | (nights & options.night)
                cost += weighted(tier, points) * disliked
            case Prefer(_, minutes, short, over):
                prices.append((tier, minutes, short, over))
            case _:
                assert_never(term)
    people = [problem.persons[person] for person in people_of(problem, team)]
    latest = DAYS - 2 if team in problem.spared else NEVER  # the last two days together
    first = np.ones(options.count, dtype=bool)
    for person in people:
        first &= _first_after(law, person, problem, options)
        if person.ahead:
            allowed &= before_later(law, person, problem, options)
    brought = [_brought(problem, law, person) for person in people] or [
        (0, 0, np.zeros(DAYS, dtype=np.int64), NEVER, 2)  # a team that is never there
    ]
    return Line(
        team, problem.teams[team], allowed, first,
        run_days=max(b[0] for b in brought), run_nights=max(b[1] for b in brought),
        cap_min=np.minimum.reduce([b[2] for b in brought]),
        pair_by=(
            min(latest, *(b[3] for b in brought)),
            # Whoever was off on Sunday has two days off with Monday, though not in this week.
            min(latest, *(b[3] for b in brought if b[4] == 0), NEVER),
        ),
        cost=cost, prices=tuple(sorted(prices)),
    )  # fmt: skip


def people_of(problem: Problem, team: TeamId) -> list[PersonId]:
    """Everybody whose line is the team's: its officer and the auxiliaries at home in it."""
    found: dict[PersonId, None] = {}
    for day, crews in enumerate(problem.crews):
        if team in crews:
            found |= dict.fromkeys((crews[team].officer, *problem.sure(team, day)))
    return list(found)


def _first_after(law: Law, person: Person, problem: Problem, options: Options) -> BoolArray:
    """Options that may follow what a person worked in the days before the week."""
    late = [worked for worked in person.past if worked.end_min > -4 * DAY_MIN]
    if not late:
        return np.ones(options.count, dtype=bool)
    start = np.array([worked.start_min for worked in late])
    end = np.array([worked.end_min for worked in late])
    night = np.array([problem.is_night(w.start_min, w.end_min) for w in late])
    days = np.array([problem.day(worked.date) for worked in late])
    next_date = options.day[None, :] - days[:, None] == 1
    ok = law.follows((start, end, night), options, slice(None), next_date)
    # Only the last duty is followed; earlier ones still bound what any 24 hours may hold.
    last = end == end.max()
    gap_ok = np.ones_like(ok)
    for length, most in law.spans:
        both = (end - start)[:, None] + options.minutes
        gap_ok &= np.minimum(both, length - (options.start_min - end[:, None])) <= most
    return np.asarray(np.where(last[:, None], ok, gap_ok).all(axis=0))


def _brought(problem: Problem, law: Law, person: Person) -> tuple[int, int, IntArray, int, int]:
    """Days and nights in a row, caps by day, last day for two days off, days off before."""
    days = {problem.day(worked.date) for worked in person.past}
    nights = {
        problem.day(worked.date) for worked in person.past
        if problem.is_night(worked.start_min, worked.end_min)
    }  # fmt: skip
    minutes: dict[int, int] = {}
    for worked in person.past:
        at = problem.day(worked.date)
        minutes[at] = minutes.get(at, 0) + worked.end_min - worked.start_min
    cap = np.full(DAYS, NEVER, dtype=np.int64)
    for length, most in law.dates:  # a week or more, so all of this week is in each window
        for day in range(DAYS):
            held = sum(minutes.get(n, 0) for n in range(day - length + 1, 0))
            cap[day] = min(cap[day], most - held)
    month = problem.dates[0].month
    for day, on in enumerate(problem.dates):
        cap[day] = min(cap[day], law.month_min - (person.month_min if on.month == month else 0))
    last_pair = next(
        (n for n in range(-1, -law.days_off_within - 2, -1) if not {n, n - 1} & days), -NEVER
    ) if law.days_off_within < NEVER else NEVER  # fmt: skip
    off = next((n for n in range(2) if -1 - n in days), 2)
    return _in_a_row(days), _in_a_row(nights), cap, last_pair + law.days_off_within - 2, off


def _in_a_row(days: set[int]) -> int:
    """How many days in a row end on the day before the week."""
    return next(n for n in range(len(days) + 1) if -1 - n not in days)
