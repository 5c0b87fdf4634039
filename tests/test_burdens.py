"""Who bore what: shares by days present, from the rosters that a district keeps."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from districts import WEEK, small_district
from planned import week_of, write_week
from typed import Typed, typed

from config.district import District, load
from config.reading import write_rows
from config.tables import CalendarRow
from scheduler.advice.burden_words import BAR, bar
from scheduler.advice.burdens import Span, burdens
from scheduler.shares import KINDS, Burden

__all__ = ["typed"]
MONDAY = date(2026, 11, 30)
WEEKS = (WEEK, "2026-W50")


@pytest.fixture(name="town", scope="module")
def _town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two published weeks; the first Monday is a holiday."""
    folder = small_district(tmp_path_factory.mktemp("town") / "d")
    days = [
        CalendarRow(day=day, kind="holiday" if n == 0 else "workday", school="0")
        for n in range(14) for day in [MONDAY + timedelta(days=n)]
    ]  # fmt: skip
    write_rows(folder / CalendarRow.file, days)
    for week in WEEKS:
        district = load(folder)
        write_week(district, week_of(district, week), folder / "roster" / week)
    (folder / "roster" / "notes").mkdir()
    return folder


@pytest.fixture(name="district", scope="module")
def _district(town: Path) -> District:
    return load(town)


def of(found: list[Burden], person: str) -> Burden:
    """One person's."""
    return next(one for one in found if one.person == person)


def test_what_a_person_had_is_counted(district: District) -> None:
    """t1 works Monday to Friday, 08:00 to 16:00, twice; one of the days is a holiday."""
    weeks, found = burdens(district, Span())
    assert weeks == list(WEEKS)
    own = of(found, "o1")
    assert [own.had[kind] for kind in KINDS] == [80, 0, 0, 1]
    assert own.days == 14
    assert sorted(own.months) == ["2026-11", "2026-12"]


def test_shares_of_a_group_add_up_to_what_it_had(district: District) -> None:
    """Nothing is lost by sharing out."""
    _, found = burdens(district, Span())
    for squadron in district.squadrons:
        for role in ("officer", "auxiliary"):
            group = [one for one in found if (one.squadron, one.role) == (squadron, role)]
            for kind in KINDS:
                had, share = sum(o.had[kind] for o in group), sum(o.share[kind] for o in group)
                assert had == pytest.approx(share), (squadron, role, kind)


def test_who_was_away_owes_less(district: District) -> None:
    """a12 is on leave for two of fourteen days."""
    _, found = burdens(district, Span())
    away, other = of(found, "a12"), of(found, "a2")
    assert (away.days, other.days) == (12, 14)
    assert away.share["hours"] == pytest.approx(other.share["hours"] * 12 / 14)


def test_only_the_dates_that_are_asked_for_count(district: District) -> None:
    """A Monday alone."""
    weeks, found = burdens(district, Span(MONDAY, MONDAY))
    assert weeks == [WEEK]
    assert of(found, "o1").had["hours"] == 8
    assert of(found, "o1").days == 1


def test_a_night_over_midnight_is_one_night(tmp_path: Path) -> None:
    """22:00 to 06:00, as the rules count it; and a week-end duty begins on a Saturday."""
    folder = small_district(tmp_path / "d")
    district = load(folder)
    file = week_of(district, WEEK)
    write_week(district, file, folder / "roster" / WEEK)
    path = folder / "roster" / WEEK / "roster.csv"
    text = path.read_text(encoding="utf-8-sig")
    text = text.replace("2026-12-04T08:00", "2026-12-04T22:00")
    text = text.replace("2026-12-04T16:00", "2026-12-05T06:00")
    path.write_text(text, encoding="utf-8-sig")
    _, found = burdens(district, Span())
    assert of(found, "o1").had["nights"] == 1
    assert of(found, "o1").had["weekends"] == 0


def test_the_chart_marks_the_share() -> None:
    """Four of at most four, where two were the share."""
    assert bar(4, 2, 4) == "█" * 10 + "┃" + "█" * 9 + " "
    assert bar(0, 0, 0) == " " * (BAR + 1)


def test_the_command_charts_and_gives_json(town: Path, typed: Typed) -> None:
    """A line a person, or one object without names."""
    told = typed("roster", "fairness", town, "--squadron", "s1")
    assert told.code == 0
    assert "民警1 o1" in told.out
    assert "o2" not in told.out
    found = json.loads(typed("roster", "fairness", town, "--person", "o1", "--json").out)
    assert found["weeks"] == list(WEEKS)
    (own,) = found["people"]
    assert own["hours"]["had"] == 80
    assert "民警" not in json.dumps(found, ensure_ascii=False)


def test_without_rosters_it_says_so(tmp_path: Path, typed: Typed) -> None:
    """And that dates the wrong way round are none."""
    folder = small_district(tmp_path / "d")
    assert "no roster was published" in typed("roster", "fairness", folder).out
    told = typed("roster", "fairness", folder, "--since", "2026-12-02", "--until", "2026-12-01")
    assert (told.code, "is after" in told.err) == (2, True)
    assert typed("roster", "fairness", folder, "--since", "soon").code == 2
