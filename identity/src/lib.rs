//! Who somebody is: passwords, login names and sessions (schema `auth`).
//!
//! This crate must not know: the log, what an account may do, HTTP. It says "this is account X"; whether that account
//! is active and what it may see is asked elsewhere, on every request.
//!
//! One struct per kind of proof, each with its own table and file, all of them fields of [`Identity`]: a further kind
//! (OpenID Connect, API tokens, rate limits) is one more file and one more field. They meet in [`SignedIn`],
//! which is the only thing that [`Sessions::create`] accepts.
//!
//! What may be copied out of the database is worthless for signing in: passwords are stored as argon2id hashes, session
//! tokens as SHA-256. What is secret redacts itself in `Debug` and is wiped from memory when dropped.

mod access_code;
mod api_token;
mod browser;
mod code;
mod database;
mod device;
mod error;
mod hasher;
mod holding;
mod identities;
mod identity;
mod limits;
mod link;
mod login;
mod memory;
mod oidc;
mod own_sessions;
mod password;
mod registration;
mod reset;
mod revocation;
mod revocation_listener;
mod secret;
mod session;
mod session_store;
mod token;

pub use access_code::{AccessCodes, Admission};
pub use api_token::{API_TOKEN_PREFIX, API_TOKENS_MAX, ApiToken, ApiTokens, NewApiToken};
pub use browser::Browser;
pub use code::AccessCode;
pub use database::{Quiet, from_sql, to_sql};
pub use device::{DEVICE_DAYS, Devices};
pub use error::IdentityError;
pub use hasher::{HashSettings, Hasher};
pub use holding::Holding;
pub use identities::{Identities, KnownIdentity};
pub use identity::{Identity, IdentitySettings};
pub use limits::{LimitKey, Limits, Rate};
pub use link::{Link, Links, Purpose};
pub use login::{Holder, Logins, Reservation, SignedIn, Unconfirmed};
pub use oidc::{Oidc, OidcError, Profile, Proof, ProviderSettings, Returned, Started};
pub use own_sessions::OwnSession;
pub use password::{NewPassword, PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, Password, PasswordRefusal};
pub use registration::{Applicant, HashedPassword, Proved, REGISTRATION_VALID, Registrations};
pub use revocation::{Revocation, Revocations};
pub use secret::Secret;
pub use session::{NewSession, Session, SessionId, SessionSettings};
pub use session_store::Sessions;
pub use token::Token;
