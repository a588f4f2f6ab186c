"""What the study `tier_quality` reads."""

from analytics.studies.tier_rules import RECORDS

ORDERS = f"""-- what adds up to a member's metric now, a row an order or a movement of points; of many members one in `every`
with records as ({RECORDS})
select customer_id, sum(value) as value from records
where occurred_at >= $since and occurred_at < $until and hash(customer_id) % $every = 0
group by customer_id, record order by customer_id, record
"""

LAGS = f"""-- days from the first time that the metric reached the next tier's threshold to the day that tier was given
-- watched from the day the old tier was given, or the first day whose whole window the data holds
with records as ({RECORDS}),
steps as (select tier, min(threshold)::double as threshold from tier_rules where tier is not null group by tier),
moves as (
    select
        customer_id, tier, since as changed, lag(tier) over spells as old, lag(since) over spells as given, lag(until) over spells as ended
    from tier_spells window spells as (partition by customer_id order by since)
),
raised as (
    select
        row_number() over (order by customer_id, changed) as id, customer_id, changed, given, new_step.threshold,
        greatest(given, $first::date) as watched
    from moves
    join steps as new_step on moves.tier = new_step.tier
    join steps as old_step on moves.old = old_step.tier
    where ended = changed and new_step.threshold > old_step.threshold and changed > $first::date
),
counted as (
    select id, greatest(occurred_at::date, watched) as day, value
    from raised join records using (customer_id)
    where occurred_at >= watched - $days::integer and occurred_at < changed
    union all
    select id, (occurred_at::date + $days::integer)::date, -value
    from raised join records using (customer_id)
    where occurred_at >= watched - $days::integer and occurred_at::date + $days::integer < changed
),
daily as (select id, day, sum(value) as value from counted group by id, day),
sums as (select id, day, round(sum(value) over (partition by id order by day), 6) as metric from daily),
crossed as (
    select id, min(day) as day from sums join raised using (id) where metric >= threshold and day >= watched group by id
)
select date_diff('day', day, changed)::double as days
from crossed join raised using (id)
where day > watched or watched = given
order by id
"""

BOUGHT = """-- what was known of members on a day, and what they brought in the months after it
select
    customer_id,
    count(distinct coalesce(transaction_id, occurred_at::varchar))
        filter (kind = 'sale' and occurred_at < $day::date and occurred_at >= $since::date)::double as orders,
    date_diff('day', max(occurred_at) filter (kind = 'sale' and occurred_at < $day::date), $day::date)::double as recency_days,
    date_diff('day', min(occurred_at), $day::date)::double as tenure_days,
    coalesce(sum(case $measure when 'margin' then margin when 'amount' then amount else 1 end)
        filter (occurred_at >= $day::date and ($measure <> 'orders' or kind = 'sale')), 0)::double as value
from transactions where occurred_at < $until::date group by customer_id
"""

GROUPS = """-- groups of members who may lose by other thresholds
select customer_id, region, gender, acquisition_channel, channel from customer_features order by customer_id
"""
