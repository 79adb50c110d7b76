//! Whose word about a client's address counts.

use std::net::{IpAddr, SocketAddr};

use api::server::{Origin, TrustedProxies};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;

use crate::fixture::{TestServer, generous};

fn origin(proxies: &str, peer: &str, fields: &[(&str, &str)]) -> Origin {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        headers.append(
            name.parse::<HeaderName>().unwrap(),
            HeaderValue::from_bytes(value.as_bytes()).unwrap(),
        );
    }
    let peer = SocketAddr::new(peer.parse().unwrap(), 4000);
    proxies.parse::<TrustedProxies>().unwrap().origin(peer, &headers)
}

#[test]
fn the_client_is_the_right_most_address_that_is_no_trusted_proxy() {
    let cases: &[(&str, &[&str], &str)] = &[
        // peer, X-Forwarded-For lines, client
        ("10.0.0.1", &[], "10.0.0.1"),
        ("10.0.0.1", &[""], "10.0.0.1"),
        ("10.0.0.1", &["203.0.113.7"], "203.0.113.7"),
        ("10.0.0.1", &["198.51.100.1, 203.0.113.7"], "203.0.113.7"),
        ("10.0.0.1", &["203.0.113.7, 10.0.0.2"], "203.0.113.7"),
        (
            "10.0.0.1",
            &["198.51.100.1,203.0.113.7 ,10.9.9.9,\t10.0.0.2"],
            "203.0.113.7",
        ),
        ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", &["198.51.100.1", "203.0.113.7"], "203.0.113.7"),
        ("10.0.0.1", &["203.0.113.7", "10.0.0.2"], "203.0.113.7"),
        ("10.0.0.1", &["203.0.113.7:5123"], "203.0.113.7"),
        ("10.0.0.1", &["2001:db8::1"], "2001:db8::1"),
        ("10.0.0.1", &["[2001:db8::1]"], "2001:db8::1"),
        ("10.0.0.1", &["[2001:db8::1]:443"], "2001:db8::1"),
        ("10.0.0.1", &["::ffff:203.0.113.7"], "203.0.113.7"),
        ("::ffff:10.0.0.1", &["203.0.113.7"], "203.0.113.7"),
        ("2001:db8:ffff::9", &["203.0.113.7"], "203.0.113.7"),
        // Unreadable entries end the list.
        ("10.0.0.1", &["203.0.113.7, unknown"], "10.0.0.1"),
        ("10.0.0.1", &["203.0.113.7, unknown, 10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", &["203.0.113.7,"], "10.0.0.1"),
        ("10.0.0.1", &["203.0.113.7, 1.2.3.4.5"], "10.0.0.1"),
        ("10.0.0.1", &["for=203.0.113.7"], "10.0.0.1"),
        ("10.0.0.1", &["203.0.113.7, \u{fc}"], "10.0.0.1"),
        // A peer that is no proxy speaks for nobody, not even when it names one.
        ("203.0.113.9", &["198.51.100.1"], "203.0.113.9"),
        ("203.0.113.9", &["10.0.0.1"], "203.0.113.9"),
        ("11.0.0.1", &["198.51.100.1, 10.0.0.1"], "11.0.0.1"),
        ("::ffff:203.0.113.9", &["198.51.100.1"], "203.0.113.9"),
    ];
    for (peer, lines, client) in cases {
        let fields: Vec<_> = lines.iter().map(|line| ("x-forwarded-for", *line)).collect();
        let found = origin("10.0.0.0/8, 2001:db8:ffff::/48", peer, &fields).client;
        assert_eq!(found, client.parse::<IpAddr>().unwrap(), "{peer} {lines:?}");
    }
}

#[test]
fn https_is_what_the_nearest_trusted_proxy_says() {
    let cases: &[(&str, &[&str], bool)] = &[
        ("10.0.0.1", &[], false),
        ("10.0.0.1", &["https"], true),
        ("10.0.0.1", &["HTTPS"], true),
        ("10.0.0.1", &["http"], false),
        ("10.0.0.1", &["https, http"], false),
        ("10.0.0.1", &["http,https"], true),
        ("10.0.0.1", &["https", "http"], false),
        ("10.0.0.1", &["httpss"], false),
        ("203.0.113.9", &["https"], false),
    ];
    for (peer, lines, secure) in cases {
        let fields: Vec<_> = lines.iter().map(|line| ("x-forwarded-proto", *line)).collect();
        assert_eq!(
            origin("10.0.0.0/8", peer, &fields).secure,
            *secure,
            "{peer} {lines:?}"
        );
    }
}

#[test]
fn the_setting_takes_addresses_and_networks_and_names_what_is_neither() {
    let contains = |setting: &str, address: &str| {
        setting
            .parse::<TrustedProxies>()
            .unwrap()
            .contains(address.parse().unwrap())
    };
    assert!(!contains("", "127.0.0.1"));
    assert!(!contains(" , ", "127.0.0.1"));
    assert!(contains("127.0.0.1", "127.0.0.1"));
    assert!(contains("::ffff:127.0.0.1", "127.0.0.1"));
    assert!(!contains("127.0.0.1", "127.0.0.2"));
    assert!(contains("10.1.2.3/8,::1", "10.255.0.1"));
    assert!(contains("10.1.2.3/8,::1", "::1"));
    for wrong in ["localhost", "10.0.0.0/33", "10.0.0", "10.0.0.1;10.0.0.2"] {
        let error = format!("10.0.0.1, {wrong}")
            .parse::<TrustedProxies>()
            .unwrap_err();
        assert_eq!(error.entry, wrong);
    }
}

#[tokio::test]
async fn a_forged_header_changes_nothing_over_a_real_connection() {
    let forged = "GET /origin HTTP/1.1\r\nhost: test\r\nx-forwarded-for: 198.51.100.1\r\nx-forwarded-proto: https\r\n\r\n";
    for (proxies, seen) in [
        ("", "127.0.0.1 http"),
        ("10.0.0.0/8", "127.0.0.1 http"),
        ("127.0.0.1", "198.51.100.1 https"),
    ] {
        let server = TestServer::behind(proxies, generous());
        let mut client = server.connect().await;
        client.send(forged).await;
        let response = client.response().await;
        assert!(response.ends_with(seen), "{proxies}: {response}");
    }
}

fn addresses() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        any::<[u8; 4]>().prop_map(IpAddr::from),
        any::<[u16; 8]>().prop_map(IpAddr::from)
    ]
}

fn entries() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => addresses().prop_map(|address| address.to_string()),
        1 => any::<[u8; 2]>().prop_map(|[a, b]| format!("10.0.{a}.{b}")),
        1 => "[ -~]{0,20}",
    ]
}

fn headers() -> impl Strategy<Value = HeaderMap> {
    let lines = prop::collection::vec(prop::collection::vec(entries(), 0..5), 0..4);
    (lines, prop::option::of("https?|[ -~]{0,8}")).prop_map(|(lines, scheme)| {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(
                "x-forwarded-for",
                HeaderValue::from_str(&line.join(", ")).unwrap(),
            );
        }
        if let Some(scheme) = scheme {
            headers.append("x-forwarded-proto", HeaderValue::from_str(&scheme).unwrap());
        }
        headers
    })
}

proptest! {
    #[test]
    fn headers_of_an_untrusted_peer_never_matter(address in addresses(), port: u16, headers in headers()) {
        let proxies: TrustedProxies = "10.0.0.0/8".parse().unwrap();
        prop_assume!(!proxies.contains(address));
        let origin = proxies.origin(SocketAddr::new(address, port), &headers);
        prop_assert_eq!(origin, Origin { client: address.to_canonical(), secure: false, proxied: false });
    }

    #[test]
    fn what_a_client_writes_before_a_proxy_appends_never_matters(
        client in addresses(),
        forged in prop::collection::vec(entries(), 0..6),
    ) {
        let proxies: TrustedProxies = "10.0.0.0/8".parse().unwrap();
        prop_assume!(!proxies.contains(client));
        let mut line = forged;
        line.extend([client.to_string(), "10.0.0.2".to_owned()]);
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", HeaderValue::from_str(&line.join(", ")).unwrap());
        let origin = proxies.origin("10.0.0.1:9".parse().unwrap(), &headers);
        prop_assert_eq!(origin.client, client.to_canonical());
    }
}

#[test]
fn the_way_is_told_as_far_as_it_is_trusted() {
    let via = |proxies: &str, peer: &str, forwarded_for: &str| -> Vec<String> {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded_for.parse().unwrap());
        let proxies: TrustedProxies = proxies.parse().unwrap();
        let via = proxies.via(peer.parse().unwrap(), &headers);
        via.iter().map(ToString::to_string).collect()
    };
    let (nginx, haproxy) = ("127.0.0.1:9", "10.10.13.1");
    let both = "127.0.0.1,10.10.13.1";
    assert_eq!(
        via(both, nginx, "203.0.113.7, 10.10.13.1"),
        ["127.0.0.1", haproxy]
    );
    assert_eq!(via("127.0.0.1", nginx, "203.0.113.7, 10.10.13.1"), ["127.0.0.1"]);
    // What stands before the client is hearsay.
    assert_eq!(via(both, nginx, "10.10.13.1, 203.0.113.7"), ["127.0.0.1"]);
    assert_eq!(via(both, nginx, "10.10.13.1, nonsense"), ["127.0.0.1"]);
    assert!(via(both, "203.0.113.7:9", "10.10.13.1").is_empty());
}
