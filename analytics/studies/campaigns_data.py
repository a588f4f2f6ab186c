"""What the study `campaigns` asks of the tables: what each campaign reached, what each experiment did, who took part in both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from analytics.results import Unit, wilson
from analytics.studies.experiments_data import COLUMN, EXPERIMENTS, Lot, Measure, control_of, drawn

if TYPE_CHECKING:
    from analytics.models.experiment import Contrast
    from analytics.warehouse import Warehouse

LEAST_DAYS = 7  # of outcomes before an experiment is read
MOST = 20  # experiments read, the latest first
OUTCOMES: dict[str, Unit] = {"money": Unit.MONEY, "orders": Unit.RATIO, "bought": Unit.SHARE}

Status = Literal["read", "one_arm", "no_control", "no_dates", "no_money", "too_early", "few", "sample_ratio"]

CAMPAIGNS = """-- per campaign: contacts, customers reached, who of them responded and opted out, what it cost
select
    campaign_id as campaign, cast(min(occurred_at) as date) as first, cast(max(occurred_at) as date) as last,
    count(*) as contacts, count(distinct customer_id) as reached,
    count(distinct customer_id) filter (responded) as responded, count(distinct customer_id) filter (opted_out) as opted_out,
    sum(cost)::double as cost, avg(responded::integer) as per_contact, count(responded) > 0 as known
from contacts
where campaign_id is not null and occurred_at < coalesce($as_of::date, date '9999-01-01') + interval 1 day
group by campaign_id order by last desc, campaign_id
"""

REACHED = """-- customers a campaign reached: when first, whether they responded
select customer_id, cast(min(occurred_at) as date) as first_on, coalesce(bool_or(responded), false) as responded
from contacts
where campaign_id = $campaign and occurred_at < coalesce($as_of::date, date '9999-01-01') + interval 1 day
group by customer_id order by customer_id
"""

TOGETHER = """-- pairs of experiments that run at the same time, and how many customers are in both
with people as (
    select
        experiment_id, customer_id, min(coalesce(starts_on, cast(assigned_at as date))) as first_on,
        coalesce(max(ends_on), $as_of::date) as last_on
    from experiments where experiment_id is not null group by experiment_id, customer_id
)
select one.experiment_id as one, other.experiment_id as other, count(*) as customers
from people as one join people as other using (customer_id)
where one.experiment_id < other.experiment_id and one.first_on <= other.last_on and other.first_on <= one.last_on
group by all order by customers desc, one, other
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """An experiment as it was drawn, and whether it can be read.

    status   `read`, or why not; facts fill its sentence; lot where it can be read
    moved    customers who stand in several arms and are in none
    """

    experiment: str
    status: Status
    facts: Mapping[str, Any] = field(default_factory=dict)
    lot: Lot | None = None
    moved: int = 0

    @property
    def customers(self) -> int:
        return 0 if self.lot is None else len(self.lot.people)


def campaigns(warehouse: Warehouse) -> pd.DataFrame:
    """Campaigns, the latest first: campaign, first, last, contacts, reached, response_rate, low, high (of customers reached),
    per_contact, opted_out_rate, cost; what the data does not tell is missing."""
    if "campaign_id" not in warehouse.present().get("contacts", frozenset()):
        return pd.DataFrame()
    rows = warehouse.frame(CAMPAIGNS, as_of=warehouse.as_of)
    told = [
        wilson(int(hits), int(n)) if known else None
        for hits, n, known in zip(rows["responded"], rows["reached"], rows["known"], strict=True)
    ]
    ends = {name: [np.nan if one is None else getattr(one, end) for one in told] for name, end in _ENDS.items()}
    table = rows[["campaign", "first", "last", "contacts", "reached"]].assign(
        **ends, per_contact=rows["per_contact"], opted_out_rate=rows["opted_out"] / rows["reached"], cost=rows["cost"]
    )
    unknown = {"opted_out_rate": "opted_out", "cost": "cost", "per_contact": "responded"}
    known = warehouse.present()["contacts"]
    return table.drop(columns=[name for name, column in unknown.items() if column not in known])


_ENDS = {"response_rate": "value", "low": "low", "high": "high"}


def tested(warehouse: Warehouse, measure: Measure, *, control: str = "", withheld: float = 0.0) -> list[Tested]:
    """Every experiment, the latest first, each read or with what keeps it from being read."""
    if not {"experiment_id", "arm"} <= warehouse.present().get("experiments", frozenset()) or warehouse.as_of is None:
        return []
    rows = warehouse.frame(EXPERIMENTS, as_of=warehouse.as_of)
    latest = rows.groupby("experiment_id")["first_on"].max().sort_values(ascending=False, na_position="last").index[:MOST]
    return [_tested(warehouse, str(name), rows[rows["experiment_id"] == name], measure, control, withheld) for name in latest]


def _tested(warehouse: Warehouse, name: str, rows: pd.DataFrame, measure: Measure, told: str, withheld: float) -> Tested:
    arms = [str(arm) for arm in rows["arm"]]
    control = control_of(arms, told)
    facts = {"experiment": name, "arms": ", ".join(arms)}
    if status := _unreadable(warehouse, rows, control, measure):
        return Tested(experiment=name, status=status, facts=facts)
    lot = drawn(warehouse, name, control or "", tuple(arm for arm in arms if arm != control), measure)
    if lot is None or lot.people["days"].max() < LEAST_DAYS:
        return Tested(experiment=name, status="too_early", facts=facts | {"days": LEAST_DAYS})
    return _checked(lot, facts, int(rows["moved"].sum()), withheld)


def _unreadable(warehouse: Warehouse, rows: pd.DataFrame, control: str | None, measure: Measure) -> Status | None:
    if len(rows) < 2:
        return "one_arm"
    if control is None:
        return "no_control"
    if rows["first_on"].isna().all():
        return "no_dates"
    return None if COLUMN[measure] in warehouse.present().get("transactions", frozenset()) else "no_money"


def _checked(lot: Lot, facts: Mapping[str, Any], moved: int, withheld: float) -> Tested:
    """Whether the arms are large enough, and as uneven as the plan made them."""
    from analytics.models.experiment import LEAST, STOP, planned, sample_ratio

    name = str(facts["experiment"])
    controls, others = lot.counts
    if min(controls, *others) < LEAST:
        return Tested(experiment=name, status="few", facts={**facts, "n": min(controls, *others), "least": LEAST})
    plan = planned(controls, others, withheld)
    p = sample_ratio([controls, *others], plan)
    seen = controls / (controls + sum(others))
    facts = {**facts, "p": p, "planned": plan[0], "seen": seen, "controls": controls, "treated": sum(others)}
    status: Status = "sample_ratio" if p < STOP else "read"
    return Tested(experiment=name, status=status, facts=facts, lot=None if status == "sample_ratio" else lot, moved=moved)


def together(warehouse: Warehouse) -> pd.DataFrame:
    """Experiments that share customers and days: one, other, customers."""
    if "experiment_id" not in warehouse.present().get("experiments", frozenset()):
        return pd.DataFrame(columns=["one", "other", "customers"])
    return warehouse.frame(TOGETHER, as_of=warehouse.as_of)


def outcomes(lot: Lot, measure: Measure) -> dict[str, np.ndarray]:
    """What is looked at, a value a customer; `net` where margin is known: less what contacts and redeemed rewards cost."""
    people = lot.people
    found = {"money": people["money"], "orders": people["orders"], "bought": (people["orders"] > 0).astype(float)}
    if measure == "margin":
        found["net"] = people["money"] - people["contact_cost"] - people["reward_cost"]
    return {name: values.to_numpy(float) for name, values in found.items()}


def contrasts(lot: Lot, measure: Measure, arm: str | None = None) -> dict[str, Contrast]:
    """Each outcome of an arm, or of all arms together, against the control."""
    from analytics.models.experiment import contrast

    here = lot.people["arm"].isin([lot.control, *([arm] if arm else lot.arms)]).to_numpy()
    before = None if lot.before is None else lot.before[here]
    return {
        name: contrast(values[here], lot.treated[here], before, unit=OUTCOMES.get(name, Unit.MONEY))
        for name, values in outcomes(lot, measure).items()
    }


def arms(found: list[Tested], measure: Measure) -> pd.DataFrame:
    """One row an experiment, arm and outcome: experiment, arm, outcome, n, controls, mean (of the controls), effect, low, high, p, plain
    (unadjusted), detectable, p_holm (over the arms and outcomes of an experiment; `net` follows from money and cost: not counted)."""
    tables = [_arms(one.experiment, one.lot, measure) for one in found if one.lot is not None]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def _arms(experiment: str, lot: Lot, measure: Measure) -> pd.DataFrame:
    from analytics.models.experiment import holm

    rows = [_row(experiment, arm, name, one) for arm in lot.arms for name, one in contrasts(lot, measure, arm).items()]
    table = pd.DataFrame(rows)
    asked = table["outcome"].isin(list(OUTCOMES))
    return table.assign(p_holm=pd.Series(holm(table.loc[asked, "p"].tolist()), index=table.index[asked]).reindex(table.index))


def _row(experiment: str, arm: str, outcome: str, one: Contrast) -> dict[str, Any]:
    sizes = {"n": one.treated, "controls": one.controls, "mean": one.mean}
    effect = {"effect": one.effect.value, "low": one.effect.low, "high": one.effect.high}
    return {
        "experiment": experiment,
        "arm": arm,
        "outcome": outcome,
        **sizes,
        **effect,
        "p": one.p,
        "plain": one.plain.value,
        "detectable": one.detectable,
    }
