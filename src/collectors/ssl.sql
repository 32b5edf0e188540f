-- Whether the server offers TLS is pg_settings_ssl; this is what clients chose.
-- Without pg_read_all_stats client_addr is NULL for other users' sessions and all
-- of them would look local.
select
    case
        when ssl.ssl then 'ssl'
        when gss.encrypted then 'gss'
        when activity.client_addr is null then 'local'
        else 'plain'
    end::text as transport,
    ssl.version::text as version,
    ssl.cipher::text as cipher,
    count(*)::float8 as pg_stat_ssl_connections
from pg_catalog.pg_stat_activity as activity
join pg_catalog.pg_stat_ssl as ssl using (pid)
left join pg_catalog.pg_stat_gssapi as gss using (pid)
where activity.backend_type in ('client backend', 'walsender')
  and activity.pid <> pg_catalog.pg_backend_pid()
group by 1, 2, 3
order by count(*) desc
