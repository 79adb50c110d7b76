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

#[tokio::test]
async fn those_who_are_inactive_are_found_and_all_are_counted() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    app.user("Berta").await;
    app.guest("Gast").await;
    let path = format!("/api/admin/users/{}", ulla.id());
    ada.delete(&path).await.good();
    let list = async |query: &str| {
        let list = ada.get(&format!("/api/admin/users?{query}")).await.good();
        let mut names: Vec<String> = names(&list).into_iter().map(str::to_owned).collect();
        names.sort_unstable();
        names
    };
    assert_eq!(list("isActive=false").await, ["Ulla"]);
    assert_eq!(list("isActive=true&role=USER").await, ["Berta"]);
    assert_eq!(list("isActive=false&search=bert").await, [""; 0]);
    ada.get("/api/admin/users?isActive=maybe")
        .await
        .blames(422, "isActive");
    // `guest` has been given the role by an admin of its own.
    let counts = ada.get("/api/admin/users/counts").await.good();
    let expected = serde_json::json!({
        "total": 5, "admins": 2, "users": 2, "guests": 1, "auditors": 0, "operators": 0, "inactive": 1,
    });
    assert_eq!(counts, expected);
}

#[tokio::test]
async fn who_can_sign_in_elsewhere_is_told() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    let identities = &app.shared().identity.identities;
    let account = ulla.id().parse().unwrap();
    identities
        .add("https://login.example.test", "subject-1", account)
        .await
        .unwrap();
    for path in ["/api/users", "/api/admin/users"] {
        let list = ada.get(path).await.good();
        for user in list.as_array().unwrap() {
            assert_eq!(user["isKeycloakUser"], user["id"] == ulla.id(), "{path}");
        }
    }
}
