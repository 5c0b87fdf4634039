"""From which day on each place's level is another: a road has opened, a market moved away.

What is known of a place leans on years, and would follow such a change in years. Here what was
before it is forgotten there, as soon as chance explains the difference no longer, up or down.
Neighbours are looked at together. What changes everywhere alike is the season. Pure.
"""

import numpy as np
from scipy.sparse import csr_array, diags_array

from scheduler.foresight.levels import FloatArray, IntArray, weighted

STEP_DAYS, MOST_STEPS, LEAST_DAYS = 14, 52, 180
"""Days on which a change is looked for: so far apart, so many, after so many days known before."""
EVIDENCE = 12.0
"""Log-likelihood ratio of two levels to one: about one place of 20,000 by chance alone, whatever
the day."""


def since_days(place: IntArray, day: IntArray, days: int, kernel: csr_array) -> IntArray:
    """Day from which on each place's level holds, 0 where it always did, shape (places,).

    Args:
        place: Of each incident, shape (incidents,).
        day: Of each, 0 the first of the history.
        days: Of the history.
        kernel: Smoothing of places, columns sum to 1, shape (places, places).
    Source:
        Likelihood ratio of a change-point in Poisson counts: Worsley (1986), Biometrika 73(1).
    """
    places = kernel.shape[0]
    steps = min((days - LEAST_DAYS) // STEP_DAYS, MOST_STEPS)
    if steps < 1 or not place.size:
        return np.zeros(places, dtype=np.int64)
    ago = np.minimum((days - 1 - day) // STEP_DAYS, steps)  # the last: all that was before
    flat = weighted(ago * places + place, np.ones(len(place)), (steps + 1) * places)
    by_step = flat.reshape(steps + 1, places).T
    near = diags_array(1.0 / kernel.diagonal()) @ kernel  # itself 1, its neighbours less
    later = np.cumsum(near @ by_step, axis=1)
    share = np.cumsum(by_step.sum(axis=0)) / len(place)
    evidence = _evidence(later[:, :-1], later[:, -1:], share[:-1])
    best = np.argmax(evidence, axis=1)
    sure = evidence[np.arange(places), best] > EVIDENCE
    return np.where(sure, days - (best + 1) * STEP_DAYS, 0).astype(np.int64)


def known_since(
    since: IntArray, place: IntArray, day: IntArray, recency: FloatArray, season: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Incidents of each place since its day, weighted by recency, and as many hours, (places,).

    Args:
        since: Day from which on each place's level holds, shape (places,).
        place: Of each incident, shape (incidents,).
        day: Of each.
        recency: Weight of each day of the history, shape (days,).
        season: What is usual on each day, 1 in the mean, same shape.
    """
    counted = recency[day] * (day >= since[place])
    until_now_h = 24.0 * np.cumsum((recency * season)[::-1])[::-1]
    return weighted(place, counted, len(since)), until_now_h[since]


def _evidence(later: FloatArray, whole: FloatArray, share: FloatArray) -> FloatArray:
    """Log-likelihood ratio of two levels, before and since, to one: shape of `later`."""
    tiny = 1e-12
    parts = ((later, whole * share), (whole - later, whole * (1.0 - share)))
    ratio = [came * np.log((came + tiny) / (due + tiny)) for came, due in parts]
    return np.asarray(ratio[0] + ratio[1])
