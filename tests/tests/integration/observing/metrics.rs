//! Figures for Prometheus, of a server that is used.

use ops::metrics::names::{FIGURES, Kind};
use reqwest::Method;
use serde_json::json;
use tests::app::{Client, TestApp};
use tests::chaos_proxy::Weather;
use tests::socketio::{ConnectOptions, SocketClient};
use tests::wait;

use super::scraped::Scraped;

async fn watched() -> TestApp {
    TestApp::with(&[("METRICS_ADDRESS", "127.0.0.1:0")]).await
}

#[tokio::test]
async fn what_happens_is_counted() {
    let app = watched().await;
    let ada = app.user("Ada").await;
    let socket = SocketClient::connect(&app.url(), ConnectOptions::default().token(ada.token())).await;
    let before = Scraped::of(&app).await;

    let wish = json!({ "title": "Printer", "description": "It is on fire", "category": "HARDWARE" });
    for _ in 0..2 {
        let request = ada.request(Method::POST, "/api/tickets");
        request
            .header("Idempotency-Key", "one")
            .json(&wish)
            .send()
            .await
            .is(201);
    }
    let path = format!(
        "/api/tickets/{}",
        ada.new_ticket("Screen").await["id"].as_str().unwrap()
    );
    ada.get(&path).await.is(200);
    wait::until("both broadcasts", async || {
        let after = Scraped::of(&app).await;
        let name = "informejo_realtime_broadcasts_total{event=\"ticket:created\"}";
        (after.get(name) - before.get(name) >= 2.0).then_some(())
    })
    .await;

    let after = Scraped::of(&app).await;
    let grown = |name: &str| after.get(name) - before.get(name);
    let created = "{method=\"POST\",route=\"/api/tickets\",status=\"201\"}";
    for (name, by) in [
        ("informejo_log_appends_total", 2.0),
        ("informejo_log_events_total", 2.0),
        ("informejo_log_duplicate_commands_total", 1.0),
        ("informejo_log_append_duration_seconds_count", 2.0),
        ("informejo_log_batch_events_sum", 2.0),
        ("informejo_log_head_position", 2.0),
        ("informejo_realtime_position", 2.0),
        ("informejo_realtime_frames_total", 2.0),
        (&format!("informejo_http_requests_total{created}"), 3.0),
        (
            "informejo_http_request_duration_seconds_count{method=\"POST\",route=\"/api/tickets\"}",
            3.0,
        ),
        (
            "informejo_http_requests_total{method=\"GET\",route=\"/api/tickets/{id}\",status=\"200\"}",
            1.0,
        ),
    ] {
        assert!((grown(name) - by).abs() < 0.1, "{name}: {}", grown(name));
    }
    #[expect(clippy::cast_precision_loss, reason = "a short log")]
    let head = app.head().await as f64;
    for projection in ["tickets", "people"] {
        let get = |name: &str| {
            after.get(&format!(
                "informejo_projection_{name}{{projection=\"{projection}\"}}"
            ))
        };
        assert!((get("position") - head).abs() < 0.1, "{projection}");
        let state = [get("up"), get("leader"), get("generation")];
        assert!(
            state.iter().all(|figure| *figure >= 1.0),
            "{projection}: {state:?}"
        );
        assert!(get("lag_events") + get("parked_streams") < 0.1, "{projection}");
    }
    assert!(after.get("informejo_realtime_sockets{transport=\"websocket\"}") > 0.9);
    assert!(after.get("informejo_disk_free_bytes{folder=\"data\"}") > 1e6);
    drop(socket);
}

#[tokio::test]
async fn all_figures_are_there_from_the_start_and_no_others() {
    let app = watched().await;
    app.anonymous().get("/health").await.is(200);
    let scraped = Scraped::of(&app).await;
    for figure in FIGURES {
        let kind = match figure.kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram(_) => "histogram",
        };
        let name = figure.name;
        assert_eq!(scraped.types.get(name).map(String::as_str), Some(kind), "{name}");
        assert!(scraped.explained.contains(name), "{name} is not explained");
        for label in figure.labels {
            let labelled = |line: &str| line.starts_with(name) && line.contains(&format!("{label}=\""));
            assert!(scraped.names().any(labelled), "{name} without its label {label}");
        }
    }
    assert_eq!(scraped.types.len(), FIGURES.len(), "{:?}", scraped.types.keys());
}

#[tokio::test]
async fn whatever_clients_ask_for_there_are_not_more_figures() {
    let app = watched().await;
    let nobody = app.anonymous();
    nobody.get("/x").await.is(404);
    let brew = Method::from_bytes(b"BREW").unwrap();
    nobody.request(brew, "/x").send().await;
    nobody.get("/api/tickets/1").await;
    let before = Scraped::of(&app).await.names().count();
    for number in 0..50 {
        nobody.get(&format!("/x/{number}?{number}")).await.is(404);
        let method = Method::from_bytes(format!("BREW{number}").as_bytes()).unwrap();
        nobody.request(method, "/x").send().await;
        nobody.get(&format!("/api/tickets/{number}")).await;
    }
    let after = Scraped::of(&app).await;
    assert_eq!(
        after.names().count(),
        before,
        "{:?}",
        after.names().collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn figures_have_a_door_of_their_own_and_servers_do_not_mix() {
    let (one, other) = tokio::join!(watched(), watched());
    one.anonymous().get("/metrics").await.is(404);
    let door = Client::anonymous(&format!("http://{}", one.metrics_address()));
    door.get("/").await.is(404);
    door.get("/api/tickets").await.is(404);
    door.post("/metrics", &json!({})).await.is(405);
    one.anonymous().get("/version").await;
    let count = |scraped: &Scraped| {
        scraped
            .names()
            .filter(|line| line.contains("/api/version"))
            .count()
    };
    assert_eq!(count(&Scraped::of(&other).await), 0);
    let address = one.metrics_address();
    one.stop().await;
    assert!(
        tokio::net::TcpStream::connect(address).await.is_err(),
        "still open"
    );
}

#[tokio::test]
async fn figures_are_shown_during_an_outage() {
    let (app, proxy) = TestApp::behind_proxy(&[("METRICS_ADDRESS", "127.0.0.1:0")]).await;
    proxy.set(Weather::Blackhole);
    app.anonymous().get("/health").await.is(200);
    let scraped = Scraped::of(&app).await;
    assert!(scraped.has("informejo_log_head_position"));
}
