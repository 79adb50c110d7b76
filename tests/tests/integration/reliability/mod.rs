//! What holds when things break: networks, programs, databases.

mod ambiguous_commit;
mod deaf;
mod kill_app;
mod kill_postgres;
mod nodes;
mod outage;
mod rebuild;
mod restore_drill;
mod resuming;
mod shutdown;
mod thousand;
mod two_programs;
mod unsafe_postgres;

use tests::app::Client;
use tests::first_admin::first_admin;
use tests::process::ServerProcess;

/// An admin, made by the program's own verb, and signed in at `server`.
async fn admin(server: &ServerProcess, settings: &[(&str, &str)]) -> Client {
    first_admin(&Client::anonymous(&server.url()), settings, "Ada").await
}
