"""Lots by hand: differences, adjustment, arms that are not as planned, what is large enough to see, many questions at once."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t, ttest_ind

from analytics.models.experiment import (
    STOP,
    alike,
    balance,
    by_group,
    contrast,
    detectable,
    discoveries,
    holm,
    homogeneous,
    planned,
    sample_ratio,
)
from analytics.results import Unit


def arms(*sizes: int) -> np.ndarray:
    return np.repeat([True, False], sizes)


def test_without_a_past_the_effect_is_the_difference_of_means_with_neymans_error() -> None:
    found = contrast(np.array([1.0, 2, 3, 0, 1, 2, 5]), arms(3, 4), unit=Unit.MONEY)
    assert found.effect.value == pytest.approx(2 - 2)
    assert found.error == pytest.approx(np.sqrt(1 / 3 + (4 + 1 + 0 + 9) / 3 / 4))  # s² / n of each arm
    free = (1 / 3 + 14 / 12) ** 2 / ((1 / 3) ** 2 / 2 + (14 / 12) ** 2 / 3)  # Welch
    assert found.effect.high == pytest.approx(found.error * t.ppf(0.975, free))
    assert (found.treated, found.controls, found.mean) == (3, 4, 2.0)
    assert found.effect == found.plain


def test_without_a_past_chance_is_told_as_by_welchs_test() -> None:
    one, other = np.array([4.0, 5, 9, 7]), np.array([1.0, 2, 2, 3, 1, 2])
    found, known = contrast(np.r_[one, other], arms(4, 6), unit=Unit.MONEY), ttest_ind(one, other, equal_var=False)
    assert found.p == pytest.approx(known.pvalue)
    assert (found.effect.low, found.effect.high) == pytest.approx(tuple(known.confidence_interval(0.95)))


def test_what_the_past_foretells_goes_out_of_the_noise_and_the_effect_stays() -> None:
    """Everybody spends twice what they did before, the treated three more; by chance the treated spent less before."""
    before, treated = np.array([1.0, 2, 3, 4, 5, 6, 7, 8] * 5), np.tile([True, True, True, False, True, False, False, False], 5)
    found = contrast(2 * before + 3 * treated, treated, before[:, None], unit=Unit.MONEY)
    assert found.effect.value == pytest.approx(3)
    assert found.error == pytest.approx(0, abs=1e-9)
    assert found.plain.value == pytest.approx(3 + 2 * (2.75 - 6.25))


def test_an_effect_that_grows_with_the_past_is_told_for_the_average_customer() -> None:
    """Lin's products: the treated gain their own past; averaged over both arms that is the mean of all."""
    before, treated = np.arange(40.0), np.arange(40) % 4 == 0
    found = contrast(10 + before * treated, treated, before[:, None], unit=Unit.MONEY)
    assert found.effect.value == pytest.approx(before.mean())


def test_columns_that_say_nothing_or_the_same_twice_change_nothing() -> None:
    rng = np.random.default_rng(1)
    before, treated = rng.normal(size=200), np.arange(200) % 2 == 0
    outcome = before + rng.normal(size=200)
    alone = contrast(outcome, treated, before[:, None], unit=Unit.MONEY)
    more = contrast(outcome, treated, np.column_stack([before, np.ones(200), 2 * before]), unit=Unit.MONEY)
    assert more.effect.value == pytest.approx(alone.effect.value)
    assert more.error == pytest.approx(alone.error)


def test_where_nobody_bought_anything_there_is_no_effect_and_no_surprise() -> None:
    found = contrast(np.zeros(60), arms(30, 30), np.zeros((60, 1)), unit=Unit.MONEY)
    assert (found.effect.value, found.effect.low, found.effect.high, found.p) == (0, 0, 0, 1)


def test_an_arm_of_one_is_no_arm() -> None:
    with pytest.raises(ValueError, match="two customers"):
        contrast(np.arange(5.0), arms(1, 4), unit=Unit.MONEY)


def test_five_hundred_too_many_in_an_arm_stop_the_estimate_and_twenty_do_not() -> None:
    assert sample_ratio([5_250, 4_750], [0.5, 0.5]) == pytest.approx(5.733e-7, rel=1e-3)  # chi-square 25 on one degree
    assert sample_ratio([5_250, 4_750], [0.5, 0.5]) < STOP < sample_ratio([5_010, 4_990], [0.5, 0.5])


@pytest.mark.parametrize(
    ("controls", "others", "share"),
    [
        (520, [480], 1 / 2),
        (203, [797], 0.2),
        (98, [902], 0.1),
        (330, [340, 330], 1 / 3),
        (105, [450, 445], 0.1),
        (240, [260, 250, 250], 1 / 4),
    ],
)
def test_a_plan_that_is_not_told_is_the_usual_one_nearest(controls: int, others: list[int], share: float) -> None:
    plan = planned(controls, others)
    assert plan[0] == pytest.approx(share)
    assert plan[1:] == pytest.approx([(1 - share) / len(others)] * len(others))
    assert sample_ratio([controls, *others], plan) > STOP


def test_forty_to_sixty_is_an_equal_plan_that_went_wrong_unless_it_was_planned() -> None:
    counts = [4_100, 5_900]
    assert sample_ratio(counts, planned(4_100, [5_900])) < STOP
    assert sample_ratio(counts, planned(4_100, [5_900], 0.41)) == pytest.approx(1)


def test_balance_is_told_in_standard_deviations_of_both_arms() -> None:
    told = balance(pd.DataFrame({"money": [1.0, 3, 2, 4], "none": [0.0] * 4, "sorted": [1.0, 1, 0, 0]}), arms(2, 2)).set_index("covariate")
    assert told.loc["money", ["treated", "controls"]].tolist() == [2, 3]
    assert told.loc["money", "difference"] == pytest.approx(-1 / np.sqrt(2))
    assert told.loc["none", "difference"] == 0
    assert told.loc["sorted", "difference"] == pytest.approx(np.sqrt(3))  # no spread within an arm: that of everybody


def test_small_arms_may_lie_further_apart_by_chance_than_large_ones() -> None:
    assert alike(50_000, 50_000, 4) == 0.1
    assert alike(50, 50, 1) == pytest.approx(3.2905 * 0.2, rel=1e-4)  # z of one in a thousand


def test_the_smallest_effect_found_is_two_point_eight_errors() -> None:
    assert detectable(1.0) == pytest.approx(1.959964 + 0.841621, rel=1e-6)


def test_holm_and_benjamini_hochberg_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert discoveries([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.04, 0.04])
    assert holm([]) == discoveries([]) == []


def test_groups_that_gain_differently_are_told_apart_and_small_ones_are_left_out() -> None:
    rng = np.random.default_rng(3)
    group = np.repeat(["a", "b", "few"], [400, 400, 190])
    treated = np.arange(990) % 2 == 0
    outcome = rng.normal(size=990) + 2.0 * treated * (group == "a")
    told = by_group(outcome, treated, None, {"kind": group.tolist(), "one": ["x"] * 990}, unit=Unit.MONEY)
    assert told["dimension"].tolist() == ["kind", "kind"]
    assert told["group"].tolist() == ["a", "b"]
    assert told["q"].iloc[0] < 0.001 < 0.05 < told["q"].iloc[1]
    assert (told["apart"] < 1e-6).all()
    assert told["effect"].iloc[0] == pytest.approx(2, abs=0.4)


def test_groups_alike_are_said_to_be_so() -> None:
    one = contrast(np.array([1.0, 3, 0, 2] * 20), np.tile([True, True, False, False], 20), unit=Unit.MONEY)
    assert homogeneous([one, one, one]) == 1.0
    assert homogeneous([one]) == 1.0
