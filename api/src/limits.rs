//! How often strangers may try something: the one table of what is limited, by what, how much, and why.
//!
//! An attempt is counted before anything is verified, so also those that come at the same time, under up to three keys:
//! - **the address** that it comes from (of IPv6, the /64 network), so that nobody tries all accounts from one place;
//! - **address and e-mail** together, so that nobody tries one account from one place;
//! - **the e-mail**, so that nobody tries one account from many places. An address that nobody has counts as any other, so
//!   that being limited tells nothing.
//!
//! Whoever comes with a browser on which the account's owner has signed in before ([`identity::Devices`]) is counted by that
//! browser instead of all three. So strangers can use up what strangers may try, but not what its owner may.
//!
//! The counts are in the database ([`identity::Limits`]), and so all nodes' together.

use std::time::Duration;

use domain::text::Email;
use identity::{IdentityError, LimitKey, Rate, Session};

use crate::extract::Caller;
use crate::problem::ApiResult;
use crate::security_log::{self, SecurityEvent};
use crate::state::App;

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// To sign in by password.
    SignIn,
    /// To finish a registration, by link and password.
    ConfirmRegistration,
    /// To set a new password by a link.
    ResetPassword,
    /// To begin a guest's session, by link or access code.
    BeginGuestSession,
    /// To let an identity provider's user into an account, by a link.
    LinkIdentity,
    /// To change one's password, knowing the present one. Counted in the session, see `App::limited_in`.
    ChangePassword,
    /// To be sent to an identity provider.
    VisitProvider,
    /// To come back from one.
    ReturnFromProvider,
    /// To be sent no more mail, by a link. Mail services ask this for many people from few addresses (RFC 8058).
    Unsubscribe,
    /// To register, which mails somebody.
    SignUp,
    /// To be mailed a link for a new password.
    ForgetPassword,
    /// To submit a ticket without signing in, which stores files and mails somebody.
    SubmitTicket,
    /// To be mailed a guest's link.
    AskForGuestLink,
}

/// The numbers that operators can set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptLimits {
    /// Proofs (of a password, a link, a code) that are tried from one address, a minute in the long run; twice as many at
    /// once. Of each kind for itself.
    pub proofs_per_minute: u32,
    /// Wrong passwords that are tried on one account from everywhere, an hour in the long run; three times as many at once.
    /// From one address: three times as many an hour, half as many at once.
    pub passwords_per_hour: u32,
    /// Wishes that cause mail (registrations, links, submissions) from one address, an hour in the long run; half as many at
    /// once. Of each kind for itself.
    pub wishes_per_hour: u32,
    /// Mails that strangers can have sent to one e-mail address, an hour in the long run, and as many at once; from one
    /// address half of both. Of each kind for itself.
    pub mails_per_hour: u32,
}

impl Default for AttemptLimits {
    /// 30 proofs a minute, 20 wrong passwords an hour, 60 wishes and 12 mails an hour.
    ///
    /// Offices share an address: sixty people may sign in within one minute, all at once, and what succeeds does not count.
    /// Sixty wrong passwords at once and 480 a day are nothing against passwords that are not among the most common ones
    /// (NIST SP 800-63B allows a hundred before an account is locked; here none ever is).
    fn default() -> Self {
        Self {
            proofs_per_minute: 30,
            passwords_per_hour: 20,
            wishes_per_hour: 60,
            mails_per_hour: 12,
        }
    }
}

/// How often an attempt may be made, by what it is counted under.
struct Rates {
    address: Rate,
    /// For one e-mail address from one address, and from all together.
    email: Option<(Rate, Rate)>,
}

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
/// How many more visits than proofs may come: nothing can be guessed in them.
const VISITS_PER_PROOF: u32 = 10;

impl AttemptLimits {
    fn of(&self, attempt: Attempt) -> Rates {
        match attempt {
            Attempt::SignIn => Rates {
                email: Some(self.passwords()),
                ..self.proofs(1)
            },
            Attempt::ConfirmRegistration
            | Attempt::ResetPassword
            | Attempt::BeginGuestSession
            | Attempt::LinkIdentity
            | Attempt::ChangePassword => self.proofs(1),
            Attempt::VisitProvider | Attempt::ReturnFromProvider | Attempt::Unsubscribe => {
                self.proofs(VISITS_PER_PROOF)
            }
            Attempt::SignUp | Attempt::ForgetPassword | Attempt::SubmitTicket | Attempt::AskForGuestLink => {
                self.wishes()
            }
        }
    }

    fn proofs(&self, factor: u32) -> Rates {
        let number = self.proofs_per_minute.saturating_mul(factor);
        Rates {
            address: rate(number.saturating_mul(2), number, MINUTE),
            email: None,
        }
    }

    fn passwords(&self) -> (Rate, Rate) {
        let thrice = self.passwords_per_hour.saturating_mul(3);
        (
            rate(self.passwords_per_hour / 2, thrice, HOUR),
            rate(thrice, self.passwords_per_hour, HOUR),
        )
    }

    fn wishes(&self) -> Rates {
        let (wishes, mails) = (self.wishes_per_hour, self.mails_per_hour);
        Rates {
            address: rate(wishes / 2, wishes, HOUR),
            email: Some((rate(mails / 2, mails / 2, HOUR), rate(mails, mails, HOUR))),
        }
    }
}

/// `at_once`, and `number` in each `span` in the long run; at least one of both.
fn rate(at_once: u32, number: u32, span: Duration) -> Rate {
    Rate {
        at_once: at_once.max(1),
        every: span / number.max(1),
    }
}

/// An attempt that was counted.
#[derive(Clone, Debug)]
pub(crate) struct Counted(Vec<LimitKey>);

impl Counted {
    /// Takes it back: it was none of those that are to be limited, such as signing in with the right password.
    pub(crate) async fn forget(self, app: &App) {
        if let Err(error) = app.identity.limits.give_back(&self.0).await {
            tracing::warn!(%error, "failed to give back an attempt; it goes on counting");
        }
    }
}

impl App {
    /// Counts an attempt of `caller`, on the account or for the mailbox of `email` where there is one; 429 if there were too
    /// many. To be asked before anything else is done. `email` is what somebody typed, be it an address or not.
    pub(crate) async fn limited(
        &self,
        attempt: Attempt,
        caller: &Caller,
        email: Option<&str>,
    ) -> ApiResult<Counted> {
        let rates = self.settings.attempts.of(attempt);
        let what = format!("{attempt:?}");
        let network = caller.network().to_string();
        let network = network.as_bytes();
        let mut keys = vec![LimitKey::new(rates.address, &what, &[b"address", network])];
        if let Some(((both, email_alone), email)) = rates.email.zip(email) {
            let email = email_key(email);
            let whom = email.as_bytes();
            if let Some(device) = self.known_device(caller, &email).await? {
                keys = vec![LimitKey::new(both, &what, &[b"device", device.as_bytes(), whom])];
            } else {
                keys.push(LimitKey::new(both, &what, &[b"both", network, whom]));
                keys.push(LimitKey::new(email_alone, &what, &[b"email", whom]));
            }
        }
        self.count(keys).await
    }

    /// The caller's browser, if the owner of this account has signed in on it.
    async fn known_device<'a>(&self, caller: &'a Caller, email_key: &str) -> ApiResult<Option<&'a str>> {
        let Some(device) = &caller.device else {
            return Ok(None);
        };
        let known = self.identity.devices.knows(device.expose(), email_key).await?;
        Ok(known.then(|| device.expose().as_str()))
    }

    /// Counts an attempt within a session, where somebody who has stolen it may be guessing; its owner elsewhere is not held
    /// up.
    pub(crate) async fn limited_in(&self, attempt: Attempt, session: &Session) -> ApiResult<Counted> {
        let (rate, _) = self.settings.attempts.passwords();
        let session = session.id.to_bytes();
        let keys = vec![LimitKey::new(
            rate,
            &format!("{attempt:?}"),
            &[b"session", &session],
        )];
        self.count(keys).await
    }

    async fn count(&self, keys: Vec<LimitKey>) -> ApiResult<Counted> {
        match self.identity.limits.take(&keys).await {
            Ok(()) => Ok(Counted(keys)),
            Err(error) => {
                if matches!(error, IdentityError::TooMany { .. }) {
                    security_log::record(SecurityEvent::Limited, None);
                }
                Err(error.into())
            }
        }
    }
}

/// How addresses are compared; what is no address is compared as it is.
fn email_key(typed: &str) -> String {
    Email::parse(typed).map_or_else(|_| typed.trim().to_lowercase(), |email| email.key())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(rate: Rate) -> (u32, u64) {
        (rate.at_once, rate.every.as_secs())
    }

    #[test]
    fn the_defaults_are_these() {
        let limits = AttemptLimits::default();
        let sign_in = limits.of(Attempt::SignIn);
        assert_eq!(shown(sign_in.address), (60, 2));
        let (both, email) = sign_in.email.unwrap();
        assert_eq!((shown(both), shown(email)), ((10, 60), (60, 180)));
        let submit = limits.of(Attempt::SubmitTicket);
        assert_eq!(shown(submit.address), (30, 60));
        let (both, email) = submit.email.unwrap();
        assert_eq!((shown(both), shown(email)), ((6, 600), (12, 300)));
        assert_eq!(limits.of(Attempt::Unsubscribe).address.at_once, 600);
    }

    #[test]
    fn the_least_of_all_is_one() {
        let limits = AttemptLimits {
            proofs_per_minute: 1,
            passwords_per_hour: 1,
            wishes_per_hour: 1,
            mails_per_hour: 1,
        };
        let (both, email) = limits.of(Attempt::SignIn).email.unwrap();
        assert_eq!((shown(both), shown(email)), ((1, 1_200), (3, 3_600)));
        assert_eq!(shown(limits.of(Attempt::SignUp).address), (1, 3_600));
    }

    #[test]
    fn spellings_of_one_address_are_one() {
        assert_eq!(email_key(" Ada@Example.org "), email_key("ada@example.org"));
        assert_eq!(email_key(" No Address"), "no address");
    }
}
