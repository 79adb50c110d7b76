//! Argon2id, as many at a time as the machine has cores, and no more waiting than can be served soon.
//!
//! One hash takes about 20 ms of a core and 19 MiB. Without a bound, a burst of sign-ins would take every core and all
//! memory from everybody who is signed in already; with it, the burst is told to come back.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version};
use domain::ids::Entropy;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::IdentityError;
use crate::password::{NewPassword, Password};

/// Least memory of one hash, in KiB: 19 MiB (OWASP Password Storage).
const MEMORY_KIB_MIN: u32 = 19 * 1024;
/// Least number of passes at that memory.
const PASSES_MIN: u32 = 2;
/// Bytes of salt, and of output.
const SALT_BYTES: usize = 16;
const OUTPUT_BYTES: usize = 32;

/// Blocks (of 1 KiB) that are at least asked of the allocator, though only those needed are touched. glibc gives
/// what is larger than 32 MiB back to the system as soon as it is freed; what is smaller it learns to keep, in each
/// thread's arena anew (measured: 61 MiB resident after nine hashes in threads of their own, 3 MiB this way). Untouched
/// memory costs nothing.
const BLOCKS_ALLOCATED_MIN: usize = 33 * 1024;

/// How passwords are hashed.
#[derive(Clone, Debug)]
pub struct HashSettings {
    /// Memory of one hash, in KiB; at least 19,456 (19 MiB).
    pub memory_kib: u32,
    /// Passes over the memory; at least 2.
    pub passes: u32,
    /// Lanes. They are computed one after the other, so more than 1 buys nothing here.
    pub lanes: u32,
    /// Hashes computed at the same time.
    pub concurrency: usize,
    /// Hashes that may wait for their turn; the next one is answered with [`IdentityError::Busy`].
    pub waiting_max: usize,
    /// How long each may wait before it is answered so.
    pub wait_max: Duration,
}

impl Default for HashSettings {
    /// 19 MiB, two passes, one lane; as many at a time as there are cores, but at least two.
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, NonZeroUsize::get);
        Self {
            memory_kib: MEMORY_KIB_MIN,
            passes: PASSES_MIN,
            lanes: 1,
            concurrency: cores.max(2),
            waiting_max: 32 * cores.max(2),
            wait_max: Duration::from_secs(1),
        }
    }
}

/// What came of comparing a password with a stored hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Matches,
    /// It matches, but was hashed with other parameters than the present ones: to be hashed again.
    MatchesOutdated,
    Differs,
}

/// Hashes and verifies passwords.
pub struct Hasher {
    params: Params,
    /// Stands in where there is no hash to compare with. Random bytes, so no password is behind it, and nothing had
    /// to be computed for it at start.
    dummy: PasswordHash,
    entropy: Arc<dyn Entropy>,
    running: Arc<Semaphore>,
    /// Running and waiting ones together.
    admitted: Arc<Semaphore>,
    wait_max: Duration,
    verifications: AtomicU64,
    hashes: AtomicU64,
}

impl Hasher {
    /// Refuses settings weaker than 19 MiB and two passes.
    pub fn new(settings: &HashSettings, entropy: Arc<dyn Entropy>) -> Result<Self, IdentityError> {
        if settings.memory_kib < MEMORY_KIB_MIN || settings.passes < PASSES_MIN || settings.concurrency == 0 {
            return Err(IdentityError::Fault(format!(
                "password hashing must use at least {MEMORY_KIB_MIN} KiB, {PASSES_MIN} passes and one thread"
            )));
        }
        let params = Params::new(
            settings.memory_kib,
            settings.passes,
            settings.lanes,
            Some(OUTPUT_BYTES),
        )
        .map_err(fault)?;
        let mut output = [0; OUTPUT_BYTES];
        entropy.fill(&mut output);
        let dummy = phc(
            &params,
            new_salt(&*entropy)?,
            Output::new(&output).map_err(fault)?,
        )?;
        Ok(Self {
            params,
            dummy,
            entropy,
            running: Arc::new(Semaphore::new(settings.concurrency)),
            admitted: Arc::new(Semaphore::new(settings.concurrency + settings.waiting_max)),
            wait_max: settings.wait_max,
            verifications: AtomicU64::new(0),
            hashes: AtomicU64::new(0),
        })
    }

    /// How often a password was compared with a hash, real or dummy, since the start. Every attempt to sign in counts
    /// exactly once, whether or not the address is known; tests hold us to that.
    pub fn verifications(&self) -> u64 {
        self.verifications.load(Ordering::Relaxed)
    }

    /// How often a password was hashed to be stored, since the start. Every registration counts exactly once, whoever has
    /// the address.
    pub fn hashes(&self) -> u64 {
        self.hashes.load(Ordering::Relaxed)
    }

    /// The PHC string to store for a new password.
    pub(crate) async fn hash(&self, password: &NewPassword) -> Result<String, IdentityError> {
        self.rehash(password.as_password()).await
    }

    /// The same for one that is in use already, whatever the rules for new ones have become since.
    pub(crate) async fn rehash(&self, password: &Password) -> Result<String, IdentityError> {
        let turn = self.turn().await?;
        self.hashes.fetch_add(1, Ordering::Relaxed);
        let (params, salt) = (self.params.clone(), new_salt(&*self.entropy)?);
        let password = password.clone();
        blocking(turn, move || {
            let output = compute(&password, &salt, &params)?;
            Ok(phc(&params, salt, output)?.to_string())
        })
        .await
    }

    /// Compares with a stored PHC string, or, where there is none, takes as long as if there were one.
    pub(crate) async fn verify(
        &self,
        password: &Password,
        stored: Option<&str>,
    ) -> Result<Verdict, IdentityError> {
        let turn = self.turn().await?;
        self.verifications.fetch_add(1, Ordering::Relaxed);
        let real = stored.and_then(|text| match Stored::parse(text) {
            Ok(stored) => Some(stored),
            Err(error) => {
                tracing::error!(%error, "a stored password hash cannot be read; its login cannot be used");
                None
            }
        });
        let is_real = real.is_some();
        let expected = match real {
            Some(real) => real,
            None => Stored::of(&self.dummy)?,
        };
        let current = expected.params == self.params;
        let password = password.clone();
        let equal = blocking(turn, move || {
            // `Output` compares in constant time.
            Ok(compute(&password, &expected.salt, &expected.params)? == expected.output)
        })
        .await?;
        Ok(match (equal && is_real, current) {
            (false, _) => Verdict::Differs,
            (true, true) => Verdict::Matches,
            (true, false) => Verdict::MatchesOutdated,
        })
    }

    /// Waits for a free core, within bounds.
    async fn turn(&self) -> Result<Turn, IdentityError> {
        let admitted = Arc::clone(&self.admitted)
            .try_acquire_owned()
            .map_err(|_| IdentityError::Busy)?;
        match tokio::time::timeout(self.wait_max, Arc::clone(&self.running).acquire_owned()).await {
            Ok(Ok(running)) => Ok(Turn {
                _admitted: admitted,
                _running: running,
            }),
            Ok(Err(_)) | Err(_) => Err(IdentityError::Busy),
        }
    }
}

/// The right to hash once.
struct Turn {
    _admitted: OwnedSemaphorePermit,
    _running: OwnedSemaphorePermit,
}

/// The parts of a stored hash.
struct Stored {
    params: Params,
    salt: Salt,
    output: Output,
}

impl Stored {
    fn parse(text: &str) -> Result<Self, IdentityError> {
        Self::of(&PasswordHash::new(text).map_err(fault)?)
    }

    fn of(hash: &PasswordHash) -> Result<Self, IdentityError> {
        if hash.algorithm != ARGON2ID_IDENT || hash.version != Some(u32::from(Version::V0x13)) {
            return Err(IdentityError::Fault(
                "not an argon2id hash of version 19".to_owned(),
            ));
        }
        let (Some(salt), Some(output)) = (hash.salt, hash.hash) else {
            return Err(IdentityError::Fault("a hash without salt or output".to_owned()));
        };
        Ok(Self {
            params: Params::try_from(hash).map_err(fault)?,
            salt,
            output,
        })
    }
}

/// Runs `work` on a thread where it may take its time. The turn goes with it: when a caller gives up, the core is still
/// busy, and must not be given to the next one before it is free.
async fn blocking<T: Send + 'static>(
    turn: Turn,
    work: impl FnOnce() -> Result<T, IdentityError> + Send + 'static,
) -> Result<T, IdentityError> {
    let task = tokio::task::spawn_blocking(move || {
        let result = work();
        drop(turn);
        result
    });
    task.await.map_err(fault)?
}

fn compute(password: &Password, salt: &Salt, params: &Params) -> Result<Output, IdentityError> {
    let blocks = params.block_count();
    let mut memory: Vec<Block> = Vec::with_capacity(blocks.max(BLOCKS_ALLOCATED_MIN));
    memory.resize(blocks, Block::new());
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let mut output = vec![0; params.output_len().unwrap_or(OUTPUT_BYTES)];
    argon2
        .hash_password_into_with_memory(password.as_bytes(), salt, &mut output, &mut memory)
        .map_err(fault)?;
    Output::new(&output).map_err(fault)
}

fn new_salt(entropy: &dyn Entropy) -> Result<Salt, IdentityError> {
    let mut bytes = [0; SALT_BYTES];
    entropy.fill(&mut bytes);
    Salt::new(&bytes).map_err(fault)
}

fn phc(params: &Params, salt: Salt, output: Output) -> Result<PasswordHash, IdentityError> {
    Ok(PasswordHash {
        algorithm: ARGON2ID_IDENT,
        version: Some(u32::from(Version::V0x13)),
        params: ParamsString::try_from(params).map_err(fault)?,
        salt: Some(salt),
        hash: Some(output),
    })
}

/// Errors of the libraries name no values.
fn fault(error: impl std::fmt::Display) -> IdentityError {
    IdentityError::Fault(error.to_string())
}

#[cfg(test)]
mod tests {
    use argon2::{PasswordHasher, PasswordVerifier};

    use super::*;

    /// Counts up, so that no two salts are alike.
    struct Counting(AtomicU64);

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            let next = self.0.fetch_add(1, Ordering::Relaxed);
            for (byte, value) in bytes.iter_mut().zip(next.to_le_bytes().into_iter().cycle()) {
                *byte = value;
            }
        }
    }

    fn hasher(change: impl FnOnce(&mut HashSettings)) -> Result<Hasher, IdentityError> {
        let mut settings = HashSettings::default();
        change(&mut settings);
        Hasher::new(&settings, Arc::new(Counting(AtomicU64::new(1))))
    }

    fn typed(text: &str) -> Password {
        Password::new(text.to_owned())
    }

    fn new(text: &str) -> NewPassword {
        NewPassword::parse(typed(text)).unwrap()
    }

    #[tokio::test]
    async fn parameters_can_be_read_back_from_the_stored_hash() {
        let stored = hasher(|_| {})
            .unwrap()
            .hash(&new("tortoise shell"))
            .await
            .unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        let parsed = Stored::parse(&stored).unwrap();
        assert_eq!(parsed.salt.len(), SALT_BYTES);
        assert_eq!(parsed.output.len(), OUTPUT_BYTES);
    }

    #[tokio::test]
    async fn hashes_are_those_of_the_standard() {
        let stored = hasher(|_| {})
            .unwrap()
            .hash(&new("tortoise shell"))
            .await
            .unwrap();
        let parsed = PasswordHash::new(&stored).unwrap();
        Argon2::default()
            .verify_password(b"tortoise shell", &parsed)
            .unwrap();
        assert!(
            Argon2::default()
                .verify_password(b"tortoise shel", &parsed)
                .is_err()
        );
    }

    #[tokio::test]
    async fn every_byte_of_a_long_password_counts() {
        let hasher = hasher(|_| {}).unwrap();
        let long = "Ünïcödé ist schön. ".repeat(6) + "12345678901234";
        assert_eq!(long.chars().count(), 128);
        let stored = hasher.hash(&new(&long)).await.unwrap();
        assert_eq!(
            hasher.verify(&typed(&long), Some(&stored)).await.unwrap(),
            Verdict::Matches
        );
        let prefix_72 = String::from_utf8_lossy(&long.as_bytes()[..72]).into_owned();
        let without_last: String = long.chars().take(127).collect();
        for wrong in [prefix_72, without_last, format!("{long}x"), long.to_uppercase()] {
            assert_eq!(
                hasher.verify(&typed(&wrong), Some(&stored)).await.unwrap(),
                Verdict::Differs
            );
        }
    }

    #[tokio::test]
    async fn equal_passwords_have_different_hashes() {
        let hasher = hasher(|_| {}).unwrap();
        let (one, other) = (
            hasher.hash(&new("tortoise shell")).await,
            hasher.hash(&new("tortoise shell")).await,
        );
        assert_ne!(one.unwrap(), other.unwrap());
    }

    #[tokio::test]
    async fn a_hash_with_other_parameters_is_outdated() {
        let weak = Argon2::new(
            Algorithm::Argon2id,
            Version::V0x13,
            Params::new(8, 1, 1, Some(32)).unwrap(),
        );
        let stored = weak
            .hash_password_with_salt(b"tortoise shell", &[7; 16])
            .unwrap()
            .to_string();
        let hasher = hasher(|_| {}).unwrap();
        let verdict = hasher
            .verify(&typed("tortoise shell"), Some(&stored))
            .await
            .unwrap();
        assert_eq!(verdict, Verdict::MatchesOutdated);
        assert_eq!(
            hasher.verify(&typed("tortoise"), Some(&stored)).await.unwrap(),
            Verdict::Differs
        );
    }

    #[tokio::test]
    async fn no_hash_and_a_broken_one_are_verified_like_any_other() {
        let hasher = hasher(|_| {}).unwrap();
        for stored in [
            None,
            Some(""),
            Some("$2b$10$abcdefghijklmnopqrstuv"),
            Some("$argon2id$v=19$m=19456,t=2,p=1"),
        ] {
            let before = hasher.verifications();
            assert_eq!(
                hasher.verify(&typed("tortoise shell"), stored).await.unwrap(),
                Verdict::Differs
            );
            assert_eq!(hasher.verifications(), before + 1, "{stored:?}");
        }
    }

    #[tokio::test]
    async fn weak_settings_are_refused() {
        assert!(hasher(|settings| settings.memory_kib = 19_455).is_err());
        assert!(hasher(|settings| settings.passes = 1).is_err());
        assert!(hasher(|settings| settings.concurrency = 0).is_err());
        assert!(hasher(|settings| settings.lanes = 0).is_err());
    }

    #[tokio::test]
    async fn who_finds_the_queue_full_or_waits_too_long_is_told_so() {
        let hasher = hasher(|settings| {
            settings.concurrency = 1;
            settings.waiting_max = 1;
            settings.wait_max = Duration::from_millis(1);
        })
        .unwrap();
        let running = hasher.turn().await.unwrap();
        assert!(
            matches!(hasher.turn().await, Err(IdentityError::Busy)),
            "waited too long"
        );
        let (one, other) = tokio::join!(hasher.turn(), hasher.turn());
        assert!(matches!(
            (one, other),
            (Err(IdentityError::Busy), Err(IdentityError::Busy))
        ));
        assert_eq!(hasher.verifications(), 0);
        drop(running);
        assert_eq!(hasher.verify(&typed("x"), None).await.unwrap(), Verdict::Differs);
    }
}
