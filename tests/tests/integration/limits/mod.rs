//! Limits on what strangers try (A8): they hold, they tell nothing, and they lock nobody out.

mod devices;
mod passwords;
mod shared;
mod wishes;

use reqwest::Method;
use serde_json::json;
use tests::app::{Answer, TestApp};

/// So that tests can say where a request comes from.
const PROXY: (&str, &str) = ("TRUSTED_PROXIES", "127.0.0.1");

/// Somebody tries to sign in: from which address, on which browser, as whom.
struct Attempt<'a> {
    address: &'a str,
    device: Option<&'a str>,
    email: &'a str,
    password: &'a str,
}

impl Attempt<'_> {
    /// A guess at the password of `email`, by a stranger.
    fn guess<'a>(address: &'a str, email: &'a str) -> Attempt<'a> {
        Attempt {
            address,
            device: None,
            email,
            password: "not the password",
        }
    }

    async fn at(&self, app: &TestApp) -> Answer {
        let request = app.anonymous().request(Method::POST, "/api/auth/login");
        let request = request.header("X-Forwarded-For", self.address);
        let request = match self.device {
            Some(device) => request.header("Cookie", &format!("informejo_device={device}")),
            None => request,
        };
        let wish = json!({ "email": self.email, "password": self.password });
        request.json(&wish).send().await
    }
}

/// Its status, and for 429 a sane `Retry-After` of at most `seconds_max`.
fn refused(answer: &Answer, seconds_max: u64) {
    let seconds: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=seconds_max).contains(&seconds), "{seconds}");
    let problem = answer.problem(429);
    assert_eq!(problem["error"], "Too many attempts");
}
