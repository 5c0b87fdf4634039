"""Places that had far more incidents in the last weeks than they are known for.

What is expected leans on years, so that one bad month moves no visit; a place whose level has
really changed (a new road, a business park) would wait as long for its visits. Here it has them
as soon as its last weeks are explained by chance no longer. What rises everywhere is the season.
Pure: arrays in, arrays out.
"""

from collections.abc import Mapping

import numpy as np

from scheduler.foresight.levels import FloatArray
from scheduler.foresight.must_arrive import Points
from scheduler.foresight.patterns import Days, Patterns, Seen

SPANS_DAYS, LEAST_DAYS = (28, 56), 180  # the last weeks; against so many days at least
EVIDENCE = 8.0
"""Log-likelihood ratio of a level of its own: about one of 30,000 places by chance alone."""
DOUBT = 4.0  # incidents: how far a new level is drawn to what was known


def rise(points: Points, patterns: Patterns, days: Days, incidents: Mapping[str, Seen]
         ) -> FloatArray:  # fmt: skip
    """How many times as many incidents each place has by its last weeks, at least 1: (places,).

    Args:
        points: Where to stand: what a visit to each meets is looked at together.
        patterns: What is known.
        days: The days that they were made from.
        incidents: What happened on these.
    Source:
        Log-likelihood ratio of two Poisson means: Lucas (1985), Counted Data CUSUM's.
    """
    best, found = np.full(len(points.place), EVIDENCE), np.ones(len(points.place))
    for span in SPANS_DAYS:
        since = len(days.weekday) - span
        if since < LEAST_DAYS:
            continue
        came, usual = (points.covers @ one for one in _both(patterns, days, incidents, since))
        more = np.maximum(came, usual)
        evidence = more * np.log(more / np.maximum(usual, 1e-9) + 1e-12) - (more - usual)
        surer = evidence > best
        best = np.where(surer, evidence, best)
        found = np.where(surer, (came + DOUBT) / (usual + DOUBT), found)
    reached = (points.covers > 0).multiply(found[:, None]).tocsr()
    return np.asarray(np.maximum(reached.max(axis=0).toarray().ravel(), 1.0), dtype=np.float64)


def _both(
    patterns: Patterns, days: Days, incidents: Mapping[str, Seen], since: int
) -> tuple[FloatArray, FloatArray]:
    """What came at each place from a day on, and what was usual by the level of all."""
    places = len(patterns.places)
    came, expected = np.zeros(places), np.zeros(places)
    for pattern in patterns.kinds:
        expected += pattern.rates().mean(axis=1) * 24.0 * pattern.month[days.month[since:]].sum()
        if pattern.kind in incidents:
            seen = incidents[pattern.kind]
            came += np.bincount(seen.place[seen.day >= since], minlength=places)
    return came, expected * float(came.sum()) / max(float(expected.sum()), 1e-9)
