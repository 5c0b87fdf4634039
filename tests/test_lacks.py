"""What a lawful roster lacks is told to whoever edits it by hand; an old report is not kept."""

from dataclasses import replace
from pathlib import Path

import pytest
from districts import WEEK, small_district
from planned import week_of, write_week
from typed import Typed, typed

from config.district import District, load
from config.made_tables import StaffingRow
from config.reading import write_rows
from config.words import LANGUAGES, words
from scheduler.advice.lacks import demand_of, lacks
from scheduler.export import Printer
from scheduler.intake import Week
from scheduler.publish import file_hash, is_stale
from scheduler.readback import RosterFile, kept_folder
from scheduler.roster import Roster

__all__ = ["typed"]  # a fixture


@pytest.fixture
def district(tmp_path: Path) -> District:
    """The hand-made district, with two schools on each school day."""
    return load(small_district(tmp_path / "d"))


def staffing(district: District, path: Path, units: int) -> None:
    """So many units of s1 on Monday from 08:00 to 10:00, nobody else."""
    slots = Week(district.calendar, WEEK).slot_min()
    iso = Printer(district, WEEK).iso
    rows = [
        StaffingRow(
            squadron=squadron, start=iso(slots[n]), response=0, visits=0, statutory=0, fixed=0,
            units=units if squadron == "s1" and 16 <= n < 20 else 0, operations=0,
        )
        for squadron in district.squadrons for n in range(336)
    ]  # fmt: skip
    write_rows(path, rows, StaffingRow)


def told(district: District, file: RosterFile, folder: Path) -> str:
    """What it lacks, in English."""
    return "\n".join(lacks(district, file, folder, "en"))


def test_schools_without_a_team_are_named(district: District, tmp_path: Path) -> None:
    """The hand edit that the laws say nothing of."""
    assert "fixed duties, 14 without a team" in told(district, week_of(district, WEEK), tmp_path)
    assert "school post" in told(district, week_of(district, WEEK), tmp_path)


def test_what_is_staffed_is_not_told(district: District, tmp_path: Path) -> None:
    """One duty that does a school's post makes one less."""
    file = week_of(district, WEEK)
    first = file.roster.duties[0]
    start = first.start_min - 60
    does = replace(first, start_min=start, tasks=(f"school1@{first.date}",))
    mended = replace(file, roster=Roster((does, *file.roster.duties[1:])))
    assert "fixed duties, 13 without a team" in told(district, mended, tmp_path)


@pytest.mark.parametrize(("units", "hours"), [(2, None), (3, "2 of 6"), (5, "6 of 10")])
def test_unit_hours_are_counted_by_the_staffing_beside_it(
    district: District, tmp_path: Path, units: int, hours: str | None
) -> None:
    """Two teams of s1 are there on Monday morning."""
    staffing(district, tmp_path / "staffing.csv", units)
    found = told(district, week_of(district, WEEK), tmp_path)
    assert "staffing.csv" not in found
    assert (f"{hours} unit hours needed are missing" in found) == (hours is not None)


def test_without_staffing_it_is_said_that_nobody_looked(district: District, tmp_path: Path) -> None:
    """No line would say that nothing is missing."""
    assert "nobody looked at unit hours" in told(district, week_of(district, WEEK), tmp_path)
    assert demand_of(district, WEEK, tmp_path / "staffing.csv") is None


def test_visits_that_nobody_makes_are_counted(district: District, tmp_path: Path) -> None:
    """A duty that was deleted takes its visits along."""
    file = week_of(district, WEEK)
    due = sum(point.visits for point in file.points.values())
    made = sum(len(duty.visits) for duty in file.roster.duties)
    fewer = replace(file, roster=Roster(file.roster.duties[1:]))
    assert f"{due - made + 1} of {due} visits due" in told(district, fewer, tmp_path)


def test_check_tells_it_after_the_laws(district: District, tmp_path: Path, typed: Typed) -> None:
    """And it is no fault: exit 0."""
    write_week(district, week_of(district, WEEK), tmp_path / "w")
    shown = typed("roster", "check", district.folder, tmp_path / "w" / "roster.csv")
    assert shown.code == 0, shown.err
    first, second, *rest = shown.out.splitlines()
    assert first.endswith("no law broken")
    assert second == "what it lacks, which no law forbids:"
    assert any("without a team" in line for line in rest)


def test_publish_tells_it_and_does_not_keep_an_old_report(
    district: District, tmp_path: Path, typed: Typed
) -> None:
    """A report of the roster before the edit would be read as this one's."""
    source, kept = tmp_path / "w", kept_folder(district, WEEK)
    write_week(district, week_of(district, WEEK), source)
    head = f'<meta name="roster" content="{file_hash(source / "roster.csv")}">'
    (source / "report.html").write_text(head, encoding="utf-8")
    published = typed("publish", district.folder, "--week", WEEK, "--from", source)
    assert published.code == 0, published.err
    assert "without a team" in published.out
    assert (kept / "report.html").exists()
    text = (source / "roster.csv").read_text(encoding="utf-8-sig")
    (source / "roster.csv").write_text("".join(text.splitlines(keepends=True)[:-1]), "utf-8")
    again = typed("publish", district.folder, "--week", WEEK, "--from", source)
    assert again.code == 0, again.err
    assert "report.html is of the roster before it was changed" in again.err
    assert not (kept / "report.html").exists()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_roster_in_force_is_not_published_again(
    district: District, tmp_path: Path, typed: Typed, lang: str
) -> None:
    """Nobody is told of a second version that says the same; one that differs is published."""
    source = tmp_path / "w"
    write_week(district, week_of(district, WEEK), source)
    told = [
        typed("publish", district.folder, "--week", WEEK, "--from", source, lang=lang)
        for _ in range(2)
    ]
    assert [one.code for one in told] == [0, 0], told[1].err
    duties = len((source / "roster.csv").read_text(encoding="utf-8-sig").splitlines()) - 1
    again = words(lang)("planner.in_force", week=WEEK, version=1, duties=duties)
    assert told[1].out.splitlines()[0] == again
    text = (source / "roster.csv").read_text(encoding="utf-8-sig")
    (source / "roster.csv").write_text("".join(text.splitlines(keepends=True)[:-1]), "utf-8")
    last = typed("publish", district.folder, "--week", WEEK, "--from", source, lang=lang)
    assert last.out.splitlines()[0] != again


def test_a_report_that_does_not_say_of_which_roster_it_is_is_kept(tmp_path: Path) -> None:
    """It may be somebody's own."""
    (tmp_path / "report.html").write_text("<p>", encoding="utf-8")
    (tmp_path / "roster.csv").write_text("x", encoding="utf-8")
    assert not is_stale(tmp_path / "report.html", tmp_path / "roster.csv")
