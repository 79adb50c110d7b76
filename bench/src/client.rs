//! A light HTTP client: one connection that stays open, one request after the other.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::outcome::Outcome;

/// A connection to the program.
pub(crate) struct Client {
    requests: SendRequest<Full<Bytes>>,
    host: String,
    /// Who asks: an Authorization header.
    authorization: Option<String>,
}

impl Client {
    /// Connects; nobody is signed in.
    pub(crate) async fn connect(address: SocketAddr) -> Outcome<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (requests, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection); // whoever sends a request is told of its end
        Ok(Self {
            requests,
            host: address.to_string(),
            authorization: None,
        })
    }

    /// The same for somebody with a session.
    #[must_use]
    pub(crate) fn signed_in(mut self, token: &str) -> Self {
        self.authorization = Some(format!("Bearer {token}"));
        self
    }

    pub(crate) async fn get(&mut self, path: &str) -> Outcome<(StatusCode, Bytes)> {
        self.send(Method::GET, path, Bytes::new()).await
    }

    /// Sends JSON; anything but success is a failure.
    pub(crate) async fn post(&mut self, path: &str, body: Bytes) -> Outcome<Bytes> {
        let (status, answer) = self.send(Method::POST, path, body).await?;
        if status.is_success() {
            Ok(answer)
        } else {
            Err(format!("POST {path}: {status}: {}", String::from_utf8_lossy(&answer)).into())
        }
    }

    /// As [`Client::post`]; also gives the position at which the answer stands.
    pub(crate) async fn post_at(&mut self, path: &str, body: Bytes) -> Outcome<(Bytes, String)> {
        let answer = self.exchange(Method::POST, path, body, None).await?;
        let position = answer
            .headers()
            .get("x-position")
            .and_then(|value| value.to_str().ok());
        let position = position.ok_or("an answer without a position")?.to_owned();
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        if status.is_success() {
            Ok((body, position))
        } else {
            Err(format!("POST {path}: {status}: {}", String::from_utf8_lossy(&body)).into())
        }
    }

    /// Asks for what is there at `position` or later.
    pub(crate) async fn get_at(&mut self, path: &str, position: &str) -> Outcome<(StatusCode, Bytes)> {
        let answer = self
            .exchange(Method::GET, path, Bytes::new(), Some(position))
            .await?;
        let status = answer.status();
        Ok((status, answer.into_body().collect().await?.to_bytes()))
    }

    /// The session of somebody who signs in.
    pub(crate) async fn sign_in(&mut self, email: &str, password: &str) -> Outcome<String> {
        let body = serde_json::json!({"email": email, "password": password}).to_string();
        let answer: Value = serde_json::from_slice(&self.post("/api/auth/login", body.into()).await?)?;
        let token = answer["token"].as_str().ok_or("an answer without a token")?;
        Ok(token.to_owned())
    }

    async fn send(&mut self, method: Method, path: &str, body: Bytes) -> Outcome<(StatusCode, Bytes)> {
        let answer = self.exchange(method, path, body, None).await?;
        let status = answer.status();
        Ok((status, answer.into_body().collect().await?.to_bytes()))
    }

    async fn exchange(
        &mut self,
        method: Method,
        path: &str,
        body: Bytes,
        min_position: Option<&str>,
    ) -> Outcome<Response<Incoming>> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, &self.host)
            .header(CONTENT_TYPE, "application/json");
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        if let Some(position) = min_position {
            request = request.header("Min-Position", position);
        }
        self.requests.ready().await?;
        Ok(self.requests.send_request(request.body(Full::new(body))?).await?)
    }
}
