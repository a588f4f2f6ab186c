-- customer_firsts: one row per customer with a sale: how they began and when they came back
-- columns  customer_id text, first_on, second_on date (day of the second order, null with one), second_month date (the next month with
--          a sale), known_on date (created or enrolled, the earlier; null where the data tells neither), old bool (a customer before
--          the data begins: known, or refunded, before the first sale of all or their own), channel text (of the first order),
--          category text (on which the first day spent most), region, acquisition_channel, tier text (as they are now)
-- source   customer_repeat, data_begins, customer_spells, customer_months, customer_features, transactions up to the as-of day
-- update   customers
-- note     ties go to the last name in the alphabet: the same answer whatever order the rows come in
with first_lines as (
    select customer_id, occurred_at, channel, category, amount
    from transactions
    join customer_repeat using (customer_id)
    where kind = 'sale' and cast(occurred_at as date) = first_on
),
channels as (
    select customer_id, arg_min(channel, (occurred_at, channel)) as channel
    from first_lines where channel is not null group by customer_id
),
spent as (
    select customer_id, category, coalesce(sum(amount), 0) as amount, count(*) as lines
    from first_lines where category is not null group by customer_id, category
),
categories as (
    select customer_id, arg_max(category, (amount, lines, category)) as category from spent group by customer_id
),
returns as (
    select customer_id, until as second_month from customer_spells where last_1 is null
),
refunded_before as (
    select distinct m.customer_id
    from customer_months as m
    join customer_repeat as r using (customer_id)
    where m.last_on is null and m.month < date_trunc('month', r.first_on)
)
select
    r.customer_id, r.first_on, r.second_on, returns.second_month,
    least(f.created_on, f.enrolled_on) as known_on,
    coalesce(least(f.created_on, f.enrolled_on) < data_begins.day, false) or refunded_before.customer_id is not null as old,
    channels.channel, categories.category, f.region, f.acquisition_channel, f.tier
from customer_repeat as r
cross join data_begins
join customer_features as f using (customer_id)
join returns using (customer_id)
left join refunded_before on refunded_before.customer_id = r.customer_id
left join channels using (customer_id)
left join categories using (customer_id)
