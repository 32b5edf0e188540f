-- Statements that read or write; their constants are placeholders already.
select datname, queryid, btrim(left(query, 120)) as query, 1 as pg_stat_statements_query_info
from pg_stat_statements join pg_database d on d.oid = dbid
where query ~ '^(select|insert|update)'
