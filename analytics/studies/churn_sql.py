"""What the study `churn` asks of the tables: what was known of customers on a day, never what came later.

$at is the last day that counts, $until the end of the horizon after it. $first, $last of $parts: a part of the customers, dealt by a hash.
"""

_PART = "hash(customer_id) % $parts >= $first and hash(customer_id) % $parts < $last"

GAPS = """-- days between a customer's days with a sale, each customer counting once: days, weight (customers)
with days as (
    select distinct customer_id, cast(occurred_at as date) as day from transactions
    where kind = 'sale' and occurred_at < $at::date + interval 1 day
),
gaps as (
    select customer_id, day - lag(day) over (partition by customer_id order by day) as gap from days
),
shares as (
    select gap, 1.0 / count(*) over (partition by customer_id) as weight from gaps where gap is not null
)
select gap as days, sum(weight) as weight from shares group by gap order by gap
"""

REACH = """-- from when to when there are sales, customers with one, whether the data knows months only
select
    min(first_on) as first_on, max(last_on) as last_on, count(distinct customer_id) as customers,
    count(distinct month) > 1 and bool_and(first_on = month and last_on = month) as monthly
from customer_spells
"""

BEHAVIOUR = f"""-- how customers bought in the $window days up to a day, as many at every moment; recent is since $since
with orders as (
    select
        customer_id, cast(occurred_at as date) as day,
        case when transaction_id is null then count(*) filter (kind = 'sale') else least(count(*) filter (kind = 'sale'), 1) end as orders,
        sum(amount)::double as amount, sum(amount) filter (kind = 'refund')::double as refunds, sum(discount)::double as discount,
        sum(margin)::double as margin, any_value(channel order by channel) as channel,
        coalesce(bool_or(delivered_at > promised_at and delivered_at < $at::date + interval 1 day), false) as late
    from transactions
    where occurred_at < $at::date + interval 1 day and {_PART}
    group by customer_id, cast(occurred_at as date), transaction_id
),
days as (
    select
        customer_id, day, sum(orders) as orders, sum(amount) as amount, sum(refunds) as refunds, sum(discount) as discount,
        sum(margin) as margin, sum(late::integer) as late, case when sum(orders) > 0 then day end as sold
    from orders group by customer_id, day
),
gaps as (
    select *, sold - lag(sold ignore nulls) over (partition by customer_id order by day) as gap from days
),
channels as (
    select customer_id, arg_max(channel, (orders, channel)) as channel
    from (select customer_id, channel, sum(orders) as orders from orders where channel is not null group by customer_id, channel)
    group by customer_id
),
habits as (
    select
        customer_id,
        least(date_diff('day', max(sold), $at::date), $window) as recency_days,
        least(date_diff('day', min(sold), $at::date), $window) as tenure_days,
        coalesce(sum(orders) filter (day > $at::date - $window), 0)::double as orders,
        coalesce(sum(orders) filter (day > $since::date), 0)::double as orders_recent,
        coalesce(sum(orders) filter (day > $before::date and day <= $since::date), 0)::double as orders_before,
        median(gap) filter (day > $at::date - $window) as gap_days,
        (max(gap) filter (day > $at::date - $window))::double as longest_gap,
        case when avg(gap) > 0 then least(date_diff('day', max(sold), $at::date) / avg(gap), $window) end as silence,
        sum(amount) filter (day > $at::date - $window) / nullif(sum(orders) filter (day > $at::date - $window), 0) as order_value,
        coalesce(sum(amount) filter (day > $at::date - $window), 0) as money,
        coalesce(sum(amount) filter (day > $since::date), 0) as money_recent,
        coalesce(sum(margin) filter (day > $at::date - 365), sum(amount) filter (day > $at::date - 365), 0) as worth,
        sum(discount) / nullif(sum(discount) + sum(amount), 0) as discount_share,
        -sum(refunds) / nullif(sum(amount) - sum(refunds), 0) as refund_share,
        coalesce(sum(late) filter (day > $since::date), 0)::double as late_deliveries
    from gaps group by customer_id having max(sold) > $seen::date
)
select habits.*, channel from habits left join channels using (customer_id) order by customer_id
"""

CAME_BACK = f"""-- who bought after the day, up to the end of the horizon
select distinct customer_id from transactions
where kind = 'sale' and occurred_at >= $at::date + interval 1 day and occurred_at < $until::date + interval 1 day and {_PART}
"""

# table -> what else was known of customers on the day
MORE = {
    "points": f"""-- points on the day
select
    customer_id,
    sum(points) filter (kind = 'earn' and occurred_at > $at::date - $window)::double as points_earned,
    coalesce(sum(points) filter (kind = 'redeem' and occurred_at > $since::date), 0)::double as points_redeemed_recent,
    case
        when bool_or(kind = 'redeem') then least(date_diff('day', max(occurred_at) filter (kind = 'redeem'), $at::date), $window)
    end as redeemed_days
from points
where occurred_at < $at::date + interval 1 day and {_PART}
group by customer_id
""",
    "contacts": f"""-- contacts shortly before the day
select
    customer_id, count(*)::double as contacts_recent, avg(responded::integer) as response_share,
    coalesce(bool_or(opted_out), false)::integer::double as opted_out
from contacts
where occurred_at < $at::date + interval 1 day and occurred_at > $since::date and {_PART}
group by customer_id
""",
    "feedback": f"""-- what customers said before the day
select
    customer_id, (count(*) filter (kind in ('complaint', 'ticket') and occurred_at > $since::date))::double as complaints_recent,
    arg_max(score, occurred_at) filter (kind = 'nps')::double as nps
from feedback
where occurred_at < $at::date + interval 1 day and {_PART}
group by customer_id
""",
    "tiers": f"""-- the tier that was in force on the day
select customer_id, arg_max(tier, valid_from) as tier
from tiers
where valid_from <= $at::date and coalesce(valid_to >= $at::date, true) and {_PART}
group by customer_id
""",
    "customers": f"""-- who customers are: nothing that can change after the day
select
    customer_id, gender, region, industry, acquisition_channel, year($at::date) - birth_year as age,
    case when enrolled_on <= $at::date and coalesce(cancelled_on > $at::date, true) then 1.0 else 0.0 end as member,
    case when enrolled_on <= $at::date then date_diff('day', enrolled_on, $at::date) end as membership_days
from customers
where {_PART}
""",
}

MEMBERS = f"""-- memberships with the day they began and, where it is known, ended; the last day that the list of customers knows
select
    customer_id, enrolled_on, case when cancelled_on <= $until::date then cancelled_on end as cancelled_on,
    coalesce(tier, '') as tier, date_trunc('year', enrolled_on)::date as cohort
from customer_features
where enrolled_on <= $until::date and coalesce(cancelled_on >= enrolled_on, true) and {_PART}
order by customer_id
"""

UNTIL = """-- the last day that anything is known of memberships, and how many have ended
select
    greatest(max(enrolled_on) filter (enrolled_on <= $today::date), max(cancelled_on) filter (cancelled_on <= $today::date)) as until,
    count(enrolled_on) as enrolled, count(cancelled_on) filter (enrolled_on is not null) as cancelled,
    count(*) filter (cancelled_on < enrolled_on) as impossible
from customers
"""

SNAPSHOT = """-- customers of a snapshot without dates
select customer_id, bool_or(churned) as churned, any_value(attributes) as attributes
from outcomes where churned is not null group by customer_id order by customer_id
"""

GROUPS = """-- who customers are, as it is known now
select customer_id, tier, region, city, channel, gender, industry, acquisition_channel, member from customer_features
"""

RANKS = """-- the order of the tiers, where it is known
select tier, min(rank)::integer as rank from tier_rules where tier is not null and rank is not null group by tier
"""
