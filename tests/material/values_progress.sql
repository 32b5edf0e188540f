-- What the commands of the scene "progress" are about. Whoever evaluates hold() for
-- row 10000 waits for the lock.
create function hold(n int) returns int language plpgsql immutable as $$
begin
  if n = 10000 then perform pg_advisory_lock_shared(1); end if;
  return n;
end $$;
create function held() returns trigger language plpgsql as $$
begin
  perform hold(new.n);
  return new;
end $$;

create table scanned with (autovacuum_enabled = off) as select n from generate_series(1, 20000) n;
create table written (n int) with (autovacuum_enabled = off);
create table rewritten with (autovacuum_enabled = off) as select n from generate_series(1, 20000) n;
create index rewritten_n on rewritten (n);
create index rewritten_held on rewritten (hold(n));
create table cleaned with (autovacuum_enabled = off) as select n from generate_series(1, 300000) n;
create index cleaned_n on cleaned (n);
create table counted with (autovacuum_enabled = off) as select n, n as m from generate_series(1, 20000) n;
create index counted_n on counted (n);
create index counted_m on counted (m);
create table held (n int) with (autovacuum_enabled = off);
create trigger held before insert on held for each row execute function held();
create table sent (n int) with (autovacuum_enabled = off);
create table parted (n int) partition by range (n);
create table parted_1 partition of parted for values from (0) to (10) with (autovacuum_enabled = off);
create table parted_2 partition of parted for values from (10) to (1000000) with (autovacuum_enabled = off);
insert into parted select generate_series(0, 200000);

create table watched with (autovacuum_enabled = off) as select n from generate_series(1, 20000) n;
create index watched_held on watched (hold(n));
create table old (n int) with (autovacuum_enabled = off, autovacuum_freeze_max_age = 100000,
  autovacuum_freeze_min_age = 0, autovacuum_freeze_table_age = 0);
insert into old select generate_series(1, 100);
