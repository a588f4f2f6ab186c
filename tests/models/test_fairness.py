"""Comparisons of a group with the rest of its tier, against hand computation and the libraries' own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.api import OLS
from statsmodels.stats.proportion import confint_proportions_2indep

from analytics.models import fairness as model
from analytics.models.inequality import gini


def people(mine: int, rest: int) -> np.ndarray:
    return np.r_[np.ones(mine, bool), np.zeros(rest, bool)]


def test_a_rate_is_a_ratio_of_sums_against_that_of_the_rest() -> None:
    mine = people(40, 60)
    found = model.rate_apart(np.where(mine, 3.0, 2.0), np.full(100, 10.0), mine)
    assert found is not None
    assert (found.mine, found.rest, found.n, found.others) == (pytest.approx(0.3), pytest.approx(0.2), 40, 60)
    assert found.value == pytest.approx(0.5)


def test_the_rest_is_weighted_to_the_groups_own_mix_of_bands() -> None:
    """The group is half in band 0 and half in band 1; the rest, three quarters in band 0. In each band both receive the same."""
    band = np.r_[[0] * 20, [1] * 20, [0] * 90, [1] * 30]
    benefit = np.where(band == 0, 1.0, 5.0)
    crude = model.rate_apart(benefit, np.ones(160), people(40, 120))
    alike = model.rate_apart(benefit, np.ones(160), people(40, 120), band)
    assert crude is not None
    assert alike is not None
    assert (crude.mine, crude.rest) == (3.0, 2.0)
    assert (alike.mine, alike.rest) == (pytest.approx(3.0), pytest.approx(3.0))


def test_a_band_that_one_side_lacks_is_left_out() -> None:
    band = np.r_[[0] * 40, [1] * 40, [0] * 60]
    found = model.rate_apart(np.where(band == 0, 1.0, 100.0), np.ones(140), people(80, 60), band)
    assert found is not None
    assert (found.n, found.others, found.value) == (40, 60, pytest.approx(0.0))


def test_a_small_group_without_anything_is_not_known_for_sure_to_get_nothing() -> None:
    """Of 46 customers nobody got what one in twenty gets: that happens in one group of ten."""
    top = np.r_[np.zeros(46), np.tile(np.r_[1.0, np.zeros(19)], 40)]
    found = model.rate_apart(top, np.ones(846), people(46, 800))
    assert found is not None
    assert found.value == -1
    assert found.p > 0.05


def test_a_share_without_strata_is_newcombes() -> None:
    hit = np.r_[np.ones(12, bool), np.zeros(38, bool), np.ones(60, bool), np.zeros(60, bool)]
    found = model.share_apart(hit, people(50, 120), np.arange(170))
    assert found is not None
    low, high = confint_proportions_2indep(12, 50, 60, 120, compare="diff", method="newcomb")
    assert (found.value, found.low, found.high) == (pytest.approx(-0.26), pytest.approx(low), pytest.approx(high))


def test_cases_of_one_customer_count_less_than_cases_of_many() -> None:
    hit = np.tile(np.r_[np.ones(5, bool), np.zeros(5, bool)], 40)
    mine = people(200, 200)
    alone = model.share_apart(hit, mine, np.arange(400))
    alike = model.share_apart(hit, mine, np.repeat(np.arange(80), 5))
    assert alone is not None
    assert alike is not None
    assert alike.high - alike.low > 1.5 * (alone.high - alone.low)
    assert alike.n == 40


@pytest.fixture(scope="module")
def issues() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    customer = rng.integers(0, 160, 400)
    rows = pd.DataFrame({"customer": customer, "issue": rng.integers(0, 3, 400), "mine": customer < 60})
    rows["hours"] = np.array([5.0, 10.0, 40.0])[rows["issue"]] * np.where(rows["mine"], 1.7, 1.0) * np.exp(rng.normal(0, 0.5, 400))
    return rows


def test_waiting_times_are_those_of_a_regression_with_dummies(issues: pd.DataFrame) -> None:
    dummies = pd.get_dummies(issues["issue"], dtype=float)
    x = np.column_stack([issues["mine"].astype(float), dummies])
    plain = OLS(np.log(issues["hours"]), x).fit(cov_type="cluster", cov_kwds={"groups": issues["customer"].to_numpy()})
    found = model.time_apart(*(issues[name].to_numpy() for name in ("hours", "mine", "customer", "issue")))
    assert found is not None
    assert found.value == pytest.approx(np.expm1(plain.params.iloc[0]), abs=1e-10)
    half = (np.log1p(found.high) - np.log1p(found.low)) / 2
    assert half == pytest.approx(2.0010 * plain.bse.iloc[0], rel=0.006)  # t with 59 degrees of freedom; dummies cost three
    assert found.low < 0.7 < found.high


def test_a_kind_of_issue_that_only_the_group_raises_says_nothing(issues: pd.DataFrame) -> None:
    own = issues.assign(issue=np.where(issues["mine"] & (issues["issue"] == 2), 9, issues["issue"]))
    rows = own[~((~own["mine"]) & (own["issue"] == 2))]
    found = model.time_apart(*(rows[name].to_numpy() for name in ("hours", "mine", "customer", "issue")))
    without = rows[rows["issue"] != 9]
    alone = model.time_apart(*(without[name].to_numpy() for name in ("hours", "mine", "customer", "issue")))
    assert found == alone


def test_an_error_of_a_model_is_relative_to_what_came() -> None:
    """The group is told 30 % where 20 % come; the rest 20 % where 20 % come."""
    came = np.tile(np.r_[np.ones(1), np.zeros(4)], 100)
    said = np.r_[np.full(100, 0.3), np.full(400, 0.2)]
    found = model.error_apart(said, came, people(100, 400), risk=True)
    assert found is not None
    assert (found.value, found.mine, found.rest) == (pytest.approx(0.5), pytest.approx(0.5), pytest.approx(0.0))


def test_ginis_of_two_groups_are_compared() -> None:
    mine, rest = np.r_[np.zeros(50), np.ones(50)], np.r_[np.zeros(25), np.ones(75)]
    found = model.spread_apart(gini(mine), gini(rest), gini(np.r_[mine, rest]))
    assert (found.mine, found.rest, found.value) == (pytest.approx(0.5), pytest.approx(0.25), pytest.approx(1.0))


def test_a_jump_is_what_lies_above_a_threshold_beyond_the_slopes() -> None:
    x = np.linspace(-0.3, 0.299, 600)
    found = model.jump_apart(x, 10 + 4 * x + 6 * (x >= 0))
    assert found is not None
    assert (found.value, found.rest) == (pytest.approx(0.6), pytest.approx(10.0))
    assert model.jump_apart(x[:320], x[:320]) is None  # twenty above


def test_bands_are_of_equal_size_within_each_tier_and_nothing_is_a_band_of_its_own() -> None:
    values, tier = np.r_[np.zeros(10), np.arange(1, 121), np.arange(1, 61)].astype(float), np.r_[[0] * 130, [1] * 60]
    band = model.bands(values, tier, 5)
    assert sorted(np.bincount(band)) == [10, 60, 60, 60]
    assert len(set(band[:10])) == 1


def test_a_flag_needs_a_small_q_and_an_interval_beyond_the_margin() -> None:
    p = np.array([0.001, 0.001, 0.04, np.nan])
    low, high = np.array([0.15, 0.05, 0.15, 0.9]), np.array([0.3, 0.3, 0.3, 1.0])
    q, flagged = model.flags(p, low, high, np.full(4, 0.1))
    assert list(q[:3]) == [pytest.approx(0.0015), pytest.approx(0.0015), pytest.approx(0.04)]
    assert list(flagged) == [True, False, True, False]  # the last is described only


def test_forty_comparisons_loosen_what_one_alone_would_flag() -> None:
    p = np.r_[0.01, np.full(39, 0.6)]
    alone, many = (model.flags(part, part * 0 + 0.2, part * 0 + 0.4, part * 0 + 0.1)[1] for part in (p[:1], p))
    assert (list(alone), list(many)) == ([True], [False] * 40)
