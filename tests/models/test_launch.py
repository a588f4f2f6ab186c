"""A launch against series it did not reach, and launches that never were."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analytics.models import launch as model
from analytics.models.launch import checks, launch, table

WEEKS, AT, EXTRA = 78, 52, 20.0


def sold(seed: int, *, extra: float = EXTRA, everywhere: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """A reached series of about 200 a week and four that were not; `everywhere` comes to all of them from the launch on."""
    rng = np.random.default_rng(seed)
    shared = 100 + np.cumsum(rng.normal(0, 1, WEEKS)) + 8 * np.sin(np.arange(WEEKS) / 8)
    controls = np.column_stack([shared * size + rng.normal(0, 3 * size, WEEKS) for size in (0.5, 0.8, 1.2, 0.3)])
    reached = 2 * shared + rng.normal(0, 6, WEEKS)
    reached[AT:] += extra
    controls[AT:] *= 1 + everywhere
    return reached, controls


@pytest.fixture(scope="module")
def found() -> model.Launch:
    return launch(*sold(3), AT)


def passed(found: model.Launch) -> dict[str, bool | None]:
    return {check.key: check.passed for check in checks(found)}


def test_what_came_beyond_what_the_others_foretell_is_found(found: model.Launch) -> None:
    assert found.extra.low < EXTRA < found.extra.high
    assert found.extra.low > 0
    assert passed(found)["fit"] is True


def test_what_came_everywhere_is_not_the_launch() -> None:
    """All series rise by a tenth: 20 on 200 are foretold by the others."""
    everywhere = launch(*sold(3, everywhere=0.1), AT)
    assert everywhere.extra.low < 0 < everywhere.extra.high


def test_the_interval_is_as_wide_as_false_launches_are_off(found: model.Launch) -> None:
    own = 1.96 * found.course.error / found.extra.n
    assert (found.extra.high - found.extra.low) / 2 >= own
    wide = model._widened(found.course, found.extra.n, np.array([-30.0, 25.0, 30.0]))
    assert (wide.high - wide.low) / 2 > 60


def test_series_that_have_nothing_in_common_do_not_foretell() -> None:
    rng = np.random.default_rng(1)
    wild = 100 * np.exp(rng.normal(0, 1, WEEKS))
    assert passed(launch(wild, sold(3)[1], AT))["fit"] is False


def test_false_launches_that_are_all_off_to_one_side_fail(found: model.Launch) -> None:
    assert passed(replace(found, in_time=np.array([5.0, 6.0, 7.0, 6.0])))["placebo_time"] is False
    assert passed(replace(found, in_time=np.array([5.0, -6.0, 7.0, -6.0])))["placebo_time"] is True
    assert passed(replace(found, in_space=np.array([5.0])))["placebo_space"] is None


def test_the_error_of_a_sum_counts_a_walk_as_often_as_it_is_carried_on() -> None:
    """Own noise 4, a step of the walk 1: three weeks have 3 x 4 of the first, 3^2 + 2^2 + 1^2 steps of the second."""
    errors = np.sqrt(np.array([5.0, 6.0, 7.0]))
    assert model._error_of_sum(errors) == pytest.approx(np.sqrt(3 * 4 + 14))


def test_the_course_is_told_from_the_launch_on(found: model.Launch) -> None:
    weeks = pd.date_range("2024-01-01", periods=WEEKS, freq="7D")
    told = table(sold(3)[0], found, AT, weeks)
    assert len(told) == WEEKS
    assert told["expected"].isna().sum() == AT
