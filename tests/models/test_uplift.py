"""Whom an offer moves: Qini by hand, a planted difference found, buyers who need no offer not taken for movable ones."""

import numpy as np
import pandas as pd
import pytest

from analytics.models.uplift import Ranked, _scores, coded, qini, ranked, responders

FIRST_TO_LAST = np.array([1.0, 0.75, 0.5, 0.25])


def test_qini_by_hand() -> None:
    """All the effect is in the first of four: the curve rises to 1 at a quarter and stays. Area 7/8, chance has 1/2."""
    found = qini(FIRST_TO_LAST, np.array([4.0, 0, 0, 0]))
    assert found.coefficient.value == pytest.approx(7 / 8 - 1 / 2)
    assert found.top.value == pytest.approx(1 / 0.3)
    at = found.curve.set_index(found.curve["share"].round(3))
    assert at.loc[[0.0, 0.125, 0.25, 1.0], "gain"].tolist() == pytest.approx([0, 0.5, 1, 1])
    assert at.loc[0.5, "chance"] == pytest.approx(0.5)


def test_the_wrong_way_round_is_worth_less_than_chance() -> None:
    assert qini(1 - FIRST_TO_LAST, np.array([4.0, 0, 0, 0])).coefficient.value == pytest.approx(1 / 8 - 1 / 2)


def test_where_everybody_gains_alike_no_ranking_is_worth_anything() -> None:
    found = qini(np.linspace(1, 0, 50), np.full(50, 3.0))
    assert found.coefficient.value == pytest.approx(0)
    assert not found.tells_apart


def world(seed: int, moved: float, n: int = 2_000) -> tuple[pd.DataFrame, np.ndarray, np.ndarray, np.ndarray]:
    """Heavy buyers buy whatever happens; light ones buy more by `moved` when treated."""
    rng = np.random.default_rng(seed)
    heavy, treated = rng.random(n) < 0.5, rng.random(n) < 0.5
    rate = np.where(heavy, 3.0, 0.7) + moved * treated * ~heavy
    orders = rng.poisson(rate)
    features = pd.DataFrame({"orders": rng.poisson(np.where(heavy, 6, 1)).astype(float), "kind": np.where(heavy, "heavy", "light")})
    return features, treated, orders * 10.0, orders > 0


@pytest.fixture(scope="module")
def moved() -> Ranked:
    features, treated, money, bought = world(1, 1.0)
    return ranked(features, treated, money, bought, share=0.5)


def test_those_who_are_moved_come_before_those_who_buy_anyway(moved: Ranked) -> None:
    uplift, response = qini(moved.judged.uplift, moved.judged.scores), qini(moved.judged.response, moved.judged.scores)
    assert uplift.tells_apart
    assert response.coefficient.high < 0  # who is likeliest to buy gains least
    assert uplift.top.low > 5 > response.top.high


def test_the_scores_average_to_the_effect_that_was_planted(moved: Ranked) -> None:
    scores = moved.judged.scores
    error = scores.std() / np.sqrt(len(scores))
    assert len(scores) == 1_600  # four of five folds: the first is only learned from
    assert abs(scores.mean() - 0.5 * 1.0 * 10) < 3 * error
    assert error < 0.8


def test_places_run_from_near_nothing_to_one(moved: Ranked) -> None:
    for place in (moved.uplift, moved.response):
        assert 0 < place.min() < 0.01 and 0.99 < place.max() <= 1


def test_an_offer_that_moves_nobody_tells_nobody_apart() -> None:
    features, treated, money, bought = world(2, 0.0)
    found = ranked(features, treated, money, bought, share=0.5)
    assert not qini(found.judged.uplift, found.judged.scores).tells_apart


def test_what_the_trees_missed_is_weighted_by_the_lot() -> None:
    """Foretold 10 with and 8 without; one in four is treated. Treated and 3 above: 2 + 3 / .25. Withheld and 1 below: 2 + 1 / .75."""
    foretold = np.array([10.0, 10.0]), np.array([8.0, 8.0])
    assert _scores(foretold, np.array([True, False]), np.array([13.0, 7.0]), 0.25) == pytest.approx([14, 2 + 4 / 3])


def test_uneven_arms_are_weighted_by_the_share_drawn() -> None:
    features, _, _, _ = world(3, 0.0)
    treated = np.arange(len(features)) % 10 == 0
    money = 20.0 + 6.0 * treated + np.random.default_rng(3).normal(size=len(features))
    found = ranked(features, treated, money, money > 20, share=0.1)
    assert found.judged.scores.mean() == pytest.approx(6, abs=0.5)


def test_responders_are_ranked_by_models_that_did_not_know_them() -> None:
    features, _, _, bought = world(4, 0.0)
    place, chance = responders(features, bought)
    assert bought[place > 0.9].mean() > bought.mean() > bought[place < 0.1].mean()
    assert chance.mean() == pytest.approx(bought.mean(), abs=0.03)


def test_unknown_numbers_are_marked_and_rare_texts_dropped() -> None:
    frame = pd.DataFrame({"x": [1.0, np.nan, 3.0] * 40, "kind": ["a"] * 60 + ["b"] * 59 + ["rare"], "same": 1.0})
    x = coded(frame)
    assert x.shape == (120, 4)  # x, whether x is unknown, a, b
    assert x.mean(axis=0) == pytest.approx(0, abs=1e-12)
    assert (x[:, 1] > 0).sum() == 40
