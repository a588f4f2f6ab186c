"""Whom an offer moves: customers ranked by the effect expected on each, held against ranking them by who buys anyway.

Everything said of a ranking is said on customers it did not learn from. That someone is likely to buy says nothing about whether the
offer makes them: only arms drawn by lot tell the two apart.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.models.threads import one_thread
from analytics.results import Estimate, Unit

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Rows = NDArray[np.int64]
Tell = Callable[[int, int], None]

FOLDS, INNER = 5, 2
DRAWS = 500
RARE = 0.02  # share of customers under which a value of a text is not told apart
STEPS = np.linspace(0, 1, 41)
TOP = 0.3  # share of customers an offer is commonly limited to
SMALL = 50_000  # customers up to which threads cost more than they bring


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Customers of whom the rankings that are judged knew nothing, nor knew the models of one another.

    uplift, response   (m,) place in each ranking, 1 for the first and near 0 for the last
    scores             (m,) the effect on each as the lot tells it, noise and all: their mean is the average effect
    """

    uplift: Floats
    response: Floats
    scores: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """What is said of every customer by models that did not know them.

    effect, chance     (n,) money expected of treating them, and probability to respond if treated
    uplift, response   (n,) their places in the two rankings
    judged             what to judge the two ways of ranking by
    """

    effect: Floats
    chance: Floats
    uplift: Floats
    response: Floats
    judged: Judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Qini:
    """What a ranking is worth.

    coefficient  area between its curve and that of chance, money a customer; 0 tells nobody apart
    top          effect a customer among the first TOP of the ranking
    curve        share, gain (money a customer of all when the first `share` are treated), low, high, chance (without a ranking)
    """

    coefficient: Estimate
    top: Estimate
    curve: pd.DataFrame

    @property
    def tells_apart(self) -> bool:
        return self.coefficient.low > 0


def ranked(
    features: pd.DataFrame,
    treated: Bools,
    money: Floats,
    responded: Bools,
    *,
    share: float,
    seed: int = 7,
    tell: Tell = lambda done, total: None,
) -> Ranked:
    """Effect by a DR-learner and probability to respond, said of customers by models that did not know them.

    Shapes  features n rows, as known before the lot: numbers (nan unknown) and texts; treated, money, responded (n,)
    share   probability to be treated, as drawn
    How     boosted trees foretell money with and without treatment, the lot corrects them, a ridge regression of the corrected
            differences gives the effect expected on each; boosted trees on the treated give the probability to respond. Ranks are
            within a fold: two models' scores are not of one scale
    Source  Kennedy (2023), Electronic Journal of Statistics 17:3008-3049
    """
    drawn = _Drawn(x=coded(features), treated=treated, money=money, responded=responded, share=share, seed=seed)
    parts = _folds(treated, seed)
    found = {name: np.zeros(len(features)) for name in ("effect", "chance", "uplift", "response")}
    with _threads(len(features)):
        judged = _judged(drawn, [held for _, held in parts], lambda at: tell(at, 2 * FOLDS))
        for at, (learn, held) in enumerate(parts):
            tell(FOLDS + at, 2 * FOLDS)
            for name, values in _said(drawn, learn, held).items():
                found[name][held] = values
    return Ranked(judged=judged, **found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    x: Floats
    treated: Bools
    money: Floats
    responded: Bools
    share: float
    seed: int

    def at(self, rows: Rows) -> tuple[Floats, Bools, Floats]:
        return self.x[rows], self.treated[rows], self.money[rows]


def _said(drawn: _Drawn, learn: Rows, held: Rows) -> dict[str, Floats]:
    """What models of some customers say of others."""
    some = learn[drawn.treated[learn]]
    effect = _expected(*drawn.at(learn), drawn.x[held], drawn.share, drawn.seed)
    chance = _chance(drawn.x[some], drawn.responded[some], drawn.x[held], drawn.seed)
    return {"effect": effect, "chance": chance, "uplift": _place(effect, drawn.seed), "response": _place(chance, drawn.seed)}


def _judged(drawn: _Drawn, parts: list[Rows], tell: Callable[[int], None]) -> Judged:
    """Each fold judged by models of the folds before it.

    Why     with models of all other folds two customers would each have a part in the ranking of the other, and the intervals of an
            offer that moves nobody would be too short by the root of two
    Source  Wager (2024), Sequential validation of treatment heterogeneity, arXiv:2405.05534
    """
    said: list[dict[str, Floats]] = []
    for at in range(1, len(parts)):
        tell(at)
        learn, held = np.concatenate(parts[:at]), parts[at]
        foretold = _foretold(*drawn.at(learn), drawn.x[held], drawn.seed)
        scores = _scores(foretold, drawn.treated[held], drawn.money[held], drawn.share)
        said.append({**_said(drawn, learn, held), "scores": scores})
    return Judged(**{name: np.concatenate([one[name] for one in said]) for name in ("uplift", "response", "scores")})


def responders(features: pd.DataFrame, responded: Bools, *, seed: int = 7) -> tuple[Floats, Floats]:
    """(place, probability) to respond of customers who were all contacted, from models that did not know them. No effect of anything."""
    x, place, chance = coded(features), np.zeros(len(features)), np.zeros(len(features))
    with _threads(len(x)):
        for learn, held in _folds(responded, seed):
            chance[held] = _chance(x[learn], responded[learn], x[held], seed)
            place[held] = _place(chance[held], seed)
    return place, chance


def qini(place: Floats, scores: Floats, *, draws: int = DRAWS, seed: int = 7, level: float = 0.95) -> Qini:
    """The worth of a ranking on customers it did not know, with bootstrap intervals over them.

    Shapes  place (n,) 1 for the first; scores (n,) as in Judged
    Unit    money a customer
    Source  Radcliffe (2007), Direct Marketing Analytics Journal 1:14-21; Yadlowsky et al. (2025), JASA 120:38-51
    """
    order = np.argsort(-place, kind="stable")
    ordered, n, rng = scores[order], len(order), np.random.default_rng(seed)
    gains, areas, tops = _measured(ordered, np.ones(n))
    drawn = [_measured(ordered, rng.multinomial(n, np.full(n, 1 / n)).astype(float)) for _ in range(draws)]
    ends = [0.5 - level / 2, 0.5 + level / 2]
    low, high = np.quantile([one[0] for one in drawn], ends, axis=0)
    told = [
        Estimate(value=value, low=float(span[0]), high=float(span[1]), n=n, unit=Unit.MONEY, level=level)
        for value, span in ((areas, np.quantile([one[1] for one in drawn], ends)), (tops, np.quantile([one[2] for one in drawn], ends)))
    ]
    curve = pd.DataFrame({"share": STEPS, "gain": gains, "low": low, "high": high, "chance": STEPS * gains[-1]})
    return Qini(coefficient=told[0], top=told[1], curve=curve)


def _measured(ordered: Floats, weight: Floats) -> tuple[Floats, float, float]:
    """(gain at each step, area above chance, effect a customer of the first TOP) of weighted customers, the first ones first."""
    seen, got = np.r_[0.0, np.cumsum(weight)] / weight.sum(), np.r_[0.0, np.cumsum(weight * ordered)] / weight.sum()
    area = float(np.trapezoid(got, seen) - got[-1] / 2)
    return np.interp(STEPS, seen, got), area, float(np.interp(TOP, seen, got) / TOP)


def coded(features: pd.DataFrame) -> Floats:
    """Numbers on a logarithmic scale, unknown ones at the median and marked; one column a frequent value of a text."""
    columns: list[Floats] = []
    for name in features:
        column = features[name]
        columns += _number(column.to_numpy(float)) if pd.api.types.is_numeric_dtype(column) else _text(column)
    kept = [column for column in columns if column.std() > 0]
    return np.column_stack([(column - column.mean()) / column.std() for column in kept]) if kept else np.zeros((len(features), 1))


def _number(values: Floats) -> list[Floats]:
    unknown = np.isnan(values)
    spread = np.sign(values) * np.log1p(np.abs(values))
    filled = np.where(unknown, np.nanmedian(spread) if not unknown.all() else 0.0, spread)
    return [filled, unknown.astype(float)]


def _text(column: pd.Series) -> list[Floats]:
    shares = column.value_counts(normalize=True)
    return [(column == value).fillna(False).to_numpy(float) for value in shares[shares >= RARE].index]


def _folds(stratum: Bools, seed: int, parts: int = FOLDS) -> list[tuple[Rows, Rows]]:
    from sklearn.model_selection import StratifiedKFold

    return list(StratifiedKFold(parts, shuffle=True, random_state=seed).split(np.zeros(len(stratum)), stratum))


def _expected(x: Floats, treated: Bools, money: Floats, held: Floats, share: float, seed: int) -> Floats:
    """The effect expected on held-out customers, from corrected differences of customers that the trees did not know."""
    from sklearn.linear_model import RidgeCV

    differences = np.zeros(len(x))
    for learn, rest in _folds(treated, seed, INNER):
        foretold = _foretold(x[learn], treated[learn], money[learn], x[rest], seed)
        differences[rest] = _scores(foretold, treated[rest], money[rest], share)
    ridge = RidgeCV(alphas=len(x) * np.logspace(-3, 2, 11)).fit(x, differences)
    return np.asarray(ridge.predict(held))


def _foretold(x: Floats, treated: Bools, money: Floats, held: Floats, seed: int) -> tuple[Floats, Floats]:
    """Money of held-out customers with treatment and without."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    with_, without = (HistGradientBoostingRegressor(**_trees(seed)).fit(x[side], money[side]).predict(held) for side in (treated, ~treated))
    return np.asarray(with_), np.asarray(without)


def _scores(foretold: tuple[Floats, Floats], treated: Bools, money: Floats, share: float) -> Floats:
    """The effect on each customer, right on average whatever the trees said: what they missed is weighted by the lot."""
    with_, without = foretold
    missed = np.where(treated, (money - with_) / share, -(money - without) / (1 - share))
    return np.asarray(with_ - without + missed)


def _chance(x: Floats, responded: Bools, held: Floats, seed: int) -> Floats:
    from sklearn.ensemble import HistGradientBoostingClassifier

    if responded.all() or not responded.any():
        return np.full(len(held), float(responded.mean()))
    return np.asarray(HistGradientBoostingClassifier(**_trees(seed)).fit(x, responded).predict_proba(held)[:, 1])


def _trees(seed: int) -> dict[str, Any]:
    """Few small trees, slowly: what people buy is noise for the most part."""
    size = {"max_iter": 60, "max_leaf_nodes": 6, "min_samples_leaf": 50}
    return {**size, "learning_rate": 0.08, "l2_regularization": 5.0, "early_stopping": False, "random_state": seed}


def _place(values: Floats, seed: int) -> Floats:
    """Rank from the top as a share, ties by lot."""
    shuffled = np.random.default_rng(seed).permutation(len(values))
    rank = np.empty(len(values))
    rank[np.lexsort((shuffled, values))] = np.arange(1, len(values) + 1)
    return rank / len(values)


def _threads(n: int) -> AbstractContextManager[Any]:
    return one_thread("sklearn.ensemble") if n <= SMALL else nullcontext()
