//! What providers and browsers may not do beside the protocol.

use serde_json::json;
use tests::app::TestApp;
use tests::oidc::{Browser, DESK, Hostile, Lie, NodeProvider, desk_with};

use super::hostile::{begin, sign_in};

#[tokio::test]
async fn nobody_is_sent_elsewhere_after_signing_in() {
    let provider = Hostile::start().await;
    let app = desk_with(&json!([provider.entry("bad")]), &[]).await;
    let nobody = app.anonymous();
    for place in [
        "//evil.example",
        "https://evil.example/",
        "/%5Cevil.example",
        "/%0d%0aSet-Cookie:%20x=y",
        "%09//evil.example",
        "javascript:alert(1)",
        "",
    ] {
        let path = format!("/api/auth/providers/bad/start?returnTo={place}");
        nobody.get(&path).await.blames(422, "returnTo");
    }
    nobody.get("/api/auth/providers/nobody/start").await.problem(404);
    nobody
        .get("/api/auth/providers/nobody/callback?code=c&state=s")
        .await
        .problem(404);
}

#[tokio::test]
async fn who_is_refused_there_is_told_so_in_our_words() {
    let mut provider = NodeProvider::start("corp", "127.0.0.1", true).await;
    let app = desk_with(&json!([provider.entry()]), &[]).await;
    provider.refuses().await;
    let browser = Browser::new(&app);
    assert_eq!(browser.sign_in("corp").await, "/login?error=denied");

    let sent = begin(&browser, "corp").await;
    let back = format!(
        "/api/auth/providers/corp/callback?error=%3Cscript%3E&error_description=%0d%0aX:y&state={}",
        sent["state"]
    );
    assert_eq!(browser.go(&back).await, (302, "/login?error=provider".to_owned()));
    // Whoever was not sent there cannot come back from there, with an error neither.
    let stray = "/api/auth/providers/corp/callback?error=access_denied&state=x";
    assert_eq!(browser.go(stray).await.1, "/login?error=expired");
}

#[tokio::test]
async fn newcomers_need_an_address_that_was_verified() {
    let provider = Hostile::start().await;
    let app = desk_with(&json!([provider.entry("bad")]), &[]).await;
    for (claims, error) in [
        (json!({ "email": null }), "no_email"),
        (json!({ "email": "no address" }), "no_email"),
        (json!({ "email_verified": false }), "email_not_verified"),
        (json!({ "email_verified": null }), "email_not_verified"),
    ] {
        let to = sign_in(&Browser::new(&app), &provider, Lie::None, &claims).await;
        assert_eq!(to, format!("/login?error={error}"), "{claims}");
    }
    let client = app.database().admin().await;
    let row = client
        .query_one("SELECT count(*) FROM auth.identities", &[])
        .await
        .unwrap();
    assert_eq!(row.get::<_, i64>(0), 0);
    // Who is known needs none any more.
    assert_eq!(
        sign_in(&Browser::new(&app), &provider, Lie::None, &json!({})).await,
        "/tickets"
    );
    let to = sign_in(
        &Browser::new(&app),
        &provider,
        Lie::None,
        &json!({ "email": null }),
    )
    .await;
    assert_eq!(to, "/tickets");
}

#[tokio::test]
async fn who_is_deactivated_here_does_not_come_in_from_there() {
    let provider = Hostile::start().await;
    let app = desk_with(&json!([provider.entry("bad")]), &[]).await;
    let root = app.admin("Root").await;
    let browser = Browser::new(&app);
    assert_eq!(
        sign_in(&browser, &provider, Lie::None, &json!({})).await,
        "/tickets"
    );
    let id = browser.me().await["id"].as_str().unwrap().to_owned();
    root.delete(&format!("/api/admin/users/{id}")).await.good();
    let to = sign_in(&browser, &provider, Lie::None, &json!({ "roles": ["admin"] })).await;
    assert_eq!(to, "/login?error=inactive");
    assert!(browser.me().await.is_null());
}

#[tokio::test]
async fn behind_https_the_browsers_cookie_is_bound_to_the_host() {
    let provider = Hostile::start().await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), json!([provider.entry("bad")]).to_string()).unwrap();
    let path = file.path().to_str().unwrap();
    let settings = [("APP_URL", "https://desk.example.test"), ("OIDC_PROVIDERS", path)];
    let app = TestApp::with(&settings).await;
    let answer = app.anonymous().get("/api/auth/providers/bad/start").await.is(302);
    let line = answer.header("set-cookie");
    for part in [
        "__Host-informejo_oidc=",
        "HttpOnly",
        "SameSite=Lax",
        "Secure",
        "Path=/",
        "Max-Age=600",
    ] {
        assert!(line.contains(part), "{line}");
    }
    let to = answer.header("location");
    assert!(
        to.contains("redirect_uri=https%3A%2F%2Fdesk.example.test%2Fapi%2F"),
        "{to}"
    );
    assert!(!to.contains(DESK));
    assert_eq!(answer.header("cache-control"), "no-store");
}
