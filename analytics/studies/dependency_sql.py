"""What the study `dependency` asks of the tables."""

from __future__ import annotations

ORDERS = """-- orders of the months asked about, on offer or not: per customer, per month (in 200 lots of customers), per level of discount
-- on offer: a discount of at least so much of the price before it, or points redeemed by the same customer that day; an order without a
-- number is a customer's day, a refund that names its order reduces it
with numbered as (
    select
        customer_id, coalesce(transaction_id, 'day ' || cast(cast(occurred_at as date) as varchar)) as number,
        cast(min(occurred_at) filter (kind = 'sale') as date) as day,
        coalesce(sum(discount) filter (kind = 'sale'), 0) as discount, sum(amount) filter (kind = 'sale') as paid,
        sum(case when $margin then margin else amount end) as money
    from transactions
    where occurred_at >= $first::date and occurred_at < $last::date + interval 1 day
    group by all
),
redeemed as (
    select distinct customer_id, cast(occurred_at as date) as day
    from points
    where kind = 'redeem' and points <> 0 and $daily and occurred_at >= $first::date and occurred_at < $last::date + interval 1 day
),
orders as (
    select
        customer_id, hash(customer_id) % 200 as lot, date_trunc('month', day) as month,
        coalesce(money, 0) as money, redeemed.day is not null as taken,
        case when discount > 0 then round(coalesce(discount / nullif(discount + paid, 0), 1), 2) else 0 end as rate,
        discount > 0 and rate >= $least as cheap, cheap or taken as offer,
        case when discount > 0 then greatest(floor(rate * 20 + 1e-6) / 20, 0.01) else 0 end as band
    from numbered left join redeemed using (customer_id, day)
    where day is not null
)
select
    grouping(customer_id, month, band) as part, customer_id, lot, month, band, count(*) as orders,
    count(*) filter (offer) as hits, count(*) filter (cheap) as cheap, count(*) filter (taken) as taken,
    cast(sum(money) as double) as money, cast(coalesce(sum(money) filter (offer), 0) as double) as money_hits
from orders
group by grouping sets ((customer_id), (lot, month), (band))
order by part, customer_id, month, lot, band
"""

GROUPS = """-- groups of the customers
select
    customer_id, f.acquisition_channel, f.region, f.channel, category, f.industry, f.gender, f.tier
from customer_features as f
left join customer_favourites using (customer_id)
where f.orders > 0
order by customer_id
"""

VISITS = """-- days on which members who ever redeemed bought, since their first movement of points, with the points held at their end
with members as (
    select customer_id
    from points
    where kind = 'redeem' and points <> 0 and occurred_at < (select day + interval 1 day from as_of_day)
    group by customer_id order by hash(customer_id), customer_id limit $most
),
moves as (
    select
        customer_id, cast(occurred_at as date) as day, sum(case when kind in ('redeem', 'expire') then -points else points end) as net,
        coalesce(sum(points) filter (kind = 'earn'), 0) as earned, coalesce(sum(points) filter (kind = 'redeem'), 0) as redeemed
    from points semi join members using (customer_id)
    where occurred_at < (select day + interval 1 day from as_of_day)
    group by all
),
bought as (
    select distinct customer_id, cast(occurred_at as date) as day, true as bought
    from transactions semi join members using (customer_id)
    where kind = 'sale' and occurred_at < (select day + interval 1 day from as_of_day)
),
days as (
    select
        customer_id, day, coalesce(bought, false) as bought, coalesce(earned, 0) as earned, coalesce(redeemed, 0) as redeemed,
        sum(coalesce(net, 0)) over (partition by customer_id order by day) as balance,
        min(day) filter (net is not null) over (partition by customer_id) as joined
    from bought full join moves using (customer_id, day)
)
select
    customer_id, date_diff('day', date '1970-01-01', day) as day, redeemed > 0 as rewarded, cast(balance as double) as balance,
    cast(earned as double) as earned, cast(redeemed as double) as redeemed
from days
where bought and day >= joined
order by customer_id, day
"""

COVERED = """-- the first day of sales, and customers who ever redeemed
select
    (select date_diff('day', date '1970-01-01', day) from data_begins),
    (select count(distinct customer_id) from points where kind = 'redeem' and points <> 0)
"""

REWARDS = """-- redemptions by category, and whether it is one that is also sold
with sold as (select distinct lower(trim(category)) as name from transactions where category is not null and kind = 'sale')
select category, count(*) as redemptions, cast(sum(points) as double) as points, bool_or(sold.name is not null) as sold
from points left join sold on lower(trim(category)) = sold.name
where kind = 'redeem' and points <> 0 and category is not null
  and occurred_at >= $first::date and occurred_at < $last::date + interval 1 day
group by category
order by redemptions desc, category
"""

BOUGHT = """-- redemptions in categories that are sold: how many were in one that the customer buys, and how many would be if customers were
-- exchanged at random
with bought as (
    select distinct customer_id, lower(trim(category)) as name
    from transactions
    where kind = 'sale' and category is not null and occurred_at < (select day + interval 1 day from as_of_day)
),
common as (
    select name, count(*) / (select count(distinct customer_id) from bought) as share from bought group by name
),
taken as (
    select customer_id, lower(trim(category)) as name
    from points
    where kind = 'redeem' and points <> 0 and occurred_at >= $first::date and occurred_at < $last::date + interval 1 day
)
select taken.customer_id, count(*) as redemptions, count(bought.name) as own, cast(sum(share) as double) as by_chance
from taken join common using (name) left join bought using (customer_id, name)
group by taken.customer_id
order by taken.customer_id
"""

REMOVALS = """-- what could tell how it is without rewards: experiments, and customers withheld from the programme
select
    (select count(distinct experiment_id) from experiments) as experiments,
    (select count(*) from customers where holdout) as withheld
"""
