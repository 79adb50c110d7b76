//! People without an account: they submit, get a link and a code by mail, and look at what is theirs.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tests::app::{Answer, Client, TestApp};
use tests::mailbox::Mail;

mod claim;
mod live;
mod mail;
mod refusals;
mod secrecy;
mod session;
mod simultaneous;
mod submission;
mod view;
mod withdrawal;

/// A submission's texts, in which a test changes what it is about.
#[derive(Clone, Debug)]
pub(crate) struct Wish(Vec<(&'static str, String)>);

impl Wish {
    /// By somebody of this address.
    pub(crate) fn of(email: &str) -> Self {
        let texts = [
            ("name", "Gina Guest"),
            ("email", email),
            ("title", "Printer on fire"),
            ("description", "It is the one on the second floor."),
            ("category", "HARDWARE"),
        ];
        Self(texts.map(|(name, value)| (name, value.to_owned())).to_vec())
    }

    /// With this field of another value, or besides.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.0.retain(|(found, _)| *found != name);
        self.0.push((name, value.to_owned()));
        self
    }

    /// Without this field.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.0.retain(|(found, _)| *found != name);
        self
    }

    /// As a form.
    pub(crate) fn form(&self) -> Form {
        let texts = self.0.iter();
        texts.fold(Form::new(), |form, (name, value)| form.text(*name, value.clone()))
    }

    /// Sent, without files.
    pub(crate) async fn submit(&self, client: &Client) -> Answer {
        submit(client, self.form()).await
    }
}

/// A file for the field `files`.
pub(crate) fn file(name: &str, bytes: impl Into<Vec<u8>>) -> Part {
    Part::bytes(bytes.into()).file_name(name.to_owned())
}

pub(crate) async fn submit(client: &Client, form: Form) -> Answer {
    client
        .request(Method::POST, "/api/tickets/anonymous")
        .form(form)
        .send()
        .await
}

/// Where a submitted ticket is.
pub(crate) fn path_of(submitted: &Answer) -> String {
    let submitted = submitted.good();
    format!("/api/tickets/{}", submitted["ticketId"].as_str().unwrap())
}

/// How many files the store has, finished or not.
pub(crate) fn stored(app: &TestApp) -> usize {
    let mut folders = vec![app.data_dir().join("uploads")];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files += 1;
            }
        }
    }
    files
}

/// A mail with a link and a code, for the guest of this address.
pub(crate) async fn mailed(app: &TestApp, email: &str) -> Mail {
    let wish = json!({ "email": email });
    app.anonymous().post("/api/guest/link", &wish).await.is(202);
    app.mailbox().next_of(email, "guest_link").await
}

/// The access code in a mail.
pub(crate) fn code_of(mail: &Mail) -> String {
    let is_code = |word: &&str| word.len() == 19 && word.split('-').all(|group| group.len() == 4);
    let code = mail.text.split_whitespace().find(is_code);
    code.unwrap_or_else(|| panic!("no code in {}", mail.text))
        .to_owned()
}

/// Who is in by this link or code.
pub(crate) async fn enter(app: &TestApp, proof: &Value) -> Client {
    let session = app.anonymous().post("/api/guest/session", proof).await.good();
    let mut guest = app.anonymous().with_token(session["token"].as_str().unwrap());
    guest.account = session["user"].clone();
    guest
}

/// A guest who has submitted this and is in by the link that was mailed; and where the ticket is.
pub(crate) async fn guest(app: &TestApp, email: &str) -> (Client, String) {
    let path = path_of(&Wish::of(email).submit(&app.anonymous()).await.is(201));
    let mail = mailed(app, email).await;
    (enter(app, &json!({ "token": mail.token() })).await, path)
}
