//! Lost connections, lost notifications, and failures of the appender itself.

use std::time::Duration;

use eventlog::{AppendError, EventLog, Options};
use futures::future::join_all;
use tokio::io::copy_bidirectional;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};
use tokio_postgres::Config;
use tokio_postgres::config::Host;

use crate::server::Server;
use crate::world::{PATIENCE, World, assert_gapless, command, positions, stream};

/// P6: an event of another process is seen at the latest after the poll interval and a second, whether its
/// notification arrives or not.
#[tokio::test]
async fn a_lost_notification_is_harmless() {
    let world = World::new().await;
    let (writer, reader) = (world.log().await, world.log().await);
    let mut subscription = reader.subscribe(0);
    writer.append(command(&stream(), 0)).await.unwrap();
    let first = timeout(PATIENCE, subscription.next(10)).await.unwrap().unwrap();
    assert_eq!(positions(&first), [1]);
    for round in 0..5 {
        // Both logs listen; the connections begin with LISTEN and then ask for the head.
        let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                   WHERE datname = current_database() AND query LIKE 'SELECT position, hash FROM log.events%'";
        let killed: i64 = world.admin.query_one(sql, &[]).await.unwrap().get(0);
        assert!(killed > 0);
        writer.append(command(&stream(), 0)).await.unwrap();
        let since = Instant::now();
        let next = timeout(PATIENCE, subscription.next(10)).await.unwrap().unwrap();
        assert_eq!(positions(&next), [round + 2]);
        assert!(since.elapsed() <= Options::default().poll_interval + Duration::from_secs(1));
    }
}

/// Notifications alone do it as well: with a poll that never comes, an event is still seen.
#[tokio::test]
async fn other_processes_are_heard_at_once() {
    let world = World::new().await;
    let rare = Options {
        poll_interval: Duration::from_hours(1),
        ..Options::default()
    };
    let (writer, reader) = (world.log().await, world.log_with(rare).await);
    // The listener has begun to listen once it has been heard to read the head.
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
               AND query LIKE 'SELECT position, hash FROM log.events%' AND state = 'idle'";
    let listening = async { while world.admin.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) < 2 {} };
    timeout(PATIENCE, listening).await.unwrap();
    let mut subscription = reader.subscribe(0);
    for position in 1..=20 {
        writer.append(command(&stream(), 0)).await.unwrap();
        let next = timeout(PATIENCE, subscription.next(10)).await.unwrap().unwrap();
        assert_eq!(positions(&next), [position]);
    }
}

/// A connection that is taken and never answered (a proxy without its database does that) is not waited for: other
/// processes are heard again on the next one.
#[tokio::test(flavor = "multi_thread")]
async fn the_listener_gives_up_on_a_connection_that_is_never_answered() {
    let world = World::new().await;
    let proxy = SilentProxy::start(&world.config);
    let pool = eventlog::pool(&world.config, 2).unwrap();
    let reader = EventLog::open(
        pool,
        proxy.config.clone(),
        world.clock.clone(),
        // Nobody looks by another connection.
        Options {
            poll_interval: Duration::from_hours(1),
            ..Options::default()
        },
    )
    .await
    .unwrap();
    let writer = world.log().await;
    let mut subscription = reader.subscribe(0);
    writer.append(command(&stream(), 0)).await.unwrap();
    timeout(PATIENCE, subscription.next(10)).await.unwrap().unwrap();

    proxy.swallow_the_next();
    writer.append(command(&stream(), 0)).await.unwrap();
    let second = timeout(PATIENCE, subscription.next(10)).await.unwrap().unwrap();
    assert_eq!(positions(&second), [2]);
}

/// Passes connections on to the database; cuts them and leaves the next one without an answer when it is told to.
struct SilentProxy {
    config: Config,
    cut: watch::Sender<u32>,
    _dir: tempfile::TempDir,
}

impl SilentProxy {
    fn start(database: &Config) -> Self {
        let [Host::Unix(server)] = database.get_hosts() else {
            panic!("the tests' Postgres listens on a socket file")
        };
        let port = database.get_ports().first().copied().unwrap_or(5432);
        let file = format!(".s.PGSQL.{port}");
        let dir = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(dir.path().join(&file)).unwrap();
        let mut config = Config::new();
        config
            .host_path(dir.path())
            .port(port)
            .user(database.get_user().unwrap())
            .dbname(database.get_dbname().unwrap());
        let (cut, seen) = watch::channel(0);
        let server = server.join(file);
        tokio::spawn(async move {
            let mut swallowed = (0, Vec::new());
            loop {
                let (mut client, _) = listener.accept().await.unwrap();
                let mut cut = seen.clone();
                let times = *cut.borrow_and_update();
                if times > swallowed.0 {
                    swallowed.0 = times;
                    swallowed.1.push(client);
                    continue;
                }
                let mut database = UnixStream::connect(&server).await.unwrap();
                tokio::spawn(async move {
                    tokio::select! {
                        _ = copy_bidirectional(&mut client, &mut database) => {}
                        _ = cut.changed() => {}
                    }
                });
            }
        });
        Self {
            config,
            cut,
            _dir: dir,
        }
    }

    fn swallow_the_next(&self) {
        self.cut.send_modify(|times| *times += 1);
    }
}

/// Part of D4: the appender's backend is killed under load, so that it is not known what was committed. Everybody is
/// answered, and lost, duplicated and unexpected are nought.
#[tokio::test(flavor = "multi_thread")]
async fn an_ambiguous_commit_is_resolved() {
    let world = World::new().await;
    let log = world.log().await;
    for _ in 0..20 {
        let before = log.head().await.unwrap().position;
        let commands: Vec<_> = (0..100).map(|_| command(&stream(), 0)).collect();
        let appends = commands.iter().map(|command| {
            let (log, command) = (log.clone(), command.clone());
            tokio::spawn(async move { log.append(command).await })
        });
        let appends: Vec<_> = appends.collect();
        let mut head = log.head_watch();
        drop(timeout(Duration::from_millis(20), head.wait_for(|head| *head > before)).await);
        world.terminate("log.append_events").await;
        for (append, command) in join_all(appends).await.into_iter().zip(&commands) {
            let appended = append.unwrap().unwrap();
            assert!(!appended.duplicate, "its first effect is no duplicate");
            assert_eq!(appended.events[0].event_id, command.events[0].event_id);
        }
        assert_eq!(log.head().await.unwrap().position, before + 100);
    }
    assert_gapless(&world.all(&log).await);
    world.verify().await;
}

/// A database that is away: callers are told within two seconds, and it goes on by itself when it is back.
#[tokio::test(flavor = "multi_thread")]
async fn callers_are_told_in_time_and_the_log_recovers() {
    let server = Server::start(&[]);
    let world = World::on(&server).await;
    let log = world.log().await;
    log.append(command(&stream(), 0)).await.unwrap();

    server.refuse_connections(&world.config).await;
    let since = Instant::now();
    let outcomes = join_all((0..50).map(|_| log.append(command(&stream(), 0)))).await;
    assert!(
        outcomes
            .iter()
            .all(|outcome| matches!(outcome, Err(AppendError::Unavailable(_)))),
        "{outcomes:?}"
    );
    assert!(since.elapsed() < Duration::from_secs(2), "{:?}", since.elapsed());
    let since = Instant::now();
    assert!(log.head().await.is_err());
    assert!(since.elapsed() < Duration::from_secs(2), "{:?}", since.elapsed());

    server.accept_connections(&world.config).await;
    let back = Instant::now();
    while log.append(command(&stream(), 0)).await.is_err() {
        assert!(back.elapsed() < Duration::from_secs(5), "did not recover");
    }
    // The fifty were abandoned before they were sent: nobody was told that they are in the log, and they are not.
    assert_eq!(log.head().await.unwrap().position, 2);
}

/// A process that is stopped while it holds the lock does not stop the others for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_is_held_too_long_is_lost() {
    let world = World::new().await;
    let log = world.log().await;
    let holder = world.app().await;
    holder
        .batch_execute("SET idle_in_transaction_session_timeout = '2s'; BEGIN; SELECT * FROM log.lock_head()")
        .await
        .unwrap();
    let waiting = Instant::now();
    while log.append(command(&stream(), 0)).await.is_err() {
        assert!(waiting.elapsed() < PATIENCE);
    }
    assert!(holder.simple_query("").await.is_err());
}

/// A panic in the appender is an unknown outcome for its callers, and nothing for those after them.
#[tokio::test]
async fn the_appender_survives_its_own_panic() {
    let world = World::new().await;
    let log = world.log().await;
    log.append(command(&stream(), 0)).await.unwrap();
    world.clock.fail_once();
    let outcome = log.append(command(&stream(), 0)).await;
    assert!(matches!(outcome, Err(AppendError::Unavailable(_))), "{outcome:?}");
    assert_eq!(
        log.append(command(&stream(), 0)).await.unwrap().last_position(),
        2
    );
    log.close().await;
}

/// Dead connections of the pool are not handed out after an outage.
#[tokio::test]
async fn reads_work_again_after_every_backend_was_killed() {
    let world = World::new().await;
    let log = world.log().await;
    log.append(command(&stream(), 0)).await.unwrap();
    join_all((0..8).map(|_| log.read_all(0, 10))).await;
    world.terminate("").await;
    let since = Instant::now();
    while log.read_all(0, 10).await.is_err() {
        assert!(since.elapsed() < Duration::from_secs(5), "did not recover");
    }
    for _ in 0..8 {
        assert_eq!(log.read_all(0, 10).await.unwrap().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_outlives_the_runtime_in_which_it_was_asked_for() {
    let world = World::new().await;
    let pool = eventlog::pool(&world.config, 1).unwrap();
    let asked = pool.clone();
    let elsewhere = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.unwrap().block_on(async {
            let client = asked.get().await.unwrap();
            backend(&client).await
        })
    });
    let first = elsewhere.join().unwrap();
    let client = pool.get().await.unwrap();
    assert_eq!(backend(&client).await, first, "it is the same connection");
}

async fn backend(client: &tokio_postgres::Client) -> i32 {
    client
        .query_one("SELECT pg_backend_pid()", &[])
        .await
        .unwrap()
        .get(0)
}
