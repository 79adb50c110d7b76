//! Submissions that are not taken: nothing of them is stored or recorded, however far they came.

use reqwest::Method;
use reqwest::multipart::Form;
use tests::app::TestApp;

use super::{Wish, file, stored, submit};
use crate::shape::PNG;

const GINA: &str = "gina@example.test";

#[tokio::test]
async fn every_wrong_field_is_named_and_nothing_is_left() {
    let app = TestApp::new().await;
    let head = app.head().await;
    let long = "x".repeat(70_000);
    for (field, value) in [
        ("name", "G"),
        ("name", "Gina\0"),
        ("name", long.as_str()),
        ("email", "gina"),
        ("email", "gina@example.test, ada@example.test"),
        ("email", "gina@example.test\r\nBcc: x@example.test"),
        ("title", "abcd"),
        ("title", "a title\r\nwith a second line"),
        ("description", "too short"),
        ("description", long.as_str()),
        ("category", "COFFEE"),
        ("category", ""),
        ("priority", "urgent"),
        ("ticketId", "00000000-0000-0000-0000-000000000000"),
        ("role", "ADMIN"),
    ] {
        // The files are in the store before the field is there.
        let first = Form::new().part("files", file("a.png", PNG));
        let wish = Wish::of(GINA).with(field, value);
        let form = wish
            .0
            .iter()
            .fold(first, |form, (name, value)| form.text(*name, value.clone()));
        submit(&app.anonymous(), form).await.blames(422, field);
    }
    for field in ["name", "email", "title", "description", "category"] {
        let form = Wish::of(GINA).without(field).form();
        let form = form.part("files", file("a.png", PNG));
        submit(&app.anonymous(), form).await.blames(422, field);
    }
    let all = submit(&app.anonymous(), Form::new().text("priority", "LOW"))
        .await
        .problem(422);
    assert_eq!(all["details"].as_array().unwrap().len(), 5, "{all}");
    assert_eq!((stored(&app), app.head().await), (0, head));
}

#[tokio::test]
async fn fields_that_come_twice_or_as_something_else_are_refused() {
    let app = TestApp::new().await;
    let head = app.head().await;
    let form = || Wish::of(GINA).form().part("files", file("a.png", PNG));
    let twice = form().text("email", "mallory@example.test");
    submit(&app.anonymous(), twice).await.blames(422, "email");
    let as_file = Wish::of(GINA)
        .without("title")
        .form()
        .part("title", file("a.txt", "Printer on fire"));
    submit(&app.anonymous(), as_file).await.blames(422, "title");
    let no_text = Wish::of(GINA).without("title").form();
    let no_text = no_text.part(
        "title",
        reqwest::multipart::Part::bytes(vec![0xff, 0xfe, b'a', b'b', b'c']),
    );
    submit(&app.anonymous(), no_text).await.blames(422, "title");
    let nameless = form().text("files", "not a file");
    submit(&app.anonymous(), nameless).await.blames(422, "files");
    let empty = form().part("files", file("empty.txt", ""));
    submit(&app.anonymous(), empty).await.blames(422, "files");
    let other_field = form().part("file", file("b.png", PNG));
    submit(&app.anonymous(), other_field).await.blames(422, "file");
    assert_eq!((stored(&app), app.head().await), (0, head));
}

/// Defects 8 and 26: no limit on the number of files or their size together; files too large were passed over silently.
#[tokio::test]
async fn too_many_and_too_large_files_are_refused_whole() {
    let app = TestApp::with(&[("MAX_FILE_SIZE", "1000")]).await;
    let head = app.head().await;
    let with = |sizes: &[usize]| {
        let files = sizes.iter().zip(0_u8..);
        files.fold(Wish::of(GINA).form(), |form, (size, number)| {
            form.part("files", file(&format!("{number}.bin"), vec![number; *size]))
        })
    };
    submit(&app.anonymous(), with(&[1_000, 1_001])).await.problem(413);
    submit(&app.anonymous(), with(&[1; 11]))
        .await
        .blames(422, "files");
    assert_eq!((stored(&app), app.head().await), (0, head));
    let answer = submit(&app.anonymous(), with(&[1_000; 10])).await.is(201);
    assert_eq!(answer.json()["attachmentsCount"], 10);
    assert_eq!(stored(&app), 10);
}

#[tokio::test]
async fn files_are_limited_together_also_if_nobody_says_how_much_comes() {
    let app = TestApp::new().await;
    let head = app.head().await;
    let large = || file("large.bin", vec![7; 10 * 1024 * 1024]);
    let six = (0..6).fold(Wish::of(GINA).form(), |form, _| form.part("files", large()));
    submit(&app.anonymous(), six).await.problem(413);
    let head_of = |name: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\r\n")
    };
    let piece = bytes::Bytes::from(vec![7; 64 * 1024]);
    let pieces = (0..6).flat_map(move |number| {
        let start = bytes::Bytes::from(format!("\r\n{}", head_of(&number.to_string())));
        std::iter::once(start).chain(std::iter::repeat_n(piece.clone(), 160))
    });
    let body = reqwest::Body::wrap_stream(futures::stream::iter(pieces.map(Ok::<_, std::io::Error>)));
    let answer = app
        .anonymous()
        .request(Method::POST, "/api/tickets/anonymous")
        .header("Content-Type", "multipart/form-data; boundary=b")
        .body(body)
        .send()
        .await;
    answer.problem(413);
    assert_eq!((stored(&app), app.head().await), (0, head));
}

#[tokio::test]
async fn a_body_that_ends_early_or_is_no_form_leaves_nothing() {
    let app = TestApp::new().await;
    let head = app.head().await;
    let part = |disposition: &str, content: &str| {
        format!("--b\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{content}\r\n")
    };
    let file = part("name=\"files\"; filename=\"a.txt\"", "hello");
    for (media_type, body, status) in [
        ("multipart/form-data; boundary=b", String::new(), 400),
        ("multipart/form-data; boundary=b", file.clone(), 400),
        (
            "multipart/form-data; boundary=b",
            format!("{file}--b\r\nContent-Dis"),
            400,
        ),
        ("multipart/form-data", file.clone(), 400),
        ("application/x-www-form-urlencoded", "name=Gina".to_owned(), 415),
        ("application/json", "{}".to_owned(), 415),
    ] {
        let request = app.anonymous().request(Method::POST, "/api/tickets/anonymous");
        let answer = request.header("Content-Type", media_type).body(body).send().await;
        answer.problem(status);
    }
    assert_eq!((stored(&app), app.head().await), (0, head));
}

#[tokio::test]
async fn another_sites_page_submits_nothing() {
    let app = TestApp::new().await;
    let head = app.head().await;
    let request = app.anonymous().request(Method::POST, "/api/tickets/anonymous");
    let request = request
        .header("Origin", "https://evil.example")
        .form(Wish::of(GINA).form());
    request.send().await.problem(403);
    assert_eq!(app.head().await, head);
}

/// Defect 8: nothing limited how many tickets were submitted.
#[tokio::test]
async fn strangers_submit_so_many_and_no_more() {
    let app = TestApp::with(&[("WISHES_PER_HOUR", "20"), ("MAILS_PER_HOUR", "4")]).await;
    // For one mailbox, whoever is behind it; and for that only.
    for _ in 0..2 {
        Wish::of(GINA).submit(&app.anonymous()).await.is(201);
    }
    let form = Wish::of("Gina@Example.test")
        .form()
        .part("files", file("a.png", PNG));
    let refused = submit(&app.anonymous(), form).await;
    refused.problem(429);
    assert!(refused.header("retry-after").parse::<u32>().unwrap() > 0);
    assert_eq!(stored(&app), 0);
    // From one address, for whatever mailboxes; wrong ones count as well.
    for number in 0..7 {
        let wish = Wish::of(&format!("gina{number}@example.test"));
        wish.submit(&app.anonymous()).await.is(201);
    }
    Wish::of("x").submit(&app.anonymous()).await.problem(422);
    Wish::of("otto@example.test")
        .submit(&app.anonymous())
        .await
        .problem(429);
}
