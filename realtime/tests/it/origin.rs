//! R10, S-085: no foreign page, over either transport.

use domain::actor::Role;
use realtime::Options;
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::client::{Client, Refusal};
use crate::world::World;

const ALLOWED: &str = "https://desk.example.org";

async fn world() -> World {
    let options = Options {
        allowed_origins: vec![ALLOWED.to_owned()],
        ..Options::default()
    };
    World::with(options).await
}

async fn polling(world: &World, method: Method, headers: &[(&str, &str)]) -> (StatusCode, HeaderMap) {
    let url = format!("http://{}/socket.io/?EIO=4&transport=polling", world.address);
    let mut request = reqwest::Client::new().request(method, url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap();
    (response.status(), response.headers().clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_page_is_refused_over_both_transports() {
    let world = world().await;
    let person = world.person("owner", Role::User).await;
    let cookie = format!("informejo_session={}", person.token);
    for origin in [
        "https://evil.example",
        "null",
        "http://127.0.0.1:1",
        "https://desk.example.org.evil.example",
    ] {
        let headers = [("origin", origin), ("cookie", cookie.as_str())];
        let refused = Client::open(&world, &headers).await.map(drop).unwrap_err();
        assert!(refused.to_string().contains("403"), "{origin}: {refused}");
        for method in [Method::GET, Method::POST, Method::OPTIONS] {
            let (status, headers) = polling(&world, method, &headers).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{origin}");
            assert!(!headers.contains_key("access-control-allow-origin"));
        }
    }
    let cross_site = [("sec-fetch-site", "cross-site"), ("cookie", cookie.as_str())];
    assert_eq!(
        polling(&world, Method::GET, &cross_site).await.0,
        StatusCode::FORBIDDEN
    );
    assert_eq!(world.sessions.asked(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_and_allowed_pages_come_in_by_cookie() {
    let world = world().await;
    let person = world.person("owner", Role::User).await;
    let cookie = format!("informejo_session={}", person.token);
    let own = format!("http://{}", world.address);
    for origin in [own.as_str(), ALLOWED] {
        let headers = [("origin", origin), ("cookie", cookie.as_str())];
        let client = Client::open(&world, &headers).await.unwrap();
        assert!(client.join_namespace(&json!({})).await.is_ok(), "{origin}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_without_a_page_does_not_count_but_a_token_does() {
    let world = world().await;
    let person = world.person("owner", Role::User).await;
    let cookie = format!("informejo_session={}", person.token);
    let headers = [("cookie", cookie.as_str())];
    let client = Client::open(&world, &headers).await.unwrap();
    let refused = client.join_namespace(&json!({})).await.map(drop);
    assert_eq!(refused, Err(Refusal::Message("unauthorized".to_owned())));
    let client = Client::open(&world, &headers).await.unwrap();
    assert!(client.join_namespace(&person.auth()).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn cors_names_the_allowed_origin_and_never_all() {
    let world = world().await;
    let (status, headers) = polling(&world, Method::GET, &[("origin", ALLOWED)]).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers["access-control-allow-origin"], ALLOWED);
    assert_eq!(headers["access-control-allow-credentials"], "true");
    assert_eq!(headers["vary"], "Origin");

    let (status, headers) = polling(&world, Method::OPTIONS, &[("origin", ALLOWED)]).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(headers["access-control-allow-methods"], "GET, POST");

    let own = format!("http://{}", world.address);
    for origin in [Some(own.as_str()), None] {
        let headers: Vec<_> = origin.map(|origin| ("origin", origin)).into_iter().collect();
        let (status, headers) = polling(&world, Method::GET, &headers).await;
        assert_eq!(status, StatusCode::OK);
        assert!(!headers.contains_key("access-control-allow-origin"));
    }
}
