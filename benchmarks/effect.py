"""Evaluation of effect on simulated months whose truth is known: how often 95 % hold it.

    python benchmarks/effect.py [--runs 2000]

Visits take 15 % off the incidents of where they are made. By lot: slots of very uneven rates,
worked in one of each two weeks; with a season that shakes all slots alike in one row. Before–after:
places of uneven rates, the worst by count before are visited; the level of all falls by a tenth
besides, and plain before–after is printed beside. Exit 1 when the interval holds the truth in
fewer than 93 % or more than 97 % of the runs.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from scheduler.hindsight.effect import Effect, Sites, before_after, draw, on_off, power

TRUTH, UNEVEN = 0.85, 0.8
BAR = (0.93, 0.97)
LOTS = {  # slots, weeks, incidents of a slot and week, spread of the weeks
    "300 slots, 12 weeks, 720 incidents": (300, 12, 0.2, 0.0),
    "300 slots, 12 weeks, 72 incidents": (300, 12, 0.02, 0.0),
    "300 slots, 12 weeks, 720 incidents, restless weeks": (300, 12, 0.2, 0.3),
    "1,000 slots, 26 weeks, 5,200 incidents": (1_000, 26, 0.2, 0.0),
}
CHOSEN = {  # places, incidents of a place before, share that is visited
    "2,000 places, 3 each before, the worst 10 %": (2_000, 3.0, 0.1),
    "2,000 places, 0.5 each before, the worst 10 %": (2_000, 0.5, 0.1),
    "2,000 places, 3 each before, the worst 30 %": (2_000, 3.0, 0.3),
    "500 places, 6 each before, the worst 5 %": (500, 6.0, 0.05),
}


def by_lot(seed: int, slots: int, weeks: int, mean: float, restless: float) -> Effect:
    """What a run of slots worked by lot finds."""
    random = np.random.default_rng((1, seed))
    rate = random.gamma(UNEVEN, mean / UNEVEN, slots)[:, None]
    rate = rate * np.exp(restless * random.standard_normal(weeks))
    worked = draw(slots, weeks, seed)
    came = random.poisson(rate * np.where(worked, TRUTH, 1.0)).astype(np.float64)
    return on_off(came, worked)


def by_count(seed: int, places: int, mean: float, share: float) -> tuple[Effect, float]:
    """What a run of before–after finds, and the plain ratio of after to before."""
    random = np.random.default_rng((2, seed))
    rate = random.gamma(UNEVEN, mean / UNEVEN, places)
    before = random.poisson(rate).astype(np.float64)
    visited = np.zeros(places, dtype=bool)
    visited[np.argsort(-before, kind="stable")[: int(share * places)]] = True
    after = random.poisson(0.9 * rate * np.where(visited, TRUTH, 1.0)).astype(np.float64)
    plain = after[visited].sum() / before[visited].sum()
    return before_after(Sites(before, after, visited)), float(plain)


def told(name: str, found: list[Effect], more: str) -> bool:
    """Print how often the truth was held; whether that is within the bar."""
    held = np.mean([one.low <= TRUTH <= one.high for one in found])
    middle = np.median([one.ratio for one in found])
    within = BAR[0] <= held <= BAR[1]
    word = "reached" if within else "MISSED"
    print(f"{name}: held in {100 * held:.1f} % ({word}), median {middle:.3f}, {more}")
    return bool(within)


def main(runs: int) -> int:
    """Print the figures; 1 when a bar is missed."""
    print(f"true effect {TRUTH}, {runs} runs; bar {BAR[0]:.0%} to {BAR[1]:.0%}")
    good = True
    for name, how in LOTS.items():
        found = [by_lot(seed, *how) for seed in range(runs)]
        seen = np.mean([one.high < 1 for one in found])
        foreseen = power(how[0] * how[1] * how[2], TRUTH)
        good &= told(name, found, f"found in {100 * seen:.0f} % (foreseen {100 * foreseen:.0f} %)")
    for name, which in CHOSEN.items():
        pairs = [by_count(seed, *which) for seed in range(runs)]
        plain = np.median([one for _, one in pairs])
        good &= told(name, [one for one, _ in pairs], f"plain before–after {plain:.3f}")
    return int(not good)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=2_000)
    sys.exit(main(**vars(parser.parse_args())))
