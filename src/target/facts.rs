//! What a server and a database are: asked at every connect, never remembered
//! from an earlier connection, because a failover or an upgrade may have put
//! another server behind the same address.

use std::collections::{BTreeMap, HashSet};

use sqlx::{PgConnection, Row};

use super::failure::{Failure, Reason};
use crate::catalog::{Requirement, Version};

#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// `server_version_num`, such as 170004.
    pub version_num: u32,
    pub in_recovery: bool,
    /// Tells one cluster from another; unknown where a managed service hides it.
    pub system_identifier: Option<String>,
    pub database: String,
    pub user: String,
    pub superuser: bool,
    pub backend_pid: i32,
    pub extensions: BTreeMap<String, Extension>,
    /// Of the settings that requirements name, those that this server has.
    pub settings: BTreeMap<String, String>,
    /// Roles, columns and functions that requirements name and we may use.
    pub granted: HashSet<Requirement>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Extension {
    /// Unknown where the author's version is not made of numbers.
    pub version: Option<Version>,
    /// The schema, quoted as SQL needs it.
    pub schema: String,
}

impl Facts {
    pub fn major(&self) -> u32 {
        self.version_num / 10_000
    }
}

/// Asks the server, for all that `requirements` name.
pub async fn probe<'a>(
    connection: &mut PgConnection,
    requirements: impl Iterator<Item = &'a Requirement>,
) -> Result<Facts, Failure> {
    let server = sqlx::query(
        "select current_setting('server_version_num')::int4, pg_is_in_recovery(), \
         current_database()::text, current_user::text, pg_backend_pid(), \
         (select rolsuper from pg_catalog.pg_roles where rolname = current_user)",
    )
    .fetch_one(&mut *connection)
    .await?;

    let extensions = sqlx::query(
        "select e.extname::text, e.extversion::text, quote_ident(n.nspname) \
         from pg_catalog.pg_extension e \
         join pg_catalog.pg_namespace n on n.oid = e.extnamespace",
    )
    .fetch_all(&mut *connection)
    .await?;

    let mut facts = Facts {
        version_num: server.try_get::<i32, _>(0)?.unsigned_abs(),
        in_recovery: server.try_get(1)?,
        database: server.try_get(2)?,
        user: server.try_get(3)?,
        backend_pid: server.try_get(4)?,
        superuser: server.try_get::<Option<bool>, _>(5)?.unwrap_or(false),
        system_identifier: system_identifier(connection).await?,
        extensions: BTreeMap::new(),
        settings: BTreeMap::new(),
        granted: HashSet::new(),
    };
    for row in extensions {
        let version: String = row.try_get(1)?;
        facts.extensions.insert(
            row.try_get(0)?,
            Extension { version: version.parse().ok(), schema: row.try_get(2)? },
        );
    }
    probe_requirements(connection, requirements, &mut facts).await?;
    Ok(facts)
}

async fn system_identifier(connection: &mut PgConnection) -> Result<Option<String>, Failure> {
    let answer = sqlx::query("select system_identifier::text from pg_catalog.pg_control_system()")
        .fetch_one(connection)
        .await
        .map_err(Failure::from)
        .and_then(|row| Ok(row.try_get(0)?));
    match answer {
        Ok(identifier) => Ok(Some(identifier)),
        // Aurora has no control file to read and some services close the function.
        Err(failure) if matches!(failure.reason, Reason::Permission | Reason::Undefined) => {
            Ok(None)
        }
        Err(failure) => Err(failure),
    }
}

/// Settles every requirement that only the server can answer, in one statement.
async fn probe_requirements<'a>(
    connection: &mut PgConnection,
    requirements: impl Iterator<Item = &'a Requirement>,
    facts: &mut Facts,
) -> Result<(), Failure> {
    let unique: HashSet<_> = requirements.collect();
    let mut settings = Vec::new();
    let mut questions: Vec<(&Requirement, &str, &str, &str)> = Vec::new();
    for requirement in unique {
        match requirement {
            Requirement::Extension { .. } => {}
            Requirement::Setting { name, .. } => settings.push(name.as_str()),
            Requirement::Role(role) => questions.push((requirement, "role", role, "")),
            Requirement::Select { table, column } => {
                questions.push((requirement, "select", table, column));
            }
            Requirement::Execute(function) => {
                questions.push((requirement, "execute", function, ""));
            }
        }
    }

    let rows = sqlx::query(
        "select name::text, setting::text from pg_catalog.pg_settings where name = any($1)",
    )
    .bind(settings)
    .fetch_all(&mut *connection)
    .await?;
    for row in rows {
        facts.settings.insert(row.try_get(0)?, row.try_get(1)?);
    }

    let rows = sqlx::query(
        "select q.position, coalesce(case q.kind \
           when 'role' then (select pg_has_role(r.oid, 'usage') \
             from pg_catalog.pg_roles r where r.rolname = q.name) \
           when 'select' then (select has_column_privilege(c.oid, q.detail, 'select') \
             from pg_catalog.pg_class c \
             join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = q.detail \
             where c.oid = to_regclass('pg_catalog.' || q.name)) \
           when 'execute' then has_function_privilege(to_regprocedure(q.name), 'execute') \
         end, false) \
         from unnest($1::int4[], $2::text[], $3::text[], $4::text[]) \
           as q(position, kind, name, detail)",
    )
    .bind((0..).take(questions.len()).collect::<Vec<i32>>())
    .bind(questions.iter().map(|question| question.1).collect::<Vec<_>>())
    .bind(questions.iter().map(|question| question.2).collect::<Vec<_>>())
    .bind(questions.iter().map(|question| question.3).collect::<Vec<_>>())
    .fetch_all(connection)
    .await?;
    for row in rows {
        let position: i32 = row.try_get(0)?;
        if row.try_get(1)?
            && let Some((requirement, ..)) = questions.get(position.unsigned_abs() as usize)
        {
            facts.granted.insert((*requirement).clone());
        }
    }
    Ok(())
}
