"""Who will leave: a logistic regression with splines and boosted trees, learned from one moment and judged at a later one.

Classes are never reweighted: a reweighted model ranks alike, but what it says is no longer a probability.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Name = Literal["logistic", "boosting"]

NAMES: tuple[Name, ...] = ("logistic", "boosting")
FEW_VALUES = 10  # a number with fewer different values gets no curve
RARE, MOST = 0.01, 20  # share of customers under which a value of a text is not told apart; values told apart at most
FOLDS = 5
SMALL = 50_000  # customers up to which threads cost more than they bring
_EDGE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Customers as they were known at one moment, and whether they had left a horizon later.

    Shapes  features n rows: numbers (nan where unknown) and texts; churned (n,)
    """

    features: pd.DataFrame
    churned: Bools

    def at(self, rows: NDArray[Any]) -> Slice:
        return Slice(features=self.features.iloc[rows], churned=self.churned[rows])

    def without(self, *columns: str) -> Slice:
        return replace(self, features=self.features.drop(columns=list(columns)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A fitted model. intercept, slope: how its log odds were moved on a later slice (0 and 1 when they were not)."""

    name: Name
    kept: dict[str, list[str]]
    estimator: Any
    intercept: float = 0.0
    slope: float = 1.0

    def coded(self, features: pd.DataFrame) -> pd.DataFrame:
        """The features as the model reads them, for those who ask for many risks of the same customers."""
        return _coded(features, self.kept)

    def risk(self, features: pd.DataFrame) -> Floats:
        """n rows, coded or not -> (n,) probability to leave."""
        with _threads(len(features)):
            raw = self.estimator.predict_proba(_coded(features, self.kept))[:, 1]
        return raw if (self.intercept, self.slope) == (0.0, 1.0) else _expit(self.intercept + self.slope * _logit(raw))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One way to predict: its models (one, or one a fold), and what they said of held-out customers, of whom they knew nothing."""

    name: Name
    recalibrated: bool
    models: tuple[Model, ...]
    risk: Floats

    def brier(self, churned: Bools) -> float:
        return float(np.mean((self.risk - churned) ** 2))


def fit(name: Name, learn: Slice, *, seed: int = 7) -> Model:
    """The model learned from a slice.

    Raises  ValueError when nobody left or nobody stayed
    """
    kept = _kept(learn.features)
    coded = _coded(learn.features, kept)
    estimator = _logistic(coded) if name == "logistic" else _boosting(seed)
    with _threads(len(coded)):
        return Model(name=name, kept=kept, estimator=estimator.fit(coded, learn.churned))


def recalibrated(model: Model, later: Slice) -> Model:
    """The model with its log odds moved and stretched to fit a later slice.

    Source  Cox (1958), Biometrika 45:562-565
    """
    from sklearn.linear_model import LogisticRegression

    odds = _logit(model.risk(later.features)).reshape(-1, 1)
    found = LogisticRegression(C=np.inf).fit(odds, later.churned)
    return replace(model, intercept=float(found.intercept_[0]), slope=float(found.coef_[0, 0]))


def tried(past: Sequence[Slice]) -> list[Trial]:
    """Both models judged on the last slice: learned from the one before, and, where there are three, learned from the one before that and
    recalibrated on the one between.

    Shapes  past: oldest first, at least two, each at least a horizon after the one before
    """
    held = past[-1].features
    trials = [_trial(fit(name, past[-2]), held, recalibrated=False) for name in NAMES]
    if len(past) > 2:
        trials += [_trial(recalibrated(fit(name, past[-3]), past[-2]), held, recalibrated=True) for name in NAMES]
    return trials


def _trial(model: Model, held: pd.DataFrame, *, recalibrated: bool) -> Trial:
    return Trial(name=model.name, recalibrated=recalibrated, models=(model,), risk=model.risk(held))


def best(trials: Sequence[Trial], churned: Bools) -> Trial:
    """The trial with the lowest Brier score on the held-out customers."""
    return min(trials, key=lambda trial: trial.brier(churned))


def ahead(chosen: Trial, past: Sequence[Slice]) -> Model:
    """What the chosen trial did, one step on: the model for customers as they are now."""
    return recalibrated(fit(chosen.name, past[-2]), past[-1]) if chosen.recalibrated else fit(chosen.name, past[-1])


def folds(name: Name, every: Slice, *, seed: int = 7) -> list[tuple[Model, NDArray[np.int64]]]:
    """Models that each know all customers but a fold of them, with the rows of that fold: for data without dates."""
    from sklearn.model_selection import StratifiedKFold

    parts = StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(every.features, every.churned)
    return [(fit(name, every.at(learn)), judge) for learn, judge in parts]


def crossed(name: Name, every: Slice, parts: Sequence[tuple[Model, NDArray[np.int64]]]) -> Trial:
    """Out-of-fold risks: each customer is judged by the model that did not know them."""
    risk = np.empty(len(every.churned))
    for model, judge in parts:
        risk[judge] = model.risk(every.features.iloc[judge])
    return Trial(name=name, recalibrated=False, models=tuple(model for model, _ in parts), risk=risk)


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Columns of texts as what they are: numbers where nearly all read as numbers; an identifier, a date or a remark, which differs for
    nearly everybody, only as filled or not. Columns without variation go."""
    columns = {str(name): _typed(frame[name]) for name in frame}
    return pd.DataFrame({name: column for name, column in columns.items() if column.nunique(dropna=False) > 1}, index=frame.index)


def _typed(column: pd.Series) -> pd.Series:
    text = column.astype("string").str.strip()
    text = text.mask(text == "")
    known = text.dropna()
    numbers = pd.to_numeric(known, errors="coerce")
    if len(known) and numbers.notna().mean() >= 0.95 and not (numbers.is_unique and (numbers % 1 == 0).all()):
        return pd.Series(pd.to_numeric(text, errors="coerce").astype("float64"))
    if known.nunique() > max(MOST, 0.5 * len(known)):
        return pd.Series(text.notna().astype("float64"))
    return pd.Series(text.astype(object).where(text.notna(), None))


def _threads(n: int) -> Any:
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1 if n <= SMALL else None)


def _kept(features: pd.DataFrame) -> dict[str, list[str]]:
    """The values of each text that are told apart."""
    texts = [name for name in features if not pd.api.types.is_numeric_dtype(features[name])]
    shares = {name: features[name].value_counts(normalize=True) for name in texts}
    return {str(name): [str(value) for value in share[share >= RARE].head(MOST).index] for name, share in shares.items()}


def _coded(features: pd.DataFrame, kept: dict[str, list[str]]) -> pd.DataFrame:
    """Texts as categories; what is rare or new is one category, what is unknown another."""
    plain = {name: values for name, values in kept.items() if not isinstance(features[name].dtype, pd.CategoricalDtype)}
    return features.assign(**{name: _category(features[name], values) for name, values in plain.items()})


def _category(column: pd.Series, values: list[str]) -> Any:
    text = column.astype(object)
    told = np.where(text.isna(), "", np.where(text.isin(values), text, "\u2026"))
    return pd.Categorical(told, categories=[*values, "\u2026", ""])


def _logistic(coded: pd.DataFrame) -> Any:
    """Splines of the logarithm for what is counted, one indicator a value for what is named, a mild ridge."""
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, SplineTransformer, StandardScaler

    numbers = [name for name in coded if not isinstance(coded[name].dtype, pd.CategoricalDtype)]
    curved = [name for name in numbers if coded[name].nunique() > FEW_VALUES]
    spline = SplineTransformer(5, knots="quantile", extrapolation="constant")
    columns = make_column_transformer(
        (make_pipeline(FunctionTransformer(_log), SimpleImputer(), StandardScaler(), spline), curved),
        (FunctionTransformer(_missing), [name for name in curved if coded[name].isna().any()]),
        (SimpleImputer(add_indicator=True, keep_empty_features=True), [name for name in numbers if name not in curved]),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), [name for name in coded if name not in numbers]),
    )
    return make_pipeline(columns, StandardScaler(), LogisticRegression(C=0.1, solver="newton-cholesky", max_iter=100))


def _boosting(seed: int) -> Any:
    """Many small trees, slowly: churn tables are noisy."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        learning_rate=0.06,
        max_iter=100,
        max_leaf_nodes=6,
        min_samples_leaf=50,
        l2_regularization=5.0,
        categorical_features="from_dtype",
        early_stopping=False,
        random_state=seed,
    )


def _log(values: Any) -> Any:
    """Counts, money and days spread over powers of ten; the sign of money that was refunded is kept."""
    return np.sign(values) * np.log1p(np.abs(values))


def _missing(values: pd.DataFrame) -> Any:
    return values.isna().to_numpy(float)


def _logit(risk: Floats) -> Floats:
    inside = np.clip(risk, _EDGE, 1 - _EDGE)
    return np.asarray(np.log(inside / (1 - inside)))


def _expit(odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-odds)))
