//! Whose account it is: issuer and subject decide, an address opens nothing.

use serde_json::json;
use tests::oidc::{Browser, Hostile, Lie, desk_with};

use super::hostile::{begin, sign_in};

#[tokio::test]
async fn an_address_that_is_taken_neither_opens_its_account_nor_keeps_anybody_out() {
    let provider = Hostile::start().await;
    let app = desk_with(&json!([provider.entry("bad")]), &[]).await;
    let ulla = app.user("Ulla").await;
    let ticket = ulla.new_ticket("Only Ulla may read this").await;
    let browser = Browser::new(&app);
    let claims = json!({ "email": "ULLA@example.test", "name": "Not Ulla" });
    assert_eq!(sign_in(&browser, &provider, Lie::None, &claims).await, "/tickets");
    let me = browser.me().await;
    assert_ne!(me["id"], ulla.account["id"]);
    assert_eq!(me["role"], "USER");
    let path = format!("/api/tickets/{}", ticket["id"].as_str().unwrap());
    assert_eq!(browser.get(&path).await.status(), 404);

    // The account's own way in is as it was.
    let again = ulla.again().await;
    assert_eq!(again.account["id"], ulla.account["id"]);
    assert_eq!(again.account["name"], "Ulla");
    // And whoever came from there comes back to the same account, about which nobody is mailed again.
    let other = Browser::new(&app);
    assert_eq!(sign_in(&other, &provider, Lie::None, &claims).await, "/tickets");
    assert_eq!(other.me().await["id"], me["id"]);
    app.mailbox().next_of("ulla@example.test", "identity").await;
    let client = app.database().admin().await;
    let sql = "SELECT count(*) FROM reactors.deliveries WHERE kind = 'identity'";
    assert_eq!(client.query_one(sql, &[]).await.unwrap().get::<_, i64>(0), 1);
}

#[tokio::test]
async fn a_free_address_is_held_from_then_on() {
    let provider = Hostile::start().await;
    let app = desk_with(&json!([provider.entry("bad")]), &[]).await;
    assert_eq!(
        sign_in(&Browser::new(&app), &provider, Lie::None, &json!({})).await,
        "/tickets"
    );
    // No password opens it, and nobody else can have the address.
    let wish = json!({ "email": "somebody@example.test", "password": "gulls over no harbour" });
    app.anonymous().post("/api/auth/login", &wish).await.problem(401);
    let client = app.database().admin().await;
    let sql = "SELECT password_hash IS NULL, confirmed_at IS NOT NULL FROM auth.logins";
    let row = client.query_one(sql, &[]).await.unwrap();
    assert!(row.get::<_, bool>(0) && row.get::<_, bool>(1));
}

#[tokio::test]
async fn first_sign_ins_in_many_tabs_make_one_account() {
    let provider = Hostile::start().await;
    let app = desk_with(&json!([provider.entry("bad")]), &[]).await;
    let mut tabs = Vec::new();
    for _ in 0..4 {
        let browser = Browser::new(&app);
        let sent = begin(&browser, "bad").await;
        tabs.push((browser, sent));
    }
    let all = futures::future::join_all(tabs.iter().map(async |(browser, sent)| {
        let (nonce, state) = (&sent["nonce"], &sent["state"]);
        provider.code_is_worth(nonce, Lie::None, nonce, &json!({}));
        let back = format!("/api/auth/providers/bad/callback?code={nonce}&state={state}");
        let answer = browser.get(&back).await;
        let to = answer.headers().get("location").cloned();
        (to, answer.text().await.unwrap())
    }));
    let all = all.await;
    assert!(
        all.iter()
            .all(|(to, _)| to.as_ref().is_some_and(|to| to == "/tickets")),
        "{all:?}"
    );
    let mut ids = std::collections::HashSet::new();
    for (browser, _) in &tabs {
        ids.insert(browser.me().await["id"].to_string());
    }
    assert_eq!(ids.len(), 1);
    let client = app.database().admin().await;
    let sql = "SELECT count(*) FROM log.events";
    assert_eq!(client.query_one(sql, &[]).await.unwrap().get::<_, i64>(0), 1);
}

#[tokio::test]
async fn where_the_provider_has_no_say_in_roles_they_are_ours() {
    let provider = Hostile::start().await;
    let mut entry = provider.entry("bad");
    entry["rolesFromProvider"] = json!(false);
    let app = desk_with(&json!([entry]), &[]).await;
    let root = app.admin("Root").await;
    let browser = Browser::new(&app);
    let claims = json!({ "roles": ["admin"] });
    assert_eq!(sign_in(&browser, &provider, Lie::None, &claims).await, "/tickets");
    let me = browser.me().await;
    assert_eq!(me["role"], "USER");
    let path = format!("/api/admin/users/{}", me["id"].as_str().unwrap());
    root.patch(&path, &json!({ "role": "AUDITOR" })).await.good();
    assert_eq!(sign_in(&browser, &provider, Lie::None, &claims).await, "/tickets");
    assert_eq!(browser.me().await["role"], "AUDITOR");
}

#[tokio::test]
async fn an_unverified_address_is_believed_where_the_operator_says_so() {
    let provider = Hostile::start().await;
    let mut entry = provider.entry("bad");
    entry["trustEmail"] = json!(true);
    let app = desk_with(&json!([entry]), &[]).await;
    let claims = json!({ "email_verified": null, "name": "", "preferred_username": "body" });
    let browser = Browser::new(&app);
    assert_eq!(sign_in(&browser, &provider, Lie::None, &claims).await, "/tickets");
    assert_eq!(browser.me().await["name"], "body");
}
