"""The sample's history: of the brigade's figures, and drawn from a truth that is not simple."""

from collections import Counter
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from sample_truth import TODAY, history_hours, mean_week, monday, truth

from config.sample.days import HISTORY_DAYS
from config.sample.kinds import KINDS
from config.sample.offences import HALF_YEAR, HALF_YEAR_DAYS
from config.sample.process import OPENING_DAY, RAMP_DAYS
from config.sample.records import make_history

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def records() -> pd.DataFrame:
    """The history as `init` writes it, with local times and the numbers of the nodes."""
    world = truth()
    table = make_history(world)
    local_ms = world.calendar.local_ms(table["at_ms"].to_numpy(np.int64))
    table["local"] = pd.to_datetime(local_ms, unit="ms")
    table["number"] = table["node"].str[1:].astype(int)
    return table


def test_the_history_is_eighteen_months_up_to_yesterday(records: pd.DataFrame) -> None:
    """Ordered, from the first day to the last."""
    days = records["local"].dt.date
    assert days.max() == TODAY - DAY
    assert days.min() == TODAY - HISTORY_DAYS * DAY
    assert records["local"].is_monotonic_increasing
    assert records["id"].is_unique


@pytest.mark.parametrize("violation", HALF_YEAR)
def test_violations_are_as_many_as_the_brigade_recorded(
    records: pd.DataFrame, violation: str
) -> None:
    """Half a year has the figure of the domain, up to chance (four standard deviations)."""
    own = records[(records["category"] == "violation") & (records["violation"] == violation)]
    wanted = HALF_YEAR[violation] * HISTORY_DAYS / HALF_YEAR_DAYS
    assert abs(len(own) - wanted) < 4 * np.sqrt(wanted)


def test_the_history_is_drawn_from_the_truth(records: pd.DataFrame) -> None:
    """Counts by squadron and hour of the week differ from the truth as Poisson counts do."""
    world = truth()
    rates = history_hours(world)
    start = world.process.span.first.weekday() * 24
    hour = (np.arange(rates.shape[1]) + start) % 168
    squadron = world.places.squadron
    wanted, seen = np.zeros((4, 168)), np.zeros((4, 168))
    for number in range(4):
        wanted[number] = np.bincount(hour, rates[squadron == number].sum(axis=0), 168)
    own = records[records["category"] == "incident"]
    of_week = own["local"].dt.day_of_week * 24 + own["local"].dt.hour
    np.add.at(seen, (squadron[own["number"]], of_week), 1)
    score = (seen - wanted) / np.sqrt(wanted)
    assert abs(score.mean()) < 0.15
    assert 0.9 < score.std() < 1.1


@pytest.mark.parametrize(("weeks", "least"), [(26, 0.25), (1, 0.35)])
def test_the_truth_is_not_separable(weeks: int, least: float) -> None:
    """Level × profile, though of the truth itself, puts a good share of calls elsewhere."""
    week = mean_week(truth(), monday(TODAY) - timedelta(weeks=weeks), weeks)
    separable = np.outer(week.sum(axis=1), week.sum(axis=0)) / week.sum()
    assert np.abs(week - separable).sum() / week.sum() > least


def test_the_ring_road_opens_half_way_and_takes_traffic(records: pd.DataFrame) -> None:
    """Nothing happens on it before; afterwards it does, and less on the old through roads."""
    world = truth()
    ring = np.array([at for at, kind in enumerate(world.town.kind) if kind == "ring"])
    only = np.setdiff1d(ring, world.town.crossings)
    opened = pd.Timestamp(world.process.span.first) + pd.Timedelta(days=OPENING_DAY)
    open_whole = opened + pd.Timedelta(days=RAMP_DAYS)
    here = records["number"].isin(only)
    assert not (here & (records["local"] < opened)).any()
    assert (here & (records["local"] > open_whole)).sum() > 1000
    old = world.town.section_nodes("栾河路", "中华路")
    rates = history_hours(world)[old]
    before, after = rates[:, : 24 * OPENING_DAY], rates[:, 24 * (OPENING_DAY + RAMP_DAYS) :]
    assert after.mean() < 0.9 * before.mean()


def test_schools_and_bars_keep_their_hours() -> None:
    """School risk needs a school day, bar risk the eve of a day off."""
    world = truth()
    span = world.process.span
    parts = {part.name: part.when.reshape(-1, 24) for part in world.process.components}
    assert (parts["school"][~span.school] == 0).all()
    assert (parts["school"][span.school][:, 7] > 0).all()
    late = parts["bars"][:, 22]
    assert late[span.eve].mean() > 4 * late[~span.eve].mean()


def test_road_works_come_and_go() -> None:
    """Some are over, some are under way, some are still to come."""
    world = truth()
    now = 24 * HISTORY_DAYS
    works = [p.when > 0 for p in world.process.components if p.name.startswith("works")]
    past, ahead = ([w[:now].any() for w in works], [w[now:].any() for w in works])
    states = Counter(zip(past, ahead, strict=True))
    assert states[np.True_, np.False_] >= 5
    assert states[np.False_, np.True_] >= 3


def test_violations_are_recorded_where_police_stand(records: pd.DataFrame) -> None:
    """Records follow committed × presence far better than what is committed."""
    world = truth()
    own = records[(records["violation"] == "非标电动车") & (records["category"] == "violation")]
    seen = np.bincount(own["number"], minlength=len(world.town.x_m)).astype(float)
    committed = world.offences.rates("非标电动车").sum(axis=1)
    policed = np.zeros(len(seen))
    for where, when in world.offences.seen("非标电动车", HISTORY_DAYS):
        policed += where / where.sum() * when.sum()
    blind = np.corrcoef(seen, committed)[0, 1]
    aware = np.corrcoef(seen, policed)[0, 1]
    assert aware > 0.95
    assert blind < 0.8


def test_times_on_scene_have_the_tail_of_their_kind(records: pd.DataFrame) -> None:
    """Lognormal around the median of each kind; some are not known."""
    for kind, severity, median in KINDS:
        own = records[(records["kind"] == kind) & (records["severity"] == severity)]["service_s"]
        known = np.log(own.dropna() / 60.0)
        error = 4 * 0.6 * 1.2533 / np.sqrt(len(known))  # of a median
        assert abs(known.median() - np.log(median)) < error, (kind, severity)
    assert 0.05 < records[records["category"] == "incident"]["service_s"].isna().mean() < 0.11
