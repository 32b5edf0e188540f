//! The server's own log, counted: from bytes to records to counts, and never a
//! message's text.
//!
//! ```text
//! listing ──> tail: what to read next ──> local file, or SQL
//!               │ bytes
//!               v
//!             feed ──> format (jsonlog, csvlog, stderr + prefix) ──> record
//!                                                                      │ classify
//!             report ──> rows <── counts <─────────────────────────────┘ event
//! ```
//!
//! Everything is pure but `local` and the few lines below that ask a session. A
//! collector that `reads = "log"` goes through here on its way from the answer of
//! its query, which is the list of the log's files, to its rows.

mod classify;
mod counts;
mod csvlog;
mod event;
mod feed;
mod filename;
mod format;
mod histogram;
mod jsonlog;
mod listing;
mod local;
mod prefix;
#[cfg(test)]
mod properties;
mod record;
mod report;
mod settings;
mod severity;
mod stderr;
mod tail;

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::rows::Rows;
use crate::target::{Failure, Reason, Session, Skip};
pub use format::Format;
use listing::Listing;
use local::{Here, Local};
pub use tail::Begin;
use tail::{Ask, Tail};

/// Read in one poll at most. A file costs nobody but us; SQL costs the server.
const MOST_OF_A_FILE: u64 = 1 << 30;
const MOST_BY_SQL: u64 = 8 << 20;

/// The same in time: others wait for their turn.
const LONGEST_READ: Duration = Duration::from_secs(3);

/// How the user wants a server's log read.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Wishes {
    pub read: Read,
    pub from: Begin,
    /// The one format to read; else the best that the server writes.
    pub format: Option<Format>,
    /// Where the server's log directory is on this host, if not where the server
    /// says: a volume of its container, say.
    pub directory: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Read {
    /// The file where it is at hand, else SQL.
    #[default]
    Auto,
    File,
    Sql,
}

/// What is remembered of one server's log from poll to poll.
#[derive(Debug)]
pub struct Log {
    tail: Tail,
    local: Local,
}

/// What a poll of the log brought.
pub enum Counted {
    /// The rows, and how long reading took that cost the server nothing.
    Rows(Rows, Duration),
    Skipped(Skip),
}

/// Reads on from where the last poll ended. `answer` is what the collector's query
/// returned, and `again` asks it once more.
pub async fn count(
    log: &mut Option<Box<Log>>,
    wishes: &Wishes,
    answer: &Rows,
    session: &mut Session,
    again: impl AsyncFnOnce(&mut Session) -> Result<Rows, Failure>,
) -> Result<Counted, Failure> {
    let mut listing = Listing::read(answer)?;
    if let Some(format) = wishes.format {
        listing.settings.restrict(format);
    }
    if let Some(skip) = no_files(&listing) {
        return Ok(Counted::Skipped(skip));
    }
    let directory = local_directory(wishes, &listing);
    let here = match wishes.read {
        Read::Sql => Err("the configuration says read = \"sql\"".to_owned()),
        Read::Auto | Read::File => is_here(&directory, &listing, session, again).await?,
    };
    // Not taken before: where it is lost, counting begins anew.
    let mut current = log
        .take()
        .unwrap_or_else(|| Box::new(Log { tail: Tail::new(wishes.from), local: Local::default() }));
    let may_sql = wishes.read != Read::File && listing.settings.get("may_read") == "on";
    let result = match here {
        Ok(()) => {
            let began = Instant::now();
            current.tail.look(listing, MOST_OF_A_FILE);
            let (back, ended) = by_file(current, directory).await?;
            current = back;
            let rows = report::rows(&current.tail, "file");
            ended.map(|()| Counted::Rows(rows, began.elapsed()))
        }
        Err(_) if may_sql => {
            current.tail.look(listing, MOST_BY_SQL);
            by_sql(&mut current.tail, session)
                .await
                .map(|()| Counted::Rows(report::rows(&current.tail, "sql"), Duration::ZERO))
        }
        Err(why) => Ok(Counted::Skipped(Skip::LogOutOfReach(why))),
    };
    // A defect may have left it half changed; it begins anew then.
    if !matches!(&result, Err(failure) if failure.reason == Reason::Panic) {
        *log = Some(current);
    }
    result
}

/// The counts of one file from its beginning, without a server: for a log that was
/// brought along, and for measurements.
pub fn count_file(
    path: &Path,
    settings: impl IntoIterator<Item = (String, String)>,
) -> io::Result<Rows> {
    let directory = path.parent().unwrap_or(Path::new("")).to_path_buf();
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let size = std::fs::metadata(path)?.len();
    let files = vec![listing::File { name, size, modified: 0 }];
    let listing = Listing { settings: settings.into_iter().collect(), files };
    let mut tail = Tail::new(Begin::Beginning);
    let mut local = Local::new(directory);
    // Nothing follows what has rested from one look to the next.
    for _ in 0..2 {
        tail.look(listing.clone(), u64::MAX);
        local.serve(&mut tail, Instant::now() + Duration::from_secs(3600))?;
    }
    Ok(report::rows(&tail, "file"))
}

/// A log that goes to syslog only is in no file, and not every text can be read.
fn no_files(listing: &Listing) -> Option<Skip> {
    let settings = &listing.settings;
    if !settings.formats().is_empty() {
        return None;
    }
    let (name, needs) = match settings.prefix_is_ambiguous() {
        true => ("log_line_prefix", " not to begin with a tab, as further lines of a message do"),
        false => ("log_destination", " one of stderr, csvlog and jsonlog"),
    };
    let is = Some(settings.get(name).to_owned());
    Some(Skip::Setting { name: name.into(), needs: needs.into(), is })
}

fn local_directory(wishes: &Wishes, listing: &Listing) -> PathBuf {
    let data = Path::new(listing.settings.get("data_directory"));
    let log = data.join(listing.settings.get("log_directory"));
    wishes.directory.clone().unwrap_or(log)
}

/// Whether the directory on this host is the server's: it must have the file that
/// the server writes, as the server describes it. If not, says why.
async fn is_here(
    directory: &Path,
    listing: &Listing,
    session: &mut Session,
    again: impl AsyncFnOnce(&mut Session) -> Result<Rows, Failure>,
) -> Result<Result<(), String>, Failure> {
    let newest =
        listing.settings.formats().into_iter().find_map(|format| listing.files_of(format).pop());
    let Some(before) = newest else { return Ok(Ok(())) };
    let path = directory.join(&before.name);
    let looked = tokio::task::spawn_blocking(move || Here::look(&path)).await;
    let here = match looked.map_err(|_| panicked())? {
        Ok(here) => here,
        Err(error) => return Ok(Err(format!("{} here: {error}", directory.display()))),
    };
    let after = Listing::read(&again(session).await?)?;
    let same = after.file(&before.name).is_some_and(|after| here.is_between(before, after));
    let other = || format!("{} here is another server's", directory.display());
    Ok(if same { Ok(()) } else { Err(other()) })
}

/// Reads the files on a thread that may block.
async fn by_file(
    mut log: Box<Log>,
    directory: PathBuf,
) -> Result<(Box<Log>, Result<(), Failure>), Failure> {
    let read = move || {
        if !log.local.is_in(&directory) {
            log.local = Local::new(directory);
        }
        let ended = log.local.serve(&mut log.tail, Instant::now() + LONGEST_READ);
        (log, ended)
    };
    let (log, ended) = tokio::task::spawn_blocking(read).await.map_err(|_| panicked())?;
    let failed = |error: io::Error| {
        Failure::new(Reason::Resources, format!("cannot read the server's log: {error}"))
    };
    Ok((log, ended.map_err(failed)))
}

/// Gives the tail all that it asks for, from the server.
async fn by_sql(tail: &mut Tail, session: &mut Session) -> Result<(), Failure> {
    let directory = tail.settings().get("log_directory").to_owned();
    loop {
        let ask = tail.ask();
        let Some(path) = tail.file().map(|name| format!("{directory}/{name}")) else {
            return Ok(());
        };
        let (offset, length) = match ask {
            Ask::Nothing => return Ok(()),
            Ask::Check { offset, length } => (offset, length),
            Ask::Read { offset } => (offset, tail.space().len()),
            // Over SQL a file is what has the name, and nothing else.
            Ask::Rest { .. } => {
                tail.read(0);
                continue;
            }
        };
        let bytes = session.read_file(&path, offset, length).await?;
        let take = || match (ask, &bytes) {
            (_, None) => tail.gone(),
            (Ask::Check { .. }, Some(bytes)) => tail.checked(bytes),
            (_, Some(bytes)) => {
                let space = tail.space();
                let count = bytes.len().min(space.len());
                space[..count].copy_from_slice(&bytes[..count]);
                tail.read(count);
            }
        };
        catch_unwind(AssertUnwindSafe(take)).map_err(|_| panicked())?;
    }
}

fn panicked() -> Failure {
    Failure::new(Reason::Panic, "reading the log panicked: this is a defect")
}
