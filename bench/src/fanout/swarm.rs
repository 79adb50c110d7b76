//! Thousands of light Socket.IO clients in one thread: they connect, join one room, answer pings and count.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use serde_json::{Value, json};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::{AsyncRead, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::spawn_local;

use super::frames::{Inbox, text};
use super::tally::Tally;
use crate::outcome::Outcome;

/// Clients that connect at the same time.
const CONNECTING: usize = 100;
/// What is read at once, for all clients together: they share a thread.
const READ_BYTES: usize = 64 * 1024;
/// The receive buffer of a client that does not read.
const STALLED_BUFFER_BYTES: usize = 4096;
/// The event whose frames are counted.
const COUNTED: &[u8] = b"42[\"comment:added\"";

/// Where clients go, and what they bring.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    /// What opens the door, as JSON.
    pub(crate) auth: String,
    /// The ticket whose room they join.
    pub(crate) ticket: String,
}

/// What all clients of a swarm share.
pub(crate) struct Swarm {
    target: Target,
    pub(crate) tally: Tally,
    buffer: RefCell<Vec<u8>>,
    connecting: Semaphore,
    /// What the first client received last: it reads its frames as others only count them.
    witnessed: RefCell<Vec<u64>>,
    frame_bytes: Cell<usize>,
}

/// What a client is there for.
#[derive(Debug)]
enum Role {
    /// To join and count.
    Listener { is_witness: bool },
    /// To say what it is told to, without joining.
    Speaker(mpsc::UnboundedReceiver<String>),
}

impl Swarm {
    pub(crate) fn new(target: Target, clients: usize) -> Rc<Self> {
        Rc::new(Self {
            target,
            tally: Tally::new(clients),
            buffer: RefCell::new(vec![0; READ_BYTES]),
            connecting: Semaphore::new(CONNECTING),
            witnessed: RefCell::default(),
            frame_bytes: Cell::new(0),
        })
    }

    pub(crate) const fn target(&self) -> &Target {
        &self.target
    }

    /// Connects so many clients, and waits until all have joined.
    pub(crate) async fn connect(self: &Rc<Self>, clients: usize) -> Outcome<()> {
        for number in 0..clients {
            let is_witness = number == 0;
            spawn_local(Rc::clone(self).live(Role::Listener { is_witness }));
        }
        self.tally.all_joined(clients).await
    }

    /// Connects one that emits what is sent to it as `say`.
    pub(crate) fn speaker(self: &Rc<Self>) -> mpsc::UnboundedSender<String> {
        let (words, said) = mpsc::unbounded_channel();
        spawn_local(Rc::clone(self).live(Role::Speaker(said)));
        words
    }

    /// The numbers at the beginning of the broadcasts' contents, as the first client received them.
    pub(crate) fn witnessed(&self) -> Vec<u64> {
        self.witnessed.borrow().clone()
    }

    /// How long the last broadcast's frame was, in bytes.
    pub(crate) fn frame_bytes(&self) -> usize {
        self.frame_bytes.get()
    }

    async fn live(self: Rc<Self>, role: Role) {
        if let Err(failure) = self.run(role).await {
            self.tally.fail(format!("a client failed: {failure}"));
        }
    }

    async fn run(&self, role: Role) -> Outcome<()> {
        let permit = self.connecting.acquire().await?;
        let (stream, rest) = upgrade(self.target.address, None).await?;
        let mut client = Client {
            swarm: self,
            stream,
            role,
            inbox: Inbox::default(),
            received: 0,
            permit: Some(permit),
        };
        client.read(&rest)?;
        poll_fn(|context| client.poll(context)).await
    }

    /// Connects clients that join and then never read again; gives back what keeps them there.
    pub(crate) async fn connect_stalled(&self, clients: usize) -> Outcome<Vec<TcpStream>> {
        let mut stalled = Vec::new();
        for _ in 0..clients {
            let (mut stream, rest) = upgrade(self.target.address, Some(STALLED_BUFFER_BYTES)).await?;
            read_until(&mut stream, rest, |message| {
                Ok((self.answer(message)?, message.starts_with(b"43")))
            })
            .await?;
            stalled.push(stream);
        }
        Ok(stalled)
    }

    /// Connects one that joins in the handshake, and was away since this position of the log if one is given; stays until
    /// it is welcome, or has caught up. Gives back the position that it is told then, and how many broadcasts before.
    pub(crate) async fn visit(&self, away_since: Option<i64>) -> Outcome<(i64, usize)> {
        let mut auth: Value = serde_json::from_str(&self.target.auth)?;
        auth["tickets"] = json!([self.target.ticket]);
        let last = match away_since {
            Some(position) => {
                auth["position"] = json!(position);
                "caught-up"
            }
            None => "welcome",
        };
        let last = format!("42[\"{last}\"");
        let (mut stream, rest) = upgrade(self.target.address, None).await?;
        let (mut position, mut broadcasts) = (0, 0);
        read_until(&mut stream, rest, |message| {
            broadcasts += usize::from(message.starts_with(COUNTED));
            let is_last = message.starts_with(last.as_bytes());
            if is_last {
                let packet: Value = serde_json::from_slice(&message[2..])?;
                position = packet[1]["position"].as_i64().ok_or("no position")?;
            }
            let answer = match message {
                [b'0', ..] => text(&format!("40{auth}")),
                [b'2'] => text("3"),
                [b'4', b'4', ..] => return Err(String::from_utf8_lossy(message).into()),
                _ => Vec::new(),
            };
            Ok((answer, is_last))
        })
        .await?;
        Ok((position, broadcasts))
    }

    /// What a listener answers to a message of the handshake, or to a ping.
    fn answer(&self, message: &[u8]) -> Outcome<Vec<u8>> {
        match message {
            [b'0', ..] => Ok(text(&format!("40{}", self.target.auth))),
            [b'4', b'0', ..] => Ok(text(&format!("420[\"join-ticket\",\"{}\"]", self.target.ticket))),
            [b'2'] => Ok(text("3")),
            [b'4', b'4', ..] => Err(String::from_utf8_lossy(message).into()),
            [b'4', b'3', ..] if !contains(message, b"\"ok\":true") => {
                Err(String::from_utf8_lossy(message).into())
            }
            _ => Ok(Vec::new()),
        }
    }
}

struct Client<'a> {
    swarm: &'a Swarm,
    stream: TcpStream,
    role: Role,
    inbox: Inbox,
    received: usize,
    /// Its turn to connect.
    permit: Option<tokio::sync::SemaphorePermit<'a>>,
}

impl Client<'_> {
    /// Goes on for ever.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Outcome<()>> {
        if let Role::Speaker(said) = &mut self.role
            && self.permit.is_none()
        {
            while let Poll::Ready(words) = said.poll_recv(context) {
                let Some(words) = words else {
                    return Poll::Ready(Ok(()));
                };
                write(
                    &self.stream,
                    &text(&format!("42[\"say\",{}]", Value::from(words))),
                )?;
            }
        }
        loop {
            let mut buffer = self.swarm.buffer.borrow_mut();
            let count = ready!(poll_read(&mut self.stream, context, &mut buffer))?;
            if count == 0 {
                return Poll::Ready(Err("the server ended the connection".into()));
            }
            self.read(&buffer[..count])?;
        }
    }

    fn read(&mut self, read: &[u8]) -> Outcome<()> {
        let mut inbox = std::mem::take(&mut self.inbox);
        inbox.take(read, |message| self.see(message))?;
        self.inbox = inbox;
        Ok(())
    }

    fn see(&mut self, message: &[u8]) -> Outcome<()> {
        if message.starts_with(COUNTED) {
            let number = self.received;
            self.received += 1;
            self.swarm.tally.received(number)?;
            if matches!(self.role, Role::Listener { is_witness: true }) {
                self.witness(message)?;
            }
            return Ok(());
        }
        match (&self.role, message) {
            (Role::Speaker(_), [b'4', b'0', ..]) => self.permit = None,
            (Role::Listener { .. }, [b'4', b'3', ..]) => {
                write(&self.stream, &self.swarm.answer(message)?)?;
                self.permit = None;
                self.swarm.tally.joined();
            }
            _ => write(&self.stream, &self.swarm.answer(message)?)?,
        }
        Ok(())
    }

    fn witness(&self, message: &[u8]) -> Outcome<()> {
        let packet: Value = serde_json::from_slice(&message[2..])?;
        let number = packet[1]["content"]
            .as_str()
            .and_then(|content| content.split_once(' '))
            .and_then(|(number, _)| number.parse().ok());
        let number = number.ok_or("a broadcast without a number")?;
        self.swarm.witnessed.borrow_mut().push(number);
        self.swarm.frame_bytes.set(message.len());
        Ok(())
    }
}

/// Reads what is there. Once it has taken less than fits, the connection counts as read to its end, without asking.
fn poll_read(stream: &mut TcpStream, context: &mut Context<'_>, buffer: &mut [u8]) -> Poll<Outcome<usize>> {
    let mut space = ReadBuf::new(buffer);
    ready!(Pin::new(stream).poll_read(context, &mut space))?;
    Poll::Ready(Ok(space.filled().len()))
}

/// Reads messages, the first of them from `read`, and sends what `see` answers, until it says that this is enough.
async fn read_until(
    stream: &mut TcpStream,
    mut read: Vec<u8>,
    mut see: impl FnMut(&[u8]) -> Outcome<(Vec<u8>, bool)>,
) -> Outcome<()> {
    let mut inbox = Inbox::default();
    let mut is_enough = false;
    loop {
        let mut say = Vec::new();
        inbox.take(&read, |message| {
            let (answer, is_last) = see(message)?;
            say.extend(answer);
            is_enough |= is_last;
            Ok(())
        })?;
        stream.write_all(&say).await?;
        if is_enough {
            return Ok(());
        }
        read.resize(READ_BYTES, 0);
        let count = poll_fn(|context| poll_read(stream, context, &mut read)).await?;
        if count == 0 {
            return Err("the server ended the connection".into());
        }
        read.truncate(count);
    }
}

/// Writes something short; it always fits.
fn write(stream: &TcpStream, bytes: &[u8]) -> Outcome<()> {
    if bytes.is_empty() || stream.try_write(bytes)? == bytes.len() {
        Ok(())
    } else {
        Err("a message that did not fit".into())
    }
}

/// A new websocket, and what came right behind the answer.
async fn upgrade(address: SocketAddr, receive_buffer: Option<usize>) -> Outcome<(TcpStream, Vec<u8>)> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    socket.set_tcp_nodelay(true)?;
    // Closed by a reset: tens of thousands of ports are not to be kept for minutes.
    socket.set_linger(Some(std::time::Duration::ZERO))?;
    if let Some(bytes) = receive_buffer {
        socket.set_recv_buffer_size(bytes)?;
    }
    let mut stream = TcpSocket::from_std_stream(socket.into()).connect(address).await?;
    let request = format!(
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    loop {
        let mut piece = [0; 1024];
        let count = poll_fn(|context| poll_read(&mut stream, context, &mut piece)).await?;
        answer.extend_from_slice(&piece[..count]);
        if let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") {
            if !answer.starts_with(b"HTTP/1.1 101") {
                return Err(String::from_utf8_lossy(&answer).into());
            }
            return Ok((stream, answer.split_off(end + 4)));
        }
        if count == 0 {
            return Err("the server ended the connection".into());
        }
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
