//! Bringing a database's durable schemas up to date: the numbered files of `migrations/`.

use tokio_postgres::Client;

mod embedded {
    refinery::embed_migrations!("../migrations");
}

/// Key of the advisory lock that lets one process at a time migrate a database.
const MIGRATION_LOCK: i64 = 7_813_579_206_431_828;

/// A right on the database itself is not part of what is dumped, restored or copied from a template: it is given again
/// where it is missing.
const GRANT_CREATE: &str = "
DO $grant$
BEGIN
    IF NOT has_database_privilege('informejo_app', current_database(), 'CREATE') THEN
        EXECUTE format('GRANT CREATE ON DATABASE %I TO informejo_app', current_database());
    END IF;
END
$grant$";

/// From Postgres 16 on, whoever makes a role may grant it to others, but not act as it, unless this says so beforehand. Of
/// older ones there is no such setting, and no need.
const ACT_AS_NEW_ROLES: &str = "
    SELECT set_config('createrole_self_grant', 'set, inherit', false)
     WHERE current_setting('server_version_num')::int >= 160000";

/// Why a database could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The lock could not be had or given back.
    #[error("the migration lock failed")]
    Lock(#[source] tokio_postgres::Error),
    /// The role that migrates could not be allowed to act as those that it makes.
    #[error("preparing the database's roles failed")]
    Roles(#[source] tokio_postgres::Error),
    /// A migration failed, or those that the database has had are not those of this program.
    #[error("the migration failed")]
    Failed(#[source] refinery::Error),
    /// The server's role could not be given its right on the database.
    #[error("granting the right to create schemas failed")]
    Grant(#[source] tokio_postgres::Error),
}

/// Applies the migrations that the database has not had, each in its own transaction, and returns their names.
/// Several processes may do so at once. The connection's role must be able to create roles and schemas.
pub async fn migrate(client: &mut Client) -> Result<Vec<String>, MigrateError> {
    client
        .execute(ACT_AS_NEW_ROLES, &[])
        .await
        .map_err(MigrateError::Roles)?;
    client
        .execute("SELECT pg_advisory_lock($1)", &[&MIGRATION_LOCK])
        .await
        .map_err(MigrateError::Lock)?;
    let outcome = embedded::migrations::runner().run_async(client).await;
    let granted = match &outcome {
        Ok(_) => client.execute(GRANT_CREATE, &[]).await.map(|_| ()),
        Err(_) => Ok(()),
    };
    let unlocked = client
        .execute("SELECT pg_advisory_unlock($1)", &[&MIGRATION_LOCK])
        .await;
    let report = outcome.map_err(MigrateError::Failed)?;
    granted.map_err(MigrateError::Grant)?;
    unlocked.map_err(MigrateError::Lock)?;
    Ok(report
        .applied_migrations()
        .iter()
        .map(ToString::to_string)
        .collect())
}

/// The names of the migrations that the database has not had, in order. Changes nothing.
pub(crate) async fn pending(client: &mut Client) -> Result<Vec<String>, MigrateError> {
    let runner = embedded::migrations::runner();
    let sql = "SELECT to_regclass('refinery_schema_history') IS NOT NULL";
    let known = client.query_one(sql, &[]).await.map_err(MigrateError::Lock)?;
    let applied = if known.get(0) {
        let applied = runner.get_applied_migrations_async(client).await;
        applied.map_err(MigrateError::Failed)?
    } else {
        Vec::new()
    };
    let is_pending = |version: i32| !applied.iter().any(|done| done.version() == version);
    let pending = runner
        .get_migrations()
        .iter()
        .filter(|one| is_pending(one.version()));
    Ok(pending.map(ToString::to_string).collect())
}
