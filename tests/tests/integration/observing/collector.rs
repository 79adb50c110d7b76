//! A collector of traces that remembers what it is sent, and one that never answers.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use tests::wait;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// It takes OTLP over HTTP, in protobuf.
pub(crate) struct Collector {
    address: SocketAddr,
    spans: Arc<Mutex<Vec<Span>>>,
}

impl Collector {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let spans = Arc::new(Mutex::new(Vec::new()));
        let taken = Arc::clone(&spans);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(take(connection, Arc::clone(&taken)));
            }
        });
        Self { address, spans }
    }

    /// Its address, as a setting says it.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The spans of the trace to which a span belongs that `is_one`, once it has one of each of these names.
    pub(crate) async fn trace(&self, is_one: impl Fn(&Span) -> bool, names: &[&str]) -> Vec<Span> {
        wait::until(names, async || {
            let spans = self.spans.lock().unwrap();
            let one = spans.iter().find(|span| is_one(span))?;
            let trace: Vec<_> = spans
                .iter()
                .filter(|span| span.trace_id == one.trace_id)
                .collect();
            let has = |name: &&str| trace.iter().any(|span| span.name == **name);
            names
                .iter()
                .all(has)
                .then(|| trace.into_iter().cloned().collect())
        })
        .await
    }
}

/// Takes messages until the connection ends.
async fn take(mut connection: TcpStream, spans: Arc<Mutex<Vec<Span>>>) -> std::io::Result<()> {
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(connection.read_u8().await?);
        }
        let head = String::from_utf8(head).unwrap().to_lowercase();
        assert!(head.starts_with("post /v1/traces http/1.1\r\n"), "{head}");
        assert!(head.contains("content-type: application/x-protobuf"), "{head}");
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.unwrap().parse().unwrap()];
        connection.read_exact(&mut body).await?;
        let message = ExportTraceServiceRequest::decode(&body[..]).unwrap();
        for resource in message.resource_spans {
            let attributes = resource.resource.unwrap().attributes;
            assert!(attributes.iter().any(|attribute| attribute.key == "service.name"));
            for scope in resource.scope_spans {
                spans.lock().unwrap().extend(scope.spans);
            }
        }
        let answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n";
        connection.write_all(answer).await?;
    }
}

/// One that takes connections and never answers.
pub(crate) async fn dead() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((connection, _)) = listener.accept().await {
            held.push(connection);
        }
    });
    format!("http://{address}")
}
