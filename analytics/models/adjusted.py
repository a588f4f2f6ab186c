"""What joining brought those who joined, compared with others alike before: doubly robust and cross-fitted, with what would undo it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from analytics.models.evidence import Check
from analytics.models.threads import one_thread
from analytics.results import Estimate, Unit

if TYPE_CHECKING:
    from doubleml import DoubleMLIRM

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Splits = list[list[tuple[NDArray[np.int_], NDArray[np.int_]]]]

REPETITIONS, FOLDS = 5, 5
MOST = 30_000  # customers; of more, a sample
SOME = 8_000  # for benchmarks
BALANCED = 0.1  # standardised difference up to which two groups are alike
INSIDE = (0.02, 0.98)  # chances to be treated at which there is somebody to compare with
ALONE = 0.05  # share of the treated that may lie above it
SMALL = 1 / 3  # of the effect: what a placebo must rule out
EFFECTIVE = 50.0  # weighted controls must count for as many
CLIP = 1e-3  # chances are held this far from 0 and 1
STRONGEST = 0.95  # a confounder cannot be stronger on this scale
STEPS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Customers who were treated and others who were not.

    outcome     (n,) what came after; treated (n,)
    covariates  n numeric columns without gaps, known before the treatment
    groups      covariate as people call it -> its columns
    """

    outcome: Floats
    treated: Bools
    covariates: pd.DataFrame
    groups: Mapping[str, tuple[str, ...]]

    def part(self, chosen: NDArray[Any]) -> Comparison:
        return replace(self, outcome=self.outcome[chosen], treated=self.treated[chosen], covariates=self.covariates.iloc[chosen])


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusted:
    """What adjusting for the covariates leaves of the difference.

    effect       mean effect on the treated
    learners     what foretells the outcome of controls, and the treatment
    propensity   (n,) chance of each to be treated
    alone        share of the treated who have nobody alike; effective: weighted controls count for as many
    balance      covariate, before, after: standardised differences
    overlap      low, high, treated, controls: customers by chance to be treated
    """

    effect: Estimate
    learners: tuple[str, str]
    propensity: Floats
    alone: float
    effective: float
    balance: pd.DataFrame
    overlap: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """How strong something unseen would have to be.

    robustness   strength on both sides that takes the interval to zero
    benchmarks   covariate, cf_d, cf_y: what leaving it out shows of its strength, the strongest first
    under        interval under a confounder as strong on each side as the strongest observed covariate is there
    grid         cf_d, cf_y, bound: the end of the interval next to zero
    """

    robustness: float
    benchmarks: pd.DataFrame
    under: tuple[float, float]
    grid: pd.DataFrame


def adjusted(data: Comparison, *, unit: Unit = Unit.MONEY, seed: int = 7) -> tuple[Adjusted, Sensitivity]:
    """The mean effect on the treated, how alike the sides are, and what a confounder would do to it.

    Shapes  both sides hold at least 2 x FOLDS customers; above MOST customers a sample is taken
    How     interactive regression with the ATTE score, 5 x 5 cross-fitting, median over repetitions; linear or boosted outcomes,
            linear or splined log odds, whichever foretells better out of fold
    Source  Chernozhukov et al. (2018), Econometrics Journal 21:C1-C68; Chernozhukov et al. (2022), NBER 30302 (sensitivity)
    """
    data = sampled(data, seed)
    with _calm():
        chosen = _learners(data, seed)
        model = _fitted(data, chosen, _splits(data, REPETITIONS, seed))
        propensity = np.clip(model.predictions["ml_m"][:, :, 0].mean(axis=1), CLIP, 1 - CLIP)
        weights = _weights(data, propensity)
        found = Adjusted(
            effect=_effect(model, unit),
            learners=chosen,
            propensity=propensity,
            alone=float((propensity[data.treated] > INSIDE[1]).mean()),
            effective=float(weights[~data.treated].sum() ** 2 / (weights[~data.treated] ** 2).sum()),
            balance=_balance(data, weights),
            overlap=_overlap(data, propensity),
        )
        return found, _sensitivity(model, data, chosen, seed)


def estimate(data: Comparison, *, unit: Unit = Unit.MONEY, seed: int = 7) -> Estimate:
    """The mean effect on the treated alone, as `adjusted` has it: on an outcome from before the treatment it should be zero."""
    data = sampled(data, seed)
    with _calm():
        return _effect(_fitted(data, _learners(data, seed), _splits(data, REPETITIONS, seed)), unit)


def checks(found: Adjusted, sensitivity: Sensitivity, placebo: Estimate | None) -> tuple[Check, ...]:
    """What the design is held against.

    Why  a placebo that includes zero, but not only what is small beside the effect, proves nothing: it counts as not made
    """
    n = found.effect.n
    worst = float(found.balance["after"].abs().max())
    return (
        Check(key="overlap", passed=found.alone <= ALONE and found.effective >= EFFECTIVE, value=found.alone, bound=ALONE, n=n),
        Check(key="balance", passed=worst <= BALANCED, value=worst, bound=BALANCED, n=n),
        _placebo(found.effect, placebo),
        _withstands(found.effect, sensitivity),
    )


def _placebo(effect: Estimate, placebo: Estimate | None) -> Check:
    if placebo is None:
        return Check(key="placebo", passed=None)
    quiet = placebo.low <= 0 <= placebo.high
    seeing = max(-placebo.low, placebo.high) <= SMALL * abs(effect.value)
    passed = None if quiet and not seeing else quiet
    return Check(key="placebo", passed=passed, value=placebo.value, bound=(placebo.high - placebo.low) / 2, n=placebo.n)


def _withstands(effect: Estimate, sensitivity: Sensitivity) -> Check:
    """Whether the interval keeps its sign under a confounder as strong as the strongest observed covariate."""
    low, high = sensitivity.under
    near = low if effect.value > 0 else high
    passed = near * effect.value > 0 and (effect.low > 0 or effect.high < 0)
    return Check(key="sensitivity", passed=passed, value=near, bound=0.0, n=effect.n)


def sampled(data: Comparison, seed: int, most: int = MOST) -> Comparison:
    """At most so many customers, the treated kept before the others: they are the fewer, and the effect is theirs."""
    if len(data.outcome) <= most:
        return data
    rng = np.random.default_rng(seed)
    sides = [rng.permutation(np.flatnonzero(side)) for side in (data.treated, ~data.treated)]
    treated = sides[0][: most // 2]
    return data.part(np.sort(np.concatenate([treated, sides[1][: most - len(treated)]])))


@contextmanager
def _calm() -> Iterator[None]:
    """One thread, as many small fits only wait for each other; no warnings on chances that are clipped, which `alone` tells."""
    with one_thread("sklearn.ensemble"), warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="doubleml")
        yield


def _outcomes() -> dict[str, Any]:
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    trees = {
        "max_iter": 60,
        "max_leaf_nodes": 8,
        "min_samples_leaf": 40,
        "l2_regularization": 5.0,
        "early_stopping": False,
        "random_state": 0,
    }
    return {"linear": make_pipeline(StandardScaler(), Ridge(1.0)), "boosting": HistGradientBoostingRegressor(**trees)}


def _treatments() -> dict[str, Any]:
    """Logistic, in the covariates or in splines of them.

    Why  trees give chances that are too sure where few are treated: their weights left 5 of 16,000 controls to compare with
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import SplineTransformer, StandardScaler

    bends = SplineTransformer(n_knots=4, degree=2, knots="quantile", extrapolation="linear")
    plain = LogisticRegression(max_iter=500)
    return {
        "linear": make_pipeline(StandardScaler(), plain),
        "splines": make_pipeline(bends, StandardScaler(), LogisticRegression(C=0.3, max_iter=500)),
    }


def _learners(data: Comparison, seed: int) -> tuple[str, str]:
    """Which learner foretells the outcome of controls, and which the treatment, best out of fold."""
    from sklearn.model_selection import StratifiedKFold, cross_val_score

    x, d = data.covariates.to_numpy(), data.treated
    folds = StratifiedKFold(3, shuffle=True, random_state=seed)
    losses = [
        {
            name: cross_val_score(g, x[~d], data.outcome[~d], scoring="neg_mean_squared_error", cv=3).mean()
            for name, g in _outcomes().items()
        },
        {name: cross_val_score(m, x, d, scoring="neg_log_loss", cv=folds).mean() for name, m in _treatments().items()},
    ]
    outcome, treatment = (max(loss, key=lambda name: loss[name]) for loss in losses)
    return outcome, treatment


def _splits(data: Comparison, repetitions: int, seed: int) -> Splits:
    from sklearn.model_selection import StratifiedKFold

    drawn = (StratifiedKFold(FOLDS, shuffle=True, random_state=seed + at) for at in range(repetitions))
    return [list(folds.split(data.covariates, data.treated)) for folds in drawn]


def _fitted(data: Comparison, chosen: tuple[str, str], splits: Splits, without: tuple[str, ...] = ()) -> DoubleMLIRM:
    from doubleml import DoubleMLData, DoubleMLIRM
    from doubleml.utils.propensity_score_processing import PSProcessorConfig

    covariates = data.covariates.drop(columns=list(without))
    table = DoubleMLData.from_arrays(covariates.to_numpy(float), data.outcome, data.treated.astype(float))
    model = DoubleMLIRM(
        table,
        _outcomes()[chosen[0]],
        _treatments()[chosen[1]],
        n_folds=FOLDS,
        n_rep=len(splits),
        score="ATTE",
        ps_processor_config=PSProcessorConfig(clipping_threshold=CLIP),
        draw_sample_splitting=False,
    )
    return model.set_sample_splitting(splits).fit()


def _effect(model: DoubleMLIRM, unit: Unit) -> Estimate:
    low, high = model.confint(level=0.95).to_numpy()[0]
    return Estimate(value=float(model.coef[0]), low=float(low), high=float(high), n=int(model.n_obs), unit=unit)


def _weights(data: Comparison, propensity: Floats) -> Floats:
    """Controls weigh as they look like the treated."""
    return np.where(data.treated, 1.0, propensity / (1 - propensity))


def _balance(data: Comparison, weights: Floats) -> pd.DataFrame:
    x, d = data.covariates.to_numpy(float), data.treated
    spread = np.sqrt((x[d].var(axis=0) + x[~d].var(axis=0)) / 2)
    spread = np.where(spread > 0, spread, 1.0)
    middle = np.average(x[~d], axis=0, weights=weights[~d])
    before, after = (x[d].mean(axis=0) - x[~d].mean(axis=0)) / spread, (x[d].mean(axis=0) - middle) / spread
    return pd.DataFrame({"covariate": data.covariates.columns, "before": before, "after": after})


def _overlap(data: Comparison, propensity: Floats) -> pd.DataFrame:
    edges = np.linspace(0, 1, 21)
    counts = [np.histogram(propensity[side], edges)[0] for side in (data.treated, ~data.treated)]
    return pd.DataFrame({"low": edges[:-1], "high": edges[1:], "treated": counts[0], "controls": counts[1]})


def _sensitivity(model: DoubleMLIRM, data: Comparison, chosen: tuple[str, str], seed: int) -> Sensitivity:
    benchmarks = _benchmarks(data, chosen, seed)
    model.sensitivity_analysis(cf_y=float(benchmarks["cf_y"].max()), cf_d=float(benchmarks["cf_d"].max()), level=0.975)
    params = model.sensitivity_params
    under = (float(params["ci"]["lower"][0]), float(params["ci"]["upper"][0]))
    robustness = float(params["rva"][0])
    return Sensitivity(robustness=robustness, benchmarks=benchmarks, under=under, grid=_grid(model, benchmarks, robustness))


def _benchmarks(data: Comparison, chosen: tuple[str, str], seed: int) -> pd.DataFrame:
    """What leaving out each covariate shows of its strength; one repetition on some of the customers, as there is a fit a covariate."""
    from doubleml.utils.gain_statistics import gain_statistics

    data = sampled(data, seed, SOME)
    splits = _splits(data, 1, seed)
    long = _fitted(data, chosen, splits)
    rows = []
    for name, columns in data.groups.items():
        gains = gain_statistics(long, _fitted(data, chosen, splits, columns))
        cf_d, cf_y = (min(float(gains[side][0]), STRONGEST) for side in ("cf_d", "cf_y"))
        rows.append({"covariate": name, "cf_d": cf_d, "cf_y": cf_y, "strength": cf_y * cf_d / (1 - cf_d)})
    return pd.DataFrame(rows).sort_values(["strength", "covariate"], ascending=[False, True], ignore_index=True).drop(columns="strength")


def _grid(model: DoubleMLIRM, benchmarks: pd.DataFrame, robustness: float) -> pd.DataFrame:
    """The interval's end next to zero under confounders of every strength up to twice the strongest seen."""
    most = [min(STRONGEST, max(0.02, 1.5 * robustness, 2 * float(benchmarks[side].max()))) for side in ("cf_d", "cf_y")]
    d, y = (side.ravel() for side in np.meshgrid(*(np.linspace(0, most[at], STEPS) for at in (0, 1)), indexing="ij"))
    return pd.DataFrame({"cf_d": d, "cf_y": y, "bound": _near(model, np.sqrt(y * d / (1 - d)))})


def _near(model: DoubleMLIRM, strength: Floats) -> Floats:
    """The end of the 95 % interval next to zero under confounders of each strength, (k,).

    Why  the library has it for one strength at a time, and searches its robustness value anew each time
    """
    sign = 1.0 if model.coef[0] > 0 else -1.0
    bias, psi_bias = (model.framework.sensitivity_elements[name] for name in ("max_bias", "psi_max_bias"))
    ends = []
    for at in range(model.n_rep):
        psi, push = model.framework.scaled_psi[:, 0, at], psi_bias[:, 0, at]
        moments = [float(np.mean(product)) for product in (psi**2, psi * push, push**2)]
        spread = moments[0] - 2 * sign * strength * moments[1] + strength**2 * moments[2]
        ends.append(model.all_coef[0, at] - sign * (strength * float(bias[0, 0, at]) + norm.ppf(0.975) * np.sqrt(spread / len(psi))))
    return np.asarray(np.median(ends, axis=0))
