"""What the study `lifecycle` asks of the marts: the stage of every customer at month ends, from what was known then."""

_ASKED = """(len($region::varchar[]) = 0 or list_contains($region::varchar[], f.region))
      and (len($channel::varchar[]) = 0 or list_contains($channel::varchar[], f.channel))
      and (len($tier::varchar[]) = 0 or list_contains($tier::varchar[], f.tier))"""

# rhythm: the customer's own gaps and one typical gap, averaged. pace: recent months against the time before, as Huffman (1984)
# compares two Poisson rates: 2 (sqrt(x + 3/8) - sqrt(r (y + 3/8))) / sqrt(1 + r), r the ratio of the two spans of time
STAGES = """/* every customer's stage at the month ends asked about */
with ends as (
    select
        month as at_month, month_end, typical_days, cast(month - interval 2 months as date) as recent_from,
        cast(month_end - $new_days as date) as new_from
    from typical_rhythm
    where list_contains($months::date[], month)
),
states as (
    select
        r.*, ends.*, month_end - last_on as silent_days, last_on - first_on + typical_days as span_days,
        case when r.month >= recent_from then days_0 else 0 end + case when last_1 >= recent_from then days_1 else 0 end
            + case when last_2 >= recent_from then days_2 else 0 end as recent,
        (month_end - recent_from + 1.0) / (recent_from - first_on) as span_ratio
    from ends
    join customer_rhythm as r on r.month <= at_month and r.until > at_month
    where (len($region::varchar[]) = 0 or list_contains($region::varchar[], r.region))
      and (len($channel::varchar[]) = 0 or list_contains($channel::varchar[], r.channel))
      and (len($tier::varchar[]) = 0 or list_contains($tier::varchar[], r.tier))
),
stages as (
    select
        *,
        case
            when cancelled_on between last_on and month_end then 7
            when first_on >= new_from and not old then 1
            when silent_days * days > $lost * span_days then 7
            when silent_days * days > $dormant * span_days then 6
            when silent_days * days > $slipping * span_days then 5
            when month < recent_from then 3  -- neither a return nor a faster pace without an order in the last three months
            when (back_0 > $dormant and age_0 > $new_days)
                or (back_1 > $dormant and age_1 > $new_days and last_1 >= recent_from)
                or (back_2 > $dormant and age_2 > $new_days and last_2 >= recent_from) then 4
            when first_on < recent_from and span_ratio <= 1 and 2 * (
                sqrt(recent + 0.375::double) - sqrt(span_ratio * (greatest(days - recent - 1, 0) + 0.375::double))
            ) > $faster * sqrt(1 + span_ratio) then 2
            else 3
        end as place
    from states
)"""

_YEAR = """sales as (
    select customer_id, sum(amount) as amount
    from customer_months where month between $since::date and $month::date group by customer_id
)"""

SPAN = """-- the month ends of the data and the time between orders that was typical by then
select month, month_end, typical_days, customers, monthly, (select min(first_on) from customer_spells) as began
from typical_rhythm order by month
"""

MONTHS = f"""-- customers by stage at each month end, and the net sales of those of them who ordered in that month
{STAGES}
select at_month as month, month_end, place, count(*) as customers, sum(amount) filter (month = at_month)::double as money
from stages group by at_month, month_end, place order by at_month, place
"""

NOW = f"""-- customers and their net sales of twelve months by stage, over random buckets of customers: enough for shares and bootstrap
{STAGES},
{_YEAR}
select hash(customer_id) % 5000 as bucket, place, count(*) as customers, sum(sales.amount)::double as money
from stages left join sales using (customer_id)
group by bucket, place order by bucket, place
"""

MOVES = f"""-- customers by stage at one month end and at a later one
{STAGES}
select earlier.place as "from", later.place as "to", count(*) as n
from stages as earlier
join stages as later using (customer_id)
where earlier.at_month = $months[1] and later.at_month = $months[2]
group by all order by all
"""

PEOPLE = f"""-- customers with their stage, the highest net sales of the last twelve months first
{STAGES},
{_YEAR}
select
    customer_id, place, sales.amount::double as money, days as order_days, last_on, silent_days, round(span_days / days, 1) as rhythm_days,
    round(silent_days * days / span_days, 2) as silence, first_on, tier, region, channel
from stages left join sales using (customer_id)
where len($places::integer[]) = 0 or list_contains($places::integer[], place)
order by money desc nulls last, order_days desc, customer_id limit $most
"""

ONE = f"""-- the stages of one customer at month ends
{STAGES}
select
    at_month as month, month_end, place, silent_days, round(span_days / days, 1) as rhythm_days,
    round(silent_days * days / span_days, 2) as silence
from stages where customer_id = $customer order by at_month
"""

NEWEST = f"""-- second orders within the window, by month of the first; only customers seen for the whole window are eligible
with first_orders as (
    select
        cast(date_trunc('month', firsts.first_on) as date) as month, date_diff('day', firsts.first_on, $as_of::date) >= $window as seen,
        date_diff('day', firsts.first_on, second_on) <= $window as came_back
    from customer_firsts as firsts
    join customer_features as f using (customer_id)
    where not firsts.old and firsts.first_on <= $as_of::date and {_ASKED}
)
select month, count(*) as customers, count(*) filter (seen) as eligible, count(*) filter (seen and came_back) as second
from first_orders group by month order by month
"""

GROUPS = f"""-- customers neither new nor lost, and those of them who have fallen silent, by what is known of them;
-- tiers follow from buying and are not compared
{STAGES},
now as materialized (select customer_id, place from stages where place not in (1, 7))
select
    case
        when grouping(f.acquisition_channel) = 0 then 'acquisition_channel' when grouping(f.region) = 0 then 'region'
        when grouping(f.channel) = 0 then 'channel' else 'industry'
    end as dimension,
    coalesce(f.acquisition_channel, f.region, f.channel, f.industry) as value,
    count(*) as customers, count(*) filter (place in (5, 6)) as silent
from now
join customer_features as f using (customer_id)
group by grouping sets ((f.acquisition_channel), (f.region), (f.channel), (f.industry))
having value is not null
order by dimension, customers desc, value
"""
