//! `GET /api/users` and `GET /api/admin/users`

use serde_json::Value;
use tests::app::TestApp;

use crate::shape::has_keys;

const USER: &[&str] = &[
    "id",
    "email",
    "name",
    "role",
    "department",
    "isKeycloakUser",
    "createdAt",
];

fn names(list: &Value) -> Vec<&str> {
    let items = list.as_array().unwrap().iter();
    items.map(|item| item["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn everybody_is_listed_by_name() {
    let app = TestApp::new().await;
    app.user("Ulla").await;
    app.user("Berta").await;
    let ada = app.admin("Ada").await;
    let list = ada.get("/api/users").await.good();
    assert_eq!(names(&list), ["Ada", "Berta", "Ulla"]);
    for user in list.as_array().unwrap() {
        has_keys(user, USER);
        assert_eq!(user["isKeycloakUser"], false);
    }
    assert_eq!(names(&ada.get("/api/users?role=ADMIN").await.good()), ["Ada"]);
    ada.get("/api/users?role=KING").await.blames(422, "role");
}

#[tokio::test]
async fn admins_see_activity_and_figures_newest_first() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let ulla = app.user("Ulla").await;
    ulla.new_ticket("Printer on fire").await;
    let list = ada.get("/api/admin/users").await.good();
    assert_eq!(names(&list), ["Ulla", "Ada"]);
    let mut members = USER.to_vec();
    members.extend(["isActive", "_count"]);
    has_keys(&list[0], &members);
    has_keys(&list[0]["_count"], &["createdTickets", "assignedTickets"]);
    assert_eq!(list[0]["_count"]["createdTickets"], 1);
    assert_eq!(
        names(&ada.get("/api/admin/users?search=ULL").await.good()),
        ["Ulla"]
    );
    assert_eq!(
        names(&ada.get("/api/admin/users?role=USER").await.good()),
        ["Ulla"]
    );
}

#[tokio::test]
async fn a_cursor_of_another_list_is_none() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let id = ada.id();
    for query in [
        format!("users?cursor=n{id}%00"),
        format!("users?cursor=t{id}1"),
        format!("admin/users?cursor=n{id}ada"),
        format!("admin/users?cursor=t{id}%00"),
        "users?cursor=".to_owned(),
    ] {
        ada.get(&format!("/api/{query}")).await.blames(422, "cursor");
    }
}
