"""Frozen cuts: their scores, their labels, and an alarm that is quiet in a world without drift and not in one with it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.models.drift import MATERIAL, Band, chance, disagreement, drift, interval, stability_index
from analytics.models.drift import alarm as rings
from analytics.models.frozen import CentreCut, ScoreCut, frozen_quintile, matched
from analytics.models.names import ORDER
from analytics.models.segments import quintile
from tests.models.worlds import steady_world

KINDS = {"orders": "count", "amount": "money", "recency_days": "days"}


@given(st.lists(st.integers(0, 12), min_size=5, max_size=60))
def test_on_the_reference_itself_frozen_scores_are_the_scores(values: list[int]) -> None:
    array = np.array(values, float)
    assert frozen_quintile(np.sort(array), array).tolist() == quintile(array).tolist()
    assert (6 - frozen_quintile(np.sort(array), array, low=True)).tolist() == quintile(array, best_low=True).tolist()


def test_a_later_value_gets_the_score_it_would_have_had() -> None:
    reference = np.arange(1.0, 11.0)
    assert frozen_quintile(reference, np.array([0.0, 2.5, 6.5, 99.0])).tolist() == [1, 1, 3, 5]


def test_a_frozen_rule_names_the_same_customer_the_same_whoever_else_there_is() -> None:
    crowd = pd.DataFrame({"recency_days": np.arange(10.0, 110.0, 10), "orders": np.arange(10.0, 0.0, -1), "tenure_days": 300.0})
    cut = ScoreCut.fit(crowd)
    assert ORDER[cut.assign(crowd)[0]] == "champions"
    assert ORDER[cut.assign(crowd.head(1))[0]] == "champions"
    assert ORDER[cut.assign(crowd.head(1).assign(recency_days=95.0))[0]] == "cant_lose"


def test_labels_are_matched_so_that_most_customers_keep_theirs() -> None:
    one, other = np.array([0, 0, 0, 1, 1, 2]), np.array([2, 2, 1, 0, 0, 1])
    assert matched(one, other, 3).tolist() == [0, 0, 2, 1, 1, 2]
    assert disagreement(one, other, 3, match=True) == pytest.approx(1 / 6)
    assert disagreement(one, other, 3, match=False) == 1.0


def test_the_stability_index_is_that_of_the_textbook() -> None:
    # (0.7 - 0.5) ln(0.7 / 0.5) + (0.3 - 0.5) ln(0.3 / 0.5) = 0.0673 + 0.1022
    assert stability_index(np.array([50_000, 50_000]), np.array([70_000, 30_000])) == pytest.approx(0.1695, abs=1e-4)
    assert stability_index(np.array([5, 0]), np.array([5, 0])) == 0.0


def alarm(before: pd.DataFrame, after: pd.DataFrame, *, clusters: bool = False) -> bool:
    def fit(frame: pd.DataFrame) -> ScoreCut | CentreCut:
        return CentreCut.fit(frame, KINDS, 3) if clusters else ScoreCut.fit(frame)

    band = chance(before, fit, len(after), match=clusters, draws=12 if clusters else 60)
    return drift(fit(before), after, fit, match=clusters) > band.threshold


def test_no_alarm_in_a_few_worlds_without_drift() -> None:
    assert sum(alarm(*steady_world(seed)) for seed in range(6)) == 0


def test_an_alarm_when_most_customers_buy_a_third_as_often() -> None:
    assert all(alarm(*steady_world(seed, slowed=0.8)) for seed in range(3))


def test_clusters_raise_an_alarm_for_a_shift_and_none_without() -> None:
    assert not alarm(*steady_world(1), clusters=True)
    assert alarm(*steady_world(1, slowed=0.9), clusters=True)


def test_one_month_above_the_threshold_is_no_alarm() -> None:
    band = Band(low=0.01, middle=0.05, high=0.09, threshold=0.12)
    assert not rings([0.0, 0.05, 0.30], band)
    assert not rings([0.0, 0.30, 0.12], band)
    assert rings([0.0, 0.13, 0.30], band)


def test_the_threshold_is_never_below_what_matters() -> None:
    before, after = steady_world(3, n=6_000)
    assert chance(before, ScoreCut.fit, len(after), match=False, draws=20).threshold >= MATERIAL


def test_the_interval_of_the_drift_holds_its_value() -> None:
    before, after = steady_world(4, slowed=0.5)
    estimate = interval(ScoreCut.fit(before), after, ScoreCut.fit, match=False, draws=20)
    assert 0 < estimate.low < estimate.value < estimate.high < 1
    assert estimate.value == drift(ScoreCut.fit(before), after, ScoreCut.fit, match=False)


def test_a_frozen_cluster_cut_is_as_tight_as_a_refit_where_it_was_learnt() -> None:
    before, _ = steady_world(5)
    cut = CentreCut.fit(before, KINDS, 3)
    assert cut.tightness(cut, before) == pytest.approx(1.0)
