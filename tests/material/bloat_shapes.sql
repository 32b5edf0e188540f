-- Tables and indexes whose true bloat a rewrite reveals: every shape of row
-- meets every treatment. Schema "shapes"; table names are <shape>_<treatment>,
-- and shapes.expected says which estimates must be flagged "low".
--
-- Run it statement by statement, not in one transaction, because of VACUUM.
-- Statements end with a semicolon and an empty line, and have no empty line
-- inside, so splitting at ";\n\n" is enough. Takes about twenty seconds, half
-- of them for the part called indexes; that or the one called tables may be left
-- out. Afterwards: estimate, VACUUM FULL of every table, compare the sizes.

drop schema if exists shapes cascade;

create schema shapes;

create function shapes.words(bytes int) returns text language sql volatile as
  $$select left(string_agg(encode(sha512(random()::text::bytea), 'hex'), ''), bytes) from generate_series(0, bytes / 128)$$;

-- One row a shape: its columns, the rows that fill it, and how many.
create table shapes.shape (shape text, columns text, filling text, rows int);

insert into shapes.shape values
  ('int',         'id int not null',
                  'i', 45000),
  ('alternating', 'a bool, b int8, c bool, d int8, e bool, f int8, g int2, h int4',
                  'true, i, false, i, true, i, 1, 2', 40000),
  ('text',        'id int, t text',
                  'i, left(md5(random()::text) || md5(random()::text) || md5(random()::text) || md5(random()::text), (random() * 120)::int)', 40000),
  ('nullable',    'a int, b int, c int8, d int, e text, f int8, g int, h timestamptz, i int, j numeric, k bool, l text',
                  $$case when random() < .5 then 1 end, case when random() < .5 then 1 end, case when random() < .3 then 1 end, i,
                    case when random() < .5 then 'some text' end, case when random() < .2 then 5 end, case when random() < .5 then 1 end,
                    case when random() < .9 then now() end, case when random() < .5 then 1 end, case when random() < .5 then i * 1.5 end,
                    random() < .5, case when random() < .4 then 'other ' || i end$$, 40000),
  ('wide',        'id int, t text',
                  'i, shapes.words(1800)', 4000),
  ('plain',       'id int, t text',
                  'i, shapes.words(2100)', 4000),
  ('fillfactor',  'id int, t text',
                  $$i, 'row number ' || i$$, 40000),
  ('dropped',     'id int, gone text, t text',
                  $$i, md5(random()::text) || left(md5(random()::text), 28), 'row number ' || i$$, 40000),
  ('toasted',     'id int, t text, doc text',
                  'i, shapes.words(80), shapes.words(2600)', 10000),
  ('document',    'id uuid, doc jsonb',
                  $$md5(random()::text)::uuid, jsonb_build_object('k', i, 'name', left(md5(random()::text), (random() * 20)::int))$$, 40000),
  ('defaulted',   'id int, t text',
                  $$i, 'row number ' || i$$, 40000),
  ('bimodal',     'id int, t text',
                  'i, case when random() < .05 then shapes.words(1500) else left(md5(random()::text) || md5(random()::text), 40) end', 40000);

-- What happens to each of them after the first ANALYZE.
create table shapes.treatment (treatment text);

insert into shapes.treatment values
  ('fresh'),       -- nothing
  ('deleted'),     -- 40 % of the rows deleted, then VACUUM ANALYZE
  ('updated'),     -- every row updated twice, then VACUUM ANALYZE
  ('unanalyzed'),  -- 40 % of the rows deleted, and nobody has looked since
  ('grown');       -- every row updated twice, and nobody has looked since

-- Part: tables

do $$
declare
  s record;
  name text;
begin
  perform setseed(0.42);
  for s in select * from shapes.shape cross join shapes.treatment loop
    name := 'shapes.' || quote_ident(s.shape || '_' || s.treatment);
    execute format('create table %s (%s) with (autovacuum_enabled = off, toast.autovacuum_enabled = off, fillfactor = %s)',
                   name, s.columns, case s.shape when 'fillfactor' then 70 else 100 end);
    if s.shape = 'plain' then
      execute format('alter table %s alter t set storage plain', name);
    elsif s.shape in ('wide', 'bimodal') then
      execute format('alter table %s alter t set storage main', name);
    elsif s.shape = 'toasted' then
      execute format('alter table %s alter doc set storage external', name);
    end if;
    execute format('insert into %s select %s from generate_series(1, %s) i', name, s.filling, s.rows);
    if s.shape = 'dropped' then
      execute format('alter table %s drop column gone', name);
    elsif s.shape = 'defaulted' then
      execute format('alter table %s add column d text default %L', name, 'a value that no row had before');
    end if;
  end loop;
end
$$;

-- A session reports its counts a second late, and a late report would be added
-- to what VACUUM and ANALYZE have counted.
select pg_sleep(1.5);

analyze;

select pg_sleep(1.5);

do $$
declare
  t record;
begin
  for t in select oid::regclass as name from pg_class
           where relnamespace = 'shapes'::regnamespace and relkind = 'r' and relname ~ '_(deleted|unanalyzed)$' loop
    execute format('delete from %s where random() < 0.4', t.name);
  end loop;
end
$$;

-- The two updates stand in transactions of their own, because a row version
-- of a running transaction is not dead yet.
do $$
declare
  t record;
begin
  for t in select oid::regclass as name, relname from pg_class
           where relnamespace = 'shapes'::regnamespace and relkind = 'r' and relname ~ '_(updated|grown)$' loop
    if t.relname ~ '^(int|document|alternating|nullable)_' then
      execute format('update %s set %I = %I', t.name,
                     (select attname from pg_attribute where attrelid = t.name and attnum = 1),
                     (select attname from pg_attribute where attrelid = t.name and attnum = 1));
    else
      execute format('update %s set id = id + 1', t.name);
    end if;
  end loop;
end
$$;

do $$
declare
  t record;
begin
  for t in select oid::regclass as name, relname from pg_class
           where relnamespace = 'shapes'::regnamespace and relkind = 'r' and relname ~ '_(updated|grown)$' loop
    execute format('update %s set %I = %I', t.name,
                   (select attname from pg_attribute where attrelid = t.name and attnum = 1),
                   (select attname from pg_attribute where attrelid = t.name and attnum = 1));
  end loop;
end
$$;

select pg_sleep(1.5);

vacuum (analyze)
  shapes.int_deleted, shapes.alternating_deleted, shapes.text_deleted, shapes.nullable_deleted, shapes.wide_deleted, shapes.plain_deleted,
  shapes.fillfactor_deleted, shapes.dropped_deleted, shapes.toasted_deleted, shapes.document_deleted, shapes.defaulted_deleted, shapes.bimodal_deleted,
  shapes.int_updated, shapes.alternating_updated, shapes.text_updated, shapes.nullable_updated, shapes.wide_updated, shapes.plain_updated,
  shapes.fillfactor_updated, shapes.dropped_updated, shapes.toasted_updated, shapes.document_updated, shapes.defaulted_updated, shapes.bimodal_updated;

-- Part: indexes

-- The indexes stand on tables of their own: filled before (built at once, so
-- fresh) and after (row by row, so as a busy index really looks).
create table shapes.indexed (
  id int not null, dup100 int, twin int, dup7 int, t text, u uuid, n numeric, half int, st int, low text, long text
) with (autovacuum_enabled = off);

insert into shapes.indexed
select i, i / 100, i / 100 * 3, (random() * 170000 / 7)::int, left(md5(random()::text), 5 + (random() * 27)::int), md5(random()::text)::uuid,
       (i % 400)::numeric, case when random() < .5 then i / 3 end, i % 5, 'Name ' || i, repeat(md5(random()::text), 3)
from generate_series(1, 170000) i
order by random();

create table shapes.indexed_grown (like shapes.indexed) with (autovacuum_enabled = off);

create table shapes.indexed_deleted (like shapes.indexed) with (autovacuum_enabled = off);

insert into shapes.indexed_deleted select * from shapes.indexed;

do $$
declare
  suffix text;
begin
  foreach suffix in array array['', '_grown', '_deleted'] loop
    execute format($f$create unique index pk%1$s on shapes.indexed%1$s (id)$f$, suffix);
    execute format($f$create index dup100%1$s on shapes.indexed%1$s (dup100)$f$, suffix);
    execute format($f$create index dup7%1$s on shapes.indexed%1$s (dup7)$f$, suffix);
    execute format($f$create index words%1$s on shapes.indexed%1$s (t)$f$, suffix);
    execute format($f$create index uuid%1$s on shapes.indexed%1$s (u)$f$, suffix);
    execute format($f$create index num%1$s on shapes.indexed%1$s (n)$f$, suffix);
    execute format($f$create index half%1$s on shapes.indexed%1$s (half)$f$, suffix);
    execute format($f$create unique index halfunique%1$s on shapes.indexed%1$s (half, id)$f$, suffix);
    execute format($f$create index pair%1$s on shapes.indexed%1$s (st, id)$f$, suffix);
    execute format($f$create index status%1$s on shapes.indexed%1$s (st)$f$, suffix);
    execute format($f$create index covering%1$s on shapes.indexed%1$s (dup100) include (u)$f$, suffix);
    execute format($f$create index partial%1$s on shapes.indexed%1$s (u) where st < 3$f$, suffix);
    execute format($f$create index lower%1$s on shapes.indexed%1$s (lower(low))$f$, suffix);
    execute format($f$create index sparse%1$s on shapes.indexed%1$s (id) with (fillfactor = 70)$f$, suffix);
    execute format($f$create index repeated%1$s on shapes.indexed%1$s (dup7) with (deduplicate_items = off)$f$, suffix);
    execute format($f$create index long%1$s on shapes.indexed%1$s (long)$f$, suffix);
    execute format($f$create index related%1$s on shapes.indexed%1$s (dup100, twin)$f$, suffix);
    execute format($f$create index cliff%1$s on shapes.indexed%1$s (dup100, n)$f$, suffix);
  end loop;
end
$$;

insert into shapes.indexed_grown select * from shapes.indexed;

delete from shapes.indexed_deleted where random() < 0.5;

select pg_sleep(1.5);

vacuum (analyze) shapes.indexed, shapes.indexed_grown, shapes.indexed_deleted;

-- Part: expectations

-- No statistics at all: nobody may claim to know this one.
create table shapes.unknown (id int, t text) with (autovacuum_enabled = off);

insert into shapes.unknown select i, 'row number ' || i from generate_series(1, 40000) i;

select pg_sleep(1.5);

vacuum shapes.unknown;

-- What must be flagged, and how many points of its size an estimate may miss
-- the truth by. More than 10 only where the catalogs cannot know better: which
-- rows carry a new column's default, which dead rows a dropped column's value,
-- that one column of a key follows from the other, and how the truncated mean
-- width of nearly constant values is to be rounded.
create table shapes.expected (relname text, quality text, points int);

insert into shapes.expected
select relname, quality, case when relname ~ '^(defaulted|dropped)_grown$' then 25 when quality = 'low' then 10 else 3 end
from (
  select shape || '_' || treatment as relname,
         case when shape in ('defaulted', 'bimodal', 'wide', 'plain') or treatment in ('unanalyzed', 'grown') then 'low' else 'good' end as quality
  from shapes.shape cross join shapes.treatment
) tables
union all
select name || suffix,
       case when name in ('related', 'cliff', 'dup7', 'half') then 'low' else 'good' end,
       case when name = 'related' then 60 when name = 'cliff' then 20 when name in ('dup7', 'half') then 10 else 3 end
from unnest(array['pk', 'dup100', 'dup7', 'words', 'uuid', 'num', 'half', 'halfunique', 'pair', 'status', 'covering', 'partial', 'lower', 'sparse', 'repeated', 'long', 'related', 'cliff']) name
cross join unnest(array['', '_grown', '_deleted']) suffix;
