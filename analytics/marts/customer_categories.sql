-- customer_categories: one row per customer with a line that has a category: what kinds of things they buy
-- columns  customer_id text, categories int (different ones, refunded ones too), category text (on most of the sales' lines, those without
--          a category included; null where those are the most; of several, the last in the alphabet)
-- source   transactions up to the as-of day
-- update   customers
with lines as (
    select customer_id, category, count(*) filter (kind = 'sale') as sales
    from transactions
    where exists (from transactions where category is not null)
      and occurred_at < (select day + interval 1 day from as_of_day)
    group by customer_id, category
)
select
    customer_id,
    cast(count(category) as integer) as categories,
    nullif(arg_max(coalesce(category, ''), (sales, coalesce(category, ''))) filter (sales > 0), '') as category
from lines
group by customer_id
having count(category) > 0
