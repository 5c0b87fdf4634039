"""A roster as spreadsheet programs save it is read, and what was read otherwise is said."""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from districts import NOW, WEEK, edit, found, small_district
from planned import week_of, write_week
from typed import Typed, typed

from config import findings
from config.district import District, check, load
from config.errors import BadInput
from config.ids import PersonId
from config.reading import read_table
from config.tables import (
    BondRow,
    CalendarRow,
    DutyRow,
    LeaveRow,
    MustCorrectRow,
    PersonRow,
    Row,
    VehicleRow,
)
from scheduler.readback import RosterFile, read_roster

__all__ = ["typed"]  # a fixture
FILES = ("roster.csv", "visits.csv", "must_arrive.csv")


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> District:
    """The hand-made district."""
    return load(small_district(tmp_path_factory.mktemp("saved") / "d"))


def separated(text: str, delimiter: str) -> str:
    """The same table with another separator."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(csv.reader(io.StringIO(text)))
    return out.getvalue()


def slashed(text: str) -> str:
    """Dates as Excel shows and saves them; moments with offset stay text."""
    return re.sub(r",(\d{4})-0?(\d+)-0?(\d+),", r",\1/\2/\3,", text)


def hours(text: str) -> str:
    """Times of day likewise."""
    return re.sub(r",0(\d:\d\d),", r",\1,", text)


SAVED: dict[str, tuple[Callable[[str], bytes], tuple[str, ...]]] = {
    "gb18030": (lambda text: text.encode("gb18030"), ("encoding",)),
    "semicolons": (lambda text: separated(text, ";").encode(), ("delimiter",)),
    "tabs of utf-16": (lambda text: separated(text, "\t").encode("utf-16"),
                       ("encoding", "delimiter")),
    "slashes": (lambda text: hours(slashed(text)).encode(), ("times",)),
    "all": (lambda text: separated(slashed(text), ";").encode("gb18030"),
            ("encoding", "delimiter", "times")),
}  # fmt: skip


def saved(district: District, out: Path, how: Callable[[str], bytes]) -> Path:
    """A week's files, saved by another program."""
    write_week(district, week_of(district, WEEK), out)
    for name in FILES:
        path = out / name
        path.write_bytes(how(path.read_text(encoding="utf-8-sig")))
    return out / "roster.csv"


def said(file: RosterFile, name: str) -> list[str]:
    """What was read otherwise in a file."""
    return [one.key.rpartition(".")[2] for one in file.doubts if Path(one.file).name == name]


@pytest.mark.parametrize("name", SAVED)
def test_a_saved_roster_is_the_roster(district: District, tmp_path: Path, name: str) -> None:
    """Cell by cell; nothing is added, and it is said what was read otherwise."""
    how, keys = SAVED[name]
    file = read_roster(district, saved(district, tmp_path, how))
    plain = week_of(district, WEEK)
    assert file.roster == plain.roster
    assert {k: replace(p, reason=file.points[k].reason) for k, p in plain.points.items()} == dict(
        file.points
    )
    assert said(file, "roster.csv") == list(keys)


def test_ids_as_formulas_are_read(district: District, tmp_path: Path) -> None:
    """As programs write them that keep the zeros of 007."""

    def wrapped(text: str) -> bytes:
        return re.sub(r",([oa]\d+),", r',"=""\1""",', text).encode()

    file = read_roster(district, saved(district, tmp_path, wrapped))
    assert file.roster == week_of(district, WEEK).roster
    assert said(file, "roster.csv") == ["texts"]


def test_what_the_planner_wrote_is_read_as_it_stands(district: District, tmp_path: Path) -> None:
    """Nothing is said of it."""
    write_week(district, week_of(district, WEEK), tmp_path)
    assert read_roster(district, tmp_path / "roster.csv").doubts == ()


@pytest.mark.parametrize("written", ["01/02/2026", "30.11.2026", "2026/13/40", "44531"])
def test_a_date_that_may_mean_two_things_is_refused(
    district: District, tmp_path: Path, written: str
) -> None:
    """Guessing would put people on another day."""
    path = saved(district, tmp_path, str.encode)
    text = path.read_text(encoding="utf-8").replace(",2026-11-30,", f",{written},")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        read_roster(district, path)
    assert {one.fields["column"] for one in refused.value.findings} == {"date"}


def test_a_fault_keeps_its_line(district: District, tmp_path: Path) -> None:
    """Of the file that the person has before them."""

    def spoilt(text: str) -> bytes:
        return separated(text.replace(",o2,", ",nobody,", 1), ";").encode("gb18030")

    with pytest.raises(BadInput) as refused:
        read_roster(district, saved(district, tmp_path, spoilt))
    lines = (tmp_path / "roster.csv").read_text(encoding="gb18030").splitlines()
    line = next(n for n, text in enumerate(lines, start=1) if ";nobody;" in text)
    assert refused.value.findings[0].line == line


def test_check_says_what_was_read(district: District, tmp_path: Path, typed: Typed) -> None:
    """On stderr, before the laws."""
    path = saved(district, tmp_path, SAVED["all"][0])
    told = typed("roster", "check", district.folder, path)
    assert told.code == 0, told.err
    assert "read as GB18030" in told.err
    assert "separated by ;" in told.err
    assert "2026/11/30" in told.err


# --- a district's own tables ------------------------------------------------------------------

TABLES = ("people.csv", "bonds.csv", "leave.csv", "duties.csv", "vehicles.csv")


@pytest.mark.parametrize("name", SAVED)
def test_tables_that_a_spreadsheet_program_saved_make_the_same_district(
    name: str, district: District, tmp_path: Path
) -> None:
    """Whoever edits people or leave there need not know what an encoding is."""
    small_district(tmp_path / "d")
    how, doubts = SAVED[name]
    for file in TABLES:
        path = tmp_path / "d" / file
        path.write_bytes(how(path.read_text(encoding="utf-8")))
    made = load(tmp_path / "d")
    assert made.people.persons == district.people.persons
    assert (made.people.leave, made.duties) == (district.people.leave, district.duties)
    assert made.hashes == district.hashes
    warned = {key for file, _, _, key in found(tmp_path / "d", "warning") if file in TABLES}
    assert warned >= {f"saved.{doubt}" for doubt in doubts}


def test_a_name_that_is_utf_8_by_chance_leaves_its_table_readable(tmp_path: Path) -> None:
    """Of a squadron's table a line or two are: all others were called no UTF-8."""
    folder = small_district(tmp_path)
    edit(folder, PersonRow, 0, name="姚谢")
    path = folder / "people.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    assert "姚谢".encode("gb18030").decode("utf-8") == "Ҧл"
    assert load(folder).people.persons[PersonId("o1")].name == "姚谢"
    assert ("people.csv", None, None, "saved.encoding") in found(folder, "warning")


@pytest.mark.parametrize("coding", ["gbk", "utf-8", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_header_in_chinese_is_told_column_by_column(
    coding: str, delimiter: str, tmp_path: Path
) -> None:
    """As Excel saves it in China; to save it as UTF-8 was once asked for first, in vain."""
    folder = small_district(tmp_path)
    rows = ("警号,姓名,所属中队,身份", "101,张伟,一中队,民警")
    text = "".join(f"{row}\n" for row in rows).replace(",", delimiter)
    (folder / "people.csv").write_bytes(text.encode(coding))
    told = [one for one in check(folder, NOW) if one.file == "people.csv"]
    assert {one.fields["column"]: one.fields["near"] for one in told if one.level == "error"} == {
        "person": "警号", "squadron": "所属中队", "role": "身份",
    }  # fmt: skip
    lines = [findings.line(one, "zh-CN") for one in told]
    assert any("表头中 警号 改为 person" in line for line in lines)
    assert any("表头中 姓名 改为 name" in line for line in lines)
    assert any("GB18030" in line for line in lines) == (coding == "gbk")


@pytest.mark.parametrize(("model", "header"), [
    (BondRow, {"民警警号": "officer", "辅警警号": "auxiliary", "开始日期": "from"}),
    (LeaveRow, {"人员编号": "person", "起始日期": "from", "截止日期": "to", "请假类型": "kind"}),
    (VehicleRow, {"车辆编号": "vehicle", "所属单位": "squadron", "车辆类型": "kind"}),
    (DutyRow, {"勤务编号": "duty", "中队": "squadron", "类型": "kind", "上岗时间": "start",
               "下岗时间": "end"}),
    (CalendarRow, {"日期": "date", "类型": "kind"}),
    (MustCorrectRow, {"大队": "squadron", "违法行为": "violation"}),
], ids=lambda case: getattr(case, "file", ""))  # fmt: skip
def test_usual_headers_are_known_in_every_table(
    model: type[Row], header: dict[str, str], tmp_path: Path
) -> None:
    """Each as units write them, with the column that it is."""
    path = tmp_path / model.file
    path.write_text(",".join(header) + "\n", encoding="utf-8")
    told = [one.fields for one in read_table(path, model).findings]
    named = {str(one["near"]): one["column"] for one in told if one["column"] not in header}
    named |= {str(one["column"]): one["near"] for one in told if one["column"] in header}
    assert named == header


def test_a_damaged_byte_is_no_other_encoding(tmp_path: Path) -> None:
    """The names around it are UTF-8: read as GB18030 they would be other names."""
    path = small_district(tmp_path) / "people.csv"
    path.write_bytes(path.read_bytes().replace("民".encode(), b"\xc3\xf1", 1))
    assert [key for _, _, _, key in found(tmp_path)] == ["not_utf8"]


@pytest.mark.parametrize(("name", "level"), [
    ("people.xlsx", "error"), ("People.csv", "error"), ("people.csv.csv", "error"),
    ("people.xlsm", "error"), ("leave.xlsx", "warning"),
])  # fmt: skip
def test_a_file_under_another_name_is_told(name: str, level: str, tmp_path: Path) -> None:
    """An optional one, too: leave that nobody reads makes rosters that nobody can work."""
    folder = small_district(tmp_path / "d")
    wanted = f"{name.partition('.')[0].lower()}.csv"
    (folder / wanted).rename(folder / name)
    told = next(one for one in check(folder, NOW) if one.key == "check.file_mistaken")
    assert (told.file, told.level, told.fields["found"]) == (wanted, level, name)


def test_a_workbook_that_was_only_renamed_is_told(tmp_path: Path) -> None:
    """Once, and not a line for each of its bytes."""
    folder = small_district(tmp_path)
    (folder / "people.csv").write_bytes(b"PK\x03\x04\n\xff\n\xfe\n")
    assert [key for _, _, _, key in found(folder)] == ["workbook"]


@pytest.mark.parametrize(("cells", "meant"), [
    ({"role": "民警"}, "officer"), ({"role": "辅警"}, "auxiliary"), ({"squadron": "一中队"}, "s1"),
])  # fmt: skip
def test_the_word_that_people_use_is_told_the_one_to_write(
    cells: dict[str, str], meant: str, tmp_path: Path
) -> None:
    """In place of a list to choose from."""
    folder = small_district(tmp_path)
    edit(folder, PersonRow, 0, **cells)
    first = next(one for one in check(folder, NOW) if one.file == "people.csv")
    assert first.fields["near"] == meant
