#!/bin/sh
# Run once by the image, when the primary's data directory has just been made:
# the roles of pglens and of the replica, with the passwords of compose's secrets.
set -eu

psql='psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username=postgres'
for database in template1 postgres; do
  $psql --dbname="$database" --file=/role.sql
done
# Read by psql itself, so that no password is an argument that ps shows.
$psql --dbname=postgres <<'SQL'
\set pglens `cat /run/secrets/pglens`
\set replicator `cat /run/secrets/replicator`
alter role pglens password :'pglens';
create role replicator replication login password :'replicator';
select pg_create_physical_replication_slot('replica');
create extension if not exists pg_stat_statements;
create extension if not exists pg_buffercache;
create extension if not exists pgstattuple;
SQL
echo 'host replication replicator samenet scram-sha-256' >> "$PGDATA/pg_hba.conf"
