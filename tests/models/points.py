"""A world of points whose ultimate redemption is known: members who earn more redeem more, and the programme grows."""

from __future__ import annotations

from functools import cache

import numpy as np

from analytics.models.redemption import Fates

LIFE, MONTHS = 12, 18
GROUPS = 1_000
SLOW = 0.18  # chance a month that points which will be redeemed are
SHAPE = (1.6, 1.0)  # of members' propensity to redeem a lot at all


def _members(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Propensity to redeem, and points a lot: who redeems more earns more."""
    propensity = rng.beta(*SHAPE, n)
    return propensity, rng.lognormal(3 + propensity, 0.7)


@cache
def truth() -> float:
    """Share of points that is ever redeemed: the propensity, less what would come after the points' life, by points."""
    propensity, size = _members(np.random.default_rng(0), 4_000_000)
    return float((propensity * size).sum() / size.sum() * (1 - (1 - SLOW) ** LIFE))


def observed(seed: int, n: int = 15_000) -> tuple[Fates, float]:
    """What the ledger of the first MONTHS shows, members dealt into groups, and unredeemed / issued."""
    rng = np.random.default_rng(seed)
    propensity, size = _members(rng, n)
    ends = {kind: np.zeros((GROUPS, LIFE + 1)) for kind in ("redeemed", "expired", "watched")}
    for vintage in range(MONTHS):
        lots = rng.poisson(0.4 * 1.04**vintage, n)
        who = np.repeat(np.arange(n), lots)
        age = np.where(rng.random(len(who)) < propensity[who], rng.geometric(SLOW, len(who)) - 1, LIFE)
        used = age < LIFE
        seen = np.minimum(age, LIFE) <= MONTHS - 1 - vintage
        for kind, mask in (("redeemed", used & seen), ("expired", ~used & seen), ("watched", ~seen)):
            at = np.where(seen, np.minimum(age, LIFE), MONTHS - 1 - vintage)
            np.add.at(ends[kind], (who[mask] % GROUPS, at[mask]), size[who[mask]])
    fates = Fates(**ends, customers=n)
    return fates, 1 - float(ends["redeemed"].sum()) / fates.points
