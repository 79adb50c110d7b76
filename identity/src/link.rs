//! Links that are mailed to people: whoever follows one has shown that mail to that address reaches them.
//!
//! A link opens one thing once. It is made by whoever sends the mail, at that moment, so that its token is at rest
//! nowhere but in the mail. Mail scanners fetch what they find in mails; so a token stands behind the `#` of a URL,
//! which is sent to nobody, and is redeemed by a POST.

use std::sync::Arc;
use std::time::Duration;

use domain::ids::{Entropy, TicketId};
use domain::time::Clock;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::database::{Database, Quiet, bounded, to_sql};
use crate::error::IdentityError;
use crate::token::{Token, TokenHash};

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// To finish a registration; the subject is the registration.
    Registration,
    /// To set a new password; the subject is the account.
    PasswordReset,
    /// To begin a guest's session; the subject is the guest's account.
    Guest,
    /// To let an identity provider's user into an account; the subject is the identity.
    Identity,
    /// To be sent no more mail about tickets; the subject is the account. May be followed more than once.
    Unsubscribe,
}

impl Purpose {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::PasswordReset => "password_reset",
            Self::Guest => "guest",
            Self::Identity => "identity",
            Self::Unsubscribe => "unsubscribe",
        }
    }
}

/// What a link opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// What it is for.
    pub purpose: Purpose,
    /// An account, a registration or an identity, as the purpose says.
    pub subject: Uuid,
    /// Which ticket it leads to.
    pub ticket: Option<TicketId>,
}

/// The links. A cheap handle.
#[derive(Clone)]
pub struct Links {
    database: Database,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Links {
    pub(crate) fn new(database: Database, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            database,
            clock,
            entropy,
        }
    }

    /// A new link, good for `valid`. The token is for the mail, and for nothing else.
    pub async fn create(&self, link: &Link, valid: Duration) -> Result<Token, IdentityError> {
        let (token, hash) = Token::generate(&*self.entropy);
        let now = self.clock.now();
        let valid_ms = i64::try_from(valid.as_millis()).unwrap_or(i64::MAX);
        bounded(async {
            let client = self.database.client().await?;
            let statement = client
                .prepare_cached(
                    "INSERT INTO auth.links (token_hash, purpose, subject, ticket_id, created_at, expires_at)
                     VALUES ($1, $2, $3, $4, $5, $6)",
                )
                .await?;
            let ticket = link.ticket.map(TicketId::as_uuid);
            client
                .execute(
                    &statement,
                    &[
                        &Quiet(hash.as_slice()),
                        &link.purpose.as_str(),
                        &link.subject,
                        &ticket,
                        &to_sql(now),
                        &to_sql(now.plus_millis(valid_ms)),
                    ],
                )
                .await?;
            Ok(())
        })
        .await?;
        Ok(token)
    }

    /// What this token opens, for the last time: of fifty who come at once with the same token, one gets an answer.
    /// None for what is no token, was redeemed before, was revoked, has expired, or is for something else.
    pub async fn redeem(&self, purpose: Purpose, token: &str) -> Result<Option<Link>, IdentityError> {
        let sql = "DELETE FROM auth.links WHERE token_hash = $1 AND purpose = $2 AND expires_at > $3
                   RETURNING subject, ticket_id";
        self.find(sql, purpose, token).await
    }

    /// What this token opens, which it goes on doing.
    pub async fn look(&self, purpose: Purpose, token: &str) -> Result<Option<Link>, IdentityError> {
        let sql = "SELECT subject, ticket_id FROM auth.links
                   WHERE token_hash = $1 AND purpose = $2 AND expires_at > $3";
        self.find(sql, purpose, token).await
    }

    async fn find(&self, sql: &str, purpose: Purpose, token: &str) -> Result<Option<Link>, IdentityError> {
        let Some(hash) = TokenHash::of(token) else {
            return Ok(None);
        };
        let now = to_sql(self.clock.now());
        bounded(async {
            let client = self.database.client().await?;
            let statement = client.prepare_cached(sql).await?;
            let row = client
                .query_opt(&statement, &[&Quiet(hash.as_slice()), &purpose.as_str(), &now])
                .await?;
            row.map(|row| link_of(purpose, &row)).transpose()
        })
        .await
    }

    /// Makes all links of this purpose to this subject worthless; tells how many there were.
    pub async fn revoke(&self, purpose: Purpose, subject: Uuid) -> Result<u64, IdentityError> {
        bounded(async {
            let client = self.database.client().await?;
            let statement = client
                .prepare_cached("DELETE FROM auth.links WHERE subject = $1 AND purpose = $2")
                .await?;
            Ok(client.execute(&statement, &[&subject, &purpose.as_str()]).await?)
        })
        .await
    }

    /// Deletes links that have expired; tells how many. To be called every few minutes.
    pub async fn purge_expired(&self) -> Result<u64, IdentityError> {
        bounded(async {
            let client = self.database.client().await?;
            let statement = client
                .prepare_cached("DELETE FROM auth.links WHERE expires_at <= $1")
                .await?;
            Ok(client.execute(&statement, &[&to_sql(self.clock.now())]).await?)
        })
        .await
    }
}

fn link_of(purpose: Purpose, row: &Row) -> Result<Link, IdentityError> {
    let ticket: Option<Uuid> = row.try_get(1)?;
    Ok(Link {
        purpose,
        subject: row.try_get(0)?,
        ticket: ticket.map(TicketId::from_uuid),
    })
}
