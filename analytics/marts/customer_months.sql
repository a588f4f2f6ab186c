-- customer_months: one row per customer, calendar month and channel with activity
-- columns  customer_id text, month date, channel text, orders int, lines int, amount decimal, refunds decimal,
--          discount decimal, margin decimal, quantity decimal, first_on date, last_on date (days with a sale, null when only refunds),
--          sale_days bigint (bit n - 1 is set when there was a sale on the n-th of the month: days add up over channels without repeats)
-- source   transactions up to the as-of day; a refund reduces the month in which it happens
-- note     an order without a number is a row of its own; amount is null where the source has no money
select
    customer_id,
    cast(date_trunc('month', occurred_at) as date) as month,
    channel,
    count(distinct transaction_id) filter (kind = 'sale')
        + count(*) filter (kind = 'sale' and transaction_id is null) as orders,
    count(*) as lines,
    sum(amount) as amount,
    sum(amount) filter (kind = 'refund') as refunds,
    sum(discount) as discount,
    sum(margin) as margin,
    sum(quantity) as quantity,
    cast(min(occurred_at) filter (kind = 'sale') as date) as first_on,
    cast(max(occurred_at) filter (kind = 'sale') as date) as last_on,
    bit_or(1::bigint << (day(occurred_at) - 1)) filter (kind = 'sale') as sale_days
from transactions
where occurred_at < (select day + interval 1 day from as_of_day)
group by customer_id, cast(date_trunc('month', occurred_at) as date), channel
