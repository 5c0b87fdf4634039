"""A Curtois–Qu roster with some people away, for the least change: `scheduler.solve.mend`.

The instance's laws are stated for CP-SAT anew, and checked by patterns over whole lines.
"""

import csv
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random

from ortools.sat.python import cp_model

from benchmarks.curtois_file import Instance, Person, read
from scheduler.solve.mend import Choice, Lits, Mender, NoGood, Picks, Price
from scheduler.solve.mend_offers import GONE, NEW, OTHER, UNDONE

FROM_DAY, AWAY_DAYS = 7, 3
Line = list[str]
"""The type of shift of each day, "" for a day off."""


def solved(path: Path, seconds: float) -> tuple[Instance, dict[str, Line]]:
    """An instance and the roster that our engine makes of it."""
    instance = read(path)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "roster.csv"
        here = Path(__file__).with_name("curtois.py")
        subprocess.run(  # noqa: S603 - our own program
            [sys.executable, str(here), str(path), "--seconds", str(seconds), "--workers", "2",
             "--out", str(out)], check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        roster = {name: [""] * instance.days for name in instance.people}
        with out.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                roster[row["staff"]][int(row["day"])] = row["shift"]
    return instance, roster


@dataclass
class Month:
    """The roster, who is away when, and the work of each day and type."""

    instance: Instance
    roster: dict[str, Line]
    away: dict[str, range]
    jobs: dict[tuple[int, str], int]
    wants: list[int]
    lines: dict[str, list[tuple[Choice, ...]]]

    @staticmethod
    def of(instance: Instance, roster: dict[str, Line], random: Random, sick: int) -> "Month":
        """Some people away from a day of the second week on; only what is to come may move."""
        names = random.sample(sorted(roster), sick)
        starts = {name: FROM_DAY + random.randrange(7) for name in names}
        away = {name: range(day, day + AWAY_DAYS) for name, day in starts.items()}
        wanted = {(one.day, one.shift): one.want for one in instance.covers}
        jobs, wants = dict[tuple[int, str], int](), list[int]()
        for day in range(instance.days):
            for shift in instance.shifts:
                jobs[day, shift] = len(wants)
                held = sum(line[day] == shift for line in roster.values())
                wants.append(min(held, wanted.get((day, shift), 0)))
        month = Month(instance, roster, away, jobs, wants, {})
        first_day = min(starts.values())
        for name, line in roster.items():
            month.lines[name] = [
                month.choices(name, day, line[day], fixed=day < first_day or name in away)
                for day in range(instance.days)
            ]
        return month

    def choices(self, name: str, day: int, held: str, *, fixed: bool) -> tuple[Choice, ...]:
        """What somebody may do on a day; as it is first."""
        if day in self.away.get(name, ()):
            return (Choice(),)
        found = [self.choice(day, held, 0)]
        if fixed or day in self.instance.people[name].days_off:
            return tuple(found)
        if held:
            found.append(Choice(weight=GONE))
        most = self.instance.people[name].most_of
        found += [
            self.choice(day, shift, OTHER if held else NEW)
            for shift in self.instance.shifts if shift != held and most.get(shift, 1) > 0
        ]  # fmt: skip
        return tuple(found)

    def choice(self, day: int, shift: str, weight: int) -> Choice:
        """A shift, or a day off; its minutes are those of the day."""
        if not shift:
            return Choice(weight=weight)
        number = list(self.instance.shifts).index(shift)
        return Choice(self.jobs[day, shift], (number, number + 1), weight)

    def mender(self) -> Mender:
        """The repair; who does more than is wanted of a type is no hole when away."""
        lacking = [UNDONE] * len(self.wants)
        about = {day for days in self.away.values() for day in days}
        return Mender(self.lines, self.wants, lacking, self, frozenset(about))

    def shifts(self, name: str, days: Sequence[int]) -> Line:
        """A line of choices as types of shift."""
        names = list(self.instance.shifts)
        taken = [self.lines[name][day][n].span for day, n in enumerate(days)]
        return [names[span[0]] if span else "" for span in taken]

    def first(self, mender: Mender) -> Picks:
        """For each hole the lawful free person with the fewest minutes."""
        picks = {name: list(days) for name, days in mender.as_it_is().items()}
        lack = list(mender.measured(mender.as_it_is()).undone)
        worked = {name: sum(map(bool, line)) for name, line in self.roster.items()}
        key = {job: where for where, job in self.jobs.items()}
        for job in lack:
            day, _ = key[job]
            for name in sorted(worked, key=lambda one: worked[one]):
                choices = self.lines[name][day]
                n = next((n for n, one in enumerate(choices) if n and one.job == job), None)
                if n is None or choices[0].span is not None or picks[name][day]:
                    continue
                picks[name][day] = n
                if lawful(self.instance, self.instance.people[name],
                          self.shifts(name, picks[name])):  # fmt: skip
                    worked[name] += 1
                    break
                picks[name][day] = 0
        return {name: tuple(days) for name, days in picks.items()}

    def broken(self, picks: Picks) -> list[str]:
        """Whose line is unlawful; those who are away are as they are."""
        return [
            name for name, days in picks.items() if name not in self.away
            and not lawful(self.instance, self.instance.people[name], self.shifts(name, days))
        ]  # fmt: skip

    # --- laws --------------------------------------------------------------------------------

    def state(self, cp: cp_model.CpModel, worker: str, days: Lits) -> None:
        """All laws of a line; those who are away are as they are."""
        if worker in self.away or all(len(choices) == 1 for choices in days):
            return
        person, names = self.instance.people[worker], list(self.instance.shifts)
        kinds = [
            [[lit for choice, lit in day if choice.span and choice.span[0] == n]
             for n in range(len(names))] for day in days
        ]  # fmt: skip
        on = [cp.new_bool_var("") for _ in days]
        for bit, day in zip(on, kinds, strict=True):
            cp.add(sum(lit for lits in day for lit in lits) == bit)
        for n, name in enumerate(names):
            of_kind = [lit for day in kinds for lit in day[n]]
            cp.add(sum(of_kind) <= person.most_of.get(name, len(days)))
            barred = {names.index(bar) for bar in self.instance.shifts[name].bars}
            for today, next_day in pairwise(kinds):
                after = [lit for other in barred for lit in next_day[other]]
                if today[n] and after:
                    cp.add(sum(today[n]) + sum(after) <= 1)
        lengths = [self.instance.shifts[name].minutes for name in names]
        minutes = sum(
            lengths[n] * lit for day in kinds for n, lits in enumerate(day) for lit in lits
        )
        cp.add_linear_constraint(minutes, person.least_min, person.most_min)
        self._runs(cp, person, on)

    def _runs(self, cp: cp_model.CpModel, person: Person, on: Sequence[cp_model.IntVar]) -> None:
        days = len(on)
        for day in range(days - person.most_run):
            cp.add_bool_or([~bit for bit in on[day : day + person.most_run + 1]])
        for least, bits in ((person.least_run, list(on)), (person.least_off, [~b for b in on])):
            for length in range(1, least):
                for day in range(1, days - length):
                    cp.add_bool_or(
                        [bits[day - 1], *(~b for b in bits[day : day + length]),
                         bits[day + length]]
                    )  # fmt: skip
        weekends = []
        for saturday in range(5, days, 7):
            busy = cp.new_bool_var("")
            for bit in on[saturday : saturday + 2]:
                cp.add_implication(bit, busy)
            weekends.append(busy)
        cp.add(sum(weekends) <= person.most_weekends)

    def state_all(self, cp: cp_model.CpModel, lines: Mapping[str, Lits]) -> None:
        """Nothing holds for all lines together but the work."""

    def prices(self, cp: cp_model.CpModel, worker: str) -> Iterable[Price]:  # noqa: ARG002
        """The wishes are left out: the least change comes first."""
        return ()

    def refused(self, picks: Picks) -> list[NoGood]:
        """Nothing: all laws are stated."""
        return [
            tuple((name, day, n) for day, n in enumerate(picks[name]))
            for name in self.broken(picks)
        ]


def lawful(instance: Instance, person: Person, line: Line) -> bool:
    """Whether a line keeps all laws; by patterns over the days, apart from the stating."""
    shifts = instance.shifts
    minutes = sum(shifts[one].minutes for one in line if one)
    runs = "".join("w" if one else "-" for one in line)
    inner = [found[0] for found in re.finditer("w+|-+", runs)
             if found.start() > 0 and found.end() < len(runs)]  # fmt: skip
    longest = max((len(run) for run in re.findall("w+", runs)), default=0)
    return (
        person.least_min <= minutes <= person.most_min
        and all(line.count(name) <= most for name, most in person.most_of.items())
        and not any(line[day] for day in person.days_off)
        and not any(one and other in shifts[one].bars for one, other in pairwise(line))
        and longest <= person.most_run
        and all(len(run) >= person.least_run for run in inner if run[0] == "w")
        and all(len(run) >= person.least_off for run in inner if run[0] == "-")
        and sum("w" in runs[day : day + 2] for day in range(5, len(runs), 7))
        <= person.most_weekends
    )
