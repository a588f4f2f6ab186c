"""The step in an outcome at a threshold that sorts customers, and whether it can be believed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from io import StringIO
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import false_discovery_control, norm

from analytics.models.evidence import Check
from analytics.results import Estimate, Unit

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LEAST = 150  # customers a side, for any estimate
SHARP = 0.995  # share that follows the rule from which it counts as followed exactly
STEPS = 0.3  # share of customers whose standing must change at the threshold
BUNCHED = 0.05  # probability of as large a step in the density, below which it is one
HOLE = 0.1  # of the bandwidth: what the donut leaves out on each side
PLACEBO_AT = (1 / 3, 2 / 3)  # false thresholds: quantiles of each side
BINS = 12  # a side


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """Customers on both sides of a threshold.

    x           (n,) distance to the threshold, >= 0 is above; outcome (n,)
    treated     (n,) who got what the threshold gives
    customer    (n,) codes: whoever is there at several reviews
    covariates  n columns known before, which the threshold cannot have moved
    """

    x: Floats
    outcome: Floats
    treated: Bools
    customer: NDArray[np.int_]
    covariates: pd.DataFrame

    def part(self, chosen: Bools) -> Near:
        columns = {name: getattr(self, name)[chosen] for name in ("x", "outcome", "treated", "customer")}
        return replace(self, **columns, covariates=self.covariates[chosen])


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step at the threshold: its size with a robust interval, the half-width of what is looked at, the probability of it by chance."""

    size: Estimate
    bandwidth: float
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Discontinuity:
    """The effect at the threshold and all it is held against.

    effect     step of the outcome for those whom the threshold moved; first: step in the share of the treated
    bunching   probability of such a step in the density by chance
    balance    covariate, p: probability of such a step by chance, for many tests at once
    donut      the effect without those nearest to the threshold; None where too few are left
    placebos   placebo (distance), value, low, high, p
    rd         side, at, mean, n, fit: means of bins, and the line of those within the bandwidth
    density    side, at, n
    """

    effect: Step
    first: Estimate
    bunching: float
    balance: pd.DataFrame
    donut: Estimate | None
    placebos: pd.DataFrame
    rd: pd.DataFrame
    density: pd.DataFrame


def enough(near: Near) -> bool:
    return min(int((near.x >= 0).sum()), int((near.x < 0).sum())) >= LEAST


def step(x: Floats, y: Floats, *, treated: Bools | None = None, customer: NDArray[np.int_] | None = None, unit: Unit = Unit.MONEY) -> Step:
    """The step of y where x passes zero, by local lines with a robust bias-corrected interval.

    Shapes  (n,) each; treated: the step is then that of those whose treatment the threshold changes (fuzzy)
    Source  Calonico, Cattaneo & Titiunik (2014), Econometrica 82:2295-2326
    """
    from rdrobust import rdrobust

    several = customer is not None and len(np.unique(customer)) < len(customer)
    more: dict[str, Any] = {} if treated is None else {"fuzzy": treated.astype(float)}
    with redirect_stdout(StringIO()):  # it prints that values repeat, which it allows for; the terminal's answers go there
        found = rdrobust(y, x, cluster=customer if several else None, masspoints="adjust", **more)
    low, high = (float(end) for end in found.ci.iloc[2])
    return Step(
        size=Estimate(value=(low + high) / 2, low=low, high=high, n=int(sum(found.N_h)), unit=unit),
        bandwidth=float(found.bws.iloc[0, 0]),
        p=float(found.pv.iloc[2, 0]),
    )


def first_stage(near: Near) -> Estimate:
    """How the share of the treated steps at the threshold; 1 where the rule is followed exactly."""
    if _followed(near):
        return Estimate(value=1.0, low=1.0, high=1.0, n=len(near.x), unit=Unit.SHARE, level=1.0)
    return step(near.x, near.treated.astype(float), customer=near.customer, unit=Unit.SHARE).size


def _followed(near: Near) -> bool:
    return float((near.treated == (near.x >= 0)).mean()) >= SHARP


def effect(near: Near) -> Step:
    """The step of the outcome, of those whom the threshold moved where the rule is not followed exactly."""
    return step(near.x, near.outcome, treated=None if _followed(near) else near.treated, customer=near.customer)


def discontinuity(near: Near) -> Discontinuity:
    """The effect at the threshold with its checks. Needs `enough` customers on both sides."""
    found = effect(near)
    hole = np.abs(near.x) >= HOLE * found.bandwidth
    rest = near.part(hole)
    return Discontinuity(
        effect=found,
        first=first_stage(near),
        bunching=bunching(near.x),
        balance=_balance(near),
        donut=effect(rest).size if enough(rest) else None,
        placebos=_placebos(near),
        rd=_bins(near, found),
        density=_density(near.x, found.bandwidth),
    )


def bunching(x: Floats) -> float:
    """Probability of as large a step in the density of x at zero if there were none.

    Why     looked at no wider than half way to the lowest x: those who can be lifted begin there, and a curve that reaches their edge is
            bent by it (the same shop in yuan was flagged, in pounds it was not)
    Source  Cattaneo, Jansson & Ma (2020), JASA 115:1449-1455
    """
    from rddensity import rddensity

    widest = -float(x.min()) / 2
    with redirect_stdout(StringIO()):
        found = rddensity(x)
        if float(found.h.max()) > widest:
            found = rddensity(x, h=[min(float(side), widest) for side in found.h])
    return float(found.test["p_jk"])


def _balance(near: Near) -> pd.DataFrame:
    p = [step(near.x, near.covariates[name].to_numpy(float), customer=near.customer).p for name in near.covariates]
    return pd.DataFrame({"covariate": list(near.covariates), "p": false_discovery_control(p) if p else []})


def _placebos(near: Near) -> pd.DataFrame:
    """Steps where no threshold is, each seen from one side of the real one only."""
    rows = []
    for side in (near.x < 0, near.x >= 0):
        part = near.part(side)
        for at in np.quantile(part.x, PLACEBO_AT):
            moved = replace(part, x=part.x - at)
            if enough(moved):
                found = step(moved.x, moved.outcome, customer=moved.customer)
                rows.append({"placebo": float(at), "value": found.size.value, "low": found.size.low, "high": found.size.high, "p": found.p})
    return pd.DataFrame(rows, columns=["placebo", "value", "low", "high", "p"])


def _bins(near: Near, found: Step) -> pd.DataFrame:
    rows = []
    for name, side in (("below", near.x < 0), ("above", near.x >= 0)):
        line = _line(near.x[side], near.outcome[side], found.bandwidth)
        here = side & (np.abs(near.x) <= 2 * found.bandwidth)
        edges = np.unique(np.quantile(near.x[here], np.linspace(0, 1, BINS + 1)))
        place = np.clip(np.searchsorted(edges, near.x[here], side="right") - 1, 0, len(edges) - 2)
        for at in np.unique(place):
            mine = place == at
            middle = float(near.x[here][mine].mean())
            fit = float(np.polyval(line, middle)) if abs(middle) <= found.bandwidth else np.nan
            rows.append({"side": name, "at": middle, "mean": float(near.outcome[here][mine].mean()), "n": int(mine.sum()), "fit": fit})
    return pd.DataFrame(rows)


def _line(x: Floats, y: Floats, bandwidth: float) -> Floats:
    """The line of one side, as the estimate weighs it: nearer customers more."""
    weight = np.clip(1 - np.abs(x) / bandwidth, 0, None)
    return np.asarray(np.polyfit(x[weight > 0], y[weight > 0], 1, w=np.sqrt(weight[weight > 0])))


def _density(x: Floats, bandwidth: float) -> pd.DataFrame:
    """Customers by distance, in bins that do not cross the threshold."""
    edges = np.linspace(-2 * bandwidth, 2 * bandwidth, 2 * BINS + 1)
    counts, _ = np.histogram(x, edges)
    middle = (edges[:-1] + edges[1:]) / 2
    return pd.DataFrame({"side": np.where(middle < 0, "below", "above"), "at": middle, "n": counts})


def checks(found: Discontinuity) -> tuple[Check, ...]:
    """What the design is held against."""
    size, n = found.effect.size, found.effect.size.n
    steps = found.balance[found.balance["p"] <= BUNCHED]
    balance = None if found.balance.empty else steps.empty
    return (
        Check(key="density", passed=found.bunching > BUNCHED, value=found.bunching, bound=BUNCHED, n=n),
        Check(key="balance", passed=balance, value=float(len(steps)), bound=0.0, n=n),
        _donut(size, found.donut),
        _false_steps(found.placebos),
    )


def _donut(size: Estimate, donut: Estimate | None) -> Check:
    """Passed when what is left without the nearest customers agrees with the effect."""
    if donut is None:
        return Check(key="donut", passed=None)
    errors = [(one.high - one.low) / (2 * norm.ppf(0.975)) for one in (size, donut)]
    bound = float(norm.ppf(0.975) * np.hypot(*errors))
    return Check(key="donut", passed=abs(donut.value - size.value) <= bound, value=donut.value, bound=bound, n=donut.n)


def _false_steps(placebos: pd.DataFrame) -> Check:
    if placebos.empty:
        return Check(key="placebo", passed=None)
    seen = int((false_discovery_control(placebos["p"]) <= BUNCHED).sum())
    return Check(key="placebo", passed=seen == 0, value=float(seen), bound=0.0, n=len(placebos))


def clearest(steps: Sequence[tuple[Step, float]]) -> int:
    """Which of several thresholds is known best: the narrowest interval against the money usual there.

    Why  the narrowest interval in money alone would always be that of the lowest tier, whose members spend least
    """
    return int(np.argmin([(one.size.high - one.size.low) / max(usual, 1e-9) for one, usual in steps]))
