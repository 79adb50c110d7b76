//! Where links in mails lead, in a real browser: the token leaves the address at once, nothing happens before somebody
//! presses the button, and what people wrote is shown as text.

use serde_json::json;
use tests::app::TestApp;
use tests::browser::Browser;

use crate::guests::Wish;

const HOSTILE: &str = "<img src=x onerror=alert(1)> is no way";

#[tokio::test]
async fn a_guest_opens_answers_and_attaches_by_the_link_which_works_once() {
    let app = TestApp::new().await;
    let wish = Wish::of("gina@example.test").with("title", HOSTILE);
    wish.submit(&app.anonymous()).await.is(201);
    let mail = app.mailbox().next_of("gina@example.test", "created").await;
    let mut gina = Browser::open();
    gina.go(mail.link()).await;
    gina.has_not_shown(mail.token()).await;
    gina.press("Open").await;
    gina.sees(HOSTILE).await;
    gina.fill("Write a comment", "It is <b>still</b> burning").await;
    gina.press("Send").await;
    gina.sees("It is <b>still</b> burning").await;
    let file = app.data_dir().join("flames.txt");
    std::fs::write(&file, "flames").unwrap();
    gina.attach("Add files", &file).await;
    gina.sees("flames.txt").await;
    gina.has_not_shown(mail.token()).await;

    let mut scanner = Browser::open();
    scanner.go(mail.link()).await;
    scanner.press("Open").await;
    scanner.sees("This link does not work any more").await;
}

#[tokio::test]
async fn a_code_is_typed_where_the_link_cannot_be_followed_and_a_lost_one_asked_for() {
    let app = TestApp::new().await;
    let wish = Wish::of("gina@example.test");
    wish.submit(&app.anonymous()).await.is(201);
    let mail = app.mailbox().next_of("gina@example.test", "created").await;
    let is_code = |line: &&str| line.len() == 19 && line.bytes().filter(|byte| *byte == b'-').count() == 3;
    let code = mail
        .text
        .lines()
        .map(str::trim)
        .find(is_code)
        .expect("no code in the mail");
    let mut gina = Browser::open();
    gina.go(&format!("{}/tickets/view", app.url())).await;
    gina.fill("Email address", "gina@example.test").await;
    gina.press("Send me a new link").await;
    gina.sees("a link is on its way").await;
    app.mailbox().next_of("gina@example.test", "guest_link").await;
    gina.fill("Access code", &code.to_lowercase()).await;
    gina.press("Open").await;
    gina.sees("Printer on fire").await;
}

#[tokio::test]
async fn an_account_begins_and_its_password_is_set_anew_by_links() {
    let app = TestApp::new().await;
    let wish = json!({ "email": "ulla@example.test", "name": "Ulla", "password": "gulls-over-harbour-7" });
    app.anonymous().post("/api/auth/register", &wish).await.is(202);
    let mail = app.mailbox().next_of("ulla@example.test", "registration").await;
    let mut ulla = Browser::open();
    ulla.go(mail.link()).await;
    ulla.has_not_shown(mail.token()).await;
    ulla.fill("Password", "not the one that was chosen").await;
    ulla.press("Finish").await;
    ulla.sees("The password is not the one that you chose").await;
    ulla.fill("Password", "gulls-over-harbour-7").await;
    ulla.press("Finish").await;
    ulla.sees("and you are signed in").await;

    let forgotten = json!({ "email": "ulla@example.test" });
    app.anonymous()
        .post("/api/auth/password/forgot", &forgotten)
        .await
        .is(202);
    let mail = app.mailbox().next_of("ulla@example.test", "password_reset").await;
    ulla.go(mail.link()).await;
    for (password, said) in [
        ("12345678", "is one of the most common"),
        ("herons-over-harbour-8", "Your password is set"),
    ] {
        ulla.fill("New password", password).await;
        ulla.fill("Confirm password", password).await;
        ulla.press("Set the password").await;
        ulla.sees(said).await;
    }
    app.anonymous()
        .sign_in("ulla@example.test", "herons-over-harbour-8")
        .await;
}

#[tokio::test]
async fn mail_about_tickets_is_ended_by_a_button() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    ulla.new_ticket("Printer on fire").await;
    let mail = app.mailbox().next_of(ulla.email(), "created").await;
    let link = mail
        .links()
        .find(|link| link.contains("/unsubscribe#"))
        .expect("no way out");
    let mut browser = Browser::open();
    browser.go(link).await;
    assert_eq!(ulla.get("/api/auth/me").await.good()["notifications"], "ALL");
    browser.press("Unsubscribe").await;
    browser.sees("Done: no more mail about tickets").await;
    assert_eq!(ulla.get("/api/auth/me").await.good()["notifications"], "NONE");
}
