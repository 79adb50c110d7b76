//! From the program's settings to what each part of the help desk is told.

use std::time::Duration;

use api::server::Limits;
use api::{ApiSettings, PageUrls};
use deadpool_postgres::Pool;
use identity::{IdentitySettings, SessionSettings};
use projections::tickets::ListReader;
use realtime::{AudienceMode, InboundRate};
use url::Url;

use crate::config::{Audience, Pace, Settings};

/// How long connections may take to end: the rest of the way out has to fit into the ten seconds as well.
const CONNECTIONS_END_WITHIN: Duration = Duration::from_secs(6);

/// How much clients may take of the server.
pub(crate) fn limits(settings: &Settings) -> Limits {
    let defaults = Limits::default();
    Limits {
        connections: settings.http.connections,
        connections_per_address: settings.http.connections_per_address,
        head: settings.http.header_timeout,
        idle: settings.http.header_timeout,
        body_idle: settings.http.body_timeout,
        body: defaults.body.max(settings.http.request_timeout),
        shutdown: CONNECTIONS_END_WITHIN,
        ..defaults
    }
}

/// How the API is to be, on a desk that listens on `port`.
pub(crate) fn api(settings: &Settings, port: u16) -> Result<ApiSettings, url::ParseError> {
    let app_url = Url::parse(&settings.public_url(port))?;
    let mut api = ApiSettings::new(app_url, env!("CARGO_PKG_VERSION").to_owned());
    api.allowed_origins = settings.origins(port);
    api.page_urls = PageUrls {
        socket: settings.socket_url.clone(),
        app: settings
            .app_url
            .as_ref()
            .map(|url| url.origin().ascii_serialization()),
    };
    api.attempts = settings.attempts;
    api.request_time = settings.http.request_timeout;
    api.upload_time = api.upload_time.max(settings.http.request_timeout);
    Ok(api)
}

/// How the live updates are to be, likewise.
pub(crate) fn realtime(settings: &Settings, port: u16, pool: Pool) -> realtime::Options {
    let limits = settings.realtime;
    let rate = |pace: Pace| InboundRate {
        burst: pace.at_once,
        per_second: pace.per_second,
    };
    realtime::Options {
        audience: match settings.audience {
            Audience::Permitted => AudienceMode::Permitted,
            Audience::Everyone => AudienceMode::Everyone,
        },
        allowed_origins: settings.origins(port),
        lists: Some(ListReader::new(pool)),
        inbound: rate(limits.events),
        joins: rate(limits.joins),
        handshakes: rate(limits.handshakes),
        sockets_per_address_max: limits.sockets_per_address,
        sockets_per_account_max: limits.sockets_per_account,
        resume_events_max: limits.resume_events,
        ..realtime::Options::default()
    }
}

/// How long sessions last.
pub(crate) fn identity(settings: &Settings) -> IdentitySettings {
    IdentitySettings {
        sessions: SessionSettings {
            idle_ms: millis(settings.session_idle),
            absolute_ms: millis(settings.session_max),
            ..SessionSettings::default()
        },
        providers: settings.providers.clone(),
        ..IdentitySettings::default()
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Environment;

    fn settings(request_timeout: &str) -> Settings {
        let given = [("REQUEST_TIMEOUT".into(), request_timeout.into())];
        Settings::read(&Environment::default().with_variables(given).unwrap()).unwrap()
    }

    /// How long a request, an upload and its body may take.
    fn times(request_timeout: &str) -> [u64; 3] {
        let settings = settings(request_timeout);
        let api = api(&settings, 3003).unwrap();
        [api.request_time, api.upload_time, limits(&settings).body].map(|time| time.as_secs())
    }

    #[test]
    fn an_upload_has_as_long_as_any_request_and_three_minutes_at_least() {
        assert_eq!(times("10"), [10, 300, 180]);
        assert_eq!(times("60"), [60, 300, 180]);
        assert_eq!(times("3600"), [3600, 3600, 3600]);
    }
}
