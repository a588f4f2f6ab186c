-- customer_features: one row per customer seen in any table
-- columns  customer_id text; who they are: region, city, tier, gender, industry, acquisition_channel text, member bool,
--          created_on, enrolled_on, cancelled_on date; what they did up to the as-of day: channel text (most used),
--          first_on, last_on date (sales), orders, lines int, amount decimal (net), sales decimal (> 0), refunds decimal (<= 0),
--          discount, margin, quantity decimal, categories, active_months int, gap_days double (median days between
--          days on which an order began), points_earned, points_redeemed decimal
-- source   customer_months, customer_spells, customer_repeat, customer_categories, customers, points, tiers, outcomes
-- update   customers
with channels as (
    select customer_id, arg_max(channel, (lines, channel)) as channel
    from (select customer_id, channel, sum(lines) as lines from customer_months where channel is not null group by customer_id, channel)
    group by customer_id
),
activity as (
    select
        customer_id,
        min(first_on) as first_on,
        max(last_on) as last_on,
        sum(lines) as lines,
        sum(amount) as amount,
        case when max(last_on) is not null then sum(amount) - coalesce(sum(refunds), 0) end as sales,
        sum(refunds) as refunds,
        sum(discount) as discount,
        sum(margin) as margin,
        sum(quantity) as quantity
    from customer_months
    group by customer_id
),
months as (
    select customer_id, count(*) as active_months from customer_spells group by customer_id
),
movements as (
    select
        customer_id,
        sum(points) filter (kind = 'earn') as points_earned,
        sum(points) filter (kind = 'redeem') as points_redeemed
    from points
    where occurred_at < (select day + interval 1 day from as_of_day)
    group by customer_id
),
spells as (
    select customer_id, arg_max(tier, valid_from) as tier
    from tiers
    where valid_from <= (select day from as_of_day)
    group by customer_id
),
everyone as (
    select customer_id from customers
    union select customer_id from activity
    union select customer_id from movements
    union select customer_id from outcomes
)
select
    everyone.customer_id,
    customers.region, customers.city, coalesce(spells.tier, customers.tier) as tier, customers.gender,
    customers.industry, customers.acquisition_channel, customers.member,
    customers.created_on, customers.enrolled_on, customers.cancelled_on,
    channels.channel, activity.first_on, activity.last_on,
    coalesce(customer_repeat.orders, 0) as orders, coalesce(activity.lines, 0) as lines,
    activity.amount, activity.sales, activity.refunds, activity.discount, activity.margin, activity.quantity,
    coalesce(customer_categories.categories, 0) as categories, coalesce(months.active_months, 0) as active_months,
    customer_repeat.gap_days, movements.points_earned, movements.points_redeemed
from everyone
left join customers using (customer_id)
left join activity using (customer_id)
left join channels using (customer_id)
left join months using (customer_id)
left join customer_repeat using (customer_id)
left join customer_categories using (customer_id)
left join movements using (customer_id)
left join spells using (customer_id)
