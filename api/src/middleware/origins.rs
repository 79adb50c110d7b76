//! Which origins' pages belong to the desk.

use http::HeaderMap;
use http::header::{HOST, ORIGIN};
use url::Url;

use crate::state::ApiSettings;

/// The origins that are configured, in the form of an `Origin` header.
#[derive(Clone, Debug)]
pub(crate) struct Origins(Vec<String>);

/// Where the page stands that sent a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sender {
    /// It does not say.
    Unsaid,
    /// On a configured origin.
    Configured,
    /// On the host that the request was sent to.
    SameHost,
    /// Elsewhere.
    Foreign,
}

impl Origins {
    /// `app_url`'s and those of `allowed_origins`.
    pub(crate) fn of(settings: &ApiSettings) -> Self {
        let further = settings
            .allowed_origins
            .iter()
            .filter_map(|text| Url::parse(text).ok());
        let all = std::iter::once(settings.app_url.clone()).chain(further);
        Self(all.map(|url| url.origin().ascii_serialization()).collect())
    }

    /// Where the page stands that sent a request with these headers.
    pub(crate) fn sender(&self, headers: &HeaderMap) -> Sender {
        let Some(origin) = headers.get(ORIGIN) else {
            return Sender::Unsaid;
        };
        let Ok(origin) = origin.to_str() else {
            return Sender::Foreign;
        };
        if self.0.iter().any(|configured| configured == origin) {
            return Sender::Configured;
        }
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        let authority = origin
            .strip_prefix("https://")
            .or_else(|| origin.strip_prefix("http://"));
        match (authority, host) {
            (Some(authority), Some(host)) if authority.eq_ignore_ascii_case(host) => Sender::SameHost,
            _ => Sender::Foreign,
        }
    }
}
