"""What the calls are: kinds and severities by cause, and how long they take on scene."""

from collections.abc import Mapping

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SIGMA = 0.6
"""Times on scene are lognormal: a long tail."""
KINDS = (
    ("crash", "damage", 28.0), ("crash", "injury", 50.0), ("crash", "fatal", 95.0),
    ("congestion", "none", 18.0), ("breakdown", "none", 22.0), ("obstacle", "none", 15.0),
    ("signal_fault", "none", 25.0), ("dispute", "none", 22.0), ("drink_drive", "none", 40.0),
    ("other", "none", 15.0),
)  # fmt: skip
"""Kind, severity, median minutes on scene."""
MIX: Mapping[str, tuple[float, ...]] = {
    "urban": (0.40, 0.045, 0.001, 0.20, 0.07, 0.03, 0.04, 0.10, 0.004, 0.11),
    "fast": (0.38, 0.09, 0.006, 0.10, 0.20, 0.12, 0.0, 0.0, 0.004, 0.10),
    "school": (0.22, 0.05, 0.0, 0.50, 0.0, 0.0, 0.0, 0.13, 0.0, 0.10),
    "night": (0.30, 0.11, 0.004, 0.0, 0.0, 0.0, 0.0, 0.20, 0.286, 0.10),
    "wet": (0.72, 0.10, 0.003, 0.08, 0.05, 0.047, 0.0, 0.0, 0.0, 0.0),
    "works": (0.27, 0.03, 0.0, 0.48, 0.0, 0.12, 0.0, 0.04, 0.0, 0.06),
    "market": (0.25, 0.05, 0.0, 0.42, 0.0, 0.0, 0.0, 0.20, 0.0, 0.08),
}
"""Share of each of `KINDS` by name of the mix."""


def draw_kinds(mixes: list[str], of: IntArray, random: Generator) -> IntArray:
    """Number in `KINDS` for each call; `of` is its cause, whose mix is `mixes[cause]`."""
    ladders = np.cumsum([MIX[name] for name in mixes], axis=1)
    share = random.random(len(of))[:, None] * ladders[of, -1:]
    above = (share >= ladders[of]).sum(axis=1)
    return np.asarray(np.minimum(above, len(KINDS) - 1), dtype=np.int64)


def draw_service_s(kind: IntArray, random: Generator) -> FloatArray:
    """Seconds on scene of each call, tenths."""
    median = np.array([minutes for _, _, minutes in KINDS])[kind] * 60.0
    return np.round(median * np.exp(SIGMA * random.standard_normal(len(kind))), 1)
