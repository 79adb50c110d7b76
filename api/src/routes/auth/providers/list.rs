//! `GET /api/auth/providers`

use axum::Json;
use axum::extract::State;
use domain::policy::Action;
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::CurrentActor;
use crate::problem::{ApiResult, permit_general};
use crate::state::AppState;

/// Where people may sign in besides.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProviderShown {
    /// Its name.
    #[schema(example = "keycloak")]
    name: String,
    /// What people call it.
    #[schema(example = "Example Ltd.")]
    label: String,
    /// Where a browser has to go to sign in there.
    #[schema(example = "/api/auth/providers/keycloak/start")]
    start_url: String,
}

/// List the identity providers
#[utoipa::path(
    get,
    path = "/api/auth/providers",
    tag = "accounts",
    security(()),
    responses((status = 200, description = "The providers; none if nobody has set any", body = Vec<ProviderShown>)),
)]
pub(super) async fn list_providers(
    State(app): State<AppState>,
    CurrentActor(actor): CurrentActor,
) -> ApiResult<Json<Vec<ProviderShown>>> {
    permit_general(&actor, Action::SignIn)?;
    let providers = app.identity.oidc.providers();
    let shown = providers.map(|provider| ProviderShown {
        name: provider.name.clone(),
        label: provider.label.clone(),
        start_url: format!("/api/auth/providers/{}/start", provider.name),
    });
    Ok(Json(shown.collect()))
}
