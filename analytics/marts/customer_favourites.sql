-- customer_favourites: one row per customer most of whose lines are categorised
-- columns  customer_id text, category text (on most lines; of several, the last in the alphabet)
-- source   customer_categories
-- update   customers
select customer_id, category from customer_categories where category is not null
