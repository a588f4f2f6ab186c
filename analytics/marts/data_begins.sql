-- data_begins: one row
-- columns  day date (of the first sale of all, null without one)
-- source   customer_repeat
-- update   whole
select min(first_on) as day from customer_repeat
