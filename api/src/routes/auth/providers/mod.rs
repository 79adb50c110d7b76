//! Signing in at identity providers.

mod browser;
mod come_back;
mod list;
mod return_to;
mod start;

use std::convert::Infallible;
use std::str::FromStr;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::InPath;
use crate::problem;
use crate::state::{App, AppState};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_providers))
        .routes(routes!(start::start_provider))
        .routes(routes!(come_back::come_back_from_provider))
}

/// A provider's name in a path. Any text may be one; whether there is such a provider is known later.
#[derive(Debug)]
struct ProviderName(String);

impl FromStr for ProviderName {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl InPath for ProviderName {
    const PARAMETER: &'static str = "name";
    const MISSING: &'static str = problem::PROVIDER_NOT_FOUND;
}

/// Where the provider `name` sends browsers back to: made of settings, and of no header.
fn callback(app: &App, name: &str) -> String {
    let base = app.settings.app_url.as_str().trim_end_matches('/');
    format!("{base}/api/auth/providers/{name}/callback")
}
