//! Room `admins`: what becomes of accounts, told to agents in log order, and again to those that were away.

use domain::actor::Role;
use serde_json::json;

use crate::client::{Client, names};
use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn agents_hear_of_accounts_and_nobody_else_does() {
    let world = World::new().await;
    let ada = world.person("Ada", Role::Admin).await;
    let otto = world.person("Otto", Role::User).await;
    let aude = world.person("Aude", Role::Auditor).await;
    let opa = world.person("Opa", Role::Operator).await;
    let mut others = Vec::new();
    for person in [&otto, &aude, &opa] {
        others.push(Client::connect(&world, person).await);
    }
    let mut agent = Client::connect(&world, &ada).await;

    let bob = world.person("Bob", Role::User).await;
    let changed = world.change_role(&bob, Role::Admin).await;
    let ticket = world.ticket(&bob, "Printer is broken").await;
    world.settled().await;
    let told = agent.everything().await;
    assert_eq!(
        names(&told),
        ["account:created", "account:updated", "ticket:created"]
    );
    assert_eq!(told[0].object["id"], bob.account.to_string());
    assert_eq!(told[0].object["name"], "Bob");
    assert_eq!(told[1].object["role"], "ADMIN");
    assert_eq!(told[1].meta["position"], changed);
    assert_eq!(told[1].meta["version"], 2);
    let text = json!([told[0].object, told[1].object]).to_string().to_lowercase();
    for secret in ["password", "token", "hash", "session"] {
        assert!(!text.contains(secret), "{text}");
    }
    for client in &mut others {
        let told = client.everything().await;
        assert!(
            told.iter().all(|told| !told.name.starts_with("account:")),
            "{told:?}"
        );
    }
    // Whoever loses the role hears of no more accounts, and the others go on.
    world.change_role(&ada, Role::User).await;
    world.deactivate(&otto).await;
    world.settled().await;
    let told = agent.everything().await;
    assert!(
        told.iter()
            .all(|told| told.object["id"] != otto.account.to_string()),
        "{told:?}"
    );
    assert!(!told.iter().any(|told| told.object["id"] == ticket.to_string()));
}
