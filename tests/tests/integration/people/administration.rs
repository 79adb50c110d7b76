//! `PATCH` and `DELETE /api/admin/users/{id}`

use reqwest::Method;
use serde_json::json;
use tests::app::TestApp;

const NOBODYS: &str = "/api/admin/users/00000000-0000-4000-8000-000000000000";

#[tokio::test]
async fn an_admin_changes_accounts() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    let path = format!("/api/admin/users/{}", ulla.id());
    let change = json!({ "name": "Ulla Unruh", "department": null, "role": "AUDITOR" });
    let changed = ada.patch(&path, &change).await.good();
    assert_eq!(changed["name"], "Ulla Unruh");
    assert_eq!(changed["department"], json!(null));
    assert_eq!(changed["role"], "AUDITOR");
    let again = ulla.again().await;
    assert_eq!(again.account["role"], "AUDITOR");
}

#[tokio::test]
async fn a_deleted_account_is_deactivated() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    let ticket = ulla.new_ticket("Printer on fire").await;
    let path = format!("/api/admin/users/{}", ulla.id());
    assert_eq!(ada.delete(&path).await.good(), json!({ "success": true }));
    ulla.get("/api/auth/me").await.problem(401);
    // Their tickets stay, under their name.
    let shown = ada
        .get(&format!("/api/tickets/{}", ticket["id"].as_str().unwrap()))
        .await;
    assert_eq!(shown.good()["createdBy"]["name"], "Ulla");
}

#[tokio::test]
async fn refusals_are_the_originals() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let own = format!("/api/admin/users/{}", ada.id());
    let error = async |answer: tests::app::Answer, status: u16| answer.problem(status)["error"].clone();
    assert_eq!(
        error(ada.delete(&own).await, 400).await,
        "Cannot delete your own account"
    );
    assert_eq!(
        error(ada.patch(&own, &json!({ "isActive": false })).await, 400).await,
        "Cannot deactivate your own account"
    );
    assert_eq!(
        error(ada.patch(&own, &json!({ "role": "USER" })).await, 400).await,
        "Cannot demote the last admin. Promote another user to admin first."
    );
    // 1.14-25: what is not there is not there.
    ada.patch(NOBODYS, &json!({ "role": "USER" })).await.problem(404);
    ada.delete(NOBODYS).await.problem(404);
    for (field, value) in [
        ("role", json!("KING")),
        ("role", json!(null)),
        ("isActive", json!("no")),
        ("name", json!("")),
        ("email", json!("other@example.test")),
        ("password", json!("something-else")),
    ] {
        ada.patch(&own, &json!({ field: value })).await.blames(422, field);
    }
}

#[tokio::test]
async fn a_repeated_deactivation_leaves_whoever_is_back_alone() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    let path = format!("/api/admin/users/{}", ulla.id());
    let deactivate = json!({ "isActive": false });
    ada.insist(Method::PATCH, &path, "key-1", &deactivate)
        .await
        .good();
    ulla.get("/api/auth/me").await.problem(401);
    ada.insist(Method::PATCH, &path, "key-1", &deactivate)
        .await
        .good();
    ada.patch(&path, &json!({ "isActive": true })).await.good();
    let back = ulla.again().await;
    let repeated = ada.insist(Method::PATCH, &path, "key-1", &deactivate).await;
    assert_eq!(
        repeated.good()["isActive"],
        false,
        "it is the answer of the first time"
    );
    back.get("/api/auth/me").await.good();
}

#[tokio::test]
async fn each_act_is_an_event_with_its_actor() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    let path = format!("/api/admin/users/{}", ulla.id());
    let begins_at = app.head().await;
    for change in [
        json!({ "name": "Ulla Unruh" }),
        json!({ "department": "Engines" }),
        json!({ "role": "ADMIN" }),
        json!({ "role": "ADMIN" }),
        json!({ "isActive": false }),
        json!({ "isActive": true }),
    ] {
        ada.patch(&path, &change).await.good();
    }
    ada.delete(&path).await.good();
    let admin = app.database().admin().await;
    let rows = admin
        .query(
            "SELECT type, metadata->>'actor', stream::text FROM log.events WHERE position > $1 ORDER BY position",
            &[&begins_at],
        )
        .await
        .unwrap();
    let types: Vec<&str> = rows.iter().map(|row| row.get(0)).collect();
    let expected = [
        "AccountNameChanged",
        "AccountDepartmentChanged",
        "AccountRoleChanged",
        "AccountDeactivated",
        "AccountReactivated",
        "AccountDeactivated",
    ];
    assert_eq!(types, expected);
    for row in &rows {
        assert_eq!(row.get::<_, &str>(1), format!("account:{}", ada.id()));
        assert!(row.get::<_, &str>(2).contains(ulla.id()));
    }
}

/// 1.14-6: the original makes an admin for whoever asks.
#[tokio::test]
async fn no_request_makes_an_admin() {
    let app = TestApp::new().await;
    app.anonymous().post("/api/init", &json!({})).await.problem(404);
    assert_eq!(app.head().await, 0);
    let wish = json!({ "email": "eve@example.test", "name": "Eve", "password": "gulls-over-harbour", "role": "ADMIN" });
    app.anonymous()
        .post("/api/auth/register", &wish)
        .await
        .blames(422, "role");
}
