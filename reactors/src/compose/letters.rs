//! Mails that somebody asked for.

use std::sync::Arc;
use std::time::Duration;

use domain::Role;
use domain::account::Account;
use domain::text::Email;
use identity::{Link, Purpose};
use lettre::Message;
use projections::tickets::{Filter, Wanted, list};
use url::Url;
use uuid::Uuid;

use super::links::{desk, guest_way, unmade, url};
use super::message::{Draft, message};
use super::templates::{AccountExists, Contents, Frame, GuestLink, Identity, PasswordReset, Registration};
use super::{thread, words};
use crate::context::Context;
use crate::delivery::{Delivery, Kind};
use crate::failure::{Failure, Reach};

/// How long the link to a new password is good.
const RESET_VALID: Duration = Duration::from_hours(1);
/// How long the link is good that lets an identity provider's user in.
const IDENTITY_VALID: Duration = Duration::from_hours(24);
/// How long the directory may take to know of an account that has just begun.
const DIRECTORY_WAIT: Duration = Duration::from_secs(5);

/// What a mail says.
struct Letter {
    subject: &'static str,
    contents: Box<dyn Contents + Send>,
}

impl Letter {
    fn new(subject: &'static str, contents: impl Contents + Send + 'static) -> Self {
        let contents = Box::new(contents);
        Self { subject, contents }
    }
}

/// The mail; none if whoever was named has nothing to be told.
pub(super) async fn compose(delivery: &Delivery, context: &Context) -> Result<Option<Message>, Failure> {
    let address = delivery.email.as_deref().unwrap_or_default();
    let email = Email::parse(address).map_err(|_| unusable())?;
    let (account, has_password) = account(&email, context).await?;
    let letter = match delivery.kind {
        Kind::Registration => registration(delivery.subject, account.as_deref(), context).await?,
        Kind::PasswordReset => password_reset(account.as_deref(), has_password, context).await?,
        Kind::GuestLink => guest_link(account.as_deref(), context).await?,
        Kind::Identity => identity(delivery.subject, account.as_deref(), context).await?,
        Kind::Event(_) | Kind::Unread => None,
    };
    letter
        .map(|letter| message_of(delivery, &email, &letter, context))
        .transpose()
}

async fn registration(
    registration: Option<Uuid>,
    account: Option<&Account>,
    context: &Context,
) -> Result<Option<Letter>, Failure> {
    // A guest's account may be claimed.
    if let Some(account) = account.filter(|account| account.role != Role::Guest) {
        return Ok(account.active.then(|| {
            let sign_in = format!("{}/login", context.app_url);
            Letter::new("You already have an account", AccountExists { sign_in })
        }));
    }
    let Some(subject) = registration else {
        return Ok(None);
    };
    let until = context.identity.registrations.waits_until(subject).await;
    let Some(until) = until.map_err(|error| unmade(&error))? else {
        return Ok(None);
    };
    let left_ms = until.millis_since(context.clock.now());
    let valid = Duration::from_millis(u64::try_from(left_ms).unwrap_or(0));
    let link = Link {
        purpose: Purpose::Registration,
        subject,
        ticket: None,
    };
    let url = url("/register/confirm", &link, valid, context).await?;
    let valid = words::duration(valid);
    let letter = Letter::new("Finish your registration", Registration { url, valid });
    Ok(Some(letter))
}

/// Who signs in by a provider only has no password that could be another.
async fn password_reset(
    account: Option<&Account>,
    has_password: bool,
    context: &Context,
) -> Result<Option<Letter>, Failure> {
    let Some(account) = account.filter(|account| account.active && has_password) else {
        return Ok(None);
    };
    let link = Link {
        purpose: Purpose::PasswordReset,
        subject: account.id.as_uuid(),
        ticket: None,
    };
    let url = url("/reset-password", &link, RESET_VALID, context).await?;
    let valid = words::duration(RESET_VALID);
    let letter = Letter::new("A new password", PasswordReset { url, valid });
    Ok(Some(letter))
}

async fn guest_link(account: Option<&Account>, context: &Context) -> Result<Option<Letter>, Failure> {
    let Some(account) = account.filter(|account| account.active && account.role == Role::Guest) else {
        return Ok(None);
    };
    let filter = Filter {
        requester: Some(account.id),
        ..Filter::default()
    };
    let page = list(&context.pool, Wanted::newest(&filter, 1)).await;
    let page = page.map_err(|error| {
        tracing::warn!(%error, "failed to look for a guest's tickets");
        Failure::new(Reach::Mail, "the tickets could not be read")
    })?;
    let Some(newest) = page.tickets.first() else {
        return Ok(None);
    };
    let ticket = &newest.ticket;
    let contents = GuestLink {
        number: words::short(ticket.id),
        title: words::one_line(ticket.title.as_str()),
        way: guest_way(account.id, ticket.id, true, context).await?,
    };
    Ok(Some(Letter::new("The link to your tickets", contents)))
}

async fn identity(
    identity: Option<Uuid>,
    account: Option<&Account>,
    context: &Context,
) -> Result<Option<Letter>, Failure> {
    let (Some(subject), Some(_)) = (identity, account.filter(|account| account.active)) else {
        return Ok(None);
    };
    let identity = context.identity.identities.get(subject).await;
    let Some(identity) = identity.map_err(|error| unmade(&error))? else {
        return Ok(None);
    };
    let issuer = Url::parse(&identity.issuer).ok();
    let host = issuer.as_ref().and_then(Url::host_str);
    let provider = host.map_or_else(|| words::one_line(&identity.issuer), str::to_owned);
    let link = Link {
        purpose: Purpose::Identity,
        subject,
        ticket: None,
    };
    let url = url("/link-account", &link, IDENTITY_VALID, context).await?;
    let valid = words::duration(IDENTITY_VALID);
    let letter = Letter::new(
        "Somebody signed in with your address",
        Identity { provider, url, valid },
    );
    Ok(Some(letter))
}

/// Whose address it is, and whether they have a password.
async fn account(email: &Email, context: &Context) -> Result<(Option<Arc<Account>>, bool), Failure> {
    let holder = context.identity.logins.holder(email).await;
    let Some(holder) = holder.map_err(|error| unmade(&error))? else {
        return Ok((None, false));
    };
    let id = holder.account_id;
    if let Some(account) = context.directory.get(id) {
        return Ok((Some(account), holder.has_password));
    }
    let unknown = || Failure::new(Reach::Mail, "the account is not known yet");
    let head = context.log.head().await.map_err(|_| unknown())?;
    let known = context.directory.wait_for(head.position, DIRECTORY_WAIT).await;
    known.map_err(|_| unknown())?;
    let account = context.directory.get(id).ok_or_else(unknown)?;
    Ok((Some(account), holder.has_password))
}

fn message_of(
    delivery: &Delivery,
    email: &Email,
    letter: &Letter,
    context: &Context,
) -> Result<Message, Failure> {
    let app_url = &context.app_url;
    let reason = format!("You get this mail because somebody entered your address at {app_url}.");
    let frame = Frame {
        desk: desk(context),
        app_url,
        reason: &reason,
        unsubscribe: None,
    };
    let draft = Draft {
        to: email,
        subject: letter.subject.to_owned(),
        id: format!("<{}@{}>", delivery.id, thread::host(app_url)),
        follows: None,
        unsubscribe: None,
        contents: letter.contents.render(&frame)?,
    };
    message(&draft, &context.from, context.now())
}

fn unusable() -> Failure {
    Failure::new(Reach::MailForGood, "the address cannot be used")
}
