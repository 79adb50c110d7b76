//! Letting an identity into the account that has its address: three proofs at once, or nothing.

use serde_json::{Value, json};
use tests::app::{Client, TestApp};
use tests::oidc::{Browser, Hostile, Lie, desk_with};

use super::hostile::sign_in;

const LINK: &str = "/api/auth/identity/link";

/// Ulla has an account, and somebody signs in at the provider with her address: the desk, the provider, her, that browser,
/// and the token that she is mailed.
async fn scene() -> (TestApp, Hostile, Client, Browser, String) {
    let provider = Hostile::start().await;
    let app = desk_with(&json!([provider.entry("bad")]), &[]).await;
    let ulla = app.user("Ulla").await;
    let browser = Browser::new(&app);
    assert_eq!(
        sign_in(&browser, &provider, Lie::None, &claims()).await,
        "/tickets"
    );
    let mail = app.mailbox().next_of(ulla.email(), "identity").await;
    assert!(mail.link().contains("/link-account#"), "{}", mail.text);
    let token = mail.token().to_owned();
    (app, provider, ulla, browser, token)
}

fn claims() -> Value {
    json!({ "email": "ulla@example.test", "name": "Ulla at work" })
}

async fn link(browser: &Browser, token: &str, password: Option<&str>) -> (u16, Value) {
    let mut wish = json!({ "token": token });
    if let Some(password) = password {
        wish["password"] = json!(password);
    }
    let answer = browser.post(LINK, &wish).await;
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn who_proves_all_three_has_one_account() {
    let (app, provider, ulla, browser, token) = scene().await;
    let apart = browser.me().await["id"].clone();
    let (status, answer) = link(&browser, &token, Some(&ulla.password)).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["user"]["id"], ulla.account["id"]);
    assert_eq!(browser.me().await["id"], ulla.account["id"]);
    // From now on both ways lead there.
    let other = Browser::new(&app);
    assert_eq!(sign_in(&other, &provider, Lie::None, &claims()).await, "/tickets");
    assert_eq!(other.me().await["id"], ulla.account["id"]);
    assert_eq!(ulla.again().await.account["id"], ulla.account["id"]);
    // The other account is out of use, and the link too.
    let root = app.admin("Root").await;
    let users = root.get("/api/admin/users").await.good();
    let of = |id: &Value| {
        let mut all = users.as_array().unwrap().iter();
        all.find(|user| user["id"] == *id).unwrap().clone()
    };
    assert_eq!(of(&apart)["isActive"], false);
    assert_eq!(of(&ulla.account["id"])["isActive"], true);
    assert_eq!(link(&browser, &token, Some(&ulla.password)).await.0, 422);
}

#[tokio::test]
async fn the_owner_of_the_address_lets_nobody_in_by_mistake() {
    let (app, provider, ulla, _attacker, token) = scene().await;
    // She follows the link, signed in as herself, and even types her password.
    let wish = json!({ "token": token, "password": ulla.password });
    let problem = ulla.post(LINK, &wish).await.problem(422);
    assert_eq!(problem["error"], "Sign in through your provider first");
    app.anonymous().post(LINK, &wish).await.problem(401);
    let somebody = app.user("Somebody Else").await;
    somebody.post(LINK, &wish).await.problem(422);
    // Whoever has her address at the provider is still somebody else.
    let other = Browser::new(&app);
    assert_eq!(sign_in(&other, &provider, Lie::None, &claims()).await, "/tickets");
    assert_ne!(other.me().await["id"], ulla.account["id"]);
}

#[tokio::test]
async fn who_signed_in_there_gets_in_neither_without_the_mail_nor_without_the_password() {
    let (_app, _provider, ulla, browser, token) = scene().await;
    let me = browser.me().await;
    for (token, password) in [
        ("0".repeat(64).as_str(), Some(ulla.password.as_str())),
        ("no token", Some(ulla.password.as_str())),
        ("", None),
        (&token, None),
        (&token, Some("")),
        (&token, Some("not her password")),
    ] {
        let (status, answer) = link(&browser, token, password).await;
        assert_eq!(status, 422, "{answer}");
    }
    assert_eq!(browser.me().await, me);
    // A wrong try has not used up the link.
    assert_eq!(link(&browser, &token, Some(&ulla.password)).await.0, 200);
}

#[tokio::test]
async fn of_many_at_once_with_one_link_one_gets_through() {
    let (_app, _provider, ulla, browser, token) = scene().await;
    // A machine that is busy elsewhere may have no time for all of them: 503.
    let tries = (0..4).map(|_| link(&browser, &token, Some(&ulla.password)));
    let all = futures::future::join_all(tries).await;
    assert_eq!(
        all.iter().filter(|(status, _)| *status == 200).count(),
        1,
        "{all:?}"
    );
    assert!(
        all.iter()
            .all(|(status, _)| [200, 401, 422, 503].contains(status)),
        "{all:?}"
    );
}
