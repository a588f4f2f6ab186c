"""BG/NBD and MBG/NBD: a customer stops, if at all, right after an order. MBG lets them stop after the first one, too.

With `late` = b (BG) or b + 1 (MBG) both share their formulas; BG gives everyone with one order a probability of 1 to be a
customer still, which is not a finding but an assumption.
Source  Fader, Hardie & Lee (2005), Marketing Science 24:275-284; Batislam, Denizel & Filiztekin (2007), IJRM 24:201-209
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, digamma, gammaln, hyp2f1
from scipy.stats import nbinom

Floats = NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(12)


@dataclass(frozen=True, slots=True, kw_only=True)
class BetaGeometric:
    """at_first: whether a customer may stop right after the first order (MBG) or only after a later one (BG).

    Parameters  r, alpha of the gamma distribution of order rates (alpha in weeks); a, b of the beta distribution of the probability
                to stop after an order
    """

    name: str
    at_first: bool
    parameters: tuple[str, str, str, str] = ("r", "alpha", "a", "b")

    def logs(self, at: Floats, x: Floats, t_x: Floats, T: Floats) -> tuple[Floats, Floats]:
        r, alpha, a, b = at
        late = b + self.at_first
        stays, stopped = self._both(at, x, t_x, T)
        total = np.logaddexp(stays, stopped)
        gone = np.exp(stopped - total)
        logs = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, late + x) - betaln(a, b) + total
        spent = (1 - gone) * np.log(alpha + T) + gone * np.log(alpha + t_x)
        pace = (1 - gone) / (alpha + T) + gone / (alpha + t_x)
        whole = digamma(a + b) - digamma(a + late + x)
        gradient = [
            digamma(r + x) - digamma(r) + np.log(alpha) - spent,
            r / alpha - (r + x) * pace,
            whole + gone / a,
            whole + digamma(late + x) - digamma(b) - np.divide(gone, late + x - 1, out=np.zeros_like(gone), where=gone > 0),
        ]
        return logs, np.array(gradient)

    def _both(self, at: Floats, x: Floats, t_x: Floats, T: Floats) -> tuple[Floats, Floats]:
        """Logarithms of the two ways to such a history: a customer still, or one who stopped after the last order."""
        r, alpha, a, b = at
        last = b + self.at_first + x - 1
        stays = -(r + x) * np.log(alpha + T)
        could = np.ones(len(x), bool) if self.at_first else x > 0
        odds = np.log(a) - np.log(np.where(could, last, 1.0))
        return stays, np.where(could, odds - (r + x) * np.log(alpha + t_x), -np.inf)

    def alive(self, at: Floats, x: Floats, t_x: Floats, T: Floats) -> Floats:
        stays, stopped = self._both(at, x, t_x, T)
        return np.asarray(1 / (1 + np.exp(stopped - stays)), np.float64)

    def orders(self, at: Floats, x: Floats, T: Floats, ahead: float | Floats) -> Floats:
        """After Euler's transformation, which keeps the argument x out of the two powers: stable for hundreds of orders."""
        r, alpha, a, b = at
        a = a if abs(a - 1) > 1e-5 else 1 + 1e-5  # where a is 1 the formula is 0 / 0, and continuous
        whole, part = a + b + self.at_first - 1, ahead / (alpha + T + ahead)
        kept = (1 - part) ** (a - 1) * hyp2f1(whole - r, a - 1, whole + x, part)
        return np.asarray((whole + x) / (a - 1) * (1 - kept), np.float64)

    def pairs(self, at: Floats, x: Floats, T: Floats, ahead: float) -> Floats:
        """2 E[rate^2 (1 - p) int_0^ahead v exp(-rate p v) dv], the integral by 12 points."""
        r, alpha, a, b = at
        late, spent = b + self.at_first + x, alpha + T
        total = np.zeros(len(x))
        for node, weight in zip(_NODES, _WEIGHTS, strict=True):
            v = ahead * (node + 1) / 2
            part = v / (spent + v)
            total += weight * v * (1 - part) ** a * hyp2f1(a + b + self.at_first - r - 1, a, a + late + 1, part)
        return np.asarray((r + x) * (r + x + 1) / spent**2 * late / (a + late) * total * ahead, np.float64)

    def chance(self, at: Floats, x: Floats, T: Floats, ahead: float, k: NDArray[np.int64]) -> Floats:
        """Either all k orders were survived, or the k-th was the last and there was time for it."""
        r, alpha, a, b = at
        late, p = b + self.at_first + x, (alpha + T) / (alpha + T + ahead)
        stayed = np.exp(betaln(a, late + k) - betaln(a, late)) * nbinom.pmf(k, r + x, p)
        last = np.exp(betaln(a + 1, late + np.maximum(k, 1) - 1) - betaln(a, late)) * nbinom.sf(k - 1, r + x, p)
        return np.asarray(stayed + np.where(k > 0, last, 0.0), np.float64)
