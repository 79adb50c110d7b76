//! What those who watch the program are told: figures, traces, alerts, and the doctor's findings.

mod collector;
mod deploy;
mod doctor;
mod metrics;
mod proxy;
mod scraped;
mod traces;
