//! `DELETE /api/admin/users/{id}`

use axum::extract::State;
use commands::CommandError;
use domain::AccountCommand;
use domain::account::{Changes, Refusal};
use domain::ids::AccountId;

use super::update::follow_up;
use crate::answer::{Success, Written};
use crate::extract::{Asked, Id, IfMatch, SignedIn};
use crate::problem::{ApiError, ApiResult, bad_request};
use crate::state::AppState;

/// Deactivate somebody's account
///
/// Nothing is deleted: what its owner did stays theirs. Its sessions, links, codes and tokens end at once.
#[utoipa::path(
    delete,
    path = "/api/admin/users/{id}",
    tag = "people",
    params(
        ("id" = uuid::Uuid, Path, description = "Whose account"),
        ("If-Match" = Option<String>, Header, description = "Only if the account is still at this version"),
        ("Idempotency-Key" = Option<String>, Header, description = "Under which this may be repeated"),
    ),
    responses(
        (status = 200, description = "It can no longer be used", body = Success),
        (status = 400, description = "`Cannot delete your own account`, or the last admin would be gone"),
        (status = 404, description = "`User not found`"),
        (status = 409, description = "Others change the same at once"),
        (status = 412, description = "It is at another version"),
    ),
)]
pub(super) async fn delete_admin_user(
    State(app): State<AppState>,
    Id(account): Id<AccountId>,
    SignedIn { actor, .. }: SignedIn,
    IfMatch(expect): IfMatch,
    asked: Asked,
) -> ApiResult<Written<Success>> {
    let cause = asked.cause(&app, &actor, &[]);
    let command = AccountCommand::Change(Changes {
        active: Some(false),
        ..Changes::default()
    });
    let work = {
        let app = app.clone();
        async move {
            let executed = app
                .commands
                .execute_account(&actor, &cause, account, expect, command)
                .await;
            let executed = executed.map_err(in_the_originals_words)?;
            follow_up(&app, &executed).await;
            ApiResult::Ok(executed)
        }
    };
    let executed = app.to_the_end(work).await??;
    app.settle(executed.position).await;
    Ok(Written::ok(&executed, Success::YES))
}

fn in_the_originals_words(error: CommandError<Refusal>) -> ApiError {
    match error {
        CommandError::Refused(Refusal::OwnAccount) => bad_request("Cannot delete your own account"),
        error => error.into(),
    }
}
