//! Signing in at identity providers: OpenID Connect, code flow with PKCE.
//!
//! A browser is sent to the provider with a state, a nonce and a PKCE challenge ([`Oidc::start`]), all of them written down
//! under the browser's own cookie, and comes back with a code ([`Oidc::finish`]). The code and what is behind it are only
//! believed if everything fits together; what comes of it is a [`Profile`]. Which account that is, [`crate::Identities`]
//! knows, by issuer and subject and never by address.

mod client;
mod discovery;
mod error;
mod exchange;
mod flow;
mod http;
mod profile;
mod session;
mod settings;

use std::sync::Arc;

use domain::ids::Entropy;
use domain::time::Clock;
use openidconnect::core::CoreResponseType;
use openidconnect::{AuthenticationFlow, CsrfToken, Nonce, PkceCodeChallenge, PkceCodeVerifier, Scope};
use url::Url;

pub use error::OidcError;
pub use profile::Profile;
pub use settings::ProviderSettings;

use crate::database::Database;
use crate::error::IdentityError;
use crate::secret::Secret;
use crate::session::SessionId;
use crate::token::{Token, TokenHash};
use client::relying_party;
use discovery::{Metadata, Provider};
use exchange::{Exchanged, exchange};
use flow::{FLOW_MS, Flow};
use http::Http;

/// The providers. A cheap handle.
#[derive(Clone)]
pub struct Oidc {
    shared: Arc<Shared>,
}

struct Shared {
    providers: Vec<Provider>,
    http: Http,
    database: Database,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

/// A browser is to be sent to the provider.
#[derive(Debug)]
pub struct Started {
    /// Where to.
    pub url: Url,
    /// By what the browser is recognised when it comes back; for its cookie.
    pub browser: Secret<String>,
}

/// With what a browser comes back from a provider: parameters of its request.
#[derive(Default)]
pub struct Returned {
    /// The code, which is a secret.
    pub code: Option<String>,
    /// The state that it was sent there with.
    pub state: Option<String>,
    /// Who sends it back (RFC 9207).
    pub iss: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
}

/// Somebody has signed in at a provider.
#[derive(Debug)]
pub struct Proof {
    /// The provider's name.
    pub provider: String,
    /// Who they are there.
    pub profile: Profile,
    /// Where they wanted to go here.
    pub return_to: String,
    /// The provider's own proof, for signing out there.
    id_token: Secret<String>,
}

impl Oidc {
    pub(crate) fn new(
        database: Database,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        providers: Vec<ProviderSettings>,
    ) -> Result<Self, IdentityError> {
        if let Some(problem) = providers.iter().find_map(ProviderSettings::problem) {
            return Err(IdentityError::Fault(format!("identity provider: {problem}")));
        }
        let http = Http::new().map_err(|error| IdentityError::Fault(format!("HTTP client: {error}")))?;
        Ok(Self {
            shared: Arc::new(Shared {
                providers: providers.into_iter().map(Provider::new).collect(),
                http,
                database,
                clock,
                entropy,
            }),
        })
    }

    /// How long a browser may be away, in seconds: that long its cookie lasts.
    pub const BROWSER_SECONDS: i64 = FLOW_MS / 1_000;

    /// The providers, in the operator's order.
    pub fn providers(&self) -> impl Iterator<Item = &ProviderSettings> {
        self.shared.providers.iter().map(|provider| &provider.settings)
    }

    /// The provider with this issuer, if there still is one.
    pub fn provider_of(&self, issuer: &str) -> Option<&ProviderSettings> {
        self.providers().find(|provider| provider.issuer == issuer)
    }

    fn provider(&self, name: &str) -> Result<&Provider, OidcError> {
        let mut providers = self.shared.providers.iter();
        let found = providers.find(|provider| provider.settings.name == name);
        found.ok_or(OidcError::UnknownProvider)
    }

    /// Begins to sign somebody in at the provider `name`, who is to come back to `redirect_uri` and then to be sent to
    /// `return_to`. `browser` is the cookie of one that has begun before, perhaps in another tab, and keeps it.
    pub async fn start(
        &self,
        name: &str,
        redirect_uri: &str,
        return_to: &str,
        browser: Option<&str>,
    ) -> Result<Started, OidcError> {
        let provider = self.provider(name)?;
        let Shared {
            http,
            database,
            clock,
            entropy,
            ..
        } = &*self.shared;
        let metadata = provider.metadata(http, &**clock).await?;
        let client = relying_party(&provider.settings, &metadata, redirect_uri)?;
        let flow = Flow::new(name, return_to, &**entropy);
        let (state, state_hash) = Token::generate(&**entropy);
        let known = browser.and_then(|text| Some((text.to_owned(), TokenHash::of(text)?)));
        let (browser, browser_hash) = known.unwrap_or_else(|| {
            let (token, hash) = Token::generate(&**entropy);
            (token.expose().to_owned(), hash)
        });
        flow.keep(database, state_hash, browser_hash, clock.now()).await?;
        let verifier = PkceCodeVerifier::new(flow.verifier.as_str().to_owned());
        let scopes = provider.settings.scopes.iter();
        let scopes = scopes.filter(|scope| *scope != "openid").cloned().map(Scope::new);
        let (csrf, nonce) = (CsrfToken::new(state.expose().to_owned()), Nonce::new(flow.nonce));
        let code_flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
        let request = client.authorize_url(code_flow, move || csrf, move || nonce);
        let (url, ..) = request
            .add_scopes(scopes)
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok(Started {
            url,
            browser: Secret::new(browser),
        })
    }

    /// A browser comes back from the provider `name`. Whatever comes of it, it does not come back a second time.
    pub async fn finish(
        &self,
        name: &str,
        redirect_uri: &str,
        browser: Option<&str>,
        returned: Returned,
    ) -> Result<Proof, OidcError> {
        let provider = self.provider(name)?;
        let Shared {
            http,
            database,
            clock,
            ..
        } = &*self.shared;
        let state = returned.state.as_deref().and_then(TokenHash::of);
        let browser = browser.and_then(TokenHash::of);
        let (state, browser) = state.zip(browser).ok_or(OidcError::NotBegun)?;
        let flow = Flow::take(database, state, browser, clock.now()).await?;
        let flow = flow.ok_or(OidcError::NotBegun)?;
        if flow.provider != name {
            return Err(OidcError::Unacceptable("it was begun with another provider"));
        }
        let metadata = provider.metadata(http, &**clock).await?;
        is_its_own(&metadata, returned.iss.as_deref())?;
        match (returned.code, returned.error.as_deref()) {
            (_, Some("access_denied")) => Err(OidcError::Denied),
            (_, Some(_)) => Err(OidcError::Unacceptable("it reports an error")),
            (None, None) => Err(OidcError::Unacceptable("there is no code")),
            (Some(code), None) => {
                let return_to = flow.return_to.clone();
                let code = Secret::new(code);
                let Exchanged { profile, id_token } = exchange(
                    provider,
                    &metadata,
                    redirect_uri,
                    flow,
                    code.expose(),
                    http,
                    &**clock,
                )
                .await?;
                Ok(Proof {
                    provider: name.to_owned(),
                    profile,
                    return_to,
                    id_token,
                })
            }
        }
    }

    /// Writes down that `session` began by `proof`, so that it can be ended there too.
    pub async fn keep(&self, session: SessionId, proof: &Proof) -> Result<(), IdentityError> {
        session::keep(&self.shared.database, session, &proof.provider, &proof.id_token).await
    }

    /// Where a browser has to go so that its session at the provider ends too (RP-Initiated Logout 1.0), and comes back
    /// to `after`; none if the session did not begin at a provider, or that knows no such thing. To be asked before the session
    /// ends here.
    pub async fn logout_url(&self, session: SessionId, after: &str) -> Result<Option<Url>, IdentityError> {
        let Shared {
            http,
            database,
            clock,
            entropy,
            ..
        } = &*self.shared;
        let Some((name, id_token)) = session::find(database, session).await? else {
            return Ok(None);
        };
        let Ok(provider) = self.provider(&name) else {
            return Ok(None);
        };
        // Signing out here does not fail because the provider is away.
        let Ok(metadata) = provider.metadata(http, &**clock).await else {
            return Ok(None);
        };
        let mut url = metadata.additional_metadata().end_session_endpoint.clone();
        if let Some(url) = &mut url {
            let (state, _) = Token::generate(&**entropy);
            url.query_pairs_mut()
                .append_pair("id_token_hint", id_token.expose())
                .append_pair("client_id", &provider.settings.client_id)
                .append_pair("post_logout_redirect_uri", after)
                .append_pair("state", state.expose());
        }
        Ok(url)
    }

    /// Forgets browsers that did not come back in time; tells how many. To be called every few minutes.
    pub async fn purge_expired(&self) -> Result<u64, IdentityError> {
        Flow::purge(&self.shared.database, self.shared.clock.now()).await
    }
}

/// Who sends the browser back must be who it was sent to (RFC 9207): otherwise the code of one provider could be carried to
/// another.
fn is_its_own(metadata: &Metadata, iss: Option<&str>) -> Result<(), OidcError> {
    let says_so = metadata
        .additional_metadata()
        .authorization_response_iss_parameter_supported;
    match iss {
        Some(iss) if iss != metadata.issuer().as_str() => {
            Err(OidcError::Unacceptable("another provider sends it back"))
        }
        None if says_so => Err(OidcError::Unacceptable("it is not said who sends it back")),
        _ => Ok(()),
    }
}
