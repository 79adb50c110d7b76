//! `GET /api/users`

use axum::extract::State;
use domain::Role;
use domain::access::What;
use domain::policy::Action;
use http::Uri;
use projections::people::{self, Cursor, Filter, LIST_LIMIT_MAX, Order, PersonRow};
use serde::Deserialize;
use utoipa::IntoParams;
use wire::User;

use crate::extract::{Asked, Fields, MinPosition, Query, SignedIn};
use crate::page::{self, Listed};
use crate::problem::{ApiResult, permit_general};
use crate::state::AppState;

/// Whom to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct UserQuery {
    /// Only accounts of this role: GUEST, USER, ADMIN, AUDITOR or OPERATOR.
    #[param(example = "ADMIN")]
    role: Option<String>,
    /// How many at most: 1 to 500, which is what is given unless it is said.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 500)]
    limit: Option<String>,
    /// Where the page begins: from the `Link` of the page before.
    cursor: Option<String>,
}

/// List everybody
///
/// By name; deactivated accounts too. For admins and auditors.
#[utoipa::path(
    get,
    path = "/api/users",
    tag = "people",
    params(UserQuery),
    responses((status = 200, description = "The accounts", body = Vec<User>)),
)]
pub(super) async fn list_users(
    State(app): State<AppState>,
    SignedIn { actor, .. }: SignedIn,
    asked: Asked,
    _: MinPosition,
    uri: Uri,
    Query(query): Query<UserQuery>,
) -> ApiResult<Listed<User>> {
    permit_general(&actor, Action::ListAccounts)?;
    let (filter, after, limit) = query.parse()?;
    app.accessed(&actor, &asked, What::AccountList, None, uri.query())
        .await?;
    let page = app
        .read(people::list(
            &app.pool,
            &filter,
            Order::Name,
            after.as_ref(),
            limit,
        ))
        .await?;
    let ids: Vec<_> = page.people.iter().map(|row| row.account.id).collect();
    let elsewhere = app.identity.identities.of_accounts(&ids).await?;
    let user = |row: &PersonRow| User {
        is_keycloak_user: elsewhere.contains(&row.account.id),
        ..User::from(&row.account)
    };
    let users = page.people.iter().map(user).collect();
    Ok(Listed::new(&uri, users, page.next))
}

impl UserQuery {
    fn parse(self) -> ApiResult<(Filter, Option<Cursor>, usize)> {
        let mut fields = Fields::default();
        let role = fields.choice("role", self.role.as_deref(), &Role::ALL);
        let after = page::cursor(&mut fields, self.cursor.as_deref(), |cursor: &Cursor| {
            cursor.is_of(Order::Name)
        });
        let limit = page::limit(&mut fields, self.limit.as_deref(), LIST_LIMIT_MAX);
        let filter = Filter {
            role,
            ..Filter::default()
        };
        fields.done(Some((filter, after, limit)))
    }
}
