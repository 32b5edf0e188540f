//! What the server's settings say about its log: where it is, how to read it, and
//! which messages it would hold if something happened.

use std::collections::HashMap;

use super::filename::Filename;
use super::format::Format;
use super::prefix::Prefix;
use super::severity::Severity;

/// Settings by name, as `pg_settings` has them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings(HashMap<String, String>);

impl FromIterator<(String, String)> for Settings {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(settings: T) -> Self {
        Self(settings.into_iter().collect())
    }
}

impl Settings {
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// Whether a setting is a number for which `holds`; one that is not known is none.
    fn number(&self, name: &str, holds: impl Fn(f64) -> bool) -> bool {
        self.0.get(name).and_then(|value| value.parse().ok()).is_some_and(holds)
    }

    /// A threshold of -1 turns its reports off.
    fn has_threshold(&self, name: &str) -> bool {
        self.number(name, |value| value >= 0.0)
    }

    fn is_on(&self, name: &str) -> bool {
        self.get(name) == "on"
    }

    /// The further lines of a message in a text log begin with a tab. Where the prefix
    /// does too, nothing tells them from messages, and a count would be false.
    pub fn prefix_is_ambiguous(&self) -> bool {
        self.get("log_line_prefix").starts_with('\t')
    }

    /// In the order in which we want them. Other destinations are not files.
    pub fn formats(&self) -> Vec<Format> {
        let destinations = self.get("log_destination");
        let listed = |format: &Format| {
            let mut words = destinations.split(',').map(str::trim);
            words.any(|word| word.eq_ignore_ascii_case(format.as_str()))
                && (*format != Format::Stderr || !self.prefix_is_ambiguous())
        };
        Format::ALL.into_iter().filter(listed).collect()
    }

    /// Leaves one destination, if the server writes it.
    pub fn restrict(&mut self, format: Format) {
        let left = if self.formats().contains(&format) { format.as_str() } else { "" };
        self.0.insert("log_destination".to_owned(), left.to_owned());
    }

    pub fn filename(&self, format: Format) -> Filename {
        Filename::new(self.get("log_filename"), format)
    }

    pub fn prefix(&self) -> Prefix {
        Prefix::compile(self.get("log_line_prefix"))
    }

    /// Whether messages say their SQLSTATE before anything else.
    pub fn is_verbose(&self) -> bool {
        self.get("log_error_verbosity") == "verbose"
    }

    /// Texts are compared with PostgreSQL's own; which translation a server writes
    /// of them is not known to us.
    pub fn is_english(&self) -> bool {
        let locale = self.get("lc_messages");
        let language = locale.split(['_', '.', '@']).next().unwrap_or_default();
        ["C", "POSIX", "en", "English"].contains(&language)
    }

    /// Whether a message of this severity would be logged.
    pub fn logs(&self, severity: Severity) -> bool {
        Severity::of_setting(self.get("log_min_messages")).is_some_and(|least| severity >= least)
    }

    /// Whether errors come with their SQLSTATE.
    pub fn has_sqlstate(&self, format: Format) -> bool {
        format != Format::Stderr || self.is_verbose() || self.prefix().has_sqlstate()
    }

    /// A report that a setting turns on, and that is written with severity LOG.
    fn reports(&self, on: bool) -> bool {
        on && self.is_english() && self.logs(Severity::Log)
    }

    pub fn logs_statements(&self) -> bool {
        let settings = ["log_min_duration_statement", "log_min_duration_sample"];
        self.reports(settings.iter().any(|name| self.has_threshold(name)))
    }

    /// `log_connections` is a list from 18 on.
    pub fn logs_connections(&self, aspect: &str) -> bool {
        let value = self.get("log_connections");
        let mut words = value.split(',').map(str::trim);
        self.reports(words.any(|word| ["on", "all", "true", "yes", "1", aspect].contains(&word)))
    }

    pub fn logs_disconnections(&self) -> bool {
        self.reports(self.is_on("log_disconnections"))
    }

    pub fn logs_lock_waits(&self) -> bool {
        self.reports(self.is_on("log_lock_waits"))
    }

    pub fn logs_checkpoints(&self) -> bool {
        self.reports(self.is_on("log_checkpoints"))
    }

    pub fn logs_checkpoint_warnings(&self) -> bool {
        self.reports(self.number("checkpoint_warning", |seconds| seconds > 0.0))
    }

    pub fn logs_autovacuum(&self) -> bool {
        self.reports(self.has_threshold("log_autovacuum_min_duration"))
    }

    pub fn logs_temp_files(&self) -> bool {
        self.reports(self.has_threshold("log_temp_files"))
    }

    /// What is always logged, if anything of its severity is.
    pub fn logs_texts(&self, severity: Severity) -> bool {
        self.is_english() && self.logs(severity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(settings: &[(&str, &str)]) -> Settings {
        settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_best_destination_comes_first_and_syslog_is_none() {
        let formats = |value| settings(&[("log_destination", value)]).formats();
        assert_eq!(formats("stderr, CSVLOG"), [Format::Csvlog, Format::Stderr]);
        assert_eq!(formats("stderr,jsonlog"), [Format::Jsonlog, Format::Stderr]);
        assert_eq!(formats("syslog"), []);
    }

    #[test]
    fn a_text_log_with_a_tab_before_each_line_is_not_read() {
        let formats = |destinations| {
            let all = [("log_destination", destinations), ("log_line_prefix", "\t%m ")];
            settings(&all).formats()
        };
        assert_eq!(formats("stderr"), []);
        assert_eq!(formats("stderr,csvlog"), [Format::Csvlog]);
    }

    #[test]
    fn english_is_what_no_locale_and_an_english_one_write() {
        for (locale, english) in
            [("C", true), ("C.UTF-8", true), ("en_GB.UTF-8", true), ("de_DE", false), ("", false)]
        {
            assert_eq!(settings(&[("lc_messages", locale)]).is_english(), english, "{locale}");
        }
    }

    #[test]
    fn what_is_switched_off_is_not_logged() {
        let logs = |connections: &str, level: &str| {
            let all = settings(&[
                ("lc_messages", "C"),
                ("log_connections", connections),
                ("log_min_messages", level),
                ("log_temp_files", "-1"),
                ("log_autovacuum_min_duration", "0"),
            ]);
            (all.logs_connections("receipt"), all.logs_temp_files(), all.logs_autovacuum())
        };
        assert_eq!(logs("on", "warning"), (true, false, true));
        assert_eq!(logs("receipt,setup_durations", "warning"), (true, false, true));
        assert_eq!(logs("authorization", "log"), (false, false, true));
        assert_eq!(logs("", "warning"), (false, false, true));
        assert_eq!(logs("on", "fatal"), (false, false, false));
    }
}
