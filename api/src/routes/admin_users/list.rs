//! `GET /api/admin/users`

use axum::extract::State;
use domain::access::What;
use domain::policy::Action;
use domain::{Account, Role};
use http::Uri;
use projections::people::{self, Cursor, Filter, LIST_LIMIT_MAX, Order};
use serde::Deserialize;
use utoipa::IntoParams;
use wire::UserRow;

use super::rows::rows;
use crate::extract::{Asked, Fields, MinPosition, Query, SignedIn};
use crate::page::{self, Listed};
use crate::problem::{ApiResult, permit_general};
use crate::state::AppState;

/// Whom to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AdminUserQuery {
    /// Only accounts whose name or address contains this, in whatever case.
    #[param(example = "ada", max_length = 254)]
    search: Option<String>,
    /// Only accounts of this role: GUEST, USER, ADMIN, AUDITOR or OPERATOR.
    #[param(example = "USER")]
    role: Option<String>,
    /// Only accounts that can be used, or only those that cannot.
    #[serde(rename = "isActive")]
    #[param(rename = "isActive", value_type = Option<bool>)]
    is_active: Option<String>,
    /// How many at most: 1 to 500, which is what is given unless it is said.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 500)]
    limit: Option<String>,
    /// Where the page begins: from the `Link` of the page before.
    cursor: Option<String>,
}

/// List everybody for the administration
///
/// The newest first, with whether they are active and how many tickets they have to do with. For admins and auditors.
#[utoipa::path(
    get,
    path = "/api/admin/users",
    tag = "people",
    params(AdminUserQuery),
    responses((status = 200, description = "The accounts", body = Vec<UserRow>)),
)]
pub(super) async fn list_admin_users(
    State(app): State<AppState>,
    SignedIn { actor, .. }: SignedIn,
    asked: Asked,
    _: MinPosition,
    uri: Uri,
    Query(query): Query<AdminUserQuery>,
) -> ApiResult<Listed<UserRow>> {
    permit_general(&actor, Action::ListAccounts)?;
    let (filter, after, limit) = query.parse()?;
    app.accessed(&actor, &asked, What::AccountList, None, uri.query())
        .await?;
    let page = app
        .read(people::list(
            &app.pool,
            &filter,
            Order::Newest,
            after.as_ref(),
            limit,
        ))
        .await?;
    let accounts: Vec<Account> = page.people.into_iter().map(|row| row.account).collect();
    Ok(Listed::new(&uri, rows(&app, &accounts).await?, page.next))
}

impl AdminUserQuery {
    fn parse(self) -> ApiResult<(Filter, Option<Cursor>, usize)> {
        let mut fields = Fields::default();
        let role = fields.choice("role", self.role.as_deref(), &Role::ALL);
        let after = page::cursor(&mut fields, self.cursor.as_deref(), |cursor: &Cursor| {
            cursor.is_of(Order::Newest)
        });
        let limit = page::limit(&mut fields, self.limit.as_deref(), LIST_LIMIT_MAX);
        let part = fields.search("search", self.search.as_deref());
        let active = match self.is_active.as_deref() {
            None => None,
            Some("true") => Some(true),
            Some("false") => Some(false),
            Some(_) => {
                fields.problem("isActive", "must be true or false");
                None
            }
        };
        let filter = Filter { part, role, active };
        fields.done(Some((filter, after, limit)))
    }
}
