"""What the study `cohorts` asks of the marts. A customer is placed once: by the first order in the data and the channel of that order."""

_WHO = """not old
      and (len($region::varchar[]) = 0 or list_contains($region::varchar[], region))
      and (len($channel::varchar[]) = 0 or list_contains($channel::varchar[], channel))
      and (len($tier::varchar[]) = 0 or list_contains($tier::varchar[], tier))"""

SPAN = """-- when the data begins, and whether its days are only the first of months
select min(first_on) as began, bool_and(coalesce(first_on = month and last_on = month, true)) and count(distinct month) > 1 as monthly
from customer_months
"""

CELLS = f"""-- customers by the period of their first order, and what they did so many periods later
select
    cohort, age, sum(active)::bigint as active, sum(undated)::bigint as undated,
    sum(amount)::double as amount, sum(margin)::double as margin
from cohort_months
where grain = $grain and cohort between $first::date and $last::date and {_WHO}
group by cohort, age order by cohort, age
"""

OLD = f"""-- customers of before the data, who belong to no cohort
select count(*) as customers
from customer_firsts
where first_on between $first::date and $last::date and {_WHO.replace("not old", "old")}
"""

_WAITS = f"""/* days to the second order and days observed; where only months are known, to the second month with an order */
with waits as (
    select
        cast(date_trunc($grain, first_on) as date) as cohort,
        case
            when $monthly then date_diff('month', first_on, second_month) * $month_days else date_diff('day', first_on, second_on)
        end as wait,
        case
            when $monthly then date_diff('month', first_on, $end::date) * $month_days else date_diff('day', first_on, $end::date)
        end as seen,
        strftime(date_trunc($grain, first_on), '%Y-%m-%d') as first_seen,
        category, channel, region, acquisition_channel
    from customer_firsts
    where first_on between $first::date and $last::date and first_on <= $end::date and {_WHO}
)"""

REPEAT = f"""-- second orders within the window, by who came; only customers observed for the whole window are eligible
{_WAITS},
groups as (
    select cohort, seen >= $window as eligible, wait <= $window as returned, dimension, value
    from waits
    cross join lateral (
        values ('cohort', first_seen), ('category', category), ('channel', channel), ('region', region),
            ('acquisition_channel', acquisition_channel)
    ) as part(dimension, value)
)
select
    dimension, value, count(*) as customers, count(*) filter (eligible) as eligible, count(*) filter (eligible and returned) as returned
from groups
where value is not null and cohort >= $since::date
group by dimension, value
order by dimension, value
"""

WAITS = f"""-- how long customers of each group waited for the second order, or have been waiting
{_WAITS}
select
    cohort,
    case $by when 'category' then category when 'channel' then channel when 'region' then region
        when 'acquisition_channel' then acquisition_channel end as value,
    coalesce(wait, seen) as days, wait is not null as returned, count(*) as customers
from waits
where cohort >= $since::date
group by all order by all
"""

VALUE = f"""-- what customers brought in their first month and 3, 6 and 12 months after it, in random buckets for the bootstrap
with chosen as (
    select customer_id, first_on as began from customer_firsts
    where first_on between $first::date and $last::date and {_WHO}
),
bought as (
    select customer_id, began, date_diff('month', began, month) as age, amount::double as amount, margin::double as margin
    from chosen
    join customer_months using (customer_id)
    where month between date_trunc('month', began) and date_trunc('month', began) + interval 12 month
),
values_so_far as (
    select
        customer_id, began, sum(amount) filter (age <= 3) as amount_3, sum(amount) filter (age <= 6) as amount_6,
        sum(amount) as amount_12, sum(margin) as margin_12
    from bought group by customer_id, began
)
select
    count(*) filter (began <= $until_3::date) as customers_3, sum(amount_3) filter (began <= $until_3::date) as value_3,
    count(*) filter (began <= $until_6::date) as customers_6, sum(amount_6) filter (began <= $until_6::date) as value_6,
    count(*) filter (began <= $until_12::date) as customers_12, sum(amount_12) filter (began <= $until_12::date) as value_12,
    sum(margin_12) filter (began <= $until_12::date) as margin_12
from values_so_far group by hash(customer_id) % 5000
"""
