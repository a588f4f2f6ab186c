"""Who are our customers? RFM scores, or clusters where the data has any, with what each segment brings.

Tables of the answer
    segments   one row a segment: segment (key), n, share with interval, money, money_share with interval, mean and median of
               recency (days), frequency (orders) and money a customer, standing of its typical customer (0-1), rule (key)
    rfm        recency x frequency scores, all 25 cells: customers, share, money, money_share
    scores     measure (recency, frequency, monetary), score, customers, low and high of the days, orders or money behind it
    evidence   what speaks for each number of clusters; `chosen` marks the cut that is shown
    customers  the customers with the highest net sales (or most orders), `list_size` of them; all: `members`
    profiles   segment, dimension (tier, channel, region, category), value, n, share in the segment, share overall
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from analytics.models import names
from analytics.models import segments as model
from analytics.models.resample import ratio_of_sums
from analytics.models.scaling import Kind
from analytics.results import Estimate, Note, Result, Unit, exact, wilson
from analytics.studies.base import Filters, Need, Study
from analytics.studies.segments_figures import base, draw
from analytics.warehouse import Warehouse

LEAST = 30  # customers below which fifths and clusters say nothing

CUSTOMERS = """
-- customers with a sale up to the as-of day
select
    customer_id, region, tier, customer_features.channel, category, orders, amount, discount, categories, first_on, last_on,
    date_diff('day', last_on, $as_of::date) as recency_days,
    date_diff('day', first_on, $as_of::date) as tenure_days
from customer_features
left join customer_favourites using (customer_id)
where orders > 0
  and (len($region::varchar[]) = 0 or list_contains($region::varchar[], region))
  and (len($tier::varchar[]) = 0 or list_contains($tier::varchar[], tier))
order by customer_id
"""

WINDOW = """
-- the same within a period or a channel: recency, frequency and money of those months alone, as of their end
with activity as (
    select
        customer_id, sum(orders) as orders, sum(amount) as amount, sum(discount) as discount, max(last_on) as last_on,
        arg_max(channel, orders) as channel
    from customer_months
    where month between $first::date and $as_of::date
      and (len($channel::varchar[]) = 0 or list_contains($channel::varchar[], channel))
    group by customer_id
)
select
    customer_id, region, tier, activity.channel, category, activity.orders, activity.amount, activity.discount, categories,
    first_on, activity.last_on,
    date_diff('day', activity.last_on, $as_of::date) as recency_days,
    date_diff('day', first_on, $as_of::date) as tenure_days
from activity
join customer_features using (customer_id)
left join customer_favourites using (customer_id)
where activity.orders > 0
  and (len($region::varchar[]) = 0 or list_contains($region::varchar[], region))
  and (len($tier::varchar[]) = 0 or list_contains($tier::varchar[], tier))
order by customer_id
"""

START = "select min(month) as month from customer_months"

_BASE: dict[str, Kind] = {"orders": "count", "amount": "money", "recency_days": "days"}
_EXTRA: dict[str, Kind] = {"categories": "count", "discount_share": "share"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """method: scores and rules, or clusters; clusters: how many; new_days: how long a customer is new; list_size: customers listed."""

    method: Literal["rfm", "clusters"] = "rfm"
    clusters: Literal["auto", "2", "3", "4", "5", "6", "7", "8"] = field(default="auto", metadata={"only": ("method", "clusters")})
    new_days: int = field(default=90, metadata={"preset": "new_days", "min": 7, "max": 730, "step": 1})
    list_size: int = field(default=100, metadata={"min": 0, "max": 100_000, "step": 50})
    filters: Filters = Filters()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """customers with scores and segment; the clusters they were cut into (None for RFM); days during which one is new; the last day."""

    customers: pd.DataFrame
    clusters: model.Clusters | None
    standing: pd.DataFrame
    new_days: int
    as_of: date


def run(warehouse: Warehouse, params: Params) -> Result:
    """The segments, what they bring, and how far they can be believed."""
    customers, as_of = _customers(warehouse, params.filters)
    if len(customers) < LEAST:
        lacking = Note(key="segments.refused.few_customers", facts={"n": len(customers), "least": LEAST})
        return Result(study=STUDY.id, verdict=lacking, refused=lacking)
    cut = _cut(customers, as_of, params)
    segments = _segments(cut)
    top = segments.iloc[segments["money_share" if "money_share" in segments else "share"].argmax()]
    tables = {
        "segments": segments,
        "rfm": _grid(cut.customers),
        "scores": _scores(cut.customers),
        "evidence": _evidence(cut.clusters),
        "customers": _listed(cut.customers).head(params.list_size),
        "profiles": _profiles(cut.customers, warehouse.access.min_cell),
    }
    return Result(
        study=STUDY.id,
        verdict=_verdict(cut, top),
        estimates=_estimates(cut, segments, top),
        tables={name: table for name, table in tables.items() if len(table)},
        warnings=_warnings(cut, params),
    )


def members(warehouse: Warehouse, params: Params) -> pd.DataFrame:
    """Every customer with segment, scores and behaviour: columns as in the table `customers`."""
    customers, as_of = _customers(warehouse, params.filters)
    return _listed(_cut(customers, as_of, params).customers) if len(customers) >= LEAST else customers.head(0)


def _customers(warehouse: Warehouse, filters: Filters) -> tuple[pd.DataFrame, date]:
    """Customers with a sale in the part of the data asked about, and the last day counted."""
    as_of = _end(filters, warehouse.as_of)
    facts = {"as_of": as_of, "region": list(filters.region), "tier": list(filters.tier)}
    if filters.period or filters.channel:
        first = f"{filters.period[0]}-01" if filters.period else warehouse.frame(START)["month"][0]
        customers = warehouse.frame(WINDOW, first=first, channel=list(filters.channel), **facts)
    else:
        customers = warehouse.frame(CUSTOMERS, **facts)
    return _tidy(customers), as_of


def _end(filters: Filters, as_of: date | None) -> date:
    if as_of is None:
        raise ValueError("transactions without a day")
    if filters.period is None:
        return as_of
    year, month = (int(part) for part in filters.period[1].split("-"))
    return min(as_of, date(year, month, monthrange(year, month)[1]))


def _tidy(customers: pd.DataFrame) -> pd.DataFrame:
    """Columns without any value go; money that is missing for some counts as zero."""
    known = customers.dropna(axis="columns", how="all")
    if "amount" in known:
        known = known.assign(amount=known["amount"].fillna(0.0))
    if "discount" in known and "amount" in known:
        given = known["discount"].fillna(0.0).clip(lower=0)
        known = known.assign(discount_share=(given / (given + known["amount"]).where(lambda x: x > 0)).fillna(0.0).clip(0, 1))
    return known


def _cut(customers: pd.DataFrame, as_of: date, params: Params) -> _Cut:
    scored = _scored(customers)
    tenure = scored["tenure_days"].to_numpy(float)
    new_days = names.new_days(tenure, params.new_days)
    if params.method == "rfm":
        segment = names.name_by_scores(scored["recency"].to_numpy(), scored["frequency"].to_numpy(), tenure, new_days=new_days)
        measures = {"recency_days": False, "orders": True, **({"amount": True} if "amount" in scored else {})}
        where = names.percentiles(scored, segment, measures)
        return _Cut(customers=scored.assign(segment=segment), clusters=None, standing=where, new_days=new_days, as_of=as_of)
    k = None if params.clusters == "auto" else int(params.clusters)
    clusters = model.cluster(scored, _known(_BASE, scored), _known(_EXTRA, scored), k=k)
    given, where = names.of_clusters(scored, clusters.labels, params.new_days)
    return _Cut(
        customers=scored.assign(segment=np.array(given)[clusters.labels]),
        clusters=clusters,
        standing=where.set_axis(given, axis="index"),
        new_days=new_days,
        as_of=as_of,
    )


def _known(kinds: dict[str, Kind], frame: pd.DataFrame) -> dict[str, Kind]:
    return {name: kind for name, kind in kinds.items() if name in frame}


def _scored(customers: pd.DataFrame) -> pd.DataFrame:
    scored = customers.assign(
        recency=model.quintile(customers["recency_days"].to_numpy(float), best_low=True),
        frequency=model.quintile(customers["orders"].to_numpy(float)),
    )
    return scored.assign(monetary=model.quintile(scored["amount"].to_numpy(float))) if "amount" in scored else scored


def _segments(cut: _Cut) -> pd.DataFrame:
    """One row a segment, the most valuable kind first."""
    groups = {str(name): group.index for name, group in cut.customers.groupby("segment")}
    ordered = sorted(groups, key=lambda name: (names.ORDER.index(base(name)), name))
    return pd.DataFrame([_segment(cut, name, groups[name]) for name in ordered])


def _segment(cut: _Cut, name: str, index: pd.Index) -> dict[str, object]:
    customers, group = cut.customers, cut.customers.loc[index]
    share = wilson(len(group), len(customers))
    where = cut.standing.loc[name]
    row = {
        "segment": name,
        "n": len(group),
        "share": share.value,
        "share_low": share.low,
        "share_high": share.high,
        **_middle(group, "recency_days", "recency"),
        **_middle(group, "orders", "frequency"),
        "recency_standing": where["recency_days"],
        "frequency_standing": where["orders"],
    }
    if "amount" in customers:
        row |= {
            "money": group["amount"].sum(),
            **_money_share(customers, name),
            **_middle(group, "amount", "money"),
            "money_standing": where["amount"],
        }
    return {
        **row,
        "new_days": cut.new_days,
        "rule": "segments.rules.clusters" if cut.clusters else f"segments.rules.rfm.{name}",
    }


def _middle(group: pd.DataFrame, column: str, name: str) -> dict[str, float]:
    return {f"{name}_mean": group[column].mean(), f"{name}_median": group[column].median()}


def _money_share(customers: pd.DataFrame, name: str) -> dict[str, float]:
    """Share of net sales; absent as nan when there is nothing to share out."""
    if customers["amount"].sum() <= 0:
        return {"money_share": np.nan, "money_share_low": np.nan, "money_share_high": np.nan}
    money = customers["amount"].to_numpy(float)
    share = ratio_of_sums(money * (customers["segment"] == name).to_numpy(), money, unit=Unit.SHARE)
    return {"money_share": share.value, "money_share_low": share.low, "money_share_high": share.high}


def _grid(customers: pd.DataFrame) -> pd.DataFrame:
    """Customers and money in each of the 25 cells of recency and frequency."""
    cells = pd.MultiIndex.from_product([range(1, 6), range(1, 6)], names=["recency", "frequency"])
    grouped = customers.groupby(["recency", "frequency"])
    grid = grouped.size().reindex(cells, fill_value=0).to_frame("customers")
    grid["share"] = grid["customers"] / len(customers)
    if "amount" in customers:
        grid["money"] = grouped["amount"].sum().reindex(cells, fill_value=0.0)
        total = customers["amount"].sum()
        grid["money_share"] = grid["money"] / total if total > 0 else np.nan
    return grid.reset_index()


def _scores(customers: pd.DataFrame) -> pd.DataFrame:
    """What each score stands for."""
    behind = {"recency": "recency_days", "frequency": "orders", "monetary": "amount"}
    parts = [
        customers.groupby(score)[column]
        .agg(customers="size", low="min", high="max")
        .rename_axis("score")
        .reset_index()
        .assign(measure=score)
        for score, column in behind.items()
        if column in customers
    ]
    return pd.concat(parts, ignore_index=True)[["measure", "score", "customers", "low", "high"]]


def _evidence(clusters: model.Clusters | None) -> pd.DataFrame:
    rows = (
        []
        if clusters is None
        else [
            {
                "k": c.k,
                "stability": c.stability,
                "silhouette": c.silhouette,
                "gap": c.gap,
                "gap_se": c.gap_se,
                "smallest_share": c.smallest,
                "valley": c.valley,
                "chosen": c.k == clusters.k,
            }
            for c in clusters.candidates
        ]
    )
    return pd.DataFrame(rows)


def _listed(customers: pd.DataFrame) -> pd.DataFrame:
    """The customers as they are listed, the most valuable first."""
    wanted = (
        "customer_id",
        "segment",
        "recency",
        "frequency",
        "monetary",
        "recency_days",
        "orders",
        "amount",
        "first_on",
        "last_on",
        "tier",
        "region",
        "channel",
        "category",
    )
    shown = customers[[name for name in wanted if name in customers]]
    return shown.sort_values(["amount" if "amount" in shown else "orders", "customer_id"], ascending=[False, True], ignore_index=True)


def _profiles(customers: pd.DataFrame, min_cell: int, most: int = 8) -> pd.DataFrame:
    """What each segment is made of; values outside the most frequent ones and cells under `min_cell` are left out."""
    return pd.concat(
        [_profile(customers, name, min_cell, most) for name in ("tier", "channel", "region", "category") if name in customers]
        or [pd.DataFrame()],
        ignore_index=True,
    )


def _profile(customers: pd.DataFrame, dimension: str, min_cell: int, most: int) -> pd.DataFrame:
    known = customers.dropna(subset=dimension)
    overall = known[dimension].value_counts(normalize=True).head(most)
    counts = known.groupby(["segment", dimension]).size().rename("n").reset_index().rename(columns={dimension: "value"})
    counts["share"] = counts["n"] / counts.groupby("segment")["n"].transform("sum")
    counts["share_overall"] = counts["value"].map(overall)
    kept = counts[counts["share_overall"].notna() & (counts["n"] >= min_cell)]
    return kept.assign(dimension=dimension)[["segment", "dimension", "value", "n", "share", "share_overall"]]


def _estimates(cut: _Cut, segments: pd.DataFrame, top: pd.Series) -> dict[str, Estimate]:
    n = len(cut.customers)
    estimates = {
        "customers": exact(n, unit=Unit.COUNT, n=n),
        "segments": exact(len(segments), unit=Unit.COUNT, n=n),
        "top_segment_share": _interval(top, "share", n),
    }
    if np.isfinite(top.get("money_share", np.nan)):
        estimates["top_segment_money_share"] = _interval(top, "money_share", n)
    chosen = None if cut.clusters is None else next((c for c in cut.clusters.candidates if c.k == cut.clusters.k), None)
    if chosen is not None:
        estimates["stability"] = Estimate(
            value=chosen.stability, low=chosen.stability_low, high=chosen.stability_high, n=model.RESAMPLES, unit=Unit.INDEX
        )
    return estimates


def _interval(row: pd.Series, name: str, n: int) -> Estimate:
    return Estimate(value=row[name], low=row[f"{name}_low"], high=row[f"{name}_high"], n=n, unit=Unit.SHARE)


def _verdict(cut: _Cut, top: pd.Series) -> Note:
    """The finding: which segment brings most; or that there are no clear clusters."""
    if cut.clusters is not None and not cut.clusters.clear:
        return Note(key="segments.verdict.no_clear_clusters", facts={"n": len(cut.customers), "k": cut.clusters.k})
    name = str(top["segment"])
    share = _interval(top, "share", len(cut.customers))
    facts: dict[str, object] = {
        "letter": "" if name == base(name) else f" {name[-1].upper()}",
        "share": share,
        "k": cut.clusters.k if cut.clusters else 0,
    }
    if np.isfinite(top.get("money_share", np.nan)):
        return Note(key=f"segments.verdict.money.{base(name)}", facts={**facts, "money": _interval(top, "money_share", len(cut.customers))})
    return Note(key=f"segments.verdict.count.{base(name)}", facts=facts)


def _warnings(cut: _Cut, params: Params) -> tuple[Note, ...]:
    notes = [] if "amount" in cut.customers else [Note(key="segments.warnings.no_money")]
    if "amount" in cut.customers and cut.customers["amount"].sum() <= 0:
        notes.append(Note(key="segments.warnings.nothing_to_share"))
    clusters = cut.clusters
    if clusters is not None and params.clusters != "auto":
        notes.append(Note(key="segments.warnings.unclear.fixed"))
    if clusters is not None and clusters.reason is not None:
        notes.append(Note(key=f"segments.warnings.unclear.{clusters.reason}"))
    if clusters is not None and clusters.fitted_on < len(cut.customers):
        notes.append(Note(key="segments.warnings.sampled", facts={"n": clusters.fitted_on, "total": len(cut.customers)}))
    return tuple(notes)


STUDY = Study(
    id="segments",
    group="customers",
    any_of=((Need(table="transactions", columns=("customer_id", "occurred_at")),),),
    params=Params,
    run=run,
    figures=draw,
)
