"""Changes of a roster in words: who, which day, what it was and what it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from config.ids import PersonId
from config.words import words
from scheduler.compare import ChangedDay
from scheduler.export import Printer
from scheduler.names import Names
from scheduler.roster import Duty
from scheduler.sheets import day_text, span_text


@dataclass(frozen=True, slots=True)
class ChangeWords:
    """Tells the changes of one week of a district."""

    printer: Printer
    lang: str

    def lines(self, found: Sequence[ChangedDay]) -> list[str]:
        """A line a change: person, day, before, after, and what of it."""
        return [self.line(change) for change in found]

    def line(self, change: ChangedDay) -> str:
        """A change in words."""
        say = words(self.lang)
        return say(
            "sheet.change.line", person=self.person(change.person),
            day=day_text(change.date, say), before=self.duty(change.before),
            after=self.duty(change.after),
            what=say("sheet.comma").join(say(f"sheet.change.{one}") for one in change.what),
        )  # fmt: skip

    def person(self, person: PersonId) -> str:
        """A person by name and id."""
        name = Names(self.printer.district).person(person)
        return f"{name} {person}" if name else person

    def duty(self, duty: Duty | None) -> str:
        """A duty by its hours, kind, post, vehicle and crew."""
        say = words(self.lang)
        if duty is None:
            return say("planner.report.off")
        names = Names(self.printer.district)
        crew = say("planner.report.comma").join(names.people(duty.people))
        parts = [self.hours(duty), say(f"code.kind.{duty.kind}"),
                 names.post(duty.post) or duty.post, duty.vehicle, crew]  # fmt: skip
        return " ".join(part for part in parts if part)

    def hours(self, duty: Duty) -> str:
        """From when to when; an end on the next day is told as one."""
        first, last = self.printer.iso(duty.start_min), self.printer.iso(duty.end_min)
        return span_text(first, last, words(self.lang))
