//! That what searches the run for secrets finds them (A13): planted leaks, each in a collector or an answer of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tests::app::{Client, TestApp};
use tests::secrecy::{self, Secrecy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tracing_subscriber::layer::SubscriberExt;

const SECRET: &str = "5c1ab0a2f6d94d1c9f0e7b3a8d2c6e4f";

/// What `insist` says, if it fails.
fn complaint(secrecy: &Secrecy) -> Option<String> {
    let outcome = catch_unwind(AssertUnwindSafe(|| secrecy.insist()));
    outcome.err().map(|panic| *panic.downcast::<String>().unwrap())
}

/// Logs one event, as a help desk in this process does.
fn log(secrecy: &'static Secrecy, event: impl FnOnce()) {
    let lines = tracing_subscriber::fmt::layer().with_writer(move || Lines(secrecy));
    tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), event);
}

struct Lines(&'static Secrecy);

impl std::io::Write for Lines {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        self.0.logged(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_secret_in_a_log_line_is_found_whenever_it_becomes_known_and_is_not_shown() {
    for known_before in [true, false] {
        let secrecy: &'static Secrecy = Box::leak(Box::default());
        if known_before {
            secrecy.plant("token", SECRET);
        }
        log(secrecy, || {
            let _span = tracing::info_span!("request", token = SECRET).entered();
            tracing::trace!("on the way");
        });
        if !known_before {
            assert_eq!(complaint(secrecy), None);
            secrecy.plant("token", SECRET);
        }
        let said = complaint(secrecy).expect("the leak was not found");
        assert!(
            said.starts_with("a token of the test leaks::a_secret_in_a"),
            "{said}"
        );
        assert!(said.contains("on the way") && said.contains("‹token›"), "{said}");
        assert!(!said.contains(SECRET));
        assert_eq!(complaint(secrecy), None, "it is told once");
    }
}

#[test]
fn only_a_secret_is_one() {
    let secrecy: &'static Secrecy = Box::leak(Box::default());
    secrecy.plant("password", "short");
    secrecy.plant("password", "a-longer-password");
    log(secrecy, || tracing::info!("short of a-longer-passwor"));
    assert_eq!(complaint(secrecy), None);
    log(secrecy, || tracing::info!("with xa-longer-passwordx"));
    assert!(complaint(secrecy).is_some());
}

#[tokio::test]
async fn an_answer_that_gives_a_secret_back_fails_the_test_that_asked() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let read = stream.read(&mut request).await.unwrap();
            let request = String::from_utf8_lossy(&request[..read]);
            // Whatever was asked for, in the body, with the secret in it.
            let answer = format!(
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{request}",
                request.len()
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    let nobody = Client::anonymous(&format!("http://{address}"));
    let harmless = nobody.clone();
    tokio::spawn(async move { harmless.get("/x").await.is(200) })
        .await
        .unwrap();
    let bearer = nobody.with_token("9d3f0c7e51b84a26a0d1e8f7c2b59634");
    let asked = tokio::spawn(async move { bearer.get("/x").await });
    let panic = asked.await.unwrap_err().into_panic();
    let said = panic.downcast::<String>().unwrap();
    assert!(said.contains("the answer to GET /x"), "{said}");
    assert!(!said.contains("9d3f0c7e51b8"), "{said}");
}

#[tokio::test]
async fn everything_that_the_help_desks_of_this_run_log_is_heard_at_trace() {
    let app = TestApp::new().await;
    assert!(tracing::enabled!(target: "identity::login", tracing::Level::TRACE));
    let heard = secrecy::of_this_run().bytes_heard();
    app.anonymous().get("/health").await.good();
    assert!(secrecy::of_this_run().bytes_heard() > heard);
}
