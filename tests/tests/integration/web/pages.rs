//! The browser client, as it is served: the page at each of its addresses, and the files that it is made of.

use std::collections::BTreeSet;

use reqwest::Method;
use tests::app::{Answer, Client, TestApp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const ID: &str = "00000000-0000-4000-8000-000000000000";
/// What a browser says that it can show.
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
/// Where people come to.
const ADDRESSES: [&str; 31] = [
    "/",
    "/login",
    "/register",
    "/register/confirm",
    "/forgot-password",
    "/reset-password",
    "/unsubscribe",
    "/link-account",
    "/submit-ticket",
    "/submit-ticket/success",
    "/dashboard",
    "/tickets",
    "/tickets?status=OPEN&sort=oldest",
    "/tickets/new",
    "/tickets/view",
    "/tickets/view/{id}",
    "/tickets/{id}",
    "/search",
    "/account",
    "/notifications",
    "/admin",
    "/admin/dashboard",
    "/admin/tickets",
    "/admin/tickets/{id}",
    "/admin/users",
    "/audit",
    "/audit/log",
    "/audit/tickets/{id}/history",
    "/ops",
    "/ops/projections",
    "/ops/projections/tickets/parked",
];

fn addresses() -> impl Iterator<Item = String> {
    ADDRESSES.iter().map(|path| path.replace("{id}", ID))
}

async fn opened(client: &Client, path: &str) -> Answer {
    let request = client.request(Method::GET, path).header("Accept", BROWSER);
    request.send().await
}

/// The files that the page names.
pub(crate) async fn assets(client: &Client) -> BTreeSet<String> {
    let page = client.get("/").await.is(200).text();
    let named = page
        .split(['"', '\''])
        .filter(|part| part.starts_with("/assets/"));
    let assets: BTreeSet<_> = named.map(str::to_owned).collect();
    assert!(assets.len() > 1, "no script and no style: {page}");
    assets
}

async fn encoded(client: &Client, path: &str, encodings: &str) -> Answer {
    let request = client
        .request(Method::GET, path)
        .header("Accept-Encoding", encodings);
    request.send().await.is(200)
}

#[tokio::test]
async fn every_address_shows_the_same_page_which_is_told_nothing_about_anybody() {
    let app = TestApp::new().await;
    let anonymous = app.anonymous();
    let (ulla, ada) = (app.user("Ulla").await, app.admin("Ada").await);
    let ticket = ulla.new_ticket("Printer on fire").await;
    let page = opened(&anonymous, "/").await.is(200);
    let own = format!("/tickets/{}", ticket["id"].as_str().unwrap());
    for path in addresses().chain([own]) {
        for somebody in [&anonymous, &ulla.in_browser(), &ada.in_browser()] {
            let shown = opened(somebody, &path).await.is(200);
            assert_eq!(shown.body, page.body, "{path}");
            assert_eq!(shown.header("content-type"), "text/html; charset=utf-8", "{path}");
            assert_eq!(shown.header("cache-control"), "no-cache", "{path}");
            assert_eq!(shown.header("etag"), page.header("etag"), "{path}");
            assert!(!shown.headers.contains_key("set-cookie"), "{path}");
        }
        // Whatever else asks for an address that there is, gets the page as well.
        assert_eq!(anonymous.get(&path).await.is(200).body, page.body, "{path}");
        let head = anonymous.request(Method::HEAD, &path).send().await.is(200);
        assert!(head.body.is_empty(), "{path}");
        assert_eq!(
            head.header("content-length"),
            page.body.len().to_string(),
            "{path}"
        );
        for method in [Method::POST, Method::PUT, Method::DELETE] {
            let refused = ada.request(method.clone(), &path).send().await;
            refused.problem(405);
            assert_eq!(refused.header("allow"), "GET,HEAD", "{method} {path}");
        }
    }
}

#[tokio::test]
async fn the_page_is_asked_for_again_and_not_sent_again() {
    let app = TestApp::new().await;
    let anonymous = app.anonymous();
    let tag = anonymous.get("/").await.is(200).header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.len() > 20, "{tag}");
    for (known, status) in [
        (tag.clone(), 304),
        (format!("W/{tag}"), 304),
        ("\"other\"".to_owned(), 200),
    ] {
        let request = anonymous.request(Method::GET, "/dashboard");
        let answer = request.header("If-None-Match", &known).send().await.is(status);
        assert_eq!(answer.body.is_empty(), status == 304, "{known}");
        assert_eq!(answer.header("etag"), tag);
        assert_eq!(answer.header("cache-control"), "no-cache");
    }
}

#[tokio::test]
async fn a_page_may_load_what_is_here_and_nothing_else() {
    let app = TestApp::new().await;
    for path in addresses().chain(["/no-such-page".to_owned()]) {
        let shown = opened(&app.anonymous(), &path).await;
        let csp = shown.header("content-security-policy");
        let directives: BTreeSet<&str> = csp.split("; ").collect();
        for directive in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "manifest-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "form-action 'self'",
        ] {
            assert!(
                directives.contains(directive),
                "{path}: {directive} is not in {csp}"
            );
        }
        let connect = format!("connect-src 'self' ws://localhost:{}", app.address().port());
        assert!(directives.contains(connect.as_str()), "{path}: {csp}");
        assert_eq!(directives.len(), 11, "{path}: {csp}");
        let page = shown.text();
        for foreign in [
            "src=\"http",
            "href=\"http",
            "src=\"//",
            "href=\"//",
            "<style",
            " style=",
            "onload=",
        ] {
            assert!(!page.contains(foreign), "{path}: {foreign}");
        }
        // No script stands in the page itself.
        for script in page.split("<script").skip(1) {
            let (tag, inside) = script.split_once('>').unwrap();
            assert!(
                tag.contains(" src=\"/") && inside.starts_with("</script>"),
                "{script}"
            );
        }
    }
    // What programs read may still load nothing.
    let api = app.anonymous().get("/api/version").await;
    assert!(
        api.header("content-security-policy")
            .starts_with("default-src 'self'")
    );
}

#[tokio::test]
async fn the_page_says_where_the_desk_and_its_live_updates_are() {
    let content = |page: &str, name: &str| {
        let tag = page
            .split('<')
            .find(|tag| tag.contains(&format!("name=\"{name}\"")));
        let rest = tag.unwrap().split("content=\"").nth(1).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let app = TestApp::new().await;
    let page = app.anonymous().get("/").await.text();
    assert_eq!(content(&page, "informejo-socket-url"), "");
    assert_eq!(content(&page, "informejo-app-url"), "");

    let elsewhere = TestApp::with(&[
        ("APP_URL", "https://help.example.org"),
        ("NEXT_PUBLIC_SOCKET_URL", "https://live.example.org:8443/"),
    ])
    .await;
    let shown = elsewhere.anonymous().get("/").await;
    let page = shown.text();
    assert_eq!(
        content(&page, "informejo-socket-url"),
        "https://live.example.org:8443"
    );
    assert_eq!(content(&page, "informejo-app-url"), "https://help.example.org");
    assert!(
        shown
            .header("content-security-policy")
            .contains("connect-src 'self' https://live.example.org:8443 wss://live.example.org:8443;")
    );
}

#[tokio::test]
async fn what_the_page_is_made_of_is_kept_for_ever_and_sent_as_small_as_the_browser_takes_it() {
    let app = TestApp::new().await;
    let anonymous = app.anonymous();
    for path in assets(&anonymous).await {
        let plain = anonymous.get(&path).await.is(200);
        let kind = plain.header("content-type");
        assert!(
            kind.starts_with("text/javascript") || kind.starts_with("text/css"),
            "{path}: {kind}"
        );
        let mut tags = BTreeSet::new();
        for (encodings, expected) in [
            ("gzip, deflate, br, zstd", "br"),
            ("gzip", "gzip"),
            ("br;q=0, gzip;q=0.5", "gzip"),
            ("identity", ""),
            ("", ""),
        ] {
            let answer = encoded(&anonymous, &path, encodings).await;
            assert_eq!(
                answer.header("content-encoding"),
                expected,
                "{path} by {encodings:?}"
            );
            assert_eq!(answer.header("content-type"), kind);
            assert_eq!(
                answer.header("cache-control"),
                "public, max-age=31536000, immutable"
            );
            let vary: Vec<_> = answer.headers.get_all("vary").iter().collect();
            assert!(
                vary.contains(&&"accept-encoding".parse().unwrap()),
                "{path}: {vary:?}"
            );
            // What is tiny grows.
            let is_smaller = answer.body.len() < plain.body.len();
            assert!(
                is_smaller || expected.is_empty() || plain.body.len() < 1_024,
                "{path}"
            );
            assert!(!answer.headers.contains_key("set-cookie"));
            let tag = answer.header("etag").to_owned();
            let request = anonymous
                .request(Method::GET, &path)
                .header("Accept-Encoding", encodings);
            let again = request.header("If-None-Match", &tag).send().await.is(304);
            assert!(again.body.is_empty());
            assert_eq!(again.header("etag"), tag);
            tags.insert(tag);
        }
        assert_eq!(tags.len(), 3, "each form has a tag of its own: {tags:?}");
        let head = anonymous.request(Method::HEAD, &path).send().await.is(200);
        assert!(head.body.is_empty());
        assert_eq!(head.header("content-length"), plain.body.len().to_string());
        let refused = anonymous.request(Method::POST, &path).send().await;
        refused.problem(405);
        assert_eq!(refused.header("allow"), "GET,HEAD");
    }
}

#[tokio::test]
async fn files_that_keep_their_names_are_asked_for_again() {
    let app = TestApp::new().await;
    let anonymous = app.anonymous();
    let names: Vec<_> = ::web::File::at_root().collect();
    assert!(!names.is_empty(), "no icon");
    for file in names {
        let path = format!("/{}", file.name());
        let answer = anonymous.get(&path).await.is(200);
        assert_eq!(answer.header("cache-control"), "no-cache", "{path}");
        assert_eq!(answer.header("content-type"), file.kind(), "{path}");
        let request = anonymous.request(Method::GET, &path);
        let tag = answer.header("etag").to_owned();
        request.header("If-None-Match", &tag).send().await.is(304);
        anonymous.request(Method::PUT, &path).send().await.problem(405);
    }
}

#[tokio::test]
async fn where_nothing_is_people_get_the_page_and_programs_a_problem() {
    let app = TestApp::new().await;
    let anonymous = app.anonymous();
    for path in [
        "/no-such-page",
        "/tickets/a/b/c",
        "/index.html",
        "/apiary",
        "/admin/",
        "/%00",
        "/%F0%9F",
    ] {
        let shown = opened(&anonymous, path).await.is(404);
        assert_eq!(shown.header("content-type"), "text/html; charset=utf-8", "{path}");
        assert_eq!(shown.body, anonymous.get("/").await.body, "{path}");
        assert!(!shown.headers.contains_key("set-cookie"));
        anonymous.get(path).await.problem(404);
        let json = anonymous
            .request(Method::GET, path)
            .header("Accept", "application/json");
        let json = json.send().await;
        json.problem(404);
        let vary: Vec<_> = json.headers.get_all("vary").iter().collect();
        assert!(vary.contains(&&"accept".parse().unwrap()), "{vary:?}");
        let sent = anonymous.request(Method::POST, path).header("Accept", BROWSER);
        sent.send().await.problem(404);
    }
    for path in [
        "/api",
        "/api/no-such-thing",
        "/assets",
        "/assets/",
        "/assets/no-such-file.js",
        "/docs/no-such-thing",
        "/socket.io",
    ] {
        opened(&anonymous, path).await.problem(404);
    }
    let gone = anonymous.get("/assets/index-00000000.js").await;
    gone.problem(404);
    assert_eq!(gone.header("cache-control"), "no-store");
}

#[tokio::test]
async fn no_path_leads_out_of_the_client() {
    let app = TestApp::new().await;
    for path in [
        "/assets/../index.html",
        "/assets/../../package.json",
        "/assets/../../../../Cargo.toml",
        "/assets/%2e%2e/%2e%2e/package.json",
        "/assets/%2e%2e%2f%2e%2e%2fpackage.json",
        "/assets/..%5c..%5cpackage.json",
        "/assets/..\\..\\package.json",
        "/assets/%00",
        "/assets/index.js%00.css",
        "/assets//etc/passwd",
        "/assets//../../package.json",
        "/assets/./../../package.json",
        "/assets/%c0%ae%c0%ae/package.json",
        "/assets/.%2e/package.json",
        "/../package.json",
        "/../../../../../etc/passwd",
        "/%2e%2e/package.json",
        "/.vite/manifest.json",
        "//etc/passwd",
    ] {
        let answer = sent_as_it_is(&app, path).await;
        let status = answer.split(' ').nth(1).unwrap();
        assert!(["400", "404"].contains(&status), "{path}: {answer}");
        assert!(
            !answer.contains("\"scripts\"") && !answer.contains("[workspace]") && !answer.contains("root:"),
            "{path}: {answer}"
        );
    }
}

/// The answer to a path that no client would send.
async fn sent_as_it_is(app: &TestApp, path: &str) -> String {
    let mut stream = TcpStream::connect(app.address()).await.unwrap();
    let head = format!(
        "GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n",
        app.address()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}
