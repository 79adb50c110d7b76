//! Mails that somebody asked for.

use std::sync::Arc;
use std::time::Duration;

use domain::Role;
use domain::account::Account;
use domain::text::Email;
use identity::{IdentityError, Link, Purpose};
use lettre::Message;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use projections::tickets::{Filter, list};
use uuid::Uuid;

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
struct Text {
    subject: &'static str,
    body: String,
}

/// The mail; none if whoever was named has nothing to be told.
pub(super) async fn compose(delivery: &Delivery, context: &Context) -> Result<Option<Message>, Failure> {
    let address = delivery.email.as_deref().unwrap_or_default();
    let email = Email::parse(address).map_err(|_| unusable())?;
    let account = account(&email, context).await?;
    let text = match delivery.kind {
        Kind::Registration => registration(delivery.subject, account.as_deref(), context).await?,
        Kind::PasswordReset => password_reset(account.as_deref(), context).await?,
        Kind::GuestLink => guest_link(account.as_deref(), context).await?,
        Kind::Identity => identity(delivery.subject, account.as_deref(), context).await?,
        _ => None,
    };
    text.map(|text| message(delivery, &email, text, context))
        .transpose()
}

async fn registration(
    registration: Option<Uuid>,
    account: Option<&Account>,
    context: &Context,
) -> Result<Option<Text>, Failure> {
    // A guest's account may be claimed.
    if let Some(account) = account.filter(|account| account.role != Role::Guest) {
        return Ok(account.active.then(|| Text {
            subject: "You already have an account",
            body: format!(
                "Somebody, probably you, wanted to register with this address. There is an account already:\n\
                 sign in at {}/login\n\n\
                 If you have forgotten your password, ask for a new one there.\n\
                 If it was not you, there is nothing to do.\n",
                context.app_url
            ),
        }));
    }
    let Some(subject) = registration else {
        return Ok(None);
    };
    let until = context.identity.registrations.waits_until(subject).await;
    let Some(until) = until.map_err(|error| identity_failed(&error))? else {
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
    Ok(Some(Text {
        subject: "Finish your registration",
        body: format!(
            "Somebody, probably you, wanted to register with this address. To finish it, open\n\n{url}\n\n\
             and type the password that you chose. If it was not you, there is nothing to do.\n"
        ),
    }))
}

async fn password_reset(account: Option<&Account>, context: &Context) -> Result<Option<Text>, Failure> {
    let Some(account) = account.filter(|account| account.active && account.role != Role::Guest) else {
        return Ok(None);
    };
    let link = Link {
        purpose: Purpose::PasswordReset,
        subject: account.id.as_uuid(),
        ticket: None,
    };
    let url = url("/reset-password", &link, RESET_VALID, context).await?;
    Ok(Some(Text {
        subject: "A new password",
        body: format!(
            "Somebody, probably you, asked for a new password. To choose one, open within the next hour\n\n{url}\n\n\
             If it was not you, there is nothing to do: your password stays as it is.\n"
        ),
    }))
}

async fn guest_link(account: Option<&Account>, context: &Context) -> Result<Option<Text>, Failure> {
    let Some(account) = account.filter(|account| account.active && account.role == Role::Guest) else {
        return Ok(None);
    };
    let filter = Filter {
        requester: Some(account.id),
        ..Filter::default()
    };
    let page = list(&context.pool, &filter, None, 1).await;
    let page = page.map_err(|error| {
        tracing::warn!(%error, "failed to look for a guest's tickets");
        Failure::new(Reach::Mail, "the tickets could not be read")
    })?;
    let Some(newest) = page.tickets.first() else {
        return Ok(None);
    };
    let ticket = newest.ticket.id;
    let link = Link {
        purpose: Purpose::Guest,
        subject: account.id.as_uuid(),
        ticket: Some(ticket),
    };
    let path = format!("/tickets/view/{ticket}");
    let url = url(&path, &link, context.guest_link_valid, context).await?;
    Ok(Some(Text {
        subject: "The link to your ticket",
        body: format!(
            "Here is the new link to your ticket that you asked for:\n\n{url}\n\nIt can be used once.\n"
        ),
    }))
}

async fn identity(
    identity: Option<Uuid>,
    account: Option<&Account>,
    context: &Context,
) -> Result<Option<Text>, Failure> {
    let (Some(subject), Some(_)) = (identity, account.filter(|account| account.active)) else {
        return Ok(None);
    };
    let link = Link {
        purpose: Purpose::Identity,
        subject,
        ticket: None,
    };
    let url = url("/link-account", &link, IDENTITY_VALID, context).await?;
    Ok(Some(Text {
        subject: "Somebody signed in with your address",
        body: format!(
            "Somebody, probably you, signed in by another service that knows them by this address. To let them into the \
             account that you have here, open\n\n{url}\n\nIf it was not you, do not open it.\n"
        ),
    }))
}

/// Whose address it is.
async fn account(email: &Email, context: &Context) -> Result<Option<Arc<Account>>, Failure> {
    let id = context.identity.logins.account_of(email).await;
    let Some(id) = id.map_err(|error| identity_failed(&error))? else {
        return Ok(None);
    };
    if let Some(account) = context.directory.get(id) {
        return Ok(Some(account));
    }
    let unknown = || Failure::new(Reach::Mail, "the account is not known yet");
    let head = context.log.head().await.map_err(|_| unknown())?;
    let known = context.directory.wait_for(head.position, DIRECTORY_WAIT).await;
    known.map_err(|_| unknown())?;
    context.directory.get(id).map(Some).ok_or_else(unknown)
}

/// A new link, as people follow it: its token after `#`, which is sent to nobody.
async fn url(path: &str, link: &Link, valid: Duration, context: &Context) -> Result<String, Failure> {
    let token = context.identity.links.create(link, valid).await;
    let token = token.map_err(|error| identity_failed(&error))?;
    Ok(format!("{}{path}#{}", context.app_url, token.expose()))
}

fn message(delivery: &Delivery, email: &Email, text: Text, context: &Context) -> Result<Message, Failure> {
    let address = email.as_str().parse().map_err(|_| unusable())?;
    Message::builder()
        .message_id(Some(context.message_id(delivery)))
        .date(context.now())
        .from(context.from.clone())
        .to(Mailbox::new(None, address))
        .subject(text.subject)
        .header(ContentType::TEXT_PLAIN)
        .body(text.body)
        .map_err(|_| unusable())
}

fn identity_failed(error: &IdentityError) -> Failure {
    tracing::warn!(%error, "a link could not be made");
    Failure::new(Reach::Mail, "a link could not be made")
}

fn unusable() -> Failure {
    Failure::new(Reach::MailForGood, "the address cannot be used")
}
