//! Which request a command comes from, and whether it may be a repetition.

use axum::extract::FromRequestParts;
use commands::{Cause, Fingerprint, Origin};
use domain::Actor;
use domain::text::Email;
use http::request::Parts;
use http::{HeaderMap, Method};

use super::who::is_api_token;
use crate::middleware::RequestId;
use crate::problem::{self, ApiError, ApiResult};
use crate::state::AppState;

/// The request header, in lower case.
const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// Characters in a key, at most.
const KEY_CHARS_MAX: usize = 255;

/// What a command's cause is made of: the request's id, what it asks for, and its `Idempotency-Key` (1 to 255 visible
/// ASCII characters) if it has one.
#[derive(Clone, Debug)]
pub struct Asked {
    request_id: RequestId,
    method: Method,
    path: String,
    key: Option<String>,
    by_token: bool,
}

impl Asked {
    /// The cause of a command that `actor` gives. `body` is what the request said; a repetition with the same key must
    /// say the same.
    pub fn cause(&self, app: &AppState, actor: &Actor, body: &[u8]) -> Cause {
        let correlation = self.request_id.as_uuid();
        // Whoever names a token and is somebody is so by that token.
        let origin = if self.by_token && actor.account().is_some() {
            Origin::Token
        } else {
            Origin::Http
        };
        match &self.key {
            None => Cause::once(origin, correlation, &*app.clock, &*app.entropy),
            Some(key) => {
                let parts = [self.method.as_str().as_bytes(), self.path.as_bytes(), body];
                Cause::keyed(origin, correlation, actor, key, Fingerprint::of(&parts))
            }
        }
    }

    /// As [`Self::cause`], for somebody who is known by nothing but the address that they give: the same key under another
    /// address is another command.
    pub fn cause_of_address(&self, app: &AppState, actor: &Actor, email: &Email, body: &[u8]) -> Cause {
        let key = self.key.as_ref().map(|key| format!("{}\n{key}", email.key()));
        let asked = Self { key, ..self.clone() };
        asked.cause(app, actor, body)
    }

    /// Whether this may be a repetition of an earlier request.
    pub fn may_repeat(&self) -> bool {
        self.key.is_some()
    }

    /// The cause of a command that cannot be done twice anyway, whatever key it has: nobody is known whose key it is.
    pub fn cause_once(&self, app: &AppState) -> Cause {
        Cause::once(
            Origin::Http,
            self.request_id.as_uuid(),
            &*app.clock,
            &*app.entropy,
        )
    }
}

impl FromRequestParts<AppState> for Asked {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> ApiResult<Self> {
        let known = parts.extensions.get().copied();
        Ok(Self {
            request_id: known.unwrap_or_else(|| RequestId::new(&*app.clock, &*app.entropy)),
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
            key: key(&parts.headers)?,
            by_token: is_api_token(parts),
        })
    }
}

fn key(headers: &HeaderMap) -> ApiResult<Option<String>> {
    let mut lines = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = lines.next() else {
        return Ok(None);
    };
    let bytes = value.as_bytes();
    let good = (1..=KEY_CHARS_MAX).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
    match value.to_str() {
        Ok(text) if good && lines.next().is_none() => Ok(Some(text.to_owned())),
        _ => Err(problem::bad_request("Bad Idempotency-Key")
            .detail("send one key of 1 to 255 visible ASCII characters")),
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn a_key_is_visible_ascii_of_bounded_length() {
        let of = |text: &[u8]| {
            let name = HeaderName::from_static(IDEMPOTENCY_KEY);
            key(&HeaderMap::from_iter([(
                name,
                HeaderValue::from_bytes(text).unwrap(),
            )]))
            .ok()
            .flatten()
        };
        assert_eq!(of(b"8e03978e-40d5-43dd-bc93-6894a57f9324").unwrap().len(), 36);
        assert!(of(&[b'x'; 255]).is_some());
        for bad in [&b""[..], &[b'x'; 256], b"a b", "clé".as_bytes()] {
            assert!(of(bad).is_none(), "{bad:?}");
        }
        assert!(key(&HeaderMap::new()).unwrap().is_none());
    }
}
