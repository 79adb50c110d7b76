//! What a provider says of itself, and its keys: asked for when it is first needed, and remembered.
//!
//! A provider that is away keeps nobody from anything else: it is not asked at the start, and while it fails only one
//! request at a time waits for it.

use std::sync::Arc;

use domain::time::{Clock, Timestamp};
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType,
    CoreSubjectIdentifierType,
};
use openidconnect::{AdditionalProviderMetadata, IssuerUrl, ProviderMetadata, TokenUrl, UserInfoUrl};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use url::Url;

use super::error::OidcError;
use super::http::Http;
use super::settings::{ProviderSettings, is_private};

/// Age from which what is known is asked for anew, in milliseconds.
const FRESH_MS: i64 = 60 * 60 * 1_000;
/// After a failure, this long nobody asks again, in milliseconds.
const PAUSE_MS: i64 = 2_000;
/// Keys are asked for anew because of a key that is not known, at most this often, in milliseconds: anybody can write
/// such a token.
const KEYS_EVERY_MS: i64 = 30_000;

/// What the specifications have added to a provider's description, as far as it is of use here.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Additions {
    /// RP-Initiated Logout 1.0.
    pub(super) end_session_endpoint: Option<Url>,
    /// RFC 9207.
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for Additions {}

/// A provider's description of itself, with its keys.
pub(super) type Metadata = ProviderMetadata<
    Additions,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// A provider, and what is known of it.
pub(super) struct Provider {
    pub(super) settings: ProviderSettings,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    metadata: Option<Arc<Metadata>>,
    asked_at: Option<Timestamp>,
    failed_at: Option<Timestamp>,
    keys_asked_at: Option<Timestamp>,
}

impl Provider {
    pub(super) fn new(settings: ProviderSettings) -> Self {
        Self {
            settings,
            known: Mutex::default(),
        }
    }

    /// What the provider says of itself; what it said before, if it is away now.
    pub(super) async fn metadata(&self, http: &Http, clock: &dyn Clock) -> Result<Arc<Metadata>, OidcError> {
        let mut known = self.known.lock().await;
        let now = clock.now();
        let is_recent = |at: Option<Timestamp>, ms| at.is_some_and(|at| now.millis_since(at) < ms);
        if let Some(metadata) = &known.metadata
            && (is_recent(known.asked_at, FRESH_MS) || is_recent(known.failed_at, PAUSE_MS))
        {
            return Ok(Arc::clone(metadata));
        }
        if is_recent(known.failed_at, PAUSE_MS) {
            return Err(OidcError::Away("it did not answer a moment ago"));
        }
        match self.ask(http).await {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                known.metadata = Some(Arc::clone(&metadata));
                known.asked_at = Some(now);
                known.failed_at = None;
                Ok(metadata)
            }
            Err(error) => {
                known.failed_at = Some(clock.now());
                tracing::warn!(provider = self.settings.name, %error, "failed to ask an identity provider what it offers");
                known.metadata.clone().ok_or(error)
            }
        }
    }

    /// What the provider says of itself now, after a token named a key that is not in `seen`; none if it was asked for
    /// such a reason a moment ago.
    pub(super) async fn metadata_after(
        &self,
        seen: &Arc<Metadata>,
        http: &Http,
        clock: &dyn Clock,
    ) -> Result<Option<Arc<Metadata>>, OidcError> {
        let mut known = self.known.lock().await;
        if let Some(newer) = known.metadata.as_ref().filter(|newer| !Arc::ptr_eq(newer, seen)) {
            return Ok(Some(Arc::clone(newer)));
        }
        let now = clock.now();
        if known
            .keys_asked_at
            .is_some_and(|at| now.millis_since(at) < KEYS_EVERY_MS)
        {
            return Ok(None);
        }
        known.keys_asked_at = Some(now);
        let metadata = Arc::new(self.ask(http).await?);
        known.metadata = Some(Arc::clone(&metadata));
        known.asked_at = Some(now);
        Ok(Some(metadata))
    }

    async fn ask(&self, http: &Http) -> Result<Metadata, OidcError> {
        let issuer = IssuerUrl::new(self.settings.issuer.clone())
            .map_err(|_| OidcError::Away("its issuer is not a URL"))?;
        // That the issuer is the one that was asked for is checked in there, to the letter.
        let metadata = Metadata::discover_async(issuer, http).await;
        let metadata = metadata.map_err(|error| {
            // What the provider sent instead stays out of the log.
            match error {
                openidconnect::DiscoveryError::Request(error) => {
                    let cause = std::error::Error::source(&error).map(ToString::to_string);
                    tracing::debug!(%error, cause, "no answer from an identity provider");
                    OidcError::Away("it does not answer")
                }
                openidconnect::DiscoveryError::Validation(_) => OidcError::Away("its issuer is another one"),
                openidconnect::DiscoveryError::Response(..) => OidcError::Away("it answers with an error"),
                _ => OidcError::Away("its description cannot be understood"),
            }
        })?;
        let endpoints = [
            Some(metadata.authorization_endpoint().url()),
            metadata.token_endpoint().map(TokenUrl::url),
            metadata.userinfo_endpoint().map(UserInfoUrl::url),
            Some(metadata.jwks_uri().url()),
            metadata.additional_metadata().end_session_endpoint.as_ref(),
        ];
        if !endpoints.into_iter().flatten().all(is_private) {
            return Err(OidcError::Away("one of its endpoints is not https"));
        }
        if metadata.token_endpoint().is_none() {
            return Err(OidcError::Away("it has no token endpoint"));
        }
        Ok(metadata)
    }
}
