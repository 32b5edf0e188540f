-- The role that pglens connects as: no superuser, no rights on your data.
--
-- For PostgreSQL 13 to 18. Run it on the primary, as a superuser or as the
-- administrator that a managed service gives you. It may be run again at any time.
--
--   psql --file role.sql --dbname postgres
--
-- Then give the role its password; psql sends nothing but a hash of it:
--
--   \password pglens
--
-- Roles are known in the whole cluster, but the last grants below count for one
-- database. For the estimate of bloat, run the file in every database that shall
-- have one, and in template1 for databases still to be created:
--
--   psql --no-psqlrc --tuples-only --no-align --dbname postgres \
--     --command "select datname from pg_database where datallowconn" |
--   while read -r database; do psql --file role.sql --dbname "$database"; done

do $$
begin
  create role pglens login;
exception
  when duplicate_object then null;
end
$$;

-- pglens holds three connections at most; two are left for `pglens doctor`.
alter role pglens connection limit 5;

-- pglens asks for stricter bounds itself, session by session. These hold for
-- whoever else gets to know the password.
alter role pglens set default_transaction_read_only = 'on';
alter role pglens set statement_timeout = '60s';
alter role pglens set lock_timeout = '200ms';
alter role pglens set idle_in_transaction_session_timeout = '10s';

-- Statistics, settings and activity of everybody: what monitoring is about.
grant pg_monitor to pglens;

-- What pg_monitor lacks. An older PostgreSQL does not know all of it, and the
-- administrator of a managed service may not grant it: then the collectors that
-- need it stay off, and `pglens doctor` names them.
do $$
declare
  wanted text;
begin
  foreach wanted in array array[
    -- Widths of columns, never their values: the estimate of bloat.
    'select (starelid, staattnum, stainherit, stanullfrac, stawidth, stadistinct) on pg_catalog.pg_statistic',
    -- Whether postgresql.conf, pg_hba.conf and pg_ident.conf have mistakes.
    'execute on function pg_catalog.pg_show_all_file_settings()',
    'execute on function pg_catalog.pg_hba_file_rules()',
    'execute on function pg_catalog.pg_ident_file_mappings()',
    -- How far logical replication got; of subscriptions everything but the
    -- connection string, which may hold a password.
    'execute on function pg_catalog.pg_show_replication_origin_status()',
    'select (oid, subname, subdbid, subenabled) on pg_catalog.pg_subscription',
    -- Shared memory, which pg_monitor may read from 15 on.
    'select on pg_catalog.pg_shmem_allocations',
    'execute on function pg_catalog.pg_get_shmem_allocations()'
  ]
  loop
    begin
      execute 'grant ' || wanted || ' to pglens';
    exception
      when insufficient_privilege then
        raise notice 'not yours to grant: %', wanted;
      when undefined_function or undefined_table then
        null;
    end;
  end loop;
end
$$;

-- Extensions that are worth having; `pglens doctor` says what each one brings.
-- The first needs shared_preload_libraries = 'pg_stat_statements' and a restart.
--
--   create extension if not exists pg_stat_statements;  -- in one database
--   create extension if not exists pg_buffercache;      -- in one database
--   create extension if not exists pgstattuple;         -- in every database with bloat to verify
--
-- On the server itself, without a password: the package's daemon runs as the
-- system user pglens, and Debian's pg_hba.conf lets it in by its name (peer).
--
-- Over a network, in pg_hba.conf, with the address of the machine of pglens:
--
--   hostssl all pglens 192.0.2.10/32 scram-sha-256
--
-- Amazon RDS and Aurora: run it as the master user, a member of rds_superuser.
-- With IAM authentication instead of a password, moreover:
--
--   grant rds_iam to pglens;
--
-- and keep a fresh token in the password_file: tokens last 15 minutes, and the file
-- is read for every connection. pg_stat_statements is preloaded there; others are
-- chosen in the parameter group.
--
-- Azure Database for PostgreSQL, flexible server: run it as the administrator, a
-- member of azure_pg_admin. Extensions are allowed by name first, in the server
-- parameter azure.extensions.
--
-- Google Cloud SQL: run it as the user postgres, a member of cloudsqlsuperuser.
-- With IAM authentication the role has the name of the service account instead of
-- pglens, is created by `gcloud sql users create`, and needs the grants above.
