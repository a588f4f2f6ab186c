-- tier_spells: spells in a tier without overlaps: one row per customer and spell
-- columns  customer_id text, tier text, since date, until date (the first day no longer in it; null while it lasts), follows text (what
--          comes at its end: moved, left; lasts)
-- source   tiers that began by the as-of day, customers
-- update   customers
-- note     A spell ends where the next begins, after its own last day, or where the customer leaves the programme, whichever is first.
--          Of spells that begin on the same day the one that ends last counts; spells of one tier without a day between are one.
with filed as (
    select
        customer_id, cast(valid_from as date) as since, max_by(tier, (coalesce(valid_to, date '9999-12-31'), tier)) as tier,
        max(coalesce(valid_to, date '9999-12-31')) + interval 1 day as ends
    from tiers
    where tier is not null and valid_from <= (select day from as_of_day) and coalesce(valid_to >= valid_from, true)
    group by customer_id, cast(valid_from as date)
),
cut as (
    select
        customer_id, filed.tier, since,
        cast(least(ends, lead(since) over (partition by customer_id order by since), cancelled_on) as date) as until
    from filed left join customers using (customer_id)
),
steps as (
    select
        *, coalesce(tier <> lag(tier) over spells or since > lag(until) over spells, true) as fresh
    from cut where since < until
    window spells as (partition by customer_id order by since)
),
numbered as (
    select *, sum(fresh::int) over (partition by customer_id order by since) as place from steps
),
spells as (
    select customer_id, any_value(tier) as tier, min(since) as since, max(until) as until from numbered group by customer_id, place
)
select
    customer_id, tier, since,
    case when until <= (select day from as_of_day) then until end as until,
    case
        when until > (select day from as_of_day) then 'lasts'
        when lead(since) over (partition by customer_id order by since) = until then 'moved'
        else 'left'
    end as follows
from spells
