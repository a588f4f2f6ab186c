-- customer_favourites: one row per customer most of whose lines are categorised
-- columns  customer_id text, category text (on most lines; of several, one)
-- source   transactions up to the as-of day
-- note     lines without a category count: a customer whose lines mostly lack one has no favourite
with favourites as (
    select customer_id, mode(coalesce(category, '')) as category
    from transactions
    where exists (from transactions where category is not null)
      and kind = 'sale' and occurred_at < (select day + interval 1 day from as_of_day)
    group by customer_id
)
select customer_id, category from favourites where category <> ''
