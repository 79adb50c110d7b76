//! Somebody who speaks HTTP to the server: nobody in particular, a program with a token, or a browser with a cookie.

use reqwest::header::{COOKIE, ORIGIN};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, redirect};
use serde_json::Value;

use super::answer::Answer;
use crate::mailbox::Mailbox;
use crate::{secrecy, wait};

/// The session cookie's name without https.
pub const SESSION_COOKIE: &str = "informejo_session";

#[derive(Clone, Debug)]
enum Credentials {
    None,
    Bearer(String),
    Cookie(String),
}

/// A client, and who it is.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    credentials: Credentials,
    /// Where mail to it arrives, if that is known.
    mailbox: Option<Mailbox>,
    /// Its account, as the server shows it; null for nobody.
    pub account: Value,
    /// Its password.
    pub password: String,
}

impl Client {
    /// Nobody in particular, at the server under `base` (without a slash at the end).
    pub fn anonymous(base: &str) -> Self {
        let http = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self {
            http,
            base: base.to_owned(),
            credentials: Credentials::None,
            mailbox: None,
            account: Value::Null,
            password: String::new(),
        }
    }

    /// Nobody in particular, who reads the mail that the server sends.
    #[must_use]
    pub fn with_mailbox(self, mailbox: Mailbox) -> Self {
        Self {
            mailbox: Some(mailbox),
            ..self
        }
    }

    /// The same person with this token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        secrecy::plant("token", token);
        Self {
            credentials: Credentials::Bearer(token.to_owned()),
            ..self.clone()
        }
    }

    /// The same person in a browser: a cookie instead of the token, and an `Origin` of the server's own.
    #[must_use]
    pub fn in_browser(&self) -> Self {
        Self {
            credentials: Credentials::Cookie(self.token().to_owned()),
            ..self.clone()
        }
    }

    /// The same person at another server of the same help desk.
    #[must_use]
    pub fn at(&self, base: &str) -> Self {
        Self {
            base: base.to_owned(),
            ..self.clone()
        }
    }

    /// The same person by another way: other connections, another address.
    #[must_use]
    pub fn by(&self, http: reqwest::Client, base: &str) -> Self {
        Self {
            http,
            ..self.at(base)
        }
    }

    /// Makes an account, and signs in to it. The address is made of `name`.
    pub async fn sign_up(&self, name: &str) -> Self {
        let email = format!("{}@example.test", name.to_lowercase().replace(' ', "."));
        let password = format!("gulls-over-{name}-harbour");
        let wish =
            serde_json::json!({ "email": email, "name": name, "password": password, "department": "Dept 1" });
        self.register(&wish).await
    }

    /// Asks for an account, follows the link in the mail, and is signed in.
    pub async fn register(&self, wish: &Value) -> Self {
        self.nobody().post("/api/auth/register", wish).await.is(202);
        let text = |name: &str| wish[name].as_str().unwrap().to_owned();
        let mail = self.mailbox().next_of(text("email").trim(), "registration").await;
        self.confirm(mail.token(), &text("password")).await
    }

    /// Finishes a registration.
    pub async fn confirm(&self, token: &str, password: &str) -> Self {
        let nobody = self.nobody();
        let wish = serde_json::json!({ "token": token, "password": password });
        let session = nobody.post("/api/auth/register/confirm", &wish).await.good();
        nobody.signed_in(&session, password)
    }

    /// The mail that the server sends.
    pub fn mailbox(&self) -> &Mailbox {
        self.mailbox.as_ref().expect("it is not known where mail arrives")
    }

    /// Signs in to an account that there is.
    pub async fn sign_in(&self, email: &str, password: &str) -> Self {
        let nobody = self.nobody();
        let wish = serde_json::json!({ "email": email, "password": password });
        let session = nobody.post("/api/auth/login", &wish).await.good();
        nobody.signed_in(&session, password)
    }

    /// Whoever was answered so.
    #[must_use]
    pub fn signed_in(self, session: &Value, password: &str) -> Self {
        Self {
            credentials: Credentials::Bearer(session["token"].as_str().unwrap().to_owned()),
            account: session["user"].clone(),
            password: password.to_owned(),
            ..self
        }
    }

    /// The same person with another session.
    pub async fn again(&self) -> Self {
        self.sign_in(self.email(), &self.password).await
    }

    /// Nobody in particular, by the same connections.
    #[must_use]
    pub fn nobody(&self) -> Self {
        Self {
            credentials: Credentials::None,
            account: Value::Null,
            password: String::new(),
            ..self.clone()
        }
    }

    /// Its account's id.
    pub fn id(&self) -> &str {
        self.account["id"].as_str().expect("nobody has no id")
    }

    /// Its account's address.
    pub fn email(&self) -> &str {
        self.account["email"].as_str().expect("nobody has no address")
    }

    /// Its session's token.
    pub fn token(&self) -> &str {
        match &self.credentials {
            Credentials::Bearer(token) | Credentials::Cookie(token) => token,
            Credentials::None => panic!("nobody has no token"),
        }
    }

    /// Where the server is.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// A request that is still to be sent.
    pub fn request(&self, method: Method, path: &str) -> Request {
        let asked = format!("{method} {path}");
        let builder = self.http.request(method, format!("{}{path}", self.base));
        let builder = match &self.credentials {
            Credentials::None => builder,
            Credentials::Bearer(token) => builder.bearer_auth(token),
            Credentials::Cookie(token) => builder
                .header(COOKIE, format!("{SESSION_COOKIE}={token}"))
                .header(ORIGIN, &self.base),
        };
        let sent = match &self.credentials {
            Credentials::Bearer(token) | Credentials::Cookie(token) => token.clone(),
            Credentials::None => String::new(),
        };
        Request { asked, builder, sent }
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path).send().await
    }

    /// POST with a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.request(Method::POST, path).json(body).send().await
    }

    /// PATCH with a JSON body.
    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.request(Method::PATCH, path).json(body).send().await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.request(Method::DELETE, path).send().await
    }

    /// POST of one file in the field `file` of a form.
    pub async fn upload(&self, path: &str, file_name: &str, media_type: &str, bytes: &[u8]) -> Answer {
        let part = Part::bytes(bytes.to_vec())
            .file_name(file_name.to_owned())
            .mime_str(media_type)
            .unwrap();
        self.request(Method::POST, path)
            .form(Form::new().part("file", part))
            .send()
            .await
    }

    /// A wish under a key of its own, again and again until the server is able to answer it. Any other answer than 503,
    /// which must say when to come back, is one.
    pub async fn insist(&self, method: Method, path: &str, key: &str, wish: &Value) -> Answer {
        wait::until("an answer other than 503", async || {
            let request = self.request(method.clone(), path);
            let answer = request.header("Idempotency-Key", key).json(wish).send().await;
            let unavailable = answer.status == 503;
            assert!(
                !unavailable || !answer.header("retry-after").is_empty(),
                "{}",
                answer.text()
            );
            (!unavailable).then_some(answer)
        })
        .await
    }

    /// A new ticket of one's own; the whole one.
    pub async fn new_ticket(&self, title: &str) -> Value {
        let wish = serde_json::json!({
            "title": title,
            "description": "Probe description text",
            "category": "HARDWARE",
        });
        self.post("/api/tickets", &wish).await.is(201).json()
    }
}

/// A request that is still to be sent.
pub struct Request {
    asked: String,
    builder: reqwest::RequestBuilder,
    /// The token that it carries.
    sent: String,
}

impl Request {
    /// With a header more.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.builder = self.builder.header(name, value);
        self
    }

    /// With a JSON body.
    #[must_use]
    pub fn json(mut self, body: &Value) -> Self {
        secrecy::of_wish(body);
        self.builder = self.builder.json(body);
        self
    }

    /// With any body at all.
    #[must_use]
    pub fn body(mut self, body: impl Into<reqwest::Body>) -> Self {
        self.builder = self.builder.body(body);
        self
    }

    /// With a form.
    #[must_use]
    pub fn form(mut self, form: Form) -> Self {
        self.builder = self.builder.multipart(form);
        self
    }

    /// Sends it, and reads the answer.
    pub async fn send(self) -> Answer {
        let asked = self.asked.clone();
        self.try_send()
            .await
            .unwrap_or_else(|error| panic!("{asked}: no answer: {error:?}"))
    }

    /// As [`Request::send`], where it is no fault if there is no answer.
    pub async fn try_send(self) -> Result<Answer, reqwest::Error> {
        let Self { asked, builder, sent } = self;
        let answer = wait::within(asked.clone(), async {
            let response = builder.send().await?;
            Ok(Answer {
                asked,
                status: response.status().as_u16(),
                headers: response.headers().clone(),
                body: response.bytes().await?,
            })
        })
        .await;
        if let Ok(answer) = &answer {
            answer.keeps_secrets(&sent);
        }
        answer
    }
}
