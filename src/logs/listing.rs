//! What the collector's query tells: the server's settings, and the files of its
//! log directory.

use super::format::Format;
use super::settings::Settings;
use crate::rows::{MissingColumn, Rows};

/// One look at the log directory, as the server sees it.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    pub settings: Settings,
    pub files: Vec<File>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct File {
    pub name: String,
    pub size: u64,
    /// When it was last written to, in whole seconds since 1970.
    pub modified: i64,
}

impl Listing {
    pub fn read(rows: &Rows) -> Result<Self, MissingColumn> {
        let (what, name) = (rows.column("what")?, rows.column("name")?);
        let (setting, size) = (rows.column("setting")?, rows.column("size")?);
        let modified = rows.column("modified")?;
        let mut settings = Vec::new();
        let mut files = Vec::new();
        for row in rows.iter() {
            let Some(name) = row.text(name) else { continue };
            if row.text(what) == Some("file") {
                // A file without a size went away while the directory was listed.
                let (Some(size), Some(modified)) = (row.number(size), row.number(modified)) else {
                    continue;
                };
                let (size, modified) = (size as u64, modified as i64);
                files.push(File { name: name.to_owned(), size, modified });
            } else if let Some(value) = row.text(setting) {
                settings.push((name.to_owned(), value.to_owned()));
            }
        }
        Ok(Self { settings: settings.into_iter().collect(), files })
    }

    /// The collector's files of one format, from the oldest to the one that is
    /// written now. Names settle what happened within one second.
    pub fn files_of(&self, format: Format) -> Vec<&File> {
        let pattern = self.settings.filename(format);
        let mut files: Vec<_> =
            self.files.iter().filter(|file| pattern.matches(&file.name)).collect();
        files.sort_by_key(|file| file.order());
        files
    }

    pub fn file(&self, name: &str) -> Option<&File> {
        self.files.iter().find(|file| file.name == name)
    }
}

impl File {
    /// By which files follow each other.
    pub fn order(&self) -> (i64, &str) {
        (self.modified, &self.name)
    }
}
