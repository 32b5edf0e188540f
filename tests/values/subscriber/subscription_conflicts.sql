-- The view, kind by kind.
select 'postgres' as datname, subname, conflict, met as pg_stat_subscription_stats_conflicts_total
from pg_stat_subscription_stats,
  lateral (
    select 'insert_exists', confl_insert_exists
    union all select 'update_origin_differs', confl_update_origin_differs
    union all select 'update_exists', confl_update_exists
    union all select 'update_missing', confl_update_missing
    union all select 'delete_origin_differs', confl_delete_origin_differs
    union all select 'delete_missing', confl_delete_missing
    union all select 'multiple_unique_conflicts', confl_multiple_unique_conflicts
  ) as kind (conflict, met)
