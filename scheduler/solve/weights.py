"""What a point of each tier weighs: the one place where costs of different tiers meet.

Costs of all tiers are added up with weights: a half hour of contract is worth more than any line
can gain in cover; all wishes together less than one point of cover.
"""

from scheduler.rules import Tier

CONTRACT_WEIGHT = 10_000.0
"""Price of half an hour short of a contract, in points of cover; a line gains far less by it."""
WISH_WEIGHT = 1.0 / 4096
"""Price of a point of wishes, in points of cover: exact in binary, small enough for a brigade."""
WEIGHT = {Tier.CONTRACT: CONTRACT_WEIGHT, Tier.COVER: 1.0, Tier.WISH: WISH_WEIGHT}
SCALE = round(1 / WISH_WEIGHT)
"""Weighted costs times this are whole numbers."""


def weighted(tier: Tier, points: int) -> float:
    """Points of a tier in points of cover. A law has no price: `KeyError`."""
    return WEIGHT[tier] * points


def whole(tier: Tier, points: int) -> int:
    """The same, times `SCALE`, for solvers that count in whole numbers."""
    return round(weighted(tier, points) * SCALE)
