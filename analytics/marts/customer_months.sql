-- customer_months: one row per customer, calendar month and channel with activity
-- columns  customer_id text, month date, channel text, orders int, lines int, amount decimal, refunds decimal,
--          discount decimal, margin decimal, quantity decimal, first_on date, last_on date (days with a sale, null when only refunds),
--          sale_days bigint (bit n - 1 is set when there was a sale on the n-th of the month: days add up over channels without repeats)
-- source   transactions up to the as-of day; a refund reduces the month in which it happens
-- update   customers
-- note     an order without a number is a row of its own; amount is null where the source has no money
-- note     lines are first added up per order, which is several times faster than counting different numbers
with orders as (
    select
        customer_id, cast(date_trunc('month', occurred_at) as date) as month, channel,
        case when transaction_id is null then count(*) filter (kind = 'sale') else least(count(*) filter (kind = 'sale'), 1) end as orders,
        count(*) as lines,
        cast(sum(amount) as decimal(18,4)) as amount,
        cast(sum(amount) filter (kind = 'refund') as decimal(18,4)) as refunds,
        cast(sum(discount) as decimal(18,4)) as discount,
        cast(sum(margin) as decimal(18,4)) as margin,
        cast(sum(quantity) as decimal(18,4)) as quantity,
        bit_or(1::bigint << (day(occurred_at) - 1)) filter (kind = 'sale') as sale_days
    from transactions
    where occurred_at < (select day + interval 1 day from as_of_day)
    group by customer_id, cast(date_trunc('month', occurred_at) as date), channel, transaction_id
),
months as (
    select
        customer_id, month, channel,
        cast(sum(orders) as integer) as orders,
        cast(sum(lines) as integer) as lines,
        cast(sum(amount) as decimal(18,4)) as amount,
        cast(sum(refunds) as decimal(18,4)) as refunds,
        cast(sum(discount) as decimal(18,4)) as discount,
        cast(sum(margin) as decimal(18,4)) as margin,
        cast(sum(quantity) as decimal(18,4)) as quantity,
        bit_or(sale_days) as sale_days
    from orders
    group by customer_id, month, channel
)
select
    customer_id, month, channel, orders, lines, amount, refunds, discount, margin, quantity,
    month + cast(log2(sale_days & -sale_days) as integer) as first_on,
    month + cast(floor(log2(sale_days)) as integer) as last_on,
    sale_days
from months
