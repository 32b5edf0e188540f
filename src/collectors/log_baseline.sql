-- log_connections is a list from 18 on, and anything but nothing logs something.
-- The prefix matters where text is logged: csvlog and jsonlog say everything anyway.
with settings as (
  select jsonb_object_agg(name, setting) as s
  from pg_catalog.pg_settings
  where name like 'log%'
), checklist (setting, wanted, met) as (
  select v.*
  from settings, lateral (values
    ('logging_collector', 'on', s->>'logging_collector' = 'on'),
    ('log_min_duration_statement', '0 to 1s',
      (s->>'log_min_duration_statement')::int8 between 0 and 1000),
    ('log_line_prefix', 'time, process, user and database',
      (s->>'log_line_prefix' ~ '%-?[0-9]*[tmn]'
        and s->>'log_line_prefix' ~ '%-?[0-9]*[pc]'
        and s->>'log_line_prefix' ~ '%-?[0-9]*u'
        and s->>'log_line_prefix' ~ '%-?[0-9]*d')
      or s->>'log_destination' ~ 'csvlog|jsonlog'),
    ('log_connections', 'on', s->>'log_connections' not in ('off', '')),
    ('log_disconnections', 'on', s->>'log_disconnections' = 'on'),
    ('log_lock_waits', 'on', s->>'log_lock_waits' = 'on'),
    ('log_checkpoints', 'on', s->>'log_checkpoints' = 'on'),
    ('log_autovacuum_min_duration', '0', s->>'log_autovacuum_min_duration' = '0'),
    ('log_rotation_age', 'up to 1d', (s->>'log_rotation_age')::int8 between 1 and 1440),
    ('log_rotation_size', 'up to 100MB', (s->>'log_rotation_size')::int8 between 1 and 102400)
  ) as v
)
select
  setting::text as setting,
  wanted::text as wanted,
  met::int4::float8 as pg_log_baseline_met
from checklist
