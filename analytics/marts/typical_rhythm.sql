-- typical_rhythm: one row per month end from the first sale to the as-of day
-- columns  month, month_end date (the as-of day in its own month), typical_days double (median of all customers' mean days between days
--          with a sale, of what was known at that month end; null before anyone came back), customers int (behind it),
--          monthly bool (the data knows months only: month_end is then the first of the month, as every date is)
-- source   customer_spells
-- update   whole
with reach as (
    select
        min(month) as first_month,
        count(distinct month) > 1 and bool_and(first_on = date_trunc('month', first_on) and last_on = month) as monthly
    from customer_spells
),
ends as (
    select
        cast(start as date) as month, monthly,
        case when monthly then cast(start as date) else least(last_day(cast(start as date)), day) end as month_end
    from reach, as_of_day, unnest(generate_series(cast(first_month as timestamp), cast(day as timestamp), interval 1 month)) as series(start)
),
gaps as (
    select month, coalesce(until, date '9999-01-01') as until, (last_on - first_on) / (days - 1) as gap_days
    from customer_spells
    where days > 1
)
select
    ends.month, any_value(ends.month_end) as month_end, median(gap_days) as typical_days, count(gap_days) as customers,
    any_value(ends.monthly) as monthly
from ends
left join gaps on gaps.month <= ends.month and gaps.until > ends.month
group by ends.month
order by ends.month
