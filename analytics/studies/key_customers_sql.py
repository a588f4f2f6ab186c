"""What the study `key_customers` asks of the tables."""

PEOPLE = """-- customers who bought: groups, what is on file, and what they brought, returned and complained of in the last months
with file as (
    select customer_id, true as filed, birth_year, consent from customers
),
sales as (
    select
        customer_id, sum(amount) filter (occurred_at >= $since) as spend, sum(margin) filter (occurred_at >= $since) as margin,
        sum(amount) filter (occurred_at < $since) as before,
        -coalesce(sum(amount) filter (kind = 'refund' and occurred_at >= $since), 0) as returned,
        count(*) filter (kind = 'refund' and occurred_at >= $since) as returns,
        count(distinct coalesce(transaction_id, cast(occurred_at as varchar))) filter (kind = 'sale' and occurred_at >= $since) as recent,
        count(distinct transaction_id) filter (
            kind = 'sale' and occurred_at >= $since and cast(delivered_at as date) > cast(promised_at as date)
        ) as late
    from transactions
    where occurred_at >= $earlier and occurred_at < $until
    group by customer_id
),
voiced as (
    select customer_id, count(*) as complaints from feedback
    where kind = 'complaint' and occurred_at >= $since and occurred_at < $until group by customer_id
),
handled as (
    select customer_id, sum(cost) as contact_cost, sum(minutes) as minutes from contacts
    where occurred_at >= $since and occurred_at < $until group by customer_id
),
active as (
    select customer_id, least(count(distinct month), 12) as months from customer_months -- twelve months touch thirteen by name
    where orders > 0 and month >= date_trunc('month', $since::date) group by customer_id
)
select
    f.customer_id, f.tier, f.region, f.city, f.gender, f.industry, f.acquisition_channel, birth_year, consent,
    coalesce(filed, false) as filed, f.first_on, f.first_on >= $since as fresh,
    case when f.amount is not null then coalesce(spend, 0)::double end as spend, coalesce(before, 0)::double as before,
    coalesce(sales.margin, 0)::double as margin, coalesce(recent, 0)::double as orders,
    coalesce(returned, 0)::double as returned, coalesce(returns, 0)::integer as returns, coalesce(late, 0)::integer as late,
    coalesce(months, 0)::integer as months, coalesce(complaints, 0)::integer as complaints,
    coalesce(contact_cost, 0)::double as contact_cost, coalesce(minutes, 0)::double as minutes
from customer_features as f
left join file using (customer_id) left join sales using (customer_id)
left join voiced using (customer_id) left join handled using (customer_id)
left join active using (customer_id)
where f.orders > 0
order by f.customer_id
"""

CATEGORIES = """-- categories bought by enough customers, the most bought first
select category
from transactions
where kind = 'sale' and category is not null and occurred_at < $until
group by category having count(distinct customer_id) >= $least
order by count(distinct customer_id) desc, category limit $most
"""

BOUGHT = """-- on how many days customers bought each of the categories
select customer_id, list_position($categories::varchar[], category) - 1 as code, count(distinct cast(occurred_at as date)) as days
from transactions
where kind = 'sale' and list_contains($categories::varchar[], category) and occurred_at < $until
  and hash(customer_id) % $batches = $batch
group by customer_id, category
order by customer_id, code
"""

DAYS = """-- days on which customers bought, with the orders begun on them and their money
with lines as (
    select
        customer_id, cast(occurred_at as date) as day, amount, margin,
        case when kind = 'sale' then coalesce(transaction_id, cast(occurred_at as varchar)) end as number
    from transactions
    where occurred_at < $until and hash(customer_id) % $batches = $batch
)
select
    customer_id, day, count(distinct number)::double as orders, coalesce(sum(amount), 0)::double as amount,
    coalesce(sum(margin), 0)::double as margin
from lines
group by customer_id, day having count(number) > 0
order by customer_id, day
"""
