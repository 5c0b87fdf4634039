"""`qinwu report month`: which month it takes, and how its page tells it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from districts import small_district
from typed import Typed, typed

from config.made_tables import HistoryRow
from config.reading import write_rows
from config.words import LANGUAGES, words
from scheduler.jobs import LATER, REFUSED
from scheduler.recorded import Recorded

__all__ = ["typed"]


def rows(first: datetime, count: int, every_h: int) -> Iterator[HistoryRow]:
    """Crashes at the junctions in turn."""
    for n in range(count):
        at = (first + timedelta(hours=every_h * n)).isoformat()
        node = f"n{n % 6}{n % 5}"
        yield HistoryRow(id=f"c{n}", at=at, kind="crash", node=node, x_m=0.0, y_m=0.0)


@pytest.fixture(name="town", scope="module")
def _town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Recorded every nine hours from 1 August to 29 October 2026: sparse, so October is whole."""
    folder = small_district(tmp_path_factory.mktemp("town") / "d")
    (folder / "history").mkdir()
    first = datetime(2026, 8, 1, tzinfo=UTC)
    write_rows(folder / HistoryRow.file, list(rows(first, 240, 9)))
    return folder


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_month_that_was_not_recorded_to_its_end_is_refused(
    town: Path, typed: Typed, lang: str
) -> None:
    """With the last that was, in backtest's words; nothing is written."""
    shown = typed("report", "month", town, "--month", "2026-11", lang=lang)
    told = words(lang)("backtest.nothing_then", month="2026-11", last="2026-10")
    assert (shown.code, told in shown.err) == (2, True)
    assert not list(town.glob("month-*"))


@pytest.mark.parametrize("child", [False, True])
def test_a_page_without_room_is_refused_to_a_person_and_put_off_for_the_planner(
    town: Path, tmp_path: Path, typed: Typed, *, child: bool
) -> None:
    """A refusal is for good; a disk is not full for ever."""
    Recorded().write(tmp_path / "recorded.json")
    more = ("--recorded", tmp_path / "recorded.json") if child else ()
    told = ("--month", "2026-09", "--out", "/dev/full", *more)
    shown = typed("report", "month", town, *told)
    assert (shown.code, "/dev/full" in shown.err) == (LATER if child else 2, True)
    assert LATER not in REFUSED
