select pg_create_physical_replication_slot('lost', true);
alter role pglens connection limit 20;
create role app login valid until '2031-05-06 07:08:09+00' connection limit 5;
create role gone login valid until '2020-01-01 00:00:00+00';
create role always login valid until 'infinity';
create role nobody valid until '2030-01-01 00:00:00+00';
create role admin superuser replication;
alter database second connection limit 7;
alter role app in database second set work_mem = '8MB';
set allow_in_place_tablespaces = on;
create tablespace fast location '';
create table on_fast tablespace fast as select n from generate_series(1, 1000) n
