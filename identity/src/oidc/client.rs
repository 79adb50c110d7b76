//! We, as a client of a provider.

use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreClientAuthMethod, CoreErrorResponseType, CoreGenderClaim,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreRevocableToken,
    CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, AuthType, Client, ClientId, ClientSecret, EmptyExtraTokenFields, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, IdToken, IdTokenClaims, IdTokenFields, RedirectUrl, StandardErrorResponse,
    StandardTokenResponse,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::discovery::Metadata;
use super::error::OidcError;
use super::settings::ProviderSettings;

/// Whatever claims there are beside the standard ones.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Others(pub(super) Map<String, Value>);

impl AdditionalClaims for Others {}

type Fields = IdTokenFields<
    Others,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
/// What the token endpoint gives.
pub(super) type Tokens = StandardTokenResponse<Fields, CoreTokenType>;
/// An ID token.
pub(super) type Token =
    IdToken<Others, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
/// What is in it.
pub(super) type Claims = IdTokenClaims<Others, CoreGenderClaim>;
/// We, as a client of a provider.
pub(super) type RelyingParty = Client<
    Others,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// We, as the provider of `settings` knows us.
pub(super) fn relying_party(
    settings: &ProviderSettings,
    metadata: &Metadata,
    redirect_uri: &str,
) -> Result<RelyingParty, OidcError> {
    let secret = settings.client_secret.as_ref();
    let secret = secret.map(|secret| ClientSecret::new(secret.expose().clone()));
    let redirect_uri = RedirectUrl::new(redirect_uri.to_owned())
        .map_err(|_| OidcError::Unacceptable("our own address is not a URL"))?;
    let client_id = ClientId::new(settings.client_id.clone());
    let client = Client::from_provider_metadata(metadata.clone(), client_id, secret);
    let in_body = metadata
        .token_endpoint_auth_methods_supported()
        .is_some_and(|methods| {
            methods.contains(&CoreClientAuthMethod::ClientSecretPost)
                && !methods.contains(&CoreClientAuthMethod::ClientSecretBasic)
        });
    let auth_type = if in_body {
        AuthType::RequestBody
    } else {
        AuthType::BasicAuth
    };
    Ok(client.set_redirect_uri(redirect_uri).set_auth_type(auth_type))
}
