//! The whole of it, put together, and what needs more than one part.

use std::sync::Arc;

use deadpool_postgres::Pool;
use domain::ids::{AccountId, Entropy};
use domain::time::Clock;

use crate::access_code::AccessCodes;
use crate::api_token::ApiTokens;
use crate::database::{Database, Quiet, bounded};
use crate::device::Devices;
use crate::error::IdentityError;
use crate::hasher::{HashSettings, Hasher};
use crate::identities::Identities;
use crate::limits::Limits;
use crate::link::Links;
use crate::login::Logins;
use crate::memory::Memory;
use crate::oidc::{Oidc, ProviderSettings};
use crate::password::{NewPassword, Password};
use crate::registration::Registrations;
use crate::revocation::Revocation;
use crate::session::{SessionId, SessionSettings};
use crate::session_store::{Sessions, end_of_account};

/// How identity works. The defaults are meant for production.
#[derive(Clone, Debug, Default)]
pub struct IdentitySettings {
    /// Password hashing.
    pub hashing: HashSettings,
    /// Sessions.
    pub sessions: SessionSettings,
    /// Where people may sign in besides.
    pub providers: Vec<ProviderSettings>,
}

/// Everything that recognises somebody. A cheap handle.
#[derive(Clone)]
pub struct Identity {
    /// Addresses and passwords.
    pub logins: Logins,
    /// Sessions.
    pub sessions: Sessions,
    /// Links that are mailed.
    pub links: Links,
    /// Identity providers, and signing in there.
    pub oidc: Oidc,
    /// Who those who sign in there are here.
    pub identities: Identities,
    /// Browsers on which somebody has signed in before.
    pub devices: Devices,
    /// How often something may be tried.
    pub limits: Limits,
    /// Who wants an account.
    pub registrations: Registrations,
    /// What programs act with.
    pub tokens: ApiTokens,
    /// Codes that guests type.
    pub access_codes: AccessCodes,
    pub(crate) database: Database,
    pub(crate) hasher: Arc<Hasher>,
}

impl Identity {
    /// Puts it together. Does not touch the database, so it may be away. Connections of `pool` run as a role with the
    /// rights of `informejo_app`.
    ///
    /// Errors: `Fault` for a setting that is too weak or contradicts another.
    pub fn new(
        pool: Pool,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        settings: IdentitySettings,
    ) -> Result<Self, IdentityError> {
        let database = Database::new(pool);
        let hasher = Arc::new(Hasher::new(&settings.hashing, Arc::clone(&entropy))?);
        let logins = Logins::new(database.clone(), Arc::clone(&clock), Arc::clone(&hasher));
        let links = Links::new(database.clone(), Arc::clone(&clock), Arc::clone(&entropy));
        let access_codes = AccessCodes::new(database.clone(), Arc::clone(&clock), Arc::clone(&entropy));
        let devices = Devices::new(database.clone(), Arc::clone(&clock), Arc::clone(&entropy));
        let limits = Limits::new(database.clone(), Arc::clone(&clock));
        let identities = Identities::new(database.clone(), Arc::clone(&clock), Arc::clone(&entropy));
        let oidc = Oidc::new(
            database.clone(),
            Arc::clone(&clock),
            Arc::clone(&entropy),
            settings.providers,
        )?;
        let registrations = Registrations::new(
            database.clone(),
            Arc::clone(&clock),
            Arc::clone(&entropy),
            Arc::clone(&hasher),
        );
        // What is believed of a token, for how long and of how many, is as with sessions.
        let SessionSettings {
            cache_time,
            cache_entries_max,
            ..
        } = settings.sessions;
        let memory = Arc::new(Memory::new(cache_time, cache_entries_max));
        let tokens = ApiTokens::new(
            database.clone(),
            Arc::clone(&clock),
            Arc::clone(&entropy),
            Arc::clone(&memory),
        );
        let sessions = Sessions::new(database.clone(), clock, entropy, settings.sessions, memory)?;
        Ok(Self {
            logins,
            sessions,
            links,
            oidc,
            identities,
            devices,
            limits,
            registrations,
            tokens,
            access_codes,
            database,
            hasher,
        })
    }

    /// The password hasher, for its counter.
    pub fn hasher(&self) -> &Hasher {
        &self.hasher
    }

    /// Deletes sessions, links, codes, registrations and tokens that nobody can use any more; tells how many. To be called
    /// every few minutes.
    pub async fn purge_expired(&self) -> Result<u64, IdentityError> {
        let sessions = self.sessions.purge_expired().await?;
        let links = self.links.purge_expired().await?;
        let codes = self.access_codes.purge_expired().await?;
        let registrations = self.registrations.purge_expired().await?;
        let tokens = self.tokens.purge_expired().await?;
        Ok(sessions + links + codes + registrations + tokens)
    }

    /// Replaces an account's password, after proof of the old one, and ends all its sessions but `keep`.
    ///
    /// Password and sessions change in one transaction. Errors: `Refused` if the old password is not the account's (or
    /// has been changed by somebody else meanwhile), `Busy`, `Unavailable`.
    pub async fn change_password(
        &self,
        account_id: AccountId,
        old: &Password,
        new: &NewPassword,
        keep: Option<SessionId>,
    ) -> Result<(), IdentityError> {
        let version = self.logins.prove(account_id, old).await?;
        let hash = self.hasher.hash(new).await?;
        let revocation = Revocation::Account { account_id, keep };
        let _forgetting = self.sessions.forgetting(revocation);
        bounded(async {
            let mut client = self.database.client().await?;
            let transaction = client.transaction().await?;
            let statement = transaction
                .prepare_cached(
                    "UPDATE auth.logins SET password_hash = $3, password_version = $2 + 1
                     WHERE account_id = $1 AND password_version = $2",
                )
                .await?;
            // Before the sessions: whoever is making one with the old password waits for this row, see `create`.
            let updated = transaction
                .execute(&statement, &[&account_id.as_uuid(), &version, &Quiet(&hash)])
                .await?;
            if updated == 0 {
                return Err(IdentityError::Refused);
            }
            end_of_account(&transaction, revocation, account_id, keep).await?;
            transaction.commit().await?;
            Ok(())
        })
        .await?;
        self.sessions.tell(revocation);
        tracing::info!(account.id = %account_id, "password changed, other sessions ended");
        Ok(())
    }
}
