"""A column that knows the answer is named; one that merely helps is not."""

import numpy as np
import pandas as pd

from analytics.models.churn import Slice, fit
from analytics.models.leakage import LIMIT, alone, auc, suspects


def customers(n: int = 2_000, seed: int = 1) -> Slice:
    rng = np.random.default_rng(seed)
    risk = rng.beta(2, 4, n)
    features = pd.DataFrame({"score": risk + rng.normal(0, 0.1, n), "size": rng.normal(size=n)})
    return Slice(features=features, churned=rng.random(n) < risk)


def with_column(name: str, values: object) -> Slice:
    part = customers()
    return Slice(features=part.features.assign(**{name: values}), churned=part.churned)


def test_a_reason_that_only_leavers_have_is_named() -> None:
    left = customers().churned
    part = with_column("Churn Reason", pd.Series(np.where(left, "price", None), dtype=object))
    assert auc(fit("logistic", part).risk(part.features), part.churned) > LIMIT
    assert list(suspects(part)) == ["Churn Reason"]


def test_a_copy_of_the_label_is_named_before_what_is_only_close_to_it() -> None:
    left = customers().churned.astype(float)
    part = with_column("status", left)
    almost = left + np.random.default_rng(2).normal(0, 0.25, len(left))
    part = Slice(features=part.features.assign(almost=almost), churned=part.churned)
    assert list(suspects(part)) == ["status", "almost"]


def test_two_columns_that_only_together_give_it_away_are_found_by_leaving_out() -> None:
    rng = np.random.default_rng(5)
    left = customers().churned.astype(float)
    mask = rng.normal(0, 3, len(left))
    part = Slice(features=customers().features.assign(sum=left + mask, mask=mask), churned=left.astype(bool))
    assert max(alone(part).values()) < LIMIT
    named = suspects(part)
    assert set(named) == {"sum", "mask"}
    assert max(named.values()) < 0.8


def test_honest_columns_stay_far_below_the_limit() -> None:
    assert max(alone(customers()).values()) < 0.8
