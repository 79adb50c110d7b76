//! One file on its way into the object store.

use axum::extract::Request;
use commands::AttachmentStore;

use super::form::{Form, Upload};
use crate::problem::ApiResult;

/// A form that is nothing but a file.
const FORM: Form = Form {
    texts: &[],
    files: "file",
    files_max: 1,
    bytes_max: 0,
};

/// Takes the one file of a `multipart/form-data` body in.
///
/// 415 for another media type; 413 if there are too many bytes, before any is read if the body says so itself; 400 without
/// a file; 422 if there is anything else in it.
pub(super) async fn receive(store: &AttachmentStore, request: Request) -> ApiResult<Upload> {
    let received = FORM.receive(store, request).await?;
    let file = received.keep().await?.pop();
    file.ok_or_else(|| FORM.no_file())
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::Arc;

    use axum::body::Body;
    use bytes::Bytes;
    use domain::ids::Entropy;
    use futures::{StreamExt, stream};
    use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
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
        let padding = "x".repeat(usize::try_from(MAX + 16 * 1024).unwrap());
        assert_eq!(
            send(form(format!("--b\r\nX-Padding: {padding}"))).await.said,
            "413 -"
        );
    }
}
