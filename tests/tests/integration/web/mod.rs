//! What runs in browsers.

mod realtime;
