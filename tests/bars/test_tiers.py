"""A20 for tiers: where a tier does nothing, spend around its changes is not said to be apart from chance; what is planted is found.

TIERWISE_SEEDS sets how many worlds there are.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from analytics import demo
from analytics.access import Access
from analytics.marts.build import open_current
from analytics.models.tier_events import course
from analytics.studies import tier_quality_now as now
from analytics.studies.tier_rules import Rules, rules
from tests.models.test_tier_events import world

SEEDS = int(os.environ.get("TIERWISE_SEEDS", "200"))


@pytest.mark.bars
@pytest.mark.parametrize("way", [1, -1])
def test_a20_no_effect_of_a_tier_is_seen_where_there_is_none(way: int) -> None:
    found = [one for seed in range(SEEDS) if (one := course(world(seed), way)) is not None]
    apart = [not one.beyond.low <= 0 <= one.beyond.high for one in found]
    print(f"A20 tiers {way:+d}: {np.mean(apart):.1%} of {SEEDS} null worlds, bias {np.mean([one.beyond.value for one in found]):+.4f}")
    assert len(found) == SEEDS
    assert np.mean(apart) <= 0.08


@pytest.mark.bars
def test_nobody_is_misfiled_in_the_demo_without_mistakes(home: Path) -> None:
    demo.load("plain", "en", off=["mistiered"])
    house = open_current(Access(workspace="plain"))
    by = rules(house)
    assert isinstance(by, Rules)
    found = now.at_review(house, by)
    assert found is not None
    assert now.share_off(found[1]).high < 0.005  # what errors in the data leave
