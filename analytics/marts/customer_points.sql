-- customer_points: one row per customer with a movement of points
-- columns  customer_id text, last_on date (earned or redeemed), earned_on, redeemed_on date (first of each), earned, redeemed, balance
--          decimal, redemptions int
-- source   points up to the as-of day; redeemed is positive
-- update   customers
select
    customer_id,
    cast(max(occurred_at) filter (kind in ('earn', 'redeem') and points <> 0) as date) as last_on,
    cast(min(occurred_at) filter (kind = 'earn' and points > 0) as date) as earned_on,
    cast(min(occurred_at) filter (kind = 'redeem' and points > 0) as date) as redeemed_on,
    coalesce(sum(points) filter (kind = 'earn'), 0) as earned,
    coalesce(sum(points) filter (kind = 'redeem'), 0) as redeemed,
    coalesce(sum(case when kind in ('earn', 'adjust') then points else -points end), 0) as balance,
    count(*) filter (kind = 'redeem' and points <> 0) as redemptions
from points
where occurred_at < (select day + interval 1 day from as_of_day)
group by customer_id
