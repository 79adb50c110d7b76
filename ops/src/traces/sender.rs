//! The HTTP client of the exporter, whose thread has no runtime: the requests are made on the program's.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use reqwest::{Client, redirect};
use tokio::runtime::Handle;

/// What is read of an answer, at most: there is nothing in it that anybody wants.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// See above.
pub(super) struct Sender {
    client: Client,
    runtime: Handle,
    /// The last message was not taken, and somebody was told so.
    fails: AtomicBool,
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").finish_non_exhaustive()
    }
}

impl Sender {
    /// To be called inside the runtime that is to make the requests.
    pub(super) fn new(timeout: Duration) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .connect_timeout(timeout)
            .timeout(timeout)
            .no_proxy()
            .user_agent("informejo")
            .build()?;
        Ok(Self {
            client,
            runtime: Handle::current(),
            fails: AtomicBool::new(false),
        })
    }

    /// Says once that traces are lost, and once that they are not any more.
    fn tell(&self, problem: Option<&str>) {
        let fails = problem.is_some();
        if self.fails.swap(fails, Ordering::Relaxed) == fails {
            return;
        }
        if let Some(problem) = problem {
            tracing::warn!(problem, "the collector does not take traces: they are dropped");
        } else {
            tracing::info!("the collector takes traces again");
        }
    }
}

#[async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let sent = self
            .runtime
            .spawn(async move { send(&client, request).await })
            .await;
        let sent = sent
            .map_err(HttpError::from)
            .and_then(|sent| sent.map_err(HttpError::from));
        match &sent {
            Ok(response) if response.status().is_success() => self.tell(None),
            Ok(response) => self.tell(Some(response.status().as_str())),
            Err(error) => self.tell(Some(&error.to_string())),
        }
        sent
    }
}

async fn send(client: &Client, request: Request<Bytes>) -> Result<Response<Bytes>, reqwest::Error> {
    let request = reqwest::Request::try_from(request)?;
    let mut response = client.execute(request).await?;
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = response.status();
    *answer.headers_mut() = response.headers().clone();
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await? {
        if body.len() + piece.len() > ANSWER_BYTES_MAX {
            break;
        }
        body.extend_from_slice(&piece);
    }
    *answer.body_mut() = body.into();
    Ok(answer)
}
