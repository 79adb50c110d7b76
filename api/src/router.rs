//! Puts routes and middleware together.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use realtime::RealtimeService;

use crate::extract::Accepted;
use crate::middleware::{
    Origins, catch_panic, cors, limit_time, observe, refuse_cross_site, security_headers,
};
use crate::problem::{ApiError, method_not_allowed};
use crate::routes;
use crate::routes::pages::client::{self, Client};
use crate::state::AppState;

/// Everything that the program serves. `realtime` takes the requests under `/socket.io/`: it checks origins itself, and
/// its requests may last.
pub fn router(app: AppState, realtime: RealtimeService) -> Router {
    let origins = Origins::of(&app.settings);
    let (routes, _) = routes::all().split_for_parts();
    let client = Client::of(&app.settings);
    // The last one is the outermost: see `middleware`.
    routes
        .merge(client::router(Arc::clone(&client)))
        .fallback(async move |accepted: Accepted, request: Request| {
            client::nothing_there(&client, &accepted, &request)
        })
        .method_not_allowed_fallback(other_method)
        .layer(from_fn_with_state(app.clone(), limit_time))
        .layer(from_fn_with_state(origins.clone(), refuse_cross_site))
        .layer(from_fn_with_state(origins, cors))
        .merge(Router::new().route_service("/socket.io/", realtime))
        .layer(catch_panic())
        .layer(from_fn_with_state(app.clone(), security_headers))
        .layer(from_fn_with_state(app.clone(), observe))
        .with_state(app)
}

async fn other_method() -> ApiError {
    method_not_allowed()
}
