//! A desk behind nginx, and behind HAProxy and nginx, as the guide has it (S-003, S-017, S-031, S-043 to S-045, S-050 to
//! S-062): people, live updates by each transport, uploads, addresses and schemes.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::Command;

use reqwest::Method;
use serde_json::{Value, json};
use tests::app::{Client, TestApp};
use tests::process::{command, run};
use tests::socketio::{ConnectOptions, SocketClient};

use super::fronts::{Front, addresses, nginx_around};
use super::shipped::{self, Certificate, succeed};

/// What a file may have here: more than nginx lets through by itself, and more than the original's site did.
const FILE_BYTES_MAX: usize = 24 << 20;
/// Somebody who comes from another address than the proxies.
const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 7));

/// A desk that is reached at `public` and believes proxies at 127.0.0.1.
async fn desk(public: SocketAddr) -> TestApp {
    TestApp::with(&[
        ("APP_URL", &format!("https://{public}")),
        ("TRUSTED_PROXIES", "127.0.0.1"),
        ("MAX_FILE_SIZE", &FILE_BYTES_MAX.to_string()),
    ])
    .await
}

/// An HTTP client that trusts the certificate, and comes from elsewhere.
fn http(certificate: &Certificate) -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .local_address(ELSEWHERE)
        .tls_certs_only([reqwest::Certificate::from_pem(certificate.pem.as_bytes()).unwrap()])
        .build()
        .unwrap()
}

fn socket_options(person: &Client, certificate: &Certificate) -> ConnectOptions {
    ConnectOptions::default()
        .token(person.token())
        .with("ca", json!(certificate.pem))
}

/// Everything that people do with a desk, by the address that they type.
async fn people_work(app: &TestApp, front: &Front, certificate: &Certificate) {
    let ada = app.admin("Ada").await.by(http(certificate), &front.url());
    let page = ada.nobody().get("/").await.is(200);
    assert!(page.text().contains("<title>Informejo</title>"));

    cookies_and_links_are_for_https(&ada).await;
    the_client_is_who_it_is(&ada).await;
    comments_arrive_live(&ada, front, certificate).await;
    files_pass(&ada).await;
    for check in [
        "desk.program",
        "desk.address",
        "desk.forwarding",
        "desk.websocket",
    ] {
        let finding = doctor(app, front, certificate, check).await;
        assert_eq!(finding["level"], "ok", "{finding}");
    }

    // Who comes without https is sent there; who asks whether it lives is answered.
    let plain = ada
        .nobody()
        .by(http(certificate), &format!("http://{}", front.http));
    let sent = plain.get("/docs?a=b").await.is(308);
    assert_eq!(sent.header("location"), "https://127.0.0.1/docs?a=b");
    plain.get("/health").await.is(200);
}

/// What `informejo doctor` finds through the address that people type.
async fn doctor(app: &TestApp, front: &Front, certificate: &Certificate, check: &str) -> Value {
    let mut doctor = command();
    doctor
        .args(["doctor", "--json"])
        .env("DATABASE_URL", app.database().url())
        .env("DATA_DIR", app.data_dir())
        .env("APP_URL", front.url())
        .env("HOST", "127.0.0.1")
        .env("PORT", app.address().port().to_string())
        .env("SSL_CERT_FILE", certificate.file("cert.pem"));
    let said = run(&mut doctor, "").await;
    let said: Value = serde_json::from_slice(&said.stdout).unwrap();
    let findings = said["findings"].as_array().unwrap();
    let found = findings.iter().find(|finding| finding["check"] == check);
    found.unwrap_or_else(|| panic!("{check}: {said}")).clone()
}

async fn cookies_and_links_are_for_https(ada: &Client) {
    let wish = json!({ "email": ada.email(), "password": ada.password });
    let answer = ada.nobody().post("/api/auth/login", &wish).await.is(200);
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-informejo_session="), "{cookie}");
    assert!(cookie.contains("; Secure"), "{cookie}");
    assert!(!answer.header("strict-transport-security").is_empty());

    let wish =
        json!({ "title": "Seen from outside", "description": "By way of proxies", "category": "NETWORK" });
    let made = ada.post("/api/tickets", &wish).await.is(201);
    // No host and no port, so none that could be wrong, whatever X-Forwarded-Port says.
    let link = made.header("location").to_owned();
    assert_eq!(
        link,
        format!("/api/tickets/{}", made.json()["id"].as_str().unwrap())
    );
    ada.get(&link).await.is(200);

    // A browser's cookie and page: the origin that people see is the desk's own.
    let session = answer.cookie("__Host-informejo_session").unwrap();
    let request = ada.nobody().request(Method::POST, "/api/auth/logout");
    let cookie = format!("__Host-informejo_session={session}");
    let request = request.header("cookie", &cookie).header("origin", ada.base());
    request.send().await.good();
    let request = ada.nobody().request(Method::GET, "/api/auth/me");
    request.header("cookie", &cookie).send().await.problem(401);
}

async fn the_client_is_who_it_is(ada: &Client) {
    let request = ada.nobody().request(Method::GET, "/api/origin");
    let seen = request
        .header("x-forwarded-for", "203.0.113.66")
        .header("x-forwarded-proto", "http")
        .header("x-forwarded-port", "8080")
        .header("connection", "Upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "aW5mb3JtZWpvLWRvY3Rvcg==")
        .send()
        .await
        .good();
    assert_eq!(
        seen,
        json!({
            "address": ELSEWHERE.to_string(),
            "secure": true,
            "forwarding": "believed",
            "via": ["127.0.0.1"],
            "upgraded": true,
        })
    );
    let seen = ada.nobody().get("/api/origin").await.good();
    assert_eq!(seen["upgraded"], false, "nobody asked for it");
}

async fn comments_arrive_live(ada: &Client, front: &Front, certificate: &Certificate) {
    let ticket = ada.new_ticket("Live behind proxies").await;
    let mut sockets = Vec::new();
    for transports in [&["websocket"][..], &["polling"], &["polling", "websocket"]] {
        let options = socket_options(ada, certificate).transports(transports);
        let socket = SocketClient::connect(&front.url(), options).await;
        if transports.len() > 1 {
            assert_eq!(socket.upgraded().await, "websocket");
        } else {
            assert_eq!(socket.identity().1, transports[0]);
        }
        let joined = socket.ask("join-ticket", json!([ticket["id"]])).await;
        assert_eq!(joined[0]["ok"], true, "{joined:?}");
        sockets.push(socket);
    }
    let path = format!("/api/tickets/{}/comments", ticket["id"].as_str().unwrap());
    let comment = ada
        .post(&path, &json!({ "content": "Seen at once" }))
        .await
        .is(201)
        .json();
    for socket in &sockets {
        let told = socket.expect("comment:added").await;
        assert_eq!(told[0]["id"], comment["id"]);
    }
}

async fn files_pass(ada: &Client) {
    let ticket = ada.new_ticket("With a large file").await;
    let path = format!("/api/tickets/{}/attachments", ticket["id"].as_str().unwrap());
    let bytes: Vec<u8> = (0..=250_u8).cycle().take(FILE_BYTES_MAX).collect();
    let stored = ada
        .upload(&path, "large.bin", "application/octet-stream", &bytes)
        .await;
    let stored = stored.is(201).json();
    let link = stored["filePath"].as_str().unwrap();
    assert!(
        ada.get(link).await.is(200).body == bytes,
        "another file came back"
    );
    // One byte more is refused, by the program itself.
    let too_large = [&bytes[..], &[0]].concat();
    let refused = ada
        .upload(&path, "large.bin", "application/octet-stream", &too_large)
        .await;
    assert_eq!(refused.problem(413)["status"], 413);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desk_behind_nginx_is_whole() {
    let (certificate, at) = (Certificate::new(), addresses());
    let app = desk(at.1).await;
    let mut nginx = Front::nginx(&[app.address()], at, &certificate).await;
    people_work(&app, &nginx, &certificate).await;
    assert!(nginx.works(), "{}", nginx.file("said"));
    let log = nginx.file("informejo_access.log");
    assert!(log.contains("/socket.io/") && log.contains("127.0.0.7"), "{log}");
    assert!(!log.contains("/health"), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desk_behind_haproxy_and_nginx_is_whole() {
    let (certificate, at) = (Certificate::new(), addresses());
    let app = desk(at.1).await;
    let nginx = Front::nginx(&[app.address()], addresses(), &certificate).await;
    let mut haproxy = Front::haproxy(&[("nginx", nginx.http)], at, &certificate).await;
    people_work(&app, &haproxy, &certificate).await;
    assert!(haproxy.works(), "{}", haproxy.file("said"));
    let log = nginx.file("informejo_access.log");
    assert!(log.contains("127.0.0.7"), "HAProxy is believed: {log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whom_nobody_trusts_is_not_believed() {
    let (certificate, at) = (Certificate::new(), addresses());
    let app = TestApp::with(&[("APP_URL", &format!("https://{}", at.1))]).await;
    let nginx = Front::nginx(&[app.address()], at, &certificate).await;
    let nobody = app.anonymous().by(http(&certificate), &nginx.url());
    let seen = nobody.get("/api/origin").await.good();
    let stranger = json!({
        "address": "127.0.0.1", "secure": false, "forwarding": "ignored", "via": [], "upgraded": false,
    });
    assert_eq!(seen, stranger);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_names_the_proxy_that_lets_no_websocket_through() {
    let (certificate, at) = (Certificate::new(), addresses());
    let app = desk(at.1).await;
    let without = |site: String| site.replace("proxy_set_header Upgrade $http_upgrade;", "");
    let nginx = Front::nginx_with(&[app.address()], at, &certificate, without).await;
    let finding = doctor(&app, &nginx, &certificate, "desk.websocket").await;
    assert_eq!(finding["level"], "error", "{finding}");
    let says = finding.to_string();
    assert!(
        says.contains("the proxy 127.0.0.1 takes away Upgrade and Connection"),
        "{says}"
    );
    // Who cannot have a websocket has the same by polling.
    let ada = app.admin("Ada").await;
    let options = socket_options(&ada, &certificate).transports(&["polling", "websocket"]);
    let socket = SocketClient::connect(&nginx.url(), options).await;
    ada.new_ticket("Heard by polling").await;
    socket.expect("ticket:created").await;
    assert_eq!(socket.identity().1, "polling");
}

#[test]
fn nginx_and_haproxy_take_the_shipped_files() {
    let certificate = Certificate::new();
    let folder = tests::postgres::new_data_dir();
    let site = shipped::with(
        "nginx.conf",
        &[
            ("/etc/ssl/informejo/fullchain.pem", &certificate.file("cert.pem")),
            ("/etc/ssl/informejo/privkey.pem", &certificate.file("key.pem")),
            ("/var/log/nginx", folder.path().to_str().unwrap()),
        ],
    );
    let (site_file, file) = (folder.path().join("site.conf"), folder.path().join("nginx.conf"));
    std::fs::write(&site_file, site).unwrap();
    std::fs::write(&file, nginx_around(&site_file, folder.path())).unwrap();
    let mut nginx: Command = shipped::tool("nginx");
    nginx
        .args(["-t", "-e", "stderr", "-p"])
        .arg(folder.path())
        .arg("-c")
        .arg(&file);
    let said = succeed(&mut nginx);
    assert!(!said.contains("[warn]"), "{said}");

    let configuration = shipped::with(
        "haproxy.cfg",
        &[
            ("/etc/haproxy/certs/informejo.pem", &certificate.file("both.pem")),
            ("user haproxy", "user nobody"),
            ("group haproxy", "group nogroup"),
        ],
    );
    let file = folder.path().join("haproxy.cfg");
    std::fs::write(&file, configuration).unwrap();
    let said = succeed(shipped::tool("haproxy").args(["-c", "-f"]).arg(&file));
    assert!(!said.contains("WARNING"), "{said}");
}

#[test]
fn the_files_hold_what_the_guide_says() {
    let nginx = shipped::read("nginx.conf");
    for line in [
        "server 127.0.0.1:3003;",
        "keepalive 64;",
        "location /socket.io/ {",
        "location / {",
        "location = /health {",
        "proxy_read_timeout 86400s;",
        "proxy_send_timeout 86400s;",
        "access_log /var/log/nginx/informejo_access.log;",
        "error_log /var/log/nginx/informejo_error.log;",
    ] {
        assert!(
            nginx.lines().any(|found| found.trim() == line),
            "nginx.conf: {line}"
        );
    }
    let haproxy = shipped::read("haproxy.cfg");
    for line in [
        "bind *:80",
        "mode http",
        "option http-server-close",
        "option forwardfor",
        "default_backend informejo_backend",
        "timeout connect 5s",
        "timeout tunnel 24h",
        "http-request set-header X-Forwarded-Proto https",
        "http-request set-header X-Forwarded-Port %[dst_port]",
    ] {
        assert!(
            haproxy.lines().any(|found| found.trim() == line),
            "haproxy.cfg: {line}"
        );
    }
    // Every upload that the program may be told to take fits through nginx.
    let megabytes: Value = serde_json::from_str(
        nginx
            .split("client_max_body_size ")
            .nth(1)
            .and_then(|rest| rest.split("m;").next())
            .unwrap(),
    )
    .unwrap();
    assert!(megabytes.as_u64().unwrap() << 20 > (1 << 30) + 16 * 1024);
}
