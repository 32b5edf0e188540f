-- One session comes by the socket, all others over TCP without TLS.
select case when client_addr is null then 'local' else 'plain' end as transport,
  null as version, null as cipher, count(*) as pg_stat_ssl_connections
from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()
group by 1
