//! What mails lead to. Links and codes are made when the mail is, so they are nowhere else and good for as long as it says.

use std::time::Duration;

use domain::ids::{AccountId, TicketId};
use identity::{IdentityError, Link, Purpose, Token};

use super::templates::{GuestWay, Way};
use super::words;
use crate::context::Context;
use crate::failure::{Failure, Reach};

/// What the desk is called, where nobody has given it a name in `SMTP_FROM`.
const DESK: &str = "Informejo";

/// What the desk is called.
pub(super) fn desk(context: &Context) -> &str {
    context.from.name.as_deref().unwrap_or(DESK)
}

/// A new link's token.
pub(super) async fn token(link: &Link, valid: Duration, context: &Context) -> Result<Token, Failure> {
    let token = context.identity.links.create(link, valid).await;
    token.map_err(|error| unmade(&error))
}

/// A new link, as people follow it: its token after `#`, which is sent to nobody.
pub(super) async fn url(
    path: &str,
    link: &Link,
    valid: Duration,
    context: &Context,
) -> Result<String, Failure> {
    let token = token(link, valid, context).await?;
    Ok(format!("{}{path}#{}", context.app_url, token.expose()))
}

/// A guest's way to a ticket: a new link, and a new access code if there is to be one.
pub(super) async fn guest_way(
    guest: AccountId,
    ticket: TicketId,
    code: bool,
    context: &Context,
) -> Result<Way, Failure> {
    let valid = context.guest_link_valid;
    let link = Link {
        purpose: Purpose::Guest,
        subject: guest.as_uuid(),
        ticket: Some(ticket),
    };
    let path = format!("/tickets/view/{ticket}");
    let url = url(&path, &link, valid, context).await?;
    let code = if code {
        let code = context.identity.access_codes.create(guest, ticket, valid).await;
        Some(code.map_err(|error| unmade(&error))?)
    } else {
        None
    };
    Ok(Way {
        url,
        guest: Some(GuestWay {
            valid: words::duration(valid),
            page: format!("{}/tickets/view", context.app_url),
            code: code.map(|code| code.expose().to_owned()),
        }),
    })
}

pub(super) fn unmade(error: &IdentityError) -> Failure {
    tracing::warn!(%error, "a link could not be made");
    Failure::new(Reach::Mail, "a link could not be made")
}
