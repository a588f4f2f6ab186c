-- customer_features: one row per customer seen in any table
-- columns  customer_id text; who they are: region, city, tier, gender, industry, acquisition_channel text, member bool,
--          created_on, enrolled_on, cancelled_on date; what they did up to the as-of day: channel text (most used),
--          first_on, last_on date (sales), orders, lines int, amount decimal (net), sales decimal (> 0), refunds decimal (<= 0),
--          discount, margin, quantity decimal, categories, active_months int, gap_days double (median days between
--          days with a sale), points_earned, points_redeemed decimal
-- source   customers, transactions, points, tiers, outcomes
with lines as (
    select * from transactions where occurred_at < (select day + interval 1 day from as_of_day)
),
activity as (
    select
        customer_id,
        mode(channel) as channel,
        cast(min(occurred_at) filter (kind = 'sale') as date) as first_on,
        cast(max(occurred_at) filter (kind = 'sale') as date) as last_on,
        count(distinct transaction_id) filter (kind = 'sale')
            + count(*) filter (kind = 'sale' and transaction_id is null) as orders,
        count(*) as lines,
        sum(amount) as amount,
        sum(amount) filter (kind = 'sale') as sales,
        sum(amount) filter (kind = 'refund') as refunds,
        sum(discount) as discount,
        sum(margin) as margin,
        sum(quantity) as quantity,
        count(distinct category) as categories,
        count(distinct date_trunc('month', occurred_at)) filter (kind = 'sale') as active_months
    from lines
    group by customer_id
),
days as (
    select customer_id, cast(occurred_at as date) as day from lines where kind = 'sale' group by all
),
gaps as (
    select customer_id, median(gap) as gap_days
    from (select customer_id, day - lag(day) over (partition by customer_id order by day) as gap from days)
    where gap is not null
    group by customer_id
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
    activity.channel, activity.first_on, activity.last_on,
    coalesce(activity.orders, 0) as orders, coalesce(activity.lines, 0) as lines,
    activity.amount, activity.sales, activity.refunds, activity.discount, activity.margin, activity.quantity,
    coalesce(activity.categories, 0) as categories, coalesce(activity.active_months, 0) as active_months,
    gaps.gap_days, movements.points_earned, movements.points_redeemed
from everyone
left join customers using (customer_id)
left join activity using (customer_id)
left join gaps using (customer_id)
left join movements using (customer_id)
left join spells using (customer_id)
