//! The client's one page, with what only this desk knows, and what it may do in a browser.

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, ETAG};
use http::{HeaderValue, StatusCode};
use maud::html;
use sha2::{Digest, Sha256};

use super::file::{ASK_AGAIN, tagged};
use crate::extract::IfNoneMatch;
use crate::routes::pages::HTML;
use crate::state::ApiSettings;

/// The page, ready to be sent. It is small enough to be sent as it is.
#[derive(Clone)]
pub(super) struct Page {
    html: Bytes,
    tag: HeaderValue,
    policy: HeaderValue,
}

impl Page {
    /// As `settings` say; `None` if the client is not built.
    pub(super) fn of(settings: &ApiSettings) -> Option<Self> {
        let urls = &settings.page_urls;
        let mut page = web::page()?;
        for (name, url) in [
            ("informejo-socket-url", &urls.socket),
            ("informejo-app-url", &urls.app),
        ] {
            page = with_meta(&page, name, url.as_deref().unwrap_or_default());
        }
        Some(Self {
            tag: tagged(&hex::encode(&Sha256::digest(&page)[..16])),
            policy: HeaderValue::from_str(&policy(settings)).ok()?,
            html: page.into(),
        })
    }

    /// The answer, or 304 if the browser has it.
    pub(super) fn answer(&self, status: StatusCode, known: &IfNoneMatch) -> Response {
        let headers = [
            (CACHE_CONTROL, ASK_AGAIN),
            (CONTENT_SECURITY_POLICY, self.policy.clone()),
            (ETAG, self.tag.clone()),
        ];
        if known.matches(&self.tag) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        (status, headers, HTML, self.html.clone()).into_response()
    }
}

/// The page with `content` in the meta tag of this name, which is made if it is not there.
fn with_meta(page: &str, name: &str, content: &str) -> String {
    let tag = html! { meta name=(name) content=(content); }.into_string();
    let found = page.find(&format!("name=\"{name}\"")).and_then(|at| {
        let start = page[..at].rfind('<')?;
        let end = at + page[at..].find('>')? + 1;
        Some(start..end)
    });
    let head_ends = || page.find("</head>").map(|at| at..at);
    match found.or_else(head_ends) {
        Some(place) => format!("{}{tag}{}", &page[..place.start], &page[place.end..]),
        None => page.to_owned(),
    }
}

/// What the page may load and reach: what is here, and the live updates where they are elsewhere. `'self'` is of the page's own
/// scheme in older browsers, which is not that of websockets.
fn policy(settings: &ApiSettings) -> String {
    let urls = &settings.page_urls;
    let connect = match urls.socket.as_ref().or(urls.app.as_ref()) {
        Some(origin) => format!("{origin} {}", websocket(origin)),
        None => websocket(&settings.app_url.origin().ascii_serialization()),
    };
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
         connect-src 'self' {connect}; manifest-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; \
         form-action 'self'"
    )
}

/// The same place by websocket.
fn websocket(origin: &str) -> String {
    match origin.strip_prefix("http") {
        Some(rest) => format!("ws{rest}"),
        None => origin.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::state::PageUrls;

    #[test]
    fn a_tag_is_filled_or_made() {
        let there = "<head>\n<meta charset=\"utf-8\" />\n<meta name=\"a-url\" content=\"\" />\n</head>";
        assert_eq!(
            with_meta(there, "a-url", "https://a.example"),
            "<head>\n<meta charset=\"utf-8\" />\n<meta name=\"a-url\" content=\"https://a.example\">\n</head>"
        );
        assert_eq!(
            with_meta("<head></head>", "a-url", "\"><script>"),
            "<head><meta name=\"a-url\" content=\"&quot;&gt;&lt;script&gt;\"></head>"
        );
        assert_eq!(with_meta("nothing", "a-url", "x"), "nothing");
    }

    #[test]
    fn the_page_reaches_the_live_updates_where_they_are() {
        let policy = |url: &str, urls: PageUrls| {
            let settings = ApiSettings {
                page_urls: urls,
                ..ApiSettings::new(Url::parse(url).unwrap(), String::new())
            };
            let policy = policy(&settings);
            let directive = policy
                .split("; ")
                .find_map(|part| part.strip_prefix("connect-src "));
            directive.unwrap().to_owned()
        };
        let some = |url: &str| Some(url.to_owned());
        assert_eq!(
            policy("http://localhost:3003", PageUrls::default()),
            "'self' ws://localhost:3003"
        );
        let app = PageUrls {
            app: some("https://help.example.org"),
            ..PageUrls::default()
        };
        assert_eq!(
            policy("https://help.example.org", app.clone()),
            "'self' https://help.example.org wss://help.example.org"
        );
        let elsewhere = PageUrls {
            socket: some("https://live.example.org:8443"),
            ..app
        };
        assert_eq!(
            policy("https://help.example.org", elsewhere),
            "'self' https://live.example.org:8443 wss://live.example.org:8443"
        );
    }
}
