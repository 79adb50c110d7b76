//! `GET /api/admin/users/counts`

use axum::Json;
use axum::extract::State;
use domain::policy::Action;
use domain::{Account, Role};
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::{MinPosition, SignedIn};
use crate::problem::{ApiResult, permit_general};
use crate::state::AppState;

/// How many accounts there are. Who is inactive is counted under their role too.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AccountCounts {
    /// All of them.
    total: usize,
    /// Those of admins.
    admins: usize,
    /// Those of people who sign in and report.
    users: usize,
    /// Those of people who report without signing in.
    guests: usize,
    /// Those of auditors.
    auditors: usize,
    /// Those of operators.
    operators: usize,
    /// Those that cannot be used.
    inactive: usize,
}

/// Count everybody for the administration
#[utoipa::path(
    get,
    path = "/api/admin/users/counts",
    tag = "people",
    responses((status = 200, description = "How many there are of each kind", body = AccountCounts)),
)]
pub(super) async fn count_admin_users(
    State(app): State<AppState>,
    SignedIn { actor, .. }: SignedIn,
    _: MinPosition,
) -> ApiResult<Json<AccountCounts>> {
    permit_general(&actor, Action::ListAccounts)?;
    let count = |condition: &dyn Fn(&Account) -> bool| app.directory.count(condition);
    let of = |role: Role| count(&|account| account.role == role);
    Ok(Json(AccountCounts {
        total: count(&|_| true),
        admins: of(Role::Admin),
        users: of(Role::User),
        guests: of(Role::Guest),
        auditors: of(Role::Auditor),
        operators: of(Role::Operator),
        inactive: count(&|account| !account.active),
    }))
}
