//! `POST /api/auth/password`

use serde_json::json;
use tests::app::TestApp;

#[tokio::test]
async fn a_new_password_ends_all_other_sessions() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let other = ulla.again().await;
    let new = "a-different-harbour-11";
    let wish = json!({ "currentPassword": ulla.password, "newPassword": new });
    ulla.post("/api/auth/password", &wish).await.good();
    ulla.get("/api/auth/me").await.good();
    other.get("/api/auth/me").await.problem(401);
    let old = json!({ "email": ulla.email(), "password": ulla.password });
    app.anonymous().post("/api/auth/login", &old).await.problem(401);
    app.anonymous().sign_in(ulla.email(), new).await;
}

#[tokio::test]
async fn the_present_password_must_be_proved_and_the_new_one_good() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    for (field, current, new) in [
        ("currentPassword", "not the password", "a-different-harbour-11"),
        ("newPassword", ulla.password.as_str(), "short"),
        ("newPassword", ulla.password.as_str(), "password123"),
    ] {
        let wish = json!({ "currentPassword": current, "newPassword": new });
        ulla.post("/api/auth/password", &wish).await.blames(422, field);
    }
    ulla.again().await;
}
