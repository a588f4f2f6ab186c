"""Small tables of the study `campaigns`: see the study for their columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analytics.studies.campaigns_data import REACHED

if TYPE_CHECKING:
    from analytics.fits import Fitted
    from analytics.studies.campaigns_data import Tested
    from analytics.studies.experiments_data import Lot
    from analytics.warehouse import Warehouse


def tests(found: list[Tested]) -> pd.DataFrame:
    """Every experiment with its state."""
    return pd.DataFrame(
        [
            {
                "experiment": one.experiment,
                "status": one.status,
                "arms": one.facts["arms"],
                "customers": one.customers or one.facts.get("controls", 0) + one.facts.get("treated", 0),
                "withheld": one.facts.get("seen"),
                "planned": one.facts.get("planned"),
                "first": None if one.lot is None else pd.Timestamp(one.lot.first),
                "last": None if one.lot is None else pd.Timestamp(one.lot.last),
                "moved": one.moved,
            }
            for one in found
        ]
    )


def funnel(warehouse: Warehouse, lot: Lot | None, campaign: str) -> pd.DataFrame:
    """From those meant to get it to those who answered. Who bought in the window would partly have bought anyway."""
    sent = warehouse.frame(REACHED, campaign=campaign, as_of=warehouse.as_of)
    steps: dict[str, int] = {}
    if lot is not None:
        mine = lot.people[lot.treated]
        sent = sent[sent["customer_id"].isin(mine["customer_id"])]
        steps = {"assigned": len(mine)}
    if len(sent):
        steps |= {"reached": len(sent), "responded": int(sent["responded"].sum())}
    if lot is not None:
        steps["bought"] = int((lot.people["orders"][lot.treated] > 0).sum())
    rows = [(step, n, n / next(iter(steps.values()))) for step, n in steps.items()]
    return pd.DataFrame(rows, columns=["step", "customers", "share"])


def rankings(ranks: Fitted) -> pd.DataFrame:
    """What each ranking is worth on customers it did not know."""
    told = ranks.facts.get("rankings", {})
    ends = (("coefficient", "coefficient", "value"), ("low", "coefficient", "low"), ("high", "coefficient", "high"))
    top = (("top", "top", "value"), ("top_low", "top", "low"), ("top_high", "top", "high"))
    return pd.DataFrame([{"ranking": name, **{key: worth[part][end] for key, part, end in (*ends, *top)}} for name, worth in told.items()])


def people(ranks: Fitted) -> pd.DataFrame:
    """Customers by the ranking that can be stood by: the effect where it tells anybody apart, else response."""
    listed = ranks.tables.get("people")
    if listed is None:
        return pd.DataFrame()
    if not told_apart(ranks):
        return listed[["customer_id", "chance", "response"]].sort_values("response", ascending=False, ignore_index=True)
    return listed.sort_values("uplift", ascending=False, ignore_index=True)


def told_apart(ranks: Fitted) -> bool:
    """Whether the uplift ranking does better than chance."""
    return bool(ranks.facts["kind"] == "uplift" and ranks.facts["rankings"]["uplift"]["coefficient"]["low"] > 0)
