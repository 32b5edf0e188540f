//! Counts a server's log file without the server, and says how long that took:
//!
//! ```console
//! $ cargo run --release --example count-log -- postgresql.csv
//! $ cargo run --release --example count-log -- server.log '%m [%p] %e '
//! ```
//!
//! The second argument is the server's `log_line_prefix`.

use std::path::Path;
use std::time::Instant;

use pglens::catalog::Catalog;
use pglens::expose::{Series, encode};
use pglens::logs;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("which file?")?;
    let prefix = arguments.next().unwrap_or_else(|| "%m [%p] ".into());
    let path = Path::new(&path);
    let destination = match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") => "jsonlog",
        Some("csv") => "csvlog",
        _ => "stderr",
    };
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let filename = match destination {
        "stderr" => path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        _ => format!("{stem}.log"),
    };
    let settings = [
        ("log_destination", destination),
        ("log_filename", &filename.replace('%', "%%")),
        ("log_line_prefix", &prefix),
        ("log_min_messages", "debug5"),
        ("lc_messages", "C"),
    ];
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));

    let began = Instant::now();
    let rows = logs::count_file(path, settings)?;
    let took = began.elapsed().as_secs_f64();

    let catalog = Catalog::builtin().map_err(|problems| format!("{problems:?}"))?;
    let collector = catalog.collector("log").ok_or("no collector \"log\"")?;
    let encoded = encode(collector, &rows, &Series::default());
    encoded.samples.iter().for_each(|samples| print!("{samples}"));
    let size = std::fs::metadata(path)?.len() as f64 / 1e6;
    eprintln!("{size:.1} MB in {took:.2} s: {:.0} MB/s", size / took);
    Ok(())
}
