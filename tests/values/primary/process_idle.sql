-- Idle sessions by state and application, counted bucket by bucket; none is idle for
-- long, and the guard for no time at all.
with idle as (
  select format('state="%s",application_name="%s"', state, application_name) as labels,
    extract(epoch from clock_timestamp() - state_change) as seconds,
    application_name = 'guard' as is_guard
  from pg_stat_activity where state in ('idle', 'idle in transaction', 'idle in transaction (aborted)')
)
select format('pg_process_idle_seconds_bucket{%s,le="%s"}', labels, le) as metric,
  case when is_guard then '[0, 1]' else to_json(count(*) filter (where seconds <= le::numeric)) end as value
from idle, unnest(array['1', '2', '5', '15', '30', '60', '90', '120', '300']) le group by labels, is_guard, le
union all
select format('pg_process_idle_seconds_bucket{%s,le="+Inf"}', labels), to_json(count(*)) from idle group by labels
union all
select format('pg_process_idle_seconds_sum{%s}', labels), case when is_guard then '[0, 60]' else to_json(sum(seconds)) end
from idle group by labels, is_guard
union all
select format('pg_process_idle_seconds_count{%s}', labels), to_json(count(*)) from idle group by labels
