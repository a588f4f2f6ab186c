"""One series ahead: the method that past month ends speak for, its simulated futures, and what they say of a sum or a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.models.forecast import METHODS, Floats, Paths, Pulse, ahead, daily
from analytics.models.holdout import Holdout, holdout, widening
from analytics.results import Estimate
from analytics.settings import Settings
from analytics.studies.histories import ADDITIVE, UNITS, Histories


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What was, how well it could be foretold, what is to come.

    so_far  what the first month ahead has brought already; None when it has not begun
    paths   widened to what the holdout's errors ask for; at least to the end of the fiscal year
    shown   months of `paths` within the horizon, the begun one included
    """

    name: str
    history: pd.Series
    so_far: float | None
    found: Holdout
    paths: Paths
    shown: int

    @property
    def begun(self) -> int:
        """1 when the first month ahead has begun."""
        return int(self.so_far is not None)

    @property
    def grain(self) -> str:
        """What the model learns from: weeks, or months where the series does not add up or only months are known."""
        return "weeks" if daily(self.history) else "months"

    @property
    def n(self) -> int:
        """Whole weeks or months learned from."""
        return len(self.history) // (7 if self.grain == "weeks" else 1)

    @property
    def draws(self) -> Floats:
        """(draws, months): whole months, what the first one has brought so far included."""
        draws, so_far = self.paths.draws.copy(), self.so_far or 0.0
        draws[:, 0] = draws[:, 0] + so_far if self.name in ADDITIVE else np.maximum(draws[:, 0], so_far)
        return draws

    def estimate(self, draws: Floats) -> Estimate:
        """The middle and the 95 % bounds of simulated values."""
        low, high = np.quantile(draws, [0.025, 0.975])
        return Estimate(value=float(np.median(draws)), low=float(low), high=float(high), n=self.n, unit=UNITS[self.name])


def outlook(name: str, known: Histories, horizon: int, pulses: Sequence[Pulse], settings: Settings) -> Outlook:
    """The series ahead by the method that erred least on past month ends.

    Raises  ValueError when the series has fewer whole months than `holdout.needed` asks for
    """
    history, so_far = known.series[name], known.so_far[name]
    lived = [pulse for pulse in pulses if pulse[1] >= history.index[0]]
    found = holdout(history, horizon, lived)
    extra = int(so_far is not None and not daily(history))  # months, unlike days, do not tell that one has begun
    shown = ahead(history, horizon + extra)
    months = ahead(history, max(horizon + extra, months_left(shown[0], settings)))
    paths = METHODS[found.chosen](history, months, lived)
    widened = paths.widened(widening(found.errors(found.chosen)))
    return Outlook(name=name, history=history, so_far=so_far, found=found, paths=widened, shown=len(shown))


def fiscal_year(month: pd.Timestamp, settings: Settings) -> pd.DatetimeIndex:
    """The months of the fiscal year that holds a month."""
    first = month - pd.DateOffset(months=(month.month - settings.fiscal_year) % 12)
    return pd.date_range(first, periods=12, freq="MS")


def months_left(month: pd.Timestamp, settings: Settings) -> int:
    """Months from this one to the end of its fiscal year, both included."""
    return int((fiscal_year(month, settings) >= month).sum())
