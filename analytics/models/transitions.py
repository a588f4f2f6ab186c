"""Who stands where on two days: the matrix between ordered states, and the rates of moving up, down and out."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.results import Estimate, wilson

OUTSIDE = -1  # not yet a member on the first day, no longer one on the second
States = NDArray[np.int64]
WAYS = ("up", "same", "down", "out")


def matrix(start: States, end: States, states: int) -> pd.DataFrame:
    """from, to, n, of (all who were in `from`), share, low, high: every pair of K ordered states and OUTSIDE, which is last.

    Shapes  start, end (n,) in -1 .. K-1
    Unit    share of those who were in `from`, with Wilson's interval a cell (not simultaneous over the cells of a row)
    """
    places = [*range(states), OUTSIDE]
    counts = {(i, j): int(((start == i) & (end == j)).sum()) for i in places for j in places if not i == j == OUTSIDE}
    rows = [_cell(i, j, counts) for i in places if (start == i).any() for j in places if (i, j) in counts]
    return pd.DataFrame(rows, columns=["from", "to", "n", "of", "share", "low", "high"])


def _cell(start: int, end: int, counts: dict[tuple[int, int], int]) -> dict[str, float]:
    of = sum(n for (i, _), n in counts.items() if i == start)
    share = wilson(counts[start, end], of)
    return {"from": start, "to": end, "n": counts[start, end], "of": of, "share": share.value, "low": share.low, "high": share.high}


def way(start: States, end: States) -> NDArray[np.object_]:
    """(n,) up, same, down or out, of those who were there at the start."""
    named = np.select([end == OUTSIDE, end > start, end < start], ["out", "up", "down"], "same")
    return np.where(start == OUTSIDE, "new", named).astype(object)


def rates(start: States, end: States, states: int) -> dict[str, Estimate]:
    """Shares of the members of the first day, leavers included, who went each way; one that nobody could go is absent.

    How     up: of those below the highest state; down: of those above the lowest; same and out: of all
    """
    able = {"up": (start >= 0) & (start < states - 1), "down": start > 0, "same": start >= 0, "out": start >= 0}
    went = way(start, end)
    return {name: wilson(int((went[here] == name).sum()), int(here.sum())) for name, here in able.items() if here.any()}
