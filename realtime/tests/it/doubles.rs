//! What stands for parts that the real server has elsewhere: sessions, and a directory that can be made slow.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use domain::Account;
use domain::ids::AccountId;
use eventlog::Position;
use futures::StreamExt;
use futures::future::{BoxFuture, FutureExt};
use futures::stream::{self, BoxStream};
use parking_lot::Mutex;
use projections::people::Directory;
use realtime::{Accounts, Authenticate, Grant, Revocation, SessionKey, Unavailable};
use tokio::sync::broadcast;

use crate::world::{PATIENCE, Person, id};

/// The directory, which can be made slow to answer.
pub(crate) struct People {
    directory: Arc<Directory>,
    held: Mutex<Option<Held>>,
}

/// An answer that is held back.
struct Held {
    account: AccountId,
    /// How many answers about the account come before it.
    after: usize,
    given: mpsc::Sender<()>,
    release: mpsc::Receiver<()>,
}

impl People {
    pub(crate) fn new(directory: Arc<Directory>) -> Self {
        Self {
            directory,
            held: Mutex::default(),
        }
    }

    /// Holds back the next answer about this person but so many, as it was when it was asked for. Tells when there is one;
    /// it is let go by sending.
    pub(crate) fn hold(&self, person: &Person, after: usize) -> (mpsc::Receiver<()>, mpsc::Sender<()>) {
        let (given, is_given) = mpsc::channel();
        let (let_go, release) = mpsc::channel();
        let account = person.account;
        *self.held.lock() = Some(Held {
            account,
            after,
            given,
            release,
        });
        (is_given, let_go)
    }
}

impl Accounts for People {
    fn account(&self, id: AccountId) -> Option<Arc<Account>> {
        let answer = self.directory.get(id);
        let held = {
            let mut held = self.held.lock();
            match &mut *held {
                Some(holding) if holding.account == id && holding.after > 0 => {
                    holding.after -= 1;
                    None
                }
                Some(holding) if holding.account == id => held.take(),
                Some(_) | None => None,
            }
        };
        if let Some(held) = held {
            tokio::task::block_in_place(|| {
                held.given.send(()).unwrap();
                held.release.recv_timeout(PATIENCE).unwrap();
            });
        }
        answer
    }

    fn reaches(&self, position: Position, patience: Duration) -> BoxFuture<'_, bool> {
        Accounts::reaches(&*self.directory, position, patience)
    }
}

/// Sessions in memory; the only thing here that the real server has elsewhere.
pub(crate) struct Sessions {
    state: Mutex<SessionState>,
    news: broadcast::Sender<Revocation>,
}

#[derive(Default)]
struct SessionState {
    by_token: HashMap<String, Grant>,
    away: bool,
    asked: u64,
    asked_in_vain: u64,
}

impl Sessions {
    pub(crate) fn new() -> Self {
        Self {
            state: Mutex::default(),
            news: broadcast::Sender::new(100),
        }
    }

    pub(crate) fn key(&self, token: &str) -> SessionKey {
        self.state.lock().by_token[token].session
    }

    pub(crate) fn begin(&self, account: AccountId) -> String {
        let token = id().simple().to_string();
        let mut key = [0; 32];
        key[..16].copy_from_slice(id().as_bytes());
        let grant = Grant {
            account,
            session: SessionKey(key),
        };
        self.state.lock().by_token.insert(token.clone(), grant);
        token
    }

    /// Ends the session of a token; tells about it, or not.
    pub(crate) fn end(&self, token: &str) -> SessionKey {
        let grant = self.state.lock().by_token.remove(token).unwrap();
        drop(self.news.send(Revocation::Session(grant.session)));
        grant.session
    }

    pub(crate) fn end_unheard(&self, token: &str) {
        self.state.lock().by_token.remove(token).unwrap();
    }

    pub(crate) fn tell(&self, revocation: Revocation) {
        drop(self.news.send(revocation));
    }

    pub(crate) fn set_away(&self, away: bool) {
        self.state.lock().away = away;
    }

    /// How often somebody asked who is alive while nobody could tell.
    pub(crate) fn asked_in_vain(&self) -> u64 {
        self.state.lock().asked_in_vain
    }

    /// How often somebody asked for a token.
    pub(crate) fn asked(&self) -> u64 {
        self.state.lock().asked
    }
}

impl Authenticate for Sessions {
    fn authenticate<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Option<Grant>, Unavailable>> {
        async move {
            let mut state = self.state.lock();
            state.asked += 1;
            if state.away {
                return Err(Unavailable);
            }
            Ok(state.by_token.get(token).copied())
        }
        .boxed()
    }

    fn living<'a>(
        &'a self,
        sessions: &'a [SessionKey],
    ) -> BoxFuture<'a, Result<HashSet<SessionKey>, Unavailable>> {
        async move {
            let mut state = self.state.lock();
            if state.away {
                state.asked_in_vain += 1;
                return Err(Unavailable);
            }
            let alive: HashSet<SessionKey> = state.by_token.values().map(|grant| grant.session).collect();
            Ok(sessions
                .iter()
                .copied()
                .filter(|session| alive.contains(session))
                .collect())
        }
        .boxed()
    }

    fn revocations(&self) -> BoxStream<'static, Revocation> {
        let news = self.news.subscribe();
        stream::unfold(news, |mut news| async move {
            match news.recv().await {
                Ok(revocation) => Some((revocation, news)),
                Err(broadcast::error::RecvError::Lagged(_)) => Some((Revocation::Missed, news)),
                Err(broadcast::error::RecvError::Closed) => None,
            }
        })
        .boxed()
    }
}
