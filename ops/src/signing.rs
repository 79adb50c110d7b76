//! The key that signs heads of the log: made at the first start, or given.
//!
//! It lies in a file of one line that only the program's account can read, in the text form of signed notes
//! (`PRIVATE+KEY+name+id+key`). Its name is the log's: heads of different logs cannot be taken for one another. Programs
//! that share a database must be given the same file.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use audit::note::{KeyError, SECRET_KEY_BYTES};
use audit::{Signer, VerifierKey};
use domain::ids::Entropy;
use zeroize::Zeroizing;

use crate::config::Settings;

/// The key's file in the data directory, where no other is set.
const FILE: &str = "log.key";
/// Longest file that can be a key.
const FILE_BYTES_MAX: u64 = 4096;
/// What others than the owner may do with the file: nothing, but the group may read it (as secrets are mounted).
const FORBIDDEN_MODE: u32 = 0o137;

/// Why there is no key to sign with.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// The file could not be read.
    #[error("reading the signing key {file} failed")]
    Read {
        /// Which file.
        file: String,
        /// The answer of the operating system.
        #[source]
        source: io::Error,
    },
    /// The file could not be made.
    #[error("making the signing key {file} failed")]
    Make {
        /// Which file.
        file: String,
        /// The answer of the operating system.
        #[source]
        source: io::Error,
    },
    /// Others than its owner can read or change the file.
    #[error("the signing key {file} is not private: chmod 600 it")]
    Public {
        /// Which file.
        file: String,
    },
    /// What the file has is no key. (Nothing of it is shown.)
    #[error("{file} is not a signing key")]
    NoKey {
        /// Which file.
        file: String,
        /// What is wrong.
        #[source]
        source: KeyError,
    },
    /// The key is of a log with another name.
    #[error("the signing key is that of the log {found:?}, but LOG_ORIGIN says {set:?}")]
    Origin {
        /// The name of the key.
        found: String,
        /// The name that is set.
        set: String,
    },
}

/// Loads the key. Where none is set and none was made, it is made, once, whoever else tries at the same moment.
pub fn load(settings: &Settings, entropy: &dyn Entropy) -> Result<Signer, SigningError> {
    let signer = match &settings.signing_key_file {
        Some(file) => read(file)?,
        None => read_or_make(&settings.data_dir, settings.log_origin.as_deref(), entropy)?,
    };
    of_the_log(settings, signer)
}

/// Loads the key, where there is one. None is made.
pub fn load_existing(settings: &Settings) -> Result<Option<Signer>, SigningError> {
    let made = settings.data_dir.join(FILE);
    match read(settings.signing_key_file.as_ref().unwrap_or(&made)) {
        Ok(signer) => of_the_log(settings, signer).map(Some),
        Err(SigningError::Read { source, .. })
            if source.kind() == io::ErrorKind::NotFound && settings.signing_key_file.is_none() =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The key, if it is that of the log whose name is set.
fn of_the_log(settings: &Settings, signer: Signer) -> Result<Signer, SigningError> {
    match settings.log_origin.as_deref() {
        Some(set) if set != signer.key().name() => Err(SigningError::Origin {
            found: signer.key().name().to_owned(),
            set: set.to_owned(),
        }),
        _ => Ok(signer),
    }
}

/// The public key, if there is a key; none is made.
pub fn existing_key(settings: &Settings) -> Result<Option<VerifierKey>, SigningError> {
    let made = settings.data_dir.join(FILE);
    match read(settings.signing_key_file.as_deref().unwrap_or(&made)) {
        Ok(signer) => Ok(Some(signer.key().clone())),
        Err(SigningError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn read_or_make(
    data_dir: &Path,
    origin: Option<&str>,
    entropy: &dyn Entropy,
) -> Result<Signer, SigningError> {
    let file = data_dir.join(FILE);
    match read(&file) {
        Err(SigningError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
        outcome => return outcome,
    }
    let signer = generate(origin, entropy).map_err(|source| SigningError::NoKey {
        file: shown(&file),
        source,
    })?;
    match keep(&file, &signer, entropy) {
        Ok(()) => Ok(signer),
        // Somebody else was quicker: theirs is the one.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => read(&file),
        Err(source) => Err(SigningError::Make {
            file: shown(&file),
            source,
        }),
    }
}

/// A new key. A log without a name gets one that no other has, after the key itself.
fn generate(origin: Option<&str>, entropy: &dyn Entropy) -> Result<Signer, KeyError> {
    let mut secret = Zeroizing::new([0; SECRET_KEY_BYTES]);
    entropy.fill(secret.as_mut_slice());
    if let Some(origin) = origin {
        return Signer::new(origin, &secret);
    }
    let nameless = Signer::new("informejo", &secret)?;
    let number = u64::from_be_bytes(*nameless.key().bytes().first_chunk().unwrap_or(&[0; 8]));
    nameless.renamed(&format!("informejo/{number:016x}"))
}

/// Writes the key's file whole or not at all, and only if there is none.
fn keep(file: &Path, signer: &Signer, entropy: &dyn Entropy) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let mut number = [0; 8];
    entropy.fill(&mut number);
    let number = u64::from_be_bytes(number);
    let beside: PathBuf = folder.join(format!("{FILE}.{number:016x}"));
    let kept = write_private(&beside, &signer.secret_text()).and_then(|()| fs::hard_link(&beside, file));
    let removed = fs::remove_file(&beside);
    kept?;
    removed?;
    File::open(folder)?.sync_all()
}

fn write_private(file: &Path, text: &str) -> io::Result<()> {
    let mut open = OpenOptions::new();
    let mut file = open.write(true).create_new(true).mode(0o600).open(file)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

fn read(file: &Path) -> Result<Signer, SigningError> {
    let failed = |source| SigningError::Read {
        file: shown(file),
        source,
    };
    let opened = File::open(file).map_err(failed)?;
    if opened.metadata().map_err(failed)?.mode() & FORBIDDEN_MODE != 0 {
        return Err(SigningError::Public { file: shown(file) });
    }
    let mut text = Zeroizing::new(String::new());
    opened
        .take(FILE_BYTES_MAX)
        .read_to_string(&mut text)
        .map_err(failed)?;
    text.trim_end().parse().map_err(|source| SigningError::NoKey {
        file: shown(file),
        source,
    })
}

fn shown(file: &Path) -> String {
    file.display().to_string()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::clock::OsEntropy;
    use crate::config::Environment;

    fn settings(data_dir: &Path, more: &[(&str, &str)]) -> Settings {
        let data_dir = [("DATA_DIR", data_dir.to_str().unwrap())];
        let pairs = data_dir.iter().chain(more);
        let environment = Environment::default()
            .with_variables(pairs.map(|(name, value)| (name.into(), value.into())))
            .unwrap();
        Settings::read(&environment).unwrap()
    }

    #[test]
    fn is_made_once_for_the_account_alone() {
        let root = tempfile::tempdir().unwrap();
        let data = root.path().join("not/yet");
        let settings = settings(&data, &[]);
        let made = load(&settings, &OsEntropy).unwrap();
        assert!(made.key().name().starts_with("informejo/"), "{made:?}");
        let again = load(&settings, &OsEntropy).unwrap();
        assert_eq!(made.key(), again.key());
        let names: Vec<_> = fs::read_dir(&data)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(names, [FILE]);
        assert_eq!(fs::metadata(data.join(FILE)).unwrap().mode() & 0o777, 0o600);
    }

    #[test]
    fn whoever_makes_it_at_the_same_moment_gets_the_same_one() {
        let root = tempfile::tempdir().unwrap();
        let settings = settings(root.path(), &[]);
        let keys: Vec<String> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| load(&settings, &OsEntropy).unwrap().key().to_string()))
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
    }

    #[test]
    fn has_the_name_that_is_set_and_keeps_it() {
        let root = tempfile::tempdir().unwrap();
        let named = settings(root.path(), &[("LOG_ORIGIN", "desk.example/log")]);
        assert_eq!(load(&named, &OsEntropy).unwrap().key().name(), "desk.example/log");
        assert_eq!(
            load(&settings(root.path(), &[]), &OsEntropy)
                .unwrap()
                .key()
                .name(),
            "desk.example/log"
        );
        let other = settings(root.path(), &[("LOG_ORIGIN", "other.example")]);
        let error = load(&other, &OsEntropy).unwrap_err();
        assert!(matches!(error, SigningError::Origin { .. }), "{error}");
    }

    #[test]
    fn a_file_that_is_given_must_be_there_be_private_and_be_a_key() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("given");
        let settings = settings(
            &root.path().join("data"),
            &[("SIGNING_KEY_FILE", file.to_str().unwrap())],
        );
        assert!(matches!(
            load(&settings, &OsEntropy),
            Err(SigningError::Read { .. })
        ));
        let signer = Signer::new("desk.example/log", &[3; 32]).unwrap();
        write_private(&file, &signer.secret_text()).unwrap();
        assert_eq!(load(&settings, &OsEntropy).unwrap().key(), signer.key());
        for (mode, fits) in [(0o400, true), (0o440, true), (0o644, false), (0o620, false)] {
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(load(&settings, &OsEntropy).is_ok(), fits, "{mode:o}");
        }
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        for text in ["", "hunter2", &signer.key().to_string(), &"x".repeat(10_000)] {
            fs::write(&file, text).unwrap();
            let error = load(&settings, &OsEntropy).unwrap_err();
            assert!(matches!(error, SigningError::NoKey { .. }), "{error}");
            assert!(!error.to_string().contains("hunter2"));
        }
        assert!(!root.path().join("data").exists());
    }
}
