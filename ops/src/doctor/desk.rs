//! The help desk as people reach it: the address, what a proxy passes on, and whether websockets come through.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use reqwest::{Client, RequestBuilder, redirect};
use serde::Deserialize;
use url::Url;

use super::{Finding, websocket};
use crate::cli::chain;
use crate::config::Settings;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// What is read of an answer, at most.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// What `GET /api/origin` says.
#[derive(Debug, Deserialize)]
pub(super) struct Seen {
    address: String,
    secure: bool,
    forwarding: String,
    via: Vec<String>,
    upgraded: bool,
}

/// What `GET /api/version` says.
#[derive(Debug, Deserialize)]
struct Version {
    name: String,
    version: String,
}

/// Looks at the help desk, if it runs.
pub(super) async fn look(settings: &Settings) -> Vec<Finding> {
    let client = match client() {
        Ok(client) => client,
        Err(error) => return vec![Finding::skipped("desk", chain(&error))],
    };
    let here = here(settings);
    let runs_here = match &here {
        Some(here) => ask::<Version>(&client, here, "/api/version").await,
        None => Err("PORT is 0: any port that is free".to_owned()),
    };
    let mut findings = vec![program(here.as_deref(), &runs_here)];
    let public = settings.public_url(settings.port);
    if settings.app_url.is_none() {
        findings.push(Finding::warning(
            "desk.address",
            format!("APP_URL is not set: links and allowed origins say {public}"),
            "set it to what people type, https://help.example.org",
        ));
    }
    match (ask::<Version>(&client, &public, "/api/version").await, runs_here) {
        (Ok(version), _) if version.name == "informejo" => {
            let says = format!("informejo {} answers at {public}", version.version);
            findings.push(Finding::ok("desk.address", says));
            let seen = ask_as_websocket(&client, &public).await;
            findings.push(forwarding(seen.as_ref(), &public));
            findings.push(websocket::look(&client, &public, seen.ok().as_ref()).await);
        }
        (Ok(_), _) => findings.push(Finding::error(
            "desk.address",
            format!("another program answers at {public}"),
            "correct APP_URL, or the proxy's idea of where the help desk is",
        )),
        (Err(problem), Ok(_)) => {
            findings.push(Finding::error(
                "desk.address",
                format!("{public} does not answer: {problem}"),
                "look at the name server, the proxy and its certificate",
            ));
            findings.extend(skipped("the public address does not answer"));
        }
        (Err(_), Err(_)) => {
            findings.push(Finding::skipped(
                "desk.address",
                "no program answers, here or there",
            ));
            findings.extend(skipped("no program answers"));
        }
    }
    findings
}

impl Seen {
    /// Who took away what asks for a websocket, if that did not arrive.
    pub(super) fn stripped_by(&self) -> Option<String> {
        let nobody = || "something between".to_owned();
        (!self.upgraded).then(|| {
            self.via
                .first()
                .map_or_else(nobody, |proxy| format!("the proxy {proxy}"))
        })
    }
}

fn skipped(why: &str) -> [Finding; 2] {
    ["desk.forwarding", "desk.websocket"].map(|check| Finding::skipped(check, why))
}

fn program(here: Option<&str>, answer: &Result<Version, String>) -> Finding {
    match answer {
        Ok(version) => Finding::ok("desk.program", format!("informejo {} runs here", version.version)),
        Err(problem) => Finding::skipped(
            "desk.program",
            format!(
                "none answers at {}: {problem}",
                here.unwrap_or("a port that is known")
            ),
        ),
    }
}

fn client() -> Result<Client, reqwest::Error> {
    Client::builder()
        .redirect(redirect::Policy::none())
        .connect_timeout(PATIENCE)
        .timeout(PATIENCE)
        .no_proxy()
        .http1_only() // a websocket begins as HTTP/1.1
        .user_agent("informejo-doctor")
        .build()
}

/// Where the program on this machine listens.
fn here(settings: &Settings) -> Option<String> {
    let host = match settings.host {
        Some(host) if !host.is_unspecified() => host,
        Some(_) | None => IpAddr::V4(Ipv4Addr::LOCALHOST),
    };
    (settings.port != 0).then(|| format!("http://{}", SocketAddr::new(host, settings.port)))
}

/// The JSON at `path`; the error is one line.
async fn ask<T: for<'a> Deserialize<'a>>(client: &Client, base: &str, path: &str) -> Result<T, String> {
    answer(client.get(format!("{base}{path}"))).await
}

/// How a request arrives that asks for a websocket. All of what makes one is there: proxies refuse less.
async fn ask_as_websocket(client: &Client, public: &str) -> Result<Seen, String> {
    answer(websocket::wish(client.get(format!("{public}/api/origin")))).await
}

async fn answer<T: for<'a> Deserialize<'a>>(request: RequestBuilder) -> Result<T, String> {
    let said = |error: reqwest::Error| chain(&error.without_url());
    let mut response = request.send().await.map_err(said)?;
    if !response.status().is_success() {
        return Err(format!("the answer is {}", response.status()));
    }
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(said)? {
        body.extend_from_slice(&piece);
        if body.len() > ANSWER_BYTES_MAX {
            return Err("the answer is too long".to_owned());
        }
    }
    serde_json::from_slice(&body).map_err(|_| "the answer is not the help desk's".to_owned())
}

/// Whether the program sees through the proxy who asks, and how.
fn forwarding(seen: Result<&Seen, &String>, public: &str) -> Finding {
    let is_https = Url::parse(public).is_ok_and(|url| url.scheme() == "https");
    match seen {
        Ok(seen) => judge(seen, is_https),
        Err(problem) => Finding::skipped("desk.forwarding", problem.clone()),
    }
}

fn judge(seen: &Seen, is_https: bool) -> Finding {
    let check = "desk.forwarding";
    let Seen {
        address,
        secure,
        forwarding,
        via,
        ..
    } = seen;
    match (forwarding.as_str(), secure, is_https) {
        ("ignored", _, _) => Finding::error(
            check,
            format!(
                "a proxy at {address} says who asks, but is not trusted: everybody seems to be one client"
            ),
            format!("set TRUSTED_PROXIES={address}, if that is your proxy"),
        ),
        ("none", false, true) => Finding::error(
            check,
            "the proxy does not say who asks, and by https",
            "have it send X-Forwarded-For and X-Forwarded-Proto, and set TRUSTED_PROXIES",
        ),
        (_, false, true) => Finding::error(
            check,
            "the proxy says who asks, but not that it is by https",
            "have it send X-Forwarded-Proto: https",
        ),
        ("believed", _, _) => {
            let proxies = via.join(" and ");
            Finding::ok(
                check,
                format!("you are {address}, through {proxies}, which is trusted"),
            )
        }
        _ => Finding::ok(check, format!("there is no proxy between; you are {address}")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    #[test]
    fn each_way_of_forwarding_is_judged() {
        let level = |forwarding: &str, secure, is_https| {
            let seen = Seen {
                address: "10.0.0.1".to_owned(),
                secure,
                forwarding: forwarding.to_owned(),
                via: vec!["127.0.0.1".to_owned()],
                upgraded: false,
            };
            judge(&seen, is_https).level
        };
        assert_eq!(level("none", false, false), Level::Ok);
        assert_eq!(level("believed", true, true), Level::Ok);
        assert_eq!(level("believed", false, false), Level::Ok);
        assert_eq!(level("believed", false, true), Level::Error);
        assert_eq!(level("none", false, true), Level::Error);
        assert_eq!(level("ignored", false, false), Level::Error);
        assert_eq!(level("ignored", false, true), Level::Error);
    }
}
