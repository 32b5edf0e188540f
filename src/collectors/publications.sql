-- pg_publication_rel and not the view pg_publication_tables, which expands FOR ALL
-- TABLES to every table of the database.
select
    pg_catalog.current_database()::text as datname,
    (select count(*) from pg_catalog.pg_publication)::float8 as pg_publications,
    (select count(distinct prrelid) from pg_catalog.pg_publication_rel)::float8 as pg_publication_tables
