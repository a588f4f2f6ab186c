"""Scores and names of segments: literal customers, expectations worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from analytics.models import names
from analytics.models.segments import quintile, score_of


def test_ten_different_values_fall_into_five_pairs() -> None:
    assert quintile(np.arange(1.0, 11.0)).tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


def test_fewer_days_since_the_last_order_score_higher() -> None:
    assert quintile(np.array([10.0, 20.0, 30.0, 40.0, 50.0]), best_low=True).tolist() == [5, 4, 3, 2, 1]


def test_customers_with_equal_values_get_equal_scores() -> None:
    # six customers with one order share rank 3.5 of 10: ceil(5 * 3.0 / 10) = 2; two orders rank 7.5: 4; then 9 and 10
    assert quintile(np.array([1.0] * 6 + [2.0, 2.0, 3.0, 9.0])).tolist() == [2] * 6 + [4, 4, 5, 5]


def test_a_crowd_without_differences_sits_in_the_middle() -> None:
    assert set(quintile(np.ones(40)).tolist()) == {3}


@pytest.mark.parametrize(
    ("recency", "frequency", "tenure", "expected"),
    [
        (5, 5, 400, "champions"), (5, 4, 400, "champions"), (4, 5, 400, "loyal"), (3, 4, 400, "loyal"), (4, 3, 400, "promising"),
        (5, 2, 400, "light"), (4, 1, 400, "light"), (3, 3, 400, "slipping"), (2, 5, 400, "cant_lose"), (1, 3, 400, "at_risk"),
        (2, 2, 400, "asleep"), (5, 5, 90, "new"), (5, 5, 91, "champions"),
    ],
)  # fmt: skip
def test_each_cell_of_the_map_has_the_name_of_its_rule(recency: int, frequency: int, tenure: int, expected: str) -> None:
    named = names.name_by_scores(np.array([recency]), np.array([frequency]), np.array([tenure]), new_days=90)
    assert named.tolist() == [expected]


def test_in_a_short_history_new_means_the_last_quarter_of_it() -> None:
    assert names.new_days(np.array([3.0, 100.0])) == 25
    assert names.new_days(np.array([3.0, 2000.0])) == 90


def test_where_a_cluster_stands_is_the_median_of_its_customers_ranks() -> None:
    frame = pd.DataFrame({"recency_days": [10.0, 20.0, 30.0, 40.0], "orders": [9.0, 9.0, 2.0, 1.0]})
    standing = names.percentiles(frame, np.array([0, 0, 1, 1]), {"recency_days": False, "orders": True})
    assert standing.loc[0].tolist() == [0.75, 0.75]  # mid-ranks of 4: .875 and .625; ties .75 and .75
    assert standing.loc[1].tolist() == [0.25, 0.25]


def test_clusters_that_earn_the_same_name_are_told_apart_by_value() -> None:
    standing = pd.DataFrame({"recency": [0.9, 0.8, 0.1], "frequency": [0.7, 0.9, 0.1], "money": [0.7, 0.9, 0.1]})
    assert names.name_clusters(standing) == ["champions_b", "champions_a", "asleep"]


def test_no_two_clusters_ever_share_a_name() -> None:
    rng = np.random.default_rng(5)
    for _ in range(200):
        standing = pd.DataFrame(rng.random((8, 3)), columns=["recency", "frequency", "money"])
        given = names.name_clusters(standing, new=rng.random(8) < 0.3)
        assert len(set(given)) == 8


def test_one_customers_score_follows_from_how_many_stand_below_and_beside() -> None:
    values = np.repeat([1.0, 2.0, 3.0, 5.0, 8.0], [40, 25, 20, 10, 5])  # nearly half of them alike
    counted = [score_of(int((values < value).sum()), int((values == value).sum()), len(values)) for value in values]
    assert counted == quintile(values).tolist()
    assert sorted(set(counted)) == [1, 3, 4, 5]
