//! A proxy that misbehaves on demand, for the way between the server and Postgres, or between clients and the server.
//!
//! Before Postgres it understands where messages begin and end, so that it can cut a connection at a known point of the
//! conversation: before a statement is passed on, or after Postgres has executed it and before anybody hears of it.

mod link;
mod statements;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio_postgres::Config;
use tokio_postgres::config::Host;

use crate::wait;

/// How the proxy treats what passes through it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    /// Everything passes.
    Calm,
    /// Connections are closed, and new ones too as soon as they are made.
    Down,
    /// Connections stay open and new ones are accepted, but nothing passes in either direction.
    Blackhole,
    /// Whatever clients send arrives; what is answered does not.
    HalfOpen,
    /// Everything passes, each message (or piece) this much later.
    Slow(Duration),
}

/// Where a conversation is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The statement never reaches the server.
    BeforeForwarding,
    /// The server has executed the statement and said so, but nobody hears it.
    BeforeAnswer,
}

/// What stands behind the proxy.
#[derive(Clone, Debug)]
enum Upstream {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

/// Whether messages are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    Bytes,
    Postgres,
}

/// An appointed cut: the first conversation that comes to the statement gets it.
struct Trap {
    statement: &'static str,
    cut: Cut,
    sprung: oneshot::Sender<()>,
}

struct Control {
    upstream: Mutex<Upstream>,
    protocol: Protocol,
    weather: watch::Sender<Weather>,
    /// Counts up whenever all connections are to be cut.
    cuts: watch::Sender<u64>,
    /// The same, for those that LISTEN.
    listener_cuts: watch::Sender<u64>,
    /// Whether those that LISTEN hear nothing.
    deaf: watch::Sender<bool>,
    traps: Mutex<Vec<Trap>>,
    links: AtomicUsize,
}

/// The proxy. Ends, with its connections, when it is dropped.
pub struct ChaosProxy {
    address: SocketAddr,
    control: Arc<Control>,
    accept: tokio::task::JoinHandle<()>,
}

impl ChaosProxy {
    /// Before the server at `address`, whatever it speaks.
    pub async fn before(address: SocketAddr) -> Self {
        Self::start(Upstream::Tcp(address), Protocol::Bytes).await
    }

    /// Before a Postgres.
    pub async fn before_postgres(config: &Config) -> Self {
        let port = config.get_ports()[0];
        let upstream = match &config.get_hosts()[0] {
            Host::Unix(dir) => Upstream::Unix(dir.join(format!(".s.PGSQL.{port}"))),
            Host::Tcp(host) => Upstream::Tcp(format!("{host}:{port}").parse().unwrap()),
        };
        Self::start(upstream, Protocol::Postgres).await
    }

    async fn start(upstream: Upstream, protocol: Protocol) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let control = Arc::new(Control {
            upstream: Mutex::new(upstream),
            protocol,
            weather: watch::Sender::new(Weather::Calm),
            cuts: watch::Sender::new(0),
            listener_cuts: watch::Sender::new(0),
            deaf: watch::Sender::new(false),
            traps: Mutex::default(),
            links: AtomicUsize::new(0),
        });
        let accept = tokio::spawn(accept(listener, Arc::clone(&control)));
        Self {
            address,
            control,
            accept,
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `config` by way of this proxy.
    pub fn config(&self, config: &Config) -> Config {
        let mut through = Config::new();
        through
            .host(self.address.ip().to_string())
            .port(self.address.port())
            .user(config.get_user().unwrap())
            .dbname(config.get_dbname().unwrap());
        through
    }

    /// Changes the weather, for connections that are open and for later ones.
    pub fn set(&self, weather: Weather) {
        self.control.weather.send_replace(weather);
        if weather == Weather::Down {
            self.cut_all();
        }
    }

    /// Leads connections that are made from now on to the server at `address`.
    pub fn lead_to(&self, address: SocketAddr) {
        *self.control.upstream.lock().unwrap() = Upstream::Tcp(address);
    }

    /// Cuts every connection that is open.
    pub fn cut_all(&self) {
        self.control.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Cuts every connection that LISTENs, and no other.
    pub fn cut_listeners(&self) {
        self.control.listener_cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Whether connections that LISTEN, or will, stay open but hear nothing any more.
    pub fn deafen(&self, deaf: bool) {
        self.control.deaf.send_replace(deaf);
    }

    /// Cuts the first connection on which a statement that contains `statement` is executed from now on. The
    /// receiver hears when it has happened.
    pub fn trap(&self, statement: &'static str, cut: Cut) -> Sprung {
        assert_eq!(
            self.control.protocol,
            Protocol::Postgres,
            "statements are Postgres'"
        );
        let (sprung, heard) = oneshot::channel();
        self.control.traps.lock().unwrap().push(Trap {
            statement,
            cut,
            sprung,
        });
        Sprung(heard)
    }

    /// How many connections are open.
    pub fn open_connections(&self) -> usize {
        self.control.links.load(Ordering::SeqCst)
    }
}

impl Drop for ChaosProxy {
    fn drop(&mut self) {
        self.accept.abort();
        self.cut_all();
    }
}

/// Hears of a trap.
pub struct Sprung(oneshot::Receiver<()>);

impl Sprung {
    /// Waits until the connection has been cut.
    pub async fn wait(self) {
        wait::within("the trap", self.0).await.expect("the proxy ended");
    }
}

async fn accept(listener: TcpListener, control: Arc<Control>) {
    loop {
        let Ok((client, _)) = listener.accept().await else {
            continue;
        };
        if *control.weather.borrow() == Weather::Down {
            continue;
        }
        let control = Arc::clone(&control);
        tokio::spawn(async move {
            control.links.fetch_add(1, Ordering::SeqCst);
            link::run(client, &control).await;
            control.links.fetch_sub(1, Ordering::SeqCst);
        });
    }
}
