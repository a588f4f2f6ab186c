from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import bootstrap

from analytics.models.inequality import concentration, gini, kakwani, lorenz, theil, theil_parts
from analytics.results import Estimate


def test_four_people_by_hand() -> None:
    assert gini([0, 0, 0, 8]).value == pytest.approx(0.75)
    assert gini([1, 2, 3, 4]).value == pytest.approx(0.25)
    assert gini([5, 5, 5]).value == pytest.approx(0)
    assert theil([0, 0, 0, 8]).value == pytest.approx(np.log(4))
    assert theil([5, 5, 5]).value == pytest.approx(0)


def test_a_weight_is_so_many_people() -> None:
    rng = np.random.default_rng(3)
    held, times = np.round(rng.exponential(2, 400)), rng.integers(1, 5, 400)
    assert gini(held, times).value == pytest.approx(gini(np.repeat(held, times)).value)
    alike, plain = gini(held, np.full(400, 2.5)), gini(held)
    assert (alike.low, alike.high, alike.n) == pytest.approx((plain.low, plain.high, plain.n))


def test_a_benefit_is_ranked_by_what_people_bring() -> None:
    brought = [1, 2, 3, 4]
    assert concentration([1, 2, 3, 4], brought).value == pytest.approx(0.25)
    assert concentration([4, 3, 2, 1], brought).value == pytest.approx(-0.25)
    assert concentration([1, 1, 1, 1], brought).value == pytest.approx(0)
    assert kakwani([2, 4, 6, 8], brought).value == pytest.approx(0)
    assert kakwani([1, 1, 1, 1], brought).value == pytest.approx(-0.25)
    assert kakwani([0, 0, 0, 1], brought).value == pytest.approx(0.5)


def test_who_brings_the_same_shares_a_place_whatever_the_order_of_rows() -> None:
    one = concentration([9, 1, 5], [2, 2, 7]).value
    assert one == pytest.approx(concentration([1, 9, 5], [2, 2, 7]).value) == pytest.approx(0)
    assert lorenz([9, 1, 5], [2, 2, 7], points=4)["share"].tolist() == pytest.approx([0, 1 / 3, 2 / 3, 1])


def test_the_lorenz_curve_of_four_people() -> None:
    curve = lorenz([4, 1, 3, 2], points=5)
    assert curve["people"].tolist() == pytest.approx([0, 0.25, 0.5, 0.75, 1])
    assert curve["share"].tolist() == pytest.approx([0, 0.1, 0.3, 0.6, 1])


def test_theil_between_groups_by_hand() -> None:
    """Means 1 and 3 around 2: between = (1/2 ln 1/2 + 3/2 ln 3/2) / 2; nobody differs within the first group."""
    parts = theil_parts([1, 1, 2, 4], ["low", "low", "high", "high"])
    between = (0.5 * np.log(0.5) + 1.5 * np.log(1.5)) / 2
    assert parts.between.value == pytest.approx(between)
    assert parts.within.value == pytest.approx(0.75 * (2 / 3 * np.log(2 / 3) + 4 / 3 * np.log(4 / 3)) / 2)
    assert parts.share.value == pytest.approx(between / parts.total.value)
    assert parts.groups.set_index("group")["share"].to_dict() == pytest.approx({"low": 0.25, "high": 0.75})


@pytest.mark.parametrize("seed", range(6))
def test_the_parts_add_up_and_no_unit_of_money_changes_an_index(seed: int) -> None:
    rng = np.random.default_rng(seed)
    held, groups = rng.lognormal(0, 1, 300) * (rng.random(300) < 0.8), rng.integers(0, 5, 300)
    held[groups == 4] = 0
    parts = theil_parts(held, groups)
    assert parts.between.value + parts.within.value == pytest.approx(parts.total.value) == pytest.approx(theil(held).value)
    assert parts.groups[["between", "within"]].sum().tolist() == pytest.approx([parts.between.value, parts.within.value])
    assert 0 <= parts.between.value <= parts.total.value
    pence = theil_parts(100 * held, groups)
    for one, other in ((gini(held), gini(100 * held)), (parts.total, pence.total), (parts.share, pence.share)):
        assert (one.value, one.low, one.high) == pytest.approx((other.value, other.low, other.high))


def test_intervals_are_those_of_a_bootstrap() -> None:
    rng = np.random.default_rng(3)
    brought, groups = rng.lognormal(0, 0.8, 500), rng.integers(0, 3, 500)
    brought = brought * (1 + groups)
    given = brought * rng.random(500) + rng.random(500)
    told: list[tuple[Callable[..., Estimate], tuple[np.ndarray, ...]]] = [
        (gini, (brought,)),
        (theil, (brought,)),
        (concentration, (given, brought)),
        (kakwani, (given, brought)),
        (lambda held, of: theil_parts(held, of).between, (brought, groups)),
        (lambda held, of: theil_parts(held, of).share, (brought, groups)),
    ]
    for index, columns in told:
        found = index(*columns)
        drawn = bootstrap(
            columns, lambda *rows, of=index: of(*rows).value, paired=True, vectorized=False, n_resamples=150, method="basic", rng=1
        )
        assert (found.high - found.low) / 3.92 == pytest.approx(float(drawn.standard_error), rel=0.15)


@pytest.mark.parametrize("values", [[1, -1, 3], [0, 0], [1, float("nan")]])
def test_debts_unknown_values_and_nothing_at_all_are_refused(values: list[float]) -> None:
    for index in (gini, theil, lorenz):
        with pytest.raises(ValueError):
            index(values)
