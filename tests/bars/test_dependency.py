"""A20 for dependency: no points pressure where rewards move nobody, and found where they do; planted groups found, and no other.

TIERWISE_SEEDS sets how many worlds (200 by default in `make bars`).
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics import jobs, studies
from analytics.access import Access
from analytics.marts.build import open_current
from analytics.models.dependency import by_group
from analytics.models.hazard import Hazard, hazard
from analytics.results import Note
from analytics.studies.dependency import STUDY, Params
from data.programme import truth
from data.programme.truth import Switches
from tests.models.rewards import DAYS, rewards_world
from tests.programme.conftest import simulated

SEEDS = int(os.environ.get("TIERWISE_SEEDS", "200"))
FEW, MARGIN = 8, 0.10


def worlds(seeds: int, *, n: int = 500, **planted: float) -> list[Hazard]:
    return [hazard(rewards_world(1_000 + seed, n=n, **planted), 0, DAYS - 1) for seed in range(seeds)]


def alarms(found: list[Hazard]) -> int:
    return sum(one.pressure or one.dip for one in found)


def test_a20_without_pressure_nothing_is_found() -> None:
    found = worlds(FEW, n=250)
    assert alarms(found) <= 2  # three of eight would be chance in under 1 of 100 at 5 %
    assert all(one.naive["change"].max() > 1 for one in found)


@pytest.mark.bars
@pytest.mark.timeout(1800)
def test_a20_over_many_null_worlds() -> None:
    found = worlds(SEEDS)
    share = alarms(found) / SEEDS
    spikes = [float(one.naive.set_index("week")["change"][0]) for one in found]
    means = {name: np.mean([one.pooled[name].value for one in found]) for name in ("near", "rewarded")}
    print(f"A20 rewards: any alarm in {share:.1%} of {SEEDS} null worlds; naive spike {np.mean(spikes):+.0%}; mean change {means}")
    assert share <= 0.08
    assert min(spikes) > 1
    assert all(abs(mean) < 0.01 for mean in means.values())


@pytest.mark.bars
@pytest.mark.timeout(1800)
def test_planted_pressure_and_dips_are_found() -> None:
    seeds = max(SEEDS // 5, 5)
    pressed, dipped = worlds(seeds, pressure=1.6), worlds(seeds, dip=0.6)
    power = [np.mean([one.pressure for one in pressed]), np.mean([one.dip for one in dipped])]
    print(f"pressure x1.6 found in {power[0]:.0%}, dip x.6 in {power[1]:.0%} of {seeds} worlds")
    assert min(power) >= 0.95
    assert np.mean([one.dip for one in pressed]) <= 0.05


def flagged(switches: Switches) -> set[tuple[str, str]]:
    """Groups of the demo's customers that stand out, straight from the generator: all orders with a general discount."""
    history = simulated(switches).history
    people, orders = history.people, history.orders
    n = len(people)
    hits = np.bincount(orders.customer[orders.cut > 0], minlength=n).astype(float)
    every = np.bincount(orders.customer, minlength=n).astype(float)
    groups = {name: [str(value) for value in getattr(people, name)] for name in ("source", "region", "channel", "gender", "category")}
    table = by_group(hits, every, groups)
    out = table[(table["q"] <= 0.05) & (table["difference_low"] > MARGIN)]
    return set(zip(out["dimension"], out["group"], strict=True))


def test_the_planted_group_is_found_in_the_demo_and_no_other() -> None:
    assert flagged(Switches()) == {("source", str(truth.DEPENDENT_SOURCE))}


def test_without_it_nothing_is_found_in_the_demo() -> None:
    assert flagged(Switches().but(without=["reward_dependency"])) == set()


@pytest.mark.bars
@pytest.mark.timeout(600)
def test_the_complete_journey_is_told_to_be_on_offer_nearly_always(complete_journey: Path, home: Path) -> None:
    """Shares against pandas; a shop with a discount on five of six baskets has prices, not dependent customers."""
    jobs._load({"workspace": "journey", "paths": [str(complete_journey)], "answers": {}})
    result = studies.answer(STUDY, open_current(Access(workspace="journey")), Params())
    rows = pd.read_parquet(complete_journey).assign(off=lambda lines: lines["retail_disc"] + lines["coupon_disc"])
    baskets = rows.groupby("basket_id")[["sales_value", "off"]].sum()
    offer = (baskets["off"] / (baskets["off"] + baskets["sales_value"])).round(2) >= 0.10
    bands = result.tables["bands"].set_index("least")["share_orders"]
    assert bands[0.01] == pytest.approx((baskets["off"] > 0).mean(), abs=0.001)
    assert result.estimates["with_offer"].value == pytest.approx(
        baskets.loc[offer, "sales_value"].sum() / baskets["sales_value"].sum(), abs=0.002
    )
    assert "dependency.warnings.nearly_all" in {note.key for note in result.warnings}
    assert result.verdict.facts["groups"] == Note(key="dependency.groups.unknown")
