//! What a test needs: a log on a database of its own, people with sessions, tickets, and the Socket.IO server behind a
//! real listener.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use domain::account::{AccountEvent, Accounts as AccountStreams, Deactivated, Registered, RoleChanged};
use domain::actor::Role;
use domain::decider::Decider;
use domain::ids::{AccountId, TicketId};
use domain::text::{Email, PersonName};
use domain::ticket::{Category, CommentAdded, Created, Priority, TicketEvent, Tickets, Visibility};
use domain::time::{Clock, Timestamp};
use eventlog::{Append, EventLog, Metadata, NewEvent, Position, StreamId, Version};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use parking_lot::Mutex;
use projections::Projections;
use projections::people::Directory;
use projections::tickets::ListReader;
use realtime::connection::ConnectionHandle;
use realtime::{Options, Realtime, RealtimeService};
use tokio::net::{TcpSocket, TcpStream};
use tokio_postgres::Config;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::doubles::{People, Sessions};
use crate::server::{Server, connect};

/// Longest that a test waits for something that must happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Somebody with an account and a session.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) account: AccountId,
    pub(crate) token: String,
}

impl Person {
    pub(crate) fn auth(&self) -> serde_json::Value {
        serde_json::json!({ "token": self.token })
    }
}

pub(crate) struct World {
    pub(crate) config: Config,
    pub(crate) log: EventLog,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) people: Arc<People>,
    pub(crate) realtime: Realtime,
    pub(crate) address: SocketAddr,
    projections: tokio::sync::OnceCell<Projections>,
    versions: Mutex<HashMap<Uuid, Version>>,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        Self::on(empty_database().await, Arc::new(Sessions::new()), options, None).await
    }

    /// The same, on a machine that keeps so many bytes at most of what a connection does not take.
    pub(crate) async fn with_send_buffer(options: Options, bytes: u32) -> Self {
        Self::on(
            empty_database().await,
            Arc::new(Sessions::new()),
            options,
            Some(bytes),
        )
        .await
    }

    async fn on(
        config: Config,
        sessions: Arc<Sessions>,
        mut options: Options,
        send_bytes: Option<u32>,
    ) -> Self {
        let pool = eventlog::pool(&config, 8).unwrap();
        let clock = Arc::new(TestClock::default());
        let log = EventLog::open(pool.clone(), config.clone(), clock, eventlog::Options::default())
            .await
            .unwrap();
        projections::Engine::new(log.clone(), &config)
            .prepare()
            .await
            .unwrap();
        let directory = Arc::new(Directory::start(&log, &pool).await.unwrap());
        options.lists = Some(ListReader::new(pool.clone()));
        let people = Arc::new(People::new(directory));
        let (realtime, service) = Realtime::start(log.clone(), people.clone(), sessions.clone(), options)
            .await
            .unwrap();
        let address = serve(service, send_bytes);
        Self {
            config,
            log,
            sessions,
            people,
            realtime,
            address,
            projections: tokio::sync::OnceCell::new(),
            versions: Mutex::default(),
        }
    }

    /// A world with an agent and a ticket of theirs, which has been relayed.
    pub(crate) async fn with_ticket(options: Options) -> (Self, Person, TicketId) {
        let world = Self::with(options).await;
        let (agent, ticket) = world.agent_and_ticket().await;
        (world, agent, ticket)
    }

    /// An agent and a ticket of theirs, which has been relayed.
    pub(crate) async fn agent_and_ticket(&self) -> (Person, TicketId) {
        let agent = self.person("agent", Role::Admin).await;
        let ticket = self.ticket(&agent, "Printer is broken").await;
        self.settled().await;
        (agent, ticket)
    }

    /// The last position of the log.
    pub(crate) async fn head(&self) -> Position {
        self.log.head().await.unwrap().position
    }

    /// Lets the read models follow the log from now on.
    pub(crate) async fn project(&self) -> &Projections {
        self.projections
            .get_or_init(|| async {
                let engine = projections::Engine::new(self.log.clone(), &self.config);
                Projections::start(engine, projections::Options::default())
                    .await
                    .unwrap()
            })
            .await
    }

    /// Registers somebody and signs them in.
    pub(crate) async fn person(&self, name: &str, role: Role) -> Person {
        let account = AccountId::from_uuid(id());
        let registered = AccountEvent::Registered(Registered {
            account,
            email: Email::parse(&format!("{}@example.org", account.as_uuid().simple())).unwrap(),
            name: PersonName::parse(name).unwrap(),
            role,
            department: None,
        });
        self.account_event(account, &registered).await;
        Person {
            account,
            token: self.sessions.begin(account),
        }
    }

    pub(crate) async fn change_role(&self, person: &Person, role: Role) -> Position {
        let changed = AccountEvent::RoleChanged(RoleChanged { role });
        self.account_event(person.account, &changed).await
    }

    pub(crate) async fn deactivate(&self, person: &Person) -> Position {
        let deactivated = AccountEvent::Deactivated(Deactivated {});
        self.account_event(person.account, &deactivated).await
    }

    async fn account_event(&self, account: AccountId, event: &AccountEvent) -> Position {
        let stream = StreamId::new(AccountStreams::CATEGORY, account.as_uuid());
        self.append(stream, vec![AccountStreams::encode(event)], "system:test")
            .await
    }

    /// A new ticket of this person's.
    pub(crate) async fn ticket(&self, requester: &Person, title: &str) -> TicketId {
        let ticket = TicketId::from_uuid(id());
        let created = TicketEvent::Created(Created {
            ticket,
            requester: requester.account,
            title: domain::text::Title::parse(title).unwrap(),
            description: domain::text::Description::parse("It does not work at all.").unwrap(),
            priority: Priority::Medium,
            category: Category::Hardware,
        });
        self.ticket_event(ticket, requester, &created).await;
        ticket
    }

    pub(crate) async fn comment(
        &self,
        ticket: TicketId,
        author: &Person,
        visibility: Visibility,
        body: &str,
    ) -> Position {
        let added = TicketEvent::CommentAdded(CommentAdded {
            comment: domain::ids::CommentId::from_uuid(id()),
            author: author.account,
            body: domain::text::CommentBody::parse(body).unwrap(),
            visibility,
        });
        self.ticket_event(ticket, author, &added).await
    }

    pub(crate) async fn ticket_event(
        &self,
        ticket: TicketId,
        actor: &Person,
        event: &TicketEvent,
    ) -> Position {
        self.ticket_events(ticket, actor, std::slice::from_ref(event))
            .await
    }

    /// Appends one command's events; the position of the last.
    pub(crate) async fn ticket_events(
        &self,
        ticket: TicketId,
        actor: &Person,
        events: &[TicketEvent],
    ) -> Position {
        let stream = StreamId::new(Tickets::CATEGORY, ticket.as_uuid());
        let encoded = events.iter().map(Tickets::encode).collect();
        self.append(stream, encoded, &format!("account:{}", actor.account))
            .await
    }

    async fn append(&self, stream: StreamId, events: Vec<domain::codec::Encoded>, actor: &str) -> Position {
        let events = events
            .into_iter()
            .map(|event| NewEvent {
                event_id: id(),
                event_type: event.event_type.to_owned(),
                schema_version: event.schema_version,
                payload: event.payload,
            })
            .collect();
        self.append_raw(stream, events, actor).await
    }

    pub(crate) async fn append_raw(&self, stream: StreamId, events: Vec<NewEvent>, actor: &str) -> Position {
        let thing = stream.id;
        let expected = self.versions.lock().get(&thing).copied().unwrap_or(0);
        let append = Append {
            stream,
            expected,
            events,
            metadata: Metadata {
                actor: actor.to_owned(),
                command_id: id(),
                correlation_id: id(),
                causation_id: None,
                origin: "test".to_owned(),
                fingerprint: None,
                traceparent: None,
            },
            category_unchanged_since: None,
        };
        let appended = self.log.append(append).await.unwrap();
        self.versions.lock().insert(thing, appended.last_version());
        appended.last_position()
    }

    /// Comments again and again until the database takes it; the position.
    pub(crate) async fn comment_persistently(
        &self,
        ticket: TicketId,
        author: &Person,
        body: &str,
    ) -> Position {
        let stream = StreamId::new(Tickets::CATEGORY, ticket.as_uuid());
        until_some("the log can be read again", || async {
            self.log.read_stream(&stream, 0, 1).await.ok()
        })
        .await;
        self.comment(ticket, author, Visibility::Public, body).await
    }

    /// Another server on the same database, with the same sessions.
    pub(crate) async fn restarted(&self, options: Options) -> Self {
        let mut world = Self::on(self.config.clone(), Arc::clone(&self.sessions), options, None).await;
        world.versions = Mutex::new(self.versions.lock().clone());
        world
    }

    /// Waits until everything appended so far has been handed to the connections.
    pub(crate) async fn settled(&self) {
        let head = self.head().await;
        assert!(
            self.realtime.relayed(head, PATIENCE).await,
            "the relay did not reach {head}"
        );
    }

    /// Waits until `reached` holds of the counters.
    pub(crate) async fn until(&self, what: &str, reached: impl Fn(realtime::Stats) -> bool) {
        until(what, || reached(self.realtime.stats())).await;
    }
}

async fn empty_database() -> Config {
    let server = Server::shared();
    let config = server.config(&server.empty_database().await);
    eventlog::migrate(&mut connect(&config).await).await.unwrap();
    config
}

/// Waits until a level is reached.
pub(crate) async fn until(what: &str, reached: impl Fn() -> bool) {
    let waited = tokio::time::timeout(PATIENCE, async {
        while !reached() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    assert!(waited.await.is_ok(), "waited in vain: {what}");
}

/// Waits until something is there.
async fn until_some<T, F: Future<Output = Option<T>>>(what: &str, ask: impl Fn() -> F) -> T {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(tokio::time::Instant::now() < deadline, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Serves like the real accept loop does as far as realtime is concerned: every request carries a handle that resets
/// its connection.
fn serve(service: RealtimeService, send_bytes: Option<u32>) -> SocketAddr {
    let socket = TcpSocket::new_v4().unwrap();
    if let Some(bytes) = send_bytes {
        socket.set_send_buffer_size(bytes).unwrap();
    }
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1_024).unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (tcp, peer) = listener.accept().await.unwrap();
            tokio::spawn(connection(service.clone(), tcp, peer));
        }
    });
    address
}

async fn connection(service: RealtimeService, tcp: TcpStream, peer: SocketAddr) {
    tcp.set_nodelay(true).unwrap();
    let abort = CancellationToken::new();
    let std = tcp.into_std().unwrap();
    let cut = std.try_clone().unwrap();
    let tcp = TcpStream::from_std(std).unwrap();
    let aborted = abort.clone();
    let watching = tokio::spawn(async move {
        aborted.cancelled().await;
        drop(cut.shutdown(std::net::Shutdown::Both));
    });
    let handle = ConnectionHandle::new(peer, peer.ip(), false, abort);
    let service = tower::ServiceBuilder::new()
        .map_request(move |mut request: http::Request<hyper::body::Incoming>| {
            request.extensions_mut().insert(handle.clone());
            request
        })
        .service(service);
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new());
    let served = http
        .serve_connection(TokioIo::new(tcp), TowerToHyperService::new(service))
        .with_upgrades()
        .await;
    drop(served);
    // After an upgrade the connection lives on, and so does its watcher; it ends with the runtime.
    drop(watching);
}

/// A clock that moves one millisecond each time that it is asked.
#[derive(Default)]
pub(crate) struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_795_393_955_000 + self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// An id that no other call gives.
pub(crate) fn id() -> Uuid {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let count = u128::from(COUNT.fetch_add(1, Ordering::Relaxed));
    Uuid::from_u128(0x0198_f3c2_7a00_7000_8000_0000_0000_0000 + count)
}
