//! From where somebody asks, whoever they are.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};

use axum::extract::FromRequestParts;
use http::request::Parts;
use identity::Secret;
use realtime::Network;
use realtime::connection::ConnectionHandle;

use super::cookies::{SessionCookie, device_token};
use crate::state::AppState;

/// The place that a request comes from: the client's address, or what trusted proxies say of it; never what a client claims
/// about itself.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The client's address.
    pub address: IpAddr,
    /// The token by which its browser is known again.
    pub device: Option<Secret<String>>,
}

impl Caller {
    /// What counts as one place: an IPv4 address, or a /64 network of IPv6.
    pub fn network(&self) -> Network {
        Network::of(self.address)
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Infallible> {
        // Every request that comes by the program's own door has one; all others count as one.
        let connection = parts.extensions.get::<ConnectionHandle>();
        let address = connection.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |connection| connection.client);
        let device = device_token(&parts.headers, SessionCookie::of(&app.settings, connection));
        let device = device.map(|token| Secret::new(token.to_owned()));
        Ok(Self { address, device })
    }
}
