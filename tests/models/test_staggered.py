"""Joining at different times, by hand: what is compared with what, what is left out, what a check must see."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.models.staggered import Staggered, staggered, usable
from tests.models.joiners import Joiners, joiners


def two_groups(gain: float = 3.0, burst: float = 50.0, *, repeating: bool = False) -> pd.DataFrame:
    """40 who join in month 8 and 60 who never do, twelve months. Others spend 10 a month, joiners 20; both 1 more from month 9 on."""
    customer, month = np.repeat(np.arange(100), 12), np.tile(np.arange(1, 13), 100)
    joins = customer < 40
    money = np.where(joins, 20.0, 10.0) + (month >= 9) + joins * (gain * (month > 8) + burst * (month == 8))
    error = 1.0 if repeating else np.random.default_rng(1).normal(0, 1, (50, 12))[customer // 2, month - 1]
    money += np.where((customer + month * repeating) % 2 == 0, error, -error)  # cancels out within pairs
    return pd.DataFrame({"customer": customer, "month": month, "money": money, "joined": np.where(joins, 8, 0)})


def told(panel: pd.DataFrame) -> Staggered:
    found = staggered(panel, ())
    assert found is not None
    return found


def test_the_difference_of_differences_without_the_month_of_joining() -> None:
    found = told(two_groups())
    assert found.effect.value == pytest.approx(3.0, abs=1e-9)
    assert found.joining.value == pytest.approx(50.0, abs=1e-9)
    assert (found.treated, found.controls) == (40, 60)


def test_months_are_compared_with_the_one_two_before_joining() -> None:
    events = told(two_groups()).events.set_index("month")
    assert events.loc[-2, "effect"] == 0
    assert pd.isna(events.loc[-2, "low"])
    assert events.index.tolist() == [-7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4]
    assert events.loc[-7:-3, "effect"].abs().max() < 1e-9
    assert (events["n"] == 40).all()


def test_who_joined_before_the_base_month_could_be_seen_is_left_out() -> None:
    panel = two_groups()
    early = panel[panel["customer"] < 40].assign(customer=lambda rows: rows["customer"] + 1_000, joined=2)
    kept = usable(pd.concat([panel, early]))
    assert set(kept["joined"]) == {0, 8}
    assert set(kept["customer"]) == set(range(100))


def test_who_came_with_joining_is_left_out() -> None:
    panel = two_groups()
    new = panel[(panel["customer"] < 20) & (panel["month"] > 7)].assign(customer=lambda rows: rows["customer"] + 1_000)
    assert told(pd.concat([panel, new])).treated == 40


def test_too_few_joiners_are_not_an_answer() -> None:
    panel = two_groups()
    assert staggered(panel[(panel["customer"] < 9) | (panel["customer"] >= 40)], ()) is None
    assert staggered(panel[panel["joined"] == 0], ()) is None


def test_a_drift_before_joining_is_seen_by_the_trend_and_by_the_placebo() -> None:
    found, clean = (staggered(joiners(3, Joiners(hidden=hidden)), ("middle", "high")) for hidden in (0.4, 0.0))
    assert found is not None and clean is not None and found.placebo is not None and clean.placebo is not None
    assert found.pre_trend is not None and found.pre_trend < 0.001
    assert found.placebo.high < 0
    assert clean.pre_trend is not None and clean.pre_trend > 0.05
    assert clean.placebo.low <= 0 <= clean.placebo.high


def test_the_interval_widens_as_trends_may_part_further() -> None:
    found = staggered(joiners(4, Joiners()), ("middle", "high"))
    assert found is not None
    widths = (found.honest["high"] - found.honest["low"]).to_numpy()
    assert (np.diff(widths) > 0).all()
    assert found.breakdown is not None
    at = found.honest.set_index("share")
    assert (at["low"] > 0).tolist() == [share < found.breakdown for share in at.index]


def test_months_that_tell_nothing_apart_leave_the_breakdown_unknown() -> None:
    """The toy's errors repeat every other month: how far trends may part cannot be read from them."""
    found = told(two_groups(repeating=True))
    assert found.breakdown is None
    assert found.honest.empty


def test_a_world_without_an_effect_has_no_breakdown_to_speak_of() -> None:
    found = staggered(joiners(5, Joiners(effect=0.0)), ("middle", "high"))
    assert found is not None
    assert found.effect.low <= 0 <= found.effect.high
    assert found.breakdown == 0


def test_who_spends_more_joins_more_and_that_alone_is_no_effect() -> None:
    """Without any effect or burst, members spend far more than others; the estimate stays at nothing."""
    panel = joiners(6, Joiners(effect=0.0, burst=0.0, before=0.0))
    late = panel[panel["month"] == 20]
    assert late.loc[late["joined"] > 0, "money"].mean() - late.loc[late["joined"] == 0, "money"].mean() > 5
    found = staggered(panel, ("middle", "high"))
    assert found is not None
    assert abs(found.effect.value) < 2
