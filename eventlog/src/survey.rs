//! What the log's database is like, for whoever wants to know whether it is as it must be. Changes nothing, and wants
//! less than opening the log does.

use domain::time::Timestamp;
use tokio_postgres::{Client, Error};

use crate::migrate;
use crate::safety::{MUST_BE_ON, SERVER_VERSION_MIN};

/// What may be done to the log's table, of which the server's role may do nothing.
const FORBIDDEN: [&str; 5] = ["INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER"];

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// The server's version, as it writes it.
    pub version: String,
    /// Whether it is new enough.
    pub is_supported: bool,
    /// Settings that durability rests on and that are off.
    pub off: Vec<&'static str>,
    /// Connections that the server takes, at most.
    pub connections_max: i64,
    /// Whether there is a log.
    pub has_log: bool,
    /// The server's clock.
    pub clock: Timestamp,
    /// What is wrong about rights, a sentence each; empty without a log.
    pub wrong_rights: Vec<String>,
}

/// Looks at the database behind `client`, whatever its role.
pub async fn survey(client: &Client) -> Result<Survey, Error> {
    let sql = "SELECT current_setting('server_version'), current_setting('server_version_num')::int,
                      current_setting('fsync'), current_setting('full_page_writes'),
                      current_setting('synchronous_commit'), current_setting('max_connections')::bigint,
                      to_regclass('log.events') IS NOT NULL,
                      (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
    let row = client.query_one(sql, &[]).await?;
    let mut off = Vec::new();
    for (column, setting) in (2..).zip(MUST_BE_ON) {
        if row.try_get::<_, &str>(column)? == "off" {
            off.push(setting);
        }
    }
    let has_log = row.try_get(6)?;
    Ok(Survey {
        version: row.try_get(0)?,
        is_supported: row.try_get::<_, i32>(1)? >= SERVER_VERSION_MIN,
        off,
        connections_max: row.try_get(5)?,
        has_log,
        clock: Timestamp::from_millis(row.try_get(7)?),
        wrong_rights: if has_log {
            wrong_rights(client).await?
        } else {
            Vec::new()
        },
    })
}

/// The names of the migrations that this program has and the database has not had, in order.
pub async fn pending_migrations(client: &mut Client) -> Result<Vec<String>, migrate::MigrateError> {
    migrate::pending(client).await
}

async fn wrong_rights(client: &Client) -> Result<Vec<String>, Error> {
    let sql = "SELECT rolsuper,
                      pg_has_role('informejo_app', 'informejo_owner', 'MEMBER'),
                      has_table_privilege('informejo_app', 'log.events', 'SELECT'),
                      (SELECT bool_and(has_function_privilege('informejo_app', p.oid, 'EXECUTE'))
                       FROM pg_proc p WHERE p.pronamespace = 'log'::regnamespace AND p.proname = 'append_events'),
                      has_database_privilege('informejo_app', current_database(), 'CREATE'),
                      pg_has_role(current_user, 'informejo_app', 'MEMBER'),
                      (SELECT count(*) > 0 AND bool_and(tgenabled IN ('O', 'A')) FROM pg_trigger
                       WHERE tgrelid = 'log.events'::regclass AND NOT tgisinternal)
               FROM pg_roles WHERE rolname = 'informejo_app'";
    let Some(row) = client.query_opt(sql, &[]).await? else {
        return Ok(vec!["there is no role informejo_app".to_owned()]);
    };
    let mut wrong = Vec::new();
    // What it is, what it must be, and what is wrong otherwise.
    for (column, must_be, problem) in [
        (0, false, "informejo_app is a superuser"),
        (1, false, "informejo_app may act as the owner of the log"),
        (2, true, "informejo_app may not read the log"),
        (3, true, "informejo_app may not append to the log"),
        (4, true, "informejo_app may not make the read models' schemas"),
        (
            5,
            true,
            "the role that the program signs in as may not act as informejo_app",
        ),
        (
            6,
            true,
            "the triggers that keep the log from being changed are missing or off",
        ),
    ] {
        if row.try_get::<_, Option<bool>>(column)?.unwrap_or(false) != must_be {
            wrong.push(problem.to_owned());
        }
    }
    let sql = "SELECT name FROM unnest($1::text[]) AS name
               WHERE has_table_privilege('informejo_app', 'log.events', name)";
    for row in client.query(sql, &[&FORBIDDEN.as_slice()]).await? {
        let right: &str = row.try_get(0)?;
        wrong.push(format!("informejo_app has the right {right} on log.events"));
    }
    Ok(wrong)
}
