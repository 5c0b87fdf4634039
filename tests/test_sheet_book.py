"""The workbook, the page, the calendars and the data of a week."""

import json
import re
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from districts import MONDAY, WEEK, small_district
from icalendar import Calendar
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from planned import week_of, write_week

from config.district import District, load
from config.ids import DutyId, PersonId, TeamId
from config.words import LANGUAGES, words
from scheduler.roster import Duty, Roster, duty_id
from scheduler.sheet.book import write_book, write_page
from scheduler.sheet.calendar_files import Calendars
from scheduler.sheet.data import data_of
from scheduler.sheet.day_sheet import halves
from scheduler.sheet.layout import META, box_text
from scheduler.sheet.section_sheet import presence
from scheduler.sheet.source import Source, source_of

STAMP = datetime(2026, 11, 26, 4, tzinfo=UTC)
A3_PAPER = 8


def source_in(folder: Path, district: District) -> Source:
    """The hand-made week, with a night on Monday, in a folder."""
    file = week_of(district, WEEK)
    first = file.roster.duty(duty_id(TeamId("t1"), MONDAY))
    assert first is not None
    night = replace(first, start_min=1320, end_min=1800, visits=())
    write_week(district, replace(file, roster=file.roster.replaced([first.id], [night])), folder)
    return source_of(district, WEEK, folder)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """The hand-made week."""
    district = load(small_district(tmp_path_factory.mktemp("d")))
    return source_in(tmp_path_factory.mktemp("out"), district)


@pytest.fixture(scope="module")
def book(source: Source, tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    """Its workbook in Chinese, read back."""
    path = tmp_path_factory.mktemp("book") / "w.xlsx"
    write_book(source, path, "zh-CN")
    return load_workbook(path)


def test_the_workbook_has_a_sheet_for_each_reader(book: Workbook) -> None:
    """The week, posts by the hour, seven days, must-arrive points; and a hidden memory."""
    names = book.sheetnames
    assert names[:2] == ["排班表", "岗位路段"]
    assert names[2:9] == [
        "周一 11月30日", "周二 12月1日", "周三 12月2日", "周四 12月3日", "周五 12月4日",
        "周六 12月5日", "周日 12月6日",
    ]  # fmt: skip
    assert names[9:] == ["必到点清单", META]
    assert book[META].sheet_state == "veryHidden"


def test_every_sheet_prints_on_a3_landscape_one_page_wide(book: Workbook) -> None:
    """With its title and heads on every page."""
    for sheet in book.worksheets[:-1]:
        setup = sheet.page_setup
        assert (setup.paperSize, setup.orientation) == (A3_PAPER, "landscape"), sheet.title
        assert (setup.fitToWidth, setup.fitToHeight) == (1, 0), sheet.title
        fit = sheet.sheet_properties.pageSetUpPr
        assert fit is not None, sheet.title
        assert fit.fitToPage, sheet.title
        assert sheet.print_title_rows == "$1:$2", sheet.title


def test_each_squadron_has_its_page(book: Workbook) -> None:
    """A break after the signatures of each but the last."""
    sheet = book["排班表"]
    texts = {row: str(sheet.cell(row, 1).value or "") for row in range(1, sheet.max_row + 1)}
    signed = [row for row, text in texts.items() if text.startswith("制表：")]
    assert [one.id for one in sheet.row_breaks.brk] == signed[:-1]
    assert [row for row, text in texts.items() if "中队　" in text] == [3, signed[0] + 1]
    assert len(signed) == 2


def test_the_list_of_visits_says_which_vehicles_to_stop(book: Workbook) -> None:
    """In its last column."""
    heads, first = ([cell.value for cell in book["必到点清单"][row]] for row in (2, 4))
    assert (heads[-1], first[-1]) == ("必查车辆", "渣土车")


def test_nothing_is_merged(book: Workbook) -> None:
    """So a person can sort it, and a column can be moved."""
    assert [one.title for one in book.worksheets if one.merged_cells.ranges] == []


def test_a_name_that_is_a_formula_is_a_text(tmp_path: Path) -> None:
    """Whoever is called `=1+1` is not reckoned on the desk's machine."""
    folder = small_district(tmp_path / "d")
    people = (folder / "people.csv").read_text(encoding="utf-8").replace("民警1", "=1+1")
    (folder / "people.csv").write_text(people, encoding="utf-8")
    write_book(source_in(tmp_path / "out", load(folder)), tmp_path / "w.xlsx", "en")
    cells = [
        cell for sheet in load_workbook(tmp_path / "w.xlsx") for row in sheet.iter_rows()
        for cell in row if cell.value is not None and "=1+1" in str(cell.value)
    ]  # fmt: skip
    assert cells
    assert {cell.data_type for cell in cells} == {"s"}


def test_a_team_that_is_a_formula_is_a_text_where_nobody_looks(tmp_path: Path) -> None:
    """The hidden worksheet remembers ids as they are, and its cells are reckoned, too."""
    folder = small_district(tmp_path / "d")
    people = (folder / "people.csv").read_text(encoding="utf-8").replace(",t8,", ",=1+1,")
    (folder / "people.csv").write_text(people, encoding="utf-8")
    write_book(source_in(tmp_path / "out", load(folder)), tmp_path / "w.xlsx", "en")
    hidden = load_workbook(tmp_path / "w.xlsx")[META]
    cells = [cell for row in hidden.iter_rows() for cell in row if cell.value == "=1+1"]
    assert {cell.data_type for cell in cells} == {"s"}


def test_a_night_is_on_both_days_of_the_bars_and_the_posts(source: Source, book: Workbook) -> None:
    """From 22:00 to 06:00: the first day runs on to 30:00, the second begins with it."""
    assert halves(source, MONDAY) == 60
    monday, tuesday = book.worksheets[2], book.worksheets[3]
    assert monday.max_column == 2 + 60
    row = next(n for n in range(1, monday.max_row + 1) if monday.cell(n, 1).value == "t1")
    assert str(monday.cell(row, 3 + 44).value).startswith("22:00–次日06:00")
    assert str(tuesday.cell(row, 3).value).startswith("22:00–次日06:00")
    say = words("zh-CN")
    there = {hour for hours in presence(source, MONDAY + timedelta(days=1), say).values()
             for hour, who in hours.items() if any("民警1" in one for one in who)}  # fmt: skip
    assert set(range(6)) <= there
    assert not {6, 7} & there


@pytest.mark.parametrize(("lang", "check", "school"), [
    ("zh-CN", "※21:00–03:00 夜查", "※07:00–13:00 护学岗 第一小学"),
    ("en", "※21:00–03:00 night check", "※07:00–13:00 school post 第一小学"),
])  # fmt: skip
def test_a_fixed_duty_in_a_cell_is_told_by_its_kind(
    source: Source, lang: str, check: str, school: str
) -> None:
    """Hours alone say nothing of what is to be done in them."""
    first = source.roster.duties[0]
    does = replace(first, tasks=(f"night_check@{first.date}", f"school1@{first.date}"))
    roster = source.roster.replaced([first.id], [does])
    own, say = replace(source, roster=roster), words(lang)
    boxes = [box for sheet in own.sheets(say) for line in sheet.lines for box in line.boxes]
    (lines,) = (box_text(box, say).splitlines() for box in boxes if box.tasks)
    assert lines[2:4] == [check, school]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_prints_on_a3(source: Source, tmp_path: Path, chromium: str, lang: str) -> None:
    """In a real browser: a page a squadron, 420 by 297 mm."""
    write_page(source, tmp_path / "w.html", lang)
    assert "http" not in (tmp_path / "w.html").read_text(encoding="utf-8")
    subprocess.run(  # noqa: S603 - the page just written
        [chromium, "--headless", "--no-sandbox", "--disable-gpu",
         f"--print-to-pdf={tmp_path / 'w.pdf'}", str(tmp_path / "w.html")],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    pages = (tmp_path / "w.pdf").read_bytes()
    boxes = [
        tuple(map(float, one.split())) for one in re.findall(rb"/MediaBox \[([^\]]*)\]", pages)
    ]
    sizes = {(round(right / 72 * 25.4), round(top / 72 * 25.4)) for _, _, right, top in boxes}
    assert sizes == {(420, 297)}
    assert len(re.findall(rb"/Type\s*/Page\b", pages)) == 2


# --- calendars -------------------------------------------------------------------------------


def calendars(source: Source, sequence: int = 1, before: Sequence[Roster] = ()) -> Calendars:
    """The calendars of a version."""
    return Calendars(source, sequence, STAMP, words("zh-CN"), before)


def events(made: Calendars, person: str) -> dict[str, dict[str, object]]:
    """A person's events by UID, as the library reads them back."""
    calendar = made.of(PersonId(person))
    assert calendar is not None
    read = Calendar.from_ical(calendar.to_ical())
    return {
        str(event["UID"]): {
            "status": str(event["STATUS"]), "sequence": int(str(event["SEQUENCE"])),
            "start": event.decoded("DTSTART"), "end": event.decoded("DTEND"),
            "summary": str(event["SUMMARY"]),
        }
        for event in read.walk("VEVENT")
    }  # fmt: skip


def without(source: Source, name: DutyId, *new: Duty) -> Source:
    """The source with a duty taken out or changed."""
    return replace(source, roster=source.roster.replaced([name], new))


def test_each_of_a_crew_has_the_duty_in_their_calendar(source: Source) -> None:
    """With one UID, in UTC, over midnight."""
    first = duty_id(TeamId("t1"), MONDAY)
    duty = source.roster.duty(first)
    assert duty is not None
    for person in duty.people:
        told = events(calendars(source), person)[f"{first}.hz"]
        assert told["start"] == datetime(2026, 11, 30, 14, tzinfo=UTC)
        assert told["end"] == datetime(2026, 11, 30, 22, tzinfo=UTC)
        assert (told["status"], told["sequence"]) == ("CONFIRMED", 1)
        assert told["summary"] == "巡逻 一中队"


def test_a_duty_that_moves_keeps_its_uid(source: Source) -> None:
    """And gets the new version's number."""
    first = duty_id(TeamId("t1"), MONDAY)
    duty = source.roster.duty(first)
    assert duty is not None
    moved = without(source, first, replace(duty, start_min=1260))
    told = events(calendars(moved, 2, [source.roster]), duty.officer)[f"{first}.hz"]
    assert (told["status"], told["sequence"]) == ("CONFIRMED", 2)
    assert told["start"] == datetime(2026, 11, 30, 13, tzinfo=UTC)


def test_a_duty_that_is_gone_is_cancelled_for_those_who_had_it(source: Source) -> None:
    """Also for one who only left its crew, and still when one more version was published."""
    first = duty_id(TeamId("t1"), MONDAY)
    duty = source.roster.duty(first)
    assert duty is not None
    gone = without(source, first)
    third = calendars(gone, 3, [source.roster, gone.roster])
    for person in duty.people:
        told = events(third, person)[f"{first}.hz"]
        assert (told["status"], told["sequence"]) == ("CANCELLED", 3)
    left = without(source, first, replace(duty, auxiliaries=duty.auxiliaries[:1]))
    second = calendars(left, 2, [source.roster])
    states = [events(second, person)[f"{first}.hz"]["status"] for person in duty.people]
    assert states == ["CONFIRMED", "CONFIRMED", "CANCELLED"]


def test_a_file_a_person_who_has_duties(source: Source, tmp_path: Path) -> None:
    """The same bytes every time; whoever never had a duty has no file, as a calendar needs one."""
    busy = {person for duty in source.roster.duties for person in duty.people}
    for out in ("a", "b"):
        written = calendars(source).write(tmp_path / out)
        assert {path.stem for path in written} == busy
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
        assert path.read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")


def test_no_id_leaves_the_folder(source: Source, tmp_path: Path) -> None:
    """Ids are the district's own choice: one may be a path."""
    duty = source.roster.duties[0]
    bad = PersonId("../../x")
    other = without(source, duty.id, replace(duty, officer=bad))
    written = calendars(other).write(tmp_path / "a", [bad])
    assert [path.parent for path in written] == [tmp_path / "a"]


# --- data ------------------------------------------------------------------------------------


def test_the_data_are_the_roster(source: Source) -> None:
    """As JSON, with ids as events have them and names beside."""
    told = json.loads(json.dumps(data_of(source)))
    assert (told["week"], told["area"], told["version"]) == (WEEK, "hz", 1)
    assert [one["duty"] for one in told["duties"]] == [d.id for d in source.roster.duties]
    first = next(one for one in told["duties"] if one["duty"] == f"t1@{MONDAY.isoformat()}")
    assert first["start"] == "2026-11-30T22:00:00+08:00"
    assert first["officer_name"] == "民警1"
