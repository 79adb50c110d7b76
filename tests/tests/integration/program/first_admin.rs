//! The first admin, from the settings: once, and with a password that nobody else knows.

use serde_json::json;
use tests::app::Client;
use tests::process::{Ground, ServerProcess};

const EMAIL: (&str, &str) = ("DEFAULT_ADMIN_EMAIL", "ada@example.test");
const PASSWORD: (&str, &str) = ("DEFAULT_ADMIN_PASSWORD", "gulls-over-harbour");

async fn accounts(ground: &Ground) -> i64 {
    let admin = ground.database.admin().await;
    let sql = "SELECT count(*) FROM log.events WHERE type = 'AccountRegistered'";
    admin.query_one(sql, &[]).await.unwrap().get(0)
}

/// A desk with these settings, which is not expected to begin, and complains of its password; all that it says.
async fn refuses(ground: &Ground, further: &[(&str, &str)]) -> String {
    let own = ground.settings();
    let settings: Vec<_> = own.iter().chain(further).copied().collect();
    let mut server = ServerProcess::spawn(&settings);
    assert!(!server.end().await.success());
    server.log().line_with("DEFAULT_ADMIN_PASSWORD").await;
    server.log().lines().join("\n")
}

#[tokio::test]
async fn two_nodes_that_start_at_once_make_one_admin_and_later_starts_none() {
    let ground = Ground::new().await;
    let settings = [EMAIL, PASSWORD];
    let (mut one, two) = tokio::join!(ground.serve(&settings), ground.serve(&settings));
    assert_eq!(accounts(&ground).await, 1);
    let ada = Client::anonymous(&two.url()).sign_in(EMAIL.1, PASSWORD.1).await;
    assert_eq!(ada.account["role"], "ADMIN");
    assert_eq!(ada.account["name"], "System Administrator");
    for server in [&one, &two] {
        assert!(!server.log().lines().join("\n").contains(PASSWORD.1));
    }
    // Nobody comes by the settings who is not the first one.
    let change = json!({ "currentPassword": PASSWORD.1, "newPassword": "herons-over-the-lake" });
    ada.post("/api/auth/password", &change).await.good();
    one.kill().await;
    let again = ground
        .serve(&[("DEFAULT_ADMIN_EMAIL", "eve@example.test"), PASSWORD])
        .await;
    let without = ground.serve(&[EMAIL]).await;
    assert_eq!(accounts(&ground).await, 1);
    for server in [&again, &without] {
        let nobody = Client::anonymous(&server.url());
        for email in [EMAIL.1, "eve@example.test"] {
            let wish = json!({ "email": email, "password": PASSWORD.1 });
            nobody.post("/api/auth/login", &wish).await.problem(401);
        }
    }
}

#[tokio::test]
async fn without_a_password_of_its_own_it_does_not_begin() {
    let ground = Ground::new().await;
    let complaint = refuses(&ground, &[EMAIL]).await;
    assert!(complaint.contains("DEFAULT_ADMIN_PASSWORD is not"), "{complaint}");
    let everybodys = ["ChangeMe", "123!"].concat();
    for password in [everybodys.as_str(), "canary7", "password"] {
        let complaint = refuses(&ground, &[EMAIL, ("DEFAULT_ADMIN_PASSWORD", password)]).await;
        assert!(!complaint.contains("canary7"), "{complaint}");
    }
    assert_eq!(accounts(&ground).await, 0);
}
