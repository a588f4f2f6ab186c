"""Members just below and just above a tier's threshold at its reviews: for the design `threshold`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analytics.models.discontinuity import Near
from analytics.studies.effect_panel import Measure

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse

MONTH = 30.4375  # days
QUARTER = 3  # months after a review whose money counts
MANY = 10  # times the usual number of spells that begin on a day, from which it is a review

RULES = """-- tiers from low to high with what they ask
select tier, min(rank)::integer as rank, min(threshold)::double as threshold, any_value(metric) as metric
from tier_rules where tier is not null and rank is not null and threshold is not null group by tier order by rank
"""

BEGINNINGS = """-- spells that begin on a day: day, spells
select valid_from as day, count(*) as spells from tiers
where valid_from is not null and valid_from > (select min(valid_from) from tiers) group by valid_from order by valid_from
"""

REVIEWED = """-- members at a review: the tier of the day before and of the day, what they spent before and after, what was known
with spells as (
    select customer_id, min(rank) filter (since < $day::date and till >= $day::date - 1) as rank_before,
        min(rank) filter (since <= $day::date and till >= $day::date) as rank
    from (
        select customer_id, tier_rules.rank, valid_from as since, coalesce(valid_to, date '9999-12-31') as till
        from tiers join tier_rules using (tier)
    )
    group by customer_id
),
moves as (
    select
        customer_id,
        sum(amount) filter (occurred_at >= $since::date and occurred_at < $day::date)::double as spend,
        sum(amount) filter (occurred_at >= $day::date)::double as amount,
        sum(margin) filter (occurred_at >= $day::date)::double as margin,
        sum(amount) filter (occurred_at >= $recent::date and occurred_at < $day::date)::double as money_before,
        sum(discount) filter (occurred_at < $day::date)::double as discount_before,
        count(distinct transaction_id) filter (occurred_at >= $since::date and occurred_at < $day::date)::double as orders_before,
        date_diff('day', min(occurred_at)::date, $day::date)::double as tenure
    from transactions where occurred_at < $until::date group by customer_id
)
select
    customer_id, rank_before::integer as rank_before, rank::integer as rank, spend, coalesce(amount, 0) as amount,
    coalesce(margin, 0) as margin, coalesce(money_before, 0) as money_before, coalesce(discount_before, 0) as discount_before,
    orders_before, tenure, ($day::date - enrolled_on)::double as membership
from spells join moves using (customer_id) left join customers using (customer_id)
where rank is not null and rank_before is not null and spend is not null
order by customer_id
"""

_MONEY = re.compile(r"sales|spend|spent|amount|revenue|purchases|消费|销售额|金额|实付|消费额", re.IGNORECASE)
_SPAN = re.compile(r"(\d+)\s*(day|month|year|天|日|个月|月|年)", re.IGNORECASE)
_YEAR = re.compile(r"year|annual|年", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A tier to reach: money of so many months (or days) before a review, up to the next tier's threshold."""

    tier: str
    rank: int
    threshold: float
    below: float
    above: float


def looks_back(metric: str) -> pd.DateOffset | None:
    """How far back a metric counts money; None when its words do not say that it is money, or of how long."""
    if not _MONEY.search(metric):
        return None
    if (found := _SPAN.search(metric)) is None:
        return pd.DateOffset(years=1) if _YEAR.search(metric) else None
    unit, n = found[2].lower(), int(found[1])
    if unit in ("day", "天", "日"):
        return pd.DateOffset(days=n)
    return pd.DateOffset(years=n) if unit in ("year", "年") else pd.DateOffset(months=n)


def rules(table: pd.DataFrame) -> list[Rule]:
    """The tiers that can be reached from below, each between its neighbours."""
    known = table.sort_values("rank", ignore_index=True)
    edges = [*known["threshold"], np.inf]
    named = list(zip(known["tier"], known["rank"], strict=True))
    return [
        Rule(tier=str(tier), rank=int(rank), threshold=edges[at], below=edges[at - 1], above=edges[at + 1])
        for at, (tier, rank) in enumerate(named)
        if at > 0 and edges[at] > edges[at - 1]
    ]


def reviews(beginnings: pd.DataFrame) -> list[pd.Timestamp]:
    """Days on which far more spells begin than usually do: those between reviews are of members who have just joined."""
    if beginnings.empty:
        return []
    usual = float(beginnings["spells"].median())
    least = MANY * usual if len(beginnings) > 2 * MANY else 1.0
    return [day for day, spells in zip(beginnings["day"], beginnings["spells"], strict=True) if spells >= max(least, MANY)]


def reviewed(warehouse: Warehouse, days: list[pd.Timestamp], back: pd.DateOffset, measure: Measure) -> pd.DataFrame:
    """Members at each review with a whole window before and a quarter after it; `money` a month is the outcome."""
    first, last = warehouse.row("select min(occurred_at)::date, (select day from as_of_day) from transactions")
    parts = []
    for day in days:
        until = day + pd.DateOffset(months=QUARTER)
        if day - back < pd.Timestamp(str(first)) or until > pd.Timestamp(str(last)) + pd.Timedelta(days=1):
            continue
        moments = {"day": day, "since": day - back, "recent": day - pd.DateOffset(months=QUARTER), "until": until}
        found = warehouse.frame(REVIEWED, **{name: moment.date() for name, moment in moments.items()})
        months = (until - day).days / MONTH
        parts.append(found.assign(review=day, money=found["margin" if measure == "margin" else "amount"] / months))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def near(every: pd.DataFrame, rule: Rule) -> Near:
    """Members who were below a tier and whose spend lies between the thresholds beside its own.

    Why  those who have the tier already and keep it lie above the threshold too, but nothing happens to them
    """
    here = every[(every["rank_before"] < rule.rank) & (every["spend"] >= rule.below) & (every["spend"] < rule.above)]
    known = here[["money_before", "orders_before", "discount_before", "tenure", "membership"]].astype(float)
    known = known.loc[:, known.notna().all() & (known.nunique() > 1)]
    return Near(
        x=(here["spend"] - rule.threshold).to_numpy(float),
        outcome=here["money"].to_numpy(float),
        treated=(here["rank"] >= rule.rank).to_numpy(bool),
        customer=pd.factorize(here["customer_id"])[0],
        covariates=known.reset_index(drop=True),
    )
