//! Which account of the operating system a cluster runs as.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::error::PostgresError;

/// `nobody` and its group on every Linux.
const NOBODY: (u32, u32) = (65534, 65534);

/// The account that a cluster's processes and files belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) uid: u32,
    pub(super) gid: u32,
    /// Whether the program is somebody else (root, that is) and has to become this account first.
    pub(super) switch: bool,
}

impl Account {
    /// The account for the cluster in `dir`: its owner, where it is there and root may become everybody; else the
    /// program's own, or an unprivileged one when that is root.
    pub(super) fn of(dir: &Path) -> Result<Self, PostgresError> {
        let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let owner = fs::metadata(dir).ok().map(|meta| (meta.uid(), meta.gid()));
        let user = rustix::process::geteuid().as_raw();
        let group = rustix::process::getegid().as_raw();
        Self::choose(owner, (user, group), &passwd).map_err(|owner| PostgresError::Owner {
            dir: dir.to_owned(),
            owner,
            user,
        })
    }

    /// The rule behind [`Account::of`]; the error is the owner that the program cannot become. A folder of root is one
    /// that another program has just made and not yet given away.
    fn choose(owner: Option<(u32, u32)>, effective: (u32, u32), passwd: &str) -> Result<Self, u32> {
        let (uid, gid) = effective;
        if uid != 0 {
            return match owner {
                Some((owner, _)) if owner != uid => Err(owner),
                _ => Ok(Self {
                    uid,
                    gid,
                    switch: false,
                }),
            };
        }
        let (uid, gid) = match owner {
            Some(owner) if owner.0 != 0 => owner,
            _ => named(passwd, "postgres").unwrap_or(NOBODY),
        };
        Ok(Self {
            uid,
            gid,
            switch: true,
        })
    }

    /// Whether this account may go through every folder down to and including `dir`, by the permission bits.
    pub(super) fn can_enter(self, dir: &Path) -> bool {
        dir.ancestors().all(|dir| {
            let Ok(meta) = fs::metadata(dir) else { return false };
            let bit = match () {
                () if meta.uid() == self.uid => 0o100,
                () if meta.gid() == self.gid => 0o010,
                () => 0o001,
            };
            meta.mode() & bit != 0
        })
    }

    /// Gives a file or folder to this account, if it is not the program's own.
    pub(super) fn give(self, path: &Path) -> Result<(), PostgresError> {
        if self.switch {
            std::os::unix::fs::chown(path, Some(self.uid), Some(self.gid)).map_err(PostgresError::io(
                format!("giving {} to user id {}", path.display(), self.uid),
            ))?;
        }
        Ok(())
    }

    /// A command that runs as this account: in the root folder, apart from the terminal's signals, and with nothing of
    /// the program's environment (which holds secrets) but what finds shared libraries.
    pub(super) fn command(self, program: &Path) -> Command {
        use std::os::unix::process::CommandExt;
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("LC_ALL", "C");
        for name in ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        if self.switch {
            command.uid(self.uid).gid(self.gid);
        }
        command.current_dir("/").stdin(Stdio::null()).process_group(0);
        command
    }
}

/// User and group id of a name in the text of `/etc/passwd`.
fn named(passwd: &str, name: &str) -> Option<(u32, u32)> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next()? != name {
            return None;
        }
        Some((fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str =
        "root:x:0:0:root:/root:/bin/bash\npostgres:x:101:104::/var/lib/postgresql:/bin/bash\n";

    #[test]
    fn root_becomes_postgres_or_nobody_or_the_owner() {
        let become_ = |uid, gid| {
            Ok(Account {
                uid,
                gid,
                switch: true,
            })
        };
        assert_eq!(Account::choose(None, (0, 0), PASSWD), become_(101, 104));
        assert_eq!(Account::choose(None, (0, 0), ""), become_(65534, 65534));
        assert_eq!(
            Account::choose(Some((1000, 1001)), (0, 0), PASSWD),
            become_(1000, 1001)
        );
        assert_eq!(Account::choose(Some((0, 0)), (0, 0), PASSWD), become_(101, 104));
    }

    #[test]
    fn others_stay_who_they_are_and_refuse_foreign_clusters() {
        let own = Account {
            uid: 1000,
            gid: 1000,
            switch: false,
        };
        assert_eq!(Account::choose(None, (1000, 1000), PASSWD), Ok(own));
        assert_eq!(Account::choose(Some((1000, 5)), (1000, 1000), PASSWD), Ok(own));
        assert_eq!(Account::choose(Some((101, 104)), (1000, 1000), PASSWD), Err(101));
    }
}
