"""Trials of visits: drawn by lot, read back, counted, and told by `qinwu report trial | effect`."""

import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from districts import MONDAY, small_district
from test_analysis import past

import qinwu
from config.calendar import week_of_day
from config.district import District, load
from config.errors import BadInput
from config.made_tables import HistoryRow, MustArriveOutRow
from config.reading import write_rows
from scheduler.hindsight.trial import (
    Slot,
    came_in,
    drawable,
    expected_weekly,
    read_trial,
    sites_of,
    slot_of,
    write_trial,
)
from scheduler.readback import read_points

FIRST = MONDAY - timedelta(weeks=8)
WEEK = week_of_day(FIRST)
MORNING = Slot("p6", 7 * 60, 10 * 60)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The hand-made district with a history, and a list of points beside it."""
    made = small_district(tmp_path / "district")
    district = load(made)
    history = past(district)
    write_rows(made / HistoryRow.file, [
        HistoryRow(
            id=f"r{n}", at=district.calendar.iso(int(history.at_ms[n])), x_m=0, y_m=0,
            kind=history.kinds[history.kind[n]], node=history.places[history.place[n]],
        ) for n in range(len(history))
    ])  # fmt: skip
    write_rows(tmp_path / "must_arrive.csv", [
        MustArriveOutRow.model_validate({
            "id": name, "name": name, "place": place, "squadron": "s1", "weekday": weekday,
            "window_start": "07:00", "window_end": "10:00", "dwell_min": 12, "visits": 1,
            "reason": "risk",
        }) for name, place, weekday in (
            *((f"p6-{weekday}", "p6", weekday) for weekday in range(1, 8)),
            ("fixed1", "p3", 5), ("night-5-p3", "p3", 5),
        )
    ])  # fmt: skip
    return made


def points_in(district: District, path: Path) -> list[str]:
    """Ids of the points that may be drawn."""
    return [one.id for one in drawable(district, read_points(district, path, []).values())]


def run(capsys: pytest.CaptureFixture[str], *command: object) -> tuple[int, str]:
    """A command's exit code and what it says."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QINWU_LANG", "en")
        patch.setattr(sys, "argv", ["qinwu", *map(str, command)])
        with pytest.raises(SystemExit) as left:
            qinwu.main()
    return int(left.value.code or 0), "".join(capsys.readouterr())


def test_pinned_points_and_night_checks_are_not_drawn(folder: Path) -> None:
    """Somebody asked for them by name."""
    names = points_in(load(folder), folder.parent / "must_arrive.csv")
    assert names == [f"p6-{weekday}" for weekday in range(1, 8)]


def test_a_trial_is_read_back_as_it_was_drawn(folder: Path) -> None:
    """The same slots and weeks; one of two weeks each."""
    district = load(folder)
    points = drawable(
        district, read_points(district, folder.parent / "must_arrive.csv", []).values()
    )
    path = folder.parent / "trial.csv"
    write_trial(path, points, WEEK, 8, 7)
    slots, week, worked = read_trial(path)
    assert slots == [slot_of(point) for point in points]
    assert week == WEEK
    assert worked.shape == (7, 8)
    assert (worked.reshape(7, 4, 2).sum(axis=2) == 1).all()


def test_a_trial_with_a_week_changed_by_hand_is_refused(folder: Path) -> None:
    """Who works a slot in both weeks has no week to compare it with."""
    path = folder.parent / "trial.csv"
    district = load(folder)
    points = read_points(district, folder.parent / "must_arrive.csv", [])
    write_trial(path, drawable(district, points.values()), WEEK, 2, 7)
    path.write_text(path.read_text(encoding="utf-8-sig").replace(",0\n", ",1\n"), encoding="utf-8")
    with pytest.raises(BadInput):
        read_trial(path)


def test_incidents_are_counted_in_their_slot_and_week_once(folder: Path) -> None:
    """Two slots that overlap share nothing: the sum is what came in the hours together."""
    district = load(folder)
    history = past(district)
    one = came_in(district, history, [MORNING], WEEK, 8)
    both = came_in(district, history, [MORNING, MORNING], WEEK, 8)
    assert one.shape == (1, 8)
    assert both.sum() == one.sum() > 0
    local = district.calendar.local_ms(history.at_ms)
    at = (local // 60_000 + 3 * 1440) % (7 * 1440)  # 1 January 1970 was a Thursday
    near = np.isin(np.array(history.places)[history.place], ["n52"])
    there = near & (at >= 7 * 60) & (at < 10 * 60)
    there &= history.at_ms >= district.calendar.week_start_ms(WEEK)
    assert one.sum() == there.sum()


def test_what_is_expected_grows_with_the_slots(folder: Path) -> None:
    """A slot that is named twice counts once, another adds to it."""
    district = load(folder)
    history = past(district)
    other = Slot("p5", 7 * 60, 10 * 60)
    alone = expected_weekly(district, history, [MORNING], WEEK)
    assert expected_weekly(district, history, [MORNING, MORNING], WEEK) == alone > 0
    assert expected_weekly(district, history, [MORNING, other], WEEK) > alone


def test_sites_before_and_after_hold_every_incident(folder: Path) -> None:
    """Each on its side of the day, visited or not."""
    district = load(folder)
    history = past(district)
    since_ms = district.calendar.week_start_ms(WEEK)
    sites = sites_of(district, history, ["p6"], since_ms)
    assert sites.before.sum() == (history.at_ms < since_ms).sum()
    assert sites.after.sum() == (history.at_ms >= since_ms).sum()
    assert 0 < sites.visited.sum() < len(sites.visited)


def test_a_trial_is_drawn_once_and_its_effect_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The power comes before; a second lot over the same file is refused."""
    trial = folder.parent / "trial.csv"
    asked = ("report", "trial", folder, folder.parent / "must_arrive.csv", "--week", WEEK)
    code, text = run(capsys, *asked, "--weeks", 8, "--out", trial)
    assert (code, "probability of" in text) == (0, True)
    code, text = run(capsys, *asked, "--weeks", 8, "--out", trial)
    assert (code != 0, "there already" in text) == (True, True)
    code, text = run(capsys, "report", "effect", folder, trial)
    assert (code, "95 % interval" in text, "do not reach" in text) == (0, True, False)


def test_odd_weeks_are_refused_in_words(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Pairs of weeks are what is compared."""
    points = folder.parent / "must_arrive.csv"
    code, text = run(capsys, "report", "trial", folder, points, "--week", WEEK, "--weeks", 3)
    assert (code != 0, "even number" in text) == (True, True)


def test_visits_that_nobody_drew_are_told_before_and_after(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the power in front of the effect."""
    points = folder.parent / "must_arrive.csv"
    code, text = run(capsys, "report", "effect", folder, points, "--since", FIRST)
    assert code == 0
    assert text.index("probability of about") < text.index("95 % interval")


def test_a_place_that_is_not_of_the_district_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not a trace of Python."""
    trial = folder.parent / "trial.csv"
    trial.write_text(
        "week,point,place,squadron,weekday,window_start,window_end,worked\n"
        f"{WEEK},a,nowhere,s1,1,07:00,09:00,1\n2026-W50,a,nowhere,s1,1,07:00,09:00,0\n",
        encoding="utf-8",
    )
    code, text = run(capsys, "report", "effect", folder, trial)
    assert (code != 0, "nowhere" in text, "Traceback" in text) == (True, True, False)
