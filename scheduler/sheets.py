"""The sheets of a week that a squadron hangs up: who works when and where, and who visits what.

With the names of people: for pages that stay in the district's own folder.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from config.ids import PersonId, SquadronId, TeamId
from config.words import Say
from scheduler.export import Printer, reason_text
from scheduler.foresight.must_arrive import MustArrive
from scheduler.names import Names
from scheduler.problem import Problem
from scheduler.roster import Duty, Roster


@dataclass(frozen=True, slots=True)
class Box:
    """A team's day in the grid. `crew`: who comes along, where it is not the row's crew.

    duty: What is told, None for a day off.
    """

    hours: str
    kind: str = ""
    post: str = ""
    tasks: tuple[str, ...] = ()
    crew: tuple[str, ...] = ()
    duty: Duty | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A team's week."""

    team: str
    officer: str
    crew: tuple[str, ...]
    boxes: tuple[Box, ...]
    hours: float


@dataclass(frozen=True, slots=True)
class Stop:
    """A visit on the list of a squadron."""

    day: str
    hours: str
    place: str
    window: str
    officer: str
    team: str
    reason: str
    must_correct: tuple[str, ...]
    must_check: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A squadron's week."""

    squadron: SquadronId
    name: str
    lines: tuple[Line, ...]
    stops: tuple[Stop, ...]


def day_text(day: date, say: Say) -> str:
    """A date with its weekday."""
    return f"{say(f'planner.weekday.{day.isoweekday()}')} {day.isoformat()}"


def span_text(first: str, last: str, say: Say) -> str:
    """Two ISO times as clocks: 07:30–15:30, 16:00–24:00, 22:00–next day 06:00."""
    days = (date.fromisoformat(last[:10]) - date.fromisoformat(first[:10])).days
    if days == 1 and last[11:16] == "00:00":
        return say("sheet.span", start=first[11:16], end="24:00")
    if days == 1:
        return say("sheet.span_next_day", start=first[11:16], end=last[11:16])
    end = last[11:16] if days == 0 else f"{last[:10]} {last[11:16]}"
    return say("sheet.span", start=first[11:16], end=end)


@dataclass(frozen=True, slots=True)
class Sheets:
    """Makes the sheets of a planned week."""

    printer: Printer
    problem: Problem
    points: Mapping[str, MustArrive]
    say: Say
    shared: frozenset[str] = frozenset()
    """Names that need their ids, see `Names`."""

    @property
    def names(self) -> Names:
        """What people call the ids."""
        return Names(self.printer.district, self.shared)

    def of(self, roster: Roster) -> Iterator[Sheet]:
        """One sheet per squadron, in their order."""
        names = self.names
        for squadron in self.problem.squadrons:
            yield Sheet(
                squadron,
                names.squadron(squadron) or squadron,
                tuple(self._lines(squadron, roster)),
                tuple(self._stops(squadron, roster)),
            )

    def clocks(self, start_min: int, end_min: int) -> str:
        """A span as local times of day."""
        first, last = (self.printer.iso(at)[11:16] for at in (start_min, end_min))
        return f"{first}–{last}"

    def _lines(self, squadron: SquadronId, roster: Roster) -> Iterator[Line]:
        duties: dict[TeamId, dict[date, Duty]] = {}
        for duty in roster.duties:
            duties.setdefault(duty.team, {})[duty.date] = duty
        officers = self.printer.district.people.team_ids()
        for team in [team for team, of in self.problem.teams.items() if of == squadron]:
            own = duties.get(team, {})
            crew = self._crew(team, own)
            boxes = tuple(self._box(team, n, own.get(day), crew)
                          for n, day in enumerate(self.problem.dates))  # fmt: skip
            hours = sum(duty.minutes for duty in own.values()) / 60
            yield Line(team, self._name(officers[team]), self._people(crew), boxes, hours)

    def _crew(self, team: TeamId, duties: Mapping[date, Duty]) -> tuple[PersonId, ...]:
        """The crew of most of a team's duties; of a team without any, that of most days."""
        crews = Counter(duty.auxiliaries for duty in duties.values())
        crews = crews or Counter(day[team].auxiliaries for day in self.problem.crews if team in day)
        return crews.most_common(1)[0][0] if crews else ()

    def _box(self, team: TeamId, day: int, duty: Duty | None, crew: tuple[PersonId, ...]) -> Box:
        if duty is None:
            here = team in self.problem.crews[day]
            return Box(self.say(f"planner.report.{'off' if here else 'away'}"))
        names = self.names
        other: tuple[str, ...] = ()
        if set(duty.auxiliaries) != set(crew):
            other = self._people(duty.auxiliaries) or (self.say("planner.report.nobody"),)
        return Box(
            self._hours(duty), self.say(f"code.kind.{duty.kind}"),
            names.post(duty.post) or duty.post or "", tuple(map(self._task, duty.tasks)),
            other, duty,
        )  # fmt: skip

    def _task(self, task: str) -> str:
        """A fixed duty as people say it: its hours, what it is, and where."""
        told = self.names.task(task)
        hours, _, where = (told.partition(" ")[2] or told).partition(" ")
        kind = self.names.task_kind(task)
        return " ".join(filter(None, (hours, kind and self.say(f"code.kind.{kind}"), where)))

    def _hours(self, duty: Duty) -> str:
        """The hours of a duty; the rest of one cut after midnight says its day."""
        first, last = self.printer.iso(duty.start_min), self.printer.iso(duty.end_min)
        if first[:10] > duty.date.isoformat() and first[:10] == last[:10]:
            return self.say("sheet.span_rest", start=first[11:16], end=last[11:16])
        return span_text(first, last, self.say)

    def _stops(self, squadron: SquadronId, roster: Roster) -> Iterator[Stop]:
        names, of = self.names, self.printer.of
        own = [(visit, duty) for duty in roster.duties if duty.squadron == squadron
               for visit in duty.visits]  # fmt: skip
        for visit, duty in sorted(own, key=lambda one: (one[0].arrive_min, one[1].team)):
            point = self.points.get(visit.must_arrive)
            first = last = 0
            if point is not None:
                on = of.dates[point.weekday - 1]
                first, last = of.local(on, point.start_min), of.local(on, point.end_min)
            arrives = date.fromisoformat(self.printer.iso(visit.arrive_min)[:10])
            yield Stop(
                day_text(arrives, self.say), self.clocks(visit.arrive_min, visit.leave_min),
                names.place(visit.place) or visit.place, self.clocks(first, last) if point else "",
                self._name(duty.officer), duty.team,
                reason_text(point, self.say) if point else "",
                point.must_correct if point else (), point.must_check if point else (),
            )  # fmt: skip

    def _name(self, person: PersonId) -> str:
        return self.names.person(person) or person

    def _people(self, persons: tuple[PersonId, ...]) -> tuple[str, ...]:
        return self.names.people(persons)
