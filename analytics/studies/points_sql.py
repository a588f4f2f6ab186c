"""What the study `points` asks of the marts. $end is the last whole month of the ledger; what came after it, and
what had ended before $since, is not part of a curve."""

SPAN = """-- the day up to which the ledger is known, its first month, whether it knows months only, whether points expire
select
    (select min(month) from points_months where points <> 0) as first,
    (select cast(max(last_on) as date) from customer_points) as last_on,
    (select day from as_of_day) as as_of,
    (select count(distinct month) > 1 from points_months where kind in ('earn', 'redeem'))
        and (select coalesce(bool_and(day(last_on) = 1 and coalesce(day(earned_on) = 1, true)), false) from customer_points) as monthly,
    (select coalesce(sum(points), 0) > 0 from points_months where kind = 'expire') as expired,
    (select quantile_cont(datediff('month', vintage, expires_on), 0.5) from points_lots where expires_on >= vintage) as life
"""

FATES = """-- points by group of customers and age in months: when they came under watch, when they ended, and how
with fates as (
    select
        hash(customer_id) % $groups as part, vintage, points,
        case when month <= $end::date then kind when expires_on < $end::date then 'expire' else 'held' end as kind,
        case
            when month <= $end::date then greatest(month, vintage)
            when expires_on < $end::date then cast(date_trunc('month', expires_on) + interval 1 month as date)
            else $end::date
        end as month
    from points_lots
    where vintage <= $end::date and kind <> 'overdrawn'
),
watched as (
    select * from fates where month >= $since::date
)
select part, 'enter' as kind, greatest(datediff('month', vintage, $since::date), 0) as age, sum(points)::double as points
from watched group by all
union all
select part, case when kind in ('redeem', 'expire') then kind else 'held' end, datediff('month', vintage, month), sum(points)::double
from watched group by all
order by all
"""

EARNS = "select coalesce(sum(points), 0) > 0 from points_months where kind = 'earn'"

LOTS = """-- what became of the points of each month: by month and kind of use
select vintage, month, kind, sum(points)::double as points, count(distinct customer_id) as customers
from points_lots group by all order by all
"""

SALES = """-- what customers paid, net, in the months in which they earned points
select vintage as month, sum(amount)::double as amount
from (select distinct customer_id, vintage from points_lots where vintage is not null) as earned
join customer_months as bought on bought.customer_id = earned.customer_id and bought.month = earned.vintage
group by vintage order by vintage
"""

PRICES = """-- face value and cost of a point, as far as movements carry them
select
    (sum(value) filter (kind = 'earn') / nullif(sum(points) filter (kind = 'earn' and value is not null), 0))::double as earned_value,
    (sum(value) filter (kind = 'redeem') / nullif(sum(points) filter (kind = 'redeem' and value is not null), 0))::double as redeemed_value,
    (sum(cost) / nullif(sum(points) filter (cost is not null), 0))::double as cost, count(cost) as redemptions, sum(cost)::double as paid
from (select kind, points, value, case when kind = 'redeem' then cost end as cost, occurred_at from points)
where occurred_at < (select day + interval 1 day from as_of_day)
"""

MOVEMENTS = """-- points earned, redeemed, expired and adjusted by month
select month, kind, points::double as points, customers from points_months order by month, kind
"""

BALANCES = """-- customers and their balances, those in debt apart
select
    count(*) filter (balance > 0) as holders, coalesce(sum(balance) filter (balance > 0), 0)::double as positive,
    count(*) filter (balance < 0) as debtors, coalesce(sum(balance) filter (balance < 0), 0)::double as negative,
    coalesce(sum(balance), 0)::double as balance
from customer_points
"""

HELD = """-- points held by age in months and by the month in which they expire
select
    datediff('month', vintage, $month::date) as age, cast(date_trunc('month', expires_on) as date) as expires,
    coalesce(expires_on < (select day from as_of_day), false) as overdue, sum(points)::double as points
from points_lots
where kind = 'held' and vintage is not null
group by all order by all
"""

HOLDERS = """-- customers who hold points of each age
select case when age < 3 then 0 when age < 6 then 3 when age < 12 then 6 else 12 end as months, count(distinct customer_id) as customers
from (select customer_id, datediff('month', vintage, $month::date) as age from points_lots where kind = 'held' and vintage is not null)
group by all order by all
"""

FUNNEL = """-- how far members have come: enrolled, earned, redeemed, redeemed again
select
    count(*) filter (coalesce(member, false) or enrolled_on is not null or points.earned_on is not null) as enrolled,
    count(points.earned_on) as earned,
    count(*) filter (points.earned_on is not null and redemptions > 0) as redeemed,
    count(*) filter (points.earned_on is not null and redemptions > 1) as again,
    count(*) filter (coalesce(member, false) or enrolled_on is not null) as listed
from customer_features
left join customer_points as points using (customer_id)
"""

TIMES = """-- days from the first points to the first redemption, or to the end of the ledger
select datediff('day', earned_on, coalesce(redeemed_on, $day::date))::double as days, redeemed_on is not null as redeemed
from customer_points
where earned_on is not null and coalesce(redeemed_on >= earned_on, earned_on <= $day::date)
order by days, redeemed
"""

REWARDS = """-- redemptions by what was taken for them
select
    coalesce(category, '') as category, count(*) as redemptions, count(distinct customer_id) as customers, sum(points)::double as points,
    sum(cost)::double as cost
from points
where kind = 'redeem' and points > 0 and occurred_at < (select day + interval 1 day from as_of_day)
group by all order by points desc, category
"""

NEVER = """-- members who have earned and never redeemed, those who hold most first; what of it expires within three months
with expiring as (
    select customer_id, sum(points) as points from points_lots
    where kind = 'held' and expires_on >= (select day from as_of_day) and expires_on < (select day + interval 3 month from as_of_day)
    group by customer_id
)
select
    customer_id, balance::double as balance, earned::double as earned, earned_on, last_on, coalesce(expiring.points, 0)::double as expiring
from customer_points
left join expiring using (customer_id)
where earned_on is not null and redemptions = 0
order by balance desc, customer_id
"""
