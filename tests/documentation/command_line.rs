//! Whatever a page writes as a command of pglens, in a block or within a sentence, is
//! one that pglens takes.

use std::collections::BTreeSet;

use pglens::catalog::Catalog;
use pglens::lab::scenarios;
use regex_lite::Regex;

use crate::pages::{self, Page};

/// What stands for something else.
const PLACEHOLDER: &str = "NAME";

/// The arguments of every command of pglens, each up to what the shell adds.
fn written(page: &Page) -> Vec<String> {
    let inline = Regex::new(r"`([^`\n]*)`").unwrap();
    let call =
        Regex::new(r"^(?:\$ )?(?:sudo -u \w+ )?(?:cargo run (?:--release )?-- |pglens )(.*)$");
    let call = call.unwrap();
    let shell = Regex::new(r" (?:[#|>;]|&&)").unwrap();
    let prose = page.prose();
    let inline = inline.captures_iter(&prose).map(|found| found[1].to_owned());
    let blocks = page.blocks().filter(|block| ["console", "sh"].contains(&block.language.as_str()));
    let lines = blocks.flat_map(|block| block.text.lines().map(str::to_owned).collect::<Vec<_>>());
    inline
        .chain(lines)
        .filter_map(|line| {
            let arguments = call.captures(line.trim())?[1].to_owned();
            Some(shell.splitn(&arguments, 2).next().unwrap_or_default().trim().to_owned())
        })
        .collect()
}

#[test]
fn commands_of_pglens_are_taken() {
    let command = pglens::cli::command(&Catalog::builtin().unwrap());
    let mut count = 0;
    let mut taken = BTreeSet::new();
    for page in pages::all() {
        for arguments in written(&page) {
            count += 1;
            // A table escapes the sign that would end its column.
            let chosen = arguments.split("\\|").next().unwrap_or_default();
            let mut words: Vec<_> = chosen.split_whitespace().collect();
            if let ["lab", "run" | "show", name, ..] = words.as_mut_slice() {
                let exists = *name == PLACEHOLDER || scenarios::find(name).is_ok();
                assert!(exists, "{}: there is no incident {name}", page.path);
                *name = PLACEHOLDER;
            }
            // Most pages say the same, and reading it takes its time.
            if !taken.insert(words.join(" ")) {
                continue;
            }
            words.insert(0, "pglens");
            if let Err(error) = command.clone().try_get_matches_from(words) {
                panic!("{}: pglens {arguments}: {error}", page.path);
            }
        }
    }
    assert!(count > 100, "only {count} commands were found");
}
