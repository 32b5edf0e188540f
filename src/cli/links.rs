//! Where lessons, runbooks and Grafana stand, for the commands that print links.

use crate::alerts::Links;

#[derive(clap::Args)]
pub struct Addresses {
    /// Where the course's lessons stand.
    #[arg(long, value_name = "BASE")]
    lessons_url: Option<String>,
    /// Where the runbooks stand.
    #[arg(long, value_name = "BASE")]
    runbooks_url: Option<String>,
}

impl Addresses {
    /// The links, with ours where none was given.
    pub fn links(self) -> Links {
        let default = Links::default();
        Links {
            lessons: base(self.lessons_url, default.lessons),
            runbooks: base(self.runbooks_url, default.runbooks),
            dashboards: default.dashboards,
        }
    }
}

/// Without the slash that a person may have typed at its end.
pub fn base(given: Option<String>, default: String) -> String {
    given.map_or(default, |base| base.trim_end_matches('/').to_owned())
}
