//! Small text files that hold a secret or say where one is.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;

use super::secret::Secret;

/// More than any of these files needs; beyond it the path must be a mistake.
const LIMIT: u64 = 1 << 20;

/// Why a file cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileProblem {
    #[error("{}", said(*.0))]
    Io(io::ErrorKind),
    #[error("it is not a regular file")]
    Irregular,
    #[error("it is larger than 1 MiB")]
    Large,
}

/// The kinds that a person can do something about, in words.
fn said(kind: io::ErrorKind) -> String {
    match kind {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "this user may not read it".to_owned(),
        io::ErrorKind::InvalidData => "it is not UTF-8".to_owned(),
        kind => kind.to_string(),
    }
}

impl FileProblem {
    pub(super) const MISSING: Self = Self::Io(io::ErrorKind::NotFound);
}

impl From<io::Error> for FileProblem {
    /// The kind alone: it can be compared, and it has nothing of the content.
    fn from(error: io::Error) -> Self {
        Self::Io(error.kind())
    }
}

/// Reads a regular file and tells about it. Links are followed, which is how
/// Kubernetes rotates a mounted secret. A pipe or a device is refused: it could
/// hold up every connection for ever.
pub(super) fn read(path: &Path) -> Result<(Metadata, String), FileProblem> {
    // Asked before opening, because opening a pipe is what blocks.
    let metadata = std::fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(FileProblem::Irregular);
    }
    let mut text = String::new();
    let file = File::open(path)?;
    file.take(LIMIT + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LIMIT {
        return Err(FileProblem::Large);
    }
    Ok((metadata, text))
}

/// A password that is all of a file. Editors and `echo` end it with a newline; other
/// spaces may be meant.
pub fn secret(path: &Path) -> Result<Secret, FileProblem> {
    let (_, text) = read(path)?;
    Ok(Secret::new(text.trim_end_matches(['\r', '\n'])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_small_regular_text_files_are_read() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        let kind = |path: &Path| read(path).map(|(_, text)| text);
        assert_eq!(kind(&path), Err(FileProblem::MISSING));
        assert_eq!(kind(directory.path()), Err(FileProblem::Irregular));
        assert_eq!(kind(Path::new("/dev/zero")), Err(FileProblem::Irregular));
        std::fs::write(&path, [0xff]).unwrap();
        assert_eq!(kind(&path), Err(FileProblem::Io(io::ErrorKind::InvalidData)));
        std::fs::write(&path, vec![b'x'; 1 << 20]).unwrap();
        assert!(kind(&path).is_ok());
        std::fs::write(&path, vec![b'x'; (1 << 20) + 1]).unwrap();
        assert_eq!(kind(&path), Err(FileProblem::Large));
    }
}
