//! Every link within the repository leads to a file, and to a heading where it names
//! one. The site holds what is below docs/, all of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use regex_lite::Regex;

use crate::pages::{self, Page, root};

/// How a page of the site names a file outside of it, so that the link works in both.
const REPOSITORY: &str = "https://github.com/pglens/pglens/blob/main/";

/// What a link means.
enum Leads {
    /// Somebody else's address.
    Away,
    To(PathBuf, Option<String>),
}

fn leads(page: &Page, target: &str) -> Leads {
    let (path, anchor) = match target.split_once('#') {
        Some((path, anchor)) => (path, Some(anchor.to_owned())),
        None => (target, None),
    };
    if let Some(path) = path.strip_prefix(REPOSITORY) {
        return Leads::To(root().join(path), anchor);
    }
    if path.contains("://") {
        return Leads::Away;
    }
    match path {
        "" => Leads::To(root().join(&page.path), anchor),
        _ => Leads::To(page.folder().join(path), anchor),
    }
}

/// As GitHub and mdBook make them from headings.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut seen = BTreeMap::<String, usize>::new();
    let mut anchors = BTreeSet::new();
    for heading in text.lines().filter(|line| line.starts_with('#')) {
        let heading = heading.trim_start_matches('#').trim().to_lowercase();
        let is_kept = |c: &char| c.is_alphanumeric() || "-_ ".contains(*c);
        let anchor: String = heading.chars().filter(is_kept).collect();
        let anchor = anchor.replace(' ', "-");
        let again = seen.entry(anchor.clone()).or_default();
        anchors.insert(if *again == 0 { anchor } else { format!("{anchor}-{again}") });
        *again += 1;
    }
    anchors
}

/// Targets of links and images; what stands in backquotes is none.
fn targets(page: &Page) -> Vec<String> {
    let code = Regex::new(r"`[^`\n]*`").unwrap();
    let link = Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    let prose = page.prose();
    let prose = code.replace_all(&prose, "");
    link.captures_iter(&prose).map(|found| found[1].to_owned()).collect()
}

#[test]
fn links_lead_somewhere() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for page in pages::all() {
        for target in targets(&page) {
            let Leads::To(path, anchor) = leads(&page, &target) else { continue };
            count += 1;
            let place = format!("{}: {target}", page.path);
            let Ok(path) = path.canonicalize() else {
                wrong.push(format!("{place}: there is no such file"));
                continue;
            };
            let docs = root().join("docs");
            if page.path.starts_with("docs/")
                && !path.starts_with(&docs)
                && !target.starts_with(REPOSITORY)
            {
                wrong.push(format!("{place}: outside of the site, write {REPOSITORY}…"));
            }
            if let Some(anchor) = anchor {
                let there = Page::read(path.strip_prefix(root()).unwrap());
                if !anchors(&there.prose()).contains(&anchor) {
                    wrong.push(format!("{place}: there is no such heading"));
                }
            }
        }
    }
    assert!(count > 500, "only {count} links were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_site_has_every_page_once() {
    let summary = Page::read(Path::new("docs/SUMMARY.md"));
    let mut listed = targets(&summary);
    listed.sort();
    let mut pages: Vec<_> = pages::all()
        .iter()
        .filter_map(|page| page.path.strip_prefix("docs/"))
        .filter(|path| *path != "SUMMARY.md")
        .map(str::to_owned)
        .collect();
    pages.sort();
    assert_eq!(listed, pages, "run .ci/generate");
}

#[test]
fn anchors_are_made_as_github_does() {
    let text = "# `pg_stat_io`, since 16\n## The file\n## The file\n## Who's there?";
    let anchors: Vec<_> = anchors(text).into_iter().collect();
    assert_eq!(anchors, ["pg_stat_io-since-16", "the-file", "the-file-1", "whos-there"]);
}
