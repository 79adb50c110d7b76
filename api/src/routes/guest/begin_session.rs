//! `POST /api/guest/session`

use axum::Json as Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::Role;
use domain::ids::{AccountId, TicketId};
use domain::policy::Action;
use identity::{Purpose, Secret, SignedIn};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::Me;

use crate::extract::{Caller, CurrentActor, Fields, Json, present};
use crate::limits::Attempt;
use crate::problem::{self, ApiError, ApiResult, load, permit_general};
use crate::security_log::{self, SecurityEvent};
use crate::session::{Arrival, begin_session};
use crate::state::AppState;

/// What was mailed: one of both.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GuestSessionInput {
    /// What stands behind the `#` of the link. Good once.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, nullable = false, format = Password, example = "5c2f…64 hexadecimal digits")]
    token: Option<Secret<String>>,
    /// The access code. Capitals, dashes and spaces do not matter.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, nullable = false, format = Password, example = "7K2M-9QXD-04TW-HC5Z")]
    code: Option<Secret<String>>,
}

/// A guest who is in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct GuestSession {
    /// The account.
    user: Me,
    /// The session's token, for `Authorization: Bearer`. Browsers have it in their cookie and need not keep it.
    #[schema(example = "5c2f…64 hexadecimal digits")]
    token: String,
    /// The ticket that the mail was about. The session opens all of the guest's.
    #[schema(required)]
    ticket_id: Option<uuid::Uuid>,
}

/// One of both proofs.
enum Proof {
    Link(Secret<String>),
    Code(Secret<String>),
}

/// Begin a guest's session
///
/// By the token of a link, which is good once, or by an access code. It opens all tickets of the guest's address, and lasts
/// as long as any session. Accounts that have a password, or any role but GUEST, are not signed in to so.
#[utoipa::path(
    post,
    path = "/api/guest/session",
    tag = "guests",
    security(()),
    request_body = GuestSessionInput,
    responses(
        (status = 200, description = "Signed in", body = GuestSession),
        (status = 401, description = "`Invalid credentials`: unknown, used, revoked, expired, or of no guest (any more)"),
        (status = 429, description = "Too many attempts from this address"),
    ),
)]
pub(super) async fn begin_guest_session(
    State(app): State<AppState>,
    CurrentActor(actor): CurrentActor,
    caller: Caller,
    arrival: Arrival,
    Json { input, .. }: Json<GuestSessionInput>,
) -> ApiResult<Response> {
    permit_general(&actor, Action::SignIn)?;
    let proof = input.parse()?;
    let counted = app.limited(Attempt::BeginGuestSession, &caller, None).await?;
    let admitted = match proof {
        Proof::Link(token) => by_link(&app, token.expose()).await,
        Proof::Code(code) => by_code(&app, code.expose()).await,
    };
    let (account, ticket) = match admitted {
        Ok(Some(admitted)) => admitted,
        Ok(None) => return Err(refused(None)),
        Err(error) => {
            counted.forget(&app).await;
            return Err(error);
        }
    };
    if !is_active_guest(&app, account).await? {
        return Err(refused(Some(account)));
    }
    let begun = begin_session(&app, &arrival, &SignedIn::guest(account)).await?;
    let Some(begun) = begun else {
        return Err(refused(Some(account)));
    };
    counted.forget(&app).await;
    let headers = begun.headers();
    let answer = begun.into_answer();
    let session = GuestSession {
        user: answer.user,
        token: answer.token,
        ticket_id: ticket.map(TicketId::as_uuid),
    };
    Ok((headers, Body(session)).into_response())
}

type Admitted = Option<(AccountId, Option<TicketId>)>;

async fn by_link(app: &AppState, token: &str) -> ApiResult<Admitted> {
    let link = app.identity.links.redeem(Purpose::Guest, token).await?;
    Ok(link.map(|link| (AccountId::from_uuid(link.subject), link.ticket)))
}

async fn by_code(app: &AppState, code: &str) -> ApiResult<Admitted> {
    let admission = app.identity.access_codes.redeem(code).await?;
    Ok(admission.map(|admission| (admission.account_id, Some(admission.ticket))))
}

/// Asked of the log, not of what this node remembers: the account may have been claimed a moment ago on another one.
async fn is_active_guest(app: &AppState, account: AccountId) -> ApiResult<bool> {
    let account = app.commands.account(account).await.map_err(load)?;
    Ok(account.is_some_and(|account| account.active && account.role == Role::Guest))
}

/// The same for every reason.
fn refused(account: Option<AccountId>) -> ApiError {
    security_log::record(SecurityEvent::SignInRefused, account);
    problem::invalid_credentials()
}

impl GuestSessionInput {
    fn parse(self) -> ApiResult<Proof> {
        let mut fields = Fields::default();
        let proof = match (self.token, self.code) {
            (Some(token), None) => Some(Proof::Link(token)),
            (None, Some(code)) => Some(Proof::Code(code)),
            (None, None) => {
                fields.problem("token", "is required, or `code`");
                None
            }
            (Some(_), Some(_)) => {
                fields.problem("code", "must not come with `token`");
                None
            }
        };
        fields.done(proof)
    }
}
