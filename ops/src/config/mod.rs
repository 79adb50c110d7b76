//! Settings: from flags, the environment, a file `.env` in the working directory, or defaults; the first that has a
//! value wins, and an empty value is none.
//!
//! [`SETTINGS`] lists them all, which is what `--help` shows; [`Settings::read`] turns their texts into values once,
//! before anything starts. Nothing else in the house reads the environment.

mod mail;
mod place;
mod providers;
mod setting;
mod settings;
mod sources;
mod table;
mod values;

pub use mail::{MailSettings, SmtpSettings};
pub use place::Place;
pub use setting::{Group, Setting};
pub use settings::{Audience, Database, FirstAdmin, HttpLimits, Pace, RealtimeLimits, Settings, Uploads};
pub use sources::{ConfigError, DatabaseFlags, Environment, ServeFlags, StoreFlags};
pub use table::SETTINGS;
