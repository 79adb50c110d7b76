//! Making a new cluster: beside its place, then moved there, so that a half-made one is never taken for whole.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::process::Output;
use std::time::Duration;

use super::account::Account;
use super::binaries::Binaries;
use super::error::PostgresError;
use super::layout::Layout;

/// `initdb` takes half a second here; on a slow disk, many.
const INITDB_WITHIN: Duration = Duration::from_mins(2);

/// The superuser that `initdb` makes.
pub(super) const SUPERUSER: &str = "postgres";

/// Ways to say "characters are those of Unicode, order is that of bytes": by the C library, by Postgres itself (17 and
/// newer), and, where neither knows it, bytes only.
const LOCALES: [&[&str]; 3] = [
    &["--lc-ctype=C.UTF-8"],
    &["--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
    &[],
];

/// What a new cluster's `postgresql.conf` says beyond the defaults. Written once, so that an operator may change it.
const SETTINGS: &str = "
# Set by informejo when it made this cluster; change it as you like.
max_wal_size = '4GB'              # fewer checkpoints under load
log_error_verbosity = terse       # a DETAIL line can quote what people typed
";

/// Makes the cluster, if it is not there.
pub(super) async fn make(
    layout: &Layout,
    account: Account,
    binaries: &Binaries,
) -> Result<(), PostgresError> {
    if layout.made_by().is_some() {
        return Ok(());
    }
    let mut first_refusal = None;
    for locale in LOCALES {
        remove_staging(layout)?;
        let output = run(layout, account, binaries, locale).await?;
        if output.status.success() {
            return put_in_place(layout);
        }
        let said = String::from_utf8_lossy(&output.stderr).trim().replace('\n', " ");
        first_refusal.get_or_insert(said);
    }
    remove_staging(layout)?;
    Err(PostgresError::Initdb {
        output: first_refusal.unwrap_or_default(),
    })
}

async fn run(
    layout: &Layout,
    account: Account,
    binaries: &Binaries,
    locale: &[&str],
) -> Result<Output, PostgresError> {
    let mut command = tokio::process::Command::from(account.command(&binaries.dir.join("initdb")));
    command.arg("-D").arg(&layout.staging);
    command.args([
        "-U",
        SUPERUSER,
        "--auth-local=trust",
        "--auth-host=reject",
        "--data-checksums",
    ]);
    command
        .args(["--no-instructions", "--encoding=UTF8", "--locale=C"])
        .args(locale)
        .kill_on_drop(true);
    let output = tokio::time::timeout(INITDB_WITHIN, command.output()).await;
    let output = output.unwrap_or_else(|_| Err(ErrorKind::TimedOut.into()));
    output.map_err(PostgresError::io(format!(
        "running {}/initdb",
        binaries.dir.display()
    )))
}

fn remove_staging(layout: &Layout) -> Result<(), PostgresError> {
    match fs::remove_dir_all(&layout.staging) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(PostgresError::io(format!(
            "removing {}",
            layout.staging.display()
        ))(error)),
        _ => Ok(()),
    }
}

fn put_in_place(layout: &Layout) -> Result<(), PostgresError> {
    let configure = || {
        let mut file = File::options()
            .append(true)
            .open(layout.staging.join("postgresql.conf"))?;
        file.write_all(SETTINGS.as_bytes())?;
        file.sync_all()?;
        fs::rename(&layout.staging, &layout.data)?;
        File::open(&layout.home)?.sync_all()
    };
    configure().map_err(PostgresError::io(format!("making {}", layout.data.display())))
}
