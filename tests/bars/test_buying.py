"""A1, A2, A3 and A16 on CDNOW: published parameters, published errors of the holdout, no wall of certainty for one-time buyers."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.models import order_value
from analytics.models.buying import Buying, fit, histories
from tests.models.cdnow import Sample, sample

WEEKS = 39.0


@pytest.fixture(scope="module")
def cdnow_sample() -> Sample:
    return sample()


@pytest.fixture(scope="module")
def fitted(cdnow_sample: Sample) -> dict[str, Buying]:
    cells = histories(cdnow_sample.x, cdnow_sample.t_x, cdnow_sample.T)
    return {family: fit(family, cells) for family in ("bg", "mbg", "pareto")}


def expected(model: Buying, data: Sample) -> np.ndarray:
    return model.model.alive(model.at, data.x, data.t_x, data.T) * model.model.orders(model.at, data.x, data.T, WEEKS)


def test_a1_bg_nbd_finds_the_published_parameters(fitted: dict[str, Buying]) -> None:
    assert fitted["bg"].at == pytest.approx([0.2426, 4.4135, 0.7929, 2.4258], rel=0.01)
    assert fitted["bg"].loglik == pytest.approx(-9582.43, abs=0.1)


def test_a2_pareto_nbd_finds_the_published_parameters(fitted: dict[str, Buying]) -> None:
    assert fitted["pareto"].at == pytest.approx([0.553, 10.58, 0.606, 11.67], rel=0.01)
    assert fitted["pareto"].loglik == pytest.approx(-9594.98, abs=0.1)


def test_a2_gamma_gamma_finds_the_published_parameters(cdnow_sample: Sample) -> None:
    (found,) = order_value.fit(cdnow_sample.x, cdnow_sample.mean).at
    assert found == pytest.approx([6.249, 3.745, 15.45], rel=0.01)


@pytest.mark.parametrize(("family", "correlation", "error"), [("bg", 0.626, -0.122), ("pareto", 0.630, -0.115)])
def test_a3_the_holdout_errs_as_published(
    family: str, correlation: float, error: float, fitted: dict[str, Buying], cdnow_sample: Sample
) -> None:
    said, came = expected(fitted[family], cdnow_sample), cdnow_sample.ahead
    naive = cdnow_sample.x / cdnow_sample.T * WEEKS
    assert np.corrcoef(said, came)[0, 1] == pytest.approx(correlation, abs=0.005)
    assert said.sum() / came.sum() - 1 == pytest.approx(error, abs=0.005)
    assert np.abs(said - came).mean() <= 0.8 * np.abs(naive - came).mean()


@pytest.mark.parametrize("family", ["mbg", "pareto"])
def test_a16_the_longer_a_one_time_buyer_is_silent_the_less_likely_they_are_a_customer(family: str, fitted: dict[str, Buying]) -> None:
    T = np.array([27.0, 30.0, 33.0, 36.0, 39.0])
    alive = fitted[family].model.alive(fitted[family].at, np.zeros(5), np.zeros(5), T)
    assert (np.diff(alive) < -0.005).all()
    assert (alive < 0.9).all()


def test_a16_bg_nbd_would_call_every_one_of_them_a_customer(fitted: dict[str, Buying]) -> None:
    assert fitted["bg"].model.alive(fitted["bg"].at, np.zeros(2), np.zeros(2), np.array([27.0, 39.0])).tolist() == [1.0, 1.0]
