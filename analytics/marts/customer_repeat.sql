-- customer_repeat: one row per customer with a sale
-- columns  customer_id text, first_on date, second_on date (day of the second order, also when on the first day; null with one order)
-- source   transactions up to the as-of day; an order without a number is an order by itself
with orders as (
    select customer_id, min(occurred_at) as moment
    from transactions
    where kind = 'sale' and transaction_id is not null and occurred_at < (select day + interval 1 day from as_of_day)
    group by customer_id, transaction_id
    union all
    select customer_id, occurred_at as moment
    from transactions
    where kind = 'sale' and transaction_id is null and occurred_at < (select day + interval 1 day from as_of_day)
)
select customer_id, cast(min(moment) as date) as first_on, cast(min(moment, 2)[2] as date) as second_on
from orders
group by customer_id
