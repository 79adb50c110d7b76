//! A websocket without manners: sends whatever it is told to, as no Socket.IO client would.

use futures::{SinkExt, StreamExt};
use std::net::SocketAddr;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::{secrecy, wait};

/// An open websocket at `/socket.io/`.
pub struct RawWebSocket(WebSocketStream<TcpStream>);

impl RawWebSocket {
    /// Opens one. Engine.IO's own handshake is up to the caller.
    pub async fn open(address: SocketAddr, headers: &[(&str, &str)]) -> Result<Self, Error> {
        Self::open_at(address, "/socket.io/?EIO=4&transport=websocket", headers).await
    }

    /// Opens one at any path.
    pub async fn open_at(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Result<Self, Error> {
        let mut request = format!("ws://{address}{path}").into_client_request()?;
        for (name, value) in headers {
            request.headers_mut().insert(
                name.parse::<HeaderName>().unwrap(),
                value.parse::<HeaderValue>().unwrap(),
            );
        }
        let stream = TcpStream::connect(address).await?;
        let (socket, _) = wait::within("the upgrade", client_async(request, stream)).await?;
        Ok(Self(socket))
    }

    /// Sends a text frame.
    pub async fn text(&mut self, text: &str) -> Result<(), Error> {
        self.0.send(Message::text(text)).await
    }

    /// Sends a binary frame.
    pub async fn binary(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.0.send(Message::binary(bytes.to_vec())).await
    }

    /// The next text frame that begins with `prefix`; none if the connection ends before.
    pub async fn next_with(&mut self, prefix: &str) -> Option<String> {
        let look = async {
            while let Some(Ok(message)) = self.0.next().await {
                if let Message::Text(text) = message {
                    assert_eq!(secrecy::of_this_run().leak("a frame", text.as_bytes(), ""), None);
                    if text.starts_with(prefix) {
                        return Some(text.to_string());
                    }
                }
            }
            None
        };
        wait::within(format!("a frame that begins with {prefix}"), look).await
    }

    /// Reads on until the server ends the connection.
    pub async fn closed(&mut self) {
        wait::within("the end of the connection", async {
            while let Some(Ok(message)) = self.0.next().await {
                if message.is_close() {
                    break;
                }
            }
        })
        .await;
    }
}
