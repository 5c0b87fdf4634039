"""Takes an edited duty sheet back: what it changes, what is wrong with it, and the files of it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from config.calendar import monday_of
from config.errors import BadInput, Finding
from config.ids import DutyId
from config.made_tables import MustArriveOutRow, PinRow, StaffingRow
from config.reading import write_rows
from config.whole import whole
from config.words import Say, words
from scheduler.breach_words import by_duty
from scheduler.compare import ChangedDay, changes
from scheduler.export import write_roster
from scheduler.names import Names
from scheduler.pins import Pin, merged, pin_rows, unkept
from scheduler.publish import breach_data, breaches
from scheduler.roster import Roster
from scheduler.sheet.book import facts
from scheduler.sheet.edits import Before, Edits
from scheduler.sheet.equip import Equipped, equipped
from scheduler.sheet.known import Known
from scheduler.sheet.layout import HEAD_ROW, task_text
from scheduler.sheet.read_sheet import SheetReader, Trouble
from scheduler.sheet.source import Source
from scheduler.sheet.workbook import Opened, Remembered
from scheduler.sheets import day_text

_WEEK = re.compile(r"(\d{4})(?:-W|年第)(\d{1,2})")
BESIDE = (MustArriveOutRow.file, StaffingRow.file)
"""What stands beside a roster and does not change with it."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a sheet.

    pins: All pins of the week, older ones included. places: Cell of each duty. unkept: Pins that
    the sheet does not keep to.
    """

    source: Source
    roster: Roster
    pins: tuple[Pin, ...]
    changes: tuple[ChangedDay, ...]
    findings: tuple[Finding, ...]
    places: Mapping[DutyId, str]
    unkept: tuple[Pin, ...] = ()

    @property
    def errors(self) -> list[Finding]:
        """What must be mended before the sheet can be taken."""
        return [one for one in self.findings if one.level == "error"]

    def laws(self, lang: str) -> list[str]:
        """The laws that the roster breaks, a line a law and duty, with the cell of the duty."""
        file = replace(self.source.file, roster=self.roster)
        lines, say, district = [], words(lang), self.source.district
        for one in by_duty(map(breach_data, breaches(district, file)), Names(district), lang):
            duty, first = one.duty_of(self.roster) or DutyId(""), one.breaches[0]
            place = self.places.get(duty) or duty or first.get("team") or first.get("squadron")
            lines.append(say("planner.broke", place=place or "", text=one.text))
        return lines

    def write(self, out: Path) -> None:
        """The files of the roster, to be published: as `qinwu plan` writes them, with its pins."""
        source = self.source
        version, points = source.file.version, source.file.points
        with whole(out) as folder:
            write_roster(folder, source.printer, self.roster, version, points)
            for name in BESIDE:
                if (source.folder / name).exists():
                    (folder / name).write_bytes((source.folder / name).read_bytes())
            rows = pin_rows(self.pins, source.printer)
            write_rows(folder / PinRow.file, rows, PinRow, bom=True)


def week_of(opened: Opened) -> str:
    """The week that a workbook is about: as it remembers, else as its title or heads say.

    Raises:
        BadInput: It does not say.
    """
    told = opened.remembered().facts.get("week", "")
    texts = [told]
    for sheet in opened.sheets():
        top = sheet.iter_rows(max_row=HEAD_ROW, max_col=20, values_only=True)
        texts += [str(cell) for cells in top for cell in cells if cell is not None]
    for text in texts:
        for year, number in _WEEK.findall(text):
            week = f"{year}-W{int(number):02d}"
            try:
                monday_of(week)
            except ValueError:
                continue
            return week
    raise BadInput(key="sheet.no_week", file=opened.path)


def take(source: Source, opened: Opened, lang: str) -> Taken:
    """Read an edited sheet against a roster.

    Raises:
        BadInput: No worksheet has the heads of a week, or it is another brigade's.
    """
    say, remembered = words(lang), opened.remembered()
    area = source.district.settings.brigade
    if remembered.facts.get("area", area) != area:
        other = remembered.facts["area"]
        raise BadInput(key="sheet.other_area", file=opened.path, found=other, area=area)
    known = Known.of(source.district)
    rows, trouble = SheetReader(opened, known, source.problem.dates, say).read()
    _tell_version(source, remembered, trouble)
    edits = Edits(source, known, opened, remembered, trouble, Before.of(source, known))
    stated = edits.apply(rows)
    changed = {duty.id for duty in stated.duties if (duty.team, duty.date) in edits.pinned}
    roster, put_right = equipped(source.problem, source.roster, stated, changed)
    _tell_equipped(put_right, edits, say)
    new = tuple(edits.pins(roster))
    pins = merged(source.pins, new)
    broken = tuple(unkept(pins, roster))
    people = source.district.people.persons
    return Taken(
        source, roster, pins, tuple(changes(source.roster, roster, people=people)),
        tuple(trouble.findings), edits.places, broken,
    )  # fmt: skip


def _tell_version(source: Source, remembered: Remembered, trouble: Trouble) -> None:
    """Say that the roster is not the one that was printed any more."""
    now = dict(facts(source, ""))
    if remembered.facts.get("hash", now["hash"]) != now["hash"]:
        told = remembered.facts.get("version", "?")
        trouble.doubt("other_version", "A1", printed=told, version=now["version"])


def _tell_equipped(found: Sequence[Equipped], edits: Edits, say: Say) -> None:
    """Say what an edit brought about that nobody wrote."""
    for one in found:
        place = edits.places.get(one.duty.id, "A1").rpartition("!")[2]
        told = f"{one.duty.team} {day_text(one.duty.date, say)}"
        if one.lost_visits:
            edits.trouble.doubt("visits_lost", place, value=told, count=one.lost_visits)
        for task in one.lost_tasks:
            name = task_text(Names(edits.source.district).task(task))
            edits.trouble.doubt("task_lost", place, value=told, task=name)
        if one.duty.vehicle != one.stated.vehicle:
            vehicle = one.duty.vehicle or say("planner.report.nobody")
            edits.trouble.doubt("vehicle", place, value=told, vehicle=vehicle)
