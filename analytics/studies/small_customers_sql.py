"""What the study `small_customers` asks of the tables: who stood where on a day, and what customers brought and were given around it."""

HELD = """-- tiers that customers held on a day
select customer_id, tier from tier_spells where since <= $at::date and coalesce(until > $at::date, true)
"""

REACHED = """-- tiers that customers held at any time after a day, up to the end of the horizon
select distinct customer_id, tier from tier_spells
where since <= $until::date and coalesce(until > $at::date + interval 1 day, true)
"""

FILED = """-- tiers on file, where the data keep no history of them
select customer_id, tier from customer_features where tier is not null
"""

HISTORY = """-- whether tiers have a history: spells that began on different days
select count(distinct since) > 1 from tier_spells
"""

BROUGHT = """-- what customers who bought brought after one day, up to another; _one: in every other week (or month)
with days as (
    select
        customer_id, amount, margin, quantity, kind, coalesce(transaction_id, occurred_at::varchar) as purchase,
        date_diff(case when $monthly then 'month' else 'week' end, date '1970-01-05', occurred_at::date) % 2 = 0 as turn
    from transactions
    where occurred_at >= $after::date + interval 1 day and occurred_at < $until::date + interval 1 day
)
select
    customer_id,
    count(distinct purchase) filter (kind = 'sale')::double as orders,
    coalesce(sum(amount), 0)::double as net_sales, coalesce(sum(margin), 0)::double as margin,
    coalesce(sum(quantity) filter (kind = 'sale'), 0)::double as units,
    count(distinct purchase) filter (kind = 'sale' and turn)::double as orders_one,
    coalesce(sum(amount) filter (turn), 0)::double as net_sales_one, coalesce(sum(margin) filter (turn), 0)::double as margin_one,
    coalesce(sum(quantity) filter (kind = 'sale' and turn), 0)::double as units_one
from days group by customer_id having orders > 0 order by customer_id
"""

KNOWN = """-- customers who had bought by a day and were still members then, where that is known
select customer_id from customer_features
where first_on <= $at::date and coalesce(cancelled_on > $at::date, true)
"""

QUARTER = """-- what customers did in the year before a quarter, whether anything reached them in it, whether they bought after it
with before as (
    select
        customer_id, count(distinct coalesce(transaction_id, occurred_at::varchar)) as orders,
        bool_or(occurred_at >= $first::date - interval 90 day) as lately
    from transactions
    where kind = 'sale' and occurred_at >= $first::date - interval 1 year and occurred_at < $first::date group by customer_id
),
reached as (
    select customer_id from contacts where occurred_at >= $first::date and occurred_at < $middle::date
    union select customer_id from benefits where delivered_at >= $first::date and delivered_at < $middle::date
),
bought as (
    select distinct customer_id from transactions
    where kind = 'sale' and occurred_at >= $middle::date and occurred_at < $until::date + interval 1 day
)
select
    f.customer_id, coalesce(before.orders, 0) as orders, coalesce(lately, false) as lately,
    reached.customer_id is not null as reached, bought.customer_id is not null as bought
from customer_features as f
left join before using (customer_id) left join reached using (customer_id) left join bought using (customer_id)
order by f.customer_id
"""
