"""The scorecard by hand: standings, weights, who is in and why not, departments, selection of groups."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.stats import kendalltau
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

from analytics.models import scorecard as model

NOTHING = np.nan


def still(scores: np.ndarray) -> model.Spread:
    """Scores that no luck moves."""
    return model.Spread(covariance=np.zeros((*scores.shape, scores.shape[1])))


def test_one_purchase_is_no_clear_preference_yet_and_nobody_has_none() -> None:
    told = model.clarity(np.array([[0.0, 0.0], [1.0, 0.0], [3.0, 1.0], [40.0, 0.0]]))
    entropy = -(0.75 * np.log(0.75) + 0.25 * np.log(0.25)) / np.log(2)
    three_one = -(0.7 * np.log(0.7) + 0.3 * np.log(0.3)) / np.log(2)
    assert_allclose(told[:3], [0.0, 1 - entropy, 1 - three_one], atol=1e-12)
    assert told[3] > 0.9


def test_what_is_still_open_is_what_customers_with_the_same_favourite_buy() -> None:
    counts = np.array([[5.0, 1.0, 0.0], [4.0, 0.0, 0.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0]])
    usual = model.habits(counts)
    assert_allclose(usual, [[1.0, 0.5, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    assert_allclose(model.still_open(counts, usual)[:3], [0.0, 0.5, 0.0])


def test_a_standing_is_the_share_below_and_the_unknown_stays_unknown() -> None:
    assert_allclose(model.standing(np.array([1.0, 2.0, 2.0, 4.0])), [12.5, 50, 50, 87.5])
    told = model.standing(np.array([3.0, NOTHING]), np.array([1.0, 2.0, 4.0, 5.0, NOTHING]))
    assert_allclose(told, [50, NOTHING])


def test_a_market_too_small_tells_no_standing_within_it() -> None:
    values, group = np.array([1.0, 2.0, 3.0, 9.0]), np.array([0, 0, 0, 1])
    told = model.standing_within(values, group, values, group, least=3)
    assert_allclose(told, [100 / 6, 50, 500 / 6, NOTHING])


def test_an_unknown_score_leaves_its_weight_to_the_others() -> None:
    total, each = model.weighted(np.array([[80.0, 40.0], [80.0, NOTHING], [NOTHING, NOTHING]]), np.array([0.25, 0.75]))
    assert_allclose(total, [50, 80, NOTHING])
    assert_allclose(each, [[0.25, 0.75], [1, 0], [0, 0]])


def test_the_best_share_is_inside_and_the_reasons_add_up_to_the_way_to_the_cut() -> None:
    scores = np.array([[90.0, 90.0], [80.0, 70.0], [95.0, 20.0], [30.0, 60.0], [10.0, 10.0]])
    told = model.card(scores, np.array([0.5, 0.5]), still(scores), share=0.4)
    assert told.inside.tolist() == [True, True, False, False, False]
    assert told.cut == 75
    assert_allclose(told.short.sum(axis=1), 75 - told.total)
    assert told.reason[2:].tolist() == [1, 0, 0]
    assert told.alone[2].tolist() == [False, True]  # on the first score alone, 95 would do
    assert not told.alone[3].any()
    assert told.probability.tolist() == [1, 1, 0, 0, 0]


def test_a_least_total_takes_whoever_reaches_it() -> None:
    scores = np.array([[90.0], [60.0], [59.0]])
    told = model.card(scores, np.ones(1), still(scores), share=0.01, least=60)
    assert told.inside.tolist() == [True, True, False]


def test_who_stands_at_the_cut_would_as_often_be_out_and_luck_is_weighted() -> None:
    scores = np.array([[60.0, 60.0], [50.0, 50.0], [40.0, 40.0]])
    spread = model.Spread(covariance=np.tile(np.array([[100.0, 0.0], [0.0, 300.0]]), (3, 1, 1)))  # of the mean: (100 + 300) / 4
    told = model.card(scores, np.array([0.5, 0.5]), spread, share=0.6)
    assert told.cut == 50
    assert_allclose(told.probability, [0.8413, 0.5, 0.1587], atol=1e-4)


def test_the_spread_is_the_covariance_over_the_draws() -> None:
    drawn = np.random.default_rng(1).normal(size=(9, 4, 2))
    found = model.Spread.of(iter(drawn).__next__, 9).covariance
    assert_allclose(found, [np.cov(drawn[:, at].T) for at in range(4)])


def test_rankings_agree_as_scipy_says_and_the_same_ranking_agrees_in_full() -> None:
    rng = np.random.default_rng(3)
    one = rng.normal(size=400)
    other = one + rng.normal(size=400)
    told = model.agreement(one, other, 0.2)
    assert told.tau.value == pytest.approx(kendalltau(one, other).statistic)
    assert told.tau.low < told.tau.value < told.tau.high < 1
    same = model.agreement(one, 2 * one, 0.2)
    assert (same.tau.value, same.overlap.value) == (1, 1)
    assert same.tau.low == 1


def test_the_interval_of_tau_is_as_wide_as_chance_makes_it() -> None:
    rng, found, wide = np.random.default_rng(5), [], []
    for _ in range(60):
        one = rng.normal(size=200)
        told = model.agreement(one, one + rng.normal(size=200), 0.2).tau
        found.append(told.value)
        wide.append((told.high - told.low) / (2 * 1.96))
    assert np.mean(wide) == pytest.approx(np.std(found), rel=0.25)


def groups() -> tuple[np.ndarray, dict[str, pd.Series]]:
    """200 customers in the north of whom 20 are inside, 300 in the south of whom 90 are, 10 in the east; two kinds that do not differ."""
    inside = np.zeros(510, bool)
    inside[:20] = inside[200:290] = True
    region = pd.Series(["north"] * 200 + ["south"] * 300 + ["east"] * 10)
    return inside, {"region": region, "kind": pd.Series(["a", "b"] * 255), "tier": region}


def test_selection_of_a_group_is_held_to_statsmodels() -> None:
    inside, known = groups()
    told = model.selected(inside, known, described=("tier",)).set_index(["dimension", "group"])
    north = told.loc[("region", "north")]
    assert (north["share"], north["rest"]) == (0.1, pytest.approx(90 / 310))
    ends = confint_proportions_2indep(20, 200, 90, 310, method="newcomb", compare="diff")
    assert_allclose([north["difference_low"], north["difference_high"]], ends)
    tested = told.loc[["region", "kind"]].query("not suppressed")
    shares = [(20, 200), (90, 300), *((int(inside[at::2].sum()), 255) for at in (0, 1))]
    p = [proportions_ztest([hit, 110 - hit], [n, 510 - n])[1] for hit, n in shares]
    expected = dict(
        zip([("region", "north"), ("region", "south"), ("kind", "a"), ("kind", "b")], multipletests(p, method="fdr_bh")[1], strict=True)
    )
    assert_allclose(tested["q"].to_numpy(float), [expected[key] for key in tested.index])


def test_tiers_and_tiny_groups_are_never_flagged_and_a_wide_margin_forgives() -> None:
    inside, known = groups()
    told = model.selected(inside, known, described=("tier",))
    flagged = told[told["flagged"]]
    assert set(flagged["group"]) == {"north", "south"} and set(flagged["dimension"]) == {"region"}
    east = told[(told["group"] == "east") & (told["dimension"] == "region")].iloc[0]
    assert east["suppressed"] and east["n"] == 10 and np.isnan(east["share"])
    assert told.loc[told["dimension"] == "tier", "q"].isna().all()
    assert not model.selected(inside, known, margin=9.0)["flagged"].any()


def test_of_two_groups_one_can_be_told_alone_and_counts_once() -> None:
    inside, known = groups()
    told = model.selected(inside, {"kind": known["kind"]}, only={"kind": "a"})
    assert told["group"].tolist() == ["a"]
    assert told["q"].iloc[0] == pytest.approx(proportions_ztest([55, 55], [255, 255])[1])


def test_what_the_best_hold_is_counted_by_score_and_by_worth() -> None:
    told = model.captured(np.array([3.0, 2.0, 1.0, 0.0]), np.array([10.0, 40.0, 30.0, 20.0]), points=4)
    assert_allclose(told["share_scored"], [0, 0.1, 0.5, 0.8, 1])
    assert_allclose(told["share_best"], [0, 0.4, 0.7, 0.9, 1])
