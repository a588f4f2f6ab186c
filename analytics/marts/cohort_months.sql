-- cohort_months: one row per grain (month, quarter), cohort, age in that grain, region, channel, tier and whether customers before the data
-- columns  grain text, cohort date (first day of the period of the first order), age int (periods since, 0 is the first),
--          region, channel, tier text, old bool, active int (customers with a sale), undated int (of them without a known start),
--          orders int, amount decimal (net), margin decimal
-- source   customer_firsts, customer_spells, customer_months; every customer stands in one row a period, so that customers may be added up
-- update   sums
-- note     what was refunded before the first sale belongs to no cohort
with refunds as (
    select customer_id, month, null::date as last_1, 0 as orders, sum(amount) as amount, sum(margin) as margin
    from customer_months
    where last_on is null
    group by customer_id, month
),
activity as (
    select customer_id, month, true as sold, last_1, orders, amount, margin from customer_spells
    union all
    select customer_id, month, false as sold, last_1, orders, amount, margin
    from refunds anti join customer_spells using (customer_id, month)
),
periods as (
    select 'month' as grain, month as period, sold as begins, activity.* from activity
    union all
    select
        'quarter', cast(date_trunc('quarter', month) as date), sold and coalesce(last_1 < date_trunc('quarter', month), true), activity.*
    from activity
)
select
    grain, cast(date_trunc(grain, first_on) as date) as cohort, date_diff(grain, first_on, period) as age, region, channel, tier, old,
    count(*) filter (begins) as active,
    count(*) filter (begins and known_on is null) as undated,
    sum(orders) as orders, sum(amount) as amount, sum(margin) as margin
from periods
join customer_firsts using (customer_id)
where period >= date_trunc(grain, first_on)
group by all
