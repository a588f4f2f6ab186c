-- points_months: one row per calendar month and kind of movement (earn, redeem, expire, adjust)
-- columns  month date, kind text, movements int, customers int, points decimal (redeemed and expired are positive), cost decimal
-- source   points up to the as-of day
-- update   sums
select
    cast(date_trunc('month', occurred_at) as date) as month,
    kind,
    count(*) as movements,
    count(distinct customer_id) as customers,
    sum(points) as points,
    sum(cost) as cost
from points
where occurred_at < (select day + interval 1 day from as_of_day)
group by cast(date_trunc('month', occurred_at) as date), kind
