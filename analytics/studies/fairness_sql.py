"""What the study `fairness` asks of the tables."""

from __future__ import annotations

COLUMNS = """-- what is on file about customers, to group them by
from customers order by customer_id
"""

TIERS = """-- the tier of each customer; "" for all where the data knows no tiers
select customer_id, coalesce(tier, '') as tier from customer_features
where tier is not null or not exists (from customer_features where tier is not null)
"""

STANDING = """-- members when the window begins: their tier then and at its end, what they brought in the year before, and whether they
-- were written to in the window
with begun as (
    select tier_spells.customer_id, any_value(tier) as tier from tier_spells
    where since < $since and coalesce(until > $since, true) group by tier_spells.customer_id
    union all
    select customer_id, coalesce(tier, '') from customer_features
    where coalesce(enrolled_on, first_on, $since) <= $since and not exists (from tier_spells)
      and (tier is not null or not exists (from customer_features where tier is not null))
),
now as (
    select customer_id, any_value(tier) as tier from tier_spells where until is null group by customer_id
),
before as (
    select
        customer_id, sum(amount)::double as amount, sum(margin)::double as margin, sum(quantity)::double as units,
        sum(orders)::double as orders
    from customer_months where month >= $since - interval 12 month and month < $since group by customer_id
),
written as (
    select distinct customer_id, true as offered from contacts where occurred_at >= $since and occurred_at < $until
)
select
    begun.customer_id, begun.tier, now.tier as tier_now, coalesce(amount, 0) as amount, coalesce(margin, 0) as margin,
    coalesce(units, 0) as units, coalesce(orders, 0) as orders, coalesce(offered, false) as offered
from begun left join now using (customer_id) left join before using (customer_id) left join written using (customer_id)
semi join (select customer_id from customer_features where coalesce(cancelled_on >= $until, true)) using (customer_id)
order by begun.customer_id
"""

_TIER = """
spells as (
    select customer_id, tier, since, coalesce(until, date '9999-12-31') as until from tier_spells
    union all
    select customer_id, coalesce(tier, ''), date '0001-01-01', date '9999-12-31' from customer_features
    where not exists (from tier_spells) and (tier is not null or not exists (from customer_features where tier is not null))
)
"""

CASES = f"""-- tickets, complaints and what else was answered, by the tier of the day: hours to the first answer and to the solution
-- `$ripe` leaves out the last days, of which slow answers cannot be on file yet
with {_TIER},
asked as (
    select
        customer_id, occurred_at, kind, kind || ' ' || coalesce(topic, '') as issue,
        date_diff('second', occurred_at, answered_at) / 3600.0 as answer_hours,
        date_diff('second', occurred_at, resolved_at) / 3600.0 as resolution_hours
    from feedback
    where occurred_at >= $since and occurred_at < $ripe and (kind in ('ticket', 'complaint') or answered_at is not null)
)
select asked.customer_id, tier, issue, kind in ('ticket', 'complaint') as asks, answer_hours, resolution_hours
from asked asof join spells on asked.customer_id = spells.customer_id and asked.occurred_at >= spells.since
where asked.occurred_at < spells.until
order by asked.customer_id, asked.occurred_at, issue
"""

SLOWEST = """-- the time by which nearly all answers are given, in days
select ceil(quantile_cont(date_diff('second', occurred_at, coalesce(resolved_at, answered_at)), 0.99) / 86400.0)
from feedback where coalesce(resolved_at, answered_at) >= occurred_at
"""

DELIVERIES = f"""-- orders with a promised time, by the tier of the day: whether they came late, or are overdue
with {_TIER},
orders as (
    select
        customer_id, coalesce(transaction_id, occurred_at::varchar) as number, min(occurred_at) as occurred_at,
        any_value(channel) as channel, max(promised_at) as promised_at, max(delivered_at) as delivered_at
    from transactions
    where kind = 'sale' and promised_at is not null and occurred_at >= $since and occurred_at < $until
    group by customer_id, number
)
select
    orders.customer_id, tier, coalesce(orders.channel, '') as channel, coalesce(delivered_at > promised_at, true) as late
from orders asof join spells on orders.customer_id = spells.customer_id and orders.occurred_at >= spells.since
where orders.occurred_at < spells.until and (delivered_at is not null or promised_at < $until)
order by orders.customer_id, orders.occurred_at
"""

RECEIVED = """-- what members were given after a day: rewards redeemed and benefits delivered, at cost
select customer_id, sum(cost)::double as received from (
    select customer_id, coalesce(cost, value, points) as cost from points
    where kind = 'redeem' and occurred_at >= $since and occurred_at < $until
    union all
    select customer_id, cost from benefits where delivered_at >= $since and delivered_at < $until
)
group by customer_id
"""
