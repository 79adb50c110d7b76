//! A browser with cookies that is sent from one place to another, step by step.

use std::net::SocketAddr;

use reqwest::header::LOCATION;
use reqwest::{Client, Response, redirect};
use url::Url;

use super::DESK;
use crate::app::TestApp;

/// Most times that it lets itself be sent on.
const STEPS_MAX: usize = 12;

/// A browser: what it is given in cookies it gives back to the same host.
#[derive(Clone, Debug)]
pub struct Browser {
    http: Client,
}

impl Browser {
    /// A new one, without cookies, that finds the desk where `app` really is.
    pub fn new(app: &TestApp) -> Self {
        let host = Url::parse(DESK).unwrap().host_str().unwrap().to_owned();
        let address: SocketAddr = app.address();
        let http = Client::builder()
            .cookie_store(true)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .resolve(&host, address)
            .build()
            .unwrap();
        Self { http }
    }

    /// Goes to a place, at the desk or elsewhere; where the answer sends it is told.
    pub async fn go(&self, place: &str) -> (u16, String) {
        let answer = self.get(place).await;
        (answer.status().as_u16(), location(&answer))
    }

    /// Goes to a place.
    pub async fn get(&self, place: &str) -> Response {
        self.http.get(absolute(place)).send().await.unwrap()
    }

    /// Sends a form.
    pub async fn send(&self, place: &str, fields: &[(&str, &str)]) -> Response {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = self.http.post(absolute(place)).body(body);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        request.send().await.unwrap()
    }

    /// Sends JSON.
    pub async fn post(&self, place: &str, body: &serde_json::Value) -> Response {
        let request = self.http.post(absolute(place)).json(body);
        request.header("origin", DESK).send().await.unwrap()
    }

    /// Goes to a place, and on wherever it is sent, until the desk has let it in or not: the last place that it was sent to.
    pub async fn follow(&self, place: &str) -> String {
        let mut place = place.to_owned();
        for _ in 0..STEPS_MAX {
            let from = absolute(&place);
            let answer = self.get(&place).await;
            let to = location(&answer);
            assert!(!to.is_empty(), "{from} sends nowhere: {}", answer.status());
            let to = from.join(&to).unwrap();
            place = to.to_string();
            let is_back = from.as_str().starts_with(DESK) && from.path().ends_with("/callback");
            if is_back || (to.as_str().starts_with(DESK) && to.path() == "/login") {
                return place.strip_prefix(DESK).unwrap_or(&place).to_owned();
            }
        }
        panic!("sent on and on, lastly to {place}");
    }

    /// Signs in at the provider of this name; where the desk sends it then.
    pub async fn sign_in(&self, provider: &str) -> String {
        let start = format!("/api/auth/providers/{provider}/start?returnTo=/tickets");
        self.follow(&start).await
    }

    /// Who it is signed in as; null for nobody.
    pub async fn me(&self) -> serde_json::Value {
        let answer = self.get("/api/auth/me").await;
        if answer.status() == 401 {
            return serde_json::Value::Null;
        }
        assert_eq!(answer.status(), 200);
        answer.json().await.unwrap()
    }
}

fn absolute(place: &str) -> Url {
    Url::parse(DESK).unwrap().join(place).unwrap()
}

fn location(answer: &Response) -> String {
    let location = answer.headers().get(LOCATION);
    location.map_or("", |value| value.to_str().unwrap()).to_owned()
}
