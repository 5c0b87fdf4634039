"""What an edited duty sheet makes of a roster: the cells that somebody changed, and no others.

A cell that stands as it was printed is left as the roster has it now, so a sheet that was printed
from an earlier version undoes nothing that happened since.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from config.faults import shown
from config.ids import DutyId, PersonId, PostId, SquadronId, TeamId
from config.words import LANGUAGES, words
from scheduler.compare import differences
from scheduler.pins import Pin
from scheduler.roster import Duty, Roster, duty_id
from scheduler.sheet.cells import TASK, Fault, Stated, parse, people_of, span, text_of
from scheduler.sheet.known import Known, plain
from scheduler.sheet.layout import box_text, names_text
from scheduler.sheet.read_sheet import TeamRow, Trouble
from scheduler.sheet.source import Source
from scheduler.sheet.workbook import ERROR, FORMULA, Opened, Remembered, Value

if TYPE_CHECKING:
    from scheduler.sheets import Box

NOT_PINNED = frozenset({"device", "tasks", "visits"})


@dataclass(frozen=True, slots=True)
class Before:
    """The roster as the sheet would show it: each team's crew and days, in every language."""

    usual: Mapping[TeamId, tuple[PersonId, ...]]
    crews: Mapping[TeamId, tuple[str, ...]]
    boxes: Mapping[tuple[TeamId, date], tuple[str, ...]]
    duties: Mapping[tuple[TeamId, date], Duty]

    @classmethod
    def of(cls, source: Source, known: Known) -> "Before":
        """Of a source."""
        usual: dict[TeamId, tuple[PersonId, ...]] = {}
        crews: dict[TeamId, tuple[str, ...]] = {}
        boxes: dict[tuple[TeamId, date], tuple[str, ...]] = {}
        duties: dict[tuple[TeamId, date], Duty] = {}
        for lang in LANGUAGES:
            say = words(lang)
            for line in (line for sheet in source.sheets(say) for line in sheet.lines):
                team = TeamId(line.team)
                people = (known.person(name) for name in line.crew)
                usual[team] = tuple(person for person in people if person)
                crews[team] = (*crews.get(team, ()), names_text(line.crew, say))
                for day, box in zip(source.problem.dates, line.boxes, strict=True):
                    key = team, day
                    boxes[key] = (*boxes.get(key, ()), box_text(box, say))
                    duties |= _duty_at(key, box)
        return cls(usual, crews, boxes, duties)


def _duty_at(key: tuple[TeamId, date], box: "Box") -> dict[tuple[TeamId, date], Duty]:
    return {} if box.duty is None else {key: box.duty}


def same(one: str, other: str) -> bool:
    """Whether two texts say the same: without fixed duties, blanks, widths of letters."""
    return _bare(one) == _bare(other)


def _bare(text: str) -> str:
    lines = (plain(line) for line in text.replace("\r", "\n").split("\n"))
    return plain(" ".join(line for line in lines if not line.startswith(TASK)))


@dataclass(slots=True)
class Edits:
    """Applies the rows of a sheet to a roster.

    places: Address of the cell of each duty that there is or was.
    """

    source: Source
    known: Known
    opened: Opened
    remembered: Remembered
    trouble: Trouble
    before: Before
    places: dict[DutyId, str] = field(default_factory=dict)
    pinned: dict[tuple[TeamId, date], str] = field(default_factory=dict)
    _duties: dict[tuple[TeamId, date], Duty] = field(default_factory=dict)
    _own_crew: set[tuple[TeamId, date]] = field(default_factory=set)
    _crews: dict[TeamId, tuple[PersonId, ...]] = field(default_factory=dict)

    def apply(self, rows: Sequence[TeamRow]) -> Roster:
        """The roster with what was changed; what is wrong stays as it was, and is told."""
        self._duties = dict(self.before.duties)
        for row in rows:
            for day, value in row.days.items():
                self._day(row.team, day, value)
        for row in rows:
            if row.crew is not None and not row.crew.merged:
                self._crew(row.team, row.crew, rows)
        self._tell_missing(rows)
        shown_ids = {duty.id for duty in self.before.duties.values()}
        return self.source.roster.replaced(shown_ids, self._duties.values())

    def pins(self, roster: Roster) -> Iterator[Pin]:
        """Pins of all days that the sheet changed."""
        now = {(duty.team, duty.date): duty for duty in roster.duties}
        for (team, day), place in self.pinned.items():
            duty = now.get((team, day))
            if duty is None:
                yield Pin(team, day, source=place)
            else:
                hours = duty.start_min, duty.end_min
                yield Pin(team, day, hours, duty.kind, duty.post, place)

    # --- a day -------------------------------------------------------------------------------

    def _day(self, team: TeamId, day: date, value: Value) -> None:
        key = team, day
        was = self.before.duties.get(key)
        self.places[was.id if was else duty_id(team, day)] = f"{self.trouble.sheet}!{value.address}"
        if value.merged and value.merged != value.address:
            return  # told already; what the area says is the first cell's
        text = self._text(value, was)
        if isinstance(text, Fault):
            self._fault(text, value, was)
            return
        now = self.before.boxes.get(key, ("",))
        printed = self.remembered.cells.get((str(team), day.isoformat()))
        if (printed is not None and same(text, printed)) or any(same(text, one) for one in now):
            return
        stated = parse(text, self.known, self._clocks(was))
        if isinstance(stated, Fault):
            self._fault(stated, value, was)
            return
        if printed is not None and not any(same(printed, one) for one in now):
            self.trouble.doubt("overtaken", value, value=shown(plain(text)),
                              now=shown(plain(now[0])))  # fmt: skip
        if stated is None:
            if was is not None and not is_word(text):
                self.trouble.doubt("emptied", value, value=span(*self._clocks(was)))
            self._put(key, None, value)
        else:
            self._put(key, self._stated(team, day, stated), value)
            if stated.auxiliaries is not None:
                self._own_crew.add(key)

    def _text(self, value: Value, was: Duty | None) -> str | Fault:
        """The text of a cell; that of a formula is never guessed, only proposed."""
        if value.kind not in (FORMULA, ERROR):
            return text_of(value.value)
        near = ""
        if value.kind == FORMULA:
            told = text_of(self.opened.reckoned(self.trouble.sheet, value))
            if isinstance(told, str) and isinstance(parse(told, self.known), Stated):
                near = plain(told)
        near = near or (span(*self._clocks(was)) if was else "")
        key = "formula" if value.kind == FORMULA else "error_value"
        fields = {"value": shown(_formula(value.value)), **({"near": near} if near else {})}
        return Fault(key, fields)

    def _fault(self, fault: Fault, value: Value, was: Duty | None) -> None:
        fields = dict(fault.fields)
        if was is not None and not fields.get("near"):
            fields["near"] = span(*self._clocks(was))
        self.trouble.note(fault.key, value, **fields)

    def _clocks(self, duty: Duty | None) -> tuple[int, int]:
        """A duty's hours as minutes after its date's midnight; the usual ones without one."""
        if duty is None:
            return 450, 930
        midnight = self.source.printer.of.minute(duty.date)
        return duty.start_min - midnight, duty.end_min - midnight

    def _stated(self, team: TeamId, day: date, stated: Stated) -> Duty:
        """The duty that a cell states; what it does not say is as it was, or as is usual."""
        of = self.source.printer.of
        hours = of.local(day, stated.start_min), of.local(day, stated.end_min)
        duty = self.before.duties.get((team, day)) or self._fresh(team, day)
        return replace(
            duty, start_min=hours[0], end_min=hours[1], kind=stated.kind or duty.kind,
            post=stated.post or duty.post, vehicle=stated.vehicle or duty.vehicle,
            auxiliaries=duty.auxiliaries if stated.auxiliaries is None else stated.auxiliaries,
        )  # fmt: skip

    def _fresh(self, team: TeamId, day: date) -> Duty:
        """A duty of a day on which the team had none, without hours and vehicle."""
        problem, officer = self.source.problem, self.known.teams[team]
        crew = problem.crews[problem.day(day)].get(team)
        usual = self.before.usual.get(team, ())
        squadron = SquadronId(self.source.district.people.persons[officer].squadron)
        return Duty(
            duty_id(team, day), team, squadron, day, 0, 0, "patrol", officer,
            crew.auxiliaries if crew else usual, self._post(team, squadron),
        )  # fmt: skip

    def _post(self, team: TeamId, squadron: SquadronId) -> PostId | None:
        """The post of most of a team's duties, else the squadron's station."""
        own = [d.post for d in self.source.roster.duties if d.team == team and d.post]
        if own:
            return max(sorted(set(own)), key=own.count)
        return next((p.id for p in self.source.problem.posts
                     if p.squadron == squadron and p.station), None)  # fmt: skip

    def _put(self, key: tuple[TeamId, date], duty: Duty | None, value: Value) -> None:
        """Put a duty, or none, in the place of what was there; a day that changed is pinned."""
        was = self._duties.pop(key, None)
        if duty is not None:
            self._duties[key] = duty
        told = set(differences(was, duty)) - NOT_PINNED if was and duty else {was, duty} - {None}
        if told:
            self.pinned[key] = f"{self.trouble.sheet}!{value.address}"

    # --- a crew ------------------------------------------------------------------------------

    def _crew(self, team: TeamId, value: Value, rows: Sequence[TeamRow]) -> None:
        text = text_of(value.value)
        if value.kind in (FORMULA, ERROR) or isinstance(text, Fault):
            self.trouble.note("formula", value, value=shown(_formula(value.value)),
                              near=next(iter(self.before.crews.get(team, ())), ""))  # fmt: skip
            return
        printed = self.remembered.cells.get((str(team), ""))
        now = self.before.crews.get(team, ("",))
        if (printed is not None and same(text, printed)) or any(same(text, one) for one in now):
            return
        people = people_of(text, self.known)
        if isinstance(people, Fault):
            self.trouble.note(people.key, value, **people.fields)
            return
        usual = set(self.before.usual.get(team, ()))
        if set(people) == usual or not self._may_come(team, people, usual, value, rows):
            return
        for key, duty in list(self._duties.items()):
            same_crew = set(duty.auxiliaries) == usual
            if key[0] == team and key not in self._own_crew and same_crew:
                self._put(key, replace(duty, auxiliaries=people), value)

    def _may_come(
        self, team: TeamId, people: Sequence[PersonId], usual: set[PersonId], value: Value,
        rows: Sequence[TeamRow],
    ) -> bool:  # fmt: skip
        """Whether people new in a row's crew are auxiliaries and in no other row; told if not."""
        persons, free = self.source.district.people.persons, True
        for person in (one for one in people if one not in usual):
            told = self.known.person_text(person)
            if persons[person].role != "auxiliary":
                self.trouble.note("no_auxiliary", value, value=told)
                free = False
            other = next((row for row in rows if row.team != team and row.crew is not None
                          and person in self._named(row)), None)  # fmt: skip
            if other is not None and other.crew is not None:
                first = other.crew.address
                self.trouble.note("person_twice", value, value=told, first=first)
                free = False
        return free

    def _named(self, row: TeamRow) -> tuple[PersonId, ...]:
        """The people whom a row's crew names now."""
        if row.team not in self._crews:
            text = text_of(row.crew.value) if row.crew is not None else ""
            found = people_of(text, self.known) if isinstance(text, str) else ()
            self._crews[row.team] = () if isinstance(found, Fault) else found
        return self._crews[row.team]

    def _tell_missing(self, rows: Sequence[TeamRow]) -> None:
        """Teams with duties whose rows are not there: were they deleted, or lost?"""
        there = {row.team for row in rows}
        counts: dict[TeamId, int] = {}
        for team, _ in self.before.duties:
            counts[team] = counts.get(team, 0) + (team not in there)
        last = max((row.row for row in rows), default=1)
        for team, count in counts.items():
            if count:
                told = f"{team} {self.known.person_text(self.known.teams[team])}"
                self.trouble.note("row_missing", f"A{last}", value=told, count=count)


def is_word(text: str) -> bool:
    """Whether anything stands in a cell."""
    return bool(plain(text))


def _formula(value: object) -> str:
    """A formula's text; that of an array is inside an object."""
    return str(getattr(value, "text", None) or value)
