//! A file on its way from a multipart body into the object store: never whole in memory, and never in the store unless the
//! body is good to its end.

use axum::extract::multipart::{Multipart, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, Request};
use bytes::Bytes;
use commands::{AttachmentStore, StoreError, Stored};
use domain::text::FileName;
use futures::stream::poll_fn;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use tokio::sync::{mpsc, oneshot};

use super::file_name::clean;
use super::part::Part;
use crate::problem::{self, ApiError, ApiResult};

/// The form's only field.
const FIELD: &str = "file";
/// Bytes that a body may have besides the file's: boundaries and headers.
const ENVELOPE_BYTES_MAX: u64 = 16 * 1024;

/// A file whose bytes are in the store.
#[derive(Debug)]
pub(super) struct Upload {
    pub(super) file_name: FileName,
    pub(super) stored: Stored,
}

/// The rest of the body is not what it must be; what it was stands elsewhere.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the upload was given up")]
struct GivenUp;

type Chunk = Result<Bytes, GivenUp>;

/// Takes the one file of a `multipart/form-data` body in.
///
/// 415 for another media type; 413 if there are too many bytes, before any is read if the body says so itself; 400 without
/// a file; 422 if there is anything else in it.
pub(super) async fn receive(store: &AttachmentStore, mut request: Request) -> ApiResult<Upload> {
    if !is_form(request.headers()) {
        return Err(problem::unsupported_media_type("multipart/form-data"));
    }
    let max = store.max_size();
    let body_max = max.saturating_add(ENVELOPE_BYTES_MAX);
    if announced(request.headers()).is_some_and(|bytes| bytes > body_max) {
        return Err(StoreError::TooLarge { max }.into());
    }
    DefaultBodyLimit::max(usize::try_from(body_max).unwrap_or(usize::MAX)).apply(&mut request);
    let multipart = Multipart::from_request(request, &()).await;
    let multipart = multipart.map_err(|_| malformed("Content-Type names no boundary"))?;

    let (name_sender, name) = oneshot::channel();
    let (chunk_sender, mut chunks) = mpsc::channel(1);
    let reading = read(multipart, max, name_sender, chunk_sender);
    let storing = async {
        let file_name = name.await.ok()?;
        let chunks = poll_fn(move |context| chunks.poll_recv(context));
        Some(store.put(chunks).await.map(|stored| Upload { file_name, stored }))
    };
    match tokio::join!(reading, storing) {
        (Err(error), _) => Err(error),
        (Ok(()), Some(stored)) => Ok(stored?),
        (Ok(()), None) => Err(no_file()),
    }
}

/// Reads the body to its end, and passes the file's name and bytes on. Stops without an error if nobody takes them: then
/// the store knows why.
async fn read(
    multipart: Multipart,
    max: u64,
    name: oneshot::Sender<FileName>,
    chunks: mpsc::Sender<Chunk>,
) -> ApiResult<()> {
    let outcome = pass_on(multipart, max, name, &chunks).await;
    if outcome.is_err() {
        // So that the store does not take the end of the chunks for the end of the file.
        let _ = chunks.send(Err(GivenUp)).await;
    }
    outcome
}

async fn pass_on(
    mut multipart: Multipart,
    max: u64,
    name: oneshot::Sender<FileName>,
    chunks: &mpsc::Sender<Chunk>,
) -> ApiResult<()> {
    let refused = |error| refused(&error, max);
    let mut field = multipart
        .next_field()
        .await
        .map_err(refused)?
        .ok_or_else(no_file)?;
    let file_name = file_name(&Part::of(field.headers()))?;
    if name.send(file_name).is_err() {
        return Ok(());
    }
    while let Some(chunk) = field.chunk().await.map_err(refused)? {
        if chunks.send(Ok(chunk)).await.is_err() {
            return Ok(());
        }
    }
    drop(field);
    match multipart.next_field().await.map_err(refused)? {
        None => Ok(()),
        Some(another) => Err(match Part::of(another.headers()).name {
            Some(name) if name == FIELD => problem::invalid(FIELD, "must come only once"),
            other => unknown(other),
        }),
    }
}

/// The file's name, if the part is the file.
fn file_name(part: &Part) -> ApiResult<FileName> {
    if part.name.as_deref() != Some(FIELD) {
        return Err(unknown(part.name.clone()));
    }
    let raw = part.file_name.as_deref().ok_or_else(no_file)?;
    clean(raw).map_err(|error| problem::invalid(FIELD, format!("has a name that {error}")))
}

fn unknown(name: Option<String>) -> ApiError {
    problem::invalid(&name.unwrap_or_default(), "is not known here, expected `file`")
}

fn no_file() -> ApiError {
    problem::bad_request("No file provided").detail("send one file in the field `file`")
}

fn malformed(detail: impl Into<String>) -> ApiError {
    problem::bad_request("Malformed body").detail(detail.into())
}

fn refused(error: &MultipartError, max: u64) -> ApiError {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => StoreError::TooLarge { max }.into(),
        StatusCode::BAD_REQUEST => malformed(error.body_text()),
        // Not the form's fault but the connection's.
        _ => problem::receive(error),
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let text = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("multipart/form-data")
}

/// The body's length, if it is said beforehand.
fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::Arc;

    use axum::body::Body;
    use domain::ids::Entropy;
    use futures::{StreamExt, stream};
    use object_store::ObjectStore;
    use object_store::memory::InMemory;

    use super::*;

    struct Sevens;
    impl Entropy for Sevens {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    const MAX: u64 = 1024 * 1024;

    struct Outcome {
        said: String,
        objects: usize,
    }

    async fn send(request: Request) -> Outcome {
        let memory = Arc::new(InMemory::new());
        let store = AttachmentStore::new(Arc::<InMemory>::clone(&memory), MAX, Arc::new(Sevens));
        let said = match receive(&store, request).await {
            Ok(upload) => format!("{} {}", upload.file_name, upload.stored.size),
            Err(error) => {
                let status = error.status().as_u16();
                format!("{status} {}", error.explanation().unwrap_or("-"))
            }
        };
        let objects = memory.list(None).count().await;
        Outcome { said, objects }
    }

    fn form(body: impl Into<Body>) -> Request {
        Request::builder()
            .header(CONTENT_TYPE, "multipart/form-data; boundary=b")
            .body(body.into())
            .unwrap()
    }

    fn part(disposition: &str, content: &str) -> String {
        format!("--b\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{content}\r\n")
    }

    const END: &str = "--b--\r\n";

    async fn said(parts: &[String]) -> Outcome {
        send(form(format!("{}{END}", parts.concat()))).await
    }

    #[tokio::test]
    async fn one_file_is_kept() {
        let outcome = said(&[part("name=\"file\"; filename=\"../a b.txt\"", "hello")]).await;
        assert_eq!((outcome.said.as_str(), outcome.objects), ("a b.txt 5", 1));
    }

    #[tokio::test]
    async fn anything_else_keeps_nothing() {
        let file = || part("name=\"file\"; filename=\"a\"", "hello");
        for (parts, answer) in [
            (vec![], "400 send one file in the field `file`"),
            (
                vec![part("name=\"file\"", "hello")],
                "400 send one file in the field `file`",
            ),
            (
                vec![part("name=\"file\"; filename=\"\"", "")],
                "400 the file is empty",
            ),
            (vec![file(), file()], "422 file must come only once"),
            (
                vec![file(), part("name=\"x\"", "y")],
                "422 x is not known here, expected `file`",
            ),
            (
                vec![part("name=\"x\"", "y"), file()],
                "422 x is not known here, expected `file`",
            ),
            (
                vec![part("filename=\"a\"", "y")],
                "422 is not known here, expected `file`",
            ),
        ] {
            let outcome = said(&parts).await;
            assert_eq!((outcome.said.as_str(), outcome.objects), (answer, 0), "{parts:?}");
        }
    }

    #[tokio::test]
    async fn a_body_that_ends_early_keeps_nothing() {
        for body in ["", "--b", "--b\r\nContent-Dispo", "nonsense", "--b\r\n\r\nx"] {
            let outcome = send(form(body)).await;
            assert_eq!(
                (&outcome.said[..4], outcome.objects),
                ("400 ", 0),
                "{body}: {}",
                outcome.said
            );
        }
        let outcome = send(form(part("name=\"file\"; filename=\"a\"", "hello"))).await;
        assert_eq!(
            (&outcome.said[..4], outcome.objects),
            ("400 ", 0),
            "{}",
            outcome.said
        );
        let broken = stream::iter([
            Ok(Bytes::from(part("name=\"file\"; filename=\"a\"", "hello"))),
            Err(std::io::Error::other("the line is dead")),
        ]);
        let outcome = send(form(Body::from_stream(broken))).await;
        assert_eq!(
            (outcome.said.as_str(), outcome.objects),
            ("400 the body ended early", 0)
        );
    }

    #[tokio::test]
    async fn other_media_types_are_not_read() {
        for media_type in [
            "application/json",
            "text/plain",
            "multipart/mixed; boundary=b",
            "",
        ] {
            let never = Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
            let request = Request::builder()
                .header(CONTENT_TYPE, media_type)
                .body(never)
                .unwrap();
            assert_eq!(&send(request).await.said[..4], "415 ", "{media_type}");
        }
        let request = Request::builder()
            .header(CONTENT_TYPE, "multipart/form-data")
            .body(Body::empty());
        assert_eq!(
            send(request.unwrap()).await.said,
            "400 Content-Type names no boundary"
        );
    }

    /// U3.
    #[tokio::test]
    async fn too_many_bytes_are_refused_as_soon_as_they_are_known() {
        let kib = |count: usize| {
            let head =
                Bytes::from("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n");
            let chunks = stream::repeat(Bytes::from(vec![b'x'; 1024])).take(count);
            let end = Bytes::from(format!("\r\n{END}"));
            let all = stream::iter([head]).chain(chunks).chain(stream::iter([end]));
            all.map(Ok::<_, Infallible>)
        };
        let outcome = send(form(Body::from_stream(kib(1024)))).await;
        assert_eq!((outcome.said.as_str(), outcome.objects), ("a 1048576", 1));
        let outcome = send(form(Body::from_stream(kib(1025)))).await;
        assert_eq!((outcome.said.as_str(), outcome.objects), ("413 -", 0));
        // Without an end.
        let endless = Body::from_stream(kib(1025).chain(stream::pending()));
        assert_eq!(send(form(endless)).await.said, "413 -");
        // Announced: refused without a look at it.
        let mut announced = form(Body::from_stream(stream::pending::<Result<Bytes, Infallible>>()));
        announced.headers_mut().insert(CONTENT_LENGTH, (2 * MAX).into());
        assert_eq!(send(announced).await.said, "413 -");
        // Too much around a small file.
        let padding = "x".repeat(usize::try_from(MAX + ENVELOPE_BYTES_MAX).unwrap());
        assert_eq!(
            send(form(format!("--b\r\nX-Padding: {padding}"))).await.said,
            "413 -"
        );
    }
}
