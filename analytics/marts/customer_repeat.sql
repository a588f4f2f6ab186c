-- customer_repeat: one row per customer with a sale
-- columns  customer_id text, orders int, first_on date, second_on date (day of the second order, also when on the first day; null with
--          one order), gap_days double (median days between days on which an order began, null with one such day)
-- source   transactions up to the as-of day; an order without a number is an order by itself
-- update   customers
with orders as (
    select customer_id, cast(min(occurred_at) as date) as day
    from transactions
    where kind = 'sale' and transaction_id is not null and occurred_at < (select day + interval 1 day from as_of_day)
    group by customer_id, transaction_id
    union all
    select customer_id, cast(occurred_at as date) as day
    from transactions
    where kind = 'sale' and transaction_id is null and occurred_at < (select day + interval 1 day from as_of_day)
),
histories as (
    select customer_id, list_sort(list(day)) as days from orders group by customer_id
)
select
    customer_id, cast(len(days) as integer) as orders, days[1] as first_on, days[2] as second_on,
    list_median(list_filter(list_transform(days[2:], lambda day, i: day - days[i]), lambda gap: gap > 0)) as gap_days
from histories
