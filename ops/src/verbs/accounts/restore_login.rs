//! `informejo accounts restore-login`: a login for an account that is in the log and has none, as after an import.

use std::collections::HashMap;
use std::sync::Arc;

use clap::Args;
use domain::account::Accounts;
use domain::decider::Decider as _;
use domain::text::Email;
use domain::{Account, AccountId};
use eventlog::EventLog;
use identity::{Identity, IdentityError, IdentitySettings, NewPassword};
use tokio_postgres::Config;
use uuid::Uuid;

use super::{POOL_SIZE, new_password, parse};
use crate::cli::{self, VerbError};
use crate::clock::{OsEntropy, SystemClock};
use crate::config::DatabaseFlags;
use crate::{database, password, server};

/// Events that are read at once.
const PAGE: usize = 1_000;

/// Let the owner of an account sign in whose login is missing, as after an import of the log
///
/// A log has accounts, but no passwords. The new password is asked for on a terminal, or is the first line of standard
/// input. An account that has a login keeps it.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  informejo accounts restore-login --email ada@example.test")]
pub(super) struct RestoreLogin {
    /// The account's address
    #[arg(long, value_parser = parse::<Email>)]
    email: Email,
    #[command(flatten)]
    flags: DatabaseFlags,
}

impl RestoreLogin {
    pub(super) async fn run(self) -> Result<(), VerbError> {
        let Self { email, flags } = self;
        let settings = cli::settings(flags)?;
        let typed = password::ask("Password").map_err(VerbError::failed("reading the password"))?;
        let password = new_password(&typed)?;
        database::with(&settings, async |config| restore(config, &email, &password).await).await?;
        cli::answer(&format!("{email} can sign in."))
    }
}

async fn restore(config: &Config, email: &Email, password: &NewPassword) -> Result<(), VerbError> {
    server::migrate(config)
        .await
        .map_err(VerbError::failed("preparing the database"))?;
    let pool = eventlog::pool(config, POOL_SIZE).map_err(VerbError::failed("making the connection pool"))?;
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(OsEntropy));
    let options = eventlog::Options::default();
    let log = EventLog::open(pool.clone(), config.clone(), clock.clone(), options)
        .await
        .map_err(VerbError::failed("opening the log"))?;
    let found = find(&log, email).await;
    log.close().await;
    let account = found?;
    let identity = Identity::new(pool, clock, entropy, IdentitySettings::default())
        .map_err(VerbError::failed("preparing identity"))?;
    let logins = &identity.logins;
    match logins.reserve(email, account, Some(password)).await {
        Ok(_) => {}
        Err(error @ (IdentityError::Taken | IdentityError::HasLogin)) => {
            return Err(VerbError::Refused(error.to_string()));
        }
        Err(error) => return Err(VerbError::failed("keeping the address")(error)),
    }
    logins
        .confirm(account)
        .await
        .map_err(VerbError::failed("making the login"))
}

/// The one active account with this address.
async fn find(log: &EventLog, email: &Email) -> Result<AccountId, VerbError> {
    let mut accounts: HashMap<Uuid, Option<Account>> = HashMap::new();
    let mut after = 0;
    loop {
        let page = log.read_category(Accounts::CATEGORY, after, PAGE).await;
        let page = page.map_err(VerbError::failed("reading the accounts"))?;
        for event in &page {
            let decoded = Accounts::decode(&event.event_type, event.schema_version, &event.payload)
                .map_err(VerbError::failed("reading the accounts"))?;
            let state = accounts.entry(event.stream.id).or_default();
            *state = Accounts::evolve(state.take(), &decoded, event.recorded_at);
            after = event.position;
        }
        if page.len() < PAGE {
            break;
        }
    }
    let mut found = accounts
        .into_values()
        .flatten()
        .filter(|account| account.active && account.email.key() == email.key());
    match (found.next(), found.next()) {
        (Some(account), None) => Ok(account.id),
        (None, _) => Err(VerbError::Refused(
            "there is no active account with this address".to_owned(),
        )),
        (Some(_), Some(_)) => Err(VerbError::Refused(
            "more than one active account has this address".to_owned(),
        )),
    }
}
