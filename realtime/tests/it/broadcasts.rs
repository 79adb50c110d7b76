//! Which clients receive which events, as frames on the wire.

use domain::actor::Role;
use domain::ticket::{
    AttachmentAdded, Deleted, Priority, PriorityChanged, Status, StatusChanged, TicketEvent, Visibility,
};
use realtime::{AudienceMode, Options};
use serde_json::json;

use crate::client::{Client, names};
use crate::world::{World, id};

fn attachment() -> TicketEvent {
    TicketEvent::AttachmentAdded(AttachmentAdded {
        attachment: domain::ids::AttachmentId::from_uuid(id()),
        uploader: domain::ids::AccountId::from_uuid(id()),
        file_name: domain::text::FileName::parse("screen.png").unwrap(),
        size: 3,
        media_type: "image/png".to_owned().try_into().unwrap(),
        sha256: "ab".repeat(32).try_into().unwrap(),
    })
}

fn everyone() -> Options {
    Options {
        audience: AudienceMode::Everyone,
        ..Options::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_may_read_a_ticket_receive_it_once_in_their_cut() {
    let world = World::new().await;
    let owner = world.person("owner", Role::User).await;
    let agent = world.person("agent", Role::Admin).await;
    let other = world.person("other", Role::User).await;
    let operator = world.person("operator", Role::Operator).await;
    let mut at_owner = Client::connect(&world, &owner).await;
    let mut at_agent = Client::connect(&world, &agent).await;
    let mut at_other = Client::connect(&world, &other).await;
    let mut at_operator = Client::connect(&world, &operator).await;

    let ticket = world.ticket(&owner, "Printer is broken").await;
    world.settled().await;
    // In the room and among all clients: still once.
    at_agent.join(ticket).await;
    at_owner.join(ticket).await;
    world
        .comment(
            ticket,
            &agent,
            Visibility::Internal,
            "canary: he forgot the paper",
        )
        .await;
    let changed = TicketEvent::PriorityChanged(PriorityChanged {
        priority: Priority::Critical,
    });
    world.ticket_event(ticket, &agent, &changed).await;
    world
        .ticket_event(ticket, &agent, &TicketEvent::Deleted(Deleted {}))
        .await;
    world.settled().await;

    let agents = at_agent.everything().await;
    assert_eq!(
        names(&agents),
        [
            "ticket:created",
            "comment:added",
            "ticket:updated",
            "ticket:deleted"
        ]
    );
    let owners = at_owner.everything().await;
    assert_eq!(
        names(&owners),
        ["ticket:created", "ticket:updated", "ticket:deleted"]
    );
    assert!(at_other.everything().await.is_empty());
    assert!(at_operator.everything().await.is_empty());

    assert!(!format!("{owners:?}").contains("canary"));
    assert_eq!(owners[1].object["_count"]["comments"], 0);
    assert_eq!(agents[2].object["_count"]["comments"], 1);
    assert_eq!(agents[2].object["priority"], "CRITICAL");
    assert_eq!(agents[2].object["createdBy"]["name"], "owner");
    assert_eq!(agents[3].object["id"], json!(ticket.to_string()));
    assert_eq!(agents[3].object["ticket"]["title"], "Printer is broken");
    let meta = &agents[2].meta;
    assert_eq!(meta["version"], 3);
    assert_eq!(meta["actor"], json!(agent.account.to_string()));
    assert!(meta["position"].as_i64().unwrap() > agents[1].meta["position"].as_i64().unwrap());
    assert!(meta["occurredAt"].as_str().unwrap().ends_with('Z'));
    assert!(meta["eventId"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn comments_and_attachments_reach_the_room_only() {
    let world = World::new().await;
    let owner = world.person("owner", Role::User).await;
    let agent = world.person("agent", Role::Admin).await;
    let ticket = world.ticket(&owner, "Printer is broken").await;
    world.settled().await;
    let mut inside = Client::connect(&world, &owner).await;
    let mut outside = Client::connect(&world, &agent).await;
    let mut left = Client::connect(&world, &agent).await;
    inside.join(ticket).await;
    left.join(ticket).await;
    left.leave(ticket).await;

    world
        .comment(ticket, &agent, Visibility::Public, "Is it plugged in?")
        .await;
    world.ticket_event(ticket, &owner, &attachment()).await;
    world.settled().await;

    let received = inside.everything().await;
    assert_eq!(names(&received), ["comment:added", "attachment:added"]);
    assert_eq!(received[0].object["content"], "Is it plugged in?");
    assert_eq!(received[0].object["user"]["name"], "agent");
    assert_eq!(received[1].object["fileName"], "screen.png");
    let path = received[1].object["filePath"].as_str().unwrap();
    assert!(
        path.starts_with(&format!("/api/tickets/{ticket}/attachments/")),
        "{path}"
    );
    assert!(outside.everything().await.is_empty());
    assert!(left.everything().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn everyone_receives_the_public_broadcast_but_no_comments() {
    let world = World::with(everyone()).await;
    let owner = world.person("owner", Role::User).await;
    let agent = world.person("agent", Role::Admin).await;
    let other = world.person("other", Role::User).await;
    let mut at_other = Client::connect(&world, &other).await;
    let anonymous = Client::open(&world, &[]).await.unwrap();
    let mut anonymous = anonymous.join_namespace(&json!({})).await.unwrap();

    let ticket = world.ticket(&owner, "Printer is broken").await;
    let refused = json!({ "ok": false, "error": "not found" });
    assert_eq!(anonymous.join(ticket).await, refused);
    assert_eq!(at_other.join(ticket).await, refused);
    world
        .comment(ticket, &agent, Visibility::Internal, "canary")
        .await;
    world.comment(ticket, &agent, Visibility::Public, "canary").await;
    world.ticket_event(ticket, &owner, &attachment()).await;
    let closed = TicketEvent::StatusChanged(StatusChanged {
        status: Status::Closed,
    });
    world.ticket_event(ticket, &agent, &closed).await;
    world
        .ticket_event(ticket, &agent, &TicketEvent::Deleted(Deleted {}))
        .await;
    world.settled().await;

    for client in [&mut at_other, &mut anonymous] {
        let received = client.everything().await;
        assert_eq!(
            names(&received),
            ["ticket:created", "ticket:updated", "ticket:deleted"]
        );
        assert_eq!(received[1].object["_count"]["comments"], 1, "the public one");
        assert!(!format!("{received:?}").contains("canary"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_shown_as_of_that_very_event() {
    let world = World::new().await;
    let agent = world.person("agent", Role::Admin).await;
    let mut client = Client::connect(&world, &agent).await;
    let ticket = world.ticket(&agent, "Printer is broken").await;
    let status = |status| TicketEvent::StatusChanged(StatusChanged { status });
    let events = [
        status(Status::InProgress),
        TicketEvent::PriorityChanged(PriorityChanged {
            priority: Priority::Low,
        }),
        status(Status::Closed),
    ];
    world.ticket_events(ticket, &agent, &events).await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        let object = client.next().await.object;
        seen.push(format!(
            "{} {} {}",
            object["status"], object["priority"], object["version"]
        ));
    }
    let expected = [
        "\"OPEN\" \"MEDIUM\" 1",
        "\"IN_PROGRESS\" \"MEDIUM\" 2",
        "\"IN_PROGRESS\" \"LOW\" 3",
        "\"CLOSED\" \"LOW\" 4",
    ];
    assert_eq!(seen, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_events_arrive_once_and_in_order_at_every_client() {
    let world = World::new().await;
    let agent = world.person("agent", Role::Admin).await;
    let mut clients = Vec::new();
    for _ in 0..10 {
        clients.push(Client::connect(&world, &agent).await);
    }
    let first = world.head().await + 1;
    let readers: Vec<_> = clients
        .into_iter()
        .map(|mut client| {
            tokio::spawn(async move {
                let mut positions = Vec::new();
                while positions.len() < 1000 {
                    positions.push(client.next().await.meta["position"].as_i64().unwrap());
                }
                positions
            })
        })
        .collect();
    let mut tickets = Vec::new();
    for _ in 0..10 {
        tickets.push(world.ticket(&agent, "Printer is broken").await);
    }
    let change = |index: usize| {
        TicketEvent::StatusChanged(StatusChanged {
            status: if index.is_multiple_of(2) {
                Status::InProgress
            } else {
                Status::Waiting
            },
        })
    };
    // In bursts, as a group commit brings them.
    for burst in 0..11 {
        let appends = tickets.iter().map(|ticket| {
            let events: Vec<_> = (0..9).map(|index| change(burst + index)).collect();
            let (world, agent) = (&world, &agent);
            async move { world.ticket_events(*ticket, agent, &events).await }
        });
        futures::future::join_all(appends).await;
    }
    for reader in readers {
        let positions = reader.await.unwrap();
        let expected: Vec<_> = (first..first + 1000).collect();
        assert_eq!(positions, expected);
    }
    assert_eq!(world.realtime.stats().cut, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_was_registered_a_moment_ago_is_named() {
    let world = World::new().await;
    let agent = world.person("agent", Role::Admin).await;
    let mut client = Client::connect(&world, &agent).await;
    for index in 0..20 {
        let newcomer = world.person(&format!("newcomer {index}"), Role::User).await;
        world.ticket(&newcomer, "Printer is broken").await;
        let newcomer = client.next().await;
        assert_eq!(newcomer.name, "account:created");
        let received = client.next().await;
        assert_eq!(received.object["createdBy"]["name"], format!("newcomer {index}"));
    }
}
