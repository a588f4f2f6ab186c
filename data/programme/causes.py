"""What brings an order about, what takes one away, and the random stream that belongs to each."""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Cause(IntEnum):
    """What brought an order about, and what took one away (0: nothing but the customer's own habit)."""

    BASE = 0
    JOINING = 1
    PROGRAMME = 2
    THRESHOLD = 3
    CAMPAIGN = 4
    COHORT = 5
    HIDDEN = 6
    SHOCK = 7
    SLIPPING = 8
    LATE = 9
    BASKETS = 10
    EXTRAS = 11
    DROPOUT = 12
    PAST = 13


def stream(seed: int, cause: int, number: int) -> np.random.Generator:
    return np.random.default_rng([seed, 2, cause, number])
