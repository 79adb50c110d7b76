//! Where the parts of a cluster lie, and making their folders.

use std::fs::{self, DirBuilder, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::account::Account;
use super::error::PostgresError;

/// Port number in the socket's name; nothing listens on TCP.
pub(super) const PORT: u16 = 5432;

/// A unix socket's path may be this long, in bytes (103 on macOS, 107 on Linux).
const SOCKET_PATH_MAX: usize = 103;

/// Where clusters go that their account cannot reach in the data directory.
const FALLBACK: &str = "/var/lib/informejo";

/// The folders and files of one cluster.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// The cluster's folder, without links.
    pub(super) home: PathBuf,
    /// PGDATA.
    pub(super) data: PathBuf,
    /// Where PGDATA is made, before it takes its name.
    pub(super) staging: PathBuf,
    /// The socket's folder.
    pub(super) run: PathBuf,
    /// What Postgres says.
    pub(super) log: PathBuf,
    /// See [`super::locks`].
    pub(super) turn: PathBuf,
    /// See [`super::locks`].
    pub(super) users: PathBuf,
}

impl Layout {
    /// Makes what is missing of the folders around the cluster in `dir`; says also which account it belongs to.
    pub(super) fn prepare(dir: &Path) -> Result<(Self, Account), PostgresError> {
        let account = Account::of(dir)?;
        let parent = dir
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        make_parents(parent, account)?;
        if !dir.exists() {
            make_home(dir, parent, account, Path::new(FALLBACK))?;
        }
        let home = dir
            .canonicalize()
            .map_err(PostgresError::io(format!("finding {}", dir.display())))?;
        account.give(&home)?;
        if !account.can_enter(&home) {
            return Err(PostgresError::OutOfReach {
                dir: home,
                uid: account.uid,
            });
        }
        let layout = Self::at(home);
        make_private(&layout.run, account)?;
        Ok((layout, account))
    }

    fn at(home: PathBuf) -> Self {
        let mut run = home.join("run");
        let socket = run.join(format!(".s.PGSQL.{PORT}"));
        if socket.as_os_str().len() > SOCKET_PATH_MAX {
            let name = Uuid::new_v5(&Uuid::NAMESPACE_URL, home.as_os_str().as_encoded_bytes()).simple();
            run = PathBuf::from(format!("/tmp/informejo-{name}"));
        }
        Self {
            data: home.join("data"),
            staging: home.join("data.new"),
            run,
            log: home.join("postgres.log"),
            turn: home.join("turn.lock"),
            users: home.join("users.lock"),
            home,
        }
    }

    /// The major version of Postgres that made the cluster; `None` where there is none yet.
    pub(super) fn made_by(&self) -> Option<u32> {
        fs::read_to_string(self.data.join("PG_VERSION"))
            .ok()?
            .trim()
            .parse()
            .ok()
    }
}

/// Makes the data directory: private, but passable for the account that the cluster runs as, whatever the umask.
fn make_parents(parent: &Path, account: Account) -> Result<(), PostgresError> {
    if parent.exists() {
        return Ok(());
    }
    let mode = if account.switch { 0o711 } else { 0o700 };
    let failed = || PostgresError::io(format!("creating {}", parent.display()));
    DirBuilder::new()
        .recursive(true)
        .mode(mode)
        .create(parent)
        .map_err(failed())?;
    fs::set_permissions(parent, Permissions::from_mode(mode)).map_err(failed())
}

/// Makes the cluster's folder; where the account cannot reach it, under `fallback` with a link in its place.
fn make_home(dir: &Path, parent: &Path, account: Account, fallback: &Path) -> Result<(), PostgresError> {
    let parent = parent
        .canonicalize()
        .map_err(PostgresError::io(format!("finding {}", parent.display())))?;
    if account.can_enter(&parent) || !account.switch {
        return make_private(dir, account);
    }
    make_parents(fallback, account)?;
    for number in 1_u32.. {
        let home = fallback.join(format!("cluster-{number}"));
        match DirBuilder::new().mode(0o700).create(&home) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(PostgresError::io(format!("creating {}", home.display()))(error)),
        }
        account.give(&home)?;
        match symlink(&home, dir) {
            Ok(()) => tracing::info!(
                "the database lies in {}: user id {}, which PostgreSQL runs as, cannot enter {}",
                home.display(),
                account.uid,
                parent.display()
            ),
            // Another program was quicker: its folder it is.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                fs::remove_dir(&home).map_err(PostgresError::io(format!("removing {}", home.display())))?;
            }
            Err(error) => return Err(PostgresError::io(format!("linking {}", dir.display()))(error)),
        }
        break;
    }
    Ok(())
}

/// Makes a folder that nobody but `account` (and root) can enter, or checks that it is one.
fn make_private(dir: &Path, account: Account) -> Result<(), PostgresError> {
    let failed = |doing: &str| PostgresError::io(format!("{doing} {}", dir.display()));
    match DirBuilder::new().mode(0o700).create(dir) {
        Ok(()) => return account.give(dir),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(failed("creating")(error)),
    }
    let meta = fs::symlink_metadata(dir).map_err(failed("looking at"))?;
    // Root's own: made a moment ago by another program, or by one that was killed before it gave it away.
    let ours = meta.uid() == account.uid || (account.switch && meta.uid() == 0);
    if !meta.is_dir() || !ours {
        return Err(PostgresError::NotPrivate {
            dir: dir.to_owned(),
            uid: account.uid,
        });
    }
    if meta.mode() & 0o077 != 0 {
        fs::set_permissions(dir, Permissions::from_mode(0o700)).map_err(failed("closing"))?;
    }
    account.give(dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn me(switch: bool) -> Account {
        let uid = rustix::process::geteuid().as_raw();
        Account {
            uid: if switch { 65534 } else { uid },
            gid: 65534,
            switch,
        }
    }

    #[test]
    fn socket_moves_to_a_short_stable_folder_when_the_path_is_too_long() {
        let short = Layout::at(PathBuf::from("/srv/informejo/postgres"));
        assert_eq!(short.run, Path::new("/srv/informejo/postgres/run"));
        let long = PathBuf::from(format!("/srv/{}/postgres", "x".repeat(100)));
        let run = Layout::at(long.clone()).run;
        assert!(
            run.starts_with("/tmp") && run.as_os_str().len() < 60,
            "{}",
            run.display()
        );
        assert_eq!(Layout::at(long).run, run);
        assert_ne!(
            Layout::at(PathBuf::from(format!("/srv/{}/postgres", "y".repeat(100)))).run,
            run
        );
    }

    #[test]
    fn a_folder_open_to_others_is_closed_and_a_link_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("run");
        fs::create_dir(&dir).unwrap();
        fs::set_permissions(&dir, Permissions::from_mode(0o777)).unwrap();
        make_private(&dir, me(false)).unwrap();
        assert_eq!(fs::metadata(&dir).unwrap().mode() & 0o777, 0o700);
        let link = root.path().join("link");
        symlink(&dir, &link).unwrap();
        assert!(matches!(
            make_private(&link, me(false)),
            Err(PostgresError::NotPrivate { .. })
        ));
    }

    #[test]
    fn cluster_lies_elsewhere_when_its_account_cannot_enter_the_data_directory() {
        if rustix::process::geteuid().as_raw() != 0 {
            return; // Only root runs Postgres as somebody else.
        }
        let root = tempfile::Builder::new()
            .permissions(Permissions::from_mode(0o755))
            .tempdir()
            .unwrap();
        let closed = root.path().join("closed");
        DirBuilder::new().mode(0o700).create(&closed).unwrap();
        let fallback = root.path().join("fallback");
        let dir = closed.join("postgres");
        make_home(&dir, &closed, me(true), &fallback).unwrap();
        assert_eq!(
            dir.canonicalize().unwrap(),
            fallback.join("cluster-1").canonicalize().unwrap()
        );
        assert!(me(true).can_enter(&dir.canonicalize().unwrap()));
        // A data directory made anew gets a cluster anew.
        fs::remove_file(&dir).unwrap();
        make_home(&dir, &closed, me(true), &fallback).unwrap();
        assert_eq!(
            dir.canonicalize().unwrap(),
            fallback.join("cluster-2").canonicalize().unwrap()
        );
    }
}
