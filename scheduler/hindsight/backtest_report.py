"""What a backtest found: as data, and as lines for people that claim no gain without proof."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from config.words import Say, pad
from scheduler.foresight.levels import FloatArray
from scheduler.hindsight.backtest import BUDGETS, OTHERS, OURS, RAW, Scored
from scheduler.hindsight.scoring import LEAST_MONTHS, Paired, paired
from scheduler.months import named

BUDGET = BUDGETS.index(0.01)
"""At which the models are set against each other."""
RIVALS = ("twelve_months", "fixed_posts", "separable")
WIDE = 34
"""Cells of a model's name."""
TOP = 5
"""Tenths of the risk whose calibration is judged."""


def against(scored: Sequence[Scored], other: str, at: int = BUDGET) -> Paired:
    """Ours beside another model over the months."""
    ours, theirs = ([month.hits[name][at] for month in scored] for name in (OURS, other))
    came = [float(month.came) for month in scored]
    return paired(np.array(ours), np.array(theirs), np.array(came))


def as_data(scored: Sequence[Scored]) -> dict[str, Any]:
    """Everything, for programs."""
    came = sum(month.came for month in scored)
    models = (OURS, *OTHERS)
    seen, expected = np.sum([month.tenths for month in scored], axis=0)
    return {
        "months": [named(month.month) for month in scored],
        "incidents": came,
        "outside_known_places": sum(month.missed for month in scored),
        "without_hour": sum(month.hourless for month in scored),
        "budgets": list(BUDGETS),
        "share_met": {
            name: _shares(sum(month.hits[name] for month in scored), came) for name in models
        },
        "share_met_by_ties": {
            f"{name}:{how}": _shares(sum(month.ties[name, how] for month in scored), came)
            for name in RAW for how in ("random", "total")
        },
        "deviance_per_incident": {
            name: sum(month.deviance[name] for month in scored) / max(came, 1) for name in models
        },
        "observed_by_expected_in_tenths": (seen / np.maximum(expected, 1e-12)).tolist(),
        "stability": {name: stability(scored, name) for name in models},
        "against": {
            f"{name}:{share:g}": _told(against(scored, name, at))
            for name in (*RIVALS, "last_month") for at, share in enumerate(BUDGETS)
        },
    }  # fmt: skip


def _shares(hits: Any, came: int) -> list[float]:  # noqa: ANN401 - sum() of arrays
    return [float(each) / max(came, 1) for each in np.atleast_1d(hits)]


def _told(found: Paired) -> dict[str, Any]:
    return {
        "gain": [found.gain, found.gain_low, found.gain_high],
        "ratio": [found.ratio, found.ratio_low, found.ratio_high],
        "proven": found.proven,
    }


def stability(scored: Sequence[Scored], model: str) -> float | None:
    """Mean Jaccard index of the highest places from month to month; None with one month."""
    pairs = [(one.best[model], next_.best[model]) for one, next_ in pairwise(scored)]
    found = [len(one & other) / max(len(one | other), 1) for one, other in pairs]
    return float(np.mean(found)) if found else None


def lines(scored: Sequence[Scored], say: Say) -> Iterator[str]:
    """The report."""
    came = sum(month.came for month in scored)
    missed, hourless = (
        sum(getattr(month, name) for month in scored) for name in ("missed", "hourless")
    )
    yield say(
        "backtest.head", first=named(scored[0].month), last=named(scored[-1].month), count=came,
        missed=missed,
    )  # fmt: skip
    if hourless:
        yield say("backtest.hourless", count=hourless)
    yield ""
    yield say("backtest.table")
    yield pad("", WIDE) + "".join(f"{100 * share:>9g} %" for share in BUDGETS)
    for name in (*OTHERS, OURS):
        yield _row(say(f"backtest.model.{name}"), sum(month.hits[name] for month in scored), came)
        for how in ("random", "total") if name in RAW else ():
            met = sum(month.ties[name, how] for month in scored)
            yield _row("  " + say(f"backtest.ties.{how}"), met, came)
    yield ""
    for name in RIVALS:
        yield _claim(say, name, against(scored, name))
    yield ""
    deviances = []
    for name in (OURS, "separable", "fixed_posts"):
        each = sum(month.deviance[name] for month in scored) / max(came, 1)
        deviances.append(f"{say(f'backtest.model.{name}')} {each:.3f}")
    yield say("backtest.deviance", values=", ".join(deviances))
    seen, expected = np.sum([month.tenths for month in scored], axis=0)
    ratios = " ".join(f"{one:.2f}" for one in (seen / np.maximum(expected, 1e-12))[-TOP:])
    yield say("backtest.tenths", values=ratios)
    ours, raw = stability(scored, OURS), stability(scored, "last_month")
    if ours is not None and raw is not None:
        yield say("backtest.stability", ours=f"{ours:.2f}", raw=f"{raw:.2f}")


def _row(name: str, hits: FloatArray | int, came: int) -> str:
    shares = np.atleast_1d(hits) / max(came, 1)
    return pad(name, WIDE) + "".join(f"{100 * share:>11.2f}" for share in shares)


def _claim(say: Say, name: str, found: Paired) -> str:
    other, ratio = say(f"backtest.model.{name}"), f"{found.ratio:.3f}"
    if not found.enough:
        return say("backtest.few", other=other, ratio=ratio, least=LEAST_MONTHS)
    return say(
        "backtest.proven" if found.proven else "backtest.unproven", other=other, ratio=ratio,
        low=f"{found.ratio_low:.3f}", high=f"{found.ratio_high:.3f}",
        gain=f"{100 * found.gain:.2f}",
    )  # fmt: skip
