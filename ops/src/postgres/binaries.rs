//! Finding the machine's Postgres programs.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::PostgresError;
use super::packages;

/// The oldest major version of Postgres that will do.
pub const OLDEST_MAJOR: u32 = 14;

/// Where distributions put the programs that are not in `PATH`; `*` stands for any run of characters in a name.
const USUAL_FOLDERS: &[&str] = &[
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/libexec/postgresql*",
    "/usr/lib64/postgresql*/bin",
    "/usr/lib/postgresql*/bin",
    "/usr/local/pgsql/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
];

/// A folder with `initdb` and `postgres` in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    /// The folder, without links.
    pub dir: PathBuf,
    /// What `postgres --version` said.
    pub version: Version,
}

/// A version of Postgres. Pre-releases count as the release's `.0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// Clusters of one major version cannot be run by another.
    pub major: u32,
    /// The bug-fix release.
    pub minor: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl Version {
    /// Reads the answer of `postgres --version`, such as `postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)`.
    fn parse(answer: &str) -> Option<Self> {
        let number = answer.split_once(") ")?.1.split_whitespace().next()?;
        let mut parts = number.split(|c: char| !c.is_ascii_digit());
        let major = parts.next()?.parse().ok()?;
        let minor = if number.contains('.') {
            parts.next()?.parse().ok()?
        } else {
            0
        };
        Some(Self { major, minor })
    }
}

/// Where to look for Postgres.
#[derive(Debug, Clone)]
pub struct Search {
    /// This folder and no other.
    pub only: Option<PathBuf>,
    /// A list of folders as in `PATH`.
    pub path: Option<OsString>,
    /// Further folders, with `*` for any run of characters in a name.
    pub folders: Vec<String>,
}

impl Search {
    /// The usual places; with `only` (the setting `PG_BINDIR`), that folder alone.
    pub fn machine(only: Option<PathBuf>) -> Self {
        let folders = USUAL_FOLDERS.iter().map(|&folder| folder.to_owned()).collect();
        Self {
            only,
            path: std::env::var_os("PATH"),
            folders,
        }
    }

    /// The newest Postgres that will do; of major version `wanted`, if given: that of the cluster in `cluster`.
    pub(super) fn find(&self, wanted: Option<u32>, cluster: &Path) -> Result<Binaries, PostgresError> {
        let found = self.candidates();
        if let Some(dir) = &self.only
            && found.is_empty()
        {
            return Err(PostgresError::BinDir { dir: dir.clone() });
        }
        let newest = found.iter().max_by_key(|binaries| binaries.version);
        let Some(newest) = newest else {
            return Err(PostgresError::Missing {
                advice: packages::advice(),
            });
        };
        let Some(made_by) = wanted else {
            return if newest.version.major >= OLDEST_MAJOR {
                Ok(newest.clone())
            } else {
                Err(PostgresError::TooOld {
                    found: newest.version,
                    advice: packages::advice(),
                })
            };
        };
        let matching = found.iter().filter(|binaries| binaries.version.major == made_by);
        matching
            .max_by_key(|binaries| binaries.version)
            .cloned()
            .ok_or_else(|| {
                let found: Vec<_> = found
                    .iter()
                    .map(|binaries| binaries.version.to_string())
                    .collect();
                PostgresError::OtherMajor {
                    dir: cluster.to_owned(),
                    made_by,
                    found: found.join(", "),
                }
            })
    }

    /// Every folder that holds Postgres, once.
    fn candidates(&self) -> Vec<Binaries> {
        let dirs: Vec<PathBuf> = if let Some(only) = &self.only {
            vec![only.clone()]
        } else {
            let in_path = self
                .path
                .iter()
                .flat_map(|path| std::env::split_paths(path).collect::<Vec<_>>());
            in_path
                .chain(self.folders.iter().flat_map(|pattern| expand(pattern)))
                .collect()
        };
        let mut found = BTreeMap::new();
        for dir in dirs {
            // Links such as /usr/local/bin/postgres lead to the folder that has all of Postgres' own files.
            let Ok(postgres) = dir.join("postgres").canonicalize() else {
                continue;
            };
            let Some(dir) = postgres.parent().map(Path::to_path_buf) else {
                continue;
            };
            if found.contains_key(&dir) || !dir.join("initdb").is_file() {
                continue;
            }
            if let Some(version) = ask_version(&postgres) {
                found.insert(dir.clone(), Binaries { dir, version });
            }
        }
        found.into_values().collect()
    }
}

fn ask_version(postgres: &Path) -> Option<Version> {
    let output = Command::new(postgres).arg("--version").output().ok()?;
    Version::parse(&String::from_utf8_lossy(&output.stdout))
}

/// The existing paths that a pattern stands for.
fn expand(pattern: &str) -> Vec<PathBuf> {
    let mut paths = vec![PathBuf::from("/")];
    for part in pattern.split('/').filter(|part| !part.is_empty()) {
        paths = match part.split_once('*') {
            None => paths
                .into_iter()
                .map(|path| path.join(part))
                .filter(|path| path.exists())
                .collect(),
            Some((prefix, suffix)) => paths
                .iter()
                .flat_map(|path| matching(path, prefix, suffix))
                .collect(),
        };
    }
    paths
}

fn matching(dir: &Path, prefix: &str, suffix: &str) -> Vec<PathBuf> {
    let Ok(entries) = dir.read_dir() else {
        return Vec::new();
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let fits = |name: &String| {
        name.len() >= prefix.len() + suffix.len() && name.starts_with(prefix) && name.ends_with(suffix)
    };
    names.filter(fits).map(|name| dir.join(name)).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A folder that looks like that Postgres.
    fn fake(root: &Path, name: &str, version: &str) -> PathBuf {
        let dir = root.join(name).join("bin");
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("initdb"), "").unwrap();
        fs::write(
            dir.join("postgres"),
            format!("#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n"),
        )
        .unwrap();
        fs::set_permissions(dir.join("postgres"), fs::Permissions::from_mode(0o755)).unwrap();
        dir
    }

    fn nowhere() -> Search {
        Search {
            only: None,
            path: None,
            folders: Vec::new(),
        }
    }

    #[test]
    fn versions_of_all_builds_are_read() {
        for (answer, major, minor) in [
            ("postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)\n", 15, 13),
            ("postgres (PostgreSQL) 14.2\n", 14, 2),
            ("postgres (PostgreSQL) 18beta1\n", 18, 0),
            ("postgres (PostgreSQL) 17rc1 (Ubuntu)\n", 17, 0),
            ("postgres (PostgreSQL) 9.6.24\n", 9, 6),
        ] {
            assert_eq!(Version::parse(answer), Some(Version { major, minor }), "{answer}");
        }
        assert_eq!(Version::parse("pg_ctl: command not found"), None);
    }

    #[test]
    fn newest_wins_and_links_count_once() {
        let root = tempfile::tempdir().unwrap();
        fake(root.path(), "pg-14", "14.20");
        let newest = fake(root.path(), "pg-16", "16.2");
        fake(root.path(), "pg-9", "9.6.1");
        let search = Search {
            folders: vec![format!("{}/pg-*/bin", root.path().display())],
            ..nowhere()
        };
        assert_eq!(search.candidates().len(), 3);
        assert_eq!(
            search.find(None, root.path()).unwrap().dir,
            newest.canonicalize().unwrap()
        );
        let links = root.path().join("links");
        fs::create_dir(&links).unwrap();
        std::os::unix::fs::symlink(newest.join("postgres"), links.join("postgres")).unwrap();
        let search = Search {
            path: Some(links.into()),
            ..search
        };
        assert_eq!(search.candidates().len(), 3);
    }

    #[test]
    fn a_cluster_gets_the_major_version_that_made_it() {
        let root = tempfile::tempdir().unwrap();
        let older = fake(root.path(), "pg-14", "14.20");
        fake(root.path(), "pg-16", "16.2");
        let search = Search {
            folders: vec![format!("{}/*/bin", root.path().display())],
            ..nowhere()
        };
        assert_eq!(
            search.find(Some(14), root.path()).unwrap().dir,
            older.canonicalize().unwrap()
        );
        let error = search.find(Some(15), root.path()).unwrap_err().to_string();
        assert!(
            error.contains("made by PostgreSQL 15, but this machine has 14.20, 16.2"),
            "{error}"
        );
    }

    #[test]
    fn what_is_missing_is_named() {
        let root = tempfile::tempdir().unwrap();
        let error = nowhere().find(None, root.path()).unwrap_err().to_string();
        assert!(
            error.starts_with("no PostgreSQL found on this machine: "),
            "{error}"
        );
        assert!(error.contains("DATABASE_URL"), "{error}");
        let only = Search {
            only: Some(root.path().into()),
            ..nowhere()
        };
        let error = only.find(None, root.path()).unwrap_err().to_string();
        assert!(error.contains("PG_BINDIR="), "{error}");
        fake(root.path(), "pg", "13.9");
        let old = Search {
            folders: vec![format!("{}/*/bin", root.path().display())],
            ..nowhere()
        };
        let error = old.find(None, root.path()).unwrap_err().to_string();
        assert!(error.contains("PostgreSQL 13.9 is too old"), "{error}");
    }
}
