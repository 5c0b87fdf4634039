"""Two rosters of a week side by side: what differs, person by person, and what that costs."""

import re
from pathlib import Path

from config.district import District
from config.errors import BadInput, NotFound
from config.made_tables import RosterRow, StaffingRow
from config.named import week_named
from config.words import words
from scheduler.advice.answers import cost_text, part_lines
from scheduler.advice.asked import Asked, read_asked
from scheduler.change_words import ChangeWords
from scheduler.compare import changes
from scheduler.costing import cost_of
from scheduler.export import Printer
from scheduler.readback import kept_folder
from scheduler.reported import told_district

WEEK = re.compile(r"\d{4}-?W?\d{1,2}")


def difference_lines(folder: Path, before: str, after: str, lang: str) -> tuple[list[str], int]:
    """A line a change, then the change of cost rule by rule; and how many changes there are.

    Args:
        folder: The district's.
        before: A folder with a roster.csv, such a file, or a week: the published roster.
        after: The other.
        lang: Of the words.

    Raises:
        NotFound: There is no such roster.
        BadInput: They are of different weeks, or one cannot be read.
    """
    say, district = words(lang), told_district(folder, lang)
    paths = [_path(district, text) for text in (before, after)]
    needs = next(
        (path.parent for path in reversed(paths) if (path.parent / StaffingRow.file).exists()), None
    )
    one, other = (read_asked(district, path, needs) for path in paths)
    if one.week != other.week:
        raise BadInput(key="planner.other_week", file=paths[1], found=other.week, week=one.week)
    found = changes(one.roster, other.roster, people=district.people.persons)
    told = ChangeWords(Printer(district, one.week), lang)
    lines = [told.line(change) for change in found] or [say("sheet.change.none")]
    people = len({change.person for change in found})
    lines.append(say("answers.diff.count", week=one.week, changes=len(found), people=people))
    if needs is None:
        return [*lines, say("answers.diff.no_needs", file=StaffingRow.file)], len(found)
    return [*lines, *_costs(one, other)], len(found)


def _costs(one: Asked, other: Asked) -> list[str]:
    """What the other costs more, with the same needs."""
    say = words()
    was, now = cost_of(one.problem, one.roster), cost_of(one.problem, other.roster)
    change = {key: now[key] - was[key] for key in sorted({*now, *was}) if now[key] != was[key]}
    return [say("answers.diff.cost", cost=cost_text(change, say)), *part_lines(change, say)]


def _path(district: District, told: str) -> Path:
    """The roster.csv that is meant."""
    path = Path(told)
    if not path.exists() and WEEK.fullmatch(told):
        path = kept_folder(district, week_named(told))
    if path.is_dir() or not path.suffix:
        path = path / RosterRow.file
    if not path.exists():
        raise NotFound("planner.no_file", file=path)
    return path
