-- Work in each database of the scene "primary", after everything was frozen.
select count(*) from bare;
select calls(1), calls(2), twice('a'::text);
set local enable_seqscan = off;
select note from orders where id = 5;
select count(*) from events where at = 1500;
reset enable_seqscan;
update orders set note = repeat('y', 40) where id % 2 = 0;
update bare set n = n + 1;
delete from orders where id % 7 = 0;
delete from events where at < 100;
update events set id = -id where at > 1900;
select count(*) from events;
insert into wide select n, string_agg(md5((n * i)::text), '') from generate_series(1, 20) n, generate_series(1, 100) i group by n;
select count(length(note)) from wide where n < 3;
