//! The browser client: one page at each of its addresses, and the files that the page is made of.
//!
//! The page is the same for everybody: no data, no token, no cookie. Whoever opens it asks the API for what they may see.

mod file;
mod page;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{ACCEPT, VARY};
use http::{HeaderValue, Method, StatusCode};
use web::File;

use crate::extract::{Accepted, IfNoneMatch};
use crate::problem::{ApiResult, not_found};
use crate::state::{ApiSettings, AppState};

use page::Page;

/// Addresses of the client: those that it shows something at (`web/app/src/pages/*/routes.ts`).
const ADDRESSES: &[&str] = &[
    "/",
    "/login",
    "/register",
    "/register/confirm",
    "/forgot-password",
    "/reset-password",
    "/unsubscribe",
    "/link-account",
    "/submit-ticket",
    "/submit-ticket/success",
    "/dashboard",
    "/tickets",
    "/tickets/new",
    "/tickets/view",
    "/tickets/view/{id}",
    "/tickets/{id}",
    "/search",
    "/account",
    "/notifications",
    "/admin",
    "/admin/dashboard",
    "/admin/tickets",
    "/admin/tickets/{id}",
    "/admin/users",
    "/audit",
    "/audit/{*rest}",
    "/ops",
    "/ops/{*rest}",
];

/// What is below these belongs to programs, also where nothing is.
const OF_PROGRAMS: &[&str] = &["/api", "/socket.io", "/assets", "/docs"];

/// The client, as this desk shows it.
pub(crate) struct Client {
    settings: ApiSettings,
    page: Option<Page>,
}

impl Client {
    /// As `settings` say.
    pub(crate) fn of(settings: &ApiSettings) -> Arc<Self> {
        Arc::new(Self {
            page: Page::of(settings),
            settings: settings.clone(),
        })
    }

    /// The page; where the client is read from the disk, as it is there now.
    fn page(&self) -> ApiResult<Page> {
        let page = if cfg!(debug_assertions) {
            Page::of(&self.settings)
        } else {
            self.page.clone()
        };
        page.ok_or_else(|| crate::problem::unavailable("the web client is not built: run `make web`"))
    }
}

/// The client's addresses and files.
pub(crate) fn router(client: Arc<Client>) -> Router<AppState> {
    let mut router = Router::new().route("/assets/{*name}", get(file::get_asset));
    for address in ADDRESSES {
        router = router.route(address, get(get_page));
    }
    for file in File::at_root() {
        let path = format!("/{}", file.name());
        router = router.route(
            &path,
            get(async move |accepted, known| file::answer(&file, false, &accepted, &known)),
        );
    }
    router.with_state(client)
}

async fn get_page(State(client): State<Arc<Client>>, known: IfNoneMatch) -> ApiResult<Response> {
    Ok(client.page()?.answer(StatusCode::OK, &known))
}

/// What is answered where nothing is: the page, which says so, to people; a problem to programs.
pub(crate) fn nothing_there(client: &Client, accepted: &Accepted, request: &Request) -> Response {
    let path = request.uri().path();
    let is_below = |place: &str| {
        path.strip_prefix(place)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let mut response = if reads && accepted.page && !OF_PROGRAMS.iter().any(|place| is_below(place)) {
        let page = client.page();
        page.map(|page| page.answer(StatusCode::NOT_FOUND, &IfNoneMatch::default()))
            .into_response()
    } else {
        not_found("Not found").into_response()
    };
    response
        .headers_mut()
        .append(VARY, HeaderValue::from_name(ACCEPT));
    response
}
