//! Traces: one from a request through the log to what follows from it, in other tasks and on other nodes.

use std::time::Duration;

use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use reqwest::Method;
use serde_json::{Value, json};
use tests::app::{Client, TestApp};
use tests::process::{Ground, ServerProcess};
use tests::wait;

use super::collector::{self, Collector};

/// What one comment leaves behind.
const NAMES: &[&str] = &[
    "POST /api/tickets",
    "command",
    "append",
    "projection tickets",
    "broadcast",
];
const REMOTE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

async fn serve(ground: &Ground, collector: &str, further: &[(&str, &str)]) -> (ServerProcess, Client) {
    let settings = [&[("OTLP_ENDPOINT", collector)][..], further].concat();
    let server = ground.serve(&settings).await;
    let ada = server.nobody().sign_up("Ada").await;
    (server, ada)
}

/// Opens a ticket in a request with these headers; gives back its event's metadata.
async fn new_ticket(ground: &Ground, ada: &Client, headers: &[(&str, &str)]) -> Value {
    let wish =
        json!({ "title": "Printer", "description": "It burns with a blue flame", "category": "OTHER" });
    let mut request = ada.request(Method::POST, "/api/tickets").json(&wish);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let ticket = request.send().await.is(201).json();
    let id = uuid::Uuid::try_parse(ticket["id"].as_str().unwrap()).unwrap();
    let sql = "SELECT metadata::text FROM log.events WHERE stream = $1";
    let row = ground
        .database
        .admin()
        .await
        .query_one(sql, &[&id])
        .await
        .unwrap();
    serde_json::from_str(row.get(0)).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn named<'a>(trace: &'a [Span], name: &str) -> &'a Span {
    trace.iter().find(|span| span.name == name).unwrap()
}

/// The trace that an event's metadata names.
async fn trace_of(collector: &Collector, metadata: &Value) -> Vec<Span> {
    let traceparent = metadata["traceparent"].as_str().unwrap().to_owned();
    let id = &traceparent[3..35];
    collector.trace(|span| hex(&span.trace_id) == id, NAMES).await
}

#[tokio::test]
async fn one_trace_leads_from_the_request_to_the_broadcast() {
    let (ground, collector) = (Ground::new().await, Collector::open().await);
    let (mut server, ada) = serve(&ground, &collector.url(), &[]).await;
    let metadata = new_ticket(&ground, &ada, &[]).await;
    let trace = trace_of(&collector, &metadata).await;

    let [request, command, append, projection, broadcast] =
        std::array::from_fn(|index| named(&trace, NAMES[index]));
    assert_eq!(request.parent_span_id, [0; 0]);
    assert_eq!(command.parent_span_id, request.span_id);
    assert_eq!(append.parent_span_id, command.span_id);
    for follower in [projection, broadcast] {
        assert_eq!(follower.parent_span_id, append.span_id, "{}", follower.name);
        assert_eq!(follower.kind, SpanKind::Consumer as i32, "{}", follower.name);
    }
    assert_eq!(request.kind, SpanKind::Server as i32);
    let traceparent = metadata["traceparent"].as_str().unwrap();
    assert_eq!(&traceparent[36..52], hex(&append.span_id));
    for span in &trace {
        assert!(span.end_time_unix_nano >= span.start_time_unix_nano);
    }
    let status = request
        .attributes
        .iter()
        .find(|one| one.key == "http.response.status_code");
    assert!(format!("{status:?}").contains("201"), "{status:?}");

    // Log lines are as without traces, and what is left is sent at the end.
    ada.get("/api/tickets").await.is(200);
    let line = server.log().line_with("http.route=\"/api/tickets\"").await;
    assert!(
        line.contains("request{request.id=") && !line.contains("otel."),
        "{line}"
    );
    assert!(server.terminate(Duration::from_secs(10)).await.success());
    wait::until("the last span", async || {
        let sent = collector.trace(|span| span.name == "GET /api/tickets", &["GET /api/tickets"]);
        (!sent.await.is_empty()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_trusted_proxys_trace_is_taken_up_and_nobody_elses() {
    let (ground, collector) = (Ground::new().await, Collector::open().await);
    let (_trusting, ada) = serve(&ground, &collector.url(), &[("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let metadata = new_ticket(&ground, &ada, &[("traceparent", REMOTE)]).await;
    let trace = trace_of(&collector, &metadata).await;
    assert_eq!(hex(&named(&trace, NAMES[0]).trace_id), &REMOTE[3..35]);
    assert_eq!(hex(&named(&trace, NAMES[0]).parent_span_id), &REMOTE[36..52]);

    for hostile in [
        "",
        "nonsense",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        &"00-4bf92f3577b34da6a3ce929d0e0e4736".repeat(100),
    ] {
        let metadata = new_ticket(&ground, &ada, &[("traceparent", hostile)]).await;
        let trace = trace_of(&collector, &metadata).await;
        assert_eq!(named(&trace, NAMES[0]).parent_span_id, [0; 0], "{hostile}");
    }
    // What the proxy has decided not to look at is not looked at, but its events say where they belong.
    let unsampled = REMOTE.replace("4bf9", "5bf9").replace("-01", "-00");
    let metadata = new_ticket(&ground, &ada, &[("traceparent", &unsampled)]).await;
    let traceparent = metadata["traceparent"].as_str().unwrap();
    assert_eq!(
        (&traceparent[..35], &traceparent[52..]),
        (&unsampled[..35], "-00")
    );

    let (_wary, ada) = {
        let server = ground.serve(&[("OTLP_ENDPOINT", &collector.url())]).await;
        let ada = ada.at(&server.url());
        (server, ada)
    };
    let remote = REMOTE.replace("4bf9", "6bf9");
    let metadata = new_ticket(&ground, &ada, &[("traceparent", &remote)]).await;
    assert_ne!(&metadata["traceparent"].as_str().unwrap()[3..35], &remote[3..35]);
}

#[tokio::test]
async fn another_node_goes_on_with_the_trace() {
    let (ground, one, other) = (
        Ground::new().await,
        Collector::open().await,
        Collector::open().await,
    );
    let (_first, ada) = serve(&ground, &one.url(), &[]).await;
    let _second = ground.serve(&[("OTLP_ENDPOINT", &other.url())]).await;
    let metadata = new_ticket(&ground, &ada, &[]).await;
    let id = &metadata["traceparent"].as_str().unwrap()[3..35];
    let there = other
        .trace(|span| hex(&span.trace_id) == id, &["broadcast"])
        .await;
    let here = trace_of(&one, &metadata).await;
    assert_eq!(
        named(&there, "broadcast").parent_span_id,
        named(&here, "append").span_id
    );
}

#[tokio::test]
async fn a_dead_collector_keeps_nobody_waiting() {
    let ground = Ground::new().await;
    let dead = collector::dead().await;
    let (mut server, ada) = serve(&ground, &dead, &[]).await;
    for _ in 0..20 {
        new_ticket(&ground, &ada, &[]).await;
    }
    server.log().line_with("the collector does not take traces").await;
    ada.get("/api/tickets").await.is(200);
    assert!(server.terminate(Duration::from_secs(10)).await.success());
}

#[tokio::test]
async fn without_a_collector_there_is_no_trace_of_traces() {
    let app = TestApp::new().await;
    let ada = app.user("Ada").await;
    let request = ada.request(Method::GET, "/api/tickets");
    request.header("traceparent", REMOTE).send().await.is(200);
    ada.new_ticket("Printer").await;
    let sql = "SELECT count(*) FROM log.events WHERE metadata::text LIKE '%traceparent%'";
    let row = app.database().admin().await.query_one(sql, &[]).await.unwrap();
    assert_eq!(row.get::<_, i64>(0), 0);
}
