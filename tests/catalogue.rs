//! The catalogue without a database: what is built in holds together, and a
//! mistake in a collector is found before anybody polls with it.

use std::collections::HashSet;
use std::process::Command;
use std::time::{Duration, Instant};

use pglens::catalog::{Catalog, TESTED_MAJORS, Version, VersionedBy, markdown};
use pglens::store::FIGURES;

fn builtin() -> Catalog {
    Catalog::builtin().unwrap_or_else(|problems| {
        let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
        panic!("{}", lines.join("\n"))
    })
}

#[test]
fn the_builtin_catalogue_loads_before_anybody_notices() {
    let began = Instant::now();
    let catalog = builtin();
    let took = began.elapsed();
    assert!(catalog.collectors().len() > 50);
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[test]
fn every_figure_of_the_status_page_reads_a_declared_metric() {
    let catalog = builtin();
    let declared: HashSet<_> = catalog
        .collectors()
        .iter()
        .flat_map(|collector| &collector.metrics)
        .map(|metric| metric.name.as_str())
        .collect();
    for figure in FIGURES {
        for metric in figure.metrics() {
            assert!(declared.contains(metric), "\"{}\" reads {metric}", figure.title);
        }
    }
}

#[test]
fn the_reference_is_the_one_that_would_be_generated_now() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/metrics.md");
    let written = std::fs::read_to_string(path).unwrap_or_default();
    let generated = markdown(&builtin());
    if let Some((line, (is, should))) =
        written.lines().zip(generated.lines()).enumerate().find(|(_, (is, should))| is != should)
    {
        let line = line + 1;
        panic!("docs/metrics.md:{line} is old:\n  is     {is}\n  should {should}\n{REGENERATE}");
    }
    assert!(written == generated, "docs/metrics.md is shorter or longer.\n{REGENERATE}");
}

const REGENERATE: &str = "Run: cargo run -- catalog --format md > docs/metrics.md";

#[test]
fn the_binary_prints_the_same_reference() {
    let printed = Command::new(env!("CARGO_BIN_EXE_pglens"))
        .args(["catalog", "--format", "md"])
        .output()
        .unwrap();
    assert!(String::from_utf8(printed.stdout).unwrap() == markdown(&builtin()));
}

/// A variant that no version chooses is never run. The next major counts: we
/// may be ready for it before there are servers to test with.
#[test]
fn every_variant_is_reached_by_some_version() {
    let newest_known = TESTED_MAJORS.end() + 1;
    for collector in builtin().collectors() {
        let newest = collector.until.unwrap_or(newest_known).min(newest_known);
        let reached: HashSet<_> = match collector.versions {
            VersionedBy::Server => (collector.since..=newest)
                .filter_map(|major| collector.variant(&Version::major(major)))
                .map(|variant| variant.file.as_str())
                .collect(),
            // The extension of any server may be as old as it likes.
            VersionedBy::Extension(_) => collector
                .variants
                .iter()
                .filter_map(|variant| collector.variant(&variant.from))
                .map(|variant| variant.file.as_str())
                .collect(),
        };
        for variant in &collector.variants {
            assert!(reached.contains(variant.file.as_str()), "{} is never chosen", variant.file);
        }
    }
}

/// A collector without a fault, for each test to put one in.
const SOUND: &str = r#"about = "For tests."
lesson = "key-metrics#cache-hit-ratio"
area = "wal"
interval = "10s"
timeout = "1s"
runs_on = "any"
scope = "server"
since = 14
labels = ["name"]
max_rows = 5

[metrics]
pg_sound_bytes = { gauge = "Bytes." }
"#;

const SQL: &str = "select 'x'::text as name, 1::float8 as pg_sound_bytes";

/// What is said about the sound collector, changed, and further files.
fn said(change: (&str, &str), more: &[(&str, &str)]) -> Vec<String> {
    assert!(SOUND.contains(change.0), "{} is not there to be changed", change.0);
    let sound = SOUND.replacen(change.0, change.1, 1);
    let files = [("sound.toml", sound.as_str())].into_iter().chain(more.iter().copied());
    let files = files.map(|(name, text)| (name.to_owned(), text.to_owned()));
    match Catalog::from_files(files) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

const QUERY: (&str, &str) = ("sound.sql", SQL);
const NOTHING: (&str, &str) = ("", "");

#[test]
fn a_sound_collector_has_no_problem() {
    assert_eq!(said(NOTHING, &[QUERY, ("sound.17.sql", SQL)]), [""; 0]);
}

#[test]
fn versions_have_no_gap_and_no_two_variants_begin_alike() {
    assert_eq!(
        said(NOTHING, &[("sound.16.sql", SQL)]),
        ["sound.toml: since = 14 but the first variant is for 16"]
    );
    assert_eq!(
        said(NOTHING, &[QUERY, ("sound.14.sql", SQL)]),
        ["sound.toml: two variants begin at the same version"]
    );
}

#[test]
fn what_a_declaration_says_must_make_sense() {
    for (change, problem) in [
        (
            ("key-metrics#cache-hit-ratio", "key-metrics#luck"),
            "sound.toml: lesson \"key-metrics#luck\" is not in the lesson table",
        ),
        (
            ("timeout = \"1s\"", "timeout = \"10s\""),
            "sound.toml: timeout must be below interval, or polls pile up",
        ),
        (("\"For tests.\"", "\"for tests\""), "sound.toml: about must be a sentence"),
        (("max_rows = 5", "max_rows = 0"), "sound.toml: max_rows must be at least 1"),
        (
            ("{ gauge = \"Bytes.\" }", "{ gauge = \"Bytes.\", labels = [\"nobody\"] }"),
            "sound.toml: pg_sound_bytes: \"nobody\" is not among the collector's labels",
        ),
        (
            ("{ gauge = ", "{ counter = "),
            "sound.toml: pg_sound_bytes: a counter ends in _total, and nothing else does",
        ),
        (("max_rows = 5", "transform = \"magic\""), "sound.toml: no transform \"magic\""),
    ] {
        assert_eq!(said(change, &[QUERY]), [problem]);
    }
}

#[test]
fn an_unknown_key_or_word_is_said_with_its_line() {
    let key = said(("timeout", "patience"), &[QUERY]);
    assert_eq!(key.len(), 1, "{key:?}");
    assert!(key[0].starts_with("sound.toml:5: unknown field `patience`"), "{key:?}");

    let word = said(("\"any\"", "\"both\""), &[QUERY]);
    assert_eq!(word.len(), 1, "{word:?}");
    assert!(word[0].starts_with("sound.toml:6: unknown variant `both`"), "{word:?}");
}

#[test]
fn names_must_fit_between_files() {
    assert_eq!(
        said(NOTHING, &[QUERY, ("sounds.sql", SQL)]),
        ["sounds.sql: no declaration (.toml) of that name"]
    );
    assert_eq!(
        said(NOTHING, &[QUERY, ("other.toml", SOUND), ("other.sql", SQL)]),
        ["sound.toml: pg_sound_bytes is declared in other.toml already"]
    );
    assert_eq!(
        said(("pg_sound_bytes", "pg_silent_bytes"), &[QUERY]),
        ["sound.toml: pg_silent_bytes: no variant has a column of that name"]
    );
}

#[test]
fn units_are_base_units_unless_the_name_is_an_old_one() {
    let sql = [("sound.sql", "select ''::text as name, 1::float8 as pg_sound_ms")];
    assert_eq!(
        said(("pg_sound_bytes", "pg_sound_ms"), &sql),
        ["sound.toml: pg_sound_ms: _ms is not a base unit or a noun"]
    );
    let old = (
        "pg_sound_bytes = { gauge = \"Bytes.\"",
        "pg_sound_ms = { gauge = \"Bytes.\", compat = true",
    );
    assert_eq!(said(old, &sql), [""; 0]);
}
