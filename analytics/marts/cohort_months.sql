-- cohort_months: one row per grain (month, quarter), cohort, age in that grain, region, channel, tier and whether customers before the data
-- columns  grain text, cohort date (first day of the period of the first order), age int (periods since, 0 is the first),
--          region, channel, tier text, old bool, active int (customers with a sale), undated int (of them without a known start),
--          orders int, amount decimal (net), margin decimal
-- source   customer_firsts, customer_months; every customer stands in one row a period, so that customers may be added up
-- note     what was refunded before the first sale belongs to no cohort
with activity as (
    select 'month' as grain, customer_id, month as period, sum(orders) as orders, sum(amount) as amount, sum(margin) as margin
    from customer_months
    group by customer_id, month
    union all
    select 'quarter', customer_id, cast(date_trunc('quarter', month) as date), sum(orders), sum(amount), sum(margin)
    from customer_months
    group by customer_id, date_trunc('quarter', month)
)
select
    grain, cast(date_trunc(grain, first_on) as date) as cohort, date_diff(grain, first_on, period) as age, region, channel, tier, old,
    count(*) filter (orders > 0) as active,
    count(*) filter (orders > 0 and known_on is null) as undated,
    sum(orders) as orders, sum(amount) as amount, sum(margin) as margin
from activity
join customer_firsts using (customer_id)
where period >= date_trunc(grain, first_on)
group by all
