//! `GET /api/origin`

use axum::{Extension, Json};
use http::HeaderMap;
use http::header::UPGRADE;
use realtime::connection::ConnectionHandle;
use serde::Serialize;
use utoipa::ToSchema;

use crate::server::TrustedProxies;
use crate::server::origin::is_forwarded;

/// Where a request seems to come from.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SeenOrigin {
    /// The client's address: what limits are counted by, and what the log has.
    #[schema(example = "203.0.113.7")]
    address: String,
    /// Whether the client uses https, as far as the program can know.
    secure: bool,
    /// What became of `X-Forwarded-For` and `X-Forwarded-Proto`.
    forwarding: Forwarding,
    /// The trusted proxies that the request came through, the nearest first.
    #[schema(example = json!(["127.0.0.1", "10.10.13.1"]))]
    via: Vec<String>,
    /// Whether it arrived as one that asks for a websocket. Ask with the headers of one (`Connection`, `Upgrade`,
    /// `Sec-WebSocket-Key`, `Sec-WebSocket-Version`), and this shows whether proxies pass them on.
    upgraded: bool,
}

/// What became of forwarding headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Forwarding {
    /// There were none.
    None,
    /// They came from a proxy in TRUSTED_PROXIES.
    Believed,
    /// They came from somebody else.
    Ignored,
}

/// Where your request seems to come from
///
/// Tells whoever asks about themselves only. By it `informejo doctor` finds out whether a proxy passes on what it should,
/// and is trusted.
#[utoipa::path(
    get,
    path = "/api/origin",
    tag = "operations",
    security(()),
    responses((status = 200, description = "As the program sees you", body = SeenOrigin)),
)]
pub(super) async fn get_origin(
    Extension(connection): Extension<ConnectionHandle>,
    Extension(proxies): Extension<TrustedProxies>,
    headers: HeaderMap,
) -> Json<SeenOrigin> {
    let forwarding = match (is_forwarded(&headers), connection.proxied) {
        (false, _) => Forwarding::None,
        (true, true) => Forwarding::Believed,
        (true, false) => Forwarding::Ignored,
    };
    let via = proxies.via(connection.peer, &headers);
    let upgrade = headers.get(UPGRADE).map(http::HeaderValue::as_bytes);
    Json(SeenOrigin {
        address: connection.client.to_string(),
        secure: connection.secure,
        forwarding,
        via: via.iter().map(ToString::to_string).collect(),
        upgraded: upgrade.is_some_and(|protocol| protocol.eq_ignore_ascii_case(b"websocket")),
    })
}
