//! A code for tokens, and what of the tokens is believed: OpenID Connect Core 1.0, sections 3.1.3.5 to 3.1.3.8.

use std::sync::Arc;

use domain::time::{Clock, Timestamp};
use openidconnect::core::{CoreGenderClaim, CoreJwsSigningAlgorithm};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClaimsVerificationError, ClientId, IdTokenVerifier, Nonce,
    OAuth2TokenResponse, PkceCodeVerifier, RequestTokenError, SignatureVerificationError, TokenResponse,
    UserInfoClaims, UserInfoError,
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::client::{Claims, Others, Token, Tokens, relying_party};
use super::discovery::{Metadata, Provider};
use super::error::OidcError;
use super::flow::Flow;
use super::http::Http;
use super::profile::{Profile, says_all};
use super::settings::ProviderSettings;
use crate::database::to_sql;
use crate::secret::Secret;

/// How far the provider's clock may be from ours, in milliseconds.
const CLOCKS_APART_MS: i64 = 60_000;
/// Longest subject (OpenID Connect Core 1.0, section 2), in bytes.
const SUBJECT_BYTES_MAX: usize = 255;
/// Algorithms that are believed: those with a public key. With `HS256` the provider's public key, or our own secret, could
/// be made to sign; `none` signs nothing.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// What a code was worth.
pub(super) struct Exchanged {
    pub(super) profile: Profile,
    pub(super) id_token: Secret<String>,
}

/// Exchanges `code`, and believes what can be believed.
pub(super) async fn exchange(
    provider: &Provider,
    metadata: &Arc<Metadata>,
    redirect_uri: &str,
    flow: Flow,
    code: &str,
    http: &Http,
    clock: &dyn Clock,
) -> Result<Exchanged, OidcError> {
    let settings = &provider.settings;
    let client = relying_party(settings, metadata, redirect_uri)?;
    let request = client
        .exchange_code(AuthorizationCode::new(code.to_owned()))
        .map_err(|_| OidcError::Away("it has no token endpoint"))?
        .set_pkce_verifier(PkceCodeVerifier::new(flow.verifier.as_str().to_owned()));
    let tokens = request.request_async(http).await.map_err(|error| match error {
        RequestTokenError::ServerResponse(_) => OidcError::Unacceptable("it does not take the code"),
        RequestTokenError::Request(_) => OidcError::Away("it does not answer"),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            OidcError::Unacceptable("its tokens cannot be understood")
        }
    })?;
    let id_token = tokens
        .id_token()
        .ok_or(OidcError::Unacceptable("there is no ID token"))?;
    let nonce = Nonce::new(flow.nonce);
    let now = clock.now();
    let claims = match believe(settings, metadata, &tokens, id_token, &nonce, now) {
        Err(Doubt::UnknownKey) => {
            // The provider may have changed its keys since.
            let newer = provider.metadata_after(metadata, http, clock).await?;
            let newer = newer.ok_or(OidcError::Unacceptable("its key is not known"))?;
            believe(settings, &newer, &tokens, id_token, &nonce, now)
        }
        judged => judged,
    };
    let claims = claims.map_err(|doubt| match doubt {
        Doubt::UnknownKey => OidcError::Unacceptable("its key is not known"),
        Doubt::Because(reason) => OidcError::Unacceptable(reason),
    })?;
    let subject = claims.subject().as_str();
    if subject.is_empty() || subject.len() > SUBJECT_BYTES_MAX || subject.contains('\0') {
        return Err(OidcError::Unacceptable("its subject is none"));
    }
    let mut all = object(claims)?;
    if !says_all(settings, &all) && metadata.userinfo_endpoint().is_some() {
        let request = client
            .user_info(tokens.access_token().clone(), Some(claims.subject().clone()))
            .map_err(|_| OidcError::Away("it has no userinfo endpoint"))?;
        let more: Result<UserInfoClaims<Others, CoreGenderClaim>, _> = request.request_async(http).await;
        let more = more.map_err(|error| match error {
            UserInfoError::Request(_) | UserInfoError::Response(..) => {
                OidcError::Away("it does not say who that is")
            }
            _ => OidcError::Unacceptable("what it says of them is not about them"),
        })?;
        // What is signed counts.
        for (name, value) in object(&more)? {
            all.entry(name).or_insert(value);
        }
    }
    Ok(Exchanged {
        profile: Profile::of(settings, subject, &all),
        id_token: Secret::new(id_token.to_string()),
    })
}

/// Why claims are not believed.
enum Doubt {
    UnknownKey,
    Because(&'static str),
}

fn believe<'a>(
    settings: &ProviderSettings,
    metadata: &Metadata,
    tokens: &Tokens,
    id_token: &'a Token,
    nonce: &Nonce,
    now: Timestamp,
) -> Result<&'a Claims, Doubt> {
    let earliest = to_sql(now.plus_millis(-CLOCKS_APART_MS));
    let latest = now.plus_millis(CLOCKS_APART_MS);
    // As if we had no secret: nothing that is signed with it is believed.
    let verifier = IdTokenVerifier::new_public_client(
        ClientId::new(settings.client_id.clone()),
        metadata.issuer().clone(),
        metadata.jwks().clone(),
    )
    .set_allowed_algs(ALGORITHMS)
    .set_time_fn(move || earliest.into())
    .set_issue_time_verifier_fn(move |issued| {
        if issued.timestamp_millis() <= latest.as_millis() {
            Ok(())
        } else {
            Err("issued in the future".to_owned())
        }
    });
    let claims = id_token.claims(&verifier, nonce).map_err(|error| doubt(&error))?;
    // The two that the library leaves to us.
    if claims
        .authorized_party()
        .is_some_and(|party| party.as_str() != settings.client_id)
    {
        return Err(Doubt::Because("it is for another client"));
    }
    if let Some(expected) = claims.access_token_hash() {
        let actual = id_token.signing_alg().and_then(|algorithm| {
            let key = id_token.signing_key(&verifier)?;
            AccessTokenHash::from_token(tokens.access_token(), algorithm, key)
                .map_err(|error| SignatureVerificationError::Other(error.to_string()))
        });
        if !actual.is_ok_and(|actual| actual == *expected) {
            return Err(Doubt::Because("its tokens do not belong together"));
        }
    }
    let not_before = claims.additional_claims().0.get("nbf").and_then(Value::as_i64);
    if not_before.is_some_and(|at| at > latest.as_millis() / 1_000) {
        return Err(Doubt::Because("it is not valid yet"));
    }
    Ok(claims)
}

fn doubt(error: &ClaimsVerificationError) -> Doubt {
    Doubt::Because(match error {
        ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey) => {
            return Doubt::UnknownKey;
        }
        ClaimsVerificationError::SignatureVerification(_) => "its signature is not acceptable",
        ClaimsVerificationError::Expired(_) => "it has expired, or was issued in the future",
        ClaimsVerificationError::InvalidAudience(_) => "it is for another client",
        ClaimsVerificationError::InvalidIssuer(_) => "it is another provider's",
        ClaimsVerificationError::InvalidNonce(_) => "it is not for this sign-in",
        _ => "it is not an ID token",
    })
}

/// Claims as JSON, as which their paths are followed.
fn object(claims: &impl Serialize) -> Result<Map<String, Value>, OidcError> {
    match serde_json::to_value(claims) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(OidcError::Unacceptable("its claims are none")),
    }
}
