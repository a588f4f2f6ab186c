-- points_lots: what became of the points that a customer earned in a month: one row per customer, vintage, month and kind of use
-- columns  customer_id text, vintage date (month earned; null for what was never earned in the ledger), month date (of the use; null
--          while held), kind text (redeem, expire, adjust; held; overdrawn), expires_on date (the last of the lot), points decimal > 0
-- source   points up to the as-of day
-- update   customers
-- note     First in, first out. A lot is what was earned in a month and what corrections of that month left of it; uses are taken from the
--          oldest points first, by overlap of the running sums of lots and of uses.
--          More redeemed than earned so far means a balance from before the ledger: a lot without a vintage, as small as it can have been.
--          Corrections beyond what is there are set off against what is earned later; what nothing covers by the end is overdrawn.
with months as (
    select
        customer_id,
        cast(date_trunc('month', occurred_at) as date) as month,
        sum(case when kind in ('earn', 'adjust') then points when points < 0 then -points else 0 end) as lot,
        sum(case when kind = 'redeem' then greatest(points, 0) else 0 end) as redeemed,
        sum(case when kind = 'expire' then greatest(points, 0) else 0 end) as expired,
        max(expires_on) as expires_on
    from points
    where occurred_at < (select day + interval 1 day from as_of_day)
    group by customer_id, cast(date_trunc('month', occurred_at) as date)
),
moves as (
    select customer_id, month, 0 as place, 'earn' as kind, expires_on, lot as points from months where lot > 0
    union all
    select customer_id, month, 1, 'expire', null, expired from months where expired > 0
    union all
    select customer_id, month, 2, 'adjust', null, -lot from months where lot < 0
    union all
    select customer_id, month, 3, 'redeem', null, redeemed from months where redeemed > 0
),
running as (
    select
        *,
        sum(case when kind = 'earn' then points else 0 end) over so_far as earned,
        sum(case when kind = 'earn' then 0 else points end) over so_far as used
    from moves
    window so_far as (partition by customer_id order by month, place)
),
begun as (
    select
        customer_id,
        greatest(coalesce(max(used - earned) filter (kind in ('redeem', 'expire')), 0), 0) as opening,
        max(earned) as earned,
        max(used) as used
    from running
    group by customer_id
),
lots as (
    select customer_id, month as vintage, expires_on, opening + r.earned - points as since, opening + r.earned as until, begun.used
    from running as r
    join begun using (customer_id)
    where kind = 'earn'
    union all
    select customer_id, null, null, 0, opening, used from begun where opening > 0
),
uses as (
    select customer_id, month, kind, r.used - points as since, r.used as until, opening + begun.earned as covered
    from running as r
    join begun using (customer_id)
    where kind <> 'earn'
)
select
    customer_id, vintage, uses.month, uses.kind, expires_on,
    least(lots.until, uses.until) - greatest(lots.since, uses.since) as points
from lots
join uses using (customer_id)
where lots.since < uses.until and uses.since < lots.until
union all
select customer_id, vintage, null, 'held', expires_on, until - greatest(since, used) from lots where until > used
union all
select customer_id, null, month, 'overdrawn', null, until - greatest(since, covered) from uses where until > covered
