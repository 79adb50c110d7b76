//! `GET /api/auth/providers/{name}/start`

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::policy::Action;
use http::header::LOCATION;
use http::{HeaderMap, HeaderValue, StatusCode};
use identity::OidcError;
use serde::Deserialize;
use utoipa::IntoParams;

use super::browser::AwayCookie;
use super::come_back::{Refused, to_sign_in};
use super::{ProviderName, callback, return_to};
use crate::extract::{Caller, CurrentActor, Id, Query};
use crate::limits::Attempt;
use crate::problem::{self, ApiResult, permit_general};
use crate::state::AppState;

/// What may be said when going there.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct StartQuery {
    /// The path here to come back to, `/` by default.
    #[param(example = "/tickets")]
    return_to: Option<String>,
}

/// Sign in at an identity provider
///
/// For browsers: sends them there, with a cookie by which they are recognised when they come back within ten minutes.
#[utoipa::path(
    get,
    path = "/api/auth/providers/{name}/start",
    tag = "accounts",
    security(()),
    params(("name" = String, Path, description = "Which provider"), StartQuery),
    responses(
        (status = 302, description = "To the provider; or to `/login?error=unavailable` if it is away"),
        (status = 404, description = "`Provider not found`"),
        (status = 422, description = "`returnTo` is no path here"),
        (status = 429, description = "Too many attempts from this address"),
    ),
)]
pub(super) async fn start_provider(
    State(app): State<AppState>,
    CurrentActor(actor): CurrentActor,
    Id(ProviderName(name)): Id<ProviderName>,
    Query(query): Query<StartQuery>,
    browser: AwayCookie,
    caller: Caller,
) -> ApiResult<Response> {
    permit_general(&actor, Action::SignIn)?;
    let return_to = query.return_to.as_deref().unwrap_or("/");
    if !return_to::is_here(return_to, &app.settings.app_url) {
        return Err(problem::invalid(
            "returnTo",
            "must be a path here, such as /tickets",
        ));
    }
    let _ = app.limited(Attempt::VisitProvider, &caller, None).await?;
    let known = browser.value.as_ref().map(|value| value.expose().as_str());
    let oidc = &app.identity.oidc;
    match oidc.start(&name, &callback(&app, &name), return_to, known).await {
        Ok(started) => {
            let mut headers = HeaderMap::new();
            browser.set(&mut headers, &started.browser);
            let url = HeaderValue::from_str(started.url.as_str()).map_err(|error| problem::fault(&error))?;
            headers.insert(LOCATION, url);
            Ok((StatusCode::FOUND, headers).into_response())
        }
        Err(OidcError::UnknownProvider) => Err(problem::not_found(problem::PROVIDER_NOT_FOUND)),
        Err(OidcError::Identity(error)) => Err(error.into()),
        Err(error) => {
            tracing::warn!(provider = name, %error, "nobody can sign in at an identity provider");
            Ok(to_sign_in(Refused::Unavailable))
        }
    }
}
