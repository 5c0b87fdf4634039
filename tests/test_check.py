"""`qinwu check`: every fault with its file, line and column, in words, with the right exit code."""

import ast
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from districts import MONDAY, edit, node, set_settings, small_district
from typer.testing import CliRunner

import config
from config import cli, findings
from config.district import check, load
from config.errors import BadInput, Finding
from config.reading import read_table
from config.tables import (
    BondRow,
    CalendarRow,
    DutyRow,
    EdgeRow,
    HazardRow,
    LeaveRow,
    MustArriveRow,
    MustCorrectRow,
    NodeRow,
    PersonRow,
    PlaceRow,
    PostRow,
    Row,
    VehicleRow,
)
from config.words import catalogue

NOW = datetime(2026, 11, 30, 4, tzinfo=UTC)
SRC = Path(config.__file__).parent


def found(folder: Path, level: str = "error") -> list[tuple[str, int | None, int | None, str]]:
    """File, line, column and key of every finding of a level."""
    return [
        (f.file, f.line, f.column, f.key.removeprefix("check."))
        for f in check(folder, NOW) if f.level == level
    ]  # fmt: skip


def test_the_small_district_is_sound(tmp_path: Path) -> None:
    """With roads, with cells, and with each system of degrees: no error."""
    for name, options in (
        ("roads", {}), ("cells", {"straight_line": True}), ("gcj", {"lonlat": "GCJ-02"}),
        ("bd", {"lonlat": "BD-09"}),
    ):  # fmt: skip
        assert found(small_district(tmp_path / name, **options)) == []


CELLS: list[tuple[type[Row], int, dict[str, str], str, str]] = [
    # file, record, new cells, column of the finding, key
    (NodeRow, 3, {"x_m": "far"}, "x_m", "number"),
    (NodeRow, 3, {"x_m": "nan"}, "x_m", "number"),
    (NodeRow, 3, {"node": ""}, "node", "empty"),
    (NodeRow, 3, {"node": "n00"}, "node", "twice"),
    (NodeRow, 3, {"squadron": "s3"}, "squadron", "unknown_name"),
    (NodeRow, 3, {"lon": ""}, "lon", "half_a_position"),
    (NodeRow, 3, {"lat": "91"}, "lat", "range"),
    (EdgeRow, 0, {"to": "n99"}, "to", "unknown_name"),
    (EdgeRow, 0, {"seconds": "0"}, "seconds", "range"),
    (EdgeRow, 0, {"seconds": ""}, "seconds", "edge_time"),
    (EdgeRow, 0, {"class": "highway"}, "class", "choice"),
    (EdgeRow, 0, {"oneway": "yes"}, "oneway", "choice"),
    (PlaceRow, 1, {"node": "n 1"}, "node", "pattern"),
    (PersonRow, 0, {"squadron": "s3"}, "squadron", "unknown_name"),
    (PersonRow, 0, {"role": "chief"}, "role", "choice"),
    (LeaveRow, 0, {"person": "x1"}, "person", "unknown_name"),
    (LeaveRow, 0, {"from": "20261130"}, "from", "date"),
    (LeaveRow, 0, {"from": "2026-02-30"}, "from", "date"),
    (LeaveRow, 0, {"to": "2026-11-30"}, "to", "dates_order"),
    (VehicleRow, 0, {"seats": "2.5"}, "seats", "whole_number"),
    (DutyRow, 0, {"start": "7 am"}, "start", "clock"),
    (DutyRow, 0, {"start": "700"}, "start", "clock"),
    (DutyRow, 0, {"start": "25:00"}, "start", "clock"),
    (DutyRow, 0, {"weekdays": ""}, "weekdays", "duty_days"),
    (DutyRow, 0, {"date": "2026-12-01"}, "weekdays", "duty_days"),
    (DutyRow, 0, {"weekdays": "1;8"}, "weekdays", "range"),
    (DutyRow, 0, {"weekdays": "1;1"}, "weekdays", "day_twice"),
    (DutyRow, 0, {"place": "p99"}, "place", "unknown_name"),
    (HazardRow, 0, {"due": "2026-01-01"}, "due", "dates_order"),
    (MustArriveRow, 0, {"dwell_min": "0"}, "dwell_min", "range"),
    (MustCorrectRow, 0, {"hour_to": "7"}, "hour_to", "hours_empty"),
    (CalendarRow, 1, {"date": "2026-11-30"}, "date", "twice"),
    (CalendarRow, 1, {"kind": "free"}, "kind", "choice"),
    (PostRow, 0, {"squadron": ""}, "squadron", "station_whose"),
    (PostRow, 2, {"station": "1"}, "station", "station_twice"),
    (BondRow, 0, {"officer": "a2"}, "officer", "bond_role_officer"),
    (BondRow, 0, {"auxiliary": "o3"}, "auxiliary", "bond_role_auxiliary"),
    (BondRow, 0, {"officer": "o2"}, "officer", "bond_squadron"),
    (BondRow, 2, {"auxiliary": "a1"}, "auxiliary", "bond_overlap"),
]


@pytest.mark.parametrize(("model", "record", "cells", "column", "key"), CELLS)
def test_a_wrong_cell_is_found_where_it_stands(
    tmp_path: Path, model: type[Row], record: int, cells: dict[str, str], column: str, key: str
) -> None:
    """File, line, the character at which the cell begins; besides, only names that are gone."""
    line = edit(small_district(tmp_path), model, record, **cells)
    header, *lines = (tmp_path / model.file).read_text(encoding="utf-8").splitlines()
    before = lines[line - 2].split(",")[: header.split(",").index(column)]
    place = len(",".join(before)) + 1 + bool(before)
    faults = [f for f in check(tmp_path, NOW) if f.level == "error"]
    here = [f for f in faults if f.file == model.file]
    assert [(f.line, f.column, f.key) for f in here] == [(line, place, f"check.{key}")]
    assert here[0].fields["column"] == column
    assert {f.key for f in faults} - {f"check.{key}"} <= {"check.unknown_name"}


SETTINGS: list[tuple[dict[str, Any], str, str]] = [
    ({"crew_law": "some"}, "crew_law: ", "choice"),
    ({"crewlaw": "all"}, "crewlaw", "unknown_key"),
    ({"visits": {"per_weak": 3}}, "per_weak", "unknown_key"),
    ({"visits": {"per_week": "many"}}, "per_week: ", "whole_number"),
    ({"limits": {"rest_min": -1}}, "rest_min: ", "range"),
    ({"night_check": {"start": "21"}}, "start: ", "clock"),
    ({"night_check": {"weekdays": [5, 9]}}, "- 9", "range"),
    ({"response": [{"kind": "crush"}]}, "kind: ", "choice"),
    ({"time_zone": "Asia/Hangzhou"}, "time_zone: ", "time_zone"),
    ({"brigade": "west lake"}, "brigade: ", "pattern"),
    ({"duty_officer": "o99"}, "duty_officer: ", "unknown_name"),
    ({"simulation": "perhaps"}, "simulation: ", "yes_no"),
]


@pytest.mark.parametrize(("parts", "before", "key"), SETTINGS)
def test_a_wrong_setting_is_found_where_it_stands(
    tmp_path: Path, parts: dict[str, Any], before: str, key: str
) -> None:
    """Line and column of the value, or of the key where the key is wrong."""
    set_settings(small_district(tmp_path), **parts)
    lines = (tmp_path / "settings.yaml").read_text(encoding="utf-8").splitlines()
    line = max(at for at, text in enumerate(lines, start=1) if before.strip() in text)
    column = lines[line - 1].index(before) + 1
    if before.endswith(": "):
        column += len(before)
    elif before.startswith("- "):
        column += 2
    assert found(tmp_path) == [("settings.yaml", line, column, key)]


@pytest.mark.parametrize(
    ("parts", "key"),
    [
        ({"crew_law": None}, "key_missing"), ({"time_zone": None}, "key_missing"),
        ({"crs": {"metric": "utm", "lonlat": "WGS-84"}}, "crs_zone"),
        ({"crs": {"metric": "local", "lonlat": "WGS-84"}}, "crs_origin"),
        ({"crs": {"metric": "local", "origin_lon": 120.15, "origin_lat": 30.28}}, "crs_lonlat"),
        ({"crs": {"metric": "local", "lonlat": "CGCS2000"}}, "choice"),
    ],
)  # fmt: skip
def test_there_is_no_default_for_coordinates_zone_or_crew_law(
    tmp_path: Path, parts: dict[str, Any], key: str
) -> None:
    """What a district must say itself is refused when it is absent."""
    set_settings(small_district(tmp_path), **parts)
    assert [fault[3] for fault in found(tmp_path)] == [key]


def test_degrees_of_another_system_are_recognised(tmp_path: Path) -> None:
    """GCJ-02 declared as WGS-84 is one finding that names GCJ-02, not one for each node."""
    set_settings(small_district(tmp_path, lonlat="GCJ-02"),
                 crs={"lonlat": "WGS-84", "metric": "local", "origin_lon": 120.15,
                      "origin_lat": 30.28})  # fmt: skip
    faults = check(tmp_path, NOW)
    assert [f.key for f in faults if f.level == "error"] == ["check.crs_other"]
    assert faults[0].fields["near"] == "GCJ-02"
    assert 100 < int(str(faults[0].fields["metres"])) < 700


def test_one_node_far_from_its_degrees_is_found(tmp_path: Path) -> None:
    """More than 300 m between metres and degrees, at that node."""
    line = edit(small_district(tmp_path), NodeRow, 7, x_m="0.0")
    assert [fault[:2] + fault[3:] for fault in found(tmp_path)] == [
        ("nodes.csv", line, "position_off")
    ]


def test_a_missing_station_names_the_squadron(tmp_path: Path) -> None:
    """Where the settings name it."""
    edit(small_district(tmp_path), PostRow, 1, station="0")
    assert [(file, key) for file, _, _, key in found(tmp_path)] == [
        ("settings.yaml", "station_missing")
    ]


def test_all_faults_of_a_file_are_reported_up_to_a_limit(tmp_path: Path) -> None:
    """Fifty in full, the rest counted, and the count is in the sum."""
    path = small_district(tmp_path) / "nodes.csv"
    extra = "".join(f"x{n},far,0,,,\n" for n in range(170))
    path.write_text(path.read_text(encoding="utf-8") + extra, encoding="utf-8")
    faults = check(tmp_path, NOW)
    assert sum(f.key == "check.number" for f in faults) == 50
    assert [f.fields["count"] for f in faults if f.key == "check.more"] == [120]
    assert findings.count(faults, "error") == 170


@pytest.mark.parametrize(
    ("content", "line", "column", "key"),
    [
        (b"node,x_m\nn1,1\n\xc0\xd6,2\n", 3, 1, "not_utf8"),
        (b"node,x_m,y_m\nn1,1,\xff\n", 2, 6, "not_utf8"),
        (b"node,x_m,y_m\nn1,1,2\x00\n", 2, 7, "control_character"),
        (b'node,x_m,y_m\nn1,1,2\n"n2,1,2\n', 3, 1, "not_csv"),
        (b"", 1, 1, "no_header"),
        (b"node,x_m,y_m,node\nn1,1,2,n1\n", 1, 14, "column_twice"),
        (b"node,x_m\nn1,1\n", 1, 1, "column_missing"),
        (b"node,x_m,y_m\nn1,1\n", 2, 1, "cell_count"),
        (b"node,x_m,y_m\nn1,1,2,3\n", 2, 1, "cell_count"),
        (b'node,x_m,y_m,note\nn1,1,2,"a\nb"\nn2,"x,\ny",1,\n', 4, 4, "number"),
    ],
)
def test_a_broken_file_is_found_where_it_breaks(
    tmp_path: Path, content: bytes, line: int, column: int, key: str
) -> None:
    """Bytes that are no UTF-8, NUL, open quotes, headers, cells; and cells over several lines."""
    (tmp_path / "nodes.csv").write_bytes(content)
    fault = read_table(tmp_path / "nodes.csv", NodeRow).findings[0]
    assert (fault.line, fault.column, fault.key) == (line, column, f"check.{key}")


def test_spreadsheets_may_write_a_bom_windows_lines_and_more_columns(tmp_path: Path) -> None:
    """Order of columns is free, blank lines and cells' blanks do not count."""
    (tmp_path / "nodes.csv").write_bytes(b"\xef\xbb\xbfy_m,note,node,x_m\r\n 2 ,hi,n1, 1\r\n\r\n")
    table = read_table(tmp_path / "nodes.csv", NodeRow)
    assert table.findings == []
    assert table.rows == (NodeRow(node="n1", x_m=1, y_m=2),)


def test_a_misspelt_column_names_the_nearest(tmp_path: Path) -> None:
    """A column that must be there is an error, another a warning: nothing is dropped in silence."""
    path = small_district(tmp_path) / "nodes.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("x_m,", "x-m,", 1), encoding="utf-8")
    path = tmp_path / "people.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("skills", "skill", 1), encoding="utf-8"
    )
    faults = {f.key: f.fields["near"] for f in check(tmp_path, NOW)}
    assert faults["check.column_missing"] == "x-m"
    assert faults["check.column_unknown"] == "skills"


@pytest.mark.parametrize(
    ("text", "line", "column", "key"),
    [
        ("brigade: hz\nbrigade: xx\n", 2, 1, "key_twice"),
        ("brigade: [hz\n", 2, 1, "not_yaml"),
        ("- hz\n", 1, 1, "not_mapping"),
        ("", 1, 1, "not_mapping"),
        ("brigade: \x00\n", 1, 10, "control_character"),
        ("crs: &a {metric: local}\ntravel: *a\n", 1, 6, "not_yaml"),
        ("a: " + "[" * 400 + "]" * 400, 1, 54, "not_yaml"),
        ("a: " + "[" * 9000, 1, 1, "not_yaml"),
    ],
)
def test_settings_that_are_no_settings_are_refused(
    tmp_path: Path, text: str, line: int, column: int, key: str
) -> None:
    """Duplicate keys, broken YAML, anchors, deep nesting: a finding, never a traceback."""
    small_district(tmp_path)
    (tmp_path / "settings.yaml").write_text(text, encoding="utf-8")
    assert ("settings.yaml", line, column, key) in found(tmp_path)


def test_settings_in_another_encoding_are_refused(tmp_path: Path) -> None:
    """GBK from an old editor: line and column of the first byte."""
    small_district(tmp_path)
    (tmp_path / "settings.yaml").write_bytes("brigade: hz\nname: 大队\n".encode("gbk"))
    assert found(tmp_path) == [("settings.yaml", 2, 7, "not_utf8")]


WARNINGS: list[tuple[Callable[[Path], object], str, str, int]] = [
    (lambda d: set_settings(d, crew_law="all"), "people.csv", "crew_all", 6),
    (lambda d: edit(d, EdgeRow, 0, seconds="1"), "edges.csv", "edge_speed", 2),
    (lambda d: edit(d, EdgeRow, 0, **{"class": ""}), "edges.csv", "edges_unclassed", 1),
]


@pytest.mark.parametrize(("change", "file", "key", "line"), WARNINGS)
def test_what_is_lawful_but_hardly_meant_is_a_warning(
    tmp_path: Path, change: Callable[[Path], object], file: str, key: str, line: int
) -> None:
    """And the district loads all the same."""
    change(small_district(tmp_path))
    doubts = [(name, at, what) for name, at, _, what in found(tmp_path, "warning")]
    assert (file, line, key) in doubts
    load(tmp_path)


def test_a_post_at_the_end_of_a_one_way_street_is_a_warning(tmp_path: Path) -> None:
    """Units get there and never back."""
    path = small_district(tmp_path) / "nodes.csv"
    path.write_text(path.read_text(encoding="utf-8") + "end,0,900,,,\n", encoding="utf-8")
    path = tmp_path / "edges.csv"
    path.write_text(
        path.read_text(encoding="utf-8") + f",{node(3, 4)},end,60,,,,,1,\n", encoding="utf-8"
    )
    line = edit(tmp_path, PostRow, 3, node="end")
    doubts = [fault[:2] + fault[3:] for fault in found(tmp_path, "warning")]
    assert ("posts.csv", line, "post_unreachable") in doubts


@pytest.mark.parametrize(("weeks", "missing"), [(2, 7), (8, 1), (9, 0), (20, 0)])
def test_weeks_that_the_calendar_does_not_cover_are_one_warning(
    tmp_path: Path, weeks: int, missing: int
) -> None:
    """This week and the next eight."""
    small_district(tmp_path, weeks=weeks)
    counts = [f.fields["count"] for f in check(tmp_path, NOW) if f.key == "check.calendar_weeks"]
    assert counts == ([missing] if missing else [])


def test_one_fault_is_reported_once(tmp_path: Path) -> None:
    """A faulty person is not also an unknown one in bonds and leave, nor is a broken file's all."""
    edit(small_district(tmp_path), PersonRow, 0, role="chief")
    assert len(found(tmp_path)) == 1
    edit(tmp_path, PersonRow, 0, role="officer", squadron="s9")
    assert len(found(tmp_path)) == 1
    (tmp_path / "people.csv").write_bytes(b"\xff\n")
    assert [fault[3] for fault in found(tmp_path)] == ["not_utf8"]


def test_loading_raises_with_all_errors_and_no_warnings(tmp_path: Path) -> None:
    """Each with its place in the text of the exception."""
    edit(small_district(tmp_path), NodeRow, 3, x_m="far")
    edit(tmp_path, PlaceRow, 1, kind="shop")
    with pytest.raises(BadInput, match=r"nodes\.csv:5:5: .*\n.*places\.csv:3:4") as caught:
        load(tmp_path)
    assert {f.level for f in caught.value.findings} == {"error"}


def run(folder: Path, *options: str, lang: str = "en") -> tuple[int, str]:
    """Exit code and output of the command."""
    import typer  # noqa: PLC0415 - only here

    app = typer.Typer()
    app.command()(cli.check)
    result = CliRunner(env={"QINWU_LANG": lang}).invoke(app, [str(folder), *options])
    return result.exit_code, result.output


def test_the_command_prints_place_cause_and_the_nearest_name(tmp_path: Path) -> None:
    """Exit 2 on errors; the same finding in Chinese, and as JSON."""
    edit(small_district(tmp_path), EdgeRow, 0, **{"class": "primry"})
    code, output = run(tmp_path)
    assert code == 2
    assert re.search(
        r"^edges\.csv:2:\d+: error: class: primry is not one of .*; try: primary$",
        output,
        re.MULTILINE,
    )
    code, output = run(tmp_path, lang="zh_CN.UTF-8")
    assert (code, "建议：primary" in output) == (2, True)
    code, output = run(tmp_path, "--json")
    first = json.loads(output.splitlines()[0])
    assert (first["file"], first["line"], first["try"]) == ("edges.csv", 2, "primary")


def test_the_command_ends_with_0_when_there_are_only_warnings(tmp_path: Path) -> None:
    """A calendar of two weeks, read years later."""
    code, output = run(small_district(tmp_path))
    assert code == 0
    assert "calendar.csv:15:1: warning: the calendar does not cover" in output


def test_every_finding_has_words_and_a_remedy_in_both_languages() -> None:
    """Keys are gathered from the calls of note() and find() and from the table of faults."""
    keys = set(re.findall(r'"(\w+)"', (SRC / "faults.py").read_text(encoding="utf-8").split("_SIGNS")[0]
                          .split("_KEYS")[1])) & {k.split(".")[-1] for k in catalogue("en")}  # fmt: skip
    for name in ("reading", "yaml_reading", "checks", "doubts"):
        for call in ast.walk(ast.parse((SRC / f"{name}.py").read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "attr", "") in {"note", "find"}:
                texts = [arg for arg in call.args if isinstance(arg, ast.Constant | ast.JoinedStr)]
                keys |= {a.value for a in texts[-1:] if isinstance(getattr(a, "value", 0), str)}
    assert len(keys) > 40
    for lang in ("en", "zh-CN"):
        for key in keys:
            assert {f"check.{key}", f"check.try.{key}"} <= set(catalogue(lang)), key


def test_findings_render_in_both_languages_without_a_field_missing(tmp_path: Path) -> None:
    """Every finding of a district with many faults."""
    small_district(tmp_path)
    for model, record, cells, *_ in CELLS:
        edit(tmp_path, model, record, **cells)
    set_settings(tmp_path, crew_law="some", time_zone="x")
    faults = check(tmp_path, NOW)
    assert len({f.key for f in faults}) > 8
    for lang in ("en", "zh-CN"):
        for fault in faults:
            assert not re.search(r"[{}]", findings.line(fault, lang))


def test_text_from_a_file_cannot_break_the_line(tmp_path: Path) -> None:
    """A cell with newlines or 10,000 letters is shown on one line, cut."""
    small_district(tmp_path)
    edit(tmp_path, PostRow, 2, node="x\ny" * 5000)
    fault: Finding = next(f for f in check(tmp_path, NOW) if f.file == "posts.csv")
    assert len(findings.line(fault)) < 300
    assert "\n" not in findings.line(fault)


def test_25000_edges_are_read_and_checked_in_a_second(tmp_path: Path) -> None:
    """Sound ones, and ones of which every tenth is faulty; two seconds allow for a busy machine."""
    rows = [
        f"e{n},n{n % 5000},n{n * 7 % 5000},12.5,120,,20,residential,1,栾河路" for n in range(25_000)
    ]
    header = "edge,from,to,seconds,length_m,speed_kmh,patrol_seconds,class,oneway,section"
    for at, faulty in ((0, False), (1, True)):
        text = [
            row.replace("12.5", "12,5") if faulty and n % 10 == 0 else row
            for n, row in enumerate(rows)
        ]
        if faulty:
            text = [row.replace("residential", "resident") for row in text]
        path = tmp_path / f"{at}.csv"
        path.write_text("\n".join([header, *text]), encoding="utf-8")
        start = datetime.now(UTC)
        table = read_table(path, EdgeRow)
        assert datetime.now(UTC) - start < timedelta(seconds=2)
        assert bool(table.findings) is faulty
        assert len(table.rows) == (0 if faulty else 25_000)


def test_the_written_settings_hold_the_zone_as_text(tmp_path: Path) -> None:
    """18:00 without quotes is six in the evening, not 1,080."""
    path = small_district(tmp_path) / "settings.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + "publication:\n  publish_at: 18:00\n", encoding="utf-8")
    assert yaml.safe_load(path.read_text(encoding="utf-8"))["publication"]["publish_at"] == 18 * 60
    assert str(load(tmp_path).settings.publication.publish_at) == "18:00:00"
    assert MONDAY in load(tmp_path).calendar.days
