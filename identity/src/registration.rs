//! Registrations that wait for a proof of their address.

use std::sync::Arc;

use domain::time::{Clock, Timestamp};
use uuid::Uuid;

use crate::database::{Database, bounded, from_sql, to_sql};
use crate::error::IdentityError;

/// The registrations that wait. A cheap handle.
#[derive(Clone)]
pub struct Registrations {
    database: Database,
    clock: Arc<dyn Clock>,
}

impl Registrations {
    pub(crate) fn new(database: Database, clock: Arc<dyn Clock>) -> Self {
        Self { database, clock }
    }

    /// Until when this registration waits; none if there is no such, or it has waited for too long.
    pub async fn waits_until(&self, registration: Uuid) -> Result<Option<Timestamp>, IdentityError> {
        let now = to_sql(self.clock.now());
        bounded(async {
            let client = self.database.client().await?;
            let statement = client
                .prepare_cached("SELECT expires_at FROM auth.registrations WHERE id = $1 AND expires_at > $2")
                .await?;
            let row = client.query_opt(&statement, &[&registration, &now]).await?;
            row.map(|row| Ok(from_sql(row.try_get(0)?))).transpose()
        })
        .await
    }
}
