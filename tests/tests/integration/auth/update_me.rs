//! `PATCH /api/auth/me`

use reqwest::Method;
use serde_json::json;
use tests::app::TestApp;

const ME: &str = "/api/auth/me";

#[tokio::test]
async fn people_change_their_own_account() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    assert_eq!(ulla.get(ME).await.good()["notifications"], "ALL");
    let wish = json!({ "name": " Ulla Unruh ", "department": "Engines", "notifications": "MINE" });
    let changed = ulla.patch(ME, &wish).await.good();
    assert_eq!(changed["name"], "Ulla Unruh");
    assert_eq!(changed["department"], "Engines");
    assert_eq!(changed["notifications"], "MINE");
    assert_eq!(ulla.get(ME).await.good(), changed);
    let emptied = ulla.patch(ME, &json!({ "department": null })).await.good();
    assert_eq!(emptied["department"], json!(null));
    assert_eq!(emptied["notifications"], "MINE");
    assert_eq!(ulla.patch(ME, &json!({})).await.good(), emptied);
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_else_can_be_changed() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let before = ulla.get(ME).await.good();
    for (field, wish) in [
        ("name", json!({ "name": "x" })),
        ("name", json!({ "name": "a\nBcc: b@example.test" })),
        ("name", json!({ "name": "\u{202e}alla" })),
        ("department", json!({ "department": "x".repeat(201) })),
        ("notifications", json!({ "notifications": "all" })),
        ("notifications", json!({ "notifications": null })),
        ("role", json!({ "role": "ADMIN" })),
        ("isActive", json!({ "isActive": true })),
        ("email", json!({ "email": "other@example.test" })),
    ] {
        ulla.patch(ME, &wish).await.blames(422, field);
        // Half of a wish is not granted either.
        let mut half = wish.clone();
        if field != "name" {
            half["name"] = json!("Somebody Else");
        }
        ulla.patch(ME, &half).await.problem(422);
    }
    assert_eq!(ulla.get(ME).await.good(), before);
}

#[tokio::test]
async fn those_whose_names_are_others_business_still_choose_their_mail() {
    let app = TestApp::new().await;
    for (name, role) in [("Gina", "GUEST"), ("Toni", "AUDITOR"), ("Olga", "OPERATOR")] {
        let person = app.of_role(name, role).await;
        person
            .patch(ME, &json!({ "name": "Somebody Else" }))
            .await
            .problem(403);
        let both = json!({ "department": "x", "notifications": "NONE" });
        person.patch(ME, &both).await.problem(403);
        let changed = person.patch(ME, &json!({ "notifications": "NONE" })).await.good();
        assert_eq!(changed["notifications"], "NONE");
        assert_eq!(changed["name"], name);
    }
}

#[tokio::test]
async fn a_change_of_an_older_version_is_refused() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let first = ulla.patch(ME, &json!({ "notifications": "MINE" })).await;
    let version = first.header("etag").to_owned();
    ulla.patch(ME, &json!({ "notifications": "ALL" })).await.good();
    let request = ulla.request(Method::PATCH, ME).header("if-match", &version);
    request
        .json(&json!({ "notifications": "NONE" }))
        .send()
        .await
        .problem(412);
    assert_eq!(ulla.get(ME).await.good()["notifications"], "ALL");
}
