"""The mapped reader: what a mapping can say of a file, and what becomes of each row."""

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from config.calendar import Calendar
from config.errors import BadInput
from config.importers import columns
from config.importers import mapping as mappings
from config.importers.history import Records, mapped, read_history
from config.importers.mapping import Mapping, load
from config.importers.reader import Source
from config.settings import Crs, Settings, Squadron

MAPPING = """
name: trial
time_zone: Europe/Madrid
crs: {lonlat: WGS-84, metric: utm, zone: 31}
crew_law: all
reading: {encodings: [utf-8, latin-1], decimal: ","}
tables:
  crashes:
    id: Id
    time: {year: Y, month: M, day: D, hour: H}
    resolution_min: {value: "60"}
    place: {x_m: X, y_m: Y_m}
    kind: {value: crash}
    severity: [{severity: fatal, above_zero: [Dead]}, {severity: injury, above_zero: [Hurt]}]
    otherwise: damage
    area: Area
    unknown: ["-1"]
    bounds: {east: [400000, 500000], north: [4500000, 4600000]}
    files:
      - {match: "old*", swap_xy: true, shift_m: [93.8, 204.2]}
  causes:
    id: Id
    link: {table: crashes}
    duplicate: row
    category: {value: violation}
    time: {columns: [When], formats: ["%d/%m/%Y %H:%M", iso]}
    place: {x_m: X, y_m: Y_m}
    violation: {column: Cause, unknown: [Unknown]}
"""
HEADER = "Id;Y;M;D;H;X;Y_m;Dead;Hurt;Area"


def trial(tmp_path: Path, text: str = MAPPING) -> Mapping:
    """The mapping above, read as users' mappings are."""
    path = tmp_path / "trial.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def crashes(tmp_path: Path, *rows: str | bytes, name: str = "new.csv", header: str = HEADER
            ) -> Records:  # fmt: skip
    """The rows of one crash file."""
    raw = [row if isinstance(row, bytes) else row.encode() for row in (header, *rows)]
    mapping = trial(tmp_path)
    source = Source(name, b"\r\n".join(raw))
    records, unread = mapped([source], mapping, mapping.crs, "Europe/Madrid")
    assert not unread
    return records


GOOD = "a1;2019;7;1;14;430000,5;4580000,25;0;1;Gràcia"


def test_a_row_is_read_as_the_mapping_says(tmp_path: Path) -> None:
    """Date parts, decimal comma, counts and areas become time, metres, severity and area."""
    row = crashes(tmp_path, GOOD).rows.iloc[0]
    at = Calendar(ZoneInfo("Europe/Madrid"), {}).iso(int(row["at_ms"]))
    assert at == "2019-07-01T14:00:00+02:00"
    assert (row["x_m"], row["y_m"]) == (430000.5, 4580000.25)
    found = [row[name] for name in ("id", "kind", "severity", "area", "resolution_min")]
    assert found == ["a1", "crash", "injury", "Gràcia", 60]


def test_the_gravest_count_decides(tmp_path: Path) -> None:
    """A crash with dead and hurt is fatal; one with neither is damage only."""
    rows = crashes(
        tmp_path, GOOD.replace(";0;1;", ";1;3;"), "a2" + GOOD[2:].replace(";0;1;", ";0;0;")
    )
    assert rows.rows["severity"].tolist() == ["fatal", "damage"]


def test_swapped_and_shifted_files(tmp_path: Path) -> None:
    """Files of the old kind have their axes set right and are moved to the new datum."""
    records = crashes(tmp_path, "a1;2010;7;1;14;4580000;430000;0;0;1", name="x/old_2010.csv")
    assert records.rows[["x_m", "y_m"]].iloc[0].tolist() == [430093.8, 4580204.2]
    assert records.files[0].repaired == {"swapped": 1, "shifted": 1}


REFUSED = {
    "no_place": "b;2019;7;1;14;-1;-1;0;1;3",
    "bad_number": "b;2019;7;1;14;43x;4580000;0;1;3",
    "outside_bounds": "b;2019;7;1;14;430000;5580000;0;1;3",
    "exchanged": "b;2019;7;1;14;4580000;430000;0;1;3",
    "no_time": "b;2019;2;30;14;430000;4580000;0;1;3",
    "ragged": "b;2019;7;1;14;430000;4580000;0;1",
    "nul": "b;2019;7;1;14;430000;4580000;0;1;\x00",
    "quote": 'b;2019;7;1;14;430000;4580000;0;1;"open',
    "header_again": HEADER,
    "no_id": ";2019;7;1;14;430000;4580000;0;1;3",
}


@pytest.mark.parametrize("reason", REFUSED)
def test_a_bad_row_is_refused_with_its_reason_and_line(tmp_path: Path, reason: str) -> None:
    """The bad row between two good ones is named by its line, and costs neither of them."""
    records = crashes(tmp_path, GOOD, REFUSED[reason], "c" + GOOD[1:])
    quality = records.files[0]
    assert [(line, why) for line, why, _ in quality.samples] == [(3, reason)]
    assert quality.read == 3
    assert records.rows["id"].tolist() == ["a1", "c1"]


@pytest.mark.parametrize(
    ("lon", "lat", "reason"),
    [("30,27", "120,13", "exchanged"), ("190", "30", "no_degrees"), ("120", "181", "no_degrees")],
)
def test_degrees_that_are_none_are_told_without_bounds(
    tmp_path: Path, lon: str, lat: str, reason: str
) -> None:
    """The commonest slip has its name; the row is shown as the file has it."""
    text = MAPPING.replace("{x_m: X, y_m: Y_m}", "{lon: X, lat: Y_m}", 1)
    text = re.sub(r"\n +bounds: .*", "", text)
    mapping = trial(tmp_path, text)
    row = f"b;2019;7;1;14;{lon};{lat};0;1;3"
    source = Source("n.csv", f"{HEADER}\n{row}\n".encode())
    records, _ = mapped([source], mapping, mapping.crs, "UTC")
    assert records.files[0].samples == [(2, reason, row)]


@pytest.mark.parametrize("hour", ["24", "-1", "7.5", "", "noon"])
def test_an_hour_that_is_none_is_refused(tmp_path: Path, hour: str) -> None:
    """Hours run from 0 to 23; nothing is guessed for others."""
    quality = crashes(tmp_path, GOOD.replace(";14;", f";{hour};")).files[0]
    assert quality.refused == {"no_time": 1}


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
def test_encodings_are_found(tmp_path: Path, coding: str) -> None:
    """The same file in each of four encodings gives the same area."""
    text = HEADER + "\n" + GOOD + "\n"
    mapping = trial(tmp_path)
    records, _ = mapped([Source("n.csv", text.encode(coding))], mapping, mapping.crs, "UTC")
    assert records.rows["area"].tolist() == ["Gràcia"]
    assert not records.files[0].repaired


@pytest.mark.parametrize(("coding", "repaired"), [
    ("utf-8", {}), ("gbk", {"saved": 2}), ("gb18030", {"saved": 2}),
])  # fmt: skip
def test_a_table_as_a_chinese_spreadsheet_saves_it_needs_no_key(
    tmp_path: Path, coding: str, repaired: dict[str, int]
) -> None:
    """Its columns have Chinese names, too; that it was read so is counted."""
    text = (HEADER + "\n" + GOOD + "\n").replace("Area", "辖区").replace("Gràcia", "一中队")
    told = MAPPING.replace("area: Area", "area: 辖区").replace("encodings: [utf-8, latin-1], ", "")
    mapping = trial(tmp_path, told)
    records, unread = mapped([Source("n.csv", text.encode(coding))], mapping, mapping.crs, "UTC")
    assert not unread
    assert records.rows["area"].tolist() == ["一中队"]
    assert records.files[0].repaired == repaired


def test_mixed_encodings_and_mojibake_are_repaired_and_counted(tmp_path: Path) -> None:
    """Latin-1 lines in a UTF-8 file are read; UTF-8 once read as Latin-1 is set right."""
    mangled = GOOD.encode().decode("latin-1")
    records = crashes(tmp_path, GOOD, "b" + mangled[1:], b"c" + GOOD[1:].encode("latin-1"))
    assert records.rows["area"].tolist() == ["Gràcia"] * 3
    assert records.files[0].repaired == {"encoding": 1, "mojibake": 1}


def test_what_drives_a_terminal_is_taken_out_and_counted(tmp_path: Path) -> None:
    """No file of the district that is made may hold it."""
    records = crashes(tmp_path, GOOD.replace("Gràcia", "Gr\u202eàci\u009ba"))
    assert records.rows["area"].tolist() == ["Gràcia"]
    assert records.files[0].repaired == {"control": 1}


def test_the_other_decimal_mark_is_repaired_only_within_the_bounds(tmp_path: Path) -> None:
    """430000.5 in a file of commas is that; 430.000 is no place, and is not made one."""
    points = GOOD.replace("430000,5", "430000.5")
    records = crashes(tmp_path, points, "b" + GOOD[1:].replace("430000,5", "430.000"))
    assert records.rows["x_m"].tolist() == [430000.5]
    assert records.files[0].repaired == {"decimal": 1}
    assert records.files[0].refused == {"bad_number": 1}


def test_a_duplicate_is_usable_and_counted_and_written_once(tmp_path: Path) -> None:
    """Of rows with one id the first stands in the history."""
    records = crashes(tmp_path, GOOD, GOOD.replace("Gràcia", "Sants"))
    quality = records.files[0]
    assert (quality.usable, quality.duplicate, quality.written) == (2, 1, 1)
    assert records.rows["area"].tolist() == ["Gràcia"]


def test_other_delimiters_and_preambles_are_found(tmp_path: Path) -> None:
    """A tab file with two lines above its header is read, its lines counted from the top."""
    tabbed = [line.replace(";", "\t") for line in (GOOD, "b;x")]
    text = "\n".join(["nodes,2,,", "", HEADER.replace(";", "\t"), *tabbed])
    mapping = trial(tmp_path)
    records, _ = mapped([Source("n.csv", text.encode())], mapping, mapping.crs, "UTC")
    assert len(records.rows) == 1
    assert records.files[0].samples[0][:2] == (5, "ragged")


def causes(tmp_path: Path, *rows: str) -> Records:
    """Violation rows beside the one good crash."""
    mapping = trial(tmp_path)
    text = "\n".join(["Id;When;X;Y_m;Cause", *rows])
    sources = [Source("v.csv", text.encode()), Source("n.csv", f"{HEADER}\n{GOOD}".encode())]
    return mapped(sources, mapping, mapping.crs, "UTC")[0]


def test_violations_take_time_and_place_of_their_crash(tmp_path: Path) -> None:
    """Two drivers of one crash give two violations where and when the crash was."""
    rows = causes(
        tmp_path, "a1;01/01/2000 00:00;1;2;Speed", "a1;01/01/2000 00:00;1;2;Red light"
    ).rows
    assert rows["id"].tolist() == ["a1", "a1#1", "a1#2"]
    assert rows["at_ms"].nunique() == 1
    assert set(rows["x_m"]) == {430000.5}
    assert rows["violation"].tolist() == ["", "Speed", "Red light"]
    assert rows["kind"].tolist() == ["crash", "", ""]


def test_a_violation_that_is_not_determined_is_none(tmp_path: Path) -> None:
    """It is usable, counted as saying nothing, and not written."""
    quality = next(each for each in causes(tmp_path, "a1;01/01/2000 00:00;1;2;Unknown").files
                   if each.table == "causes")  # fmt: skip
    assert (quality.usable, quality.written, quality.without) == (1, 0, {"violation": 1})


def test_an_unlinked_violation_keeps_its_own_time(tmp_path: Path) -> None:
    """Without its crash a violation keeps time and place of its own row; that is counted."""
    records = causes(tmp_path, "zz;2001-02-03T04:05:00+08:00;1;2;Speed")
    row = records.rows[records.rows["id"] == "zz#1"].iloc[0]
    at = Calendar(ZoneInfo("Asia/Shanghai"), {}).iso(int(row["at_ms"]))
    assert at == "2001-02-03T04:05:00+08:00"
    assert records.files[1].repaired == {"unlinked": 1}


def test_local_clocks_at_the_clock_change() -> None:
    """A missing wall clock moves forward, an ambiguous one is the first; both ways agree."""
    calendar = Calendar(ZoneInfo("Europe/Madrid"), {})
    walls = np.array(["2019-03-31T02:30", "2019-10-27T02:30", "2019-07-01T12:00"], "datetime64[ms]")
    at_ms = calendar.of_local_ms(walls.astype(np.int64))
    shown = [calendar.iso(int(each)) for each in at_ms]
    assert shown == ["2019-03-31T03:30:00+02:00", "2019-10-27T02:30:00+02:00",
                     "2019-07-01T12:00:00+02:00"]  # fmt: skip


WRONG = {
    "crew_law: all": "crew_law: none",
    "zone: 31": "zone: 61",
    "  crashes:": "  crashes:\n    identity: Id",
    "encodings: [utf-8, latin-1]": "encodings: [klingon]",
    "time_zone: Europe/Madrid": "time_zone: Europe/Atlantis",
}


@pytest.mark.parametrize("right", WRONG)
def test_a_wrong_mapping_is_refused_with_its_line(tmp_path: Path, right: str) -> None:
    """Each wrong key or value is found at its line."""
    text = MAPPING.replace(right, WRONG[right], 1)
    line = text[: text.index(WRONG[right].split("\n")[-1].strip())].count("\n") + 1
    with pytest.raises(BadInput) as caught:
        trial(tmp_path, text)
    assert [finding.line for finding in caught.value.findings] == [line]


@pytest.mark.parametrize(
    ("right", "wrong", "value", "meant"),
    [
        ("kind: {value: crash}", "kind: {value: 追尾事故}", "追尾事故", "crash"),
        ("area: Area", "kind: {column: Area, map: {甲: crashh}}", "crashh", "crash"),
        ("area: Area", "category: {column: Area, default: 违法}", "违法", "violation"),
        ("[{severity: fatal, above_zero: [Dead]}, {severity: injury, above_zero: [Hurt]}]",
         "{value: 重大}", "重大", "fatal"),
    ],
)  # fmt: skip
def test_a_word_that_no_row_may_have_is_refused_with_the_mapping(
    tmp_path: Path, right: str, wrong: str, value: str, meant: str
) -> None:
    """With its line, the words that there are and the one meant: not row by row, nor later."""
    text = (
        MAPPING.replace("\n    kind: {value: crash}", "", 1) if "kind: {col" in wrong else MAPPING
    )
    text = text.replace(right, wrong, 1)
    with pytest.raises(BadInput) as caught:
        trial(tmp_path, text)
    (found,) = caught.value.findings
    assert found.line == text[: text.index(wrong)].count("\n") + 1
    assert (found.key, found.fields["value"]) == ("check.choice", value)
    assert found.fields["near"] == meant
    field = str(found.fields["column"]).split(".")[2]
    assert found.fields["choices"] == ", ".join(columns.WORDS[field])


def test_degrees_need_a_declared_system(tmp_path: Path) -> None:
    """A table of degrees in a mapping that does not say which system is refused."""
    text = MAPPING.replace("lonlat: WGS-84, ", "").replace(
        "{x_m: X, y_m: Y_m}", "{lon: X, lat: Y_m}"
    )
    with pytest.raises(BadInput):
        trial(tmp_path, text)


def test_every_builtin_mapping_is_sound() -> None:
    """The shipped mappings load, and only that of our own columns has no district."""
    found = mappings.builtin()
    assert [each.name for each in found if each.district is None] == ["identity"]
    assert {"barcelona", "manhattan", "shanghai"} <= {each.name for each in found}


def test_a_history_of_our_own_columns_may_lack_those_with_a_default(tmp_path: Path) -> None:
    """As the table of HistoryRow says: time, id and place are enough for an incident's kind."""
    text = "id,at,x_m,y_m,kind\nh1,2026-11-23T08:15:00+08:00,1,2,crash\nh2,2026-11-23,1,2,crash\n"
    (tmp_path / "history").mkdir()
    (tmp_path / "history" / "mine.csv").write_text(text, encoding="utf-8")
    crs = Crs(metric="local", origin_lon=121, origin_lat=31)
    settings = Settings(brigade="b", time_zone="Asia/Shanghai", crs=crs, crew_law="all",
                        squadrons=(Squadron(id="s", name="s"),))  # fmt: skip
    records = read_history(tmp_path, settings)
    row = records.rows.iloc[0]
    found = [row[name] for name in ("resolution_min", "category", "severity", "violation", "node")]
    assert found == [1, "incident", "none", "", ""]
    assert records.files[0].samples[0][:2] == (3, "no_time")


DOCS = Path(__file__).resolve().parent.parent / "docs" / "import.md"


def test_the_mapping_in_the_docs_is_one(tmp_path: Path) -> None:
    """The example that people copy loads."""
    block = DOCS.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    found = trial(tmp_path, block)
    assert found.district is not None
    assert list(found.tables) == ["accidents"]


def test_every_key_stands_in_the_docs() -> None:
    """No key of the mapping file without a line in docs/import.md."""
    text = DOCS.read_text(encoding="utf-8")
    models = (Mapping, columns.Reading, columns.Table, columns.Take, columns.Moment,
              columns.Spot, columns.Graded, columns.Link, columns.Bounds, mappings.Cells,
              mappings.Graph, mappings.GraphNodes, mappings.GraphArcs, mappings.Osm,
              mappings.Seconds, mappings.Group, mappings.Force,
              mappings.DistrictMapping)  # fmt: skip
    keys = {name for model in models for name in model.model_fields}
    assert {key for key in keys if not re.search(rf"\b{key}\b", text)} == set()
