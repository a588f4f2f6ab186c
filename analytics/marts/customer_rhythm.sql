-- customer_rhythm: one row per customer and month with a sale: what the stage of the customer is told from until the next one
-- columns  as customer_spells without last_3, and back_0, back_1, back_2 double (the silence that the sales of the month, and of the two
--          months with a sale before it, ended: days since the last sale at the month end before, in multiples of the customer's own
--          rhythm as known then), cancelled_on date, old bool (a customer before the data begins), region, channel, tier text
-- source   customer_spells, typical_rhythm, customer_firsts, customer_features
-- update   customers
-- note     rhythm = (days from the first to the last sale + typical days) / days with a sale: own gaps and one typical gap, averaged
with ends as (
    select cast(month + interval 1 month as date) as next_month, month_end, typical_days from typical_rhythm
)
select
    spells.customer_id, spells.month, coalesce(until, date '9999-01-01') as until, spells.first_on, spells.last_on, days, days_0, days_1, days_2, last_1, last_2, spells.amount,
    (e0.month_end - last_1) * (days - days_0) / (last_1 - spells.first_on + e0.typical_days) as back_0,
    (e1.month_end - last_2) * (days - days_0 - days_1) / (last_2 - spells.first_on + e1.typical_days) as back_1,
    (e2.month_end - last_3) * (days - days_0 - days_1 - days_2) / (last_3 - spells.first_on + e2.typical_days) as back_2,
    case when old then 99999 else spells.month - spells.first_on end as age_0,
    case when old then 99999 else date_trunc('month', last_1)::date - spells.first_on end as age_1,
    case when old then 99999 else date_trunc('month', last_2)::date - spells.first_on end as age_2,
    people.cancelled_on, firsts.old, people.region, people.channel, people.tier
from customer_spells as spells
join customer_features as people using (customer_id)
join customer_firsts as firsts using (customer_id)
left join ends as e0 on e0.next_month = spells.month
left join ends as e1 on e1.next_month = date_trunc('month', last_1)
left join ends as e2 on e2.next_month = date_trunc('month', last_2)
