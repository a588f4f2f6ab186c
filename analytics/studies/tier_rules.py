"""The rules of the tiers, and where members stand by them on a day: the tier on file, and what the metric counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.models.tier_moves import by_rule
from analytics.results import Note
from analytics.studies.effect_threshold_data import BEGINNINGS, reviews
from analytics.studies.scenarios_tiers import NO_END, RULES, Metric, counted_since, kind_of, why_locked
from analytics.studies.tier_order import tiers_in_order

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse

MONTH = 30.4375  # days
UNEVEN = 1.5  # longest gap between reviews against the shortest, from which they follow no calendar

RECORDS = """-- what the rules' metric adds up, a row a record: lines of orders (spend), orders, or points earned
select customer_id, occurred_at, coalesce(transaction_id, occurred_at::varchar) as record, amount::double as value
from transactions where $kind = 'spend' and amount is not null
union all
select customer_id, min(occurred_at), coalesce(transaction_id, occurred_at::varchar), 1.0
from transactions where $kind = 'orders' and kind = 'sale' group by customer_id, coalesce(transaction_id, occurred_at::varchar)
union all
select customer_id, occurred_at, occurred_at::varchar, points::double
from points where $kind = 'points' and kind = 'earn'
"""

STANDING = f"""-- members of a day: tier on file, and what the rules' metric counted up to a moment (the first one no longer counted)
with filed as (
    select customer_id, tier from tier_spells where since <= $day::date and coalesce(until > $day::date, true)
    union all
    select customer_id, tier from customer_features
    where tier is not null and not exists (from tier_spells) and coalesce(member, true)
        and coalesce(enrolled_on <= $day::date, true) and coalesce(cancelled_on > $day::date, true)
),
records as ({RECORDS}),
counted as (
    select customer_id, round(sum(value), 6) as metric
    from records where occurred_at >= $since and occurred_at < $until group by customer_id
)
select customer_id, tier, coalesce(metric, 0) as metric from filed left join counted using (customer_id) order by customer_id
"""

BEGINS = f"select min(occurred_at) from ({RECORDS})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """K tiers from the lowest, and what each asks for.

    kind, metric   what is counted, and the rule's own words for it
    reviewed_on    when the rules were last looked at; None where nobody says
    """

    names: tuple[str, ...]
    thresholds: NDArray[np.float64]
    kind: Metric
    metric: str
    reviewed_on: date | None

    def since(self, until: pd.Timestamp) -> pd.Timestamp:
        """The first moment that counts for a moment."""
        return counted_since(self.metric, until)


def rules(warehouse: Warehouse) -> Rules | Note:
    """The rules as written down; why they cannot be applied where they cannot."""
    told = warehouse.frame(RULES)
    if (locked := why_locked(warehouse, set(tiers_in_order(warehouse)), told)) is not None:
        return locked
    metric = str(told["metric"].dropna().iloc[0])
    reviewed = warehouse.value("select max(reviewed_on)::date from tier_rules")
    return Rules(
        names=tuple(str(tier) for tier in told["tier"]),
        thresholds=told["threshold"].to_numpy(float),
        kind=kind_of(metric) or "spend",
        metric=metric,
        reviewed_on=reviewed if isinstance(reviewed, date) else None,
    )


def standing(warehouse: Warehouse, by: Rules, *, day: pd.Timestamp, until: pd.Timestamp) -> pd.DataFrame:
    """customer_id, tier, place (of the tier on file), metric, rule (place by the rule): members of a day, from what came before `until`."""
    rows = warehouse.frame(STANDING, day=day.date(), since=by.since(until), until=until, kind=by.kind)
    place = pd.Categorical(rows["tier"], categories=by.names).codes.astype(np.int64)
    return rows.assign(place=place, rule=by_rule(rows["metric"].to_numpy(float), by.thresholds))


def last_day(warehouse: Warehouse) -> pd.Timestamp:
    """The as-of day; of data without dates, one after all of them."""
    return pd.Timestamp(warehouse.as_of or NO_END)


def today(warehouse: Warehouse, by: Rules) -> pd.DataFrame:
    """Members of the as-of day, from all that is counted."""
    day = last_day(warehouse)
    return standing(warehouse, by, day=day, until=day + pd.Timedelta(days=1))


def due(warehouse: Warehouse, day: pd.Timestamp) -> frozenset[str]:
    """Members of a day whom the written rules put higher than they are on file; nobody where rules cannot be applied."""
    by = rules(warehouse)
    if isinstance(by, Note):
        return frozenset()
    people = standing(warehouse, by, day=day, until=day + pd.Timedelta(days=1))
    return frozenset(people.loc[people["rule"] > people["place"], "customer_id"])


def begins(warehouse: Warehouse, by: Rules) -> pd.Timestamp:
    """The first day with anything that the rules count."""
    return pd.Timestamp(str(warehouse.value(BEGINS, kind=by.kind))).normalize()


def review_days(warehouse: Warehouse) -> list[pd.Timestamp]:
    """The days on which tiers are set for all, as the spells show them; none where tiers change on any day."""
    return reviews(warehouse.frame(BEGINNINGS))


def whole_reviews(warehouse: Warehouse, by: Rules) -> list[pd.Timestamp]:
    """The reviews before which the data holds all that the rules count."""
    first = begins(warehouse, by)
    return [day for day in review_days(warehouse) if by.since(day) >= first and day <= last_day(warehouse)]


def next_review(days: list[pd.Timestamp], as_of: pd.Timestamp) -> pd.Timestamp | None:
    """When the next review is due if they follow a calendar; None where they do not, or it was due already."""
    gaps = np.diff(np.array([day.to_datetime64() for day in days])).astype("timedelta64[D]").astype(int)
    if not len(gaps) or gaps.max() > UNEVEN * gaps.min():
        return None
    due = days[-1] + pd.DateOffset(months=max(1, round(float(np.median(gaps)) / MONTH)))
    return due if due > as_of else None
