//! Standbys, made from a running server the way pg_basebackup makes them.
//!
//! That program is not in the downloaded builds, and a copy by hand is as
//! quick: one session brackets it with the backup functions, we copy the files.

use std::fs::{self, DirBuilder};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use sqlx::AssertSqlSafe;

use super::{Cluster, Error, Result, StopMode, io_error};

/// Folders whose content belongs to the one running server (the manual's
/// section on base backups lists them). They are copied empty.
const EMPTY: [&str; 9] = [
    // Not of the server, but what the primary logged is no log of a standby.
    "log",
    "pg_wal",
    "pg_replslot",
    "pg_dynshmem",
    "pg_notify",
    "pg_serial",
    "pg_snapshots",
    "pg_stat_tmp",
    "pg_subtrans",
];

/// In a standby's copy this file says up to where WAL must be replayed, so it
/// has to be younger than all others.
const LAST: &str = "global/pg_control";

impl Cluster {
    /// A standby that streams from this server, which may be one itself, by a
    /// slot of the same name. The slot outlives the standby, as it would in
    /// earnest.
    pub async fn replica(&self, name: &str) -> Result<Cluster> {
        self.replica_with(name, &[]).await
    }

    /// The same with settings of its own; all others are inherited.
    pub async fn replica_with(&self, name: &str, settings: &[(&str, &str)]) -> Result<Cluster> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if name.is_empty() || !name.chars().all(fits) {
            return Err(Error::BadName(name.to_owned()));
        }
        let mut standby = Cluster::new(name, self.binaries.clone())?;
        self.backup(&standby).await?;

        let upstream =
            format!("host=127.0.0.1 port={} user=postgres application_name={name}", self.port());
        standby.configure(&[
            ("cluster_name", name),
            ("primary_conninfo", &upstream),
            ("primary_slot_name", name),
        ])?;
        standby.configure(settings)?;
        standby.stand_by().await?;
        Ok(standby)
    }

    /// Makes this server a standby of the other one anew, with the settings it has.
    pub async fn rebuild(&mut self, upstream: &Cluster) -> Result<()> {
        if self.pid().is_ok() {
            self.stop(StopMode::Immediate).await?;
        }
        let path = self.data().join("postgresql.conf");
        let settings = fs::read_to_string(&path).map_err(io_error("read", &path))?;
        fs::remove_dir_all(self.data()).map_err(io_error("remove", self.data()))?;
        upstream.backup(self).await?;
        fs::write(&path, settings).map_err(io_error("write", &path))?;
        self.stand_by().await
    }

    /// Starts from a copy of another server's files, following that one.
    async fn stand_by(&mut self) -> Result<()> {
        self.touch("standby.signal")?;
        self.user.own(&self.data())?;
        self.start().await
    }

    /// Copies this running server's files into the folder of a new one.
    async fn backup(&self, standby: &Cluster) -> Result<()> {
        // 15 renamed the functions and dropped the mode that we never used.
        let (start, stop) = if self.major() >= 15 {
            ("pg_backup_start('lab', true)", "pg_backup_stop(false)")
        } else {
            ("pg_start_backup('lab', true, false)", "pg_stop_backup(false, false)")
        };
        // The backup lasts as long as this session.
        let mut session = self.connect("postgres").await?;
        // From now on the WAL that the copy will need is kept.
        let slot = "select pg_create_physical_replication_slot($1, true)
                     where not exists (select from pg_replication_slots where slot_name = $1)";
        sqlx::query(slot).bind(standby.name()).execute(&mut session).await?;
        sqlx::query(AssertSqlSafe(format!("select {start}"))).execute(&mut session).await?;

        let (from, to) = (self.data(), standby.data());
        copy(&from, &to, Path::new(""))?;
        copy_file(&from.join(LAST), &to.join(LAST))?;

        let label: String =
            sqlx::query_scalar(AssertSqlSafe(format!("select labelfile from {stop}")))
                .fetch_one(&mut session)
                .await?;
        let path = standby.data().join("backup_label");
        fs::write(&path, label).map_err(io_error("write", &path))
    }
}

/// Copies the folder `from/below` to `to/below`. The lab has no tablespaces,
/// so there is nothing but files and folders.
fn copy(from: &Path, to: &Path, below: &Path) -> Result<()> {
    let (source, target) = (from.join(below), to.join(below));
    // A server refuses a data directory that others may enter.
    let created = DirBuilder::new().mode(0o700).create(&target);
    created.map_err(io_error("create", &target))?;
    for entry in fs::read_dir(&source).map_err(io_error("list", &source))? {
        let entry = entry.map_err(io_error("list", &source))?;
        let path = below.join(entry.file_name());
        let kind = entry.file_type().map_err(io_error("look at", entry.path()))?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if kind.is_dir() && !EMPTY.iter().any(|empty| below.starts_with(empty)) {
            copy(from, to, &path)?;
        } else if kind.is_file()
            && !EMPTY.iter().any(|empty| below.starts_with(empty))
            && !name.starts_with("postmaster.")
            && path != Path::new(LAST)
        {
            copy_file(&entry.path(), &to.join(&path))?;
        }
    }
    Ok(())
}

/// Copies a file, if it is still there: tables may be dropped meanwhile.
fn copy_file(from: &Path, to: &Path) -> Result<()> {
    match fs::copy(from, to) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(io_error("copy", from)(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_leaves_out_what_belongs_to_the_running_server() {
        let home = tempfile::tempdir().unwrap();
        let (from, to) = (home.path().join("from"), home.path().join("to"));
        for folder in ["pg_wal/archive_status", "global", "base/1"] {
            fs::create_dir_all(from.join(folder)).unwrap();
        }
        for file in ["PG_VERSION", "postmaster.pid", "pg_wal/0001", LAST, "base/1/1259"] {
            fs::write(from.join(file), file).unwrap();
        }
        copy(&from, &to, Path::new("")).unwrap();
        let copied = |path: &str| to.join(path).exists();
        assert!(copied("PG_VERSION") && copied("base/1/1259") && copied("pg_wal"));
        assert!(!copied("postmaster.pid") && !copied("pg_wal/0001") && !copied(LAST));
    }
}
