"""Patterns: the published check values, and that the model finds what is there."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array, eye_array

from benchmarks.patterns import in_cells, records, roll_forward
from scheduler.foresight.alarms import Alarm, alarms, drift, recorded, redefinition
from scheduler.foresight.colours import GREEN, RED, Colouring, colours, rising, top
from scheduler.foresight.kernels import network_kernel, plane_kernel
from scheduler.foresight.levels import (
    HOURS,
    Curve,
    calibration,
    eb_level,
    equal_parts,
    hour_profile,
    month_index,
)
from scheduler.foresight.patterns import (
    Days,
    Model,
    Patterns,
    Seen,
    fit,
    fit_kind,
    profile_weekday,
    recency_of,
    week_of,
)

LENGTH_KM, MU, PHI = 1.8, 2.41, 2.05  # Hauer et al. (2002): a rural road


@pytest.mark.parametrize(
    ("years", "crashes", "weight", "per_km_year"), [(1, 12, 0.460, 4.71), (3, 27, 0.221, 4.43)]
)
def test_empirical_bayes_gives_hauers_published_values(
    years: int, crashes: int, weight: float, per_km_year: float
) -> None:
    """Hauer's 1.8 km of road: weight of the prior and expected crashes per km and year."""
    level, _ = eb_level(np.array([crashes]), years, np.array([MU * LENGTH_KM]), PHI / MU)
    k = PHI / MU
    assert k / (years + k) == pytest.approx(weight, abs=5e-4)
    assert level[0] / LENGTH_KM == pytest.approx(per_km_year, abs=5e-3)


def test_empirical_bayes_gives_hauers_standard_deviation() -> None:
    """One year with 12 crashes leaves ± 1.19 crashes per km and year."""
    _, deviation = eb_level(np.array([12.0]), 1.0, np.array([MU * LENGTH_KM]), PHI / MU)
    assert deviation[0] / LENGTH_KM == pytest.approx(1.19, abs=5e-3)


def test_hauers_mean_is_from_his_formula() -> None:
    """The prior of the example is 0.0224 · 4000^0.564 crashes per km and year."""
    mean = 0.0224 * 4000**0.564
    assert pytest.approx(MU, abs=5e-3) == mean


def test_a_kernel_spreads_an_incident_and_never_multiplies_it() -> None:
    """Every column of both kernels sums to 1."""
    x = np.array([0.0, 100.0, 200.0, 5000.0])
    plane = plane_kernel(x, np.zeros(4), 150.0)
    road = network_kernel(np.array([0, 1]), np.array([1, 2]), np.array([100.0, 100.0]), 4, 150.0)
    assert np.allclose(np.vstack((plane.sum(axis=0), road.sum(axis=0))), 1.0)


def test_smoothing_along_the_network_does_not_cross_the_river() -> None:
    """Two places 50 m apart on the map and 5 km by road lend each other nothing."""
    road = network_kernel(np.array([0, 1]), np.array([1, 2]), np.array([4900.0, 100.0]), 3, 200.0)
    assert road[[0]].toarray().ravel()[2] == 0.0 < road[[1]].toarray().ravel()[2]


def test_parallel_roads_count_by_the_shortest() -> None:
    """A detour beside a direct road does not push two places apart."""
    ends = np.array([0, 0]), np.array([1, 1])
    both = network_kernel(*ends, np.array([100.0, 900.0]), 2, 100.0)
    assert np.allclose(
        both.toarray(), plane_kernel(np.array([0, 100.0]), np.zeros(2), 100.0).toarray()
    )


def test_a_profile_has_mean_one_and_goes_round_the_week() -> None:
    """Sunday 23:00 lends to Monday 00:00."""
    count = np.zeros(HOURS)
    count[167] = 100.0
    profile = hour_profile(count, np.full(7, 52.0))
    assert profile.mean() == pytest.approx(1.0)
    assert profile[0] > profile[100]


def test_a_profile_divides_by_the_days_seen() -> None:
    """Sundays that stand for many holidays are not riskier only because there are more of them."""
    count, days = np.repeat([10.0] * 6 + [20.0], 24), np.array([10.0] * 6 + [20.0])
    assert hour_profile(count, days) == pytest.approx(np.ones(HOURS))


def test_a_profile_known_from_little_is_smoothed_more() -> None:
    """Ten incidents at one hour say less about that hour than ten thousand do."""
    count, days = np.zeros(HOURS), np.full(7, 52.0)
    count[8:120:24] = 1.0
    few, many = (hour_profile(count * times, days) for times in (2.0, 2000.0))
    assert few[8] < 0.5 * many[8]
    assert few[11] > 2 * many[11]


def test_a_profile_of_wrong_shape_is_refused() -> None:
    """24 hours are not a week."""
    with pytest.raises(ValueError, match="168"):
        hour_profile(np.zeros(24), np.ones(7))


def test_less_than_a_year_has_no_season() -> None:
    """With eleven months a season cannot be told from a trend."""
    days = np.array([31.0] * 11 + [0.0])
    assert month_index(days * 30, days) == pytest.approx(np.ones(12))


def test_a_season_is_found_and_shrunk() -> None:
    """Twice the crashes in August give an index above 1.5 and below 2."""
    days, count = np.full(12, 60.0), np.full(12, 600.0)
    count[7] = 1200.0
    index = month_index(count, days)
    assert 1.5 < index[7] < 2.0
    assert (index @ days) / days.sum() == pytest.approx(1.0)


def test_calibration_undoes_a_bent_prediction() -> None:
    """A prediction that is twice too high at the top is halved there and left at the bottom."""
    rng = np.random.default_rng(5)
    true = rng.gamma(1.0, 1.0, 20_000)
    bent = np.where(true > 2.0, 2.0 * true, true)
    curve = calibration(
        bent * 10, np.full(20_000, 10.0), rng.poisson(true * 10).astype(np.float64), prior=1
    )
    assert curve(np.array([0.5, 8.0])) == pytest.approx([0.5, 4.0], rel=0.1)


def test_calibration_keeps_the_order() -> None:
    """Noise in the held-back months cannot turn a ranking round."""
    rng = np.random.default_rng(6)
    rate = np.sort(rng.gamma(1.0, 1.0, 2000))
    curve = calibration(rate, np.ones(2000), rng.poisson(1.0, 2000).astype(np.float64))
    assert (np.diff(curve(rate)) >= 0).all()


@pytest.mark.parametrize("seed", range(6))
def test_parts_of_equal_weight_are_those_that_putting_all_in_order_gives(seed: int) -> None:
    """Equal values, weights of nothing and one heavy value too."""
    rng = np.random.default_rng(seed)
    value = np.round(rng.gamma(0.5, 1.0, 3000), 2 + seed)
    weight = np.where(rng.random(3000) < 0.2, 0.0, value + seed % 2)
    order = np.argsort(value, kind="stable")
    middle = (np.cumsum(weight[order]) - weight[order] / 2) / weight.sum() * 20
    part = np.empty(3000, dtype=np.int64)
    part[order] = np.minimum(middle, 19).astype(np.int64)
    assert equal_parts(value, weight, 20).tolist() == part.tolist()


def test_no_curve_changes_nothing() -> None:
    """Too short a history leaves the rates as they are."""
    assert Curve(np.zeros(0), np.zeros(0))(np.array([1.0, 2.0])).tolist() == [1.0, 2.0]


def history(
    seed: int, total: int = 540, places: int = 30, scale: float = 0.02
) -> tuple[Days, Seen, np.ndarray]:
    """A known separable truth: place levels × a night-heavy profile, over `total` days."""
    rng = np.random.default_rng(seed)
    day = np.arange(total)
    days = Days(day % 7, day // 31 % 12)
    hours = np.where(np.arange(24) >= 18, 2.0, 2 / 3)
    truth = rng.gamma(0.8, scale, places)[:, None] * np.tile(hours, 7)[None, :]
    seen = rng.poisson(np.repeat(truth[None, :, :24], total, axis=0))
    which = np.repeat(np.argwhere(seen), seen[seen > 0], axis=0)
    return days, Seen(which[:, 1], which[:, 0], which[:, 2]), truth


def deviance(expected: np.ndarray, came: np.ndarray) -> float:
    """Poisson deviance of counts against what was expected, same shapes."""
    logs = came * np.log(np.where(came > 0, came, 1.0) / expected)
    return float(2 * (logs - (came - expected)).sum())


def test_a_fit_that_promised_too_much_lately_is_corrected() -> None:
    """The busy places calmed down in the held-back months: what comes next is told better."""
    rng = np.random.default_rng(9)
    total, places, since, later = 1000, 40, 820, 90
    days = Days(np.arange(total) % 7, np.arange(total) // 31 % 12)
    busy = np.arange(places) >= places // 2
    before, after = np.where(busy, 0.02, 0.002), np.where(busy, 0.01, 0.002)  # each hour
    rate = np.where(np.arange(total)[:, None] < since, before, after)
    counts = rng.poisson(np.repeat(rate[:, :, None], 24, axis=2))
    which = np.repeat(np.argwhere(counts), counts[counts > 0], axis=0)
    seen = Seen(which[:, 1], which[:, 0], which[:, 2])
    names, kernel = tuple(map(str, range(places))), csr_array(eye_array(places))
    curved, plain = (
        fit(names, days, {"crash": seen}, kernel, model=Model(held_back_months=months))
        for months in (6, 0)
    )
    came = rng.poisson(after * 24 * later).astype(np.float64)
    told = [one.rates().mean(axis=1) * 24 * later for one in (curved, plain)]
    top = np.array([0.02])
    assert plain.kinds[0].curve(top) == top
    assert curved.kinds[0].curve(top) < 0.7 * top
    assert deviance(told[0], came) < 0.5 * deviance(told[1], came)


def fitted(seed: int = 1) -> tuple[Patterns, np.ndarray]:
    """The model fitted to a known truth, places without neighbours."""
    days, seen, truth = history(seed)
    names = tuple(f"n{k}" for k in range(len(truth)))
    kernel = csr_array(eye_array(len(truth)))
    return fit(names, days, {"crash": seen}, kernel), truth


def test_the_model_finds_the_truth_better_than_counting() -> None:
    """Mean squared error of the rates is below a third of counting each place and hour."""
    patterns, truth = fitted()
    days, seen, _ = history(1)
    raw = np.zeros_like(truth)
    np.add.at(raw, (seen.place, days.weekday[seen.day] * 24 + seen.hour), 1.0)
    raw /= len(days.weekday) / 7
    assert ((patterns.rates() - truth) ** 2).sum() < ((raw - truth) ** 2).sum() / 3


def test_a_level_leans_on_its_neighbours_as_far_as_they_are_alike() -> None:
    """Places along a road, each its own, few crashes: better than counts, and than smoothing."""
    days = Days(np.arange(365) % 7, np.arange(365) * 12 // 366)
    along_m = np.linspace(0.0, 29_900.0, 300)
    year_h, recency = 365 * 24.0, recency_of(days, Model())
    kernel = plane_kernel(along_m, np.zeros(300), 300.0)
    errors, always = np.zeros(3), np.zeros(300, dtype=np.int64)
    for seed in range(5):
        rng = np.random.default_rng(seed)
        truth = 3 * (1 + 0.8 * np.sin(along_m / 1500)) * rng.gamma(4, 1 / 4, 300)
        place = np.repeat(np.arange(300), rng.poisson(truth))
        seen = Seen(place, rng.integers(0, 365, place.size), rng.integers(0, 24, place.size))
        fitted = fit_kind("crash", days, seen, kernel, Model(), always).level
        raw = np.bincount(place, recency[seen.day], 300) / (24 * recency.sum())
        told = np.stack((fitted, raw, kernel @ raw)) * year_h
        errors += ((told - truth) ** 2).mean(axis=1)
    assert errors[0] < 0.75 * errors[1]
    assert errors[0] < 0.8 * errors[2]


def test_the_total_is_right() -> None:
    """Expected incidents of a week over the district are within 5 % of the truth."""
    patterns, truth = fitted()
    assert patterns.rates().sum() == pytest.approx(truth.sum(), rel=0.05)


def test_a_holiday_behaves_like_a_sunday_and_an_in_lieu_day_like_a_workday() -> None:
    """A Tuesday holiday takes Sunday's profile; a Saturday worked in lieu takes Wednesday's."""
    found = [
        profile_weekday(2, "holiday"),
        profile_weekday(6, "in_lieu"),
        profile_weekday(6, "rest"),
    ]
    assert found == [6, 2, 5]


def test_a_week_takes_each_day_from_its_profile() -> None:
    """A week of seven Sundays has seven equal days."""
    pattern = fitted()[0].kinds[0]
    week = week_of(pattern, np.full(7, 6), np.zeros(7, dtype=np.int64)).reshape(-1, 7, 24)
    assert (week == week[:, :1]).all()


def test_old_incidents_count_for_less() -> None:
    """A place that moved its crashes to the last months is ranked above one that lost them."""
    total = 730
    days = Days(np.arange(total) % 7, np.arange(total) // 31 % 12)
    early, late = np.arange(0, 300, 3), np.arange(430, 730, 3)
    seen = Seen(np.repeat([0, 1], 100), np.concatenate((early, late)), np.full(200, 12))
    level = fit(("a", "b"), days, {"crash": seen}, csr_array(eye_array(2))).kinds[0].level
    assert level[1] > 1.2 * level[0]


def test_unknown_hours_count_for_the_place_alone() -> None:
    """Incidents of which only the day is known raise the level and leave the profile flat."""
    days = Days(np.arange(70) % 7, np.zeros(70, dtype=np.int64))
    seen = Seen(np.zeros(50, dtype=np.int64), np.arange(50), np.full(50, -1))
    pattern = fit(("a",), days, {"crash": seen}, csr_array(eye_array(1))).kinds[0]
    assert pattern.level[0] > 0
    assert pattern.profile == pytest.approx(np.ones(HOURS))


def test_a_rare_kind_borrows_the_profile_of_all() -> None:
    """Five breakdowns make no profile of their own."""
    days, seen, truth = history(2)
    rare = Seen(np.zeros(5, dtype=np.int64), np.arange(0, 500, 100), np.full(5, 3))
    names = tuple(f"n{k}" for k in range(len(truth)))
    kernel = csr_array(eye_array(len(truth)))
    kinds = {p.kind: p for p in fit(names, days, {"crash": seen, "breakdown": rare}, kernel).kinds}
    assert np.allclose(kinds["breakdown"].profile, kinds["crash"].profile, atol=0.05)
    assert kinds["breakdown"].level.sum() < kinds["crash"].level.sum() / 20


def test_the_same_history_gives_the_same_bytes() -> None:
    """Nothing in the fit is left to chance."""
    assert fitted()[0].rates().tobytes() == fitted()[0].rates().tobytes()


def test_an_incident_outside_the_days_is_refused() -> None:
    """A day after the last would silently be dropped."""
    days = Days(np.zeros(2, dtype=np.int64), np.zeros(2, dtype=np.int64))
    seen = Seen(np.array([0]), np.array([2]), np.array([1]))
    with pytest.raises(ValueError, match="outside"):
        fit(("a",), days, {"crash": seen}, csr_array(eye_array(1)))


def test_colours_stay_within_their_hysteresis() -> None:
    """A red that falls 5 % below the threshold stays red and says so; at 20 % below it goes.

    There are five reds all the time: who is passed by little keeps the place.
    """
    rate = np.arange(1.0, 101.0)[:, None]
    before = np.where(rate >= 96, RED, GREEN)
    moved = rate.copy()
    moved[[95, 96]] = [[96.0 * 0.95], [96.0 * 0.80]]
    moved[[90, 91]] = [[97.5], [98.5]]
    moved[90] = 96.5
    found = colours(moved, np.ones(100), np.zeros(100, dtype=np.int64), before)
    assert (found.colour[95, 0], bool(found.held[95, 0])) == (RED, True)
    assert found.colour[96, 0] != RED
    assert found.colour[90, 0] != RED
    assert (found.colour == RED).sum() == 5


def test_a_section_that_rises_is_red_before_its_level_says_so() -> None:
    """Thirty where fourteen were expected is a rise, twenty may be chance, few never prove it."""
    recent = np.array([30.0, 18.0, 4.0, 25.0, 9.0])
    usual = np.array([14.0, 14.0, 1.0, 48.0, np.inf])
    both, known = np.array([recent / 2, recent]), np.array([usual / 2, usual])
    assert rising(both, known).tolist() == [True, False, False, False, False]
    assert not rising(3 * known[:, :4], known[:, :4]).any()  # all: another season, or feed


def test_one_month_is_enough_for_a_section_that_rises_much() -> None:
    """Twenty in the last month where eight were expected, after a quiet one."""
    usual = np.array([[8.0, 40.0], [16.0, 80.0]])
    assert rising(np.array([[20.0, 40.0], [22.0, 74.0]]), usual).tolist() == [True, False]
    assert rising(np.array([[11.0, 37.0], [22.0, 74.0]]), usual).tolist() == [False, False]
    rate = np.arange(1.0, 101.0)[:, None] * np.array([[1.0, 2.0]])
    risen = np.isin(np.arange(100), (20, 80))
    found = colours(rate, np.ones(100), np.zeros(100, dtype=np.int64), risen=risen)
    assert found.colour[20].tolist() == [GREEN, RED]
    assert found.risen[20].tolist() == [False, True]
    assert found.colour[80].tolist() == [GREEN, RED]


def test_an_open_hazard_raises_the_risk_of_its_section() -> None:
    """Of two equal sections the one with three open hazards ranks first."""
    found = colours(np.ones((2, 1)), np.ones(2), np.array([0, 3]))
    assert found.rank[:, 0].tolist() == [2, 1]


def test_red_is_the_share_it_was_cut_at() -> None:
    """5 % red, the next 15 % yellow."""
    rate = np.random.default_rng(1).random((50, 12))
    colour = colours(rate, np.ones(50), np.zeros(50, dtype=np.int64), rule=Colouring()).colour
    assert np.bincount(colour.ravel(), minlength=3).tolist() == [480, 90, 30]


def test_colours_from_empirical_bayes_are_stable_and_those_from_counts_are_not() -> None:
    """Reds of two following months agree by ≥ 0.8 (Jaccard); from one month's counts by < 0.5."""
    days, seen, _ = history(7, total=600, places=200, scale=0.002)
    names = tuple(map(str, range(200)))
    kernel = csr_array(eye_array(200))

    def reds(rates: np.ndarray) -> set[int]:
        level = rates.sum(axis=1)[:, None]
        flat = colours(level, np.ones(200), np.zeros(200, dtype=np.int64)).colour
        return set(np.flatnonzero(flat[:, 0] == RED))

    lists: dict[str, list[set[int]]] = {"bayes": [], "counts": []}
    for end in (570, 600):
        until = Days(days.weekday[:end], days.month[:end])
        known = seen.where(seen.day < end)
        lists["bayes"].append(reds(fit(names, until, {"crash": known}, kernel).rates()))
        month = known.place[known.day >= end - 30]
        lists["counts"].append(reds(np.bincount(month, minlength=200)[:, None] * 1.0))
    jaccard = {name: len(a & b) / len(a | b) for name, (a, b) in lists.items()}
    assert jaccard["bayes"] >= 0.8
    assert jaccard["counts"] < 0.5


def test_what_people_pinned_comes_first() -> None:
    """A pinned violation is listed before the largest share."""
    assert top(np.array([0.9, 0.1]), ("a", "b"), pinned=("b",), most=2) == ("b", "a")


def test_drift_is_found_and_chance_is_not() -> None:
    """A rise by half is found within ten weeks; 49 of 50 quiet years raise no alarm."""
    rng = np.random.default_rng(4)
    expected = np.full(52, 40.0)
    quiet = [rng.poisson(40, 52).astype(np.float64) for _ in range(50)]
    alarms = [drift(year, expected) for year in quiet]
    assert len([week for week in alarms if week is not None]) <= 1
    found = drift(rng.poisson(60, 10).astype(np.float64), expected[:10])
    assert found is not None


def test_a_redefined_feed_is_told_from_a_busy_week() -> None:
    """35 stops a week that become 260 and stay are a break; a single week of 260 is not."""
    weekly = np.full(40, 35.0)
    weekly[12] = 260.0
    assert redefinition(weekly) is None
    weekly[25:] = 260.0
    found = redefinition(weekly)
    assert found is not None
    assert (found.week, found.before, found.after) == (25, 35.0, 260.0)


def test_alarms_name_the_feed_and_the_week() -> None:
    """Of three feeds one was redefined ten weeks ago, one drifted, one is as ever."""
    weeks = np.arange(80)
    per_week = {
        "as_ever": np.full(80, 30),
        "drifted": np.where(weeks >= 60, 45, 30),
        "stops": np.where(weeks >= 70, 260, 35),
    }
    feeds = {name: np.repeat(weeks * 7, counts) for name, counts in per_week.items()}
    drifted, redefined = alarms(feeds, dict.fromkeys(feeds, np.ones(560)))
    assert (drifted.kind, drifted.feed) == ("drift", "drifted")
    assert 12 <= drifted.weeks_ago <= 20
    assert redefined == Alarm("redefined", "stops", 10, 35.0, 260.0)


def test_a_summer_hole_is_no_drift() -> None:
    """A feed that halves every August raises no alarm when its season is known."""
    month = np.arange(1100) // 30 % 12
    season = np.where(month == 7, 0.5, 1.0)
    days = np.repeat(np.arange(1100), np.random.default_rng(8).poisson(8 * season))
    assert alarms({"crash": days}, {"crash": season}) == ()
    assert alarms({"crash": days[days < 990]}, {"crash": np.ones(990)})


def test_real_crashes_are_found_better_than_by_fixed_posts() -> None:
    """First quarter of 2018 in Barcelona: 1.3 times what the same effort at fixed posts meets."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data" / "barcelona"
    if not folder.is_dir():
        pytest.skip(f"no real crashes at {folder}")
    crashes = in_cells(records(folder))
    hits = roll_forward(crashes, pd.date_range("2018-01-01", "2018-03-01", freq="MS"))[0]
    found = hits[hits["share"] == 0.01].groupby("model")["hits"].sum()
    assert found["empirical Bayes"] > 1.3 * found["fixed posts"]
    assert found["empirical Bayes"] > 2.2 * found["raw 12 months"]


def test_days_that_nobody_recorded_are_no_drift() -> None:
    """Ten days between the files and the journal: alarmed as a fall, were they taken for quiet."""
    total, a_day = 400, 20
    day = np.repeat(np.arange(total), a_day)
    feeds = {"crash": day[(day < 380) | (day >= 390)]}
    season = {"crash": np.ones(total)}
    assert [one.kind for one in alarms(feeds, season)] == ["drift"]
    there = recorded(feeds, total)
    assert np.flatnonzero(there == 0).tolist() == list(range(380, 390))
    assert alarms(feeds, {"crash": season["crash"] * there}) == ()


def test_an_empty_day_of_a_quiet_feed_is_a_day() -> None:
    """One record in two days says nothing about the others."""
    assert recorded({"crash": np.arange(0, 100, 2)}, 100).tolist() == [1.0] * 100
