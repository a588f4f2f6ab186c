"""What a customer buys next: own habit and what usually follows the last purchase, held against three simple rules.

A purchase is a day on which a customer bought; its basket is the set of categories bought on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.models.differences import recovered
from analytics.results import Estimate, Unit, wilson

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
RULES = ("popular", "last", "most")  # what everybody buys most, what the last basket held, what this customer has bought most
MODEL = "model"
PLACES = 3  # categories named for each customer
_WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)
_FIRM = 20.0  # purchases' worth of trust in the usual basket, for what follows a category
_ALIKE = (1e-3, 0.95)  # bounds of the correlation between a customer's purchases


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchases:
    """Purchases in the order of customer, then day.

    Shapes  customer, day (v,) whole numbers; baskets (v, k)
    """

    customer: Ints
    day: Ints
    baskets: Bools

    def where(self, kept: Bools) -> Purchases:
        return Purchases(customer=self.customer[kept], day=self.day[kept], baskets=self.baskets[kept])

    @property
    def last(self) -> Bools:
        """(v,) whether a purchase is its customer's last."""
        return np.append(self.customer[1:] != self.customer[:-1], True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of customers at a day.

    Shapes  counts (n, k) purchases with each category; purchases (n,); last (n, k) the last basket
    """

    counts: Floats
    purchases: Floats
    last: Bools


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """What was learnt.

    Shapes  share (k,) of all purchases that hold the category; firmness (k,) purchases by which a customer's own share is pulled towards
            it; follows (k, k) share of the purchases after one with the row's category that hold the column's; weight of the own habit
    """

    share: Floats
    firmness: Floats
    follows: Floats
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdout:
    """How each way of naming categories did on the first purchase after a day, by nothing but what was known before it.

    places  name -> (n,) place at which the first category stood that the purchase held
    expected  the model's mean probability of the category it named first
    """

    places: Mapping[str, Ints]
    expected: float

    def rate(self, name: str, within: int) -> Estimate:
        """Share of customers whose next purchase held one of the first `within` categories."""
        hits = self.places[name] <= within
        return wilson(int(hits.sum()), len(hits))

    def gain(self, name: str, other: str, within: int) -> Estimate:
        """Difference of two rates, with the interval of paired differences: both are of the same customers."""
        apart = (self.places[name] <= within).astype(float) - (self.places[other] <= within)
        value, half = float(apart.mean()), 1.96 * float(apart.std()) / len(apart) ** 0.5
        return Estimate(value=value, low=value - half, high=value + half, n=len(apart), unit=Unit.SHARE)

    @property
    def rule(self) -> str:
        """The best of the simple rules."""
        return max(RULES, key=lambda name: tuple(self.rate(name, within).value for within in (1, PLACES)))

    @property
    def chosen(self) -> str:
        """The model where it clearly beats the best rule, for the first category or the first three, and is clearly worse in neither."""
        gains = [self.gain(MODEL, self.rule, within) for within in (1, PLACES)]
        better = any(gain.low > 0 for gain in gains) and all(gain.high >= 0 for gain in gains)
        return MODEL if better else self.rule


def known(purchases: Purchases) -> Known:
    """What is known of each customer after these purchases; customers in their order."""
    ends = np.flatnonzero(purchases.last)
    starts = np.append(0, ends[:-1] + 1)
    return Known(
        counts=np.add.reduceat(purchases.baskets.astype(float), starts, axis=0),
        purchases=(ends - starts + 1).astype(float),
        last=purchases.baskets[ends],
    )


def learn(purchases: Purchases) -> Habit:
    """Shares, firmness and what follows what; the weight is the one that foresees every customer's last purchase best (Brier).

    Why     a share of few purchases says little: it is pulled towards everybody's, as far as customers are alike
    """
    last = purchases.last
    returned = np.isin(purchases.customer[last], purchases.customer[~last])
    whole = _learn(purchases)
    if not returned.any():
        return whole
    earlier = purchases.where(~last)
    came, before, habit = purchases.baskets[last][returned], known(earlier), _learn(earlier)
    errors = [float(np.square(probabilities(_weighted(habit, weight), before) - came).mean()) for weight in _WEIGHTS]
    return _weighted(whole, max(weight for weight, error in zip(_WEIGHTS, errors, strict=True) if error <= min(errors)))


def probabilities(habit: Habit, state: Known) -> Floats:
    """(n, k) probability that the next purchase holds each category."""
    own = (state.counts + habit.firmness * habit.share) / (state.purchases[:, None] + habit.firmness)
    after = state.last @ habit.follows / np.maximum(state.last.sum(axis=1, keepdims=True), 1)
    return np.asarray(habit.weight * own + (1 - habit.weight) * after)


def ranked(name: str, habit: Habit, state: Known) -> Ints:
    """(n, k) categories in the order in which a rule or the model names them; ties go to the more popular one."""
    scores = {
        "popular": lambda: np.broadcast_to(habit.share, state.counts.shape),
        "last": lambda: state.last + habit.share / 2,
        "most": lambda: state.counts + habit.share / 2,
        MODEL: lambda: probabilities(habit, state),
    }
    return np.argsort(-scores[name](), axis=1, kind="stable")


def holdout(purchases: Purchases, split: int) -> Holdout | None:
    """Everything learnt before the day `split`, judged by the first purchase from it on; None when nobody came back."""
    early = purchases.day < split
    fresh = np.append(True, (purchases.customer[1:] != purchases.customer[:-1]) | early[:-1])
    past, came = purchases.where(early), purchases.where(~early & fresh)
    both = np.isin(came.customer, past.customer)
    if not both.any():
        return None
    came = came.where(both)
    habit, state = learn(past), known(past.where(np.isin(past.customer, came.customer)))
    places = {name: _place(ranked(name, habit, state), came.baskets) for name in (*RULES, MODEL)}
    return Holdout(places=places, expected=float(probabilities(habit, state).max(axis=1).mean()))


def expected(likely: Floats) -> list[Estimate]:
    """(k,) share of the next purchases that will hold each category; likely (n, k). Interval for customers drawn at random."""
    return _means(likely.sum(axis=0), np.square(likely).sum(axis=0), len(likely))


def expected_by_group(likely: Floats, group: Ints, groups: int) -> list[tuple[list[Estimate], list[Estimate]]]:
    """For each group, `expected` of its customers and the difference to that of all others.

    Shapes  likely (n, k); group (n,) of 0 .. groups - 1, each with some customers and not all of them
    """
    squares, n = np.square(likely), np.bincount(group, minlength=groups)
    sums = [np.stack([np.bincount(group, column, groups) for column in part.T], axis=1) for part in (likely, squares)]
    found = []
    for at in range(groups):
        inside = _means(sums[0][at], sums[1][at], int(n[at]))
        outside = [part.sum(axis=0) - part[at] for part in sums]
        others = _means(outside[0], outside[1], int(n.sum() - n[at]))
        found.append((inside, [recovered(one, other) for one, other in zip(inside, others, strict=True)]))
    return found


def _means(total: Floats, squares: Floats, n: int) -> list[Estimate]:
    mean = total / n
    half = 1.96 * np.sqrt(np.maximum(squares / n - mean * mean, 0) / n)
    return [
        Estimate(value=float(at), low=float(at - reach), high=float(at + reach), n=n, unit=Unit.SHARE)
        for at, reach in zip(mean, half, strict=True)
    ]


def _learn(purchases: Purchases) -> Habit:
    state, share = known(purchases), purchases.baskets.mean(axis=0)
    return Habit(share=share, firmness=_firmness(state, share), follows=_follows(purchases, share))


def _weighted(habit: Habit, weight: float) -> Habit:
    return Habit(share=habit.share, firmness=habit.firmness, follows=habit.follows, weight=weight)


def _firmness(state: Known, share: Floats) -> Floats:
    """Purchases' worth of the prior of a beta-binomial, by moments: overdispersion gives the correlation within customers.

    Source  Kleinman (1973), JASA 68:46-54, doi:10.1080/01621459.1973.10481332
    """
    n = state.purchases[:, None]
    chance = share * (1 - share)
    over = np.square(state.counts - n * share).sum(axis=0) - n.sum() * chance
    most = (n * (n - 1)).sum() * chance
    alike = np.divide(over, most, out=np.full(len(share), _ALIKE[0]), where=most > 0)
    return np.asarray(1 / np.clip(alike, *_ALIKE) - 1)


def _follows(purchases: Purchases, share: Floats) -> Floats:
    pairs = ~purchases.last[:-1]
    before, after = purchases.baskets[:-1][pairs].astype(float), purchases.baskets[1:][pairs].astype(float)
    return np.asarray((before.T @ after + _FIRM * share) / (before.sum(axis=0)[:, None] + _FIRM))


def _place(order: Ints, baskets: Bools) -> Ints:
    """(n,) place, from 1, of the first category in order that the basket holds."""
    return np.asarray(np.take_along_axis(baskets, order, axis=1).argmax(axis=1) + 1)
