//! From what happens to the mails that come: who is told what (1.8), what it says, where it leads.

use std::sync::Mutex;

use reqwest::multipart::Form;
use reqwest::{Method, Url};
use serde_json::{Value, json};
use tests::app::{Client, TestApp};
use tests::mailbox::Mail;
use tests::wait;

/// The kinds of mail that tell of an event.
const EVENTS: [&str; 5] = ["created", "new_ticket", "assigned", "status", "comment"];

/// Every mail about tickets that has come, once everything that has happened is told.
async fn mails(app: &TestApp) -> Vec<Mail> {
    let head = app.head().await;
    let client = app.database().admin().await;
    // Shown if it takes too long.
    let open = Mutex::new(String::new());
    wait::until(&open, async || {
        let sql = "SELECT (SELECT position >= $1 FROM reactors.checkpoints WHERE name = 'mail'),
                     (SELECT string_agg(concat_ws(' ', kind, attempts, parked_at, last_error), ', ')
                      FROM reactors.deliveries WHERE done_at IS NULL)";
        let row = client.query_one(sql, &[&head]).await.unwrap();
        let (read, waiting): (Option<bool>, Option<String>) = (row.get(0), row.get(1));
        let told = read == Some(true) && waiting.is_none();
        *open.lock().unwrap() = format!("read: {read:?}, waiting: {waiting:?}");
        told.then_some(())
    })
    .await;
    let mut mails = app.mailbox().all();
    mails.retain(|mail| EVENTS.contains(&mail.kind.as_str()));
    mails
}

/// Who has been told what since `before`, as in `created:ulla`.
async fn told(app: &TestApp, before: &mut usize) -> String {
    let mails = mails(app).await;
    let mut told: Vec<_> = mails
        .iter()
        .skip(*before)
        .map(|mail| format!("{}:{}", mail.kind, mail.to[0].split('@').next().unwrap()))
        .collect();
    *before = mails.len();
    told.sort();
    told.join(" ")
}

fn path(ticket: &Value) -> String {
    format!("/api/tickets/{}", ticket["id"].as_str().unwrap())
}

async fn comment(person: &Client, ticket: &Value, text: &str, internal: bool) {
    let wish = json!({ "content": text, "isInternal": internal });
    let path = format!("{}/comments", path(ticket));
    person.post(&path, &wish).await.is(201);
}

/// What the program's own pages and links are at, in the tests.
fn local(app: &TestApp, link: &str) -> String {
    let mut url: Url = link.parse().unwrap();
    url.set_host(Some("127.0.0.1")).unwrap();
    url.set_port(Some(app.address().port())).unwrap();
    url.to_string()
}

#[tokio::test]
async fn everybody_whom_it_concerns_is_told_and_nobody_else() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.admin("Ada").await, app.admin("Bob").await);
    let (ulla, _vera) = (app.user("Ulla").await, app.user("Vera").await);
    let mut seen = 0;
    let ticket = ulla.new_ticket("Printer on fire").await;
    assert_eq!(
        told(&app, &mut seen).await,
        "created:ulla new_ticket:ada new_ticket:bob"
    );
    let path = path(&ticket);
    // To oneself, then to somebody else.
    let assign = |to: &Client| json!({ "assignedToId": to.id() });
    ada.patch(&path, &assign(&ada)).await.good();
    assert_eq!(told(&app, &mut seen).await, "");
    ada.patch(&path, &assign(&bob)).await.good();
    assert_eq!(told(&app, &mut seen).await, "assigned:bob");
    ada.patch(&path, &json!({ "status": "WAITING" })).await.good();
    assert_eq!(told(&app, &mut seen).await, "status:bob status:ulla");
    bob.patch(&path, &json!({ "status": "RESOLVED" })).await.good();
    assert_eq!(told(&app, &mut seen).await, "status:ulla");
    comment(&ulla, &ticket, "Still burning", false).await;
    assert_eq!(told(&app, &mut seen).await, "comment:bob");
    comment(&bob, &ticket, "On my way", false).await;
    assert_eq!(told(&app, &mut seen).await, "comment:ulla");
    comment(&ada, &ticket, "She is a nuisance", true).await;
    assert_eq!(told(&app, &mut seen).await, "comment:bob");
    let quiet = json!({ "title": "Printer out", "priority": "LOW", "assignedToId": null });
    ada.patch(&path, &quiet).await.good();
    ada.delete(&path).await.good();
    assert_eq!(told(&app, &mut seen).await, "");
    let hers = mails(&app).await;
    let hers = hers.iter().filter(|mail| mail.to == [ulla.email()]);
    assert!(hers.clone().count() >= 4);
    assert!(hers.clone().all(|mail| !mail.text.contains("nuisance")));
}

#[tokio::test]
async fn an_agent_who_is_requester_and_actor_gets_a_receipt_only() {
    let app = TestApp::new().await;
    let (ada, _bob) = (app.admin("Ada").await, app.admin("Bob").await);
    let mut seen = 0;
    let ticket = ada.new_ticket("My own printer").await;
    assert_eq!(told(&app, &mut seen).await, "created:ada new_ticket:bob");
    ada.patch(
        &path(&ticket),
        &json!({ "status": "CLOSED", "assignedToId": ada.id() }),
    )
    .await
    .good();
    comment(&ada, &ticket, "Done", false).await;
    assert_eq!(told(&app, &mut seen).await, "");
}

#[tokio::test]
async fn people_get_what_they_asked_for_and_the_deactivated_nothing() {
    let app = TestApp::new().await;
    let (ada, bob, cleo) = (
        app.admin("Ada").await,
        app.admin("Bob").await,
        app.admin("Cleo").await,
    );
    let ulla = app.user("Ulla").await;
    let want = async |person: &Client, what: &str| {
        person
            .patch("/api/auth/me", &json!({ "notifications": what }))
            .await
            .good();
    };
    want(&bob, "MINE").await;
    want(&cleo, "NONE").await;
    let mut seen = 0;
    let ticket = ulla.new_ticket("Printer on fire").await;
    assert_eq!(told(&app, &mut seen).await, "created:ulla new_ticket:ada");
    let assign = async |to: &Client| {
        ada.patch(&path(&ticket), &json!({ "assignedToId": to.id() }))
            .await
            .good();
    };
    assign(&cleo).await;
    assign(&bob).await;
    assert_eq!(told(&app, &mut seen).await, "assigned:bob");
    ada.delete(&format!("/api/admin/users/{}", ulla.id()))
        .await
        .good();
    comment(&ada, &ticket, "Are you there?", false).await;
    assert_eq!(told(&app, &mut seen).await, "comment:bob");
}

#[tokio::test]
async fn a_ticket_is_one_thread_for_each_of_its_readers() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    let ticket = ulla.new_ticket("Printer on fire").await;
    comment(&ulla, &ticket, "Hurry", false).await;
    ada.patch(&path(&ticket), &json!({ "status": "IN_PROGRESS" }))
        .await
        .good();
    comment(&ada, &ticket, "On my way", false).await;
    ulla.new_ticket("Another thing").await;
    let mails = mails(&app).await;
    let of = |person: &Client, kind: &str| {
        let mut found = mails
            .iter()
            .filter(|mail| mail.kind == kind && mail.to == [person.email()])
            .filter(|mail| mail.subject().ends_with("Printer on fire"));
        found.next().unwrap()
    };
    let root = of(&ulla, "created").header("Message-ID");
    assert!(!root.is_empty() && of(&ulla, "created").header("References").is_empty());
    for kind in ["status", "comment"] {
        assert_eq!(of(&ulla, kind).header("References"), root);
        assert_eq!(of(&ulla, kind).header("In-Reply-To"), root);
    }
    assert_ne!(of(&ada, "new_ticket").header("Message-ID"), root);
    let mut ids: Vec<_> = mails.iter().map(|mail| mail.header("Message-ID")).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), mails.len());
    // Several are sent at a time, so they may come in another order.
    let hers = mails.iter().filter(|mail| mail.to == [ulla.email()]);
    let mut subjects: Vec<_> = hers.map(Mail::subject).collect();
    subjects.sort_unstable();
    assert_eq!(
        subjects,
        [
            "New Comment on Ticket: Printer on fire",
            "Ticket Created: Another thing",
            "Ticket Created: Printer on fire",
            "Ticket Status Updated: Printer on fire",
        ]
    );
    assert!(of(&ulla, "status").text.contains("from Open to In Progress"));
    let link = of(&ada, "new_ticket").link();
    assert!(
        link.ends_with(&format!("/admin/tickets/{}", ticket["id"].as_str().unwrap())),
        "{link}"
    );
}

#[tokio::test]
async fn one_click_in_a_mail_is_the_end_of_mail() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    let mut seen = 0;
    let ticket = ulla.new_ticket("Printer on fire").await;
    assert_eq!(told(&app, &mut seen).await, "created:ulla new_ticket:ada");
    let mail = mails(&app)
        .await
        .into_iter()
        .find(|mail| mail.kind == "created")
        .unwrap();
    assert_eq!(mail.header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    let header = mail.header("List-Unsubscribe");
    let link = local(&app, header.strip_prefix('<').unwrap().strip_suffix('>').unwrap());
    let path_in_link = link.strip_prefix(&app.url()).unwrap();
    assert!(
        mail.text
            .contains(&format!("/unsubscribe#{}", link.rsplit('/').next().unwrap()))
    );
    let request = app.anonymous().request(Method::POST, path_in_link);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    request.body("List-Unsubscribe=One-Click").send().await.good();
    ada.patch(&path(&ticket), &json!({ "status": "CLOSED" }))
        .await
        .good();
    comment(&ada, &ticket, "Done", false).await;
    ulla.new_ticket("One more").await;
    assert_eq!(told(&app, &mut seen).await, "new_ticket:ada");
}

#[tokio::test]
async fn what_was_written_down_wrongly_or_long_ago_is_not_sent() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    let ticket = ulla.new_ticket("Printer on fire").await;
    comment(&ada, &ticket, "She is a nuisance", true).await;
    let position = app.head().await;
    let mut seen = 0;
    told(&app, &mut seen).await;
    // A planner with a fault, or a program of another version, has written down what must not be.
    let client = app.database().admin().await;
    let sql = "INSERT INTO reactors.deliveries (id, reactor, kind, event_id, position, account_id, created_at, due_at)
               SELECT gen_random_uuid(), 'mail', $1, event_id, position, $3::text::uuid, now(), now() - interval '1 day'
               FROM log.events WHERE position = $2";
    let note = async |kind: &str, position: i64, to: &Client| {
        client.execute(sql, &[&kind, &position, &to.id()]).await.unwrap();
    };
    note("comment", position, &ulla).await;
    assert_eq!(told(&app, &mut seen).await, "");
    // Deleted meanwhile: nobody is told what was said.
    ada.delete(&path(&ticket)).await.good();
    note("comment", position, &ada).await;
    assert_eq!(told(&app, &mut seen).await, "");
}

#[tokio::test]
async fn what_people_write_is_text_in_every_mail() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let ulla = app.user("Ulla").await;
    let payload = "\"><img src=x onerror=window.pwned=1></title><script>window.pwned=1</script>";
    ulla.patch("/api/auth/me", &json!({ "name": payload }))
        .await
        .good();
    let wish = json!({ "title": payload, "description": payload, "category": "OTHER" });
    let ticket = ulla.post("/api/tickets", &wish).await.is(201).json();
    comment(&ulla, &ticket, payload, false).await;
    comment(&ada, &ticket, payload, false).await;
    let mails = mails(&app).await;
    assert_eq!(mails.len(), 3);
    for mail in mails {
        assert!(mail.html.contains("&#60;img src=x"), "{}", mail.html);
        assert!(
            !mail.html.contains("<img") && !mail.html.contains("<script"),
            "{}",
            mail.html
        );
        assert!(mail.subject().ends_with(payload), "{}", mail.subject());
    }
}

#[tokio::test]
async fn every_mail_to_a_guest_lets_them_in() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let form = Form::new()
        .text("name", "Gina Guest")
        .text("email", "gina@example.test")
        .text("title", "Printer on fire")
        .text("description", "It burns brightly.")
        .text("category", "OTHER");
    let submitted = app
        .anonymous()
        .request(Method::POST, "/api/tickets/anonymous")
        .form(form)
        .send()
        .await;
    let ticket = json!({ "id": submitted.is(201).json()["ticketId"] });
    ada.patch(&path(&ticket), &json!({ "status": "WAITING" }))
        .await
        .good();
    comment(&ada, &ticket, "Have you tried to turn it off?", false).await;
    comment(&ada, &ticket, "She is a nuisance", true).await;
    let mails = mails(&app).await;
    let mut hers: Vec<_> = mails
        .iter()
        .filter(|mail| mail.to == ["gina@example.test"])
        .collect();
    hers.sort_by_key(|mail| mail.kind.clone());
    let kinds: Vec<_> = hers.iter().map(|mail| mail.kind.as_str()).collect();
    assert_eq!(kinds, ["comment", "created", "status"]);
    for mail in &hers {
        let at = format!("/tickets/view/{}#", ticket["id"].as_str().unwrap());
        assert!(mail.link().contains(&at), "{}", mail.link());
        let session = app
            .anonymous()
            .post("/api/guest/session", &json!({ "token": mail.token() }))
            .await
            .good();
        assert_eq!(session["ticketId"], ticket["id"]);
        let again = app
            .anonymous()
            .post("/api/guest/session", &json!({ "token": mail.token() }))
            .await;
        again.problem(401);
    }
    let is_code = |line: &&str| line.len() == 19 && line.split('-').count() == 4;
    let code = hers[1].text.lines().map(str::trim).find(is_code).unwrap();
    for _ in 0..2 {
        app.anonymous()
            .post("/api/guest/session", &json!({ "code": code }))
            .await
            .good();
    }
    assert!(!hers[2].text.lines().map(str::trim).any(|line| is_code(&line)));
}
