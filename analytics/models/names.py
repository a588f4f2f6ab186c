"""Names of segments, given by rules that can be shown. A name says only what its rule checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

# from the most to the least valuable, the order in which tables and figures show them
ORDER = ("champions", "loyal", "promising", "new", "light", "steady", "slipping", "cant_lose", "at_risk", "asleep")

NEW_DAYS = 90
_BY_LEVELS = {
    ("high", "high"): "champions",
    ("high", "middle"): "promising",
    ("high", "low"): "light",
    ("middle", "high"): "loyal",
    ("middle", "middle"): "steady",
    ("middle", "low"): "slipping",
    ("low", "high"): "cant_lose",
    ("low", "middle"): "at_risk",
    ("low", "low"): "asleep",
}


def name_by_scores(
    recency: NDArray[np.int64], frequency: NDArray[np.int64], tenure_days: NDArray[np.float64], *, new_days: float
) -> NDArray[np.str_]:
    """Segment of each customer from the recency and frequency scores.

    Shapes  (n,) scores 1-5, days since the first order (n,) -> (n,) keys of ORDER
    Rule    the first that applies: new (first order within `new_days`); R5 F4-5 champions; R3-4 F4-5 loyal; R4-5 F3 promising;
            R4-5 F1-2 light; R3 F1-3 slipping; R1-2 F5 cant_lose; R1-2 F3-4 at_risk; else asleep
    """
    rules = {
        "new": tenure_days <= new_days,
        "champions": (recency == 5) & (frequency >= 4),
        "loyal": (recency >= 3) & (frequency >= 4),
        "promising": (recency >= 4) & (frequency == 3),
        "light": recency >= 4,
        "slipping": recency == 3,
        "cant_lose": frequency == 5,
        "at_risk": frequency >= 3,
    }
    return np.select(list(rules.values()), list(rules), default="asleep")


def new_days(tenure_days: NDArray[np.float64], usual: int = NEW_DAYS) -> int:
    """Days since the first order up to which a customer is new: the usual ones, or a quarter of a shorter history."""
    return int(min(usual, tenure_days.max() / 4))


def percentiles(frame: pd.DataFrame, labels: NDArray[np.int64] | NDArray[np.str_], columns: Mapping[str, bool]) -> pd.DataFrame:
    """Where the typical customer of each cluster stands among all customers.

    Shapes  n rows, labels (n,) -> one row per cluster, one column per name in `columns` (name -> whether high is good)
    Unit    share of customers that are worse, ties by half
    """
    ranks = {name: (rankdata(frame[name] if good else -frame[name]) - 0.5) / len(frame) for name, good in columns.items()}
    return pd.DataFrame(ranks).groupby(labels).median()


def of_clusters(frame: pd.DataFrame, labels: NDArray[np.int64], usual: int = NEW_DAYS) -> tuple[list[str], pd.DataFrame]:
    """A name for each cluster, and where its typical customer stands (`percentiles`), from the customers in it.

    Shapes  n rows with recency_days, orders, tenure_days and, where known, amount; labels (n,)
    """
    measures = {"recency_days": False, "orders": True, **({"amount": True} if "amount" in frame else {})}
    standing = percentiles(frame, labels, measures)
    known = frame["tenure_days"].groupby(labels).median()
    new = (known <= new_days(frame["tenure_days"].to_numpy(float), usual)).to_numpy()
    return name_clusters(standing.rename(columns={"recency_days": "recency"}), new=new), standing


def name_clusters(standing: pd.DataFrame, *, new: NDArray[np.bool_] | None = None) -> list[str]:
    """A name for each cluster from its standing (`percentiles`), never the same twice.

    Shapes  columns recency, frequency and, when money is known, money; `new` marks clusters whose median customer is new
    Rule    recency and value (mean of the others), each high from 2/3, low to 1/3. Clusters that share a name get
            the letters A, B ... by falling value
    """
    value = standing.drop(columns="recency").mean(axis=1)
    names = [_BY_LEVELS[_level(r), _level(v)] for r, v in zip(standing["recency"], value, strict=True)]
    if new is not None:
        names = ["new" if fresh and name in ("promising", "light") else name for name, fresh in zip(names, new, strict=True)]
    return _lettered(names, value.to_numpy())


def _level(standing: float) -> str:
    return "high" if standing >= 2 / 3 else "low" if standing <= 1 / 3 else "middle"


def _lettered(names: list[str], value: NDArray[np.float64]) -> list[str]:
    shared, given = Counter(names), Counter[str]()
    result = list(names)
    for at in np.argsort(-value, kind="stable"):
        name = names[at]
        if shared[name] > 1:
            result[at] = f"{name}_{'abcdefgh'[given[name]]}"
            given[name] += 1
    return result
