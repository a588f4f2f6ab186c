-- customer_spells: one row per customer and month with a sale; what it says holds until the next one
-- columns  customer_id text, month, until date (the next month with a sale, null for the last), first_on, last_on date, days int (days
--          with a sale so far), days_0, days_1, days_2 int (those of this month with a sale and of the two before it),
--          last_1, last_2, last_3 date (the last day of the three before it), amount, margin decimal (net, of this month), orders int (begun in it)
-- source   customer_months
-- update   customers
with months as (
    select
        customer_id, month, bit_count(bit_or(sale_days)) as days, min(first_on) as began_on, max(last_on) as last_on,
        cast(sum(amount) as decimal(18,4)) as amount, cast(sum(margin) as decimal(18,4)) as margin, cast(sum(orders) as integer) as orders
    from customer_months
    group by customer_id, month
    having max(last_on) is not null
)
select
    customer_id, month, lead(month) over spells as until, first_value(began_on) over spells as first_on, last_on,
    cast(sum(days) over spells as integer) as days,
    days as days_0, lag(days) over spells as days_1, lag(days, 2) over spells as days_2,
    lag(last_on) over spells as last_1, lag(last_on, 2) over spells as last_2, lag(last_on, 3) over spells as last_3,
    amount, margin, orders
from months
window spells as (partition by customer_id order by month)
