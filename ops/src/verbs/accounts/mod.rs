//! `informejo accounts …`: what operators do with accounts.

mod restore_login;

use std::sync::Arc;

use api::registration::{Registrar, Registration, RegistrationError};
use clap::{Args, Subcommand};
use commands::{Cause, Commands, Origin};
use domain::ids::uuid_v7;
use domain::text::{Department, Email, PersonName};
use domain::{Actor, Role};
use eventlog::EventLog;
use identity::{Identity, IdentityError, IdentitySettings, NewPassword, Password};
use tokio_postgres::Config;
use zeroize::Zeroizing;

use crate::cli::{self, VerbError};
use crate::clock::{OsEntropy, SystemClock};
use crate::config::DatabaseFlags;
use crate::database;
use crate::password;
use crate::server;

/// Connections that this needs.
const POOL_SIZE: usize = 2;

/// Make accounts, and the logins of those that were imported
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  informejo accounts create-admin --email ada@example.test --name 'Ada Agent'\n  informejo accounts restore-login --email ada@example.test"
)]
pub struct Accounts {
    #[command(subcommand)]
    verb: AccountsVerb,
}

#[derive(Debug, Subcommand)]
enum AccountsVerb {
    CreateAdmin(CreateAdmin),
    RestoreLogin(restore_login::RestoreLogin),
}

/// Make an account that may administer, beside a running help desk or before its first start
///
/// The password is asked for on a terminal, or is the first line of standard input. It must have 8 to 128 characters.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
                        informejo accounts create-admin --email ada@example.test --name 'Ada Agent'\n  \
                        pass show informejo | informejo accounts create-admin --email ada@example.test --name Ada")]
struct CreateAdmin {
    /// Where the person is reached, and the name to sign in with
    #[arg(long, value_parser = parse::<Email>)]
    email: Email,
    /// The person's name
    #[arg(long, value_parser = parse::<PersonName>)]
    name: PersonName,
    /// Where the person belongs
    #[arg(long, value_parser = parse::<Department>)]
    department: Option<Department>,
    #[command(flatten)]
    flags: DatabaseFlags,
}

/// A value of the domain; what is wrong with it is told by the domain.
fn parse<T>(text: &str) -> Result<T, String>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error: T::Err| error.to_string())
}

impl Accounts {
    /// Runs the verb.
    pub async fn run(self) -> Result<(), VerbError> {
        match self.verb {
            AccountsVerb::CreateAdmin(verb) => verb.run().await,
            AccountsVerb::RestoreLogin(verb) => verb.run().await,
        }
    }
}

impl CreateAdmin {
    async fn run(self) -> Result<(), VerbError> {
        let Self {
            email,
            name,
            department,
            flags,
        } = self;
        let settings = cli::settings(flags)?;
        let typed = password::ask("Password").map_err(VerbError::failed("reading the password"))?;
        let password = new_password(&typed)?;
        let registration = Registration {
            email: email.clone(),
            name,
            role: Role::Admin,
            department,
            password: Some(password),
        };
        database::with(&settings, async |config| make(config, registration).await).await?;
        cli::answer(&format!("{email} can sign in and administer."))
    }
}

/// Makes the account with what that needs, and nothing more: no projector starts for it.
async fn make(config: &Config, registration: Registration) -> Result<(), VerbError> {
    server::migrate(config)
        .await
        .map_err(VerbError::failed("preparing the database"))?;
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(OsEntropy));
    let pool = eventlog::pool(config, POOL_SIZE).map_err(VerbError::failed("making the connection pool"))?;
    let log = EventLog::open(
        pool.clone(),
        config.clone(),
        clock.clone(),
        eventlog::Options::default(),
    )
    .await
    .map_err(VerbError::failed("opening the log"))?;
    let identity = Identity::new(pool, clock.clone(), entropy.clone(), IdentitySettings::default())
        .map_err(VerbError::failed("preparing identity"))?;
    let registrar = Registrar {
        commands: Commands::new(log.clone(), clock.clone(), entropy.clone()),
        identity,
        clock: clock.clone(),
        entropy: entropy.clone(),
    };
    let correlation_id = uuid_v7(&*clock, &*entropy);
    let cause = Cause::once(Origin::CommandLine, correlation_id, &*clock, &*entropy);
    let made = registrar
        .register(&Actor::System("create-admin"), &cause, registration)
        .await;
    log.close().await;
    match made {
        Ok(_) => Ok(()),
        Err(RegistrationError::Identity(error @ (IdentityError::Taken | IdentityError::HasLogin))) => {
            Err(VerbError::Refused(error.to_string()))
        }
        Err(error) => Err(VerbError::failed("making the account")(error)),
    }
}

fn new_password(typed: &Zeroizing<String>) -> Result<NewPassword, VerbError> {
    let password = Password::new(typed.as_str().to_owned());
    NewPassword::parse(password).map_err(|refusal| VerbError::Refused(format!("the password {refusal}")))
}
