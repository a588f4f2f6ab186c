-- deals: one row per deal of a CRM
-- columns  deal_id, customer_id text, outcome text (won, lost, open), opened_on date (null where the source does not tell), closed_on date
--          (null while open, or where the source does not tell), expected_on date (planned closing of an open deal), amount decimal
--          (null where not known), existing bool (the customer had bought before the deal was opened)
-- source   transactions with the day on which the deal behind them was opened (won deals); opportunities (open and lost ones)
-- update   customers
-- note     a stage is read by its words: won, lost and abandoned in English and Chinese; any other stage is open
with won as (
    select
        coalesce(transaction_id, customer_id || ' ' || occurred_at) as deal_id, customer_id, 'won' as outcome,
        cast(min(opened_at) as date) as opened_on, cast(max(occurred_at) as date) as closed_on, null::date as expected_on, sum(amount) as amount
    from transactions
    where opened_at is not null and kind = 'sale'
    group by coalesce(transaction_id, customer_id || ' ' || occurred_at), customer_id
),
told as (
    select
        *,
        case
            when regexp_matches(lower(stage), '^closed?[ _-]*won\b|^won$|^已?成交$|赢单') then 'won'
            when regexp_matches(lower(stage), '\blost\b|closedlost|abandon|disqualif|cancel|输单|丢单|败单|战败|流失|失败|无效|作废|放弃|取消') then 'lost'
            else 'open'
        end as outcome
    from opportunities
),
deals as (
    from won
    union all
    select
        opportunity_id, customer_id, outcome, cast(created_at as date),
        case when outcome <> 'open' then cast(closed_at as date) end, case when outcome = 'open' then cast(closed_at as date) end, amount
    from told
)
select
    deal_id, deals.customer_id, outcome, opened_on, closed_on, expected_on, deals.amount,
    coalesce(firsts.first_on < opened_on, false) as existing
from deals
left join customer_repeat as firsts on firsts.customer_id = deals.customer_id
