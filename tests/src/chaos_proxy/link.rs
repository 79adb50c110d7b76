//! One connection through the proxy.

use std::io;
use std::sync::Mutex;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio::sync::{oneshot, watch};

use super::statements::{Message, Messages, Statements};
use super::{Control, Cut, Protocol, Upstream, Weather};

type Reader = Box<dyn AsyncRead + Send + Unpin>;
type Writer = Box<dyn AsyncWrite + Send + Unpin>;

/// What the two directions of a connection must know of each other.
#[derive(Default)]
struct Conversation {
    /// Questions that the client has asked.
    asked: u64,
    /// Answers that the server has given.
    answered: u64,
    /// The client LISTENs, or has asked to.
    listens: bool,
    /// From this answer on nothing reaches the client, and after it the connection is cut.
    last_words: Option<(u64, oneshot::Sender<()>)>,
}

/// Passes everything on until an end comes, from a side or from above.
pub(super) async fn run(client: TcpStream, control: &Control) {
    let mut cuts = control.cuts.subscribe();
    cuts.mark_unchanged();
    let upstream = control.upstream.lock().unwrap().clone();
    let Ok((server_reads, server_writes)) = connect(&upstream).await else {
        return;
    };
    let _ = client.set_nodelay(true);
    let (client_reads, client_writes) = client.into_split();
    let conversation = Mutex::new(Conversation::default());
    let forth = forth(Box::new(client_reads), server_writes, control, &conversation);
    let back = back(server_reads, Box::new(client_writes), control, &conversation);
    tokio::select! {
        _ = cuts.changed() => {}
        () = listener_cut(control, &conversation) => {}
        _ = forth => {}
        _ = back => {}
    }
}

/// Waits until those that LISTEN are cut, and this is one of them.
async fn listener_cut(control: &Control, conversation: &Mutex<Conversation>) {
    let mut cuts = control.listener_cuts.subscribe();
    while cuts.changed().await.is_ok() {
        if conversation.lock().unwrap().listens {
            return;
        }
    }
    std::future::pending::<()>().await;
}

async fn connect(upstream: &Upstream) -> io::Result<(Reader, Writer)> {
    Ok(match upstream {
        Upstream::Tcp(address) => {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            let (reads, writes) = stream.into_split();
            (Box::new(reads), Box::new(writes))
        }
        Upstream::Unix(path) => {
            let (reads, writes) = UnixStream::connect(path).await?.into_split();
            (Box::new(reads), Box::new(writes))
        }
    })
}

/// From the client to the server.
async fn forth(
    mut client: Reader,
    mut server: Writer,
    control: &Control,
    conversation: &Mutex<Conversation>,
) -> io::Result<()> {
    let mut messages = Messages::of_client();
    let mut statements = Statements::default();
    let mut weather = control.weather.subscribe();
    loop {
        let bytes = read(&mut client).await?;
        if control.protocol == Protocol::Bytes {
            pass(&mut server, &bytes, &mut weather, Way::Forth).await?;
            continue;
        }
        messages.feed(&bytes);
        while let Some(message) = messages.next() {
            if let Some(sql) = statements.executed(&message) {
                conversation.lock().unwrap().listens |= sql.contains("LISTEN ");
                spring(control, conversation, &sql)?;
            }
            if message.asks() {
                conversation.lock().unwrap().asked += 1;
            }
            pass(&mut server, &message.bytes, &mut weather, Way::Forth).await?;
        }
    }
}

/// Looks whether somebody laid a trap for the statement that is about to be passed on.
fn spring(control: &Control, conversation: &Mutex<Conversation>, sql: &str) -> io::Result<()> {
    let trap = {
        let mut traps = control.traps.lock().unwrap();
        let found = traps.iter().position(|trap| sql.contains(trap.statement));
        found.map(|place| traps.remove(place))
    };
    let Some(trap) = trap else { return Ok(()) };
    match trap.cut {
        Cut::BeforeForwarding => {
            let _ = trap.sprung.send(());
            Err(io::ErrorKind::ConnectionReset.into())
        }
        Cut::BeforeAnswer => {
            let mut conversation = conversation.lock().unwrap();
            // A Query asks by itself, a Bind by the Sync that follows it: either way it is the next question.
            conversation.last_words = Some((conversation.asked + 1, trap.sprung));
            Ok(())
        }
    }
}

/// From the server to the client.
async fn back(
    mut server: Reader,
    mut client: Writer,
    control: &Control,
    conversation: &Mutex<Conversation>,
) -> io::Result<()> {
    let mut messages = Messages::of_server();
    let mut weather = control.weather.subscribe();
    let mut deaf = control.deaf.subscribe();
    loop {
        let bytes = read(&mut server).await?;
        if control.protocol == Protocol::Bytes {
            pass(&mut client, &bytes, &mut weather, Way::Back).await?;
            continue;
        }
        messages.feed(&bytes);
        while let Some(message) = messages.next() {
            if heard(conversation, &message)? {
                await_ears(conversation, &mut deaf).await?;
                pass(&mut client, &message.bytes, &mut weather, Way::Back).await?;
            }
        }
    }
}

/// Holds back what a client that LISTENs is told, for as long as those are to hear nothing.
async fn await_ears(conversation: &Mutex<Conversation>, deaf: &mut watch::Receiver<bool>) -> io::Result<()> {
    let listens = conversation.lock().unwrap().listens;
    if listens {
        let can_hear = deaf.wait_for(|deaf| !deaf).await;
        can_hear.map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
    }
    Ok(())
}

/// Whether the client may hear this answer. After the last that it may not hear comes the end.
fn heard(conversation: &Mutex<Conversation>, message: &Message) -> io::Result<bool> {
    let mut conversation = conversation.lock().unwrap();
    let answering = conversation.answered + 1;
    if message.is_ready() {
        conversation.answered += 1;
    }
    let Some((last, _)) = conversation.last_words else {
        return Ok(true);
    };
    if answering < last {
        return Ok(true);
    }
    if message.is_ready() {
        if let Some((_, sprung)) = conversation.last_words.take() {
            let _ = sprung.send(());
        }
        return Err(io::ErrorKind::ConnectionReset.into());
    }
    Ok(false)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Forth,
    Back,
}

/// Passes bytes on, as the weather allows.
async fn pass(
    to: &mut Writer,
    bytes: &[u8],
    weather: &mut watch::Receiver<Weather>,
    way: Way,
) -> io::Result<()> {
    let ended = |_| io::Error::from(io::ErrorKind::BrokenPipe);
    let holds_back = |weather: &Weather| match weather {
        Weather::Blackhole => true,
        Weather::HalfOpen => way == Way::Back,
        Weather::Calm | Weather::Down | Weather::Slow(_) => false,
    };
    let now = *weather
        .wait_for(|weather| !holds_back(weather))
        .await
        .map_err(ended)?;
    if let Weather::Slow(delay) = now {
        tokio::time::sleep(delay).await;
    }
    to.write_all(bytes).await?;
    to.flush().await
}

async fn read(from: &mut Reader) -> io::Result<Bytes> {
    let mut buffer = vec![0; 64 * 1024];
    let length = from.read(&mut buffer).await?;
    if length == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    buffer.truncate(length);
    Ok(buffer.into())
}
