//! A websocket through the public address, as browsers open it: the upgrade, and the first words of Engine.IO. Read by
//! hand, since it is one frame, over the connection that the HTTP client has made (with TLS, where there is).

use std::time::Duration;

use reqwest::header::{CONNECTION, ORIGIN, UPGRADE};
use reqwest::{Client, RequestBuilder, StatusCode};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::timeout;
use url::Url;

use super::Finding;
use super::desk::Seen;
use crate::cli::chain;

const CHECK: &str = "desk.websocket";
const PATH: &str = "/socket.io/?EIO=4&transport=websocket";
/// Any 16 bytes in base64; nobody is to be convinced by it.
const KEY: &str = "aW5mb3JtZWpvLWRvY3Rvcg==";
/// How long the first frame may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// With what asks for a websocket.
pub(super) fn wish(request: RequestBuilder) -> RequestBuilder {
    request
        .header(CONNECTION, "Upgrade")
        .header(UPGRADE, "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", KEY)
}

/// Opens a websocket, and reads what it begins with. `seen` is how an ordinary request arrived that asked for the same.
pub(super) async fn look(client: &Client, public: &str, seen: Option<&Seen>) -> Finding {
    let fails = |problem: &str| fails(problem, seen);
    let origin = Url::parse(public).map(|url| url.origin().ascii_serialization());
    let request = wish(client.get(format!("{public}{PATH}"))).header(ORIGIN, origin.unwrap_or_default());
    let response = match request.send().await {
        Ok(response) => response,
        Err(error) => return fails(&chain(&error.without_url())),
    };
    match response.status() {
        StatusCode::SWITCHING_PROTOCOLS => {}
        StatusCode::FORBIDDEN => {
            return Finding::error(
                CHECK,
                "the help desk's own pages may not open one",
                "add the origin of APP_URL to ALLOWED_ORIGINS",
            );
        }
        status => return fails(&format!("the answer is {status}")),
    }
    let mut connection = match response.upgrade().await {
        Ok(connection) => connection,
        Err(error) => return fails(&chain(&error)),
    };
    match timeout(PATIENCE, first_text(&mut connection)).await {
        Ok(Ok(text)) if text.starts_with(b"0{") => Finding::ok(CHECK, "websockets come through"),
        Ok(Ok(_)) => fails("something else than the help desk answers"),
        Ok(Err(error)) => fails(&chain(&error)),
        Err(_) => fails("nothing comes through"),
    }
}

fn fails(problem: &str, seen: Option<&Seen>) -> Finding {
    let reason = seen.and_then(Seen::stripped_by).map_or_else(
        || problem.to_owned(),
        |who| format!("{who} takes away Upgrade and Connection"),
    );
    Finding::error(
        CHECK,
        format!("no websocket comes through: {reason}"),
        "have the proxy pass on Upgrade and Connection for /socket.io/ (HTTP/1.1 to the program); until then clients poll",
    )
}

/// The text of the first frame, which a server sends unmasked.
async fn first_text(connection: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Vec<u8>> {
    let mut head = [0; 2];
    connection.read_exact(&mut head).await?;
    let length = match head {
        [0x81, length @ 0..=125] => usize::from(length),
        [0x81, 126] => usize::from(connection.read_u16().await?),
        _ => return Err(std::io::Error::other("what comes is no text frame")),
    };
    let mut text = vec![0; length];
    connection.read_exact(&mut text).await?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_text_frame_is_read_and_nothing_else() {
        assert_eq!(first_text(&mut &b"\x81\x020{"[..]).await.unwrap(), b"0{");
        let long = [&b"\x81\x7e\x01\x00"[..], &[b'0'; 256]].concat();
        assert_eq!(first_text(&mut &long[..]).await.unwrap().len(), 256);
        for bad in [&b""[..], b"\x81", b"\x82\x01a", b"\x81\x05abc", b"HTTP/1.1"] {
            assert!(first_text(&mut &*bad).await.is_err(), "{bad:?}");
        }
    }
}
