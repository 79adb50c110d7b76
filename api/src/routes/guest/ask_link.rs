//! `POST /api/guest/link`

use axum::Json as Body;
use axum::extract::State;
use domain::policy::Action;
use domain::text::Email;
use http::StatusCode;
use reactors::Letter;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::extract::{Caller, CurrentActor, Fields, Json};
use crate::limits::Attempt;
use crate::problem::{ApiResult, permit_general};
use crate::state::AppState;

/// Who wants another link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GuestLinkInput {
    /// The address that tickets were submitted with.
    #[schema(value_type = String, required, example = "ada@example.org", max_length = 254)]
    email: Option<String>,
}

/// The wish is noted. The same for every address.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LinkAsked {
    /// How it goes on, for people.
    message: &'static str,
}

/// Ask for another link to one's tickets
///
/// For guests whose link has been used or has expired. It is mailed, if there are tickets of theirs; the answer is the same
/// in any case.
#[utoipa::path(
    post,
    path = "/api/guest/link",
    tag = "guests",
    security(()),
    request_body = GuestLinkInput,
    responses(
        (status = 202, description = "Noted, whoever is behind the address", body = LinkAsked),
        (status = 429, description = "Too many links asked for from or for this address"),
    ),
)]
pub(super) async fn ask_guest_link(
    State(app): State<AppState>,
    CurrentActor(actor): CurrentActor,
    caller: Caller,
    Json { input, .. }: Json<GuestLinkInput>,
) -> ApiResult<(StatusCode, Body<LinkAsked>)> {
    permit_general(&actor, Action::SignIn)?;
    let mut fields = Fields::default();
    let email: Option<Email> = fields.required("email", input.email.as_deref());
    let email = fields.done(email)?;
    app.limited(Attempt::AskForGuestLink, &caller, Some(email.as_str()))
        .await?;
    app.outbox.put(&Letter::GuestLink { email }).await?;
    let message = "If there are tickets of this address, a link to them is on its way.";
    Ok((StatusCode::ACCEPTED, Body(LinkAsked { message })))
}
