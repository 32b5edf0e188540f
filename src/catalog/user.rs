//! The user's own collectors, joined with the built-in ones: a directory of files
//! like ours, and postgres_exporter's `queries.yaml`.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::{Area, Catalog, Collector, Problem, load, queries_yaml};

impl Catalog {
    /// With what the user brings. What is wrong in the directory is told all at
    /// once; of the queries, what cannot be had is left out and told.
    pub fn extended(
        mut self,
        directory: Option<&Path>,
        queries: Option<&Path>,
    ) -> Result<Self, Vec<Problem>> {
        if let Some(directory) = directory {
            self = self.with_directory(directory)?;
        }
        match queries {
            Some(file) => self.with_queries(file),
            None => Ok(self),
        }
    }

    fn with_directory(self, directory: &Path) -> Result<Self, Vec<Problem>> {
        let files = files(directory).map_err(|error| vec![unreadable(directory, &error)])?;
        let (collectors, mut problems) = load::read(files.clone());
        problems.extend(collectors.iter().filter_map(|collector| reserved(collector)));
        self.joined(collectors, problems).map_err(|problems| {
            let located = |problem: Problem| problem.located(|file| files.get(file).cloned());
            problems.into_iter().map(located).collect()
        })
    }

    fn with_queries(self, file: &Path) -> Result<Self, Vec<Problem>> {
        let text = fs::read_to_string(file).map_err(|error| vec![unreadable(file, &error)])?;
        let read = queries_yaml::read(&file.to_string_lossy(), &text, &self);
        let (collectors, left_out) = read.map_err(|problem| vec![problem])?;
        let mut catalog =
            self.joined(collectors.into_iter().map(Arc::new).collect(), Vec::new())?;
        catalog.left_out = left_out;
        Ok(catalog)
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Problem {
    Problem::new(&path.to_string_lossy(), format!("cannot be read: {error}"))
}

/// Declarations and queries by path; other files are none of our business.
fn files(directory: &Path) -> io::Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|kind| kind == "toml" || kind == "sql") {
            files.insert(path.to_string_lossy().into_owned(), fs::read_to_string(&path)?);
        }
    }
    Ok(files)
}

/// What we know about ourselves is filled by us and nobody else.
fn reserved(collector: &Collector) -> Option<Problem> {
    let ours = collector.area == Area::Exporter || collector.name.starts_with("pglens_");
    ours.then(|| {
        let message = "area = \"exporter\" and names in pglens_ are for pglens itself";
        Problem::new(&collector.file, message)
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const ORDERS: &str = r#"
about = "orders by state"
area = "custom"
interval = "30s"
timeout = "1s"
runs_on = "any"
scope = "server"
labels = ["State"]
max_rows = 10
[metrics]
shop_orders = { gauge = "orders" }
"#;

    fn extended(files: &[(&str, &str)]) -> Result<Catalog, Vec<String>> {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(directory.path().join(name), text).unwrap();
        }
        let catalog = Catalog::builtin().unwrap().extended(Some(directory.path()), None);
        let prefix = format!("{}/", directory.path().display());
        catalog.map_err(|problems| {
            problems.iter().map(|problem| problem.to_string().replace(&prefix, "")).collect()
        })
    }

    #[test]
    fn a_directory_adds_collectors_with_names_of_the_users_choice() {
        let sql = "select state as \"State\", 1::float8 as shop_orders from shop.orders";
        let files = [("orders.toml", ORDERS), ("orders.sql", sql), ("README.md", "x")];
        let catalog = extended(&files).unwrap();
        let orders = catalog.collector("orders").unwrap();
        assert_eq!(orders.interval, Duration::from_secs(30));
        assert_eq!(orders.lesson, "prometheus#custom-queries");
        assert!(catalog.declares("shop_orders") && catalog.declares("pg_up"));
    }

    #[test]
    fn a_collector_of_the_same_name_replaces_ours() {
        let builtin = Catalog::builtin().unwrap();
        let toml = ORDERS.replace("shop_orders", "pg_locks_count").replace("State", "datname");
        let sql = "select datname, 1::float8 as pg_locks_count from pg_catalog.pg_database";
        let catalog = extended(&[("locks.toml", &toml), ("locks.sql", sql)]).unwrap();
        assert_eq!(catalog.collectors().len(), builtin.collectors().len());
        assert_eq!(catalog.collector("locks").unwrap().variants[0].sql, sql);
    }

    #[test]
    fn problems_name_file_and_line() {
        let sql = "select 1::float8 as shop_orders";
        let problems = |toml: &str, sql: &str| {
            extended(&[("orders.toml", toml), ("orders.sql", sql)]).err().unwrap_or_default()
        };
        let wrong = ORDERS.replace("timeout = \"1s\"", "timeout = \"60s\"");
        assert!(problems(&wrong, sql)[0].starts_with("orders.toml:5: timeout must be below"));
        let wrong = ORDERS.replace("max_rows", "max_row");
        assert!(problems(&wrong, sql)[0].starts_with("orders.toml:9: unknown field `max_row`"));
        let told = problems(ORDERS, "select 1");
        assert_eq!(told, ["orders.toml:11: shop_orders: no variant has a column of that name"]);
        let wrong = ORDERS.replace("\"State\"", "\"target\"");
        assert!(problems(&wrong, sql)[0].starts_with("orders.toml:8: labels"));
        let wrong = ORDERS.replace("shop_orders", "pg_up");
        let told = problems(&wrong, "select 1::float8 as pg_up");
        assert!(told[0].contains("pg_up is declared in"), "{told:?}");
        let wrong = ORDERS.replace("\"custom\"", "\"exporter\"\nlesson = \"x\"");
        assert!(problems(&wrong, sql).concat().contains("for pglens itself"));
        let told = extended(&[("lonely.sql", "select 1")]).err().unwrap();
        assert_eq!(told, ["lonely.sql: no declaration (.toml) of that name"]);
    }

    #[test]
    fn a_directory_that_is_not_there_is_told() {
        let told = Catalog::builtin().unwrap().extended(Some(Path::new("/nowhere")), None);
        assert!(told.err().unwrap()[0].to_string().starts_with("/nowhere: cannot be read"));
    }
}
