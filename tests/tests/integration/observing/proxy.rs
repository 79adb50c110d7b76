//! A reverse proxy as operators put in front, good and bad: it rewrites the heads of requests and passes on the rest.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// What it does to the head of a request.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Habits {
    /// Says for whom, and by which scheme.
    pub(crate) forwards: Option<&'static str>,
    /// Leaves out what makes a websocket.
    pub(crate) strips_upgrade: bool,
}

/// A proxy before `target`; it lives as long as the test.
pub(crate) async fn before(target: SocketAddr, habits: Habits) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(pass(client, target, habits));
        }
    });
    address
}

/// Passes on one connection. Only its first request is rewritten, so that it is told to be the last.
async fn pass(mut client: TcpStream, target: SocketAddr, habits: Habits) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    let text = String::from_utf8_lossy(&head).to_lowercase();
    let is_websocket = text.contains("upgrade: websocket") && !habits.strips_upgrade;
    let mut lines: Vec<String> = String::from_utf8_lossy(&head)
        .trim_end()
        .split("\r\n")
        .map(str::to_owned)
        .collect();
    lines.retain(|line| {
        let line = line.to_lowercase();
        is_websocket || !(line.starts_with("connection:") || line.starts_with("upgrade:"))
    });
    if !is_websocket {
        lines.push("connection: close".to_owned());
    }
    if let Some(scheme) = habits.forwards {
        lines.push("x-forwarded-for: 203.0.113.7".to_owned());
        lines.push(format!("x-forwarded-proto: {scheme}"));
    }
    let mut server = TcpStream::connect(target).await?;
    server
        .write_all(format!("{}\r\n\r\n", lines.join("\r\n")).as_bytes())
        .await?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}
