-- quality_checks: one row per check of a table that holds rows
-- columns  area text (duplicates, orphans, impossible, unusual), check_name, table_name text, hits int, rows int (that the check could look at)
-- source   every canonical table as loaded
-- update   sums
-- note     an order line may rightly be there twice: duplicates are told, not removed
-- note     what is unusual may be right: a sale refunded in full also ends at no amount, a customer may buy before joining;
--          a line with a list price had a price, so it is not one without
-- note     1900 and 1970 are what spreadsheets and programs write where they know no date
with lines as (
    select
        count(*) - count(distinct hash(transaction_id, line_no, customer_id, occurred_at, amount, quantity, product_id, kind)) as duplicate_rows,
        count(*) as duplicate_rows_of,
        count(*) filter (kind = 'sale' and quantity < 0) as negative_quantity,
        count(*) filter (kind = 'sale' and quantity is not null) as negative_quantity_of,
        count(*) filter (kind = 'sale' and amount < 0) as negative_sale,
        count(*) filter (kind = 'sale' and amount is not null) as negative_sale_of,
        count(*) filter (kind = 'sale' and amount = 0 and coalesce(list_price, 0) = 0) as zero_price,
        count(*) filter (kind = 'sale' and amount is not null) as zero_price_of,
        count(*) filter (occurred_at < date '1980-01-01') as early_date, count(occurred_at) as early_date_of,
        count(*) filter (delivered_at < occurred_at) as delivered_before_order,
        count(delivered_at) as delivered_before_order_of
    from transactions
),
people as (
    select
        count(*) - count(distinct customer_id) as duplicate_customers, count(*) as duplicate_customers_of,
        count(*) filter (birth_year < 1900 or birth_year > year(current_date)) as birth_year, count(birth_year) as birth_year_of,
        count(*) filter (cancelled_on < enrolled_on) as cancelled_before_enrolled,
        count(*) filter (cancelled_on is not null and enrolled_on is not null) as cancelled_before_enrolled_of
    from customers
),
early as (
    select
        count(*) filter (before) as lines, count(*) as lines_of,
        count(distinct customer_id) filter (before) as customers, count(distinct customer_id) as customers_of
    from (
        select customer_id, cast(occurred_at as date) < enrolled_on as before
        from transactions join customers using (customer_id)
        where enrolled_on is not null
    )
),
movements as (
    select
        count(*) - count(distinct hash(customer_id, occurred_at, kind, points, category)) as duplicate_rows, count(*) as duplicate_rows_of,
        count(*) filter (kind in ('earn', 'redeem', 'expire') and points < 0) as negative_points, count(*) as negative_points_of
    from points
),
strangers as (
    select
        count(*) filter (customers.customer_id is null and lines > 0) as sales, count(*) filter (lines > 0) as sales_of,
        count(*) filter (customers.customer_id is null and customer_points.customer_id is not null) as points,
        count(customer_points.customer_id) as points_of
    from customer_features
    left join customers using (customer_id)
    left join customer_points using (customer_id)
    where 'customers' in (select name from tables_held)
)
select 'duplicates' as area, 'duplicate_rows' as check_name, 'transactions' as table_name, duplicate_rows as hits, duplicate_rows_of as rows from lines
union all select 'duplicates', 'duplicate_customers', 'customers', duplicate_customers, duplicate_customers_of from people
union all select 'duplicates', 'duplicate_rows', 'points', duplicate_rows, duplicate_rows_of from movements
union all select 'orphans', 'unknown_customer', 'transactions', sales, sales_of from strangers
union all select 'orphans', 'unknown_customer', 'points', points, points_of from strangers
union all select 'impossible', 'negative_quantity', 'transactions', negative_quantity, negative_quantity_of from lines
union all select 'impossible', 'negative_sale', 'transactions', negative_sale, negative_sale_of from lines
union all select 'unusual', 'zero_price', 'transactions', zero_price, zero_price_of from lines
union all select 'unusual', 'early_date', 'transactions', early_date, early_date_of from lines
union all select 'impossible', 'delivered_before_order', 'transactions', delivered_before_order, delivered_before_order_of from lines
union all select 'impossible', 'birth_year', 'customers', birth_year, birth_year_of from people
union all select 'impossible', 'cancelled_before_enrolled', 'customers', cancelled_before_enrolled, cancelled_before_enrolled_of from people
union all select 'impossible', 'negative_points', 'points', negative_points, negative_points_of from movements
union all select 'unusual', 'before_enrolment', 'transactions', lines, lines_of from early
union all select 'unusual', 'before_enrolment', 'customers', customers, customers_of from early
