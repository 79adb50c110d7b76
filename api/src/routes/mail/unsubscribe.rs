//! `POST /api/mail/unsubscribe/{token}`

use axum::extract::State;
use domain::account::{Changes, Notifications};
use domain::ids::AccountId;
use domain::policy::Action;
use domain::{AccountCommand, Actor};
use identity::Purpose;

use super::token::InPath;
use crate::answer::Success;
use crate::extract::{Asked, Caller, CurrentActor};
use crate::limits::Attempt;
use crate::problem::{ApiResult, permit_general};
use crate::state::AppState;
use commands::Expect;

/// Get no more mail about tickets
///
/// The one-click of RFC 8058: mail programs send it on their user's behalf, with the address that `List-Unsubscribe` names.
/// It needs no session, and whatever else the request says is passed over. The answer is the same for every token, and for
/// what is none. What lets people in (links, confirmations) comes nevertheless.
#[utoipa::path(
    post,
    path = "/api/mail/unsubscribe/{token}",
    tag = "accounts",
    security(()),
    params(("token" = String, Path, description = "From the mail")),
    responses(
        (status = 200, description = "Done, if there was anything to do", body = Success),
        (status = 429, description = "Too many from this address"),
    ),
)]
pub(super) async fn unsubscribe(
    State(app): State<AppState>,
    CurrentActor(actor): CurrentActor,
    InPath(token): InPath,
    caller: Caller,
    asked: Asked,
) -> ApiResult<axum::Json<Success>> {
    permit_general(&actor, Action::SignIn)?;
    app.limited(Attempt::Unsubscribe, &caller, None).await?;
    let link = app
        .identity
        .links
        .look(Purpose::Unsubscribe, token.expose())
        .await?;
    if let Some(link) = link {
        let command = AccountCommand::Change(Changes {
            notifications: Some(Notifications::None),
            ..Changes::default()
        });
        let account = AccountId::from_uuid(link.subject);
        let cause = asked.cause_once(&app);
        // Whoever holds the link decides for the account, whoever may be signed in on the browser that sends it.
        let actor = Actor::System("unsubscribe");
        let executed = app
            .commands
            .execute_account(&actor, &cause, account, Expect::Any, command)
            .await?;
        app.settle(executed.position).await;
    }
    Ok(axum::Json(Success::YES))
}
