"""The fit `effect`: every design tried on the data, one after the other. What it takes long for; the answer only reads it.

Kept facts   measure (margin, net_sales; null where no money is known), attempts (effect_designs.to_json of each), flag (facts of
             effect_flag)
Kept tables  those of the attempts and of effect_flag
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from analytics.fits import Fit, Fitted, Tell
from analytics.models.evidence import crossed
from analytics.studies import effect_adjusted, effect_experiment, effect_flag, effect_launch, effect_staggered, effect_threshold
from analytics.studies.effect_designs import Attempt, to_json
from analytics.studies.effect_panel import Measure

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse

DESIGNS = {
    "experiment": effect_experiment.attempt,
    "staggered": effect_staggered.attempt,
    "adjusted": effect_adjusted.attempt,
    "launch": effect_launch.attempt,
    "threshold": effect_threshold.attempt,
}
MONEY: tuple[tuple[str, Measure], ...] = (("margin", "margin"), ("amount", "net_sales"))  # the best that is known comes first


def measure_of(warehouse: Warehouse, *, sales: bool) -> Measure | None:
    """Contribution margin where it is known and not asked away, else net sales; None where there is no money."""
    known = warehouse.present().get("transactions", frozenset())
    return next((measure for column, measure in MONEY if column in known and not (sales and measure == "margin")), None)


def make(warehouse: Warehouse, params: Mapping[str, Any], tell: Tell) -> Fitted:
    """Try each design. Without money nothing can be said in money; whether it could be if there were some is still told."""
    measure = measure_of(warehouse, sales=bool(params["sales"]))
    if measure is None:
        lacking = effect_adjusted.attempt(warehouse, "net_sales")
        return Fitted(facts={"measure": None, "attempts": [to_json(lacking)], "flag": {}})
    attempts: dict[str, Attempt] = {}
    for at, (design, attempt) in enumerate(DESIGNS.items()):
        tell(design, at, len(STEPS))
        attempts[design] = attempt(warehouse, measure)
    attempts["adjusted"] = _crossed(attempts["adjusted"], attempts["staggered"])
    tell("flag", len(DESIGNS), len(STEPS))
    flag, tables = effect_flag.flag(warehouse, measure)
    for tried in attempts.values():
        tables = {**tables, **tried.tables}
    return Fitted(facts={"measure": measure, "attempts": [to_json(tried) for tried in attempts.values()], "flag": flag}, tables=tables)


def _crossed(adjusted: Attempt, staggered: Attempt) -> Attempt:
    if adjusted.claim is None or staggered.claim is None:
        return adjusted
    return replace(adjusted, claim=crossed(adjusted.claim, staggered.claim))


STEPS = (*DESIGNS, "flag")
EFFECT = Fit(id="effect", steps=STEPS, make=make)
