"""Models of leaving, held against worlds whose risks are known."""

import numpy as np
import pandas as pd
import pytest

from analytics.models.churn import NAMES, Slice, ahead, best, crossed, fit, folds, recalibrated, tried, typed


def world(seed: int, n: int = 3_000, *, shift: float = 0.0) -> tuple[Slice, np.ndarray]:
    """Customers whose odds to leave rise with silence and differ by channel; (what is known of them, their true risks)."""
    rng = np.random.default_rng(seed)
    silence, channel = rng.exponential(30, n), rng.choice(["shop", "web", "app"], n, p=[0.5, 0.3, 0.2])
    odds = -2 + 1.2 * np.log1p(silence / 20) + 0.8 * (channel == "web") + shift
    risk = 1 / (1 + np.exp(-odds))
    features = pd.DataFrame({"silence": silence, "channel": pd.Series(channel, dtype=object), "noise": rng.normal(size=n)})
    return Slice(features=features, churned=rng.random(n) < risk), risk


@pytest.mark.parametrize("name", NAMES)
def test_risks_come_out_near_the_true_ones(name: str) -> None:
    learn, _ = world(1)
    later, truth = world(2)
    said = fit(name, learn).risk(later.features)
    assert np.sqrt(np.mean((said - truth) ** 2)) < 0.05
    assert said.mean() == pytest.approx(truth.mean(), abs=0.02)


def test_a_rare_value_is_no_group_of_its_own_and_a_new_one_no_error() -> None:
    learn, _ = world(1)
    model = fit("logistic", learn)
    strange = learn.features.head(3).assign(channel=["fax", None, "shop"])
    assert model.kept == {"channel": ["shop", "web", "app"]}
    assert np.isfinite(model.risk(strange)).all()


def test_what_is_unknown_is_told_apart_where_it_matters() -> None:
    learn, _ = world(1)
    hidden = np.arange(len(learn.churned)) % 4 == 0
    features = learn.features.assign(silence=learn.features["silence"].mask(hidden))
    told = fit("logistic", Slice(features=features, churned=learn.churned | hidden)).risk(features)
    assert told[hidden].mean() > 0.9
    assert told[~hidden].mean() < 0.6


def test_a_shifted_level_is_mended_on_a_later_slice() -> None:
    learn, _ = world(1)
    later, truth = world(2, shift=1.0)
    plain = fit("logistic", learn)
    moved = recalibrated(plain, later)
    assert plain.risk(later.features).mean() < truth.mean() - 0.1
    assert moved.risk(later.features).mean() == pytest.approx(later.churned.mean(), abs=1e-3)
    assert moved.intercept == pytest.approx(1.0, abs=0.25)


def test_the_held_out_slice_is_judged_by_models_that_did_not_know_it() -> None:
    past = [world(seed)[0] for seed in (1, 2, 3)]
    trials = tried(past)
    assert [(trial.name, trial.recalibrated) for trial in trials] == [(name, moved) for moved in (False, True) for name in NAMES]
    assert [trial.recalibrated for trial in tried(past[1:])] == [False, False]
    fresh = next(trial for trial in trials if (trial.name, trial.recalibrated) == ("logistic", False))
    assert np.allclose(fresh.risk, fit("logistic", past[1]).risk(past[2].features))


def test_the_lowest_brier_score_wins_and_goes_one_step_on() -> None:
    past = [world(1)[0], world(2)[0], world(3, shift=1.0)[0], world(4, shift=1.0)[0]]
    trials = tried(past[-3:])
    chosen = best(trials, past[-1].churned)
    assert chosen.brier(past[-1].churned) == min(trial.brier(past[-1].churned) for trial in trials)
    now, truth = world(5, shift=1.0)
    assert ahead(chosen, past).risk(now.features).mean() == pytest.approx(truth.mean(), abs=0.03)


def test_a_recalibrated_choice_is_recalibrated_again_on_the_newest_slice() -> None:
    past = [world(1)[0], world(2)[0], world(3)[0], world(4, shift=1.0)[0]]
    chosen = next(trial for trial in tried(past[:3]) if trial.recalibrated and trial.name == "logistic")
    again = ahead(chosen, past)
    direct = recalibrated(fit("logistic", past[2]), past[3])
    assert (again.intercept, again.slope) == (direct.intercept, direct.slope)


def test_out_of_fold_risks_know_nothing_of_their_own_customer() -> None:
    rng = np.random.default_rng(0)
    noise = Slice(features=pd.DataFrame(rng.normal(size=(400, 5))).add_prefix("x"), churned=rng.random(400) < 0.5)
    said = crossed("boosting", noise, folds("boosting", noise)).risk
    assert abs(np.corrcoef(said, noise.churned)[0, 1]) < 0.15  # fitted to themselves they would correlate


def test_texts_become_what_they_are() -> None:
    n = 100
    frame = pd.DataFrame(
        {
            "charge": [f"{at / 7:.2f}" for at in range(n - 1)] + [" "],
            "plan": ["A", "B"] * (n // 2),
            "number": [str(1000 + at) for at in range(n)],
            "left_on": [f"2024-05-{1 + at % 28:02d} {at}" if at % 3 == 0 else "" for at in range(n)],
            "same": ["x"] * n,
        }
    )
    told = typed(frame)
    assert list(told) == ["charge", "plan", "left_on"]  # an account number differs for everybody, and says nothing
    assert told["charge"].dtype == "float64" and told["charge"].isna().sum() == 1
    assert told["plan"].tolist()[:2] == ["A", "B"]
    assert told["left_on"].tolist()[:4] == [1.0, 0.0, 0.0, 1.0]
