//! Signing in at a provider that nobody here wrote (`oidc-provider` of npm).

use serde_json::{Value, json};
use tests::app::TestApp;
use tests::oidc::{Browser, DESK, NodeProvider, desk_with};
use url::Url;

fn ada() -> Value {
    json!({ "name": "Ada Lovelace", "email": "ada@example.test", "email_verified": true })
}

fn with_roles(claims: Value, roles: &[&str]) -> Value {
    let mut claims = claims;
    claims["realm_access"] = json!({ "roles": roles });
    claims
}

async fn events(app: &TestApp) -> i64 {
    let client = app.database().admin().await;
    let row = client.query_one("SELECT count(*) FROM log.events", &[]).await;
    row.unwrap().get(0)
}

#[tokio::test]
async fn who_signs_in_there_is_in_here_and_again() {
    for in_id_token in [true, false] {
        let mut provider = NodeProvider::start("corp", "127.0.0.1", in_id_token).await;
        let app = desk_with(&json!([provider.entry()]), &[]).await;
        provider.next_is("u-1", ada()).await;

        let shown = app.anonymous().get("/api/auth/providers").await.good();
        let start = json!("/api/auth/providers/corp/start");
        assert_eq!(
            shown,
            json!([{ "name": "corp", "label": "Example Ltd.", "startUrl": start }])
        );

        let browser = Browser::new(&app);
        assert_eq!(browser.sign_in("corp").await, "/tickets");
        let me = browser.me().await;
        assert_eq!(me["email"], "ada@example.test");
        assert_eq!(me["name"], "Ada Lovelace");
        assert_eq!(me["role"], "USER");
        let before = events(&app).await;

        // Another browser, another name and address there: still the same person.
        provider
            .next_is(
                "u-1",
                json!({ "name": "Ada King", "email": "king@example.test", "email_verified": true }),
            )
            .await;
        let other = Browser::new(&app);
        assert_eq!(other.sign_in("corp").await, "/tickets");
        assert_eq!(other.me().await["id"], me["id"]);
        assert_eq!(events(&app).await, before);

        let root = app.admin("Root").await;
        let users = root.get("/api/users").await.good();
        let by_provider: Vec<_> = users
            .as_array()
            .unwrap()
            .iter()
            .map(|user| (&user["name"], &user["isKeycloakUser"]))
            .collect();
        assert_eq!(
            by_provider,
            [
                (&json!("Ada Lovelace"), &json!(true)),
                (&json!("Root"), &json!(false))
            ]
        );
    }
}

#[tokio::test]
async fn pkce_state_and_nonce_are_sent_each_time_anew() {
    let provider = NodeProvider::start("corp", "127.0.0.1", true).await;
    let app = desk_with(&json!([provider.entry()]), &[]).await;
    let browser = Browser::new(&app);
    let mut seen = std::collections::HashSet::new();
    for _ in 0..2 {
        let (status, to) = browser.go("/api/auth/providers/corp/start").await;
        assert_eq!(status, 302);
        let url = Url::parse(&to).unwrap();
        assert!(to.starts_with(&provider.issuer), "{to}");
        let of = |name: &str| {
            let mut found = url.query_pairs().filter(|(found, _)| found == name);
            found.next().unwrap().1.into_owned()
        };
        assert_eq!(of("response_type"), "code");
        assert_eq!(of("code_challenge_method"), "S256");
        assert_eq!(
            of("redirect_uri"),
            format!("{DESK}/api/auth/providers/corp/callback")
        );
        assert_eq!(of("scope"), "openid email profile");
        for secret in ["state", "nonce", "code_challenge"] {
            assert!(of(secret).len() >= 43, "{secret} in {to}");
            assert!(seen.insert(of(secret)), "{secret} comes twice");
        }
    }
}

#[tokio::test]
async fn the_provider_decides_over_roles_at_each_sign_in() {
    let mut provider = NodeProvider::start("corp", "127.0.0.1", true).await;
    let mut entry = provider.entry();
    entry["roles"] =
        json!({ "ADMIN": ["admin", "it_admin"], "AUDITOR": ["revision"], "OPERATOR": ["operator"] });
    let app = desk_with(&json!([entry]), &[]).await;
    app.admin("Root").await;
    let mut ids = std::collections::HashSet::new();
    for (roles, role) in [
        (&["IT_Admin"][..], "ADMIN"),
        (&["offline_access"], "USER"),
        (&["Revision", "operator"], "AUDITOR"),
        (&["operator"], "OPERATOR"),
        (&["admin"], "ADMIN"),
    ] {
        provider.next_is("u-1", with_roles(ada(), roles)).await;
        let browser = Browser::new(&app);
        assert_eq!(browser.sign_in("corp").await, "/tickets");
        let me = browser.me().await;
        assert_eq!(me["role"], role, "{roles:?}");
        ids.insert(me["id"].to_string());
    }
    assert_eq!(ids.len(), 1);
}

#[tokio::test]
async fn the_last_admin_stays_one_whatever_the_provider_says() {
    let mut provider = NodeProvider::start("corp", "127.0.0.1", true).await;
    let app = desk_with(&json!([provider.entry()]), &[]).await;
    provider.next_is("u-1", with_roles(ada(), &["admin"])).await;
    assert_eq!(Browser::new(&app).sign_in("corp").await, "/tickets");
    provider.next_is("u-1", ada()).await;
    let browser = Browser::new(&app);
    assert_eq!(browser.sign_in("corp").await, "/tickets");
    assert_eq!(browser.me().await["role"], "ADMIN");
}

#[tokio::test]
async fn signing_out_ends_the_session_at_the_provider_too() {
    let mut provider = NodeProvider::start("corp", "127.0.0.1", true).await;
    let app = desk_with(&json!([provider.entry()]), &[]).await;
    provider.next_is("u-1", ada()).await;
    let browser = Browser::new(&app);
    assert_eq!(browser.sign_in("corp").await, "/tickets");
    // There they are known now: nobody asks who they are.
    provider.refuses().await;
    assert_eq!(browser.sign_in("corp").await, "/tickets");

    let answer: Value = browser
        .post("/api/auth/logout", &json!({}))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(answer["success"], true);
    assert_eq!(browser.me().await, Value::Null);
    let url = answer["logoutUrl"].as_str().unwrap();
    assert!(url.starts_with(&provider.issuer), "{url}");
    let form = browser.get(url).await;
    assert_eq!(form.status(), 200);
    let form = form.text().await.unwrap();
    let xsrf = form
        .split("name=\"xsrf\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let confirm = format!("{}/session/end/confirm", provider.issuer);
    let done = browser.send(&confirm, &[("xsrf", xsrf), ("logout", "yes")]).await;
    let back = done.headers()["location"].to_str().unwrap().to_owned();
    assert!(back.starts_with(&format!("{DESK}/login?state=")), "{back}");

    assert_eq!(browser.sign_in("corp").await, "/login?error=denied");
}

#[tokio::test]
async fn who_signed_in_by_password_signs_out_here_only() {
    let provider = NodeProvider::start("corp", "127.0.0.1", true).await;
    let app = desk_with(&json!([provider.entry()]), &[]).await;
    let ulla = app.user("Ulla").await;
    let answer = ulla.post("/api/auth/logout", &json!({})).await.good();
    assert_eq!(answer, json!({ "success": true }));
}

#[tokio::test]
async fn the_same_subject_at_two_providers_is_two_people() {
    let mut one = NodeProvider::start("one", "127.0.0.1", true).await;
    let mut two = NodeProvider::start("two", "localhost", false).await;
    let app = desk_with(&json!([one.entry(), two.entry()]), &[]).await;
    one.next_is("u-1", ada()).await;
    two.next_is(
        "u-1",
        json!({ "name": "Grace", "email": "grace@example.test", "email_verified": true }),
    )
    .await;
    let (at_one, at_two) = (Browser::new(&app), Browser::new(&app));
    assert_eq!(at_one.sign_in("one").await, "/tickets");
    assert_eq!(at_two.sign_in("two").await, "/tickets");
    assert_ne!(at_one.me().await["id"], at_two.me().await["id"]);
    assert_eq!(at_two.me().await["email"], "grace@example.test");
}

#[tokio::test]
async fn the_originals_variables_make_one_keycloak() {
    let mut provider = NodeProvider::start("keycloak", "127.0.0.1", true).await;
    let app = TestApp::with(&[
        ("APP_URL", DESK),
        ("KEYCLOAK_ISSUER", &provider.issuer),
        ("KEYCLOAK_ID", "desk"),
        ("KEYCLOAK_SECRET", "a secret that only these two know"),
    ])
    .await;
    provider.next_is("u-1", ada()).await;
    let browser = Browser::new(&app);
    assert_eq!(browser.sign_in("keycloak").await, "/tickets");
    assert_eq!(browser.me().await["email"], "ada@example.test");
}
