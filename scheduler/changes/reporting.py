"""Reporting over a bus who and what is missing, and what that changes of the weeks in force."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from config.calendar import week_of_day
from config.errors import NotFound
from config.made_tables import RosterRow
from events.facts import Accepted
from events.ports import inbox
from scheduler import publish
from scheduler.ask import Desk
from scheduler.changes.changed import Changed, became, would_become
from scheduler.drafting import against
from scheduler.due import Repair, asked
from scheduler.ledger import REPAIRS, Ledger, WeekLedger, known
from scheduler.plan_log import PlanReader
from scheduler.readback import kept_duties, kept_folder, published_weeks
from scheduler.refusal import unjudged
from scheduler.restoring import Left, restored
from scheduler.week_ledger import Return, weeks_around


@dataclass(frozen=True, slots=True)
class Back:
    """What came back of a week, and what stays as the absence left it."""

    week: str
    changed: Changed | None
    left: tuple[Left, ...] = ()


@dataclass(slots=True)
class Reports:
    """One command's reports."""

    desk: Desk
    dry: bool = False
    """Only say what would change."""

    def absent(self, person: str, on: date, by: str | None = None) -> list[Changed]:
        """Report a person absent for a day; each week in force that this changes, or should have.

        Of a Monday the week before is looked at, too: a night that began on its Sunday.

        Args:
            person: Who.
            on: Which day.
            by: Who says so.

        Raises:
            NotFound: Nobody answers.
            KeptUnlawful: The week as it is kept breaks a law; nothing is noted.
        """
        for week in self._touched(person, on):
            self.desk.adopted(week)
        day = on.isoformat()
        return self._changed(
            "absence_reported", {"person": person, "dates": [day]} | ({"by": by} if by else {}),
            lambda ledger: day in ledger.absences.get(person, ()),
        )  # fmt: skip

    def back(self, person: str, on: date, by: str | None = None) -> list[Back]:
        """Take an absence back, and what it changed of each week in force as far as that can be.

        Args:
            person: Who is there after all.
            on: Which day.
            by: Who says so.

        Raises:
            NotFound: They are not reported absent on that day, or nobody answers.
        """
        day = on.isoformat()
        if day not in self._ledger().absences.get(person, ()):
            raise NotFound("repair.not_absent", person=person, day=day)
        if self.dry:
            return list(self._would_come_back(person, on))
        told = {"person": person, "dates": [day], "back": True} | ({"by": by} if by else {})
        reader = PlanReader(self.desk.bus, self.desk.area)
        self._settled(
            reader, "absence_reported", told,
            lambda ledger: day not in ledger.absences.get(person, ()),
        )  # fmt: skip
        return [_came_back(reader.ledger, week, person, day) for week in weeks_around(on)]

    def vehicle(
        self, vehicle: str, since: date, until: date | None, reason: str | None,
        by: str | None = None,
    ) -> list[Changed]:  # fmt: skip
        """Report a vehicle withdrawn; each week in force that this changes, or should have.

        Args:
            vehicle: Which.
            since: The first day without it.
            until: The last one; None: not known.
            reason: Why.
            by: Who says so.

        Raises:
            NotFound: Nobody answers.
            KeptUnlawful: A week as it is kept breaks a law; nothing is noted.
        """
        for week in self._weeks(since, until):
            self.desk.adopted(week)
        known = self._ledger().reports
        told: dict[str, Any] = {"vehicle": vehicle, "since": since.isoformat()}
        told |= {"until": until.isoformat()} if until else {}

        def there(ledger: Ledger) -> bool:
            return ledger.reports > known and any(
                all(one.get(name) == value for name, value in told.items())
                for one in ledger.vehicles
            )

        more = {name: value for name, value in (("reason", reason), ("by", by)) if value}
        return self._changed("vehicle_withdrawn", told | more, there)

    def in_force(self, week: str) -> bool:
        """Whether any version of a week is."""
        return self._ledger().week(week).held is not None

    # --- parts -------------------------------------------------------------------------------

    def _ledger(self) -> Ledger:
        return PlanReader(self.desk.bus, self.desk.area).ledger

    def _changed(
        self, name: str, told: Mapping[str, Any], there: Callable[[Ledger], bool]
    ) -> list[Changed]:
        """Send a report; what it changes of each week, once the planner has done all of it.

        Args:
            name: Of the event.
            told: Its data.
            there: Whether a ledger has it.
        """
        if self.dry:
            return list(self._would(name, told))
        reader = PlanReader(self.desk.bus, self.desk.area)
        before = {week: held.next_version for week, held in reader.ledger.weeks.items()}
        self._settled(reader, name, told, there)
        return [
            change for week, held in sorted(reader.ledger.weeks.items())
            for change in _repairs(reader.ledger, week, held, before.get(week, 1))
        ]  # fmt: skip

    def _settled(
        self, reader: PlanReader, name: str, told: Mapping[str, Any],
        there: Callable[[Ledger], bool],
    ) -> None:  # fmt: skip
        """Send a report and wait until the planner has done all of it."""
        self.desk.send(name, told)

        def settled(ledger: Ledger) -> bool | None:
            left = asked(ledger, self.desk.now_ms(ledger), self.desk.district.calendar)
            due = any(isinstance(act, Repair | Return) for act in left)
            return (there(ledger) and not due) or None

        self.desk.until(reader, settled)

    def _would_come_back(self, person: str, on: date) -> Iterator[Back]:
        """What the planner would put back, without anybody hearing of it."""
        ledger, gone = self._ledger(), (person, on.isoformat())
        recorded, now_ms = ledger.recorded.without(*gone), self.desk.now_ms(ledger)
        for week in weeks_around(on):
            held = ledger.week(week)
            if held.held is None:
                yield Back(week, None)
                continue
            found = restored(self.desk.district, recorded, held, week, gone, now_ms)
            duties = publish.renumbered(found.duties, held.next_version)
            base = held.drafts[held.held]
            would = would_become(week, duties, "undo", found.change, base) if found.change else None
            yield Back(week, would, found.left)

    def _would(self, name: str, told: Mapping[str, Any]) -> Iterator[Changed]:
        """What the planner would make of a report: the same, without anybody hearing of it."""
        from scheduler.absence import next_version  # noqa: PLC0415 - ortools

        report = Accepted(
            type="accepted", topic=inbox(self.desk.area), partition=0, offset=0, event="dry",
            kind=f"qinwu.{name}.v1", data=dict(told),
        )  # fmt: skip
        ledger = known(self._ledger(), [report], ())
        district, now_ms = self.desk.district, self.desk.now_ms(ledger)
        by_now = ledger.recorded.onto(district)
        for act in asked(ledger, now_ms, district.calendar):
            if not isinstance(act, Repair) or not act.publish:
                continue
            held = ledger.week(act.week)
            base, made = held.drafts[act.version], next_version(district, ledger, act, now_ms)
            duties = publish.renumbered(publish.normal(made.duties), held.next_version)
            wrong = [unjudged(made.fault)] if made.fault else [
                publish.breach_data(breach) for breach in against(
                    by_now, held, act.week, publish.normal(duties), base.duties, now_ms
                )
            ]  # fmt: skip
            yield would_become(act.week, duties, made.cause, made.change, base, wrong)

    def _touched(self, person: str, on: date) -> Iterator[str]:
        """Kept weeks of which a day's absence may change something: its own, and the one before."""
        week, first = week_of_day(on), week_of_day(on - timedelta(days=1))
        kept = kept_folder(self.desk.district, first) / RosterRow.file
        start_ms = self.desk.district.calendar.week_start_ms(week)
        if first != week and kept.exists() and any(
            person in duty.people and duty.end_ms > start_ms
            for duty in kept_duties(self.desk.district, kept)
        ):  # fmt: skip
            yield first
        yield week

    def _weeks(self, since: date, until: date | None) -> Iterator[str]:
        """Kept weeks that a span of days touches."""
        first, last = week_of_day(since), week_of_day(until) if until else None
        for week in published_weeks(self.desk.district):
            if first <= week and (last is None or week <= last):
                yield week


def _came_back(ledger: Ledger, week: str, person: str, day: str) -> Back:
    """What the planner did about a week because somebody is there after all."""
    done, held = ledger.backs.get(Return(week, person, day)), ledger.week(week)
    if done is None:
        return Back(week, None)
    left = tuple(map(Left.of, done.left))
    draft = held.drafts.get(done.version or 0)
    if draft is None:
        return Back(week, None, left)
    base = next((o.replaces for o in held.publications if o.version == draft.version), draft.base)
    return Back(week, became(ledger, week, draft, held.drafts.get(base or 0)), left)


def _repairs(ledger: Ledger, week: str, held: WeekLedger, since: int) -> Iterator[Changed]:
    """Repairs of a week from a version on; a refused one only if nothing came of it later.

    One that was refused before by all that is known now is not tried again: it is told, too.
    """
    replaced = {one.version: held.drafts.get(one.replaces or 0) for one in held.publications}
    for version, draft in sorted(held.drafts.items()):
        if draft.cause not in REPAIRS:
            continue
        if version in replaced and version >= since:
            yield became(ledger, week, draft, replaced[version])
        elif draft.refused and version > (held.held or 0) and draft.reports == ledger.reports:
            yield Changed(week, held.held, breaches=draft.breaches, cause=draft.cause)
