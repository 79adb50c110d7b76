//! `POST /api/tickets/{id}/attachments` and `GET …/attachments/{id}` (U1–U3).

use std::path::Path;

use percent_encoding::percent_decode_str;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tests::app::{Client, TestApp};

use super::{ATTACHMENT, NOBODYS, path_of};
use crate::shape::{PNG, has_keys, is_time, keys};

struct Desk {
    app: TestApp,
    ulla: Client,
    ticket: Value,
    path: String,
}

impl Desk {
    async fn with(settings: &[(&str, &str)]) -> Self {
        let app = TestApp::with(settings).await;
        let ulla = app.user("Ulla").await;
        let ticket = ulla.new_ticket("Printer on fire").await;
        let path = format!("{}/attachments", path_of(&ticket));
        Self {
            app,
            ulla,
            ticket,
            path,
        }
    }

    /// Names of all files that lie under the folder of uploads.
    fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        let mut folders = vec![self.app.data_dir().join("uploads")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.push(path.to_str().unwrap().to_owned());
                }
            }
        }
        files
    }
}

/// The name in a `Content-Disposition`, by RFC 6266: `filename*` if it is there, else `filename`.
fn disposition_name(header: &str) -> String {
    assert!(header.starts_with("attachment"), "{header}");
    if let Some(encoded) = header.split("filename*=UTF-8''").nth(1) {
        let encoded = encoded.split(';').next().unwrap();
        return percent_decode_str(encoded).decode_utf8().unwrap().into_owned();
    }
    let quoted = header
        .split("filename=\"")
        .nth(1)
        .unwrap_or_else(|| panic!("{header}"));
    quoted[..quoted.rfind('"').unwrap()]
        .replace("\\\"", "\"")
        .replace("\\\\", "\\")
}

#[tokio::test]
async fn a_file_goes_up_and_comes_down_byte_for_byte() {
    let desk = Desk::with(&[]).await;
    let answer = desk
        .ulla
        .upload(&desk.path, "shot 1.png", "image/png", PNG)
        .await
        .is(201);
    let attachment = answer.json();
    has_keys(&attachment, ATTACHMENT);
    assert_eq!(attachment["fileName"], "shot 1.png");
    assert_eq!(attachment["fileSize"], PNG.len());
    assert_eq!(attachment["mimeType"], "image/png");
    assert_eq!(attachment["ticketId"], desk.ticket["id"]);
    assert_eq!(attachment["uploadedById"], desk.ulla.id());
    assert_eq!(keys(&attachment["uploadedBy"]), ["email", "id", "name"]);
    is_time(&attachment["createdAt"]);
    let path = attachment["filePath"].as_str().unwrap();
    assert!(!path.contains("shot"), "{path}");

    let download = desk.ulla.get(path).await.is(200);
    assert_eq!(download.body, PNG);
    assert_eq!(download.header("content-type"), "image/png");
    assert_eq!(download.header("content-length"), PNG.len().to_string());
    assert_eq!(download.header("x-content-type-options"), "nosniff");
    assert!(download.header("content-security-policy").contains("sandbox"));
    assert_eq!(
        disposition_name(download.header("content-disposition")),
        "shot 1.png"
    );
}

#[tokio::test]
async fn no_name_escapes_and_each_comes_back_as_it_was() {
    let desk = Desk::with(&[]).await;
    let long = format!("{}.png", "n".repeat(300));
    for name in [
        "../../etc/passwd",
        "..\\..\\windows\\system.ini",
        "%2e%2e/%2e%2e/x",
        "/etc/passwd",
        "C:\\autoexec.bat",
        "a\"; filename=\"b.html",
        "trailing\\",
        "\u{202e}gnp.exe",
        "gr\u{fc}\u{df}e \u{1F525}.png",
        "semi;colon,comma.png",
        ".",
        "..",
        ".htaccess",
        "con",
        long.as_str(),
    ] {
        let answer = desk.ulla.upload(&desk.path, name, "image/png", PNG).await;
        if answer.status != 201 {
            answer.problem(422);
            continue;
        }
        let attachment = answer.json();
        let stored = attachment["fileName"].as_str().unwrap();
        let path = attachment["filePath"].as_str().unwrap();
        let download = desk.ulla.get(path).await.is(200);
        let header = download.header("content-disposition");
        assert_eq!(disposition_name(header), stored, "{header}");
        assert!(header.is_ascii(), "{header}");
    }
    let root = desk.app.data_dir().join("uploads");
    for file in desk.files() {
        let name = Path::new(&file).strip_prefix(&root).unwrap().to_str().unwrap();
        assert!(
            name.chars()
                .all(|c| c.is_ascii_hexdigit() || "/-".contains(c) || c.is_ascii_lowercase()),
            "{name}"
        );
    }
}

#[tokio::test]
async fn names_that_are_no_headers_are_refused_or_cleaned() {
    let desk = Desk::with(&[]).await;
    for name in ["", "nul\\0", "line%0D%0Abreak", "tab\there"] {
        let body = format!(
            "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: image/png\r\n\r\nbytes\r\n--b--\r\n"
        );
        let request = desk.ulla.request(Method::POST, &desk.path);
        let request = request
            .header("Content-Type", "multipart/form-data; boundary=b")
            .body(body);
        let answer = request.send().await;
        assert!(
            matches!(answer.status, 201 | 400 | 422),
            "{name:?}: {}",
            answer.text()
        );
        if answer.status == 201 {
            let path = answer.json()["filePath"].as_str().unwrap().to_owned();
            let download = desk.ulla.get(&path).await.is(200);
            assert!(download.header("content-disposition").starts_with("attachment"));
        }
    }
}

#[tokio::test]
async fn a_type_is_what_the_bytes_say_and_nothing_runs() {
    let desk = Desk::with(&[]).await;
    let html = b"<!doctype html><script>alert(1)</script>";
    let svg = b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>";
    let pdf = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n";
    for (name, said, bytes) in [
        ("picture.png", "image/png", &html[..]),
        ("page.html", "text/html", &html[..]),
        ("drawing.svg", "image/svg+xml", &svg[..]),
        ("paper.pdf", "text/html", &pdf[..]),
        ("words.txt", "text/html; charset=utf-16", &b"just words"[..]),
    ] {
        let attachment = desk
            .ulla
            .upload(&desk.path, name, said, bytes)
            .await
            .is(201)
            .json();
        let kind = attachment["mimeType"].as_str().unwrap();
        assert_ne!(kind, "image/png", "{name}");
        let download = desk
            .ulla
            .get(attachment["filePath"].as_str().unwrap())
            .await
            .is(200);
        assert_eq!(download.body, bytes);
        assert!(
            download.header("content-disposition").starts_with("attachment"),
            "{name}"
        );
        assert_eq!(download.header("x-content-type-options"), "nosniff");
        assert!(
            download.header("content-security-policy").contains("sandbox"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn what_is_too_large_is_refused_and_leaves_nothing() {
    let desk = Desk::with(&[("MAX_FILE_SIZE", "100000")]).await;
    let head = desk.app.head().await;
    desk.ulla
        .upload(&desk.path, "a.bin", "application/octet-stream", &vec![7; 100_001])
        .await
        .problem(413);
    // Without a length, as a stream: counted while it comes.
    let chunks = (0..64).map(|_| Ok::<_, std::io::Error>(vec![7_u8; 16 * 1024]));
    let stream = reqwest::Body::wrap_stream(futures::stream::iter(chunks));
    let form = Form::new().part("file", Part::stream(stream).file_name("b.bin"));
    let request = desk.ulla.request(Method::POST, &desk.path).form(form);
    // The server may close before it has been sent everything.
    if let Ok(answer) = request.try_send().await {
        answer.problem(413);
    }
    assert_eq!(desk.app.head().await, head);
    assert_eq!(desk.files(), [""; 0]);
    desk.ulla
        .upload(&desk.path, "c.bin", "application/octet-stream", &vec![7; 100_000])
        .await
        .is(201);
    assert_eq!(desk.files().len(), 1);
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing() {
    let desk = Desk::with(&[]).await;
    let head = desk.app.head().await;
    let chunks = [
        Ok(vec![7_u8; 1_000]),
        Err(std::io::Error::other("the client goes away")),
    ];
    let stream = reqwest::Body::wrap_stream(futures::stream::iter(chunks));
    let form = Form::new().part("file", Part::stream(stream).file_name("b.bin"));
    let request = desk.ulla.request(Method::POST, &desk.path).form(form);
    assert!(request.try_send().await.is_err());
    // The same client's next upload comes after the broken one has been cleared away.
    tests::wait::until("nothing left", async || desk.files().is_empty().then_some(())).await;
    assert_eq!(desk.app.head().await, head);
}

#[tokio::test]
async fn a_form_without_one_file_is_refused() {
    let desk = Desk::with(&[]).await;
    let head = desk.app.head().await;
    let post = |form: Form| desk.ulla.request(Method::POST, &desk.path).form(form).send();
    let file = || Part::bytes(PNG).file_name("a.png");
    let none = post(Form::new().text("other", "x")).await;
    assert!((400..=422).contains(&none.status), "{}", none.text());
    post(Form::new()).await.problem(400);
    let empty = post(Form::new().part("file", Part::bytes(&b""[..]).file_name("a.png"))).await;
    assert!((400..=422).contains(&empty.status), "{}", empty.text());
    let two = post(Form::new().part("file", file()).part("file", file())).await;
    assert!((400..=422).contains(&two.status), "{}", two.text());
    let json = desk.ulla.post(&desk.path, &json!({ "file": "x" })).await;
    json.problem(415);
    assert_eq!(desk.app.head().await, head);
}

#[tokio::test]
async fn only_who_reads_the_ticket_downloads() {
    let desk = Desk::with(&[]).await;
    let otto = desk.app.user("Otto").await;
    let other = otto.new_ticket("Scanner on fire").await;
    let upload = desk.ulla.upload(&desk.path, "a.png", "image/png", PNG);
    let attachment = upload.await.is(201).json();
    let path = attachment["filePath"].as_str().unwrap();
    desk.app.anonymous().get(path).await.problem(401);
    otto.get(path).await.problem(404);
    // Nor by way of a ticket that one reads.
    let id = attachment["id"].as_str().unwrap();
    otto.get(&format!("{}/attachments/{id}", path_of(&other)))
        .await
        .problem(404);
    desk.ulla
        .get(&format!("{}/{NOBODYS}", desk.path))
        .await
        .problem(404);
    desk.ulla
        .get(&format!("{}/..%2f..%2fx", desk.path))
        .await
        .problem(404);
}
