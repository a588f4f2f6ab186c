"""What did each campaign reach, what did it cause where a lot withheld it from some, and whom does it move?

Tables of the answer
    arms       experiment, arm, outcome (money, orders, bought, net), n, controls, mean, effect, low, high, p, plain, detectable, p_holm
    tests      experiment, status (read, or why not), arms, customers, withheld, planned, first, last, moved
    together   one, other, customers: experiments that run at the same time on the same customers
    groups     dimension, group, n, effect (money a customer assigned), low, high, q, apart: of the experiment looked at
    funnel     step (assigned, reached, responded, bought), customers, share: of the campaign looked at
    campaigns  campaign, first, last, contacts, reached, response_rate, low, high, per_contact, opted_out_rate, cost
    qini       ranking (uplift, response), share, gain, low, high, chance; rankings: ranking, coefficient, low, high, top, top_low, top_high
    tenths     tenth, n, response_rate, low, high: where no arm is random
    customers  `list_size` of them, the best ranked first: chance, response and, where a lot allows it, effect, uplift
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from analytics.errors import UserError
from analytics.fits import Fit, Fitted, fitted
from analytics.models.evidence import Check, grade
from analytics.results import Estimate, Note, Result, Unit, wilson
from analytics.studies import campaigns_tables as tables
from analytics.studies.base import Need, Study
from analytics.studies.campaigns_data import Tested, arms, campaigns, contrasts, tested, together
from analytics.studies.campaigns_figures import draw
from analytics.studies.campaigns_fit import CAMPAIGNS, chosen
from analytics.studies.experiments_data import BEFORE, Lot, Measure, groups, measure_of
from analytics.warehouse import Warehouse

if TYPE_CHECKING:
    from analytics.i18n import Words
    from analytics.models.experiment import Contrast

PARTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "caused": (("arms", "tests", "together"), ("incremental", "net", "incremental_total", "orders", "bought")),
    "who": (("qini", "rankings", "tenths", "groups", "customers"), ("uplift_area", "response_area")),
    "response": (("funnel", "campaigns"), ("response_rate",)),
}
ABOUT_WHO = ("campaigns.warnings.nobody_apart", "campaigns.warnings.response_only", "campaigns.warnings.sample")

OFFERED = """-- campaigns and experiments there are, the latest first
select name from (
    select campaign_id as name, max(occurred_at) as last from contacts where campaign_id is not null group by campaign_id
    union all
    select experiment_id, max(coalesce(starts_on, assigned_at)) from experiments where experiment_id is not null group by experiment_id
)
group by name order by max(last) desc nulls last, name
"""


def _offered(warehouse: Warehouse, values: Mapping[str, Any], words: Words) -> dict[str, str]:
    return {str(name): str(name) for name in warehouse.frame(OFFERED)["name"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """campaign: the one looked at closely, else the largest experiment; control: the control arm, where its name does not say so;
    withheld: share that was to be withheld, 0 for the usual one nearest to what came; list_size: customers listed."""

    campaign: str = field(default="", metadata={"options": _offered})
    control: str = ""
    withheld: float = field(default=0.0, metadata={"min": 0.0, "max": 0.99, "step": 0.05})
    list_size: int = field(default=100, metadata={"min": 0, "max": 100_000, "step": 50})


def fits(params: Params) -> tuple[tuple[Fit, Mapping[str, Any]], ...]:
    """Ranking customers takes long; what the arms say does not."""
    return ((CAMPAIGNS, {"campaign": params.campaign, "control": params.control, "withheld": params.withheld}),)


def run(warehouse: Warehouse, params: Params) -> Result:
    """The campaigns as they went, the experiments as they were drawn, and the ranking of customers."""
    measure = measure_of(warehouse)
    found = tested(warehouse, measure, control=params.control, withheld=params.withheld)
    listed = campaigns(warehouse)
    _known(found, listed, params.campaign)
    experiment, campaign = chosen(found, listed, params.campaign)
    if experiment is None and listed.empty:
        lacking = _lacking(found)
        return Result(study=STUDY.id, verdict=lacking, refused=lacking, tables=_nonempty({"tests": tables.tests(found)}))
    ((fit, asked),) = fits(params)
    ranks = fitted(warehouse, fit, **asked)
    lot = None if experiment is None else experiment.lot
    unread = next((one for one in found if one.experiment == campaign and one.lot is None), None)
    effects = {} if lot is None else contrasts(lot, measure)
    reached = _of_campaign(listed, campaign)
    return Result(
        study=STUDY.id,
        verdict=_lacking([unread]) if unread else _verdict(lot, effects, listed, campaign, measure),
        estimates=_estimates(lot, effects, reached, ranks),
        tables=_nonempty(_tables(warehouse, found, listed, (lot, campaign, measure), ranks, params)),
        warnings=_warnings([one for one in found if one is not unread], listed, (lot, measure), together(warehouse))
        + _about_who(ranks, unread),
        grade=_grade(lot) if lot is not None else None,
    )


def _known(found: list[Tested], listed: pd.DataFrame, asked: str) -> None:
    names = [one.experiment for one in found] + (list(listed["campaign"]) if len(listed) else [])
    if asked and asked not in names:
        raise UserError("bad_param", study=STUDY.id, name="campaign", value=asked, allowed=" | ".join(dict.fromkeys(names)))


def members(warehouse: Warehouse, params: Params) -> pd.DataFrame:
    """Every customer of the campaign looked at, the best ranked first: columns as in the table `customers`."""
    ((fit, asked),) = fits(params)
    return tables.people(fitted(warehouse, fit, **asked))


def parts(result: Result) -> dict[str, Result]:
    """The answer in its parts, each with its own figures: caused, who, response; only those that it has."""
    every = {
        name: result.part(
            tables=tables, estimates=estimates, warnings=[note for note in result.warnings if (note.key in ABOUT_WHO) == (name == "who")]
        )
        for name, (tables, estimates) in PARTS.items()
    }
    return {name: part for name, part in every.items() if not part.tables.keys() <= {"tests", "together"}}


def _lacking(found: list[Tested]) -> Note:
    """Why nothing can be said: the first experiment's reason."""
    return Note(key=f"campaigns.status.{found[0].status}", facts=_facts(found[0])) if found else Note(key="campaigns.refused.nothing")


def _facts(one: Tested) -> dict[str, Any]:
    shares = {name: _share(one.facts[name]) for name in ("planned", "seen") if name in one.facts}
    return {**one.facts, **shares, **({"p": f"{one.facts['p']:.1g}"} if "p" in one.facts else {})}


def _share(value: float) -> Estimate:
    return Estimate(value=value, low=value, high=value, n=1, unit=Unit.SHARE)


def _nonempty(found: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    return {name: table for name, table in found.items() if len(table)}


def _of_campaign(listed: pd.DataFrame, campaign: str) -> pd.Series | None:
    rows = listed[listed["campaign"] == campaign] if len(listed) else listed
    return rows.iloc[0] if len(rows) else None


def _grade(lot: Lot) -> str:
    """The sample ratio has passed, else there is no lot to read; what was before may still lie apart."""
    from analytics.models.experiment import alike, balance

    apart = None if lot.before is None else float(balance(lot.people[list(BEFORE)], lot.treated)["difference"].abs().max())
    bound = alike(int(lot.treated.sum()), int((~lot.treated).sum()), len(BEFORE))
    checks = (Check(key="sample_ratio", passed=True), Check(key="balance", passed=None if apart is None else apart <= bound))
    return grade("experiment", checks)


def _estimates(lot: Lot | None, effects: Mapping[str, Contrast], reached: pd.Series | None, ranks: Fitted) -> dict[str, Estimate]:
    estimates: dict[str, Estimate] = {}
    if lot is not None:
        names = {"incremental": "money", "net": "net", "orders": "orders", "bought": "bought"}
        estimates = {name: effects[source].effect for name, source in names.items() if source in effects}
        estimates["incremental_total"] = _times(effects["money"].effect, int(lot.treated.sum()))
    for name, worth in ranks.facts.get("rankings", {}).items():
        told = worth["coefficient"]
        estimates[f"{name}_area"] = Estimate(**{**told, "unit": Unit(told["unit"])})
    if reached is not None and reached["response_rate"] == reached["response_rate"]:
        estimates["response_rate"] = wilson(round(reached["response_rate"] * reached["reached"]), int(reached["reached"]))
    return estimates


def _times(estimate: Estimate, n: int) -> Estimate:
    return replace(estimate, **{end: getattr(estimate, end) * n for end in ("value", "low", "high")})


def _verdict(lot: Lot | None, effects: Mapping[str, Contrast], listed: pd.DataFrame, campaign: str, measure: Measure) -> Note:
    """What the lot says of the campaign; without one, what was reached, and that nothing more is known."""
    if lot is None:
        row = _of_campaign(listed, campaign)
        known = row is not None and row["response_rate"] == row["response_rate"]
        facts: dict[str, Any] = {"n": len(listed), "campaign": campaign, "contacts": int(listed["contacts"].sum())}
        if row is None or not known:
            return Note(key="campaigns.verdict.reached", facts=facts)
        facts |= {"share": _share(float(row["response_rate"])), "reached": int(row["reached"])}
        return Note(key="campaigns.verdict.response", facts=facts)
    money, worth = effects["money"], effects.get("net", effects["money"])
    kind = "gains" if money.effect.low > 0 else "loses" if money.effect.high < 0 else "unclear"
    if "net" in effects and kind == "gains" and worth.effect.low <= 0:
        kind = "costs" if worth.effect.high < 0 else "may_cost"
    facts = {"campaign": campaign, "days": round(lot.people["days"].mean()), "treated": money.treated, "controls": money.controls}
    facts |= _ends(money.effect, "effect") | _ends(worth.effect, "net") | {"detectable": _money(money.detectable, len(lot.people))}
    return Note(key=f"campaigns.verdict.{kind}.{measure}", facts=facts)


def _ends(estimate: Estimate, name: str) -> dict[str, Estimate]:
    """The estimate and its ends as money, for a sentence."""
    return {
        key: _money(getattr(estimate, end), estimate.n) for key, end in ((name, "value"), (f"{name}_low", "low"), (f"{name}_high", "high"))
    }


def _money(value: float, n: int) -> Estimate:
    return Estimate(value=value, low=value, high=value, n=n, unit=Unit.MONEY)


def _tables(
    warehouse: Warehouse, found: list[Tested], listed: pd.DataFrame, looked: tuple[Lot | None, str, Measure], ranks: Fitted, params: Params
) -> dict[str, pd.DataFrame]:
    lot, campaign, measure = looked
    told = {"arms": arms(found, measure), "tests": tables.tests(found), "together": together(warehouse)}
    if lot is not None:
        told["groups"] = groups(warehouse, lot, lot.people["money"].to_numpy(float))
    told |= {"funnel": tables.funnel(warehouse, lot, campaign), "campaigns": listed}
    told |= {name: ranks.tables[name] for name in ("qini", "tenths") if name in ranks.tables}
    return told | {"rankings": tables.rankings(ranks), "customers": tables.people(ranks).head(params.list_size)}


def _warnings(found: list[Tested], listed: pd.DataFrame, looked: tuple[Lot | None, Measure], pairs: pd.DataFrame) -> tuple[Note, ...]:
    """What a reader must know before believing the numbers."""
    lot, measure = looked
    untested = set(listed["campaign"]) - {one.experiment for one in found if one.lot is not None} if len(listed) else set()
    notes = [Note(key="campaigns.warnings.not_effect", facts={"n": len(untested)})] if untested else []
    notes += [Note(key=f"campaigns.status.{one.status}", facts=_facts(one)) for one in found if one.lot is None]
    notes += [Note(key="campaigns.warnings.moved", facts={"n": one.moved, "experiment": one.experiment}) for one in found if one.moved]
    notes += [Note(key="campaigns.warnings.together", facts=_pair(row)) for row in pairs.head(1).to_dict("records")]
    notes += [Note(key="campaigns.warnings.sales")] if lot is not None and measure == "net_sales" else []
    return tuple(notes)


def _pair(row: Mapping[Any, Any]) -> dict[str, object]:
    return {"one": str(row["one"]), "other": str(row["other"]), "n": int(row["customers"])}


def _about_who(ranks: Fitted, unread: Tested | None) -> tuple[Note, ...]:
    """What the ranking of customers is not. Where a lot could not be read the verdict has said so."""
    kind = ranks.facts["kind"]
    notes = [Note(key="campaigns.warnings.response_only")] if kind == "response" and unread is None else []
    notes += [Note(key="campaigns.warnings.nobody_apart")] if kind == "uplift" and not tables.told_apart(ranks) else []
    notes += [Note(key="campaigns.warnings.sample", facts={"n": ranks.facts["sample"]})] if ranks.facts.get("sample") else []
    return tuple(notes)


STUDY = Study(
    id="campaigns",
    group="programme",
    any_of=(
        (Need(table="contacts", columns=("customer_id", "campaign_id")),),
        (Need(table="experiments", columns=("experiment_id", "customer_id", "arm")), Need(table="transactions", columns=("occurred_at",))),
    ),
    params=Params,
    run=run,
    figures=draw,
    fits=fits,
)
