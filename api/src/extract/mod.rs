//! What handlers take from a request, each as a type that says what is certain about it.
//!
//! [`Json`], [`Query`] and [`Id`] know the shape of an input and name the field that is wrong; [`Fields`] turns plain
//! strings into domain values and collects everything that is wrong; [`CurrentActor`], [`SignedIn`] and [`InSession`] know who asks, and
//! [`Caller`] from where;
//! [`IfMatch`], [`IfNoneMatch`], [`Asked`] and [`MinPosition`] are about versions, repetitions and lag;
//! [`Accepted`] is about what the client can read.

mod accepted;
mod asked;
mod caller;
mod cookies;
mod fields;
mod id;
mod if_match;
mod if_none_match;
mod json;
mod min_position;
mod query;
mod shape;
mod who;

pub use accepted::Accepted;
pub use asked::Asked;
pub use caller::Caller;
pub use cookies::{SessionCookie, device_token, session_token};
pub use fields::{Fields, present};
pub use id::{Id, InPath};
pub use if_match::IfMatch;
pub use if_none_match::IfNoneMatch;
pub use json::Json;
pub use min_position::MinPosition;
pub use query::{ListQuery, Query, Repeats};
pub(crate) use who::account;
pub use who::{CurrentActor, InSession, RecognisedBy, SignedIn};
