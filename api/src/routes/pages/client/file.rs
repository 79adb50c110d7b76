//! `GET /assets/{name}`, and the client's files beside the page.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, VARY};
use http::{HeaderValue, StatusCode};
use web::{Content, File};

use crate::extract::{Accepted, IfNoneMatch};
use crate::problem::not_found;

/// For what has its contents' hash in its name: a year, and no browser asks again.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// For everything else: browsers keep it, and ask whether it has changed.
pub(super) const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// A file that never changes.
pub(super) async fn get_asset(accepted: Accepted, known: IfNoneMatch, request: Request) -> Response {
    // As it was sent: names of files have nothing in them that needs to be decoded.
    let name = request.uri().path().trim_start_matches('/');
    match File::named(name) {
        Some(file) => answer(&file, true, &accepted, &known),
        None => nothing(),
    }
}

/// Not to be remembered: a file of the next version may be asked for at a node of the last one.
fn nothing() -> Response {
    let forgotten = [(CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (forgotten, not_found("Not found")).into_response()
}

/// The file, in the best form that the client takes; 304 if it has that.
pub(super) fn answer(file: &File, is_forever: bool, accepted: &Accepted, known: &IfNoneMatch) -> Response {
    let encoded = accepted
        .encodings()
        .find_map(|encoding| Some((Some(encoding), file.content(Some(encoding))?)));
    let plain = || Some((None, file.content(None)?));
    let Some((encoding, content)) = encoded.or_else(plain) else {
        return nothing();
    };
    let mut response = match tagged(&content.tag) {
        tag if known.matches(&tag) => (StatusCode::NOT_MODIFIED, [(ETAG, tag)]).into_response(),
        tag => ([(ETAG, tag)], bytes(content)).into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, if is_forever { FOR_EVER } else { ASK_AGAIN });
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(file.kind()));
    if let Some(encoding) = encoding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding.name()));
    }
    if file.has_encodings() {
        headers.append(VARY, HeaderValue::from_name(ACCEPT_ENCODING));
    }
    response
}

/// An entity tag.
pub(super) fn tagged(tag: &str) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{tag}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

/// Without a copy of what is embedded.
fn bytes(content: Content) -> Bytes {
    match content.bytes {
        std::borrow::Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        std::borrow::Cow::Owned(bytes) => bytes.into(),
    }
}
