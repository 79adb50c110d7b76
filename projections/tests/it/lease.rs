//! P1 and the lease: one node at a time applies events, another takes over, and no event is passed over or applied
//! twice, whoever dies when.

use std::sync::Arc;
use std::time::{Duration, Instant};

use projections::engine::State;
use projections::{Engine, Lagging, Options, Projections};
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::Config;

use crate::history::{Desk, Dice};
use crate::server::{Server, connect};
use crate::tracer::{Fault, Tracer};
use crate::world::{self, PATIENCE, World, eventually};

/// A node as a process of its own would be: with its own threads, which can be stopped in the middle of anything.
struct Node {
    runtime: Runtime,
    projections: Projections,
}

impl Node {
    async fn start(config: &Config, name: &str) -> Self {
        Self::with(config, name, Tracer::new()).await
    }

    async fn with(config: &Config, name: &str, tracer: Tracer) -> Self {
        let (config, node) = (config.clone(), name.to_owned());
        let started = tokio::task::spawn_blocking(move || {
            let runtime = Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build()
                .unwrap();
            let projections = runtime.block_on(async {
                let engine = Engine::with_models(world::log(&config).await, &config, vec![Arc::new(tracer)]);
                Projections::start(
                    engine,
                    Options {
                        node,
                        ..Options::default()
                    },
                )
                .await
                .unwrap()
            });
            Self { runtime, projections }
        });
        started.await.unwrap()
    }

    /// As `kill -9` would: nothing is given back.
    fn kill(self) {
        self.runtime.shutdown_background();
        drop(self.projections);
    }

    fn is_running(&self) -> bool {
        self.projections.status()[0].state == State::Running
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p1_no_event_is_passed_over_or_applied_twice_while_nodes_fight_and_die() {
    let world = World::new().await;
    let mut nodes = Vec::new();
    for name in ["a", "b", "c"] {
        nodes.push(Node::start(&world.config, name).await);
    }
    let seed = 11;
    let mut desks: Vec<Desk> = (0..4).map(Desk::new).collect();
    let mut dice = Dice::new(seed);
    for round in 0..24 {
        let appending = desks.iter_mut().map(|desk| desk.live(&world, 25));
        let troubling = trouble(&world, &mut dice, &mut nodes, round);
        futures::future::join(futures::future::join_all(appending), troubling).await;
    }
    let head = world.log.head().await.unwrap().position;
    for node in &nodes {
        node.projections.wait_for(head, PATIENCE).await.unwrap();
    }
    Tracer::assert_complete(&world, head).await;
    for node in nodes {
        node.kill();
    }
}

async fn trouble(world: &World, dice: &mut Dice, nodes: &mut Vec<Node>, round: usize) {
    match dice.roll(4) {
        // A node dies and another comes.
        _ if round % 6 == 5 => {
            nodes.remove(dice.roll(nodes.len())).kill();
            nodes.push(Node::start(&world.config, "another").await);
        }
        0 => drop(world.terminate_projections().await),
        // Leases are taken away while they are in use, again and again: everybody fights for them.
        _ => {
            for _ in 0..20 {
                let steal = "UPDATE read_engine.projections SET lease_owner = NULL, lease_until = NULL";
                world.admin.batch_execute(steal).await.unwrap();
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_node_takes_over_within_seconds_of_a_kill_and_at_once_after_a_stop() {
    let world = World::new().await;
    let mut desk = Desk::new(1);
    let first = Node::start(&world.config, "first").await;
    eventually("the first node runs", || async {
        first.is_running().then_some(())
    })
    .await;
    let second = Node::start(&world.config, "second").await;
    let third = Node::start(&world.config, "third").await;
    desk.live(&world, 20).await;
    first.kill();
    let killed = Instant::now();
    let last = desk.live(&world, 20).await;
    second.projections.wait_for(last, PATIENCE).await.unwrap();
    assert!(
        killed.elapsed() < Duration::from_secs(5),
        "took {:?}",
        killed.elapsed()
    );

    let (running, standing_by) = if second.is_running() {
        (second, third)
    } else {
        (third, second)
    };
    let Node { runtime, projections } = running;
    projections.stop().await;
    let stopped = Instant::now();
    let last = desk.live(&world, 20).await;
    standing_by.projections.wait_for(last, PATIENCE).await.unwrap();
    assert!(
        stopped.elapsed() < Duration::from_secs(2),
        "took {:?}",
        stopped.elapsed()
    );
    Tracer::assert_complete(&world, last).await;
    runtime.shutdown_background();
    standing_by.kill();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_fails_again_and_again_leaves_the_lease_to_another() {
    let world = World::new().await;
    Tracer::prepare(&world).await;
    let mut desk = Desk::new(1);
    let tracer = Tracer::failing(Fault::BeforeCheckpoint, i64::MAX);
    let ill = Node::with(&world.config, "ill", tracer).await;
    eventually("the ill node runs", || async { ill.is_running().then_some(()) }).await;
    let well = Node::start(&world.config, "well").await;
    let last = desk.live(&world, 20).await;
    well.projections.wait_for(last, PATIENCE).await.unwrap();
    Tracer::assert_complete(&world, last).await;
    ill.kill();
    well.kill();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lease_of_before_the_databases_clock_was_set_back_does_not_count() {
    let world = World::new().await;
    let last = Desk::new(1).live(&world, 20).await;
    world
        .engine_of(vec![Arc::new(Tracer::new())])
        .prepare()
        .await
        .unwrap();
    let of_the_future = "UPDATE read_engine.projections
                         SET lease_owner = 'gone', lease_until = clock_timestamp() + interval '1 hour'";
    world.admin.batch_execute(of_the_future).await.unwrap();
    let node = Node::start(&world.config, "a").await;
    node.projections.wait_for(last, PATIENCE).await.unwrap();
    node.kill();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_that_takes_longer_than_a_lease_is_not_taken_away_for_ever() {
    let world = World::new().await;
    let mut desk = Desk::new(1);
    let nodes = [
        Node::start(&world.config, "a").await,
        Node::start(&world.config, "b").await,
    ];
    let slow = "CREATE FUNCTION public.slow() RETURNS trigger LANGUAGE plpgsql AS
                    'BEGIN PERFORM pg_sleep(3.7); RETURN NULL; END';
                CREATE TRIGGER slow AFTER INSERT ON read_tracer.trace EXECUTE FUNCTION public.slow()";
    world.admin.batch_execute(slow).await.unwrap();
    let last = desk.live(&world, 1).await;
    for node in &nodes {
        node.projections.wait_for(last, PATIENCE).await.unwrap();
    }
    Tracer::assert_complete(&world, last).await;
    for node in nodes {
        node.kill();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_on_any_node_is_seen_by_a_read_that_waited_for_it() {
    let world = World::new().await;
    let owner = Node::start(&world.config, "owner").await;
    eventually("the owner runs", || async { owner.is_running().then_some(()) }).await;
    let other = Node::start(&world.config, "other").await;
    let mut desk = Desk::new(1);
    for turn in 0..40 {
        let last = desk.live(&world, 1).await;
        let node = if turn % 2 == 0 { &owner } else { &other };
        node.projections.wait_for(last, PATIENCE).await.unwrap();
        let sql = "SELECT coalesce(max(position), 0) FROM read_tracer.trace";
        assert!(world.number(sql).await >= last);
    }
    let head = world.log.head().await.unwrap().position;
    let never = other
        .projections
        .wait_for(head + 1, Duration::from_millis(20))
        .await;
    assert_eq!(
        never,
        Err(Lagging {
            name: "tracer",
            applied: head,
            wanted: head + 1
        })
    );
    owner.kill();
    other.kill();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_database_is_waited_for() {
    let world = World::new().await;
    let mut desk = Desk::new(1);
    let projections = world.projections().await;
    desk.live(&world, 20).await;
    world.caught_up(&projections).await;

    Server::shared().refuse_connections(&world.config).await;
    eventually("the failure shows", || async {
        projections
            .status()
            .iter()
            .all(|status| status.last_error.is_some())
            .then_some(())
    })
    .await;
    Server::shared().accept_connections(&world.config).await;
    eventually("an append", || async {
        let (stream, expected, events) = Desk::new(99).next()?;
        world
            .log
            .append(world::append(stream, expected, events))
            .await
            .ok()
    })
    .await;
    let head = eventually("the head", || async { world.log.head().await.ok() })
        .await
        .position;
    projections.wait_for(head, PATIENCE).await.unwrap();
    for status in projections.status() {
        assert_eq!((status.state, status.lag), (State::Running, 0), "{status:?}");
    }
    let world = World {
        admin: connect(&world.config).await,
        ..world
    };
    for name in ["tickets", "people", "history", "search"] {
        world.assert_equals_a_fresh_fold(projections.engine(), name).await;
    }
    projections.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_start_at_once_make_the_tables_once() {
    let world = World::new().await;
    let starts = (0..6).map(|_| world.projections());
    let nodes = futures::future::join_all(starts).await;
    let last = Desk::new(1).live(&world, 30).await;
    for node in &nodes {
        node.wait_for(last, PATIENCE).await.unwrap();
    }
    for node in nodes {
        node.stop().await;
    }
    let free = world
        .number("SELECT count(*) FROM read_engine.projections WHERE lease_owner IS NULL")
        .await;
    let all = i64::try_from(projections::registry::read_models().len()).unwrap();
    assert_eq!(free, all, "a stop gives the leases back");
}
