"""Members in their tiers: what they did in the last months, what each tier earns and receives, and what the rules ask for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.models.tier_moves import Ladder, Members, ladder
from analytics.results import Note

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse

Metric = Literal["points", "spend", "orders"]
NO_END = date(2200, 1, 1)  # of data without dates: everybody on file who has not left
YEAR = 12  # months that members are looked at, and that a metric counts when its words do not say how many

RULES = """-- tiers from low to high with what they ask
select tier, min(rank)::integer as rank, coalesce(min(threshold), 0)::double as threshold, any_value(metric) as metric
from tier_rules where tier is not null and rank is not null group by tier order by rank
"""

MEMBERS = """-- members of the day: tier on file; money, points and benefits of the last year, and of the months of the metric (counted_)
with sales as (
    select
        customer_id, sum(amount) filter (occurred_at >= $since) as amount, sum(margin) filter (occurred_at >= $since) as margin,
        sum(amount) filter (occurred_at >= $counted) as counted_amount,
        count(distinct coalesce(transaction_id, occurred_at::varchar)) filter (kind = 'sale' and occurred_at >= $counted) as counted_orders
    from transactions where occurred_at >= least($since, $counted) and occurred_at < $until group by customer_id
),
earned as (
    select
        customer_id, sum(points) filter (occurred_at >= $since) as points, sum(points) filter (occurred_at >= $counted) as counted_points
    from points where kind = 'earn' and occurred_at >= least($since, $counted) and occurred_at < $until group by customer_id
),
received as (
    select customer_id, sum(cost) as benefits from benefits where delivered_at >= $since and delivered_at < $until group by customer_id
)
select
    customer_id, tier, coalesce(sales.amount, 0)::double as amount, coalesce(sales.margin, 0)::double as margin,
    coalesce(points, 0)::double as points,
    coalesce(benefits, 0)::double as benefits, coalesce(counted_amount, 0)::double as counted_spend,
    coalesce(counted_orders, 0)::double as counted_orders, coalesce(counted_points, 0)::double as counted_points
from customer_features
left join sales using (customer_id) left join earned using (customer_id) left join received using (customer_id)
where (member or enrolled_on is not null or tier is not null or points_earned > 0) and coalesce(member, true)
    and coalesce(enrolled_on < $until, true) and coalesce(cancelled_on >= $until, true)
order by customer_id
"""

RATES = """-- what was spent and earned in each tier, by the tier of the day; where the data keeps no history of tiers, by that on file
with spells as (
    select customer_id, tier, valid_from as since, coalesce(valid_to, date '9999-12-31') as till
    from tiers where tier is not null and valid_from is not null
    union all
    select customer_id, tier, coalesce(enrolled_on, date '0001-01-01'), coalesce(cancelled_on, date '9999-12-31')
    from customer_features where tier is not null and not exists (from tiers)
),
moves as (
    select customer_id, occurred_at, amount as spent, null as earned from transactions
    where kind = 'sale' and occurred_at >= $since and occurred_at < $until
    union all
    select customer_id, occurred_at, null, points from points where kind = 'earn' and occurred_at >= $since and occurred_at < $until
)
select tier, coalesce(sum(spent), 0)::double as spent, coalesce(sum(earned), 0)::double as earned
from moves asof join spells on moves.customer_id = spells.customer_id and moves.occurred_at >= spells.since
where moves.occurred_at::date <= till group by tier
"""

_KINDS: tuple[tuple[Metric, re.Pattern[str]], ...] = (
    ("points", re.compile(r"point|mile|star|积分|里程|成长值", re.IGNORECASE)),
    ("spend", re.compile(r"sales|spen[dt]|amount|revenue|turnover|value|money|金额|销售额|消费额|实付|花费", re.IGNORECASE)),
    ("orders", re.compile(r"order|purchase|visit|transaction|trip|flight|次数|笔数|订单|单数|航段|到店", re.IGNORECASE)),
    ("spend", re.compile(r"消费|销售|购买", re.IGNORECASE)),
)
_SPAN = re.compile(r"(\d+)\s*-?\s*(day|week|month|year|天|日|周|个月|月|年)", re.IGNORECASE)
_EVER = re.compile(r"lifetime|all.?time|since join|历史累计|终身|入会以来", re.IGNORECASE)
_OFFSETS = {"day": "days", "天": "days", "日": "days", "week": "weeks", "周": "weeks", "year": "years", "年": "years"}
_COLUMNS = {"spend": ("transactions", "amount"), "orders": ("transactions", "occurred_at"), "points": ("points", "points")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiers:
    """Everybody who has a tier, and the ladder they stand on.

    names      from the lowest tier
    customers  (N,) who the members are
    locked     why thresholds cannot be moved; None where they can
    """

    names: tuple[str, ...]
    customers: NDArray[np.object_]
    members: Members
    ladder: Ladder
    locked: Note | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Members of the day: how many, what they earned and received in the last year, and their tiers where they have any."""

    members: int
    points: float
    benefits: float
    tiers: Tiers | None


def kind_of(metric: str) -> Metric | None:
    """What a rule's metric counts; None when no word of ours is in it.

    >>> kind_of("net sales of the last 12 months"), kind_of("近12个月消费次数"), kind_of("NPS")
    ('spend', 'orders', None)
    """
    return next((kind for kind, words in _KINDS if words.search(metric)), None)


def counted_since(metric: str, until: pd.Timestamp) -> pd.Timestamp:
    """The first moment that a metric counts; a year back when its words do not say."""
    if _EVER.search(metric):
        return pd.Timestamp(1900, 1, 1)
    found = _SPAN.search(metric)
    span: dict[str, Any] = {"months": YEAR} if found is None else {_OFFSETS.get(found[2].lower(), "months"): int(found[1])}
    return until - pd.DateOffset(**span)


def standing(warehouse: Warehouse, margin: float) -> Standing | None:
    """The members of the last day; None where the data knows none. margin: assumed share of money; 0 takes the margin on file."""
    rules, until = warehouse.frame(RULES), pd.Timestamp(warehouse.as_of or NO_END) + pd.Timedelta(days=1)
    metric = next((str(text) for text in rules["metric"].dropna()), "")
    since = until - pd.DateOffset(months=YEAR)
    rows = warehouse.frame(MEMBERS, since=since, counted=counted_since(metric, until), until=until)
    if rows.empty:
        return None
    rows["margin"] = margin * rows["amount"] if margin else rows["margin"]
    tiers = _tiers(warehouse, rows.dropna(subset="tier"), rules, warehouse.frame(RATES, since=since, until=until))
    return Standing(members=len(rows), points=float(rows["points"].sum()), benefits=float(rows["benefits"].sum()), tiers=tiers)


def _tiers(warehouse: Warehouse, rows: pd.DataFrame, rules: pd.DataFrame, rates: pd.DataFrame) -> Tiers | None:
    if rows.empty:
        return None
    locked = why_locked(warehouse, set(rows["tier"]), rules)
    names = _ordered(rows, rules)
    kind = kind_of(" ".join(rules["metric"].dropna())) or "spend"
    members = Members(
        tier=pd.Categorical(rows["tier"], categories=names).codes.astype(np.int64),
        metric=rows[f"counted_{kind}"].to_numpy(float),
        **{name: rows[name].to_numpy(float) for name in ("points", "benefits", "margin")},
    )
    found = rates.set_index("tier").reindex(names).fillna(0.0)
    thresholds = None if locked else rules.set_index("tier")["threshold"].reindex(names).to_numpy(float)
    spent, earned = (found[name].to_numpy(float) for name in ("spent", "earned"))
    customers = rows["customer_id"].to_numpy(object)
    return Tiers(names=tuple(names), customers=customers, members=members, ladder=ladder(members, spent, earned, thresholds), locked=locked)


def _ordered(rows: pd.DataFrame, rules: pd.DataFrame) -> list[str]:
    """From the lowest tier: by the rules, where they name every tier; else by what a member brings, or earns where nothing has a price."""
    if set(rows["tier"]) <= set(rules["tier"]):
        return [str(tier) for tier in rules["tier"]]
    by = "amount" if rows["amount"].any() else "points"
    return [str(tier) for tier in rows.groupby("tier")[by].mean().sort_values(kind="stable").index]


def why_locked(warehouse: Warehouse, tiers: set[str], rules: pd.DataFrame) -> Note | None:
    """Why the rules cannot be applied to the members of these tiers; None where they can."""
    if rules.empty or "threshold" not in warehouse.present().get("tier_rules", frozenset()):
        return _note("no_rules")
    if unnamed := sorted(tiers - set(rules["tier"])):
        return _note("unnamed", tier=unnamed[0])
    metrics = sorted({str(text) for text in rules["metric"].dropna()})
    kinds = {kind_of(text) for text in metrics}
    if len(kinds) != 1 or None in kinds:
        return _note("unknown_metric", metric=", ".join(metrics) or "–")
    table, column = _COLUMNS[kinds.pop() or "spend"]
    if column not in warehouse.present().get(table, frozenset()):
        return _note("no_metric", metric=metrics[0])
    return None if (rules["threshold"].diff().dropna() > 0).all() else _note("unordered")


def _note(why: str, **facts: Any) -> Note:
    return Note(key=f"scenarios.locked.{why}", facts=facts)
