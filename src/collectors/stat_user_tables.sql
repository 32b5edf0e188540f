-- The view, with what ranks tables: how large, how much read and written. A table
-- that is dropped and created anew is another one, whatever its name. Temporary
-- tables come and go with their sessions and stay out.
-- NULL is what the view has for a table without an index, of which no index was read.
select
  current_database()::text                                       as datname,
  s.schemaname::text                                             as schemaname,
  s.relname::text                                                as relname,
  s.relid::text                                                  as "key:oid",
  c.relpages::float8                                             as "rank:pages",
  (s.seq_tup_read + coalesce(s.idx_tup_fetch, 0))::float8        as "growth:read",
  (s.n_tup_ins + s.n_tup_upd + s.n_tup_del)::float8              as "growth:written",
  s.seq_scan::float8                                             as pg_stat_user_tables_seq_scan,
  s.seq_tup_read::float8                                         as pg_stat_user_tables_seq_tup_read,
  coalesce(s.idx_scan, 0)::float8                                as pg_stat_user_tables_idx_scan,
  coalesce(s.idx_tup_fetch, 0)::float8                           as pg_stat_user_tables_idx_tup_fetch,
  s.n_tup_ins::float8                                            as pg_stat_user_tables_n_tup_ins,
  s.n_tup_upd::float8                                            as pg_stat_user_tables_n_tup_upd,
  s.n_tup_del::float8                                            as pg_stat_user_tables_n_tup_del,
  s.n_tup_hot_upd::float8                                        as pg_stat_user_tables_n_tup_hot_upd,
  s.n_live_tup::float8                                           as pg_stat_user_tables_n_live_tup,
  s.n_dead_tup::float8                                           as pg_stat_user_tables_n_dead_tup,
  s.n_mod_since_analyze::float8                                  as pg_stat_user_tables_n_mod_since_analyze,
  coalesce(extract(epoch from s.last_vacuum), 0)::float8         as pg_stat_user_tables_last_vacuum,
  coalesce(extract(epoch from s.last_autovacuum), 0)::float8     as pg_stat_user_tables_last_autovacuum,
  coalesce(extract(epoch from s.last_analyze), 0)::float8        as pg_stat_user_tables_last_analyze,
  coalesce(extract(epoch from s.last_autoanalyze), 0)::float8    as pg_stat_user_tables_last_autoanalyze,
  s.vacuum_count::float8                                         as pg_stat_user_tables_vacuum_count,
  s.autovacuum_count::float8                                     as pg_stat_user_tables_autovacuum_count,
  s.analyze_count::float8                                        as pg_stat_user_tables_analyze_count,
  s.autoanalyze_count::float8                                    as pg_stat_user_tables_autoanalyze_count
from pg_catalog.pg_stat_user_tables s
join pg_catalog.pg_class c on c.oid = s.relid
where c.relpersistence <> 't'
