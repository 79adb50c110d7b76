//! Where a command comes from, and how a repetition of it is told.

use domain::Actor;
use domain::ids::{Entropy, uuid_v7};
use domain::time::Clock;
use eventlog::Metadata;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The name space of command ids that are made from idempotency keys.
const IDEMPOTENCY_KEYS: Uuid = Uuid::from_u128(0x7f1d_4d6a_6a0b_4f0e_9c55_0d1b_52a6_3e11);

/// The edge that a command came in by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The HTTP API.
    Http,
    /// The HTTP API, by a program that acts for an account with a token.
    Token,
    /// The command line.
    CommandLine,
    /// The demo data.
    Demo,
}

impl Origin {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Token => "token",
            Self::CommandLine => "cli",
            Self::Demo => "demo",
        }
    }
}

/// What a request asked for, in a form that can be compared: the SHA-256 of its parts, each with its length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The fingerprint of a request made of `parts` (method, path, body, …).
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        Self(hex::encode(hasher.finalize()))
    }
}

/// Why a command is executed: its id, the request that it belongs to, and the edge that it came in by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    pub(crate) command_id: Uuid,
    pub(crate) correlation_id: Uuid,
    pub(crate) origin: Origin,
    /// Present if the command may be a repetition.
    pub(crate) fingerprint: Option<Fingerprint>,
}

impl Cause {
    /// A command that nobody repeats.
    pub fn once(origin: Origin, correlation_id: Uuid, clock: &dyn Clock, entropy: &dyn Entropy) -> Self {
        Self {
            command_id: uuid_v7(clock, entropy),
            correlation_id,
            origin,
            fingerprint: None,
        }
    }

    /// A command that `actor` may repeat under `key`: the first one counts, and a repetition with another
    /// fingerprint is refused. The same key of another actor is another command.
    pub fn keyed(
        origin: Origin,
        correlation_id: Uuid,
        actor: &Actor,
        key: &str,
        fingerprint: Fingerprint,
    ) -> Self {
        let command_id = Uuid::new_v5(&IDEMPOTENCY_KEYS, format!("{actor}\n{key}").as_bytes());
        Self {
            command_id,
            correlation_id,
            origin,
            fingerprint: Some(fingerprint),
        }
    }

    /// A further command of the same request, which nobody repeats.
    #[must_use]
    pub fn following(&self, clock: &dyn Clock, entropy: &dyn Entropy) -> Self {
        Self::once(self.origin, self.correlation_id, clock, entropy)
    }

    pub(crate) fn metadata(&self, actor: &Actor) -> Metadata {
        Metadata {
            actor: actor.to_string(),
            command_id: self.command_id,
            correlation_id: self.correlation_id,
            causation_id: None,
            origin: self.origin.as_str().to_owned(),
            fingerprint: self.fingerprint.as_ref().map(|fingerprint| fingerprint.0.clone()),
            traceparent: None,
        }
    }

    /// Whether `first` is the metadata of an earlier execution of this very command.
    pub(crate) fn repeats(&self, first: &Metadata) -> bool {
        first.fingerprint.as_deref()
            == self
                .fingerprint
                .as_ref()
                .map(|fingerprint| fingerprint.0.as_str())
    }
}

#[cfg(test)]
mod tests {
    use domain::{AccountId, Role};

    use super::*;

    #[test]
    fn the_same_key_of_another_actor_is_another_command() {
        let actor = |number| Actor::Account {
            id: AccountId::from_uuid(Uuid::from_u128(number)),
            role: Role::User,
        };
        let id = |actor: Actor, key: &str| {
            Cause::keyed(Origin::Http, Uuid::nil(), &actor, key, Fingerprint::of(&[])).command_id
        };
        assert_eq!(id(actor(1), "a"), id(actor(1), "a"));
        assert_ne!(id(actor(1), "a"), id(actor(2), "a"));
        assert_ne!(id(actor(1), "a"), id(actor(1), "b"));
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(Fingerprint::of(&[b"ab", b"c"]), Fingerprint::of(&[b"a", b"bc"]));
    }
}
