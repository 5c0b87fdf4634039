"""The warnings of `qinwu check`, and the command itself, in words of both languages."""

import ast
import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from districts import NOW, edit, found, node, set_settings, small_district
from typer.testing import CliRunner

import config
from config import cli, findings
from config.district import check, load
from config.faults import _KEYS, _PREFIXES
from config.made_tables import HistoryRow
from config.reading import write_rows
from config.tables import (
    BondRow,
    CalendarRow,
    DutyRow,
    EdgeRow,
    HazardRow,
    LeaveRow,
    MustArriveRow,
    NodeRow,
    PersonRow,
    PlaceRow,
    PostRow,
    VehicleRow,
)
from config.words import catalogue

SRC = Path(config.__file__).parent


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


def keys_of(folder: Path) -> set[str]:
    """Keys of the warnings."""
    return {key for *_, key in found(folder, "warning")}


def test_a_district_without_history_is_warned_about(tmp_path: Path) -> None:
    """A header alone is none; one row is one."""
    path = small_district(tmp_path) / "history" / "incidents.csv"
    assert "history_none" in keys_of(tmp_path)
    write_rows(path, [], HistoryRow)
    assert "history_none" in keys_of(tmp_path)
    row = HistoryRow(id="c", at="2026-11-01T08:00:00+08:00", kind="crash", x_m=0, y_m=0)
    write_rows(path, [row])
    assert "history_none" not in keys_of(tmp_path)


def test_a_calendar_without_any_holiday_is_warned_about(tmp_path: Path) -> None:
    """An import knows none; a district has some every year."""
    small_district(tmp_path)
    assert "calendar_no_holiday" in keys_of(tmp_path)
    edit(tmp_path, CalendarRow, 4, kind="holiday", school="0")
    assert "calendar_no_holiday" not in keys_of(tmp_path)


def test_a_generated_force_is_warned_about_until_it_is_replaced(tmp_path: Path) -> None:
    """As the import's report says, while people.csv is still what it wrote."""
    path = small_district(tmp_path) / "people.csv"
    assert "people_generated" not in keys_of(tmp_path)
    written = {"people.csv": hashlib.sha256(path.read_bytes()).hexdigest()}
    report = json.dumps({"made": {"people": 20}, "written": written})
    (tmp_path / "quality.json").write_text(report, encoding="utf-8")
    assert "people_generated" in keys_of(tmp_path)
    edit(tmp_path, PersonRow, 0, name="冯安博")
    assert "people_generated" not in keys_of(tmp_path)


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
    keys = {*_KEYS.values(), *(key for _, key in _PREFIXES), "value"}
    for name in ("reading", "yaml_reading", "checks", "doubts"):
        for call in ast.walk(ast.parse((SRC / f"{name}.py").read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "attr", "") in {"note", "find"}:
                texts = [arg for arg in call.args if isinstance(arg, ast.Constant | ast.JoinedStr)]
                last = texts[-1] if texts else None
                if isinstance(last, ast.Constant) and isinstance(last.value, str):
                    keys.add(last.value)
    assert len(keys) > 40
    for lang in ("en", "zh-CN"):
        for key in keys:
            assert {f"check.{key}", f"check.try.{key}"} <= set(catalogue(lang)), key


def test_findings_render_in_both_languages_without_a_field_missing(tmp_path: Path) -> None:
    """Every finding of a district with many faults."""
    small_district(tmp_path)
    for model, column in (
        (NodeRow, "x_m"), (EdgeRow, "class"), (PlaceRow, "node"), (PostRow, "squadron"),
        (PersonRow, "role"), (LeaveRow, "from"), (VehicleRow, "seats"), (DutyRow, "start"),
        (HazardRow, "due"), (MustArriveRow, "dwell_min"), (BondRow, "officer"),
    ):  # fmt: skip
        edit(tmp_path, model, 0, **{column: "0 {x}"})
    set_settings(tmp_path, crew_law="some", time_zone="x", spead=1)
    faults = check(tmp_path, NOW)
    assert len({f.key for f in faults}) >= 6
    for lang in ("en", "zh-CN"):
        for fault in faults:
            assert not re.search(r"[{}]", findings.line(fault, lang).replace("{x}", ""))


def test_text_from_a_file_cannot_break_the_line(tmp_path: Path) -> None:
    """A cell with newlines or 10,000 letters is shown on one line, cut."""
    small_district(tmp_path)
    edit(tmp_path, PostRow, 2, node="x\ny" * 5000)
    fault = next(f for f in check(tmp_path, NOW) if f.file == "posts.csv")
    assert len(findings.line(fault)) < 300
    assert "\n" not in findings.line(fault)
