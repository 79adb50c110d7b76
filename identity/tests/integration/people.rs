//! A clock to turn, random bytes that repeat from run to run, and somebody to sign in.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use domain::ids::{AccountId, Entropy};
use domain::text::Email;
use domain::time::{Clock, Timestamp};
use identity::{
    Browser, HashSettings, Identity, IdentitySettings, NewPassword, NewSession, Password, SignedIn,
};
use sha2::{Digest, Sha256};

use crate::cluster::Database;

pub(crate) const MINUTE_MS: i64 = 60_000;
pub(crate) const HOUR_MS: i64 = 60 * MINUTE_MS;
pub(crate) const PASSWORD: &str = "seven tortoises";

/// Stands still until it is told.
pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    pub(crate) fn advance(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// SHA-256 of a counter that the whole test run shares: never the same twice.
pub(crate) struct TestEntropy;

impl Entropy for TestEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        for chunk in bytes.chunks_mut(32) {
            let block = Sha256::digest(NEXT.fetch_add(1, Ordering::Relaxed).to_le_bytes());
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
    }
}

/// Identity on a database of its own.
pub(crate) struct House {
    pub(crate) database: Database,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) identity: Identity,
}

impl House {
    pub(crate) async fn new() -> Self {
        Self::with(IdentitySettings::default()).await
    }

    pub(crate) async fn with(settings: IdentitySettings) -> Self {
        let database = Database::new().await;
        let clock = Arc::new(TestClock(AtomicI64::new(1_795_393_955_572)));
        let clock_again: Arc<dyn Clock> = Arc::<TestClock>::clone(&clock);
        let identity = Identity::new(database.pool(), clock_again, Arc::new(TestEntropy), settings).unwrap();
        Self {
            database,
            clock,
            identity,
        }
    }

    /// One whose hasher keeps everybody waiting rather than send them away, for tests that come with many at once.
    pub(crate) async fn patient() -> Self {
        let hashing = HashSettings {
            wait_max: Duration::from_mins(1),
            ..HashSettings::default()
        };
        Self::with(IdentitySettings {
            hashing,
            ..IdentitySettings::default()
        })
        .await
    }

    /// What another process on the same database would have.
    pub(crate) fn neighbour(&self) -> Identity {
        let clock: Arc<dyn Clock> = Arc::<TestClock>::clone(&self.clock);
        Identity::new(
            self.database.pool(),
            clock,
            Arc::new(TestEntropy),
            IdentitySettings::default(),
        )
        .unwrap()
    }

    pub(crate) fn new_account_id(&self) -> AccountId {
        AccountId::new(&*self.clock, &TestEntropy)
    }

    /// An account that can sign in with [`PASSWORD`].
    pub(crate) async fn register(&self, address: &str) -> AccountId {
        let account_id = self.new_account_id();
        let logins = &self.identity.logins;
        let _ = logins
            .reserve(&email(address), account_id, Some(&new(PASSWORD)))
            .await
            .unwrap();
        logins.confirm(account_id).await.unwrap();
        account_id
    }

    pub(crate) async fn sign_in(&self, address: &str, password: &str) -> Option<SignedIn> {
        match self.identity.logins.sign_in(address, &typed(password)).await {
            Ok(signed_in) => Some(signed_in),
            Err(identity::IdentityError::Refused) => None,
            Err(other) => panic!("{other}"),
        }
    }

    pub(crate) async fn session(&self, account_id: AccountId) -> NewSession {
        self.identity
            .sessions
            .create(&SignedIn::vouched(account_id), &Browser::default())
            .await
            .unwrap()
    }

    pub(crate) async fn is_open(&self, session: &NewSession) -> bool {
        self.identity
            .sessions
            .authenticate(session.token.expose())
            .await
            .unwrap()
            .is_some()
    }
}

pub(crate) fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

pub(crate) fn typed(text: &str) -> Password {
    Password::new(text.to_owned())
}

pub(crate) fn new(text: &str) -> NewPassword {
    NewPassword::parse(typed(text)).unwrap()
}
