"""Pareto/NBD: a customer stops at any time, whether or not they have just ordered.

The likelihood is that of a customer who stays, plus an integral over the time at which they may have stopped. The integral is
taken by Gauss and Legendre's rule, in logarithms: the usual closed form in hypergeometric functions overflows for frequent
customers and has no simple gradient.
Source  Schmittlein, Morrison & Colombo (1987), Management Science 33:1-24; Fader & Hardie (2005), "A note on deriving the
        Pareto/NBD model and related expressions"
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, gammaln, logsumexp
from scipy.stats import nbinom

Floats = NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)
_FADED = 36.0  # e-folds after which an integrand no longer counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Pareto:
    """Parameters  r, alpha of the gamma distribution of order rates; s, beta of that of the rates at which customers stop (alpha, beta
    in weeks)"""

    name: str = "pareto"
    parameters: tuple[str, str, str, str] = ("r", "alpha", "s", "beta")

    def logs(self, at: Floats, x: Floats, t_x: Floats, T: Floats) -> tuple[Floats, Floats]:
        r, alpha, s, beta = at
        k = r + x
        ways, when = self._ways(at, x, t_x, T)
        total = logsumexp(ways, axis=0)
        share = np.exp(ways - total)
        gone = 1 - share[0]
        ordered, stopped = alpha + when, beta + when
        logs = gammaln(k) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) + total
        gradient = [
            digamma(k) - digamma(r) + np.log(alpha) - (share * np.log(ordered)).sum(axis=0),
            r / alpha - k * (share / ordered).sum(axis=0),
            np.log(beta) - (share * np.log(stopped)).sum(axis=0) + gone / s,
            s / beta - s * (share / stopped).sum(axis=0) - (share[1:] / stopped[1:]).sum(axis=0),
        ]
        return logs, np.array(gradient)

    def _ways(self, at: Floats, x: Floats, t_x: Floats, T: Floats) -> tuple[Floats, Floats]:
        """Logarithms of the ways to such a history, (1 + nodes, n): a customer still, or one who stopped at each node; and when."""
        r, alpha, s, beta = at
        k = r + x
        stays = -k * np.log(alpha + T) - s * np.log(beta + T)
        # over the logarithm of alpha + time, in which the integrand falls off like an exponential
        reach = np.minimum(np.log((alpha + T) / (alpha + t_x)), _FADED / np.maximum(k, 1.0))
        u = np.outer((_NODES + 1) / 2, reach)
        when = (alpha + t_x) * np.exp(u) - alpha
        step = np.outer(_WEIGHTS / 2, reach) * (alpha + when)
        with np.errstate(divide="ignore"):  # who ordered on the last day had no time to stop since
            stopped = np.log(s) + np.log(step) - k * np.log(alpha + when) - (s + 1) * np.log(beta + when)
        return np.vstack([stays, stopped]), np.vstack([T, when])

    def alive(self, at: Floats, x: Floats, t_x: Floats, T: Floats) -> Floats:
        ways, _ = self._ways(at, x, t_x, T)
        return np.asarray(np.exp(ways[0] - logsumexp(ways, axis=0)), np.float64)

    def orders(self, at: Floats, x: Floats, T: Floats, ahead: float | Floats) -> Floats:
        r, alpha, s, beta = at
        stretch = np.log1p(ahead / (beta + T))
        lasting = stretch if abs(s - 1) < 1e-9 else -np.expm1(-(s - 1) * stretch) / (s - 1)
        return np.asarray((r + x) * (beta + T) / (alpha + T) * lasting, np.float64)

    def pairs(self, at: Floats, x: Floats, T: Floats, ahead: float) -> Floats:
        """E[rate^2] E[min(time left, ahead)^2], the latter as 2 int_0^ahead v P(still a customer after v) dv."""
        r, alpha, s, beta = at
        v = ahead * (_NODES[:, None] + 1) / 2
        squared = ahead * (_WEIGHTS[:, None] * v * ((beta + T) / (beta + T + v)) ** s).sum(axis=0)
        return np.asarray((r + x) * (r + x + 1) / (alpha + T) ** 2 * squared, np.float64)

    def chance(self, at: Floats, x: Floats, T: Floats, ahead: float, k: NDArray[np.int64]) -> Floats:
        """A negative binomial number of orders over the time until they stop, or over all of it."""
        r, alpha, s, beta = at
        v = ahead * (_NODES + 1) / 2

        def made(time: float) -> Floats:
            return np.asarray(nbinom.pmf(k, r + x, (alpha + T) / (alpha + T + time)), np.float64)

        total = made(ahead) * ((beta + T) / (beta + T + ahead)) ** s
        for time, weight in zip(v, _WEIGHTS * ahead / 2, strict=True):
            total += weight * s / (beta + T) * ((beta + T) / (beta + T + time)) ** (s + 1) * made(time)
        return np.asarray(total, np.float64)
