"""The design `experiment` of the study `effect`: customers whom a lot kept out of the programme, by intention to treat.

Facts   source (flag or experiment), experiment, from (assignment, enrolment or data: what the first day was taken from), arms (names of
        those not withheld), joined_anyway and never_joined (shares of the withheld who are members and of the others who are not; null
        where no membership is known),
        detectable (money a month), planned and withheld (per cent, as the lot was held against and as it came), plain (the effect
        unadjusted: value, low, high), past (days known before)
Tables  experiment_arms     arm, n, money (mean a month), orders (mean a month), bought (share)
        experiment_balance  covariate, treated, controls, difference
        experiment_groups   dimension, group, n, effect, low, high, q, apart (see models.experiment.by_group)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analytics.models.evidence import Check, Claim
from analytics.results import Estimate, Unit
from analytics.studies.effect_designs import Attempt
from analytics.studies.experiments_data import BEFORE, BEGINS, COLUMN, EXPERIMENTS, Lot, Measure, control_of, drawn, groups

if TYPE_CHECKING:
    from analytics.models.experiment import Contrast
    from analytics.warehouse import Warehouse

OURS = "programme-"  # how the study `holdout` calls a lot that decides on the programme
LEAST_DAYS = 28  # of outcomes
GAP, CHANCE = 0.2, 0.001  # by how much more of one arm must be members before its experiment is taken to decide on the programme

FLAG = """-- customers flagged as withheld and as not, and the first enrolment of anybody
select count(*) filter (holdout) as withheld, count(*) filter (not holdout) as others, min(enrolled_on) as enrolled_on from customers
"""

JOINED = """-- of each arm: customers, and members: enrolled since the lot where that is known, else flagged as members
select
    arm, count(*) as customers,
    count(*) filter (coalesce(enrolled_on >= coalesce(starts_on, cast(assigned_at as date), enrolled_on), member, false)) as members
from experiments left join customers using (customer_id)
where experiment_id = $experiment and arm is not null group by arm
"""

CAMPAIGNS = """-- experiments that are named after a campaign customers were contacted for
select distinct experiment_id from experiments join contacts on contacts.campaign_id = experiments.experiment_id
"""

MEMBERS = """-- who is a member, and since when
select customer_id, coalesce(member, enrolled_on is not null) as member, enrolled_on from customers
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A lot over the programme: the flag (experiment None) or an experiment; or why there is none."""

    experiment: str | None = None
    control: str = "holdout"
    arms: tuple[str, ...] = ("programme",)
    first: date | None = None
    since: str = "assignment"
    lacking: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def attempt(warehouse: Warehouse, measure: Measure, *, withheld: float = 0.0) -> Attempt:
    """The programme's randomised holdout, if the data holds one.

    withheld  the share that was planned; 0: the usual one nearest to what came
    """
    found = _found(warehouse)
    if not found.lacking and COLUMN[measure] not in warehouse.present().get("transactions", frozenset()):
        found = Found(lacking="no_money")
    if found.lacking:
        return Attempt(design="experiment", lacking=found.lacking, facts=found.facts)
    lot = drawn(warehouse, found.experiment, found.control, found.arms, measure, found.first)
    facts: dict[str, Any] = {"experiment": found.experiment or "customers.holdout", "source": "experiment" if found.experiment else "flag"}
    facts |= {"from": found.since, "control": found.control, "arms": list(found.arms)}
    if lot is None or lot.people["days"].max() < LEAST_DAYS:
        return Attempt(design="experiment", lacking="too_early", facts=facts | {"days": LEAST_DAYS})
    return _judged(warehouse, lot, found, facts, withheld)


def _judged(warehouse: Warehouse, lot: Lot, found: Found, facts: dict[str, Any], withheld: float) -> Attempt:
    from analytics.models import experiment

    controls, others = lot.counts
    facts |= {"treated": sum(others), "controls": controls, "first": lot.first.isoformat(), "last": lot.last.isoformat(), "past": lot.past}
    if min(controls, *others) < experiment.LEAST:
        return Attempt(design="experiment", lacking="few", facts=facts | {"least": experiment.LEAST})
    plan = experiment.planned(controls, others, withheld)
    ratio = experiment.sample_ratio([controls, *others], plan)
    facts |= {"planned": _percent(plan[0]), "withheld": _percent(controls / (controls + sum(others)))}
    if ratio < experiment.STOP:
        return Attempt(design="experiment", lacking="sample_ratio", facts=facts | {"p": f"{ratio:.1g}"})
    ours = _contrast(lot)
    monthly = _monthly(ours.effect, lot)
    checks = (Check(key="sample_ratio", passed=True, value=ratio, bound=experiment.STOP, n=len(lot.people)), _balance(lot))
    claim = Claim(
        design="experiment",
        effect=monthly,
        checks=checks,
        treated=ours.treated,
        controls=ours.controls,
        first=lot.first,
        last=lot.last,
        brought=float(lot.people.loc[lot.treated, "money"].mean()) / lot.months,
    )
    plain = _monthly(ours.plain, lot)
    facts |= {"detectable": ours.detectable / lot.months, "plain": [plain.value, plain.low, plain.high], **_diluted(warehouse, lot)}
    return Attempt(design="experiment", claim=claim, facts=facts, tables=_tables(warehouse, lot, found))


def _percent(share: float) -> str:
    return f"{100 * share:.1f}".removesuffix(".0")


def _found(warehouse: Warehouse) -> Found:
    """The flag, else an experiment that decides on the programme, else why neither."""
    if "holdout" in warehouse.present().get("customers", frozenset()):
        flag = warehouse.frame(FLAG).iloc[0]
        if min(flag["withheld"], flag["others"]) > 0:
            return _flagged(warehouse, flag)
    if "experiments" not in warehouse.present() or warehouse.as_of is None:
        return Found(lacking="no_lot")
    every = warehouse.frame(EXPERIMENTS, as_of=warehouse.as_of)
    chosen = every[every["experiment_id"].isin(_of_the_programme(warehouse, every))]
    if chosen.empty:
        return Found(lacking="other_lots", facts={"experiments": ", ".join(every["experiment_id"].unique()[:3])})
    return _largest(chosen)


def _flagged(warehouse: Warehouse, flag: pd.Series) -> Found:
    """Those withheld count from the first enrolment on: before it there was nothing to be withheld from."""
    if not pd.isna(flag["enrolled_on"]):
        return Found(first=flag["enrolled_on"].date(), since="enrolment")
    begins = warehouse.value(BEGINS)
    return Found(first=begins if isinstance(begins, date) else None, since="data")


def _of_the_programme(warehouse: Warehouse, every: pd.DataFrame) -> list[str]:
    """Experiments that decide who is in the programme: by our own name, or because one arm joined and the other did not."""
    names = [str(name) for name in every["experiment_id"].unique()]
    if ours := [name for name in names if name.startswith(OURS)]:
        return ours
    campaigns = set(warehouse.frame(CAMPAIGNS)["experiment_id"])
    others = [name for name in names if name not in campaigns and not name.startswith("campaign-")]
    if not {"member", "enrolled_on"} & warehouse.present().get("customers", frozenset()):
        return others if len(names) == 1 else []
    return [name for name in others if _decides(warehouse.frame(JOINED, experiment=name))]


def _decides(arms: pd.DataFrame) -> bool:
    """Whether membership lies apart between the arms, beyond chance and by enough to be what was drawn."""
    from scipy.stats import chi2_contingency

    if len(arms) < 2 or not 0 < arms["members"].sum() < arms["customers"].sum():
        return False
    share = arms["members"] / arms["customers"]
    p = chi2_contingency(np.array([arms["members"], arms["customers"] - arms["members"]])).pvalue
    return bool(p < CHANCE and share.max() - share.min() >= GAP)


def _largest(rows: pd.DataFrame) -> Found:
    """The experiment with most customers, and its control arm."""
    name = rows.groupby("experiment_id")["customers"].sum().idxmax()
    mine = rows[rows["experiment_id"] == name]
    arms = [str(arm) for arm in mine["arm"]]
    control = control_of(arms)
    if control is None or len(arms) < 2:
        return Found(lacking="no_control", facts={"experiment": str(name), "arms": ", ".join(arms)})
    found = Found(experiment=str(name), control=control, arms=tuple(arm for arm in arms if arm != control))
    return replace(found, lacking="no_dates", facts={"experiment": str(name)}) if mine["first_on"].isna().all() else found


def _contrast(lot: Lot) -> Contrast:
    from analytics.models.experiment import contrast

    return contrast(lot.people["money"].to_numpy(float), lot.treated, lot.before, unit=Unit.MONEY)


def _monthly(effect: Estimate, lot: Lot) -> Estimate:
    """Money over the window as money a month: the lot shares out long and short windows alike, so their mean length serves both arms."""
    return replace(effect, **{end: getattr(effect, end) / lot.months for end in ("value", "low", "high")})


def _balance(lot: Lot) -> Check:
    from analytics.models.experiment import alike, balance

    if lot.before is None:
        return Check(key="balance", passed=None)
    most = float(balance(lot.people[list(BEFORE)], lot.treated)["difference"].abs().max())
    bound = alike(int(lot.treated.sum()), int((~lot.treated).sum()), len(BEFORE))
    return Check(key="balance", passed=most <= bound, value=most, bound=bound, n=len(lot.people))


def _diluted(warehouse: Warehouse, lot: Lot) -> dict[str, float | None]:
    """How many did not as the lot said: they make the effect of the offer smaller than that of being in."""
    if not {"member", "enrolled_on"} & warehouse.present().get("customers", frozenset()):
        return {"joined_anyway": None, "never_joined": None}
    rows = warehouse.frame(MEMBERS).set_index("customer_id").reindex(lot.people["customer_id"])
    member = rows["member"].eq(True).to_numpy() & ~(rows["enrolled_on"] > pd.Timestamp(lot.last)).to_numpy()
    return {"joined_anyway": float(member[~lot.treated].mean()), "never_joined": float((~member[lot.treated]).mean())}


def _tables(warehouse: Warehouse, lot: Lot, found: Found) -> dict[str, pd.DataFrame]:
    from analytics.models.experiment import balance

    people = lot.people.assign(bought=lot.people["orders"] > 0)
    arms = people.groupby("arm").agg(
        n=("customer_id", "size"), money=("money", "mean"), orders=("orders", "mean"), bought=("bought", "mean")
    )
    arms = arms.assign(money=arms["money"] / lot.months, orders=arms["orders"] / lot.months).loc[[*lot.arms, lot.control]].reset_index()
    money = lot.people["money"].to_numpy(float) / lot.months
    tables = {"experiment_arms": arms, "experiment_groups": groups(warehouse, lot, money, found.first)}
    if lot.before is not None:
        tables["experiment_balance"] = balance(lot.people[list(BEFORE)], lot.treated)
    return {name: table for name, table in tables.items() if len(table)}
