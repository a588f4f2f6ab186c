"""What the study `value` asks of the marts: every customer's orders and money, now and at an earlier month end."""

SPAN = """-- from when to when there are orders
select min(first_on) as first_on, max(last_on) as last_on, count(*) as customers, count(*) filter (orders > 1) as repeaters
from customer_features where orders > 0
"""

NOW = """-- customers with an order up to the as-of day
select
    f.customer_id, f.orders, f.first_on, f.last_on, r.old, f.amount::double as amount, f.margin::double as margin,
    f.tier, f.region, f.channel
from customer_features as f
join customer_firsts as r using (customer_id)
where f.orders > 0
order by f.customer_id
"""

# a month is cut at its end: the marts hold nothing finer, and month ends are exact; tiers are those of that day where a history tells
THEN = """-- the same customers as they were known at the end of a month, and what came after it
with known as (
    select
        customer_id, sum(orders)::integer as orders, min(first_on) as first_on, max(last_on) as last_on, sum(amount)::double as amount,
        sum(margin)::double as margin,
        coalesce(sum(orders) filter (month >= $back::date), 0)::integer as latest,
        coalesce(sum(amount) filter (month >= $back::date), 0)::double as latest_amount
    from customer_months
    where month <= $cut::date
    group by customer_id
    having sum(orders) > 0
),
held as (
    select customer_id, arg_max(tier, valid_from) as tier from tiers where valid_from <= $day::date group by customer_id
),
came as (
    select customer_id, sum(orders)::integer as orders, sum(amount)::double as amount, sum(margin)::double as margin
    from customer_months
    where month > $cut::date and month <= $until::date
    group by customer_id
)
select
    known.*, coalesce(came.orders, 0) as came, coalesce(came.amount, 0) as came_amount, coalesce(came.margin, 0) as came_margin,
    firsts.old, case when (select count(*) from held) > 0 then held.tier else f.tier end as tier,
    f.region, f.channel
from known
left join came using (customer_id)
left join held using (customer_id)
join customer_firsts as firsts using (customer_id)
join customer_features as f using (customer_id)
order by known.customer_id
"""

COURSE = """-- orders of the customers known at the end of a month, by month
with known as (
    select distinct customer_id from customer_months where month <= $cut::date and orders > 0
)
select month, sum(orders)::integer as orders
from customer_months
join known using (customer_id)
group by month order by month
"""
