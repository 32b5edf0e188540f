-- One of all tables, one of two.
select current_database() as datname, count(*) as pg_publications,
  (select count(*) from pg_publication_tables where pubname = 'a_few') as pg_publication_tables
from pg_publication
