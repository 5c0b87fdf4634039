"""The report as people read it: rosters to hang up, names, words and units."""

import re
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from desks import at
from districts import WEEK, small_district
from planned import Found, week_of, write_needs
from rosters import problem

from config.district import District, load
from config.ids import PersonId
from config.made_tables import HistoryRow
from config.reading import write_rows
from config.words import LANGUAGES, words
from events.sqlite import SqliteBus
from scheduler.breach_words import told_text
from scheduler.changes.reporting import Reports
from scheduler.commands import desk_on
from scheduler.problem import Problem
from scheduler.publish import is_stale
from scheduler.readback import kept_folder
from scheduler.report import write_report
from scheduler.rules import Breach, Tier, rules_of
from scheduler.week import PlannedWeek, plan_week


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> PlannedWeek:
    """The hand-made week, with visits, of a district in which o1 has a name that is markup."""
    folder = small_district(tmp_path_factory.mktemp("report") / "d")
    first = datetime(2026, 9, 1, tzinfo=UTC)
    rows = [
        HistoryRow(id=f"c{n}", at=(first + timedelta(hours=7 * n)).isoformat(), kind="crash",
                   node=f"n{n % 6}{n % 5}", x_m=0.0, y_m=0.0)
        for n in range(200)
    ]  # fmt: skip
    (folder / "history").mkdir()
    write_rows(folder / "history" / "all.csv", rows)
    district = named(load(folder))
    file = week_of(district, WEEK)

    def solve(_: Problem) -> Found:
        return Found(file.roster)

    return replace(plan_week(district, WEEK, solve=solve), points=file.points)


def named(district: District) -> District:
    """With a name for o1."""
    people = dict(district.people.persons)
    people[PersonId("o1")] = people[PersonId("o1")].model_copy(update={"name": "<b>冯安博"})
    return replace(district, people=replace(district.people, persons=people))


def page_of(planned: PlannedWeek, out: Path, lang: str = "en") -> str:
    """The page in a language."""
    write_report(planned, out / "report.html", lang)
    return (out / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_squadron_has_its_roster(planned: PlannedWeek, tmp_path: Path, lang: str) -> None:
    """Every team has a line with its hours of each day, kind and post; names are escaped."""
    page = page_of(planned, tmp_path, lang)
    grids = re.findall(r'<table class="grid">(.*?)</table>', page, re.DOTALL)
    teams = planned.problem.teams
    assert [grid.count('<th scope="row">') for grid in grids] == [
        sum(of == squadron for of in teams.values()) for squadron in planned.problem.squadrons
    ]
    line = next(row for row in grids[0].split("<tr>") if "冯安博" in row)
    kind = {"en": "patrol", "zh-CN": "巡逻"}[lang]
    assert line.count("<b>08:00–16:00</b><br>" + kind) == 5
    assert "&lt;b&gt;冯安博" in line


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_squadron_has_its_visits(planned: PlannedWeek, tmp_path: Path, lang: str) -> None:
    """The list has each visit with its day in words, its stay and the point's window."""
    page = page_of(planned, tmp_path, lang)
    lists = re.findall(r'<table class="grid stops">(.*?)</table>', page, re.DOTALL)
    visits = sum(len(duty.visits) for duty in planned.roster.duties)
    assert sum(one.count("<td><b>") for one in lists) == visits
    monday = {"en": "Mon 2026-11-30", "zh-CN": "周一 2026-11-30"}[lang]
    assert f"<tr><td>{monday}</td><td><b>09:01–09:13</b></td>" in lists[0]
    assert "<td>08:00–12:00</td>" in lists[0]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_visit_says_which_vehicles_to_stop(
    planned: PlannedWeek, tmp_path: Path, lang: str
) -> None:
    """In a column of its own, after what to correct there."""
    page = page_of(planned, tmp_path, lang)
    head = {"en": "Stop on sight", "zh-CN": "必查车辆"}[lang]
    assert f"<th>{head}</th></tr>" in page
    assert "<td>超速</td><td>渣土车</td></tr>" in page


def test_printing(planned: PlannedWeek, tmp_path: Path) -> None:
    """Paper is A4 across, headers come again on each page, a squadron begins a page."""
    page = page_of(planned, tmp_path)
    for told in ("size: A4 landscape", "display: table-header-group", "break-before: page"):
        assert told in page
    assert page.count("<thead>") == page.count('class="grid') + 1


def test_chart(planned: PlannedWeek, tmp_path: Path) -> None:
    """The chart begins behind the longest name and has ticks at 6, 12 and 18 of each day."""
    settings = planned.district.settings
    long = settings.squadrons[0].model_copy(update={"name": "经济技术开发区交警大队一中队"})
    whole = settings.model_copy(update={"squadrons": (long, *settings.squadrons[1:])})
    page = page_of(
        replace(planned, district=replace(planned.district, settings=whole)), tmp_path
    )  # fmt: skip
    first = min(int(x) for x in re.findall(r'<rect x="(\d+)"', page))
    assert first >= 14 * 11  # 14 wide characters of 11 points
    assert len(re.findall(r'class="hour"', page)) == 3 * 7


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_a_bound_no_gap_is_told(planned: PlannedWeek, tmp_path: Path, lang: str) -> None:
    """100 % would look like a measure of the roster."""
    page = page_of(replace(planned, solution=Found(planned.roster, bound=0.0)), tmp_path, lang)
    assert "100.00 %" not in page
    assert {"en": "No bound was found yet", "zh-CN": "尚未得到下界"}[lang] in page


def test_the_gap_stands_below_cover(planned: PlannedWeek, tmp_path: Path) -> None:
    """What a planner can act on comes first."""
    page = page_of(planned, tmp_path)
    assert page.index("What is missing") < page.index("at most 25.00 %")


@pytest.mark.parametrize(
    ("rule", "units", "told"),
    [
        ("contract-hours", 7, "缺 3.5 小时"), ("overtime", 4, "超出合同 2 小时"),
        ("fixed-duties", 2, "缺 2 组"), ("cover-demand", 3, "缺 3 组"),
        ("cover-demand", 0, "单元富余"),
    ],
)  # fmt: skip
def test_a_lack_is_no_surplus(rule: str, units: int, told: str) -> None:
    """An amount has the unit of its rule, and says whether it is missing or too much."""
    breach = Breach(rule, Tier.COVER, 99, units=units)
    assert told_text(asdict(breach), "zh-CN").endswith(f"（{told}）")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_amount_has_words(lang: str) -> None:
    """No rule says a bare number."""
    for rule in rules_of(problem()):
        told = told_text(asdict(Breach(rule.id, rule.tier, 30, units=2)), lang)
        assert not re.search(r"[(（]\d+[)）]", told)
        assert told.startswith(words(lang)(f"planner.rule.{rule.id}"))


def test_what_is_missing_is_told_in_words(planned: PlannedWeek, tmp_path: Path) -> None:
    """A fixed duty by its hours, place and weekday; a half hour by its squadron and weekday."""
    page = page_of(planned, tmp_path)
    assert re.search(r"<td>\w{3} 2026-1\d-\d\d [a-z ]+ [\d:–]{11}.* \(teams missing: \d\)", page)
    name = planned.district.settings.squadrons[0].name
    assert re.search(rf"{name} \w{{3}} 2026-1[12]-\d\d \d\d:\d\d \(units missing: \d+\)", page)


def test_a_phone_shows_every_table_in_a_box_that_scrolls(
    planned: PlannedWeek, tmp_path: Path
) -> None:
    """It lays the page out at its own width, and no table runs out of it."""
    page = page_of(planned, tmp_path)
    assert 'name="viewport" content="width=device-width' in page
    assert re.findall(r'(?<!<div class="wide">)<table', page) == []


def test_a_change_brings_the_page_of_its_version(tmp_path: Path) -> None:
    """Everybody is sent to that page: it is of the roster in force, whatever came before."""
    district, bus = load(small_district(tmp_path / "d")), SqliteBus(tmp_path / "duty.db")
    desk = at(desk_on(bus, district), "2026-11-29T12:00:00+08:00")
    desk.publish(WEEK, week_of(district, WEEK))
    kept = kept_folder(district, WEEK)
    write_needs(district, WEEK, kept)
    (done,) = Reports(desk).absent("o1", date(2026, 12, 1))
    page = kept / "report.html"
    assert done.published
    assert not is_stale(page, kept / "roster.csv")
    told = page.read_text(encoding="utf-8")
    assert "--time" not in told  # no search is behind it that more time would make better
    assert "made by changing the one before" in told
    bus.close()
