"""The drift alarm over many worlds: quiet where nothing changes, heard where customers slow down. TIERWISE_SEEDS sets how many."""

import os

import numpy as np
import pytest

from tests.models.test_frozen_and_drift import alarm
from tests.models.worlds import steady_world

SEEDS = int(os.environ.get("TIERWISE_SEEDS", "200"))


@pytest.mark.bars
@pytest.mark.timeout(3600)
def test_without_drift_the_alarm_is_quiet() -> None:
    quiet = np.mean([not alarm(*steady_world(seed)) for seed in range(SEEDS)])
    print(f"no alarm in {quiet:.3f} of {SEEDS} steady worlds")
    assert quiet >= 0.92


@pytest.mark.bars
@pytest.mark.timeout(3600)
def test_with_drift_the_alarm_is_heard() -> None:
    heard = np.mean([alarm(*steady_world(seed, slowed=0.7)) for seed in range(SEEDS)])
    print(f"alarm in {heard:.3f} of {SEEDS} worlds in which seven of ten customers slow down")
    assert heard >= 0.92
