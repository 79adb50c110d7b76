//! The tools of the tests, tested: a checker that finds nothing would prove nothing.

mod chaos_proxy;
mod checker;
mod database;
mod protocol;
