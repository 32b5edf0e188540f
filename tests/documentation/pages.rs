//! The pages, and the blocks of code on them.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex_lite::Regex;

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A page of Markdown.
pub struct Page {
    /// From the root of the repository.
    pub path: String,
    pub text: String,
}

/// A fenced block. Behind its language stands the name of the file that it is, or
/// is a part of.
pub struct Block {
    pub language: String,
    pub file: String,
    pub text: String,
    pub line: usize,
}

/// Every page that is committed.
pub fn all() -> Vec<Page> {
    let mut pages: Vec<_> =
        ["*.md", "docs/**/*.md", "deploy/**/*.md"].iter().flat_map(|place| found(place)).collect();
    pages.sort_by(|one, other| one.path.cmp(&other.path));
    assert!(pages.len() > 90, "only {} pages were found", pages.len());
    pages
}

fn found(pattern: &str) -> Vec<Page> {
    let pattern = root().join(pattern);
    glob::glob(&pattern.to_string_lossy())
        .unwrap()
        .map(|path| Page::read(path.unwrap().strip_prefix(root()).unwrap()))
        .collect()
}

static FENCE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?sm)^ *```(\S*) *(.*?)\n(.*?)^ *```$").unwrap());

impl Page {
    pub fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(root().join(path)).unwrap();
        Self { path: path.to_string_lossy().into_owned(), text }
    }

    pub fn folder(&self) -> PathBuf {
        root().join(&self.path).parent().unwrap().to_owned()
    }

    pub fn blocks(&self) -> impl Iterator<Item = Block> {
        FENCE.captures_iter(&self.text).map(|found| Block {
            language: found[1].to_owned(),
            file: found[2].trim().to_owned(),
            text: found[3].to_owned(),
            line: self.text[..found.get(0).unwrap().start()].lines().count() + 1,
        })
    }

    /// The block that is this file.
    pub fn block(&self, file: &str) -> String {
        let block = self.blocks().find(|block| block.file == file);
        block.unwrap_or_else(|| panic!("{} has no {file}", self.path)).text
    }

    /// Everything but the blocks.
    pub fn prose(&self) -> String {
        FENCE.replace_all(&self.text, "").into_owned()
    }
}
