-- Tables and indexes that the estimator was not made with: everyday mixtures
-- of types, to see that it did not merely learn bloat_shapes.sql by heart.
-- Schema "held_out"; run and split like that file. Of every table three rows in
-- ten are deleted, and all statistics are fresh.

drop schema if exists held_out cascade;

create schema held_out;

select setseed(0.7);

-- Names and addresses of varying length, and a column added later.
create table held_out.people (k bigint, name text, email text, created timestamptz, active bool, score float4)
  with (autovacuum_enabled = off);

insert into held_out.people
select i, initcap(left(md5(random()::text), 4 + (random() * 12)::int)),
       left(md5(random()::text), 6 + (random() * 10)::int) || '@example.org', now(), random() < .5, random()
from generate_series(1, 60000) i;

-- Small documents, and a note that most rows do without.
create table held_out.documents (id uuid, payload jsonb, note text)
  with (autovacuum_enabled = off);

insert into held_out.documents
select md5(random()::text)::uuid,
       jsonb_build_object('a', i, 'b', random(), 'c', left(md5(random()::text), (random() * 30)::int)),
       case when random() < .3 then repeat('z', (random() * 90)::int) end
from generate_series(1, 60000) i;

-- Text with a long tail, kept in the page.
create table held_out.articles (id int, body text)
  with (autovacuum_enabled = off);

alter table held_out.articles alter body set storage main;

insert into held_out.articles
select i, left(repeat(md5(i::text) || md5((i * 7)::text) || md5((i * 13)::text), 30), 20 + (-ln(random() + 1e-9) * 300)::int)
from generate_series(1, 20000) i;

-- Many small types next to each other.
create table held_out.measures (a smallint, b smallint, c char(3), d numeric(10, 2), e date, f inet)
  with (autovacuum_enabled = off);

insert into held_out.measures
select i % 100, i % 7, 'abc', random() * 1000, current_date, '10.0.0.1'::inet + i
from generate_series(1, 60000) i;

-- Arrays, which are aligned inside as well.
create table held_out.places (id int, tags text[], at point)
  with (autovacuum_enabled = off);

insert into held_out.places
select i, array_fill('tag'::text, array[1 + (random() * 5)::int]), point(random(), random())
from generate_series(1, 60000) i;

-- Varying text below a fillfactor.
create table held_out.roomy (id int, t text)
  with (autovacuum_enabled = off, fillfactor = 85);

insert into held_out.roomy
select i, left(md5(random()::text) || md5(random()::text) || md5(random()::text), 30 + (random() * 60)::int)
from generate_series(1, 60000) i;

-- Short values, and a few of kilobytes.
create table held_out.uneven (id int, body text)
  with (autovacuum_enabled = off);

alter table held_out.uneven alter body set storage plain;

insert into held_out.uneven
select i, case when random() < .03 then repeat(md5(i::text), 50) else 'x' || i end
from generate_series(1, 60000) i;

create index people_email on held_out.people (email);

create index people_created on held_out.people (created);

create index people_active on held_out.people (active, k);

create index people_name on held_out.people (name);

create index people_inactive on held_out.people (email) where not active;

create index people_score on held_out.people (score) with (fillfactor = 60);

create index documents_id on held_out.documents (id) include (note);

create index measures_pair on held_out.measures (b, a);

create index measures_amount on held_out.measures (d);

create index measures_address on held_out.measures (f);

alter table held_out.people add column later int;

-- A session reports its counts a second late; see bloat_shapes.sql.
select pg_sleep(1.5);

do $$
declare
  t record;
begin
  for t in select oid::regclass as name from pg_class where relnamespace = 'held_out'::regnamespace and relkind = 'r' loop
    execute format('delete from %s where random() < 0.3', t.name);
  end loop;
end
$$;

select pg_sleep(1.5);

vacuum (analyze)
  held_out.people, held_out.documents, held_out.articles, held_out.measures, held_out.places, held_out.roomy, held_out.uneven;

-- 13 and 14 tell a moment late what VACUUM and ANALYZE have counted.
select pg_sleep(1.5);
