//! What runs in browsers.

mod links;
pub(crate) mod pages;
mod realtime;
