"""How do two periods, or two groups of customers, differ? The same measures on both sides, the difference with its interval.

Tables of the answer
    measures   measure, unit, a, a_low, a_high, b, b_low, b_high, difference (a less b), low, high, n_a, n_b (customers),
               clear: beyond chance among all measures tested (None for full counts, which are not tested)
    months     side (a, b), place (1 ..), month, customers, orders, net_sales
    sides      side, label or first and last month
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from analytics.errors import UserError
from analytics.models.differences import beyond_chance
from analytics.models.names import ORDER
from analytics.results import Estimate, Note, Period, Result, Unit
from analytics.studies import segments
from analytics.studies.base import Filters, Need, Study, defaults
from analytics.studies.compare_figures import draw
from analytics.studies.compare_measures import Side, measured
from analytics.studies.month_ends import whole_months
from analytics.studies.segments_figures import name as segment_name
from analytics.warehouse import Warehouse

if TYPE_CHECKING:
    from analytics.i18n import Words

LEAST = 30  # active customers without whom a side says nothing
MOST = 200  # values offered
YEAR = 12  # months up to the end of a period in which a customer must have ordered to count as known

ACTIVITY = """-- every customer known by the end of the months asked about, with what they did in them
with recent as (
    select *, month >= $first::date as inside
    from customer_months
    where month between $base::date and $last::date
      and (len($channel::varchar[]) = 0 or list_contains($channel::varchar[], channel))
),
activity as (
    select
        customer_id, sum(orders) > 0 as known, sum(orders) filter (inside) as orders, sum(amount) filter (inside) as amount,
        sum(refunds) filter (inside) as refunds, sum(discount) filter (inside) as discount, sum(margin) filter (inside) as margin
    from recent
    group by customer_id
),
movements as (
    select
        customer_id, coalesce(sum(points) filter (kind = 'earn'), 0) as earned,
        coalesce(sum(points) filter (kind = 'redeem'), 0) as redeemed
    from points
    where occurred_at >= $first::date and occurred_at < $last::date + interval 1 day and len($channel::varchar[]) = 0
    group by customer_id
)
select
    customer_id, f.tier, f.region, f.channel, f.acquisition_channel, category, f.gap_days,
    coalesce(known, false) as known, coalesce(activity.orders, 0) as orders, activity.amount, activity.refunds, activity.discount,
    activity.margin, earned, redeemed,
    r.first_on >= $first::date and date_diff('day', r.first_on, $end::date) >= $window as eligible,
    eligible and coalesce(date_diff('day', r.first_on, second_on) <= $window, false) as returned
from customer_features as f
join customer_repeat as r using (customer_id)
left join activity using (customer_id)
left join movements using (customer_id)
left join customer_favourites using (customer_id)
where r.first_on <= $last::date
  and (len($region::varchar[]) = 0 or list_contains($region::varchar[], f.region))
  and (len($tier::varchar[]) = 0 or list_contains($tier::varchar[], f.tier))
order by customer_id
"""

MONTHS = """-- activity by customer and month
select month, customer_id, sum(m.orders) as orders, sum(m.amount) as net_sales
from customer_months as m
join customer_features as f using (customer_id)
where month between $first::date and $last::date
  and (len($channel::varchar[]) = 0 or list_contains($channel::varchar[], m.channel))
  and (len($region::varchar[]) = 0 or list_contains($region::varchar[], f.region))
  and (len($tier::varchar[]) = 0 or list_contains($tier::varchar[], f.tier))
group by month, customer_id
"""

VALUES = """-- values of each dimension, by customers who bought
with dimensions as (
    unpivot (
        select f.tier, f.region, f.channel, f.acquisition_channel, category
        from customer_features as f
        left join customer_favourites using (customer_id)
        where orders > 0
    ) on columns(*) into name dimension value value
)
select dimension, value, count(*) as customers from dimensions group by dimension, value order by customers desc, value
"""


def _offered(warehouse: Warehouse, chosen: Mapping[str, Any], words: Words) -> dict[str, str]:
    """The groups that can be put on a side."""
    by = chosen.get("by", "segment")
    if by == "segment":
        return {key: segment_name(key, words) for key in ORDER if key != "steady"}  # scores make no steady middle
    return {value: value for value in _values(warehouse, by)[:MOST]}


def _values(warehouse: Warehouse, by: str) -> list[str]:
    found = warehouse.frame(VALUES)
    return [str(value) for value in found.loc[found["dimension"] == by, "value"]]


_GROUPS = {"only": ("what", "segments")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """what: two periods or two groups; against: which earlier period; by, a, b: the dimension and its values, the two largest when
    empty; months: length of the periods unless the filters name one; repeat_days: time to come back."""

    what: Literal["periods", "segments"] = "periods"
    against: Literal["year_before", "just_before"] = field(default="year_before", metadata={"only": ("what", "periods")})
    by: Literal["segment", "tier", "region", "channel", "acquisition_channel", "category"] = field(default="segment", metadata=_GROUPS)
    a: str = field(default="", metadata={**_GROUPS, "options": _offered})
    b: str = field(default="", metadata={**_GROUPS, "options": _offered})
    months: int = field(default=3, metadata={"min": 1, "max": 24, "step": 1})
    repeat_days: int = field(default=90, metadata={"preset": "repeat_days", "min": 7, "max": 730, "step": 1})
    filters: Filters = Filters()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """Both sides, their months in a row (side, place, month, customers, orders, net_sales), what they are called, cautions."""

    a: Side
    b: Side
    months: pd.DataFrame
    facts: Mapping[str, object]
    sides: pd.DataFrame
    warnings: tuple[Note, ...] = ()


def run(warehouse: Warehouse, params: Params) -> Result:
    """Both sides measured alike, and what of their difference is not chance."""
    pair = _periods(warehouse, params) if params.what == "periods" else _groups(warehouse, params)
    few = None if isinstance(pair, Note) else _too_few(pair)
    if isinstance(pair, Note) or few is not None:
        lacking = few or pair
        return Result(study=STUDY.id, verdict=lacking, refused=lacking)  # type: ignore[arg-type]
    table, differences = _measures(pair)
    return Result(
        study=STUDY.id,
        verdict=_verdict(params, pair, table),
        estimates=differences,
        tables={"measures": table, "months": pair.months, "sides": pair.sides},
        warnings=(*pair.warnings, *([] if "net_sales" in set(table["measure"]) else [Note(key="compare.warnings.no_money")])),
    )


def _too_few(pair: _Pair) -> Note | None:
    n = min(side.active for side in (pair.a, pair.b))
    return Note(key="compare.refused.few_customers", facts={"n": n, "least": LEAST}) if n < LEAST else None


def _periods(warehouse: Warehouse, params: Params) -> _Pair | Note:
    """The last months, or the period chosen, against the same months a year before or those just before."""
    months = whole_months(warehouse)
    now = whole_months(warehouse, params.filters) if params.filters.period else months[len(months) - min(params.months, len(months) // 2) :]
    if not len(now) or len(months) < 2:
        return Note(key="compare.refused.short", facts={"months": len(months)})
    year, just = now - pd.DateOffset(years=1), now - pd.DateOffset(months=len(now))
    before = year if params.against == "year_before" and year[0] >= months[0] else just
    if before[0] < months[0]:
        return Note(key="compare.refused.no_earlier", facts={"months": len(now), "first": _period(months[0])})
    seasonal = {month.month for month in now} != {month.month for month in before}
    notes = [Note(key="compare.warnings.season")] if seasonal else []
    notes += [Note(key="compare.warnings.no_year_before")] if seasonal and params.against == "year_before" else []
    base = max(len(now), min(YEAR, int((months <= before[-1]).sum())))
    spans = {"a": now, "b": before}
    sides = [{"side": side, "first": span[0], "last": span[-1]} for side, span in spans.items()]
    return _Pair(
        a=Side(_activity(warehouse, params, now, base), paired=True),
        b=Side(_activity(warehouse, params, before, base), paired=True),
        months=pd.concat([_overlaid(warehouse, params, side, span, None) for side, span in spans.items()], ignore_index=True),
        facts={f"{side}_{end}": _period(span[at]) for side, span in spans.items() for end, at in (("first", 0), ("last", -1))},
        sides=pd.DataFrame(sides),
        warnings=tuple(notes),
    )


def _period(month: pd.Timestamp) -> Period:
    return Period(first=month.date(), grain="month")


def _where(params: Params) -> dict[str, list[str]]:
    return {name: list(getattr(params.filters, name)) for name in ("channel", "region", "tier")}


def _activity(warehouse: Warehouse, params: Params, months: pd.DatetimeIndex, base: int) -> pd.DataFrame:
    """Customers of the months; `known` are those with an order in the `base` months up to their end, the same number on both sides:
    counted from the start of the data, the later period would carry more customers long gone."""
    facts = {"first": months[0].date(), "last": (months[-1] + pd.offsets.MonthEnd(0)).date(), "end": warehouse.as_of}
    first = (months[-1] - pd.DateOffset(months=base - 1)).date()
    return warehouse.frame(ACTIVITY, base=first, window=params.repeat_days, **facts, **_where(params))


def _overlaid(warehouse: Warehouse, params: Params, side: str, months: pd.DatetimeIndex, who: pd.Series | None) -> pd.DataFrame:
    """Month by month: customers with an order, orders, net sales; months without any are zero."""
    rows = warehouse.frame(MONTHS, first=months[0].date(), last=months[-1].date(), **_where(params))
    rows = rows if who is None else rows[rows["customer_id"].isin(who)]
    grouped = rows.assign(customers=rows["orders"] > 0).groupby("month")[["customers", "orders", "net_sales"]].sum(min_count=1)
    filled = grouped.reindex(months).astype(float)
    known = [name for name in filled if filled[name].notna().any()]
    return filled[known].fillna(0.0).rename_axis("month").reset_index().assign(side=side, place=range(1, len(months) + 1))


def _groups(warehouse: Warehouse, params: Params) -> _Pair | Note:
    """Two values of a dimension over the whole data, or the period chosen."""
    months = whole_months(warehouse, params.filters)
    if not len(months):
        return Note(key="compare.refused.short", facts={"months": 0})
    activity = _activity(warehouse, params, months, len(months))
    if params.by == "segment":
        members = segments.members(warehouse, replace(defaults(segments.STUDY, warehouse.settings), filters=params.filters))
        found = members.set_index("customer_id")["segment"] if len(members) else pd.Series(dtype=str)
        activity = activity.assign(segment=activity["customer_id"].map(found))
    chosen = _chosen(activity, params)
    if isinstance(chosen, Note):
        return chosen
    frames = {side: activity[activity[params.by] == value].reset_index(drop=True) for side, value in chosen.items()}
    named: dict[str, object] = {
        side: Note(key=f"segments.names.{value}") if params.by == "segment" else value for side, value in chosen.items()
    }
    notes = [Note(key=f"compare.warnings.{params.by}")] if params.by in ("segment", "tier") else []
    return _Pair(
        a=Side(frames["a"]),
        b=Side(frames["b"]),
        months=pd.concat(
            [_overlaid(warehouse, params, side, months, frame["customer_id"]) for side, frame in frames.items()], ignore_index=True
        ),
        facts={**named, "a_first": _period(months[0]), "a_last": _period(months[-1])},
        sides=pd.DataFrame([{"side": side, "label": value, "by": params.by} for side, value in chosen.items()]),
        warnings=tuple(notes),
    )


def _chosen(activity: pd.DataFrame, params: Params) -> dict[str, str] | Note:
    """The values asked for; the largest ones, by customers with an order, where none is named."""
    sizes = activity.loc[activity["orders"] > 0, params.by].dropna().value_counts()
    if len(sizes) < 2:
        return Note(key="compare.refused.no_groups", facts={"dimension": Note(key=f"compare.dimensions.{params.by}")})
    known = [str(value) for value in sizes.index]
    for name, value in (("a", params.a), ("b", params.b)):
        if value and value not in known:
            raise UserError("bad_param", study=STUDY.id, name=name, value=value, allowed=" | ".join(known[:12]))
    a = params.a or next(value for value in known if value != params.b)
    b = params.b or next(value for value in known if value != a)
    return Note(key="compare.refused.same", facts={}) if a == b else {"a": a, "b": b}


def _measures(pair: _Pair) -> tuple[pd.DataFrame, dict[str, Estimate]]:
    """Every measure that both sides have; the differences that were tested, as estimates."""
    found = measured(pair.a, pair.b)
    tested = {name: three[2] for name, three in found.items() if three[2].level < 1}
    clear = dict(zip(tested, beyond_chance(list(tested.values())), strict=True))
    rows = [
        {
            "measure": name,
            "unit": a.unit.value,
            "a": a.value,
            "a_low": a.low,
            "a_high": a.high,
            "b": b.value,
            "b_low": b.low,
            "b_high": b.high,
            "difference": apart.value,
            "low": apart.low,
            "high": apart.high,
            "n_a": a.n,
            "n_b": b.n,
            "clear": clear.get(name),
        }
        for name, (a, b, apart) in found.items()
    ]
    return pd.DataFrame(rows), {f"{name}_difference": apart for name, apart in tested.items()}


def _verdict(params: Params, pair: _Pair, table: pd.DataFrame) -> Note:
    """Net sales a customer (orders, where there is no money) on both sides, and how many of the measures differ."""
    money = "sales_per_customer" in set(table["measure"])
    row = table[table["measure"] == ("sales_per_customer" if money else "orders_per_customer")].iloc[0]
    sides = {f"{side}_value": _side(row, side, Unit.MONEY if money else Unit.RATIO) for side in ("a", "b")}
    kind = "chance" if not row["clear"] else "higher" if row["difference"] > 0 else "lower"
    tested = table["clear"].dropna().astype(bool)
    facts = {**pair.facts, **sides, "clear": int(tested.sum()), "tested": len(tested)}
    return Note(key=f"compare.verdict.{params.what}.{'sales' if money else 'orders'}.{kind}", facts=facts)


def _side(row: pd.Series, side: str, unit: Unit) -> Estimate:
    value, low, high = (float(row[name]) for name in (side, f"{side}_low", f"{side}_high"))
    return Estimate(value=value, low=low, high=high, n=int(row[f"n_{side}"]), unit=unit)


STUDY = Study(
    id="compare",
    group="customers",
    any_of=((Need(table="transactions", columns=("customer_id", "occurred_at")),),),
    params=Params,
    run=run,
    figures=draw,
)
