//! The same server as `fanout.mjs`, by socketioxide alone: no log, no rights, no limits.

use std::error::Error;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::{Value, json};
use socketioxide::SocketIo;
use socketioxide::extract::{AckSender, Data, SocketRef, TryData};
use socketioxide::handler::ConnectHandler;
use tokio::net::TcpSocket;

#[derive(Default, Deserialize)]
struct Auth {
    token: String,
}

/// The one session that there is, and the one ticket.
struct Desk {
    token: String,
    ticket: String,
    person: Value,
    position: AtomicU64,
}

impl Desk {
    fn comment(&self, content: &str) -> (Value, Value) {
        let mut user = self.person.clone();
        let id = user.as_object_mut().and_then(|person| person.remove("id"));
        let position = self.position.fetch_add(1, Ordering::Relaxed) + 1;
        // Nobody reads these; only their length matters.
        let (uuid, now) = ("0199c0de-0000-7000-8000-000000000000", "2026-01-01T00:00:00.000Z");
        let comment = json!({
            "id": uuid, "content": content, "isInternal": false, "ticketId": self.ticket, "userId": id,
            "createdAt": now, "user": user,
        });
        let meta = json!({
            "position": position, "version": position, "eventId": uuid, "occurredAt": now, "actor": id,
        });
        (comment, meta)
    }
}

fn admit(desk: &Arc<Desk>, socket: &SocketRef, auth: &Auth) -> Result<(), &'static str> {
    if auth.token != desk.token {
        return Err("unauthorized");
    }
    let joining = Arc::clone(desk);
    socket.on(
        "join-ticket",
        async move |socket: SocketRef, Data(ticket): Data<String>, ack: AckSender| {
            if ticket == joining.ticket {
                socket.join(ticket);
                let _ = ack.send(&json!({ "ok": true }));
            }
        },
    );
    let saying = Arc::clone(desk);
    socket.on(
        "say",
        async move |socket: SocketRef, Data(content): Data<String>| {
            let room = saying.ticket.clone();
            let _ = socket
                .within(room)
                .emit("comment:added", &saying.comment(&content))
                .await;
        },
    );
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let desk = Arc::new(Desk {
        token: std::env::var("TOKEN")?,
        ticket: std::env::var("TICKET")?,
        person: serde_json::from_str(&std::env::var("PERSON")?)?,
        position: AtomicU64::new(0),
    });
    let (service, io) = SocketIo::builder().max_buffer_size(256).build_svc();
    let admit = move |socket: SocketRef, TryData(auth): TryData<Auth>| {
        let admitted = admit(&desk, &socket, &auth.unwrap_or_default());
        async move { admitted }
    };
    io.ns("/", (async |_: SocketRef| {}).with(admit));
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    let listener = socket.listen(4096)?;
    writeln!(std::io::stdout(), "http://{}", listener.local_addr()?)?;
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let connection = http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service.clone())
            .with_upgrades();
        tokio::spawn(connection);
    }
}
