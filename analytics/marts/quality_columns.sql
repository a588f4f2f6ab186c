-- quality_columns: one row per canonical table and column
-- columns  table_name, column_name text, filled, rows int
-- source   every canonical table as loaded
-- update   sums
select 'customers' as table_name, column_name, filled, (select count(*) from customers) as rows
from (unpivot (select count(columns(*)) from customers) on columns(*) into name column_name value filled)
union all
select 'transactions' as table_name, column_name, filled, (select count(*) from transactions) as rows
from (unpivot (select count(columns(*)) from transactions) on columns(*) into name column_name value filled)
union all
select 'opportunities' as table_name, column_name, filled, (select count(*) from opportunities) as rows
from (unpivot (select count(columns(*)) from opportunities) on columns(*) into name column_name value filled)
union all
select 'points' as table_name, column_name, filled, (select count(*) from points) as rows
from (unpivot (select count(columns(*)) from points) on columns(*) into name column_name value filled)
union all
select 'tiers' as table_name, column_name, filled, (select count(*) from tiers) as rows
from (unpivot (select count(columns(*)) from tiers) on columns(*) into name column_name value filled)
union all
select 'tier_rules' as table_name, column_name, filled, (select count(*) from tier_rules) as rows
from (unpivot (select count(columns(*)) from tier_rules) on columns(*) into name column_name value filled)
union all
select 'contacts' as table_name, column_name, filled, (select count(*) from contacts) as rows
from (unpivot (select count(columns(*)) from contacts) on columns(*) into name column_name value filled)
union all
select 'experiments' as table_name, column_name, filled, (select count(*) from experiments) as rows
from (unpivot (select count(columns(*)) from experiments) on columns(*) into name column_name value filled)
union all
select 'feedback' as table_name, column_name, filled, (select count(*) from feedback) as rows
from (unpivot (select count(columns(*)) from feedback) on columns(*) into name column_name value filled)
union all
select 'benefits' as table_name, column_name, filled, (select count(*) from benefits) as rows
from (unpivot (select count(columns(*)) from benefits) on columns(*) into name column_name value filled)
union all
select 'costs' as table_name, column_name, filled, (select count(*) from costs) as rows
from (unpivot (select count(columns(*)) from costs) on columns(*) into name column_name value filled)
union all
select 'targets' as table_name, column_name, filled, (select count(*) from targets) as rows
from (unpivot (select count(columns(*)) from targets) on columns(*) into name column_name value filled)
union all
select 'events' as table_name, column_name, filled, (select count(*) from events) as rows
from (unpivot (select count(columns(*)) from events) on columns(*) into name column_name value filled)
union all
select 'outcomes' as table_name, column_name, filled, (select count(*) from outcomes) as rows
from (unpivot (select count(columns(*)) from outcomes) on columns(*) into name column_name value filled)
