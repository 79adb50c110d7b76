//! The embedded default: a Postgres cluster of the program's own, made and run with the machine's binaries.
//!
//! ```text
//! DATA_DIR/postgres/           owned by the cluster's account, 0700
//!   data/                      the cluster (PGDATA)
//!   run/                       its unix socket; nothing listens on TCP
//!   postgres.log               what Postgres says
//!   turn.lock  users.lock      who may start and stop it, and who uses it
//! ```
//!
//! **Who may connect.** Local authentication is `trust`, and the socket lies in a directory that only the cluster's
//! account and root can enter: whoever gets that far could read the files themselves. A password would have to lie
//! beside them and add nothing.
//!
//! **Who owns it.** Nobody: every program that uses the cluster holds a shared lock, and the last one to leave stops
//! it. So a second `informejo` on the same folder (a verb while `serve` runs, say) joins the running cluster, and a
//! cluster that outlived its program (`kill -9`) is simply found running by the next one, used, and stopped at its
//! end. The locks are the kernel's (`flock`), so that no death can leave one behind.
//!
//! **As root.** Postgres refuses to run as root, so the cluster runs as the account that owns its folder: `postgres`
//! where the machine has it, else `nobody`. Where that account cannot reach the data directory (`/root` is closed on
//! most machines), the cluster lies under `/var/lib/informejo` and a link stands in its place.
//!
//! Durability is Postgres' own default, always.

mod account;
mod binaries;
mod cluster;
mod error;
mod guard;
mod initdb;
mod layout;
mod locks;
mod packages;
mod pid_file;
mod postmaster;

pub use binaries::{Binaries, OLDEST_MAJOR, Search, Version};
pub use cluster::{Cluster, OnDeath, Options, Started, Stopped};
pub use error::PostgresError;
