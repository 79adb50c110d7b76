//! The provider's side of sessions (`auth.oidc_sessions`), for signing out there too.

use crate::database::{Database, Quiet, bounded};
use crate::error::IdentityError;
use crate::secret::Secret;
use crate::session::SessionId;

/// Writes down by which provider a session began.
pub(super) async fn keep(
    database: &Database,
    session: SessionId,
    provider: &str,
    id_token: &Secret<String>,
) -> Result<(), IdentityError> {
    bounded(async {
        let client = database.client().await?;
        let statement = client
            .prepare_cached(
                "INSERT INTO auth.oidc_sessions (token_hash, provider, id_token) VALUES ($1, $2, $3)",
            )
            .await?;
        let id = session.to_bytes();
        client
            .execute(
                &statement,
                &[&Quiet(id.as_slice()), &provider, &Quiet(id_token.expose())],
            )
            .await?;
        Ok(())
    })
    .await
}

/// The provider by which a session began, and its ID token.
pub(super) async fn find(
    database: &Database,
    session: SessionId,
) -> Result<Option<(String, Secret<String>)>, IdentityError> {
    bounded(async {
        let client = database.client().await?;
        let statement = client
            .prepare_cached("SELECT provider, id_token FROM auth.oidc_sessions WHERE token_hash = $1")
            .await?;
        let id = session.to_bytes();
        let row = client.query_opt(&statement, &[&Quiet(id.as_slice())]).await?;
        row.map(|row| Ok((row.try_get(0)?, Secret::new(row.try_get(1)?))))
            .transpose()
    })
    .await
}
