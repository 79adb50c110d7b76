//! Mail: what is sent, when, to whom, and what if it cannot be.

mod letters;
mod unsubscribe;
