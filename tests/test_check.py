"""`qinwu check`: every wrong cell and setting is found where it stands."""

import re
from pathlib import Path
from typing import Any

import pytest
from districts import NOW, edit, found, set_settings, small_district

from config.district import check, load
from config.errors import BadInput
from config.faults import near_or_all
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
    (DutyRow, 0, {"duty": "night_check"}, "duty", "reserved"),
    (HazardRow, 0, {"due": "2026-01-01"}, "due", "dates_order"),
    (MustArriveRow, 0, {"dwell_min": "0"}, "dwell_min", "range"),
    (MustArriveRow, 0, {"id": "night-5-p3"}, "id", "reserved"),
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


@pytest.mark.parametrize(("squadron", "near"), [("s9", "s1, s2"), ("S1", "s1"), ("x", "s1, s2")])
def test_a_short_name_that_is_like_none_is_answered_with_all_there_are(
    tmp_path: Path, squadron: str, near: str
) -> None:
    """Of two letters one is no likeness; where there are few, all can be named."""
    edit(small_district(tmp_path), PersonRow, 0, squadron=squadron)
    faults = [f for f in check(tmp_path, NOW) if f.key == "check.unknown_name"]
    assert [f.fields["near"] for f in faults if f.file == "people.csv"] == [near]
    assert near_or_all("x", [f"n{n}" for n in range(9)]) == ""


SETTINGS: list[tuple[dict[str, Any], str, str]] = [
    ({"crew_law": "some"}, "crew_law: ", "choice"),
    ({"crewlaw": "all"}, "crewlaw", "unknown_key"),
    ({"visits": {"per_weak": 3}}, "per_weak", "unknown_key"),
    ({"visits": {"per_week": "many"}}, "per_week: ", "whole_number"),
    ({"limits": {"rest_min": -1}}, "rest_min: ", "range"),
    ({"limits": {"start_grid_min": 0}}, "start_grid_min: ", "range"),
    ({"visits": {"dwell_min": 0, "spacing_min": 0}}, "dwell_min: ", "range"),
    ({"dispatch": {"impossible_speed_mps": -5}}, "impossible_speed_mps: ", "range"),
    ({"limits": {"shift_lengths_h": [24, 13]}}, "- 13", "no_length_fits"),
    ({"limits": {"most_in_24h_min": 359}}, "most_in_24h_min: ", "no_length_fits"),
    ({"night_check": {"start": "21"}}, "start: ", "clock"),
    ({"night_check": {"weekdays": [5, 9]}}, "- 9", "range"),
    ({"response": [{"kind": "crush"}]}, "kind: ", "choice"),
    ({"time_zone": "Asia/Hangzhou"}, "time_zone: ", "time_zone"),
    ({"brigade": "west lake"}, "brigade: ", "pattern"),
    ({"duty_officer": "o99"}, "duty_officer: ", "no_duty_officer"),
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


def test_one_fault_is_reported_once(tmp_path: Path) -> None:
    """A faulty person is not also an unknown one in bonds and leave, nor is a broken file's all."""
    edit(small_district(tmp_path), PersonRow, 0, role="chief")
    assert len(found(tmp_path)) == 1
    edit(tmp_path, PersonRow, 0, role="officer", squadron="s9")
    assert len(found(tmp_path)) == 1
    (tmp_path / "people.csv").write_bytes(b"\xff\n")
    assert [fault[3] for fault in found(tmp_path)] == ["not_utf8"]


def test_all_faults_of_a_row_are_told_at_once(tmp_path: Path) -> None:
    """A name that is gone too, with the one that is meant: it came when the rest was mended."""
    edit(small_district(tmp_path), PersonRow, 0, role="民警", squadron="一中队")
    told = [f for f in check(tmp_path, NOW) if f.level == "error"]
    assert [(f.file, f.line, f.fields["column"], f.fields["near"]) for f in told] == [
        ("people.csv", 2, "squadron", "s1"), ("people.csv", 2, "role", "officer"),
    ]  # fmt: skip


def test_a_cell_with_a_fault_of_its_own_has_one(tmp_path: Path) -> None:
    """What is no id at all is not looked for among those that there are."""
    edit(small_district(tmp_path), PersonRow, 0, squadron="s 9")
    assert [key for _, _, _, key in found(tmp_path)] == ["pattern"]


def test_loading_raises_with_all_errors_and_no_warnings(tmp_path: Path) -> None:
    """Each with its place in the text of the exception."""
    edit(small_district(tmp_path), NodeRow, 3, x_m="far")
    edit(tmp_path, PlaceRow, 1, kind="shop")
    with pytest.raises(BadInput, match=r"nodes\.csv:5:5: .*\n.*places\.csv:3:4") as caught:
        load(tmp_path)
    assert {f.level for f in caught.value.findings} == {"error"}


def test_a_file_about_other_people_is_told_once(tmp_path: Path) -> None:
    """Whoever puts their own people in the place of generated ones needs no line for each bond."""
    folder = small_district(tmp_path)
    text = (folder / "bonds.csv").read_text(encoding="utf-8")
    (folder / "bonds.csv").write_text(re.sub(r"\b([oa])(\d+)", r"\1x\2", text), encoding="utf-8")
    told = [(column, key) for file, _, column, key in found(folder) if file == "bonds.csv"]
    assert told == [(1, "unknown_names")] * 2


def test_a_column_of_names_is_told_once_with_the_ids_that_are_meant(tmp_path: Path) -> None:
    """A list out of a personnel system has 一中队 where the settings say s1."""
    path = small_district(tmp_path) / "people.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(",s1,", ",一中队,").replace(",s2,", ",二中队,"), encoding="utf-8")
    (told,) = [f for f in check(tmp_path, NOW) if f.level == "error"]
    assert (told.file, told.key) == ("people.csv", "check.names_for_ids")
    assert told.fields["meant"] == "一中队 → s1, 二中队 → s2"


def test_a_squadron_without_a_leader_is_doubted(tmp_path: Path) -> None:
    """Each of its days would lack one, and the roster cannot say that a word is missing."""
    folder = small_district(tmp_path)
    assert not [one for one in found(folder, "warning") if one[3] == "leader_none"]
    path = folder / "people.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(
        line.replace(";leader", "") if ",s2," in line else line for line in lines
    ), encoding="utf-8")  # fmt: skip
    [told] = [one for one in check(folder, NOW) if one.key == "check.leader_none"]
    assert (told.file, told.fields["squadrons"]) == ("people.csv", "s2")


@pytest.mark.parametrize(
    ("parts", "line"),
    [
        ({"dispatch": {"section_crashes": 2, "section_asks_min": 12}}, "section_asks_min: 12"),
        ({"dispatch": {"section_crashes": 2}, "visits": {"dwell_min": 180}}, "dwell_min: 180"),
        ({"dispatch": {"section_crashes": 2, "section_asks_min": 13}}, None),
        ({"dispatch": {"section_asks_min": 12}}, None),
    ],
    ids=["not above the dwell", "a dwell of three hours", "just above it", "sections do not ask"],
)
def test_a_section_that_asks_too_short_a_time_is_doubted(
    tmp_path: Path, parts: dict[str, Any], line: str | None
) -> None:
    """A visit needs its dwell, so that none would ever be asked for; told at the setting."""
    set_settings(small_district(tmp_path), **parts)
    lines = (tmp_path / "settings.yaml").read_text(encoding="utf-8").splitlines()
    doubts = [fault for fault in found(tmp_path, "warning") if fault[3] == "asks_too_short"]
    told = [lines[at - 1].strip() for _, at, _, _ in doubts if at is not None]
    assert told == ([] if line is None else [line])
