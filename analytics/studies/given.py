"""What each customer of the day brought and was given in the last months: for every study that weighs one against the other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

import pandas as pd

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse

Brought = Literal["margin", "net_sales", "units", "orders"]
YEAR = 12  # months looked at

PEOPLE = """-- customers of the day who are on file or bought: groups, what they brought and were given since a day
-- received: rewards redeemed and benefits delivered, at cost; granted: points earned at the cost of a point, and the same benefits
-- the cost of a point is that of all redemptions on file; where none has a cost, points are counted at their face value, else as they are
with cost as (
    select coalesce(
        sum(cost) filter (kind = 'redeem') / nullif(sum(points) filter (kind = 'redeem' and cost is not null), 0),
        sum(value) / nullif(sum(points) filter (value is not null), 0), 1
    ) as each
    from points where kind in ('earn', 'redeem') and points > 0
),
sales as (
    select
        customer_id, sum(amount) as amount, sum(margin) as margin, sum(quantity) filter (kind = 'sale') as units,
        sum(discount) filter (kind = 'sale') as discount,
        count(distinct coalesce(transaction_id, occurred_at::varchar)) filter (kind = 'sale') as orders
    from transactions where occurred_at >= $since and occurred_at < $until group by customer_id
),
moved as (
    select
        customer_id, sum(points) filter (kind = 'earn') as points_earned, sum(points) filter (kind = 'redeem') as points_redeemed,
        sum(coalesce(cost, points * (select each from cost))) filter (kind = 'redeem') as rewards
    from points where occurred_at >= $since and occurred_at < $until group by customer_id
),
given as (
    select customer_id, sum(cost) as benefits from benefits where delivered_at >= $since and delivered_at < $until group by customer_id
),
written as (
    select customer_id, count(*) as contacts, sum(cost) as contact_cost from contacts
    where occurred_at >= $since and occurred_at < $until group by customer_id
)
select
    f.customer_id, f.tier, f.region, f.city, f.gender, f.industry, f.acquisition_channel, f.channel, customers.birth_year,
    coalesce(f.enrolled_on, f.created_on, f.first_on)::date as since, f.first_on,
    coalesce(sales.amount, 0)::double as amount, coalesce(sales.margin, 0)::double as margin,
    coalesce(sales.discount, 0)::double as discount,
    coalesce(sales.orders, 0)::double as orders, coalesce(units, 0)::double as units,
    coalesce(moved.points_earned, 0)::double as points_earned,
    coalesce(moved.points_redeemed, 0)::double as points_redeemed, coalesce(rewards, 0)::double as rewards,
    coalesce(benefits, 0)::double as benefits, coalesce(contacts, 0)::double as contacts, coalesce(contact_cost, 0)::double as contact_cost,
    (coalesce(rewards, 0) + coalesce(benefits, 0))::double as received,
    (coalesce(moved.points_earned, 0) * (select each from cost) + coalesce(benefits, 0))::double as granted
from customer_features as f
left join customers using (customer_id)
left join sales using (customer_id) left join moved using (customer_id)
left join given using (customer_id) left join written using (customer_id)
where coalesce(f.member, true) and coalesce(f.cancelled_on >= $until, true) and coalesce(f.enrolled_on < $until, true)
order by f.customer_id
"""

_MEASURES: dict[Brought, str] = {"margin": "margin", "net_sales": "amount", "units": "quantity"}

PRICED = """-- whether what is given has a price: rewards that carry a cost or a face value, benefits that carry a cost
select
    (select count(*) > 0 from points where kind in ('earn', 'redeem') and coalesce(cost, value) is not null)
    or ((select count(*) = 0 from points where kind in ('earn', 'redeem')) and (select count(*) > 0 from benefits where cost is not null))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Customers of the day, and what their numbers count.

    people   a row a customer: customer_id, tier (None outside the tiers), groups (region, city, gender, industry, acquisition_channel,
             channel, birth_year), since, first_on; over the window amount, margin, discount, orders, units, points_earned, points_redeemed,
             rewards, benefits, received (both), granted (points earned and benefits), contacts, contact_cost, and `brought`
    brought  what `brought` is: margin where it is known, else net sales, units (where nothing has a price), orders
    priced   whether rewards and benefits are money; else they are points
    first, last   days of the window
    """

    people: pd.DataFrame
    brought: Brought
    priced: bool
    first: date
    last: date

    @property
    def tiered(self) -> pd.DataFrame:
        """Only those who have a tier."""
        return self.people.dropna(subset="tier").reset_index(drop=True)


def given(warehouse: Warehouse, months: int = YEAR) -> Given | None:
    """What was brought and given in the last `months` up to the as-of day; None where nothing has a date."""
    if warehouse.as_of is None:
        return None
    until = pd.Timestamp(warehouse.as_of) + pd.Timedelta(days=1)
    since = until - pd.DateOffset(months=months)
    people = warehouse.frame(PEOPLE, since=since, until=until)
    known = warehouse.present().get("transactions", frozenset())
    brought: Brought = next((name for name, column in _MEASURES.items() if column in known), "orders")
    people["brought"] = people[{"net_sales": "amount"}.get(brought, brought)]
    return Given(people=people, brought=brought, priced=bool(warehouse.value(PRICED)), first=since.date(), last=warehouse.as_of)
