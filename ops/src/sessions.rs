//! What realtime must be told of sessions, in `identity`'s words.

use std::collections::{HashMap, HashSet};

use futures::future::BoxFuture;
use futures::stream::{self, BoxStream};
use futures::{FutureExt, StreamExt};
use identity::{IdentityError, SessionId, Sessions};
use realtime::{Authenticate, Grant, Revocation, SessionKey, Unavailable};

/// Sessions, for realtime.
pub(crate) struct KnownSessions(pub(crate) Sessions);

impl Authenticate for KnownSessions {
    fn authenticate<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Option<Grant>, Unavailable>> {
        let grant = |session: identity::Session| Grant {
            account: session.account_id,
            session: key(session.id),
        };
        async move { Ok(self.0.authenticate(token).await.map_err(away)?.map(grant)) }.boxed()
    }

    fn living<'a>(
        &'a self,
        sessions: &'a [SessionKey],
    ) -> BoxFuture<'a, Result<HashSet<SessionKey>, Unavailable>> {
        async move {
            let ids: HashMap<SessionId, SessionKey> = sessions
                .iter()
                .map(|session| (SessionId::from_bytes(session.0), *session))
                .collect();
            let asked: Vec<SessionId> = ids.keys().copied().collect();
            let living = self.0.living(&asked).await.map_err(away)?;
            Ok(living.iter().filter_map(|id| ids.get(id).copied()).collect())
        }
        .boxed()
    }

    fn revocations(&self) -> BoxStream<'static, Revocation> {
        let revocations = self.0.revocations();
        stream::unfold(revocations, async |mut revocations| {
            loop {
                let revocation = match revocations.next().await? {
                    identity::Revocation::Session(session) => Revocation::Session(key(session)),
                    identity::Revocation::Account { account_id, keep } => Revocation::Account {
                        account: account_id,
                        keep: keep.map(key),
                    },
                    // No socket is opened by a token.
                    identity::Revocation::Tokens { .. } => continue,
                    identity::Revocation::Missed => Revocation::Missed,
                };
                return Some((revocation, revocations));
            }
        })
        .boxed()
    }
}

fn key(session: SessionId) -> SessionKey {
    SessionKey(session.to_bytes())
}

fn away(_: IdentityError) -> Unavailable {
    Unavailable
}
