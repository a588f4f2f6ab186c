-- activity_days: one row per calendar day with a sale, a refund or a movement of points
-- columns  day date, orders int, amount decimal (net, null where the source has no money), earned, redeemed decimal (points)
-- source   transactions and points up to the as-of day; a refund reduces the day on which it happens
-- update   sums
-- note     an order counts on each day on which it has lines; an order without a number is a row of its own
with per_order as (
    select
        cast(occurred_at as date) as day,
        case when transaction_id is null then count(*) filter (kind = 'sale') else least(count(*) filter (kind = 'sale'), 1) end as orders,
        sum(amount) as amount
    from transactions
    where occurred_at < (select day + interval 1 day from as_of_day)
    group by cast(occurred_at as date), customer_id, transaction_id
),
sales as (
    select day, sum(orders) as orders, sum(amount) as amount from per_order group by day
),
movements as (
    select
        cast(occurred_at as date) as day,
        sum(points) filter (kind = 'earn') as earned,
        sum(points) filter (kind = 'redeem') as redeemed
    from points
    where occurred_at < (select day + interval 1 day from as_of_day)
    group by cast(occurred_at as date)
)
select day, orders, amount, earned, redeemed
from sales
full join movements using (day)
