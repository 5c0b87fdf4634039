"""Laws as Booleans: each term about a line, per person, with what they bring and what awaits."""

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import assert_never

import numpy as np
from ortools.sat.python import cp_model

from config.durations import DAY_MIN
from config.ids import TeamId
from scheduler.problem import Person, Problem
from scheduler.slots import DAYS
from scheduler.solve.options import Options
from scheduler.terms import (
    DRIFT_DAYS,
    AtOnce,
    DaysOff,
    Drift,
    Forbid,
    LawTerm,
    MinGap,
    Run,
    Window,
)

Bits = list[cp_model.IntVar]


def add_law(
    cp: cp_model.CpModel, problem: Problem, options: Options, taken: dict[TeamId, Bits],
    term: LawTerm,
) -> None:  # fmt: skip
    """State a law's term for all teams, and for the people in them with what they bring."""
    if isinstance(term, AtOnce):
        _at_once(cp, problem, options, taken, term)
        return
    for team, bits in taken.items():
        law = _Law(cp, problem, options, bits)
        people = list(_people(problem, team))
        match term:
            case Forbid(of, start_min, end_min, day):
                if of == team:
                    law.forbid(start_min, end_min, day)
            case Drift(most):
                law.drift(most)
            case MinGap(minutes, after):
                law.gap(minutes, people, nights=after == "nights")
            case Run(most, of):
                law.run(most, people, nights=of == "nights")
            case Window():
                law.window(term, people)
            case DaysOff(within):
                law.days_off(within, people)
            case _:
                assert_never(term)


def add_days_off(cp: cp_model.CpModel, options: Options, bits: Bits) -> None:
    """Two dates of the week off together, for a team that is spared."""
    pairs = [cp.new_bool_var("") for _ in range(DAYS - 1)]
    for day, pair in enumerate(pairs):
        for bit in bits[options.of_day[day] : options.of_day[day + 2]]:
            cp.add_implication(pair, ~bit)
    cp.add_bool_or(pairs)


def _people(problem: Problem, team: TeamId) -> Iterator[Person]:
    """Officers of the team and auxiliaries who are at home in it."""
    ids = {crews[team].officer for crews in problem.crews if team in crews}
    ids |= {person for day in range(DAYS) for person in problem.sure(team, day)}
    return (problem.persons[person] for person in sorted(ids))


class _Law:
    """The laws of one team's Booleans."""

    def __init__(
        self, cp: cp_model.CpModel, problem: Problem, options: Options, bits: Bits
    ) -> None:
        self.cp, self.problem, self.options, self.bits = cp, problem, options, bits
        self.start = [int(n) for n in options.start_min]
        self.end = [int(n) for n in options.end_min]
        self.day = [int(n) for n in options.day]
        self.night = [bool(n) for n in options.night]
        self._pairs: dict[tuple[int, int], cp_model.IntVar] = {}

    def of_days(self, first: int, last: int) -> Bits:
        """Booleans of the duties that start on some days, both included."""
        begins = self.options.of_day
        return self.bits[begins[min(max(first, 0), DAYS)] : begins[min(max(last + 1, 0), DAYS)]]

    def forbid(self, start_min: int, end_min: int, day: int | None) -> None:
        """No duty touches the span."""
        for n, bit in enumerate(self.bits):
            touches = self.start[n] < end_min and start_min < self.end[n]
            if touches and day in (None, self.day[n]):
                self.cp.add(bit == 0)

    def _apart(self, a: int, others: Sequence[int], *, always: bool) -> None:
        """None of the others, which rise, comes after option a: ever, or as the next duty."""
        for day, of_day in groupby(others, self.day.__getitem__):
            if day > self.day[a]:
                between = [] if always else self.of_days(self.day[a] + 1, day - 1)
                later = sum(self.bits[b] for b in of_day)
                self.cp.add(self.bits[a] + later <= 1 + sum(between))

    def gap(self, minutes: int, people: Sequence[Person], *, nights: bool) -> None:
        """The gap between two duties of the week, after what people bring, before what awaits."""
        for person in people:
            self._gap(person, minutes, nights=nights)
            self._gap_ahead(person, minutes, nights=nights)
        of = self.options
        for a in range(len(self.bits)):
            if nights and not self.night[a]:
                continue
            near = of.start_min - self.end[a] < minutes
            if nights:
                near &= ~(of.night & (of.day - self.day[a] == 1))
            self._apart(a, np.flatnonzero(near).tolist(), always=not nights)

    def _gap(self, person: Person, minutes: int, *, nights: bool) -> None:
        """The gap after what a person brings; only the last of it is followed by a duty."""
        stints = sorted((w.start_min, w.end_min, self.problem.day(w.date)) for w in person.past)
        for start, end, day in stints[-1:] if nights else stints:
            if nights and not self.problem.is_night(start, end):
                continue
            for n, bit in enumerate(self.bits):
                if self.start[n] - end >= minutes:
                    continue
                if not nights:
                    self.cp.add(bit == 0)
                elif not (self.night[n] and self.day[n] - day == 1):
                    self._not_first(n)

    def _not_first(self, n: int) -> None:
        """An option may not be the week's first duty."""
        self.cp.add(self.bits[n] <= sum(self.of_days(0, self.day[n] - 1)))

    def _gap_ahead(self, person: Person, minutes: int, *, nights: bool) -> None:
        """The gap before the first duty of a later week; only the last of this one leads to it."""
        for worked in person.ahead[:1]:
            at, goes_on = self.problem.day(worked.date), False
            if nights:
                goes_on = self.problem.is_night(worked.start_min, worked.end_min)
            for n, bit in enumerate(self.bits):
                if worked.start_min - self.end[n] >= minutes:
                    continue
                if not nights:
                    self.cp.add(bit == 0)
                elif self.night[n] and not (goes_on and at - self.day[n] == 1):
                    self.cp.add(bit <= sum(self.of_days(self.day[n] + 1, DAYS - 1)))

    def run(self, most: int, people: Sequence[Person], *, nights: bool) -> None:
        """Dates in a row with a duty, or with a night."""
        for person in people:
            self._run(person, most, nights=nights)

    def _run(self, person: Person, most: int, *, nights: bool) -> None:
        fixed = {
            self.problem.day(worked.date) for worked in (*person.past, *person.ahead)
            if not nights or self.problem.is_night(worked.start_min, worked.end_min)
        }  # fmt: skip
        works = [
            [
                bit for n, bit in enumerate(self.bits)
                if self.day[n] == day and (self.night[n] or not nights)
            ]
            for day in range(DAYS)
        ]  # fmt: skip
        for last in range(DAYS + most if person.ahead else DAYS):
            window = range(last - most, last + 1)
            others = [day for day in window if not 0 <= day < DAYS]
            if fixed.issuperset(others):
                own = [bit for day in window if 0 <= day < DAYS for bit in works[day]]
                self.cp.add(sum(own) + len(others) <= most)

    def _any(self, bits: Sequence[cp_model.IntVar]) -> cp_model.IntVar:
        """Whether one of some exclusive Booleans is true."""
        found = self.cp.new_bool_var("")
        self.cp.add(sum(bits) == found)
        return found

    def window(self, term: Window, people: Sequence[Person]) -> None:
        """Minutes of duty: a span of the week alone too, all else with what people bring."""
        if term.of == "span":
            self._span(term.most_min, term.length, None)
        for person in people:
            match term.of:
                case "span":
                    self._span(term.most_min, term.length, person)
                case "dates":
                    self._dates(person, term.most_min, term.length)
                case "month":
                    self._month(person, term.most_min)
                case _:
                    assert_never(term.of)

    def _span(self, most: int, length: int, person: Person | None) -> None:
        """Windows of minutes that the week's duties fill, or those other weeks' duties touch.

        The fullest window can always be moved back to a start without losing minutes.
        """
        others = (*person.past, *person.ahead) if person else ()
        fixed = [(worked.start_min, worked.end_min) for worked in others]
        for at in sorted({*self.start, *(start for start, _ in fixed)}):
            brought = sum(max(0, min(b, at + length) - max(a, at)) for a, b in fixed)
            if person and not brought:
                continue
            worked = [
                bit * (min(end, at + length) - max(start, at))
                for bit, start, end in zip(self.bits, self.start, self.end, strict=True)
                if start < at + length and at < end
            ]
            self.cp.add(sum(worked) <= max(0, most - brought))

    def _minutes(self, first: int, last: int) -> cp_model.LinearExpr:
        lengths = [
            end - start if first <= day <= last else 0
            for start, end, day in zip(self.start, self.end, self.day, strict=True)
        ]
        return cp_model.LinearExpr.weighted_sum(self.bits, lengths)

    def _dates(self, person: Person, most: int, length: int) -> None:
        others = [
            (self.problem.day(worked.date), worked.end_min - worked.start_min)
            for worked in (*person.past, *person.ahead)
        ]  # fmt: skip
        for last in range(DAYS + length - 1 if person.ahead else DAYS):
            fixed = sum(minutes for day, minutes in others if last - length < day <= last)
            if last >= DAYS:
                self.cp.add(self._minutes(last - length + 1, last) <= max(0, most - fixed))
                continue
            self.cp.add(self._minutes(last - length + 1, last) + fixed <= most).only_enforce_if(
                self._any(self.of_days(last, last))
            )

    def _month(self, person: Person, most: int) -> None:
        months = [(date.year, date.month) for date in self.problem.dates]
        for month in set(months):
            days = [day for day, of in enumerate(months) if of == month]
            fixed = person.month_min if month == months[0] else 0
            fixed += sum(
                worked.end_min - worked.start_min for worked in person.ahead
                if (worked.date.year, worked.date.month) == month
            )  # fmt: skip
            self.cp.add(self._minutes(days[0], days[-1]) <= max(0, most - fixed))

    def days_off(self, within: int, people: Sequence[Person]) -> None:
        """Two dates off together in any so many."""
        for person in people:
            self._days_off(person, within)

    def _days_off(self, person: Person, within: int) -> None:
        fixed = {self.problem.day(worked.date) for worked in (*person.past, *person.ahead)}
        later = [self.problem.day(worked.date) for worked in person.ahead[:1]]
        week = range(DAYS)
        for last in (*week, *(n for day in later for n in range(day, DAYS + within - 1))):
            free = [
                (day, after) for day, after in pairwise(range(last - within + 1, last + 1))
                if not fixed & {day, after}
            ]  # fmt: skip
            if any(day not in week and after not in week for day, after in free):
                continue  # whatever is worked this week
            pairs = [self._off(day, after) for day, after in free]
            first = 0 if last < DAYS else last - within + 1
            for bit in self.of_days(first, last):
                self.cp.add_bool_or([~bit, *pairs])

    def _off(self, day: int, after: int) -> cp_model.IntVar:
        """True only if two dates are off."""
        if (day, after) not in self._pairs:
            pair = self._pairs[day, after] = self.cp.new_bool_var("")
            for bit in self.of_days(day, after):
                self.cp.add_implication(pair, ~bit)
        return self._pairs[day, after]

    def drift(self, most: int) -> None:
        """The clock of the start, from a duty to the next: so much a day, three days at most."""
        clocks, days = self.options.clock_min, self.options.day
        for a, clock in enumerate(clocks):
            moved = np.abs(clocks - clock)
            apart = np.clip(np.abs(days - days[a]), 1, DRIFT_DAYS)
            far = np.minimum(moved, DAY_MIN - moved) > most * apart
            self._apart(a, np.flatnonzero(far).tolist(), always=False)


def _at_once(
    cp: cp_model.CpModel, problem: Problem, options: Options, taken: dict[TeamId, Bits],
    term: AtOnce,
) -> None:  # fmt: skip
    """Units on duty of each squadron and slot, those of the week before included."""
    for row, squadron in enumerate(problem.squadrons):
        own = [bits for team, bits in taken.items() if problem.teams[team] == squadron]
        for slot in range(problem.slots):
            on = [int(n) for n in np.flatnonzero((options.first <= slot) & (slot < options.last))]
            most = max(0, int(term.most[row, slot]))
            if on and len(own) > most:
                cp.add(sum(bits[n] for bits in own for n in on) <= most)
