-- quality_days: one row per dated table and calendar day with rows
-- columns  table_name text, day date, rows int
-- source   transactions, points, contacts, feedback, not cut at the as-of day
-- update   sums
select 'transactions' as table_name, cast(occurred_at as date) as day, count(*) as rows from transactions group by all
union all
select 'points', cast(occurred_at as date), count(*) from points group by all
union all
select 'contacts', cast(occurred_at as date), count(*) from contacts group by all
union all
select 'feedback', cast(occurred_at as date), count(*) from feedback group by all
