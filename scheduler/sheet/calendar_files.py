"""Each person's duties as a calendar (RFC 5545): a file a person.

A duty is the same event in every version: its UID is made of the brigade and the duty's id, its
SEQUENCE is the roster's version. What an earlier version gave a person and this one does not is
in the file as cancelled, so that it leaves the calendar into which it went.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from icalendar import Calendar, Event

from config.ids import PersonId
from config.words import Say
from scheduler.names import Names
from scheduler.roster import Duty, Roster
from scheduler.sheet.source import Source
from scheduler.sheets import span_text

PRODUCT = "-//qinwu//roster//EN"


@dataclass(frozen=True, slots=True)
class Calendars:
    """Makes the calendars of one version of a week.

    sequence: The version's number. stamp: When it was made. before: Earlier versions' rosters.
    """

    source: Source
    sequence: int
    stamp: datetime
    say: Say
    before: Sequence[Roster] = ()

    def write(self, out: Path, people: Iterable[PersonId] | None = None) -> list[Path]:
        """Write a file for each person who has duties or had some; gives the paths."""
        out.mkdir(parents=True, exist_ok=True)
        wanted = list(self.source.district.people.persons if people is None else people)
        written = []
        for person in wanted:
            calendar = self.of(person)
            if calendar is not None:
                path = out / f"{quote(person, safe='')}.ics"
                path.write_bytes(calendar.to_ical())
                written.append(path)
        return written

    def of(self, person: PersonId) -> Calendar | None:
        """A person's calendar; None where no version gives them a duty."""
        now = {duty.id: duty for duty in self.source.roster.duties_of(person)}
        gone: dict[str, Duty] = {}
        for roster in self.before:
            gone |= {duty.id: duty for duty in roster.duties_of(person) if duty.id not in now}
        if not now and not gone:
            return None
        calendar = Calendar()
        calendar.add("prodid", PRODUCT)
        calendar.add("version", "2.0")
        calendar.add("method", "PUBLISH")
        calendar.add("x-wr-calname", self._title(person))
        events = [(duty, "CONFIRMED") for duty in now.values()]
        events += [(duty, "CANCELLED") for duty in gone.values()]
        for duty, status in sorted(events, key=lambda one: (one[0].start_min, one[0].id)):
            calendar.add_component(self._event(duty, person, status))
        return calendar

    def _title(self, person: PersonId) -> str:
        names = Names(self.source.district)
        brigade = self.source.district.settings.name or self.source.district.settings.brigade
        return self.say("sheet.calendar", person=names.person(person) or person, brigade=brigade)

    def _event(self, duty: Duty, person: PersonId, status: str) -> Event:
        names = Names(self.source.district)
        event = Event()
        event.add("uid", f"{duty.id}.{self.source.district.settings.brigade}")
        event.add("sequence", self.sequence)
        event.add("status", status)
        event.add("dtstamp", self.stamp)
        event.add("dtstart", self._moment(duty.start_min))
        event.add("dtend", self._moment(duty.end_min))
        kind = self.say(f"code.kind.{duty.kind}")
        squadron = names.squadron(duty.squadron) or duty.squadron
        event.add("summary", f"{kind} {squadron}")
        post = names.post(duty.post) or duty.post
        if post:
            event.add("location", post)
        if status == "CONFIRMED":
            event.add("description", "\n".join(self._told(duty, person)))
        event.add("categories", [duty.kind])
        return event

    def _moment(self, minute: int) -> datetime:
        return datetime.fromtimestamp(self.source.printer.of.at_ms(minute) / 1000, tz=UTC)

    def _told(self, duty: Duty, person: PersonId) -> list[str]:
        """What a person has to know: with whom, in what, and where to be when."""
        names, comma = Names(self.source.district), self.say("planner.report.comma")
        others = [other for other in duty.people if other != person]
        crew = comma.join(names.people(others)) or self.say("planner.report.nobody")
        lines = [self.say("planner.report.with", crew=crew)]
        if duty.vehicle:
            lines.append(self.say("sheet.vehicle", vehicle=duty.vehicle))
        lines += [names.task(task).partition(" ")[2] or task for task in duty.tasks]
        for visit in duty.visits:
            first, last = (self.source.printer.iso(at)
                           for at in (visit.arrive_min, visit.leave_min))  # fmt: skip
            place = names.place(visit.place) or visit.place
            lines.append(f"{span_text(first, last, self.say)} {place}")
        return lines


def stamp_of(path: Path) -> datetime:
    """When a roster was written: the same until it is written anew."""
    return datetime.fromtimestamp(int(path.stat().st_mtime), tz=UTC)
