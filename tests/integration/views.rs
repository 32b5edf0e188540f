//! What the page should say, in plain SQL: one expression for each metric.

/// Metrics that come from the same rows.
pub struct View {
    from: &'static str,
    /// The labels as the exposition writes them, as an expression.
    labels: &'static str,
    /// Metrics and their values.
    values: Vec<(String, String)>,
}

impl View {
    fn new(from: &'static str, labels: &'static str) -> Self {
        Self { from, labels, values: Vec::new() }
    }

    /// Metrics that are named like their columns.
    fn same(mut self, prefix: &str, columns: &str, suffix: &str) -> Self {
        for column in columns.split_whitespace() {
            self.values.push((format!("{prefix}{column}{suffix}"), column.to_owned()));
        }
        self
    }

    fn value(mut self, metric: &str, expression: &str) -> Self {
        self.values.push((metric.to_owned(), expression.to_owned()));
        self
    }

    /// Name and labels of each series, with its value.
    pub fn sql(&self) -> String {
        let Self { from, labels, values } = self;
        let select = |(metric, value): &(String, String)| {
            format!("select '{metric}' || {labels}, ({value})::float8 from {from}")
        };
        values.iter().map(select).collect::<Vec<_>>().join(" union all ")
    }
}

/// What is asked for in each database.
pub fn of_database() -> Vec<View> {
    let labels = "format('{datname=\"%s\",schemaname=\"%s\",relname=\"%s\"}', \
                  current_database(), schemaname, relname)";
    let mut tables = View::new("pg_stat_user_tables", labels).same(
        "pg_stat_user_tables_",
        "seq_scan seq_tup_read idx_scan idx_tup_fetch n_tup_ins n_tup_upd n_tup_del n_tup_hot_upd \
         n_live_tup n_dead_tup n_mod_since_analyze vacuum_count analyze_count autovacuum_count",
        "",
    );
    for last in ["last_vacuum", "last_analyze", "last_autovacuum", "last_autoanalyze"] {
        let seconds = format!("coalesce(extract(epoch from {last}), 0)");
        tables = tables.value(&format!("pg_stat_user_tables_{last}"), &seconds);
    }
    vec![tables]
}

/// What is asked for once. A poll has one session more than we see: its own.
pub fn of_server(major: u16) -> Vec<View> {
    let mut views = vec![
        databases(major),
        View::new("pg_database", "format('{datname=\"%s\"}', datname)")
            .value("pg_database_size_bytes", "pg_database_size(oid)")
            .value("pg_database_connection_limit", "datconnlimit")
            .value("pg_database_frozenxid_age", "age(datfrozenxid)")
            .value("pg_database_minmxid_age", "mxid_age(datminmxid)")
            .value(
                "pg_database_wraparound_remaining_transactions",
                if major >= 14 {
                    "2147483647 - 3000000 - age(datfrozenxid)"
                } else {
                    "2147483647 - 1000000 - age(datfrozenxid)"
                },
            ),
        View::new("pg_stat_activity where backend_type = 'client backend'", "''")
            .value("pg_connections_used", "count(*) + 1")
            .value("pg_connections_max", "current_setting('max_connections')"),
        View::new("pg_prepared_xacts", "''").value("pg_prepared_transactions", "count(*)").value(
            "pg_prepared_transactions_oldest_seconds",
            "extract(epoch from clock_timestamp() - min(prepared))",
        ),
        View::new(
            "(values ('backend', 0), ('standby', 0), ('replication_slot', 0), \
             ('replication_slot_catalog', 0), \
             ('prepared_transaction', (select age(transaction) from pg_prepared_xacts))) \
             as held (holder, age)",
            "format('{holder=\"%s\"}', holder)",
        )
        .value("pg_xmin_horizon_age_transactions", "age"),
        View::new("pg_stat_archiver", "''")
            .same("pg_stat_archiver_", "archived_count failed_count", "")
            .value(
                "pg_stat_archiver_last_archive_age",
                "extract(epoch from clock_timestamp() - last_archived_time)",
            ),
        settings(),
    ];
    views.extend(if major >= 17 { writers_from_17(major) } else { writers_until_16(major) });
    if major >= 14 {
        views.extend(wal(major));
    }
    views
}

fn databases(major: u16) -> View {
    let seconds = |view: View, column: &str| {
        let metric = format!("pg_stat_database_{column}_seconds_total");
        view.value(&metric, &format!("{column} / 1000"))
    };
    let view = View::new(
        "pg_stat_database where datname is not null",
        "format('{datid=\"%s\",datname=\"%s\"}', datid, datname)",
    )
    .same(
        "pg_stat_database_",
        "xact_commit xact_rollback blks_read blks_hit tup_returned tup_fetched tup_inserted \
         tup_updated tup_deleted conflicts temp_files temp_bytes deadlocks blk_read_time \
         blk_write_time",
        "",
    )
    .value("pg_stat_database_numbackends", "numbackends + (datname = 'postgres')::int")
    .value("pg_stat_database_stats_reset", "coalesce(extract(epoch from stats_reset), 0)")
    .value("pg_stat_database_stats_reset_timestamp_seconds", "extract(epoch from stats_reset)")
    .same("pg_stat_database_", "checksum_failures", "_total");
    let mut view = ["blk_read_time", "blk_write_time"].into_iter().fold(view, seconds);
    if major >= 14 {
        view = ["active_time", "session_time", "idle_in_transaction_time"]
            .into_iter()
            .fold(view, seconds)
            .same(
                "pg_stat_database_",
                "sessions sessions_abandoned sessions_fatal sessions_killed",
                "_total",
            );
    }
    if major >= 18 {
        let columns = "parallel_workers_to_launch parallel_workers_launched";
        view = view.same("pg_stat_database_", columns, "_total");
    }
    view
}

/// In bytes and seconds, whatever PostgreSQL's unit is; -1 is no amount.
fn settings() -> View {
    let mut view = View::new("(select) as nothing", "''");
    for name in
        ["shared_buffers", "work_mem", "effective_cache_size", "max_wal_size", "wal_segment_size"]
    {
        let bytes = format!("pg_size_bytes(current_setting('{name}'))");
        view = view.value(&format!("pg_settings_{name}_bytes"), &bytes);
    }
    for name in ["checkpoint_timeout", "deadlock_timeout", "autovacuum_naptime"] {
        let seconds = format!("extract(epoch from current_setting('{name}')::interval)");
        view = view.value(&format!("pg_settings_{name}_seconds"), &seconds);
    }
    view.value("pg_settings_temp_file_limit_bytes", "-1")
        .value("pg_settings_autovacuum_work_mem_bytes", "-1")
        .value("pg_settings_log_min_duration_statement_seconds", "-1")
        .value("pg_settings_max_connections", "50")
        .value("pg_settings_autovacuum", "0")
        .value("pg_settings_track_io_timing", "1")
        .value("pg_settings_random_page_cost", "current_setting('random_page_cost')")
}

/// Who wrote buffers, under postgres_exporter's names and under ours.
fn writers_until_16(major: u16) -> Vec<View> {
    let mut views = vec![
        View::new("pg_stat_bgwriter", "''")
            .same(
                "pg_stat_bgwriter_",
                "checkpoints_timed checkpoints_req checkpoint_write_time checkpoint_sync_time \
                 buffers_checkpoint buffers_clean maxwritten_clean buffers_backend \
                 buffers_backend_fsync buffers_alloc",
                "_total",
            )
            .value("pg_stat_bgwriter_stats_reset_total", "extract(epoch from stats_reset)")
            .value("pg_stat_checkpointer_num_timed_total", "checkpoints_timed")
            .value("pg_stat_checkpointer_num_requested_total", "checkpoints_req")
            .value("pg_stat_checkpointer_buffers_written_total", "buffers_checkpoint")
            .value("pg_stat_checkpointer_write_time_total", "checkpoint_write_time")
            .value("pg_stat_checkpointer_write_time_seconds_total", "checkpoint_write_time / 1000"),
    ];
    let written = if major < 16 {
        "(select buffers_checkpoint, buffers_clean, buffers_backend from pg_stat_bgwriter) \
         as b (checkpointer, bgwriter, backend)"
    } else {
        "(select buffers_checkpoint, buffers_clean, (select sum(writes + coalesce(extends, 0)) \
            from pg_stat_io where object = 'relation' \
             and backend_type in ('client backend', 'background worker', 'autovacuum launcher')) \
          from pg_stat_bgwriter) as b (checkpointer, bgwriter, backend)"
    };
    views.push(written_by(written));
    views
}

fn writers_from_17(major: u16) -> Vec<View> {
    let mut checkpointer = View::new("pg_stat_checkpointer", "''")
        .same(
            "pg_stat_checkpointer_",
            "num_timed num_requested restartpoints_timed restartpoints_req restartpoints_done \
             buffers_written write_time sync_time",
            "_total",
        )
        .value("pg_stat_checkpointer_write_time_seconds_total", "write_time / 1000")
        .value("pg_stat_checkpointer_sync_time_seconds_total", "sync_time / 1000")
        .value("pg_stat_bgwriter_checkpoints_timed_total", "num_timed")
        .value("pg_stat_bgwriter_checkpoints_req_total", "num_requested")
        .value("pg_stat_bgwriter_checkpoint_write_time_total", "write_time")
        .value("pg_stat_bgwriter_buffers_checkpoint_total", "buffers_written");
    if major >= 18 {
        checkpointer =
            checkpointer.same("pg_stat_checkpointer_", "num_done slru_written", "_total");
    }
    let bgwriter = View::new("pg_stat_bgwriter", "''")
        .same("pg_stat_bgwriter_", "buffers_clean maxwritten_clean buffers_alloc", "_total")
        .value("pg_stat_bgwriter_stats_reset_total", "extract(epoch from stats_reset)");
    let written = if major < 18 {
        "(select c.buffers_written, b.buffers_clean, (select sum(writes + coalesce(extends, 0)) \
            from pg_stat_io where object = 'relation' \
             and backend_type in ('client backend', 'background worker', 'autovacuum launcher')) \
          from pg_stat_bgwriter b, pg_stat_checkpointer c) as b (checkpointer, bgwriter, backend)"
    } else {
        "(select c.buffers_written, b.buffers_clean, \
            (select sum(write_bytes + coalesce(extend_bytes, 0)) / 8192 \
            from pg_stat_io where object = 'relation' \
             and backend_type in ('client backend', 'background worker', 'autovacuum launcher')) \
          from pg_stat_bgwriter b, pg_stat_checkpointer c) as b (checkpointer, bgwriter, backend)"
    };
    let written = written_by(written).value("pg_stat_bgwriter_buffers_backend_total", "backend");
    vec![checkpointer, bgwriter, written]
}

fn written_by(from: &'static str) -> View {
    View::new(from, "''")
        .value("pg_buffers_written_total{writer=\"checkpointer\"}", "checkpointer")
        .value("pg_buffers_written_total{writer=\"bgwriter\"}", "bgwriter")
        .value("pg_buffers_written_total{writer=\"backend\"}", "backend")
}

fn wal(major: u16) -> Vec<View> {
    let view = View::new("pg_stat_wal", "''")
        .value("pg_stat_wal_records_total", "wal_records")
        .value("pg_stat_wal_fpi_total", "wal_fpi")
        .value("pg_stat_wal_bytes_total", "wal_bytes")
        .value("pg_stat_wal_buffers_full_total", "wal_buffers_full")
        .value("pg_stat_wal_stats_reset_timestamp_seconds", "extract(epoch from stats_reset)");
    if major < 18 {
        let writes = view
            .value("pg_stat_wal_writes_total", "wal_write")
            .value("pg_stat_wal_syncs_total", "wal_sync");
        return vec![writes];
    }
    let io = View::new("pg_stat_io where object = 'wal' and context = 'normal'", "''")
        .value("pg_stat_wal_writes_total", "sum(writes)")
        .value("pg_stat_wal_syncs_total", "sum(fsyncs)");
    vec![view, io]
}
