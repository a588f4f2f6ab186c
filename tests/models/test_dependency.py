"""Own rates of buying on offer, chance runs, and groups that stand out, against what was planted or worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.models.dependency import GRID, above, by_group, mixture, never_by_chance, spread_of_shares, standing


def two_kinds(n: int = 3_000, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One customer in five buys nine of ten orders on offer, the others one in eight."""
    rng = np.random.default_rng(seed)
    dependent = np.arange(n) < n // 5
    orders = 2 + rng.poisson(6, n)
    return orders, rng.binomial(orders, np.where(dependent, 0.9, 0.125)), dependent


def test_two_kinds_of_customers_are_told_apart() -> None:
    orders, hits, dependent = two_kinds()
    spread = mixture(orders, hits)
    share = above(spread, 0.75, len(orders))
    assert share.low <= 0.2 <= share.high
    assert share.value == pytest.approx(0.2, abs=0.015)
    assert spread.weight @ GRID == pytest.approx(hits.sum() / orders.sum(), abs=0.02)
    own, probability = standing(spread.weight, orders, hits, 0.75)
    assert ((probability > 0.8) == dependent).mean() > 0.98
    assert own[dependent].mean() == pytest.approx(0.9, abs=0.02)


def test_where_all_are_alike_nobody_is_dependent_by_a_run_of_luck() -> None:
    rng = np.random.default_rng(2)
    orders = np.full(2_000, 4)
    hits = rng.binomial(orders, 0.3)
    assert (hits == orders).sum() > 5
    spread = mixture(orders, hits)
    own, probability = standing(spread.weight, orders, hits, 0.75)
    share = above(spread, 0.75, 2_000)
    assert share.value < 0.01 and 0.001 < share.high < 0.02  # nobody among 2,000 leaves room for a few
    assert probability.max() < 0.5 and own.max() < 0.6


def test_a_mixture_needs_customers() -> None:
    with pytest.raises(ValueError, match="customers"):
        mixture(np.array([], int), np.array([], int))


def test_runs_that_chance_makes_are_counted() -> None:
    # common rate 3 of 6; all on offer by chance: .5 ** 2, .5 ** 3, .5
    found = never_by_chance(np.array([2, 3, 1]), np.array([2, 0, 1]))
    assert found.value == pytest.approx((0.25 + 0.125 + 0.5) / 3)
    assert found.low <= found.value <= found.high


def test_shares_stand_in_their_tenth_beside_what_chance_makes() -> None:
    table = spread_of_shares(np.array([2, 2]), np.array([2, 0]))
    assert table["customers"].tolist() == [1, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    assert table["by_chance"].tolist() == pytest.approx([0.5, 0, 0, 0, 0, 1.0, 0, 0, 0, 0.5])


def test_a_planted_group_stands_out_and_no_other_does() -> None:
    orders, hits, dependent = two_kinds()
    rng = np.random.default_rng(3)
    groups = {
        "source": ["voucher" if one else str(rng.integers(3)) for one in dependent],
        "region": [str(place) for place in rng.integers(0, 5, len(orders))],
        "tier": ["gold" if one else None for one in rng.random(len(orders)) < 0.5],
    }
    table = by_group(hits.astype(float), orders.astype(float), groups, described=("tier",)).set_index(["dimension", "group"])
    assert "tier" not in table.index.get_level_values(0)  # one value only
    voucher = table.loc[("source", "voucher")]
    assert voucher["low"] <= 0.9 <= voucher["high"]
    assert voucher["difference"] == pytest.approx(0.775, abs=0.02)
    assert voucher["q"] < 1e-6
    assert table.index[(table["q"] <= 0.05) & (table["difference_low"] > 0.1)].tolist() == [("source", "voucher")]


def test_groups_that_differ_by_design_are_described_without_a_test() -> None:
    orders, hits, dependent = two_kinds(1_000)
    table = by_group(hits.astype(float), orders.astype(float), {"tier": np.where(dependent, "a", "b").tolist()}, described=("tier",))
    assert table["q"].isna().all()
    assert table["difference"].iloc[0] == pytest.approx(-table["difference"].iloc[1])


def test_small_groups_and_addresses_are_left_out() -> None:
    orders = hits = np.ones(200)
    values = {"small": ["x"] * 29 + ["y"] * 171, "street": [str(at) for at in range(200)]}
    table = by_group(hits, orders, values)
    assert table[["dimension", "group", "share"]].to_numpy().tolist() == [["small", "y", 1.0]]
    assert table["q"].tolist() == [1.0]
