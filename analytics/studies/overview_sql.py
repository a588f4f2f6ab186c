"""The queries of the overview. Shared parameters: first, as_of (days, both included); channel, region, tier (lists, empty for all)."""

_ACTIVITY = """/* the part of the data asked about */
with activity as (
    select m.*, f.region, f.tier
    from customer_months as m
    join customer_features as f using (customer_id)
    where m.month between $first::date and $as_of::date
      and (len($channel::varchar[]) = 0 or list_contains($channel::varchar[], m.channel))
      and (len($region::varchar[]) = 0 or list_contains($region::varchar[], f.region))
      and (len($tier::varchar[]) = 0 or list_contains($tier::varchar[], f.tier))
)"""

MONTHS = f"""-- activity by month
{_ACTIVITY}
select
    month, count(distinct customer_id) filter (orders > 0) as customers, sum(orders) as orders, sum(amount) as net_sales,
    sum(refunds) as refunds, sum(discount) as discount, sum(margin) as margin,
    coalesce(bool_and(first_on = month and last_on = month), true) as on_first_day
from activity group by month order by month
"""

SALES = f"""-- sums over random buckets of customers: enough for totals and for the bootstrap of ratios
{_ACTIVITY},
customers as (
    select customer_id, sum(orders) as orders, sum(amount) as amount, sum(margin) as margin
    from activity group by customer_id
)
select count(*) filter (orders > 0) as customers, sum(orders) as orders, sum(amount) as amount, sum(margin) as margin
from customers group by hash(customer_id) % 5000
"""

LAST = f"""-- customers and members by whether they were active in the window
{_ACTIVITY},
sales as (select customer_id, max(last_on) as last_on from activity group by customer_id),
movements as (
    select customer_id, cast(max(occurred_at) as date) as last_on
    from points
    where kind in ('earn', 'redeem') and points <> 0 and occurred_at < $as_of::date + interval 1 day and len($channel::varchar[]) = 0
    group by customer_id
),
people as (
    select
        coalesce(member, enrolled_on is not null) and coalesce(enrolled_on <= $as_of::date, true)
            and coalesce(cancelled_on > $as_of::date, true) as enrolled,
        f.first_on, greatest(sales.last_on, movements.last_on) as last_on
    from customer_features as f
    left join sales using (customer_id)
    left join movements using (customer_id)
    where (len($region::varchar[]) = 0 or list_contains($region::varchar[], region))
      and (len($tier::varchar[]) = 0 or list_contains($tier::varchar[], tier))
)
select
    count(*) filter (enrolled) as enrolled,
    count(*) filter (enrolled and last_on > $since::date) as enrolled_active,
    count(*) filter (last_on is not null or (len($channel::varchar[]) = 0 and first_on <= $as_of::date)) as known,
    count(*) filter (last_on > $since::date) as active
from people
"""

GAPS = """-- median days between days with an order, customers with at least two
select gap_days, count(*) as customers
from customer_features
where gap_days is not null
  and (len($channel::varchar[]) = 0 or list_contains($channel::varchar[], channel))
  and (len($region::varchar[]) = 0 or list_contains($region::varchar[], region))
  and (len($tier::varchar[]) = 0 or list_contains($tier::varchar[], tier))
group by gap_days
"""

BREAKDOWN = """-- orders and net sales by tier, channel and region
with part as (
    select *
    from cube
    where month between $first::date and $as_of::date
      and (len($channel::varchar[]) = 0 or list_contains($channel::varchar[], channel))
      and (len($region::varchar[]) = 0 or list_contains($region::varchar[], region))
      and (len($tier::varchar[]) = 0 or list_contains($tier::varchar[], tier))
)
select 'tier' as dimension, tier as value, sum(orders) as orders, sum(amount) as net_sales from part where tier is not null group by tier
union all
select 'channel', channel, sum(orders), sum(amount) from part where channel is not null group by channel
union all
select 'region', region, sum(orders), sum(amount) from part where region is not null group by region
order by dimension, orders desc, value
"""

DECILES = f"""-- customers in tenths by net sales
{_ACTIVITY},
customers as (
    select customer_id, sum(amount) as amount from activity group by customer_id having sum(orders) > 0
),
ranked as (select amount, ntile(10) over (order by amount desc, customer_id) as decile from customers)
select decile, count(*) as customers, sum(amount) as net_sales from ranked group by decile order by decile
"""

TIERS = """-- tiers from the lowest to the highest: by the tier rules where they are known, else by net sales a customer; else by size
with tiers_now as (
    select
        f.tier, count(*) as customers, count(*) filter (member or enrolled_on is not null) as members, avg(amount::double) as money,
        min(tier_rules.rank) as place
    from customer_features as f
    left join tier_rules using (tier)
    where f.tier is not null
      and (len($region::varchar[]) = 0 or list_contains($region::varchar[], region))
      and (len($tier::varchar[]) = 0 or list_contains($tier::varchar[], f.tier))
    group by f.tier
),
known as (
    select case when count(*) = count(place) then 'rules' when count(*) = count(money) then 'money' else 'size' end as ordered_by
    from tiers_now
)
select tier, customers, members, ordered_by
from tiers_now, known
order by case ordered_by when 'rules' then place when 'money' then money else -customers end, tier
"""

PEOPLE = """-- who is on file, and of those who had joined by a day who had left by it; without a day, by the file
with people as (
    select
        customer_id, cancelled_on, coalesce(member, false) or enrolled_on is not null or cancelled_on is not null as programme,
        programme and ($as_of::date is null or coalesce(enrolled_on <= $as_of::date, true)) as joined
    from customer_features
    where (len($region::varchar[]) = 0 or list_contains($region::varchar[], region))
      and (len($tier::varchar[]) = 0 or list_contains($tier::varchar[], tier))
)
select
    count(*) as customers, count(*) filter (programme) as members, count(*) filter (joined) as joined,
    count(*) filter (joined and ($as_of::date is null or cancelled_on <= $as_of::date) and cancelled_on is not null) as cancelled
from people
"""

JOINED = """-- members who joined and left, by month
with days as (
    select enrolled_on as day, 1 as enrolled, 0 as cancelled, region, tier from customer_features where enrolled_on is not null
    union all
    select cancelled_on, 0, 1, region, tier from customer_features where cancelled_on is not null
)
select cast(date_trunc('month', day) as date) as month, sum(enrolled) as enrolled, sum(cancelled) as cancelled, max(day) as last
from days
where (len($region::varchar[]) = 0 or list_contains($region::varchar[], region))
  and (len($tier::varchar[]) = 0 or list_contains($tier::varchar[], tier))
  and ($as_of::date is null or day between $first::date and $as_of::date)
group by 1 order by 1
"""

_MOVEMENTS = """/* movements of the customers asked about */
with movements as (
    select points.*
    from points
    join customer_features as f using (customer_id)
    where points.occurred_at >= $first::date and points.occurred_at < $as_of::date + interval 1 day
      and (len($region::varchar[]) = 0 or list_contains($region::varchar[], f.region))
      and (len($tier::varchar[]) = 0 or list_contains($tier::varchar[], f.tier))
)"""

POINTS = f"""-- points by month
{_MOVEMENTS}
select
    cast(date_trunc('month', occurred_at) as date) as month,
    coalesce(sum(points) filter (kind = 'earn'), 0) as earned, coalesce(sum(points) filter (kind = 'redeem'), 0) as redeemed
from movements group by 1 order by 1
"""

REDEEMERS = f"""-- who earned and who of them redeemed
{_MOVEMENTS},
customers as (
    select coalesce(sum(points) filter (kind = 'earn'), 0) as earned, count(*) filter (kind = 'redeem' and points <> 0) as redemptions
    from movements group by customer_id
)
select count(*) filter (earned > 0) as earners, count(*) filter (earned > 0 and redemptions > 0) as redeemers from customers
"""

BEGAN = "select min(first_on) as first from customer_features"

POINTS_DAYS = """
select min(occurred_at)::date as first, max(occurred_at)::date as last, bool_and(day(occurred_at) = 1) as monthly from points
"""

CHURNED = """-- the snapshot of churn
select count(*) as customers, count(*) filter (churned) as churned
from outcomes
join customer_features as f using (customer_id)
where (len($region::varchar[]) = 0 or list_contains($region::varchar[], f.region))
  and (len($tier::varchar[]) = 0 or list_contains($tier::varchar[], f.tier))
"""
