//! Accounts with the number of tickets that their owners have to do with.

use domain::Account;
use projections::tickets::{self, Totals};
use wire::{UserCount, UserRow};

use crate::problem::ApiResult;
use crate::state::AppState;

/// The rows of `accounts`, in their order.
pub(super) async fn rows(app: &AppState, accounts: &[Account]) -> ApiResult<Vec<UserRow>> {
    let ids: Vec<_> = accounts.iter().map(|account| account.id).collect();
    let totals = app.read(tickets::totals(&app.pool, &ids)).await?;
    let elsewhere = app.identity.identities.of_accounts(&ids).await?;
    let row = |account: &Account| UserRow {
        is_keycloak_user: elsewhere.contains(&account.id),
        ..UserRow::of(
            account,
            count(totals.get(&account.id).copied().unwrap_or_default()),
        )
    };
    Ok(accounts.iter().map(row).collect())
}

fn count(totals: Totals) -> UserCount {
    UserCount {
        created_tickets: i64::try_from(totals.requested).unwrap_or(i64::MAX),
        assigned_tickets: i64::try_from(totals.assigned).unwrap_or(i64::MAX),
    }
}
