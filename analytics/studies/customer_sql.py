"""What the study `customer` asks: marts who somebody is, canonical tables for the rows of that one person. Ids are bound, never pasted."""

FOUND = """-- who has exactly this id, or this pseudonym
select customer_id from customer_features where customer_id in ($id, $pseudonym) order by customer_id = $id desc limit 1
"""

BEGINNING = """-- customers whose id begins so
select customer_id, orders, amount, last_on, tier
from customer_features
where starts_with(lower(customer_id), lower($text))
order by len(customer_id), customer_id limit $most
"""

PERSON = """-- who it is and what it comes to
select
    f.customer_id, f.tier, f.region, f.city, f.gender, c.birth_year, f.industry, f.acquisition_channel, c.referred_by, c.consent, f.member,
    f.created_on, f.enrolled_on, f.cancelled_on, f.channel, f.first_on, f.last_on, f.orders, f.amount, f.refunds, f.margin, f.discount,
    f.gap_days, o.churned, date_diff('day', f.last_on, (select day from as_of_day)) as silent_days
from customer_features as f
left join customers as c using (customer_id)
left join outcomes as o using (customer_id)
where customer_id = $customer
limit 1
"""

PLACE = """-- how many buyers stand below and beside the customer, and what the youngest and oldest of them are
with buyers as (
    select
        customer_id, date_diff('day', last_on, (select day from as_of_day)) as recency_days,
        date_diff('day', first_on, (select day from as_of_day)) as tenure_days, orders, amount
    from customer_features where orders > 0
),
asked as (select * from buyers where customer_id = $customer)
select
    count(*) as n, max(b.tenure_days) as oldest, any_value(a.tenure_days) as tenure_days,
    count(*) filter (b.recency_days > a.recency_days) as recency_below, count(*) filter (b.recency_days = a.recency_days) as recency_beside,
    count(*) filter (b.orders < a.orders) as frequency_below, count(*) filter (b.orders = a.orders) as frequency_beside
from buyers as b, asked as a
"""

MONTHS = """-- every month from the customer's first one to the as-of day, also those without an order
with own as (
    select month, sum(orders)::int as orders, sum(amount)::double as amount, sum(refunds)::double as refunds
    from customer_months where customer_id = $customer group by month
),
span as (
    select cast(unnest(generate_series(min(month), max(day), interval 1 month)) as date) as month from own, as_of_day
)
select
    month, coalesce(orders, 0) as orders, coalesce(amount, case when (select count(amount) from own) > 0 then 0 end) as amount, refunds
from span left join own using (month) order by month
"""

ORDERS = """-- the customer's orders and refunds, the last first; a line without a number is an order of its own
with lines as (
    select *, case when transaction_id is null then row_number() over (order by occurred_at) end as own
    from transactions
    where customer_id = $customer and occurred_at < (select day + interval 1 day from as_of_day)
)
select
    cast(min(occurred_at) as date) as day, transaction_id, kind, count(*) as lines, sum(amount)::double as amount,
    sum(discount)::double as discount, string_agg(distinct category, ' · ' order by category) as categories, min(channel) as channel
from lines group by transaction_id, own, kind
order by day desc, transaction_id desc, own desc limit $most
"""

CATEGORIES = """-- on how many of the customer's days with a purchase each category was bought
with bought as (
    select category, cast(occurred_at as date) as day, amount
    from transactions
    where customer_id = $customer and kind = 'sale' and category is not null
      and occurred_at < (select day + interval 1 day from as_of_day)
)
select
    category, count(distinct day) as purchases, (select count(distinct day) from bought) as of, max(day) as last_on,
    sum(amount)::double as amount
from bought group by category order by purchases desc, category
"""

TIERS = """-- the customer's spells in a tier, the latest first; rank and threshold where the rules tell them
select t.tier, valid_from, valid_to, rank, metric, threshold
from tiers as t
left join tier_rules as r using (tier)
where customer_id = $customer and valid_from <= (select day from as_of_day)
order by valid_from desc
"""

POINTS = """-- movements of points with the balance after each, the last first
with moved as (
    select *, case when kind in ('earn', 'adjust') then points else -points end::double as signed
    from points
    where customer_id = $customer and occurred_at < (select day + interval 1 day from as_of_day)
)
select
    cast(occurred_at as date) as day, kind, category, signed as points,
    sum(signed) over (order by occurred_at, kind rows unbounded preceding) as balance, expires_on
from moved order by occurred_at desc, kind desc
"""

CONTACTS = """-- contacts, the last first
select cast(occurred_at as date) as day, channel, campaign_id, responded, opted_out, handled_by
from contacts
where customer_id = $customer and occurred_at < (select day + interval 1 day from as_of_day)
order by occurred_at desc
"""

FEEDBACK = """-- answers, complaints, tickets and reviews, the last first
select
    cast(occurred_at as date) as day, kind, score::double as score, topic, text, department, cast(answered_at as date) as answered_on,
    cast(resolved_at as date) as resolved_on
from feedback
where customer_id = $customer and occurred_at < (select day + interval 1 day from as_of_day)
order by occurred_at desc
"""

DEALS = """-- deals of a CRM, the last first
select outcome, opened_on, closed_on, expected_on, amount::double as amount
from deals where customer_id = $customer
order by opened_on desc nulls last
"""

ATTRIBUTES = """-- what a snapshot tells of the customer
select attributes from outcomes where customer_id = $customer limit 1
"""

NEWEST = """-- who came last, the one with the most money among those of that day
select customer_id, first_on as day, amount::double as money, orders
from customer_features
where orders > 0 and cancelled_on is null order by first_on desc, amount desc nulls last, orders desc, customer_id limit $most
"""

LARGEST = """-- who has brought most
select customer_id, last_on as day, amount::double as money, orders
from customer_features
where orders > 0 order by amount desc nulls last, orders desc, customer_id limit $most
"""

HELD = """-- customers there are
select count(*) as customers from customer_features
"""
