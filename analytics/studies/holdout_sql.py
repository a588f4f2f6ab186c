"""What the study `holdout` asks: who could be in a test that begins on a day, and what they brought before and after it."""

PEOPLE = """-- customers who could be drawn on a day, as they were known then: what they brought in the months before it and after it
with known as (
    select customer_id, first_on, last_on
    from customer_spells
    where month < $cut::date and coalesce(until, date '9999-12-31') >= $cut::date and last_on >= $cut::date - $days::integer
),
held as (
    select customer_id, arg_max(tier, valid_from) as tier from tiers where valid_from < $cut::date group by customer_id
),
people as (
    select
        customer_id, known.first_on, known.last_on, f.region, f.channel,
        case when (select count(*) from held) > 0 then held.tier else f.tier end as tier,
        case
            when enrolled_on is not null then enrolled_on < $cut::date and coalesce(cancelled_on >= $cut::date, true)
            else coalesce(member, false)
        end as joined
    from known
    join customer_features as f using (customer_id)
    left join held using (customer_id)
),
money as (
    select
        customer_id,
        sum(case when $margin then margin else amount end) filter (month < $cut::date) as before,
        sum(case when $margin then margin else amount end) filter (month >= $cut::date) as after,
        sum(orders) filter (month < $cut::date) as orders_before,
        sum(orders) filter (month >= $cut::date) as orders_after
    from customer_months
    where month >= $since::date and month < $until::date
    group by customer_id
)
select
    customer_id, tier, region, channel, cast($cut::date - last_on as integer) as recency_days,
    cast($cut::date - first_on as integer) as tenure_days,
    coalesce(before, 0)::double as before, coalesce(after, 0)::double as after,
    coalesce(orders_before, 0)::double as orders_before, coalesce(orders_after, 0)::double as orders_after
from people left join money using (customer_id)
where ($who = 'everyone' or ($who = 'members' and joined) or ($who = 'not_members' and not joined)
        or ($who = 'new' and first_on >= $cut::date - $days::integer))
  and (len($region::varchar[]) = 0 or list_contains($region::varchar[], region))
  and (len($channel::varchar[]) = 0 or list_contains($channel::varchar[], channel))
  and (len($tier::varchar[]) = 0 or list_contains($tier::varchar[], tier))
order by customer_id
"""

TAKEN = """-- customers who stand in a test that is not over on a day, or are withheld already; a test without an end is not over
select customer_id, any_value(experiment_id) as experiment_id
from experiments
where coalesce(ends_on, date '9999-12-31') >= $starts::date
group by customer_id
union
select customer_id, 'customers.holdout' from customers where holdout and customer_id not in (select customer_id from experiments)
"""

NAMES = """-- the tests that have a name
select distinct experiment_id from experiments where experiment_id is not null
"""

MEMBERS = """-- customers who are members, and who are not
select count(*) filter (coalesce(member, false)) as members, count(*) filter (not coalesce(member, false)) as others
from customer_features
where orders > 0
"""

SPAN = """-- from when on there are sales
select day from data_begins
"""
