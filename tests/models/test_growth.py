"""Small customers: attention by hand, a rise that is only chance and one that is not, chances to move up that hold and that do not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.models.churn import Slice
from analytics.models.growth import enough, moving, reversion, share_ratio
from analytics.results import Unit

RNG = np.random.default_rng


def test_attention_is_the_share_given_over_the_share_of_worth() -> None:
    """A quarter of what is given to who holds half of the worth."""
    inside = np.array([True, True, False, False])
    found = share_ratio(np.array([1.0, 1, 3, 3]), np.array([5.0, 5, 4, 6]), inside)
    assert found.value == pytest.approx(0.25 / 0.5)
    assert (found.n, found.unit) == (2, Unit.RATIO)
    assert found.low <= found.value <= found.high


def test_attention_does_not_hang_on_the_order_of_the_customers() -> None:
    rng = RNG(1)
    given, worth, inside = rng.gamma(1, 5, 400), rng.gamma(2, 9, 400), rng.random(400) < 0.5
    mixed = rng.permutation(400)
    assert share_ratio(given, worth, inside) == share_ratio(given[mixed], worth[mixed], inside[mixed])


@pytest.mark.parametrize("given", [[0.0, 0.0], [1.0, 1.0]])
def test_attention_needs_something_given_and_worth(given: list[float]) -> None:
    worth = [1.0, 1.0] if not sum(given) else [0.0, 1.0]
    with pytest.raises(ValueError, match="attention"):
        share_ratio(np.array(given), np.array(worth), np.array([True, False]))


def halves(rise: float, seed: int = 3, n: int = 4_000) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Customers who each buy at a rate of their own; those chosen by the first half buy `rise` times as often afterwards."""
    rng = RNG(seed)
    rate = rng.gamma(0.8, 3.0, n)
    one, two = rng.poisson(rate).astype(float), rng.poisson(rate).astype(float)
    small = one <= 1
    after = rng.poisson(2 * rate * np.where(small, rise, 1.0)).astype(float)
    return one, two, after, small


def test_customers_who_did_not_change_rise_as_chance_alone_makes_them() -> None:
    one, two, after, small = halves(1.0)
    found = reversion(one, two, after, small, unit=Unit.COUNT)
    assert found.rise.low > 0  # they rise, though nobody changed
    assert abs(found.rise.value - found.by_chance.value) < 0.1
    assert found.before == one[small].mean()
    assert found.rise.value == pytest.approx(after[small].mean() / 2 - one[small].mean())
    assert found.by_chance.value == pytest.approx(two[small].mean() * after.sum() / (one + two).sum() - one[small].mean())


def test_a_rise_beyond_chance_is_seen() -> None:
    found = reversion(*halves(1.6), unit=Unit.COUNT)
    assert found.rise.low > found.by_chance.high


def test_nobody_chosen_is_refused() -> None:
    one, two, after, _ = halves(1.0, n=50)
    with pytest.raises(ValueError, match="chosen"):
        reversion(one, two, after, np.zeros(50, bool), unit=Unit.COUNT)


def moment(seed: int, weight: float, n: int = 600) -> Slice:
    rng = RNG(seed)
    features = pd.DataFrame({"orders": rng.poisson(3, n).astype(float), "spend": rng.gamma(2, 20, n)})
    odds = -1.2 + weight * (features["orders"] - 3)
    return Slice(features=features, churned=(rng.random(n) < 1 / (1 + np.exp(-odds))).to_numpy(bool))


def test_chances_are_useful_where_the_past_tells_who_moves_and_useless_where_it_does_not() -> None:
    today = moment(9, 0.0).features
    told = moving([moment(1, 1.0), moment(2, 1.0)], today)
    assert told.useful and told.quality["auc"].low > 0.7
    assert ((told.low <= told.chance) & (told.chance <= told.high)).all()
    assert np.corrcoef(told.chance, today["orders"])[0, 1] > 0.8
    assert not moving([moment(1, 0.0), moment(4, 0.0)], today).useful


def test_few_movers_are_too_few() -> None:
    plenty = moment(1, 0.0)
    rare = Slice(features=plenty.features, churned=np.arange(600) < 29)
    assert enough([plenty, plenty])
    assert not enough([plenty, rare])
    assert not enough([plenty])
