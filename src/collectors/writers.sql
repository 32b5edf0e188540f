-- Until 15 one view counts all three.
select
    writer::text as writer,
    buffers::float8 as pg_buffers_written_total,
    fsyncs::float8 as pg_buffers_backend_fsyncs_total
from pg_catalog.pg_stat_bgwriter
cross join lateral (
    values
        ('checkpointer', buffers_checkpoint, null),
        ('bgwriter', buffers_clean, null),
        ('backend', buffers_backend, buffers_backend_fsync)
) as written (writer, buffers, fsyncs)
