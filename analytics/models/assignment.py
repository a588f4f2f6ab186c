"""Who is withheld: a lot within strata, the same for the same seed, and how alike the two arms came out."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

LEAST = 20  # customers who have a value, without whom it is not compared


def strata(groups: pd.DataFrame) -> pd.Series:
    """The stratum of each customer: the values of all columns together, the one that matters most first.

    Shapes  one row a customer, text columns; an empty value is a value of its own
    """
    rows = groups.fillna("").astype(str).itertuples(index=False)
    return pd.Series([" · ".join(row) for row in rows], index=groups.index, dtype=object)


def withheld(stratum: pd.Series, share: float, seed: int) -> NDArray[np.bool_]:
    """Who is withheld. Everybody has the same chance; of each stratum the share is kept to within a customer. Strata too small for one
    share theirs with their neighbours, which have the first values in common.

    Shapes  stratum (n,), 0 < share < 1; the result in the order given, which has to be the same for the same seed to draw the same
    How     customers in a random order within their strata, the strata by name; from a random start every 1/share-th is taken
    Raises  ValueError when the share is not between 0 and 1
    Source  Madow & Madow (1944), On the theory of systematic sampling, Ann. Math. Statist. 15:1-24
    """
    if not 0 < share < 1:
        raise ValueError(f"need a share within (0, 1), got {share}")
    rng, n = np.random.default_rng(seed), len(stratum)
    order = np.lexsort((rng.random(n), pd.factorize(stratum, sort=True)[0]))
    steps = np.floor(np.arange(n + 1) * share + rng.random())
    drawn = np.zeros(n, dtype=bool)
    drawn[order] = np.diff(steps) > 0
    return drawn


def balance(before: pd.DataFrame, control: NDArray[np.bool_]) -> pd.DataFrame:
    """How alike the arms are in what was known before.

    Shapes   before (n, k) numbers, or texts that become the share of each value that LEAST customers have; control (n,)
    Returns  covariate, value ("" of a number), treatment, control (means), difference (in standard deviations of all)
    """
    rows = [
        {"covariate": name, "value": value, **_means(column, control)}
        for name in before
        for value, column in _columns(before[name])
        if column.std() > 0
    ]
    return pd.DataFrame(rows, columns=["covariate", "value", "treatment", "control", "difference"])


def _columns(column: pd.Series) -> list[tuple[str, pd.Series]]:
    if pd.api.types.is_numeric_dtype(column):
        return [("", column.astype(float))]
    sizes = column.value_counts()
    return [(str(value), (column == value).astype(float)) for value in sorted(sizes.index[sizes >= LEAST])]


def _means(column: pd.Series, control: NDArray[np.bool_]) -> dict[str, float]:
    one, other = float(column[~control].mean()), float(column[control].mean())
    return {"treatment": one, "control": other, "difference": (one - other) / float(column.std())}
