//! What runs in browsers.

mod links;
mod realtime;
