//! `GET /api/mail/unsubscribe/{token}`

use axum::response::Redirect;
use domain::policy::Action;

use super::token::InPath;
use crate::extract::CurrentActor;
use crate::problem::{ApiResult, permit_general};

/// Open the page on which one gets no more mail
///
/// For mail programs that open `List-Unsubscribe` in a browser. It changes nothing, so scanners may follow it.
#[utoipa::path(
    get,
    path = "/api/mail/unsubscribe/{token}",
    tag = "accounts",
    security(()),
    params(("token" = String, Path, description = "From the mail")),
    responses((status = 303, description = "To that page")),
)]
pub(super) async fn open_unsubscribe(
    CurrentActor(actor): CurrentActor,
    InPath(token): InPath,
) -> ApiResult<Redirect> {
    permit_general(&actor, Action::SignIn)?;
    let token = token.expose();
    // Nothing but what tokens are made of gets into the address.
    let is_plain = token.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let token = if is_plain { token } else { "" };
    Ok(Redirect::to(&format!("/unsubscribe#{token}")))
}
