"""What the study `migration` reads."""

HELD = """-- the first day with tiers on file
select min(since) as first from tier_spells
"""

STATES = """-- everybody who was a member on one of two days: the tier on each, none outside the programme
with at_start as (
    select customer_id, tier from tier_spells where since <= $start::date and coalesce(until > $start::date, true)
),
at_end as (
    select customer_id, tier from tier_spells where since <= $finish::date and coalesce(until > $finish::date, true)
)
select customer_id, at_start.tier as start_tier, at_end.tier as end_tier
from at_start full join at_end using (customer_id) order by customer_id
"""

BETWEEN = """-- members who came after the first day and left before the last one: in no cell of the matrix
select count(distinct customer_id) from tier_spells
where since > $start::date and since <= $finish::date
    and customer_id not in (
        select customer_id from tier_spells
        where (since <= $start::date and coalesce(until > $start::date, true))
            or (since <= $finish::date and coalesce(until > $finish::date, true))
    )
"""

SPELLS = """-- spells with their length so far; known: whether the spell's beginning is seen, not only the first day of the data's history
select
    tier_spells.customer_id, tier_spells.tier, since, until, follows,
    date_diff('day', since, coalesce(until, (select day + interval 1 day from as_of_day)::date))::double as days,
    since > (select min(since) from tier_spells) or coalesce(enrolled_on = since, false) as known
from tier_spells left join customers using (customer_id)
order by tier_spells.customer_id, since
"""

LAST = "select customer_id, last_on from customer_features order by customer_id"

SPEND = """-- spend and orders by member and month; of many members one in `every`
select
    customer_id, month, coalesce(sum(amount), 0)::double as amount, sum(orders)::double as orders
from customer_months
where customer_id in (select customer_id from tier_spells) and hash(customer_id) % $every = 0
group by customer_id, month
"""
