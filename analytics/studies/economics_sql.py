"""What the study `economics` reads beside the ledger."""

TREATED = """-- customers on whom the programme acts, by month, and what they bought: members who ever bought, from the month after
-- joining until they leave; where the effect is of a lot, also those it did not withhold, from its first day, and none it did
with drawn as (
    select customer_id, holdout as withheld from customers where $flag and holdout is not null
    union all
    select customer_id, bool_or(arm = $control) as withheld
    from experiments where experiment_id = $experiment and arm is not null group by customer_id
),
people as (
    select
        customer_id,
        case when drawn.withheld = false and $since::date is not null then $since::date else enrolled_on end as since,
        cancelled_on as until
    from customer_features left join drawn using (customer_id)
    where orders > 0 and not coalesce(drawn.withheld, false)
      and (drawn.withheld = false or (coalesce(member, enrolled_on is not null) or cancelled_on is not null))
),
months as (
    select cast(month as date) as month from generate_series($first::date, $last::date, interval 1 month) as series(month)
),
acting as (
    select month, customer_id
    from months join people on coalesce(date_trunc('month', since) < month, true) and coalesce(until > month, true)
),
bought as (
    select customer_id, month, sum(amount) as amount, sum(margin) as margin from customer_months group by customer_id, month
)
select month, count(*) as customers, cast(sum(amount) as double) as amount, cast(sum(margin) as double) as margin
from acting left join bought using (customer_id, month)
group by month order by month
"""

TIERS = """-- members by tier as now: customers, months with activity, what they brought, and what of the costs can be traced to them
with members as (
    select customer_id, coalesce(tier, '') as tier, cancelled_on as until from customer_features
    where coalesce(member, enrolled_on is not null) or tier is not null
),
active as (
    select distinct customer_id, month from (
        select customer_id, month from customer_months where orders > 0 and month between $first::date and $last::date
        union all
        select customer_id, cast(date_trunc('month', occurred_at) as date) from points
        where kind in ('earn', 'redeem') and date_trunc('month', occurred_at) between $first::date and $last::date
    )
),
activity as (select customer_id, count(*) as active from active group by customer_id),
money as (
    select customer_id, cast(sum(amount) as double) as amount, cast(sum(margin) as double) as margin
    from customer_months where month between $first::date and $last::date group by customer_id
),
rewards as (
    select customer_id, cast(sum(coalesce(cost, points)) as double) as rewards from points
    where kind = 'redeem' and date_trunc('month', occurred_at) between $first::date and $last::date group by customer_id
),
given as (
    select customer_id, cast(sum(cost) as double) as benefits from benefits
    where date_trunc('month', delivered_at) between $first::date and $last::date group by customer_id
),
written as (
    select customer_id, cast(sum(coalesce(cost, 0)) as double) as cost, count(*) as contacts from contacts
    where date_trunc('month', occurred_at) between $first::date and $last::date group by customer_id
)
select
    tier, count(*) filter (until is null or until > $last::date) as members,
    count(active) as active_members, coalesce(sum(active), 0) as active_months,
    sum(amount) as amount, sum(margin) as margin, coalesce(sum(rewards), 0) as rewards, coalesce(sum(benefits), 0) as benefits,
    coalesce(sum(case when paid.total > 0 then cost else contacts end), 0) as communication
from members
cross join (select sum(cost) as total from written) as paid
left join activity using (customer_id)
left join money using (customer_id)
left join rewards using (customer_id)
left join given using (customer_id)
left join written using (customer_id)
group by tier
order by tier
"""

RANKS = "select tier, min(rank) as rank from tier_rules where tier is not null group by tier order by rank, tier"

ACTIVE = """-- members who bought, earned or redeemed, by month
select month, count(distinct customer_id) as active
from (
    select customer_id, month from customer_months where orders > 0
    union all
    select customer_id, cast(date_trunc('month', occurred_at) as date) from points where kind in ('earn', 'redeem')
)
join customer_features using (customer_id)
where month between $first::date and $last::date and (coalesce(member, enrolled_on is not null) or cancelled_on is not null)
group by month order by month
"""

NEW = """-- customers whose first purchase of all falls into the window
select count(*) from customer_firsts
where not old and first_on between $first::date and last_day($last::date)
"""
