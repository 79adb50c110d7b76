//! `GET /api/auth/providers/{name}/callback`

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use domain::Actor;
use domain::ids::AccountId;
use domain::policy::Action;
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use identity::{OidcError, Proof, Returned};
use url::form_urlencoded;

use super::browser::AwayCookie;
use super::{ProviderName, callback};
use crate::extract::{Asked, Caller, Id};
use crate::limits::Attempt;
use crate::oidc::{NotLetIn, let_in};
use crate::problem::{self, ApiResult, permit_general};
use crate::security_log::{self, SecurityEvent};
use crate::session::{Arrival, Begun, begin_session};
use crate::state::AppState;

/// Why somebody is not let in, as the sign-in page is told: one of a few words, never what a provider wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// They changed their mind, or the provider let them not in.
    Denied,
    /// Nobody knows of it: it took too long, was done already, or began in another browser.
    Expired,
    /// What the provider says is not acceptable.
    Provider,
    /// The provider is away, or we are too busy.
    Unavailable,
    /// The provider tells no address.
    NoEmail,
    /// It tells one that it has not verified.
    EmailNotVerified,
    /// The account is deactivated.
    Inactive,
}

impl Refused {
    const fn location(self) -> &'static str {
        match self {
            Self::Denied => "/login?error=denied",
            Self::Expired => "/login?error=expired",
            Self::Provider => "/login?error=provider",
            Self::Unavailable => "/login?error=unavailable",
            Self::NoEmail => "/login?error=no_email",
            Self::EmailNotVerified => "/login?error=email_not_verified",
            Self::Inactive => "/login?error=inactive",
        }
    }
}

/// Sends the browser to the sign-in page, and says why.
pub(super) fn to_sign_in(refused: Refused) -> Response {
    (StatusCode::FOUND, [(LOCATION, refused.location())]).into_response()
}

/// Come back from an identity provider
///
/// For browsers, which providers send here (OpenID Connect, code flow). Once; only in the browser that was sent there.
#[utoipa::path(
    get,
    path = "/api/auth/providers/{name}/callback",
    tag = "accounts",
    security(()),
    params(
        ("name" = String, Path, description = "Which provider"),
        ("code" = Option<String>, Query, description = "What the provider exchanges for who it is"),
        ("state" = Option<String>, Query, description = "With which the browser was sent there"),
        ("iss" = Option<String>, Query, description = "The provider's issuer (RFC 9207)"),
        ("error" = Option<String>, Query, description = "Why there is no code"),
    ),
    responses(
        (status = 302, description = "Signed in: to where the browser wanted to go, with the session's cookie. Otherwise to \
            `/login?error=` and one of `denied`, `expired`, `provider`, `unavailable`, `no_email`, `email_not_verified`, `inactive`"),
        (status = 404, description = "`Provider not found`"),
        (status = 429, description = "Too many attempts from this address"),
    ),
)]
pub(super) async fn come_back_from_provider(
    State(app): State<AppState>,
    Id(ProviderName(name)): Id<ProviderName>,
    RawQuery(query): RawQuery,
    browser: AwayCookie,
    arrival: Arrival,
    caller: Caller,
    asked: Asked,
) -> ApiResult<Response> {
    permit_general(&Actor::Anonymous, Action::SignIn)?;
    let counted = app.limited(Attempt::ReturnFromProvider, &caller, None).await?;
    let known = browser.value.as_ref().map(|value| value.expose().as_str());
    let returned = returned(query.as_deref().unwrap_or_default());
    let oidc = &app.identity.oidc;
    let proof = match oidc.finish(&name, &callback(&app, &name), known, returned).await {
        Ok(proof) => proof,
        Err(OidcError::UnknownProvider) => return Err(problem::not_found(problem::PROVIDER_NOT_FOUND)),
        Err(OidcError::Identity(error)) => return Err(error.into()),
        Err(error) => return Ok(turned_away(&name, &error)),
    };
    match begin(&app, &asked, &arrival, &proof).await {
        Ok(begun) => {
            counted.forget(&app).await;
            let mut headers = begun.headers();
            browser.clear(&mut headers);
            let to = HeaderValue::from_str(&proof.return_to).map_err(|error| problem::fault(&error))?;
            headers.insert(LOCATION, to);
            Ok((StatusCode::FOUND, headers).into_response())
        }
        Err(NotLetIn::Api(error)) => Err(error),
        Err(NotLetIn::NoEmail) => Ok(not_let_in(&name, Refused::NoEmail, None)),
        Err(NotLetIn::EmailNotVerified) => Ok(not_let_in(&name, Refused::EmailNotVerified, None)),
        Err(NotLetIn::Inactive(account)) => Ok(not_let_in(&name, Refused::Inactive, Some(account))),
    }
}

async fn begin(app: &AppState, asked: &Asked, arrival: &Arrival, proof: &Proof) -> Result<Begun, NotLetIn> {
    let work = {
        let (app, cause, profile) = (app.clone(), asked.cause_once(app), proof.profile.clone());
        async move { let_in(&app, &cause, &profile).await }
    };
    // Not to be left half-way by a browser that goes away.
    let signed_in = app.to_the_end(work).await??;
    let begun = begin_session(app, arrival, &signed_in).await?;
    let begun = begun.ok_or(NotLetIn::Inactive(signed_in.account_id))?;
    app.identity.oidc.keep(begun.id, proof).await?;
    Ok(begun)
}

/// The parameters that matter. One that comes twice is none: who reads the first and who the last would disagree.
fn returned(query: &str) -> Returned {
    let only = |wanted: &str| {
        let mut found = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == wanted);
        let first = found.next();
        first
            .filter(|_| found.next().is_none())
            .map(|(_, value)| value.into_owned())
    };
    Returned {
        code: only("code"),
        state: only("state"),
        iss: only("iss"),
        error: only("error"),
    }
}

fn turned_away(name: &str, error: &OidcError) -> Response {
    let refused = match error {
        OidcError::Denied => Refused::Denied,
        OidcError::NotBegun => Refused::Expired,
        OidcError::Away(_) | OidcError::UnknownProvider | OidcError::Identity(_) => Refused::Unavailable,
        OidcError::Unacceptable(_) => Refused::Provider,
    };
    security_log::record(SecurityEvent::SignInRefused, None);
    tracing::warn!(provider = name, %error, "sign-in at an identity provider refused");
    to_sign_in(refused)
}

fn not_let_in(name: &str, refused: Refused, account: Option<AccountId>) -> Response {
    security_log::record(SecurityEvent::SignInRefused, account);
    tracing::warn!(provider = name, reason = ?refused, "somebody is known to an identity provider but not let in");
    to_sign_in(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_twice_is_not_taken() {
        let one = returned("state=s&code=c%2B1&iss=https%3A%2F%2Fid&scope=x&session_state=y");
        assert_eq!(one.code.as_deref(), Some("c+1"));
        assert_eq!(one.state.as_deref(), Some("s"));
        assert_eq!(one.iss.as_deref(), Some("https://id"));
        let two = returned("state=s&code=a&code=b&state=t&error=");
        assert!(two.code.is_none() && two.state.is_none());
        assert_eq!(two.error.as_deref(), Some(""));
    }
}
