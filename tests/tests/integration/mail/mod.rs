//! Mail: what is sent, when, to whom, and what if it cannot be.

mod events;
mod killed;
mod letters;
mod smtp;
mod told;
mod unsubscribe;
