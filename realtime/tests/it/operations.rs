//! Room `operators`: how the program is doing, for whoever may know.

use std::sync::Arc;

use domain::actor::Role;
use futures::FutureExt;
use futures::future::BoxFuture;
use parking_lot::Mutex;
use realtime::{Operations, Options, ReadModel};
use serde_json::json;

use crate::client::Client;
use crate::world::World;

/// A read model as the test says.
struct Said(Mutex<ReadModel>);

impl Operations for Said {
    fn read_models(&self) -> BoxFuture<'_, Vec<ReadModel>> {
        async move { vec![self.0.lock().clone()] }.boxed()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_are_told_once_when_they_enter_and_then_what_changes() {
    let said = Arc::new(Said(Mutex::new(ReadModel {
        name: "tickets".to_owned(),
        state: "running".to_owned(),
        position: 5,
        lag: 0,
        parked: 0,
    })));
    let world = World::with(Options {
        operations: Some(Arc::clone(&said) as Arc<dyn Operations>),
        ..Options::default()
    })
    .await;
    let mut told = Vec::new();
    for role in [Role::Operator, Role::Auditor, Role::Admin] {
        let somebody = world.person("somebody", role).await;
        told.push(Client::connect(&world, &somebody).await);
    }
    let bob = world.person("Bob", Role::User).await;
    let mut requester = Client::connect(&world, &bob).await;
    for client in &mut told {
        let first = client.signal_where("operations:changed", |_| true).await;
        let model = json!([{ "name": "tickets", "state": "running", "position": 5, "lag": 0, "parked": 0 }]);
        assert_eq!(first["projections"], model);
        assert_eq!(first["relay"]["parked"], 0);
    }
    {
        let mut model = said.0.lock();
        model.state = "stuck".to_owned();
        model.parked = 1;
    }
    for client in &mut told {
        let is_stuck = |frame: &serde_json::Value| frame["projections"][0]["parked"] == 1;
        client.signal_where("operations:changed", is_stuck).await;
        assert_eq!(client.told("operations:changed"), 2, "nothing in between");
    }
    // Somebody who becomes one is told what is so already; somebody who is none any more is told nothing.
    world.change_role(&bob, Role::Operator).await;
    requester.signal_where("operations:changed", |_| true).await;
    assert_eq!(requester.told("operations:changed"), 1);
    world.change_role(&bob, Role::User).await;
    world.settled().await;
    said.0.lock().state = "dead".to_owned();
    for client in &mut told {
        let is_dead = |frame: &serde_json::Value| frame["projections"][0]["state"] == "dead";
        client.signal_where("operations:changed", is_dead).await;
    }
    requester.everything().await;
    assert_eq!(requester.told("operations:changed"), 1);
}
