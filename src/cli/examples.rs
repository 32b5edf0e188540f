//! What stands below the options in `--help`: the command in use.

pub const PGLENS: &str = "\
Servers come from DATA_SOURCE_NAME (or DATA_SOURCE_URI, _USER, _PASS and their _FILE
forms), from libpq's PG* variables, or from [targets.NAME] in the file. --help lists
the collectors: --collector.NAME runs one, --no-collector.NAME does not.

Examples:
  export DATA_SOURCE_NAME='postgresql://pglens@db.example.com:5432/postgres'
  pglens doctor                            what runs there, and SQL for what does not
  pglens                                   watch it, serve http://localhost:9187/
  pglens serve --config pglens.toml        several servers, from a file

The role that it connects as: role.sql, in deploy/ of the sources and in
/usr/share/pglens/ of the packages.";

pub const SERVE: &str = "\
Examples:
  pglens serve --config /etc/pglens/pglens.toml
  pglens serve --web.listen-address 127.0.0.1:9187 --preset minimal
  kill -HUP PID          reads the configuration again; what did not change goes on";

pub const CHECK: &str = "\
Example:
  pglens check --config pglens.toml && systemctl reload pglens";

pub const DOCTOR: &str = "\
Exits with 1 if a server cannot be reached or a collector fails; one that is merely
not for this server is no failure.

Example:
  pglens doctor --config /etc/pglens/pglens.toml | grep -v '  runs '";

pub const ONCE: &str = "\
Exits with 1 if a server could not be polled; the page has pg_up 0 then.

Example:
  pglens once | grep '^pg_stat_database_deadlocks'";

pub const CATALOG: &str = "\
Examples:
  pglens catalog --format md > metrics.md
  pglens catalog --format sql --major 16    every query, to be read or run in psql";

pub const DASHBOARDS: &str = "\
Example:
  pglens dashboards --out /var/lib/grafana/dashboards";

pub const ALERTS: &str = "\
Examples:
  pglens alerts --out /etc/prometheus/rules
  pglens alerts --format kubernetes | kubectl apply -f -";

#[cfg(feature = "lab")]
pub const DEMO: &str = "\
Example:
  pglens demo            a primary and its replica at http://localhost:9187/; Ctrl-C
                         removes everything";

#[cfg(feature = "lab")]
pub const LAB: &str = "\
Examples:
  pglens lab list
  pglens lab show blocking-chain
  pglens lab run blocking-chain";
