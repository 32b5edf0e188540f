//! A day of events on real servers, and their logs counted: in every format that
//! the version writes, from the file and through SQL, all at once. Each reader must
//! come to what the day's script made, and all of them to the same.

#[path = "logs/day.rs"]
mod day;
#[path = "logs/reach.rs"]
mod reach;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pglens::config::Config;
use pglens::lab::Cluster;
use pglens::logs::{Format, Read, Wishes};
use pglens::poll::{Override, Policy};

use crate::support::{Page, Watching, catalog, config};

/// Every series of the server's log by name and labels.
pub type Counts = BTreeMap<String, f64>;

/// How long files are, by name.
pub type Sizes = BTreeMap<String, usize>;

/// Longer than a busy machine takes for anything here.
pub const SOON: Duration = Duration::from_secs(120);

/// Which of the servers, in which format, how.
pub struct Reader<'a> {
    pub name: String,
    pub server: &'a Cluster,
    pub format: Format,
    pub read: Read,
}

/// The formats that a version has.
pub fn formats(major: u16) -> Vec<Format> {
    Format::ALL.into_iter().filter(|format| major >= 15 || *format != Format::Jsonlog).collect()
}

/// Every format of a server, by file and by SQL.
pub fn readers(server: &Cluster) -> Vec<Reader<'_>> {
    formats(server.major())
        .into_iter()
        .flat_map(|format| [Read::File, Read::Sql].map(|read| (format, read)))
        .map(|(format, read)| {
            let name = format!("{}-{}-{read:?}", server.name(), format.as_str()).to_lowercase();
            Reader { name, server, format, read }
        })
        .collect()
}

/// Watches the log and nothing else, twice a second.
pub fn only_the_log(readers: &[Reader<'_>]) -> Config {
    let targets: Vec<_> = readers
        .iter()
        .map(|reader| (reader.name.as_str(), reader.server.dsn_as("pglens", "postgres")))
        .collect();
    let mut config = config(&targets);
    for (target, reader) in config.targets.iter_mut().zip(readers) {
        target.logs =
            Wishes { read: reader.read, format: Some(reader.format), ..Wishes::default() };
    }
    let catalog = catalog();
    let polled = catalog.collectors().iter().filter(|collector| collector.is_polled());
    let overrides: HashMap<_, _> = polled
        .map(|collector| {
            let change = Override {
                enabled: Some(collector.name == "log"),
                interval: Some(Duration::from_millis(500)),
                timeout: Some(Duration::from_millis(450)),
                ..Override::default()
            };
            (collector.name.clone(), change)
        })
        .collect();
    config.policy = Arc::new(Policy { overrides, ..Policy::default() });
    config
}

/// What one reader has on the page, without the label that says whose it is.
pub fn counts(page: &Page, reader: &str) -> Counts {
    let target = format!("target=\"{reader}\"");
    page.samples()
        .filter(|(series, _)| series.starts_with("pg_log_") || series.starts_with("pglens_log_"))
        .filter(|(series, _)| series.contains(&target))
        .map(|(series, value)| {
            let series = series.replace(&format!("{target},"), "").replace(&target, "");
            (series.replace("{}", ""), value)
        })
        .collect()
}

/// The page once every reader has read all that there is, and how long the text files
/// of `server` are then. A server is never quite still, an autovacuum is enough: while
/// the files grow, the page is not of them.
pub async fn at_rest(
    watching: &Watching,
    readers: &[Reader<'_>],
    server: &Cluster,
) -> (Page, Sizes) {
    loop {
        let before = sizes(&server.logs());
        let page = all_read(watching, readers).await;
        if sizes(&server.logs()) == before {
            return (page, before);
        }
    }
}

/// Two more polls of every reader have found nothing new.
async fn all_read(watching: &Watching, readers: &[Reader<'_>]) -> Page {
    let began = Instant::now();
    let mut seen = vec![(None, Counts::new(), 0); readers.len()];
    loop {
        let page = watching.page().await;
        for (reader, (polled, known, quiet)) in readers.iter().zip(&mut seen) {
            let now = counts(&page, &reader.name);
            let name = &reader.name;
            let last = page.value(&format!(
                "pglens_collector_last_success_timestamp_seconds{{target=\"{name}\",collector=\"log\"}}"
            ));
            if now != *known || now.get("pglens_log_behind_bytes") != Some(&0.0) {
                (*polled, *known, *quiet) = (last, now, 0);
            } else if last != *polled {
                *polled = last;
                *quiet += 1;
            }
        }
        if seen.iter().all(|(_, _, quiet)| *quiet >= 2) {
            return page;
        }
        assert!(began.elapsed() < SOON, "never at rest:\n{}", page.text);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// What came on top, series by series.
pub fn growth(before: &Counts, after: &Counts) -> Counts {
    let grown = |(series, value): (&String, &f64)| {
        (series.clone(), value - before.get(series).unwrap_or(&0.0))
    };
    after.iter().map(grown).collect()
}

/// The text log that was written from when the files were as long as `begins` until
/// they were as long as `ends`.
pub fn text_between(folder: &Path, begins: &Sizes, ends: &Sizes) -> String {
    let files = text_files(folder);
    let mut text = Vec::new();
    for (name, end) in ends {
        text.extend_from_slice(&files[name][begins.get(name).copied().unwrap_or(0)..*end]);
    }
    String::from_utf8_lossy(&text).into_owned()
}

fn sizes(folder: &Path) -> Sizes {
    text_files(folder).into_iter().map(|(name, bytes)| (name, bytes.len())).collect()
}

fn text_files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|kind| kind == "log"));
    files.map(|path| (path.to_string_lossy().into_owned(), std::fs::read(&path).unwrap())).collect()
}
