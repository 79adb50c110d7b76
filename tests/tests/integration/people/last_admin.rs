//! Somebody can always administer (A12).

use serde_json::json;
use tests::app::TestApp;

async fn admins(app: &TestApp) -> i64 {
    let admin = app.database().admin().await;
    let row = admin
        .query_one(
            "SELECT count(*) FROM read_people.people WHERE role = 'ADMIN' AND active",
            &[],
        )
        .await;
    row.unwrap().get(0)
}

#[tokio::test]
async fn two_admins_who_demote_each_other_at_once_do_not_both_succeed() {
    let app = TestApp::new().await;
    let mut eve = app.admin("Eve").await;
    let mut ada = app.admin("Ada").await;
    for round in 0..10 {
        let demote = json!({ "role": "USER" });
        let (of_ada, of_eve) = (
            format!("/api/admin/users/{}", ada.id()),
            format!("/api/admin/users/{}", eve.id()),
        );
        let (one, two) = tokio::join!(ada.patch(&of_eve, &demote), eve.patch(&of_ada, &demote));
        assert!(
            (one.status == 200) != (two.status == 200),
            "round {round}: {} {}",
            one.text(),
            two.text()
        );
        assert_eq!(admins(&app).await, 1);
        // Whoever is left promotes the other one again.
        let (winner, loser) = if one.status == 200 {
            (&ada, &eve)
        } else {
            (&eve, &ada)
        };
        let path = format!("/api/admin/users/{}", loser.id());
        winner.patch(&path, &json!({ "role": "ADMIN" })).await.good();
        ada = ada.again().await;
        eve = eve.again().await;
    }
}

/// Demoting oneself, deactivating, deleting and demoting another, each at another node: somebody is left.
#[tokio::test]
async fn whatever_admins_do_to_each_other_at_two_nodes_one_is_left() {
    let app = TestApp::new().await;
    let other = app.second_node().await;
    let (mut ada, mut eve) = (app.admin("Ada").await, app.admin("Eve").await);
    for (round, way) in ["own", "deactivate", "delete", "own"].into_iter().enumerate() {
        let (of_ada, of_eve) = (
            format!("/api/admin/users/{}", ada.id()),
            format!("/api/admin/users/{}", eve.id()),
        );
        let elsewhere = eve.at(&other.url());
        let demote = json!({ "role": "USER" });
        let adas = async {
            match way {
                "own" => ada.patch(&of_ada, &demote).await,
                "deactivate" => ada.patch(&of_eve, &json!({ "isActive": false })).await,
                _ => ada.delete(&of_eve).await,
            }
        };
        let eves = async {
            match way {
                "own" => elsewhere.patch(&of_eve, &demote).await,
                _ => elsewhere.patch(&of_ada, &demote).await,
            }
        };
        let (one, two) = tokio::join!(adas, eves);
        assert!(
            (one.status == 200) != (two.status == 200),
            "{way}: {} {}",
            one.text(),
            two.text()
        );
        let (winner, loser) = match (way, one.status == 200) {
            ("own", true) => (&eve, &ada),
            ("own", false) | (_, true) => (&ada, &eve),
            (_, false) => (&eve, &ada),
        };
        assert_eq!(admins(&app).await, 1, "round {round}");
        let path = format!("/api/admin/users/{}", loser.id());
        let restore = json!({ "role": "ADMIN", "isActive": true });
        winner.patch(&path, &restore).await.good();
        ada = ada.again().await;
        eve = eve.again().await;
    }
    other.stop().await;
}
