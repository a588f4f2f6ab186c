"""The lot: everybody has the same chance, every stratum its share, the same seed the same list."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.models.assignment import balance, strata, withheld


def test_each_stratum_keeps_the_share_to_within_a_customer() -> None:
    stratum = pd.Series(["a"] * 103 + ["b"] * 57 + ["c"] * 31)
    drawn = withheld(stratum, 0.1, seed=4)
    assert drawn.sum() in (19, 20)
    for name, size in (("a", 103), ("b", 57), ("c", 31)):
        assert abs(drawn[stratum == name].sum() - size / 10) < 1


def test_everybody_has_the_same_chance_to_be_withheld() -> None:
    stratum = pd.Series(["a"] * 7 + ["b"] * 23)
    often = np.mean([withheld(stratum, 0.3, seed=seed) for seed in range(4_000)], axis=0)
    assert often == pytest.approx(np.full(30, 0.3), abs=0.03)


def test_the_same_seed_draws_the_same_and_another_one_draws_others() -> None:
    stratum = pd.Series(["a"] * 200)
    one, again, other = (withheld(stratum, 0.5, seed=seed) for seed in (1, 1, 2))
    assert (one == again).all()
    assert (one != other).any()


def test_strata_too_small_for_a_withheld_customer_share_theirs_with_their_neighbours() -> None:
    groups = pd.DataFrame({"level": ["1"] * 45 + ["2"] * 30, "region": (["North", "South", None] * 25)})
    stratum = strata(groups)
    assert stratum.value_counts().to_dict() == {
        f"{level} · {name}": n for level, n in (("1", 15), ("2", 10)) for name in ("North", "South", "")
    }
    for seed in range(20):
        drawn = withheld(stratum, 0.05, seed=seed)  # a twentieth of fifteen is less than one
        assert [abs(drawn[groups["level"] == level].sum() - size / 20) < 1 for level, size in (("1", 45), ("2", 30))] == [True, True]


def test_a_share_of_nobody_or_everybody_is_no_lot() -> None:
    for share in (0.0, 1.0):
        with pytest.raises(ValueError, match="share"):
            withheld(pd.Series(["a", "b"]), share, seed=1)


def test_balance_is_told_in_standard_deviations() -> None:
    known = pd.DataFrame({"money": [1.0, 3.0, 5.0, 7.0] * 10, "region": ["N", "S", "N", "S"] * 10, "same": [2.0] * 40})
    table = balance(known, np.array([True, False, False, True] * 10))
    rows = {(row["covariate"], row["value"]): row for row in table.to_dict("records")}
    assert set(rows) == {("money", ""), ("region", "N"), ("region", "S")}
    assert (rows["money", ""]["treatment"], rows["money", ""]["control"], rows["money", ""]["difference"]) == (4.0, 4.0, 0.0)
    assert (rows["region", "N"]["treatment"], rows["region", "N"]["control"]) == (0.5, 0.5)
    tilted = balance(known, np.array([True, True, False, False] * 10))
    assert tilted.iloc[0]["difference"] == pytest.approx(4 / np.std([1, 3, 5, 7] * 10, ddof=1))


def test_a_value_of_a_few_customers_is_not_compared() -> None:
    known = pd.DataFrame({"tier": ["Gold"] * 30 + ["Basic"] * 30 + ["Diamond"] * 19})
    assert set(balance(known, np.arange(79) % 2 == 0)["value"]) == {"Gold", "Basic"}
