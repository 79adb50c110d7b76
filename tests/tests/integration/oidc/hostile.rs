//! A provider that lies (A10): whatever is wrong with what it says, nobody is let in and no account begins.

use std::collections::HashMap;

use serde_json::{Value, json};
use tests::app::TestApp;
use tests::oidc::{Browser, Hostile, Lie, desk_with};
use url::Url;

const CALLBACK: &str = "/api/auth/providers/bad/callback";

/// What a browser is sent to the provider with.
pub(super) async fn begin(browser: &Browser, provider: &str) -> HashMap<String, String> {
    let (status, to) = browser
        .go(&format!("/api/auth/providers/{provider}/start?returnTo=/tickets"))
        .await;
    assert_eq!(status, 302, "{to}");
    Url::parse(&to).unwrap().query_pairs().into_owned().collect()
}

/// A whole sign-in in which the provider says this.
pub(super) async fn sign_in(browser: &Browser, provider: &Hostile, lie: Lie, claims: &Value) -> String {
    let sent = begin(browser, "bad").await;
    provider.will_say(lie, &sent["nonce"], claims);
    let (status, to) = browser
        .go(&format!("{CALLBACK}?code=c&state={}", sent["state"]))
        .await;
    assert_eq!(status, 302);
    to
}

async fn desk() -> (Hostile, TestApp) {
    let provider = Hostile::start().await;
    let app = desk_with(&json!([provider.entry("bad")]), &[]).await;
    (provider, app)
}

/// Nothing has come of it: no session, no account, no identity.
async fn nothing_has_begun(app: &TestApp, what: &str) {
    let client = app.database().admin().await;
    let sql = "SELECT (SELECT count(*) FROM log.events) + (SELECT count(*) FROM auth.sessions)
                   + (SELECT count(*) FROM auth.identities) + (SELECT count(*) FROM auth.logins)";
    let row = client.query_one(sql, &[]).await.unwrap();
    assert_eq!(row.get::<_, i64>(0), 0, "{what}");
}

#[tokio::test]
async fn no_lie_is_believed() {
    let (provider, app) = desk().await;
    for lie in Lie::ALL {
        let browser = Browser::new(&app);
        let to = sign_in(&browser, &provider, lie, &json!({})).await;
        assert_eq!(to, "/login?error=provider", "{lie:?}");
        assert_eq!(browser.me().await, Value::Null, "{lie:?}");
        nothing_has_begun(&app, &format!("{lie:?}")).await;
    }
    // And it was not that nothing ever is.
    let browser = Browser::new(&app);
    assert_eq!(
        sign_in(&browser, &provider, Lie::None, &json!({})).await,
        "/tickets"
    );
    assert_eq!(browser.me().await["email"], "somebody@example.test");
    assert_eq!(provider.exchanged("code_verifier").len(), 64);
}

#[tokio::test]
async fn a_callback_comes_once() {
    let (provider, app) = desk().await;
    let browser = Browser::new(&app);
    let sent = begin(&browser, "bad").await;
    let back = format!("{CALLBACK}?code=c&state={}", sent["state"]);
    provider.will_say(Lie::None, &sent["nonce"], &json!({}));
    assert_eq!(browser.go(&back).await.1, "/tickets");
    provider.will_say(Lie::None, &sent["nonce"], &json!({}));
    assert_eq!(browser.go(&back).await.1, "/login?error=expired");
    // Nor does a code that the provider takes no more.
    let sent = begin(&browser, "bad").await;
    provider.will_say(Lie::None, &sent["nonce"], &json!({}));
    let first = browser
        .go(&format!("{CALLBACK}?code=c&state={}", sent["state"]))
        .await;
    assert_eq!(first.1, "/tickets");
    let sent = begin(&browser, "bad").await;
    assert_eq!(
        browser
            .go(&format!("{CALLBACK}?code=c&state={}", sent["state"]))
            .await
            .1,
        "/login?error=provider"
    );
}

#[tokio::test]
async fn of_many_at_once_with_one_state_one_is_let_in() {
    let (provider, app) = desk().await;
    let browser = Browser::new(&app);
    let sent = begin(&browser, "bad").await;
    provider.will_say(Lie::None, &sent["nonce"], &json!({}));
    let back = format!("{CALLBACK}?code=c&state={}", sent["state"]);
    let all = futures::future::join_all((0..20).map(|_| browser.go(&back))).await;
    let let_in = all.iter().filter(|(_, to)| to == "/tickets").count();
    assert_eq!(let_in, 1, "{all:?}");
}

#[tokio::test]
async fn the_state_of_another_browser_opens_nothing_and_spoils_nothing() {
    let (provider, app) = desk().await;
    let (victim, attacker) = (Browser::new(&app), Browser::new(&app));
    let sent = begin(&attacker, "bad").await;
    provider.will_say(Lie::None, &sent["nonce"], &json!({}));
    let back = format!("{CALLBACK}?code=c&state={}", sent["state"]);
    // Not with no cookie, and not with a cookie of one's own.
    assert_eq!(victim.go(&back).await.1, "/login?error=expired");
    begin(&victim, "bad").await;
    assert_eq!(victim.go(&back).await.1, "/login?error=expired");
    assert_eq!(victim.me().await, Value::Null);
    nothing_has_begun(&app, "the state of another browser").await;
    assert_eq!(attacker.go(&back).await.1, "/tickets");
}

#[tokio::test]
async fn what_began_at_one_provider_does_not_end_at_another() {
    let (one, two) = (Hostile::start().await, Hostile::start().await);
    let app = desk_with(&json!([one.entry("bad"), two.entry("worse")]), &[]).await;
    let browser = Browser::new(&app);
    let sent = begin(&browser, "bad").await;
    for provider in [&one, &two] {
        provider.will_say(Lie::None, &sent["nonce"], &json!({}));
    }
    let mixed_up = format!(
        "/api/auth/providers/worse/callback?code=c&state={}",
        sent["state"]
    );
    assert_eq!(browser.go(&mixed_up).await.1, "/login?error=provider");
    nothing_has_begun(&app, "mixed up").await;
    assert_eq!(
        two.exchanged("code"),
        "",
        "the code was carried to the other provider"
    );
}

#[tokio::test]
async fn who_sends_the_browser_back_is_checked_when_it_is_said_or_must_be() {
    let (provider, app) = desk().await;
    let issuer = provider.issuer.clone();
    for (says, iss, to) in [
        (false, Some("https://id.example.org"), "/login?error=provider"),
        (false, Some(issuer.as_str()), "/tickets"),
    ] {
        assert!(!says);
        let browser = Browser::new(&app);
        let sent = begin(&browser, "bad").await;
        provider.will_say(Lie::None, &sent["nonce"], &json!({}));
        let iss = iss.map(|iss| format!("&iss={iss}")).unwrap_or_default();
        let back = format!("{CALLBACK}?code=c&state={}{iss}", sent["state"]);
        assert_eq!(browser.go(&back).await.1, to, "{iss}");
    }
    // One that promises to name itself, and does not.
    let promising = Hostile::start().await;
    promising.says_iss(true);
    let app = desk_with(&json!([promising.entry("bad")]), &[]).await;
    let to = sign_in(&Browser::new(&app), &promising, Lie::None, &json!({})).await;
    assert_eq!(to, "/login?error=provider");
}

#[tokio::test]
async fn a_new_key_is_fetched_but_not_for_everybody_who_names_one() {
    let (provider, app) = desk().await;
    let browser = Browser::new(&app);
    assert_eq!(
        sign_in(&browser, &provider, Lie::None, &json!({})).await,
        "/tickets"
    );
    assert_eq!(provider.asked_for_keys(), 1);
    provider.change_key();
    assert_eq!(
        sign_in(&browser, &provider, Lie::None, &json!({})).await,
        "/tickets"
    );
    assert_eq!(provider.asked_for_keys(), 2);
    for _ in 0..10 {
        let to = sign_in(&browser, &provider, Lie::UnknownKey, &json!({})).await;
        assert_eq!(to, "/login?error=provider");
    }
    assert_eq!(provider.asked_for_keys(), 2);
    app.clock().advance(std::time::Duration::from_secs(40));
    assert_eq!(
        sign_in(&browser, &provider, Lie::UnknownKey, &json!({})).await,
        "/login?error=provider"
    );
    assert_eq!(provider.asked_for_keys(), 3);
}

#[tokio::test]
async fn who_takes_too_long_begins_anew() {
    let (provider, app) = desk().await;
    let browser = Browser::new(&app);
    let sent = begin(&browser, "bad").await;
    provider.will_say(Lie::None, &sent["nonce"], &json!({}));
    app.clock().advance(std::time::Duration::from_secs(601));
    let back = format!("{CALLBACK}?code=c&state={}", sent["state"]);
    assert_eq!(browser.go(&back).await.1, "/login?error=expired");
    nothing_has_begun(&app, "too late").await;
}

#[tokio::test]
async fn a_provider_that_is_away_keeps_nobody_from_anything_else() {
    let provider = Hostile::start().await;
    provider.is_away(true);
    let app = desk_with(&json!([provider.entry("bad")]), &[]).await;
    app.user("Ulla").await;
    let browser = Browser::new(&app);
    assert_eq!(browser.sign_in("bad").await, "/login?error=unavailable");
    provider.is_away(false);
    app.clock().advance(std::time::Duration::from_secs(5));
    assert_eq!(
        sign_in(&browser, &provider, Lie::None, &json!({})).await,
        "/tickets"
    );
    // Once known, it may go away again: what it said still counts.
    provider.is_away(true);
    app.clock().advance(std::time::Duration::from_mins(55));
    let sent = begin(&Browser::new(&app), "bad").await;
    assert!(sent.contains_key("code_challenge"));
}
