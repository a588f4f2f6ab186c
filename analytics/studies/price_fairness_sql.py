"""What the study `price_fairness` asks of the tables."""

from __future__ import annotations

LINES = """-- order lines with a price: who bought what, when, where, at what price, and how long and how often they had been a customer
-- an order without a number is a customer's day; the tier is that of the day where its history is known, else that on file
-- month: that of the week's Monday, so that weeks lie within months; part: lots of 1,000 that keep cells of all lengths whole
with known as (
    select customer_id, least(created_on, enrolled_on, first_on)::date as since, tier from customer_features
),
lines as (
    select
        customer_id, coalesce(transaction_id, 'day ' || cast(cast(occurred_at as date) as varchar)) as number, occurred_at,
        coalesce(product_id, category) as product, category, channel, amount::double as amount, quantity::double as quantity,
        coalesce(list_price::double, (amount + discount)::double / nullif(quantity::double, 0)) as listed, discount > 0 as cut
    from transactions
    where kind = 'sale' and customer_id is not null and occurred_at < (select day + interval 1 day from as_of_day)
),
orders as (
    select customer_id, number, min(occurred_at) as began, rank() over (partition by customer_id order by min(occurred_at)) - 1 as before
    from lines group by customer_id, number
),
placed as (
    select orders.*, case when began < coalesce(spells.until, began + interval 1 day) then spells.tier end as held
    from orders asof left join tier_spells as spells on orders.customer_id = spells.customer_id and orders.began >= spells.since
)
select
    hash(customer_id) as customer, product, category, channel, ln(amount / quantity) as price, ln(quantity) as size,
    case when listed > 0 then ln(listed) end as listed, cut, amount, before,
    date_diff('day', since, cast(occurred_at as date)) as days, cast(occurred_at as date) as day,
    cast(date_trunc('week', occurred_at) as date) as week,
    cast(date_trunc('month', date_trunc('week', occurred_at)) as date) as month,
    case when (select count(*) from tier_spells) > 0 then held else known.tier end as tier
from lines join placed using (customer_id, number) join known using (customer_id)
where amount > 0 and quantity > 0 and product is not null
  and occurred_at >= (select day + interval 1 day from as_of_day) - to_months($months::integer)
  and hash(product, channel, date_trunc('month', date_trunc('week', occurred_at))) % 1000 < $part
"""

SIZES = """-- lines of sales, and how long and how often anybody had been a customer at the last of them
select
    (select count(*) from transactions where kind = 'sale') as lines,
    max(date_diff('day', least(created_on, enrolled_on, first_on)::date, last_on)) as days, max(orders) as orders
from customer_features where orders > 0
"""
