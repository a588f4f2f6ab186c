"""A guard against predictions that are too good to be true: which column knows the answer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.models.churn import FOLDS, Floats, Slice, fit

LIMIT = 0.95  # AUC on customers the model did not know, above which something gives the answer away
ENOUGH = 20_000


def suspects(every: Slice, *, later: Slice | None = None, limit: float = LIMIT, seed: int = 7) -> dict[str, float]:
    """Columns that give the answer away, the plainest first, each with the AUC that it reaches by itself (or, when only columns
    together do, with the AUC that is left without it).

    Shapes  every: customers to learn from; later: to judge on, else every in folds. Called when a model's AUC is above `limit`
    How     each column alone, judged on customers it was not learned from; if none is above the limit, those without
            which the model is no longer above it: two columns may each hold half of the answer
    """
    learn, judge = _few(every, seed), None if later is None else _few(later, seed)
    alone = {str(name): _alone(str(name), learn, judge) for name in learn.features}
    found = {name: auc for name, auc in sorted(alone.items(), key=lambda item: -item[1]) if auc > limit}
    return found or _needed(learn, judge, limit)


def alone(every: Slice, *, seed: int = 7) -> dict[str, float]:
    """AUC that each column reaches by itself, out of fold."""
    few = _few(every, seed)
    return {str(name): _alone(str(name), few, None) for name in few.features}


def auc(risk: Floats, churned: NDArray[np.bool_]) -> float:
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(churned, risk))


def _few(every: Slice, seed: int) -> Slice:
    rows = np.random.default_rng(seed).permutation(len(every.churned))[:ENOUGH]
    return every.at(np.sort(rows))


def _alone(name: str, learn: Slice, judge: Slice | None) -> float:
    column = Slice(features=_plain(learn.features[name]), churned=learn.churned)
    if judge is None:
        return _of_tree(column, None)
    return _of_tree(column, Slice(features=_plain(judge.features[name], like=learn.features[name]), churned=judge.churned))


def _plain(column: pd.Series, like: pd.Series | None = None) -> pd.DataFrame:
    """A column as numbers a tree can cut: texts by code, the unknown apart."""
    if pd.api.types.is_numeric_dtype(column):
        return column.astype(float).to_frame()
    values = pd.Index((column if like is None else like).dropna().unique())
    codes = np.where(column.isna(), -2.0, values.get_indexer(column).astype(float))
    return pd.DataFrame({str(column.name): codes})


def _of_tree(learn: Slice, judge: Slice | None) -> float:
    """AUC of a small tree on customers it does not know."""
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.tree import DecisionTreeClassifier

    tree = DecisionTreeClassifier(max_leaf_nodes=16, min_samples_leaf=10, random_state=0)
    if judge is not None:
        return auc(tree.fit(learn.features, learn.churned).predict_proba(judge.features)[:, 1], judge.churned)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    risk = cross_val_predict(tree, learn.features, learn.churned, cv=folds, method="predict_proba")
    return auc(risk[:, 1], learn.churned)


def _needed(learn: Slice, judge: Slice | None, limit: float) -> dict[str, float]:
    """The columns without any of which the model is no longer too good, else the one without which it falls furthest; with the AUC left."""
    score: Callable[[str], float] = lambda name: _without(name, learn, judge)  # noqa: E731
    left = {str(name): score(str(name)) for name in learn.features} if learn.features.shape[1] > 1 else {}
    if not left:
        return {}
    needed = {name: auc for name, auc in sorted(left.items(), key=lambda item: item[1]) if auc <= limit}
    return needed or dict([min(left.items(), key=lambda item: item[1])])


def _without(name: str, learn: Slice, judge: Slice | None) -> float:
    half = len(learn.churned) // 2
    if judge is None:
        learn, judge = learn.at(np.arange(half)), learn.at(np.arange(half, len(learn.churned)))
    learn, judge = learn.without(name), judge.without(name)
    return auc(fit("logistic", learn).risk(judge.features), judge.churned)
