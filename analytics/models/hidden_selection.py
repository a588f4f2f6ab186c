"""How strong hidden selection would have to be for a gap between those who joined and others to be nothing but selection."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
STRENGTHS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)  # standard deviations: 0.2 is called small, 0.5 medium (Cohen 1988)
BEYOND = 1.25  # of the strength that would leave nothing: how far the course is told
NONE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """A gap, and what selection would explain all of it.

    gap          mean of those who joined less that of the others
    sd           standard deviation within the two groups
    needed       standard deviations by which joiners would have to be ahead anyway: gap / sd
    correlation  between wanting to join and what one brings anyway that gives so much; over 1 where none does
    explained    part of the gap that goes with what is seen of both groups
    times        hidden selection, as a multiple of that by what is seen, that would explain the rest; None where the seen explains nothing,
                 0 where it explains more than all
    robustness   share of what is left unexplained of joining, and of money, that a hidden cause would have to explain of both
    """

    gap: float
    sd: float
    needed: float
    correlation: float
    explained: float
    times: float | None
    robustness: float


def selection(money: Floats, joined: NDArray[np.bool_], seen: Floats) -> Selection:
    """What selection would have to be, of the gap of those who joined.

    Shapes  money (n,), joined (n,) with both values, seen (n, k) numbers known of both groups, k >= 0
    Unit    of money
    Raises  ValueError where one side is empty, or where there is no spread within the sides
    Source  Heckman (1979), Econometrica 47:153-161 (correlation); Altonji, Elder & Taber (2005), J. Political Economy 113:151-184 (times);
            Cinelli & Hazlett (2020), JRSS B 82:39-67 (robustness)
    """
    sides = money[joined], money[~joined]
    if not all(len(side) for side in sides):
        raise ValueError("both sides are needed")
    sd = sqrt(sum(float(((side - side.mean()) ** 2).sum()) for side in sides) / max(len(money) - 2, 1))
    if sd < NONE:
        raise ValueError("there is no spread")
    gap = float(sides[0].mean() - sides[1].mean())
    rest, t, freedom = _adjusted(money, joined, seen)
    explained = gap - rest
    return Selection(
        gap=gap,
        sd=sd,
        needed=gap / sd,
        correlation=gap / sd / _ahead(float(joined.mean())),
        explained=explained,
        times=max(rest, 0.0) / explained if explained / sd > NONE else None,
        robustness=_robustness(t, freedom),
    )


def course(found: Selection) -> pd.DataFrame:
    """What a gap would hold of selection, by its strength.

    Returns  strength (standard deviations joiners are ahead anyway), correlation, gap_from_selection, effect_left; the strength that leaves
             nothing is among them. No rows for a gap that is not positive: there is nothing to explain away
    """
    if found.gap <= 0:
        return pd.DataFrame(columns=["strength", "correlation", "gap_from_selection", "effect_left"])
    parts = np.unique([*(strength / found.needed for strength in STRENGTHS), 1.0, BEYOND])
    parts = parts[parts <= max(BEYOND, STRENGTHS[-1] / found.needed)]
    gap = found.gap * parts
    strength = {"strength": parts * found.needed, "correlation": parts * found.correlation}
    return pd.DataFrame({**strength, "gap_from_selection": gap, "effect_left": found.gap - gap})


def _ahead(share: float) -> float:
    """Standard deviations by which joiners are ahead when wanting to join and what one brings are one and the same (normal)."""
    usual = NormalDist()
    return usual.pdf(usual.inv_cdf(share)) / (share * (1 - share))


def _adjusted(money: Floats, joined: NDArray[np.bool_], seen: Floats) -> tuple[float, float, int]:
    """The gap among those alike in what is seen (least squares), its t value, and the degrees of freedom.

    Source  Frisch & Waugh (1933), Econometrica 1:387-401: what is seen is taken out of both; columns that repeat each other do no harm
    """
    known = np.column_stack([np.ones(len(money)), seen])
    both = np.column_stack([joined.astype(float), money])
    fitted, _, rank, _ = np.linalg.lstsq(known, both)
    side, rest = (both - known @ fitted).T
    freedom = max(len(money) - int(rank) - 1, 1)
    slope = float(side @ rest / (side @ side))
    error = sqrt(float(((rest - slope * side) ** 2).sum()) / freedom / float(side @ side))
    return slope, slope / error, freedom


def _robustness(t: float, freedom: int) -> float:
    f = abs(t) / sqrt(freedom)
    return (sqrt(f**4 + 4 * f**2) - f**2) / 2
