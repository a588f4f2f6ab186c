"""What will the next months bring, and are we on plan? Simulated futures, shown only as far as past month ends bear them out.

Tables of the answer
    history   period (month), series, value, complete, event (what happened in it)
    forecast  month, series, method, value, low80, high80, low95, high95, actual_so_far (of a month that has begun), n
              and grain (how many weeks or months are learned from)
    holdout   series, method, step (months ahead; 0 is all of them), mae, wape, mase, bias, coverage80, coverage95, n, low and high
              (95 % interval of wape, step 0), chosen, baseline
    plan      series, month, plan, actual (whole months), value, low, high (95 %), gap (share of the plan), on_plan (yes, no,
              uncertain), probability
    year      series, first, last, actual, value, low, high, plan, probability: fiscal years that are planned in full
    shocks    text, first, last, effect, low, high (shares): known shocks that are kept out of what is carried forward
    events    date, kind, text
    trend     month, next_month: the whole months of the series asked for
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from analytics.models.forecast import SEASONAL, daily
from analytics.models.holdout import needed, skill, wape
from analytics.models.shocks import lasting
from analytics.results import Estimate, Note, Result, Unit, wilson
from analytics.studies.base import Need, Study
from analytics.studies.events import events
from analytics.studies.forecast_figures import draw
from analytics.studies.forecast_tables import felt, forecast, history, plan, tried, years
from analytics.studies.histories import ADDITIVE, UNITS, Histories, histories
from analytics.studies.outlook import Outlook, outlook
from analytics.studies.plan import Plans, plans
from analytics.warehouse import Warehouse

FEW = 20  # forecasts under which a 95 % interval cannot be checked
# kinds of events that do not come again by the calendar; what does (promotions, holidays) belongs to the season
SHOCKS = "shock|supply|outage|disruption|shortage|closure|strike|incident|failure|冲击|供应|供货|中断|断货|缺货|停业|闭店|事故|疫情"


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """series: what is forecast first; horizon: whole months ahead."""

    series: Literal["net_sales", "orders", "active_customers", "points_redeemed", "points_earned"] = "net_sales"
    horizon: int = field(default=3, metadata={"min": 1, "max": 12, "step": 1, "preset": "horizon"})


def run(warehouse: Warehouse, params: Params) -> Result:
    """The months ahead of every series that has enough months behind it."""
    known = histories(warehouse)
    asked = _asked(params.series, known)
    refusal = _refusal(asked, params, known)
    if refusal is not None:
        return Result(study=STUDY.id, verdict=refusal, refused=refusal)
    told, planned = events(warehouse), plans(warehouse)
    shocks = _shocks(told, known)
    pulses = list(zip(shocks["first"], shocks["last"], strict=True))
    names = [asked, *(name for name in _others(known, planned, params.horizon) if name != asked)]
    outlooks = {name: outlook(name, known, params.horizon, pulses, warehouse.settings) for name in names}
    tables = {
        "history": pd.concat([history(each, known, told) for each in outlooks.values()], ignore_index=True),
        "forecast": pd.concat([forecast(each) for each in outlooks.values()], ignore_index=True),
        "holdout": pd.concat([tried(each) for each in outlooks.values()], ignore_index=True),
        "plan": plan(planned, known, outlooks),
        "year": years(planned, known, outlooks, warehouse.settings),
        "shocks": felt(shocks, outlooks[asked]),
        "events": told,
        "trend": pd.DataFrame({"next_month": known.months(asked)}).rename_axis("month").reset_index(),
    }
    return _result(params, known, planned, outlooks[asked], {name: table for name, table in tables.items() if len(table)})


def _result(params: Params, known: Histories, planned: Plans, first: Outlook, tables: Mapping[str, pd.DataFrame]) -> Result:
    estimates = _estimates(first, tables)
    return Result(
        study=STUDY.id,
        verdict=_verdict(first, estimates),
        estimates=estimates,
        tables=tables,
        warnings=tuple(_warnings(params, known, first, planned, tables)),
    )


def _others(known: Histories, planned: Plans, horizon: int) -> list[str]:
    """Series to show beside the one asked for: orders only where they are planned or no money is known."""
    shown = [name for name in known.series if name != "orders" or "net_sales" not in known.series or name in set(planned.table["series"])]
    return [name for name in shown if len(known.months(name)) >= needed(horizon)]


def _asked(series: str, known: Histories) -> str:
    """The series asked for; where no money is known, orders (or points) stand for net sales."""
    if series == "net_sales" and series not in known.series:
        return next(iter(known.series), series)
    return series


def _refusal(asked: str, params: Params, known: Histories) -> Note | None:
    if asked not in known.series:
        return Note(key=f"forecast.refused.absent.{asked}")
    months = len(known.months(asked))
    least = needed(params.horizon)
    return (
        Note(key="forecast.refused.short", facts={"months": months, "least": least, "horizon": params.horizon}) if months < least else None
    )


def _shocks(told: pd.DataFrame, known: Histories) -> pd.DataFrame:
    """Known shocks with the days on which they were felt: text, first, last. Read from the first series that is known by days."""
    name = next((name for name, history in known.series.items() if daily(history)), None)
    sudden = told[told["kind"].fillna(told["text"]).str.casefold().str.contains(SHOCKS)]
    if name is None or sudden.empty:
        return pd.DataFrame(columns=["text", "first", "last"])
    felt = zip(sudden["text"], lasting(known.series[name], list(sudden["date"])), strict=True)
    rows = [{"text": text, "first": days[0], "last": days[1]} for text, days in felt if days is not None]
    return pd.DataFrame(rows, columns=["text", "first", "last"])


def _estimates(first: Outlook, tables: Mapping[str, pd.DataFrame]) -> dict[str, Estimate]:
    draws, begun = first.draws[:, : first.shown], first.begun
    found = {"next_month": first.estimate(draws[:, begun])}
    if first.begun:
        found = {"this_month": first.estimate(draws[:, 0]), **found}
    if first.name in ADDITIVE and draws.shape[1] - begun > 1:
        found["next_quarter"] = first.estimate(draws[:, begun:].sum(axis=1))
    found |= _against_plan(first, tables)
    return {**found, "holdout_error": wape(first.found, first.found.chosen), "skill": skill(first.found)}


def _against_plan(first: Outlook, tables: Mapping[str, pd.DataFrame]) -> dict[str, Estimate]:
    """The fiscal year, and the chance that the planned months within the horizon reach their plans taken together."""
    found: dict[str, Estimate] = {}
    year = tables.get("year", pd.DataFrame(columns=["series"]))
    for row in year[year["series"] == first.name].to_dict("records"):
        found["full_year"] = Estimate(value=row["value"], low=row["low"], high=row["high"], n=first.n, unit=UNITS[first.name])
    plan = tables.get("plan", pd.DataFrame(columns=["series", "probability"]))
    coming = plan[(plan["series"] == first.name) & plan.get("probability", pd.Series(dtype=float)).notna()]
    if len(coming):
        draws, plans_ahead = (
            first.draws[:, first.paths.months.get_indexer(pd.DatetimeIndex(coming["month"]))],
            coming["plan"].to_numpy(float),
        )
        if first.name in ADDITIVE:
            draws, plans_ahead = draws.sum(axis=1, keepdims=True), plans_ahead.sum(keepdims=True)
        found["plan_probability"] = wilson(int((draws >= plans_ahead).all(axis=1).sum()), len(draws))
    return found


def _verdict(first: Outlook, estimates: dict[str, Estimate]) -> Note:
    """What is expected, and whether the model earned its place: it beats the baseline, has an edge, or the baseline is shown."""
    shown = estimates["next_quarter"] if "next_quarter" in estimates else estimates["next_month"]
    kind = "baseline" if first.found.chosen != "structural" else "better" if estimates["skill"].low > 0 else "edge"
    facts = {
        "value": shown,
        "low": _bound(shown, shown.low),
        "high": _bound(shown, shown.high),
        "span": _ahead(first.shown - first.begun if "next_quarter" in estimates else 1),
        "skill": _bound(estimates["skill"], abs(estimates["skill"].value)),
    }
    if "plan_probability" in estimates:
        return Note(key=f"forecast.planned.{kind}.{first.name}", facts={**facts, "chance": estimates["plan_probability"]})
    return Note(key=f"forecast.verdict.{kind}.{first.name}", facts=facts)


def _ahead(months: int) -> Note:
    """The time a sum covers: next month, the next three months."""
    return Note(key=f"forecast.span.{'one' if months == 1 else 'many'}", facts={"months": months})


def _bound(estimate: Estimate, value: float) -> Estimate:
    """A number that is written in the unit of an estimate."""
    return Estimate(value=value, low=value, high=value, n=estimate.n, unit=estimate.unit)


def _warnings(params: Params, known: Histories, first: Outlook, planned: Plans, tables: Mapping[str, pd.DataFrame]) -> list[Note]:
    """What a reader must know before believing the months ahead."""
    n = len(first.found.errors(first.found.chosen))
    notes = [] if params.series == first.name else [Note(key="forecast.warnings.no_money")]
    notes += _season(len(known.months(first.name)))
    notes += [Note(key="forecast.warnings.few", facts={"n": n, "least": FEW})] if n < FEW else []
    notes += [] if known.left_out is None else [Note(key="forecast.warnings.left_out", facts={"day": known.left_out})]
    notes += [_shock(row) for _, row in tables.get("shocks", pd.DataFrame()).iterrows()]
    if "full_year" in _against_plan(first, tables) and len(first.paths.months) > first.shown:
        notes.append(Note(key="forecast.warnings.untested", facts={"horizon": params.horizon}))
    return notes + _misread(planned)


def _season(months: int) -> list[Note]:
    """What the history can say about a yearly season."""
    if months >= 24:
        return []
    return [Note(key=f"forecast.warnings.season.{'once' if months >= SEASONAL * 12 else 'unknown'}", facts={"months": months})]


def _shock(row: pd.Series) -> Note:
    facts: dict[str, object] = {"text": str(row["text"]), "first": row["first"].date(), "last": row["last"].date()}
    if "effect" not in row:
        return Note(key="forecast.warnings.shock.felt", facts=facts)
    kind = "down" if row["effect"] < 0 else "up"
    effect = Estimate(value=abs(row["effect"]), low=row["low"], high=row["high"], n=1, unit=Unit.SHARE)
    return Note(key=f"forecast.warnings.shock.{kind}", facts={**facts, "effect": effect})


def _misread(planned: Plans) -> list[Note]:
    named = {"unknown": planned.unknown, "contradictory": planned.contradictory}
    return [Note(key=f"forecast.warnings.plan.{kind}", facts={"names": ", ".join(names)}) for kind, names in named.items() if names]


STUDY = Study(
    id="forecast",
    group="customers",
    any_of=(
        (Need(table="transactions", columns=("customer_id", "occurred_at")),),
        (Need(table="points", columns=("customer_id", "occurred_at", "points")),),
    ),
    params=Params,
    run=run,
    figures=draw,
)
