-- cube: one row per calendar month, region, channel and tier with activity
-- columns  month date, region text, channel text, tier text, orders int, lines int, amount decimal, refunds decimal,
--          discount decimal, margin decimal
-- source   customer_months, customer_features (region and tier as they are now)
-- update   sums
select
    month, region, customer_months.channel, tier,
    sum(customer_months.orders) as orders,
    sum(customer_months.lines) as lines,
    sum(customer_months.amount) as amount,
    sum(customer_months.refunds) as refunds,
    sum(customer_months.discount) as discount,
    sum(customer_months.margin) as margin
from customer_months
join customer_features using (customer_id)
group by month, region, customer_months.channel, tier
