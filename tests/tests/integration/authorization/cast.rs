//! Everybody whom the table knows, and the things that they try their hands at.

use std::sync::atomic::{AtomicU32, Ordering};

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tests::app::{Answer, Client, TestApp};
use tokio::sync::Mutex;

use super::examples::Examples;
use super::table::Row;
use super::unchanged::{State, Watch, differences};
use crate::guests::{self, Wish};
use crate::shape::PNG;

/// Whose ticket somebody tries.
#[derive(Clone, Copy)]
enum Whose {
    /// Their own.
    Own,
    /// A user's.
    Anothers,
}

pub(crate) struct Cast {
    pub(crate) app: TestApp,
    watch: Watch,
    examples: Examples,
    /// What there was after the last answer, if that was a refusal.
    unchanged: Mutex<Option<State>>,
    anonymous: Client,
    guest: Client,
    /// What the guest has submitted.
    guests_ticket: Value,
    owner: Client,
    owners_ticket: Value,
    /// Whose account others try to change.
    bystander: Client,
    other: Client,
    admin: Client,
    auditor: Client,
    operator: Client,
    /// A program that acts for the admin, as a user at most.
    robot: Client,
    numbers: AtomicU32,
}

impl Cast {
    pub(crate) async fn new() -> Self {
        let app = TestApp::new().await;
        // By the link that was mailed.
        let (guest, submitted) = guests::guest(&app, "gina@example.test").await;
        let guests_ticket = furnished(&guest, &submitted).await;
        let owner = app.user("Ulla").await;
        let admin = app.admin("Ada").await;
        let robot = json!({ "name": "Robot", "role": "USER", "expiresInDays": 1 });
        let robot = admin.post("/api/auth/tokens", &robot).await.good();
        Self {
            robot: admin.with_token(robot["token"].as_str().unwrap()),
            anonymous: app.anonymous(),
            guest,
            guests_ticket,
            owners_ticket: new_ticket(&owner).await,
            owner,
            bystander: app.user("Bert").await,
            other: app.user("Otto").await,
            admin,
            auditor: app.auditor("Aude").await,
            operator: app.operator("Opa").await,
            numbers: AtomicU32::new(0),
            watch: Watch::over(&app).await,
            examples: Examples::of(&app).await,
            unchanged: Mutex::default(),
            app,
        }
    }

    /// In the order of the table's columns.
    fn everybody(&self) -> [(&'static str, &Client, Whose); 8] {
        use Whose::{Anothers, Own};
        [
            ("anonymous", &self.anonymous, Anothers),
            ("guest, own", &self.guest, Own),
            ("guest, another's", &self.guest, Anothers),
            ("user, own", &self.owner, Own),
            ("user, another's", &self.other, Anothers),
            ("admin", &self.admin, Anothers),
            ("auditor", &self.auditor, Anothers),
            ("operator", &self.operator, Anothers),
        ]
    }

    /// Those who may connect, each with the ticket that they try; in the same order.
    pub(crate) fn connected(&self) -> [(&'static str, &Client, &Value); 7] {
        let [_, rest @ ..] = self.everybody();
        rest.map(|(name, client, whose)| match whose {
            Whose::Own if client.id() == self.guest.id() => (name, client, &self.guests_ticket),
            Whose::Own | Whose::Anothers => (name, client, &self.owners_ticket),
        })
    }

    /// Whose ticket most people try.
    pub(crate) fn owner(&self) -> &Client {
        &self.owner
    }

    /// Everybody tries the row; who they are, and what they are answered.
    pub(crate) async fn try_all(&self, row: &Row) -> Vec<(&'static str, u16, Answer)> {
        let mut answers = Vec::new();
        let robot = ("a user's token of an admin", &self.robot, Whose::Anothers);
        let people = self.everybody().into_iter().zip(row.expected);
        let people = people.chain([(robot, row.expected_of_token())]);
        for ((name, person, whose), expected) in people {
            let number = self.numbers.fetch_add(1, Ordering::Relaxed);
            let path = self.path(row, person, whose, expected, number).await;
            let made = row.method != "GET" && expected < 300;
            let before = match self.unchanged.lock().await.take() {
                Some(state) if !made => state,
                _ => self.watch.settled(&self.app).await,
            };
            let answer = self.send(row, person, &path, number).await;
            if answer.status >= 400 {
                let after = self.watch.state(&self.app).await;
                let changed = differences(&before, &after);
                assert!(
                    changed.is_empty(),
                    "{name} was refused, and changed {changed:?}: {} {path}",
                    row.method
                );
                *self.unchanged.lock().await = Some(after);
            }
            answers.push((name, expected, answer));
        }
        answers
    }

    /// The row's path with things that are there; new ones for who may change them.
    async fn path(&self, row: &Row, person: &Client, whose: Whose, expected: u16, number: u32) -> String {
        let changes = row.method != "GET" && expected < 300;
        if row.template.starts_with("/api/admin/users/") {
            if !changes {
                return row.template.replace("{id}", self.bystander.id());
            }
            let victim = self.app.user(&format!("Victim{number}")).await;
            return row.template.replace("{id}", victim.id());
        }
        if row.template.starts_with("/api/ops/") {
            // Nothing of that name is there: whoever may, is told so.
            let stream = self.owners_ticket["id"].as_str().unwrap();
            return row
                .template
                .replace("{name}", "nothing")
                .replace("{stream}", stream)
                .replace("{id}", stream);
        }
        if row.template == "/api/search" {
            return format!("{}?q=printer", row.template);
        }
        if !row.template.contains("{id}") {
            return row.template.to_owned();
        }
        let ticket = match whose {
            Whose::Own if person.id() == self.guest.id() => self.guests_ticket.clone(),
            Whose::Own | Whose::Anothers if changes => new_ticket(&self.owner).await,
            Whose::Own | Whose::Anothers => self.owners_ticket.clone(),
        };
        let id = ticket["id"].as_str().unwrap();
        let attachment = ticket["attachments"][0]["id"].as_str().unwrap();
        row.template
            .replace("{id}", id)
            .replace("{attachment}", attachment)
    }

    async fn send(&self, row: &Row, person: &Client, path: &str, number: u32) -> Answer {
        let method: Method = row.method.parse().unwrap();
        let request = person.request(method, path);
        let body = match row.body {
            "" => self.examples.body(row.method, row.template),
            body => body,
        };
        let request = match body {
            "" => request,
            "FILE" => {
                let part = Part::bytes(PNG).file_name("a.png");
                request.form(Form::new().part("file", part))
            }
            "SUBMISSION" => request.form(Wish::of(&format!("new{number}@example.test")).form()),
            text => {
                let text = text.replace("\"ADMIN\"}", &format!("\"{}\"}}", self.value(row)));
                let text = text.replace("NEW", &format!("new{number}@example.test"));
                request.json(&serde_json::from_str(&text).unwrap())
            }
        };
        request.send().await
    }

    /// What stands for `ADMIN`: a role, or the admin.
    fn value(&self, row: &Row) -> &str {
        if row.body.contains("assignedToId") {
            self.admin.id()
        } else {
            "ADMIN"
        }
    }
}

/// A ticket with an attachment; the whole one.
async fn new_ticket(person: &Client) -> Value {
    let ticket = person.new_ticket("Printer on fire").await;
    let path = format!("/api/tickets/{}", ticket["id"].as_str().unwrap());
    furnished(person, &path).await
}

/// The ticket there, with a comment and an attachment more; the whole one.
async fn furnished(person: &Client, path: &str) -> Value {
    let comment = json!({ "content": "said" });
    person.post(&format!("{path}/comments"), &comment).await.is(201);
    person
        .upload(&format!("{path}/attachments"), "a.png", "image/png", PNG)
        .await
        .is(201);
    person.get(path).await.good()
}
