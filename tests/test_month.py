"""The monthly report: what came beside what was foreseen, what changed, and the page of it."""

import html
import json
import re
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from districts import small_district
from test_analysis import CORNER, past, row

import qinwu
from config.district import District, load
from config.ids import AreaId, NodeId
from config.made_tables import HistoryRow
from config.reading import write_rows
from config.settings import Visits
from config.words import LANGUAGES, words
from events.facts import Accepted
from events.frame import FIRST_PREV, Frame
from scheduler.alarm_words import alarm_text
from scheduler.export import Printer
from scheduler.foresight.alarms import Alarm
from scheduler.foresight.ground import points_of
from scheduler.foresight.history import History, from_rows, joined
from scheduler.foresight.must_arrive import MustArrive, Reason
from scheduler.geo import write_geo
from scheduler.hindsight.month import (
    Moved,
    Report,
    _met,
    _posts,
    first_week,
    last_month,
    report_of,
)
from scheduler.hindsight.month_page import write_month
from scheduler.month_kpi import Figure, figures

MONTH = (2026, 10)


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> District:
    """The hand-made district."""
    return load(small_district(tmp_path_factory.mktemp("month")))


@pytest.fixture(scope="module")
def history(district: District) -> History:
    """Crashes at a corner and drink-driving at the bars, to the end of November 2026."""
    return past(district)


@pytest.fixture(scope="module")
def report(district: District, history: History) -> Report:
    """Of October, looked back on at its end."""
    return report_of(district, history, MONTH)


def at_corner(
    district: District, first: date, days: int, a_day: int, node: str = CORNER
) -> History:
    """More crashes at the corner, or elsewhere: so many each day at noon."""
    rows = [
        row(n, datetime(day.year, day.month, day.day, 4, tzinfo=UTC), "crash", node)
        for day in (first + timedelta(days=d) for d in range(days)) for n in range(a_day)
    ]  # fmt: skip
    return from_rows(pd.DataFrame(rows), district.roads.node_ids)


def test_what_came_is_counted_by_squadron_and_kind(report: Report, history: History) -> None:
    """All crashes of the month are there, and about as many were expected."""
    crashes = [one for one in report.came if one.kind == "crash"]
    assert [one.squadron for one in crashes] == ["s1", "s2"]
    local = report.district.calendar.local_ms(history.at_ms)
    month = pd.DatetimeIndex(local.astype("datetime64[ms]")).strftime("%Y-%m") == "2026-10"
    assert (
        sum(one.came for one in crashes)
        == (month & (history.kind == history.kinds.index("crash"))).sum()
    )
    busy = max(crashes, key=lambda one: one.expected)
    assert busy.low < busy.came < busy.high


def test_nothing_after_a_month_changes_what_was_foreseen_of_it(
    district: District, history: History, report: Report
) -> None:
    """Ten crashes a day at the corner in November leave the whole report as it is."""
    poisoned = joined(history, at_corner(district, date(2026, 11, 1), 28, 10))
    again = report_of(district, poisoned, MONTH)
    assert again.came == report.came
    assert again.now.must_arrive == report.now.must_arrive
    assert again.heat.tobytes() == report.heat.tobytes()


def test_a_month_far_from_its_forecast_is_marked(district: District, history: History) -> None:
    """Two more crashes a day at the corner are no chance."""
    more = joined(history, at_corner(district, date(2026, 10, 1), 31, 2))
    crashes = [one for one in report_of(district, more, MONTH).came if one.kind == "crash"]
    assert [one.outside for one in crashes] == [False, True]


def test_days_that_nobody_recorded_are_not_expected(district: District, history: History) -> None:
    """A busy feed that is down for ten days of the month makes no month of few incidents."""
    busy = joined(history, at_corner(district, date(2026, 8, 1), 92, 12))
    local = pd.DatetimeIndex(
        district.calendar.local_ms(busy.at_ms).astype("datetime64[ms]")
    ).strftime("%Y-%m-%d")
    down = busy.where((local < "2026-10-11") | (local > "2026-10-20"))
    found = report_of(district, down, MONTH)
    assert found.silent == 10
    whole = report_of(district, busy, MONTH)
    ratio = sum(c.expected for c in found.came) / sum(c.expected for c in whole.came)
    assert ratio == pytest.approx(21 / 31, abs=0.06)


def test_a_place_that_is_visited_more_is_told_with_its_reason(
    district: District, history: History
) -> None:
    """Eight crashes a day in October where one visit was: more of them, as more is expected."""
    more = joined(history, at_corner(district, date(2026, 10, 1), 31, 8, "n22"))
    found = report_of(district, more, MONTH)
    risen = [one for one in found.moved if one.why == "rose"]
    assert risen
    assert all(one.expected[1] > one.expected[0] for one in risen)
    assert all(one.visits[1] > one.visits[0] for one in risen)


def test_a_window_of_half_hours_meets_what_comes_in_its_hours(
    district: District, report: Report
) -> None:
    """Pinned from 07:30 to 08:15 on Mondays: the Mondays' crashes at the corner from 7 to 9."""
    assert report.before is not None
    points = points_of(district)
    row = points.covers[:, [district.roads.index[NodeId(CORNER)]]].toarray().argmax()
    point = MustArrive("p", points.place[row], "s1", 1, 450, 495, 12, 1, Reason("pinned", 0.0, 0))
    october = at_corner(district, date(2026, 10, 5), 1, 3)
    moved = replace(october, at_ms=october.at_ms - 4 * HOUR)  # Monday 08:00 in Hangzhou
    met, expected = _met(district, moved, replace(report.before, must_arrive=(point,)))
    assert met == 3
    assert expected > 0


def test_sections_tell_what_no_visit_meets(report: Report) -> None:
    """What is not met is part of what is expected; lines to patrol have red bands."""
    assert report.sections
    for one in report.sections:
        assert 0 <= one.uncovered <= one.expected + 1e-12
    assert any(one.passes for one in report.sections)


def test_the_first_week_begins_in_the_month() -> None:
    """1 November 2026 is a Sunday: the first week begins on the 2nd. June 2026 begins a Monday."""
    assert (first_week((2026, 11)), first_week((2026, 6))) == ("2026-W45", "2026-W23")


def test_the_last_month_is_one_that_ended(district: District, history: History) -> None:
    """The records end on 29 November: October is whole. With a record of the 30th November is."""
    assert last_month(district, history) == (2026, 10)
    assert last_month(district, joined(history, at_corner(district, date(2026, 11, 30), 1, 1))) == (
        2026, 11,
    )  # fmt: skip
    assert last_month(district, history.before(0)) is None


def test_a_place_says_which_vehicles_to_stop(report: Report, tmp_path: Path) -> None:
    """However many violations there are to correct."""
    [first, *others] = report.now.must_arrive
    told = replace(first, must_correct=("甲", "乙", "丙", "丁"), must_check=("渣土车",))
    now = replace(report.now, must_arrive=(told, *others))
    write_month(replace(report, now=now), (), tmp_path / "page.html", "zh-CN")
    assert "<td>渣土车</td></tr>" in (tmp_path / "page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_asks_nothing_of_any_network_and_prints_on_a4(
    report: Report, tmp_path: Path, lang: str
) -> None:
    """No address, script or file is named; every heading has something below it."""
    write_month(report, (), tmp_path / "page.html", lang)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert not re.search(r"https?:|//[a-z]|<script|<link|<img|url\(", page)
    assert "@page { size: A4" in page
    assert f'<html lang="{lang}">' in page
    assert page.count("<svg") == len(report.district.squadrons) + 4
    assert not re.search(r"</h2>\s*(<h2|</body)", page)


PHONE_PX = 360
FRAME = """<iframe id="phone" width="{px}" height="800" frameborder="0" srcdoc="{page}"></iframe>
<p id="told"></p><script>onload = () => {{
  const page = phone.contentDocument, wide = page.documentElement.scrollWidth;
  const boxed = [...page.querySelectorAll("table")].map((one) =>
    getComputedStyle(one.parentElement).overflowX);
  told.textContent = JSON.stringify([wide, boxed]);
}}</script>"""
"""A page as a telephone shows it: a browser's own window is never as narrow."""


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_telephone_scrolls_a_wide_table_and_not_the_page(
    report: Report, tmp_path: Path, chromium: str, lang: str
) -> None:
    """In a real browser: figures, colours, posts and sections of another colour, too."""
    long = "北环路与人民路交叉口东侧加油站前岗亭_" * 2 + "x" * 40
    post = Moved(long, "s1", (0, 0), (4.0, 1.0), "fell")
    odd = replace(report, posts=(post,), recoloured=((long, 7, 9),))
    write_month(odd, [Figure("implementation", 40, 50)], tmp_path / "page.html", lang)
    page = html.escape((tmp_path / "page.html").read_text(encoding="utf-8"))
    frame = tmp_path / "frame.html"
    frame.write_text(FRAME.format(px=PHONE_PX, page=page), encoding="utf-8")
    shown = subprocess.run(  # noqa: S603 - the page just written
        [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", str(frame)],
        check=True, capture_output=True, timeout=120, text=True,
    ).stdout  # fmt: skip
    told = re.search(r'<p id="told">(.*?)</p>', shown)
    assert told is not None
    wide_px, boxed = json.loads(told[1])
    assert (wide_px <= PHONE_PX, set(boxed)) == (True, {"auto"})


def test_names_are_text_and_no_markup(report: Report, tmp_path: Path) -> None:
    """A section called <b> is told as it is written."""
    odd = replace(report, sections=(replace(report.sections[0], name="<b>路"),))
    write_month(odd, (), tmp_path / "page.html", "en")
    assert "&lt;b&gt;路" in (tmp_path / "page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("lang", "noted"), [("en", True), ("zh-CN", False)])
def test_chinese_texts_on_an_english_page_are_said_to_be_the_sources(
    report: Report, tmp_path: Path, lang: str, *, noted: bool
) -> None:
    """A street named in Chinese, shorter than a km: told in metres, with a footnote."""
    odd = replace(report, sections=(replace(report.sections[0], name="路", length_km=0.45),))
    write_month(odd, (), tmp_path / "page.html", lang)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "450 m" in page
    assert (words(lang)("month.note.sourced") in page) is noted


def test_a_post_is_told_only_where_a_third_less_is_expected(report: Report) -> None:
    """Half of what was expected of every node is a loss; nine tenths are none."""
    assert report.before is not None
    for left, lost in ((0.5, True), (0.9, False)):
        now = replace(report.before, risk=report.before.risk * left)
        assert bool(list(_posts(report.district, report.before, now))) is lost


def test_the_command_writes_the_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A district with its files only: no journal, so no key figures."""
    folder = small_district(tmp_path / "d")
    (folder / "history").mkdir()
    first = datetime(2026, 8, 1, tzinfo=UTC)
    write_rows(folder / HistoryRow.file, [
        HistoryRow(id=f"c{n}", at=(first + timedelta(hours=9 * n)).isoformat(), kind="crash",
                   node=f"n{n % 6}{n % 5}", x_m=0.0, y_m=0.0)
        for n in range(240)
    ])  # fmt: skip
    out = tmp_path / "page.html"
    told = ["qinwu", "report", "month", str(folder), "--month", "2026-09", "--out", str(out)]
    monkeypatch.setattr("sys.argv", told)
    assert (qinwu._outcome(), out.exists()) == (0, True)
    assert str(out) in capsys.readouterr().out


HOUR = 3_600_000
START = datetime(2026, 12, 4, tzinfo=UTC)


def frame(seq: int, *told: tuple[str, dict[str, Any]]) -> Frame:
    """A frame of events, an hour after the one before."""
    facts = tuple(
        Accepted(type="accepted", topic="t", partition=0, offset=seq * 100 + n,
                 event=f"t/{seq}-{n}", kind=f"qinwu.{name}.v1", data=fields)
        for n, (name, fields) in enumerate(told)
    )  # fmt: skip
    return Frame(
        area=AreaId("hz"), seq=seq, prev=FIRST_PREV, writer="w",
        time_ms=int(START.timestamp() * 1000) + seq * HOUR, facts=facts,
    )  # fmt: skip


def iso(hours: float) -> str:
    """A moment so long after the start."""
    return (START + timedelta(hours=hours)).isoformat()


def test_night_checks_are_counted_by_tests_and_positives() -> None:
    """Forty tests with three positives, and one test that was positive."""
    since_ms = int(START.timestamp() * 1000)
    test = {"unit": "u", "kind": "breath_test", "at": iso(1)}
    found = figures(
        [
            frame(1, ("check_result", test | {"outcome": "negative", "tested": 40, "positives": 3}),
                  ("check_result", test | {"outcome": "positive"}),
                  ("check_result", test | {"kind": "stop", "outcome": "stopped"})),
            frame(2),
        ],
        since_ms, since_ms + 99 * HOUR, Visits(),
    )  # fmt: skip
    assert [(one.name, one.met, one.due) for one in found] == [("night_check", 4, 41)]


def test_what_is_open_is_counted_at_the_end_of_day_month_and_quarter() -> None:
    """A hazard of last month closed in this one, one closed within its day, one after it."""
    since_ms = int(START.timestamp() * 1000)

    def hazard(name: str, change: str, hours: float) -> tuple[str, dict[str, Any]]:
        return "hazard_changed", {"hazard": name, "change": change, "at": iso(hours)}

    found = figures(
        [
            frame(1, hazard("old", "found", -50)),
            frame(50, hazard("same", "found", 1), hazard("same", "verified", 3)),
            frame(51, hazard("old", "verified", 5), hazard("later", "found", 20)),
            frame(99, hazard("later", "verified", 30), hazard("open", "found", 98)),
        ],
        since_ms, since_ms + 200 * HOUR, Visits(),
    )  # fmt: skip
    told = {one.name: (one.met, one.due) for one in found}
    assert told == {
        "rectified": (3, 4), "clear_day": (1, 2), "clear_month": (2, 3), "clear_quarter": (3, 4),
    }  # fmt: skip


def test_sightings_and_who_verified_them_are_counted() -> None:
    """Of two, one by its own name; a command for another is nobody's."""
    since_ms = int(START.timestamp() * 1000)
    seen = {"gate": "g1", "plate_hash": "0" * 64}
    verify = {"command": "verify_sighting", "by": "p", "at": iso(2)}
    found = figures(
        [
            frame(1, ("sighting_reported", seen | {"at": iso(1), "sighting": "x"}),
                  ("sighting_reported", seen | {"at": iso(1)})),
            frame(2, ("command_given", verify | {"sighting": "x"}),
                  ("command_given", verify | {"sighting": "nobody"})),
            frame(9),
        ],
        since_ms, since_ms + 99 * HOUR, Visits(),
    )  # fmt: skip
    assert [(one.name, one.met, one.due) for one in found] == [("verified", 1, 2)]


def test_an_alarm_tells_what_changed_and_since_when() -> None:
    """Five weeks before the last record, and with no day for who only plans."""
    alarm = Alarm("redefined", "crash", 5, 35.0, 260.0)
    told = alarm_text(alarm, words("en"), date(2026, 11, 29))
    assert "crash" in told
    assert "2026-10-26" in told
    assert "260.0" in told
    assert "since 5 weeks ago" in alarm_text(alarm, words("en"))


def test_geojson_has_every_point_and_section_where_it_lies(report: Report, tmp_path: Path) -> None:
    """Inside the district's own bounds, with the columns of the file and a colour for each band."""
    printer = Printer(report.district, report.now.week)
    write_geo(tmp_path, printer, report.now, report.now.must_arrive, words("en"))
    points, sections = (
        json.loads((tmp_path / name).read_text(encoding="utf-8"))["features"]
        for name in ("must_arrive.geojson", "colours.geojson")
    )
    assert [one["properties"]["id"] for one in points] == [p.id for p in report.now.must_arrive]
    roads = report.district.roads
    for one in points:
        lon, lat = one["geometry"]["coordinates"]
        assert roads.lon.min() - 1e-6 <= lon <= roads.lon.max() + 1e-6
        assert roads.lat.min() - 1e-6 <= lat <= roads.lat.max() + 1e-6
    assert [one["properties"]["section"] for one in sections] == list(report.now.sections)
    for one in sections:
        assert len(one["properties"]["bands"]) == 84
        assert one["geometry"]["coordinates"]
    red = next(one for one in sections if one["properties"]["colour"] == "red")
    assert "rank" in red["properties"]["why"]


def test_vehicles_to_stop_on_sight_are_those_often_found_at_fault(
    district: District, history: History
) -> None:
    """Four overloads at the corner in the last year name the class there; two do not."""
    for count, named in ((4, True), (2, False)):
        rows = [
            row(n, datetime(2026, 10, 5, n, tzinfo=UTC), "", CORNER) | {"violation": "超载"}
            for n in range(count)
        ]
        more = joined(history, from_rows(pd.DataFrame(rows), district.roads.node_ids))
        found = report_of(district, more, MONTH).sections
        assert any("超载" in one.classes for one in found) is named
