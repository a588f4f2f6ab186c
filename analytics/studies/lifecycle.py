"""Who is staying, who is slipping away, and what is at stake? Stages from each customer's own rhythm; win rate and cycle of deals.

Tables of the answer
    stages       one row a stage: stage (key), customers, share, low, high, money (net sales of the twelve months up to the end),
                 money_share with interval, risk (slipping or dormant)
    months       month, stage, customers, share, money (net sales of those of them who ordered in that month), complete
    transitions  from, to, n, share, low, high between the last whole month end and the one `step` months before; each share has its own
                 95 % interval, the rows add up to 1; who had left stays lost
    groups       dimension (acquisition_channel, region, channel, industry), value, customers (neither new nor lost), silent (slipping or
                 dormant), share, low, high, difference (to all others of the dimension) with interval, clear (beyond chance among all
                 groups)
    newest       month of the first order, customers, eligible, second (orders within the window), share, low, high; months of which
                 all customers have been seen for the whole window
    customers    the slipping customers with the highest net sales, `list_size` of them; all customers: `members`
    deals        dimension (all, industry, region, acquisition_channel, tier, existing), value, won, lost, open, win_rate, low, high,
                 cycle_days (median of won deals), cycle_low, cycle_high, open_days (median age of open deals), amount (won),
                 open_amount, clear (win rate beyond chance apart from the others of its dimension), since, until
    trend        month under the names of the estimates, for the cards
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from math import exp
from statistics import NormalDist
from typing import Any

import pandas as pd

from analytics.errors import UserError
from analytics.results import Estimate, Note, Result, Unit, exact, wilson
from analytics.studies import lifecycle_tables as tables
from analytics.studies.base import Filters, Need, Study
from analytics.studies.events import events
from analytics.studies.lifecycle_figures import draw
from analytics.studies.lifecycle_sql import GROUPS, MONTHS, MOVES, NEWEST, NOW, ONE, PEOPLE, SPAN
from analytics.studies.lifecycle_tables import AT_RISK, GRACE, ORDER, named
from analytics.studies.pipeline import DEAL_ESTIMATES, DEAL_WARNINGS, pipeline
from analytics.studies.pipeline import DEALS as DEALS  # shown with the other queries
from analytics.warehouse import Warehouse

LEAST = 30  # customers below which stages say nothing
GAPS = 3  # typical gaps the data must span: less, and nobody can have fallen silent
FASTER = NormalDist().inv_cdf(0.99)  # one steady customer in a hundred is called growing by chance
HASTY = 0.1  # of the lost who order again within a month: more, and they were only late
SHOWN = 13  # month ends: a year, and the same month of the year before


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """new_days: how long a customer is new; slipping, dormant, lost: silence in multiples of the own rhythm; repeat_days: window of the
    second order; step: months between the two month ends of the transitions; list_size: customers listed in the answer."""

    new_days: int = field(default=90, metadata={"preset": "new_days", "min": 7, "max": 730, "step": 1})
    slipping: float = field(default=1.5, metadata={"preset": "slipping", "min": 1.0, "max": 20.0, "step": 0.5})
    dormant: float = field(default=3.0, metadata={"preset": "dormant", "min": 1.0, "max": 40.0, "step": 0.5})
    lost: float = field(default=6.0, metadata={"preset": "lost", "min": 1.0, "max": 80.0, "step": 0.5})
    repeat_days: int = field(default=90, metadata={"preset": "repeat_days", "min": 7, "max": 730, "step": 1})
    step: int = field(default=1, metadata={"min": 1, "max": 12, "step": 1})
    list_size: int = field(default=100, metadata={"min": 0, "max": 100_000, "step": 50})
    filters: Filters = Filters()


@dataclass(slots=True, kw_only=True)
class _Stages:
    """What the stages add to the answer, or why they cannot be told."""

    estimates: dict[str, Estimate] = field(default_factory=dict)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    warnings: list[Note] = field(default_factory=list)
    refused: Note | None = None


def run(warehouse: Warehouse, params: Params) -> Result:
    """Stages where there are sales, the pipeline where there are deals."""
    _ordered(params)
    stages, deals = _stages(warehouse, params), pipeline(warehouse, params.filters)
    if stages.refused is not None and not deals.estimates:
        return Result(study=STUDY.id, verdict=stages.refused, refused=stages.refused)
    found = {**stages.tables, "deals": deals.table}
    estimates = {**stages.estimates, **deals.estimates}
    return Result(
        study=STUDY.id,
        verdict=_verdict(estimates, stages),
        estimates=estimates,
        tables={name: table for name, table in found.items() if len(table)},
        warnings=(*([stages.refused] if stages.refused else []), *stages.warnings, *deals.warnings),
    )


def members(warehouse: Warehouse, params: Params) -> pd.DataFrame:
    """Every customer with stage, money and rhythm: columns as in the table `customers`."""
    span = _span(warehouse, params.filters)
    return _people(warehouse, params, span, places=[], most=-1) if _lacking(span, LEAST) is None else pd.DataFrame()


def at_risk(warehouse: Warehouse, params: Params, *, most: int) -> pd.DataFrame:
    """The slipping and dormant customers with the highest money: columns as in the table `customers`."""
    span = _span(warehouse, params.filters)
    if span.empty or _lacking(span, LEAST) is not None:
        return pd.DataFrame()
    return _people(warehouse, params, span, places=[ORDER.index(stage) + 1 for stage in AT_RISK], most=most)


def stages_of(warehouse: Warehouse, customer: str, params: Params) -> pd.DataFrame:
    """One customer at each month end from the first sale on: month, month_end, stage, silent_days, rhythm_days, silence."""
    span = _span(warehouse, params.filters)
    if span.empty or _lacking(span, LEAST) is not None:
        return pd.DataFrame()
    months = [month.date() for month in span.loc[span["typical_days"].notna(), "month"]]
    return named(warehouse.frame(ONE, customer=customer, **_where(params, months)))


def parts(result: Result) -> dict[str, Result]:
    """The answer in its parts: `stages` of customers and `deals`, each with its own finding; only those that it has."""
    if result.refused is not None:
        return {"stages": result}
    of_deals = {"deals": result.tables.get("deals")}
    known = {name: estimate for name, estimate in result.estimates.items() if name in DEAL_ESTIMATES}
    told = tuple(note for note in result.warnings if note.key in DEAL_WARNINGS)
    found: dict[str, Result] = {}
    if "stages" in result.tables:
        found["stages"] = replace(
            result,
            estimates={name: estimate for name, estimate in result.estimates.items() if name not in known},
            tables={name: table for name, table in result.tables.items() if name not in of_deals},
            warnings=tuple(note for note in result.warnings if note not in told),
        )
    if known:
        found["deals"] = Result(
            study=result.study,
            verdict=_of_deals(known),
            estimates=known,
            tables={name: table for name, table in of_deals.items() if table is not None},
            warnings=told if found else result.warnings,
        )
    return found


def _ordered(params: Params) -> None:
    if not params.slipping < params.dormant < params.lost:
        told = f"{params.slipping:g}, {params.dormant:g}, {params.lost:g}"
        raise UserError("bad_param", study=STUDY.id, name="slipping, dormant, lost", value=told, allowed="slipping < dormant < lost")


def _stages(warehouse: Warehouse, params: Params) -> _Stages:
    span = _span(warehouse, params.filters)
    now = _now(warehouse, params, span) if len(span) and span["typical_days"].notna().iloc[-1] else pd.DataFrame()
    n = int(now["customers"].sum()) if len(now) else 0
    if (lacking := _lacking(span, n)) is not None:
        return _Stages(refused=lacking)
    stages = tables.stages(now, n)
    months = _months(warehouse, params, span)
    newest = _newest(warehouse, params, span)
    found = _Stages(estimates=_estimates(stages, newest, n), warnings=_warnings(span, stages, params))
    moves = _transitions(warehouse, params, span)
    found.warnings += hasty(moves, params.step)
    found.tables = {
        "stages": stages,
        "months": months,
        "groups": _groups(warehouse, params, span),
        "transitions": moves,
        "newest": newest,
        "customers": _people(warehouse, params, span, places=[ORDER.index("slipping") + 1], most=params.list_size),
        "trend": tables.trend(months),
        "events": events(warehouse),
    }
    return found


def _span(warehouse: Warehouse, filters: Filters) -> pd.DataFrame:
    """The month ends of the data, or of the period; typical days between orders, whether each month is whole."""
    span = warehouse.frame(SPAN)
    whole = span["month"] + pd.offsets.MonthEnd(0) - GRACE <= span["month_end"]
    span = span.assign(complete=whole | span["monthly"].astype(bool))
    return span if filters.period is None else span[span["month"] <= pd.Timestamp(f"{filters.period[1]}-01")]


def _lacking(span: pd.DataFrame, n: int) -> Note | None:
    """Why stages cannot be told: too few customers, nobody who came back, too short a history."""
    if n < LEAST and (span.empty or span["typical_days"].notna().iloc[-1]):
        return Note(key="lifecycle.refused.few_customers", facts={"n": n, "least": LEAST})
    last = span.iloc[-1]
    if pd.isna(last["typical_days"]):
        return Note(key="lifecycle.refused.no_return")
    days = (last["month_end"] - last["began"]).days
    if days < GAPS * last["typical_days"]:
        needed = round(GAPS * last["typical_days"])
        return Note(key="lifecycle.refused.short", facts={"days": days, "typical": round(last["typical_days"]), "needed": needed})
    return None


def _where(params: Params, months: list[date]) -> dict[str, Any]:
    thresholds = {name: getattr(params, name) for name in ("new_days", "slipping", "dormant", "lost")}
    filters = {name: list(getattr(params.filters, name)) for name in ("region", "channel", "tier")}
    return {**thresholds, **filters, "months": months, "faster": FASTER}


def _year(span: pd.DataFrame) -> dict[str, date]:
    """The twelve months up to the end."""
    month = span["month"].iloc[-1]
    return {"month": month.date(), "since": (month - pd.DateOffset(months=11)).date()}


def _now(warehouse: Warehouse, params: Params, span: pd.DataFrame) -> pd.DataFrame:
    year = _year(span)
    return named(warehouse.frame(NOW, **_where(params, [year["month"]]), **year))


def _months(warehouse: Warehouse, params: Params, span: pd.DataFrame) -> pd.DataFrame:
    """Stages at the last month ends. In the first `new_days` of the data everybody looks new: those month ends are left out."""
    told = span[(span["month_end"] - pd.Timedelta(days=params.new_days) >= span["began"]) & span["typical_days"].notna()]
    if params.filters.period is not None:
        told = told[told["month"] >= pd.Timestamp(f"{params.filters.period[0]}-01")]
    told = told.tail(SHOWN)
    if told.empty:
        return pd.DataFrame()
    found = warehouse.frame(MONTHS, **_where(params, [month.date() for month in told["month"]]))
    return tables.months(found, dict(zip(told["month"], told["complete"], strict=True)))


def _transitions(warehouse: Warehouse, params: Params, span: pd.DataFrame) -> pd.DataFrame:
    """From one whole month end to another, `step` months later. Nobody drops out: who left is lost."""
    whole = span.loc[span["complete"] & span["typical_days"].notna(), "month"]
    if len(whole) <= params.step:
        return pd.DataFrame()
    pair = [whole.iloc[-1 - params.step].date(), whole.iloc[-1].date()]
    return tables.transitions(warehouse.frame(MOVES, **_where(params, pair)), pair)


def _groups(warehouse: Warehouse, params: Params, span: pd.DataFrame) -> pd.DataFrame:
    """Who has fallen silent more often than the others: each group of at least `min_cell` customers against the rest of its dimension."""
    return tables.groups(warehouse.frame(GROUPS, **_where(params, [_year(span)["month"]])), warehouse.access.min_cell)


def _newest(warehouse: Warehouse, params: Params, span: pd.DataFrame) -> pd.DataFrame:
    """Second orders of the newest cohorts that have been seen for the whole window."""
    filters = {name: list(getattr(params.filters, name)) for name in ("region", "channel", "tier")}
    end = span["month_end"].iloc[-1]
    cohorts = warehouse.frame(NEWEST, as_of=end.date(), window=params.repeat_days, **filters)
    return tables.newest(cohorts, span["began"].iloc[-1], end, params.repeat_days)


def _people(warehouse: Warehouse, params: Params, span: pd.DataFrame, *, places: list[int], most: int) -> pd.DataFrame:
    """Customers of some stages, or of all; the highest money first. most -1: everyone."""
    year = _year(span)
    limit = 2**31 if most < 0 else most
    people = named(warehouse.frame(PEOPLE, **_where(params, [year["month"]]), **year, places=places, most=limit))
    ordered = people[["customer_id", "stage", *(name for name in people if name not in ("customer_id", "stage"))]]
    return ordered.dropna(axis="columns", how="all") if len(ordered) else ordered


def _estimates(stages: pd.DataFrame, newest: pd.DataFrame, n: int) -> dict[str, Estimate]:
    by = stages.set_index("stage").to_dict("index")
    found: dict[str, Estimate] = {}
    if "money" in stages:
        at_risk = stages[stages["risk"]]
        found["money_at_risk"] = exact(float(at_risk["money"].sum()), unit=Unit.MONEY, n=int(at_risk["customers"].sum()))
    lost = int(by["lost"]["customers"])
    if n > lost:
        found |= {f"{stage}_share": wilson(int(by[stage]["customers"]), n - lost) for stage in ("slipping", "active", "won_back")}
    found["lost_share"] = wilson(lost, n)
    if len(newest):
        latest = newest.tail(3)
        found["second_purchase"] = wilson(int(latest["second"].sum()), int(latest["eligible"].sum()))
    return found


def _warnings(span: pd.DataFrame, stages: pd.DataFrame, params: Params) -> list[Note]:
    """Orders at random at a steady pace leave exponential gaps: so many of those not lost are slipping at any moment by chance alone."""
    chance = (exp(-params.slipping) - exp(-params.dormant)) / (1 - exp(-params.lost))
    notes = [Note(key="lifecycle.warnings.chance", facts={"chance": exact(chance, unit=Unit.SHARE, n=1)})]
    notes += [Note(key="lifecycle.warnings.monthly")] if bool(span["monthly"].iloc[-1]) else []
    return notes if "money" in stages else [*notes, Note(key="lifecycle.warnings.no_money")]


def hasty(moves: pd.DataFrame, step: int) -> list[Note]:
    """Where the lost keep coming back, `lost` is called too early for this data."""
    lost = moves[moves["from"] == "lost"] if len(moves) else moves
    if lost.empty:
        return []
    share = wilson(int(lost.loc[lost["to"] != "lost", "n"].sum()), int(lost["n"].sum()))
    days = {name: lost[name].iloc[0].date() for name in ("start", "end")}
    return [Note(key="lifecycle.warnings.hasty", facts={"share": share, **days})] if share.low > HASTY * step else []


def _of_deals(estimates: Mapping[str, Estimate]) -> Note:
    return Note(key=f"lifecycle.verdict.{'deals' if 'win_rate' in estimates else 'open'}", facts=dict(estimates))


def _verdict(estimates: dict[str, Estimate], stages: _Stages) -> Note:
    """The finding in money where it is known."""
    if "stages" not in stages.tables:
        return _of_deals(estimates)
    table = stages.tables["stages"]
    slipping = table.set_index("stage").to_dict("index")["slipping"]
    n = int(slipping["customers"])
    facts: dict[str, object] = {"n": n, "share": estimates["slipping_share"]}
    if "money" not in table or not table["money"].sum() > 0:
        return Note(key="lifecycle.verdict.count", facts=facts)
    facts["money"] = exact(float(slipping["money"]), unit=Unit.MONEY, n=n)
    low, high = slipping["money_low"], slipping["money_high"]
    facts["of"] = Estimate(value=slipping["money_share"], low=low, high=high, n=int(table["customers"].sum()), unit=Unit.SHARE)
    return Note(key="lifecycle.verdict.money", facts={**facts, "at_risk": estimates["money_at_risk"]})


STUDY = Study(
    id="lifecycle",
    group="customers",
    any_of=(
        (Need(table="transactions", columns=("customer_id", "occurred_at")),),
        (Need(table="opportunities", columns=("customer_id", "stage")),),
    ),
    params=Params,
    run=run,
    figures=draw,
)
