//! Hands on the files of a cluster, as people and broken disks have them.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;

use super::{Cluster, Result, io_error};

impl Cluster {
    /// Creates an empty file in the data directory.
    pub fn touch(&self, name: &str) -> Result<()> {
        let path = self.data().join(name);
        fs::write(&path, "").map_err(io_error("create", &path))
    }

    pub fn remove(&self, name: &str) -> Result<()> {
        let path = self.data().join(name);
        fs::remove_file(&path).map_err(io_error("remove", &path))
    }

    /// Writes this at the end of a file of the data directory.
    pub fn append(&self, name: &str, text: &str) -> Result<()> {
        let path = self.data().join(name);
        let opened = OpenOptions::new().append(true).open(&path);
        let mut file = opened.map_err(io_error("open", &path))?;
        file.write_all(text.as_bytes()).map_err(io_error("write", &path))
    }

    /// Takes this out of such a file again.
    pub fn cut(&self, name: &str, text: &str) -> Result<()> {
        let path = self.data().join(name);
        let content = fs::read_to_string(&path).map_err(io_error("read", &path))?;
        fs::write(&path, content.replace(text, "")).map_err(io_error("write", &path))
    }

    /// Writes this at the beginning of such a file, where the first rule counts.
    pub fn prepend(&self, name: &str, text: &str) -> Result<()> {
        let path = self.data().join(name);
        let content = fs::read_to_string(&path).map_err(io_error("read", &path))?;
        fs::write(&path, text.to_owned() + &content).map_err(io_error("write", &path))
    }

    /// Changes who may do what with such a file or folder.
    pub fn permit(&self, name: &str, mode: u32) -> Result<()> {
        let path = self.data().join(name);
        let permissions = Permissions::from_mode(mode);
        fs::set_permissions(&path, permissions).map_err(io_error("change", &path))
    }

    /// Changes some bytes in the middle of such a file.
    pub fn damage(&self, name: &str, offset: u64) -> Result<()> {
        let path = self.data().join(name);
        let opened = OpenOptions::new().write(true).open(&path);
        let mut file = opened.map_err(io_error("open", &path))?;
        file.seek(SeekFrom::Start(offset)).map_err(io_error("seek in", &path))?;
        file.write_all(&[0xA5; 64]).map_err(io_error("write", &path))
    }
}
