//! The log directory, where the server runs on this host or its log is mounted.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::listing;
use super::tail::{Ask, Tail};

/// The server's files, read directly.
#[derive(Debug, Default)]
pub struct Local {
    directory: PathBuf,
    /// What was read last, under its name, and is still open if it is replaced.
    held: Option<(String, File)>,
}

/// What this host has under the name of one of the server's files.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Here {
    size: u64,
    modified: i64,
}

impl Here {
    /// Opens the file too: what cannot be opened is of no use.
    pub fn look(path: &Path) -> io::Result<Self> {
        let metadata = File::open(path)?.metadata()?;
        Ok(Self { size: metadata.len(), modified: metadata.mtime() })
    }

    /// Whether it is the server's own file, which the server described before we
    /// looked and again after. Another server may have one of the same name, but
    /// hardly one of this size, written to at this moment.
    pub fn is_between(&self, before: &listing::File, after: &listing::File) -> bool {
        (before.size..=after.size).contains(&self.size)
            && (before.modified..=after.modified).contains(&self.modified)
    }
}

impl Local {
    pub fn new(directory: PathBuf) -> Self {
        Self { directory, held: None }
    }

    pub fn is_in(&self, directory: &Path) -> bool {
        self.directory == directory
    }

    /// Gives the tail what it asks for, until this moment.
    pub fn serve(&mut self, tail: &mut Tail, until: Instant) -> io::Result<()> {
        while Instant::now() < until {
            let ask = tail.ask();
            let Some(name) = tail.file().map(str::to_owned) else { return Ok(()) };
            match ask {
                Ask::Nothing => return Ok(()),
                Ask::Check { offset, length } => {
                    let mut bytes = vec![0; length];
                    match self.current(&name)? {
                        None => tail.gone(),
                        Some(file) => {
                            let count = read_at(file, &mut bytes, offset)?;
                            tail.checked(&bytes[..count]);
                        }
                    }
                }
                Ask::Read { offset } => match self.current(&name)? {
                    None => tail.gone(),
                    Some(file) => {
                        let count = read_at(file, tail.space(), offset)?;
                        tail.read(count);
                    }
                },
                Ask::Rest { offset } => {
                    let count = match self.replaced(&name)? {
                        None => 0,
                        Some(file) => read_at(file, tail.space(), offset)?,
                    };
                    if count == 0 {
                        self.held = None;
                    }
                    tail.read(count);
                }
            }
        }
        Ok(())
    }

    /// The file that has the name now. One that had it before stays at hand.
    fn current(&mut self, name: &str) -> io::Result<Option<&File>> {
        if self.held.as_ref().is_none_or(|(held, _)| held != name) {
            match found(File::open(self.directory.join(name)))? {
                None => return Ok(None),
                Some(file) => self.held = Some((name.to_owned(), file)),
            }
        } else if self.replaced(name)?.is_some() {
            return Ok(None);
        }
        Ok(self.held.as_ref().map(|(_, file)| file))
    }

    /// The file that had the name when it was opened, and has it no more.
    fn replaced(&self, name: &str) -> io::Result<Option<&File>> {
        let Some((_, file)) = self.held.as_ref().filter(|(held, _)| held == name) else {
            return Ok(None);
        };
        let now = found(std::fs::metadata(self.directory.join(name)))?;
        let was = file.metadata()?;
        let same = now.is_some_and(|now| (now.dev(), now.ino()) == (was.dev(), was.ino()));
        Ok((!same).then_some(file))
    }
}

fn read_at(file: &File, space: &mut [u8], offset: u64) -> io::Result<usize> {
    loop {
        match file.read_at(space, offset) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_the_servers_if_it_was_so_before_and_after() {
        let file = |size, modified| listing::File { name: "x".into(), size, modified };
        let here = Here { size: 10, modified: 5 };
        assert!(here.is_between(&file(10, 5), &file(10, 5)));
        assert!(here.is_between(&file(8, 4), &file(12, 5)));
        assert!(!here.is_between(&file(11, 5), &file(12, 5)));
        assert!(!here.is_between(&file(8, 6), &file(12, 6)));
    }

    #[test]
    fn a_file_that_was_replaced_is_read_to_its_end() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.log");
        std::fs::write(&path, "one").unwrap();
        let mut local = Local::new(directory.path().into());
        assert!(local.current("a.log").unwrap().is_some());
        std::fs::rename(&path, directory.path().join("a.log.1")).unwrap();
        assert!(local.current("a.log").unwrap().is_none(), "it has the name no more");
        let mut bytes = [0; 9];
        let count = read_at(local.replaced("a.log").unwrap().unwrap(), &mut bytes, 1).unwrap();
        assert_eq!(&bytes[..count], b"ne");
        assert!(local.current("b.log").unwrap().is_none());
    }
}
