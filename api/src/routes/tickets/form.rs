//! A `multipart/form-data` body on its way in: short texts, and files that go to the object store as they come, never
//! whole in memory, and are kept only once the whole body is known to be good.

use std::collections::BTreeMap;

use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, Request};
use commands::{Arrived, AttachmentStore, StoreError, Stored};
use domain::limits::DESCRIPTION_BYTES_MAX;
use domain::text::FileName;
use futures::TryStreamExt;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};

use super::file_name::clean;
use super::part::Part;
use crate::problem::{self, ApiError, ApiResult};

/// Bytes that a body may have besides its texts and files: boundaries and headers.
const ENVELOPE_BYTES_MAX: u64 = 16 * 1024;
/// Bytes in one of the texts, at most: as many as the longest of them may have.
const TEXT_BYTES_MAX: usize = DESCRIPTION_BYTES_MAX;

/// What a form may consist of, in any order; each text once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    /// The fields that are texts.
    pub(super) texts: &'static [&'static str],
    /// The field that is files.
    pub(super) files: &'static str,
    /// How many files, at most.
    pub(super) files_max: usize,
    /// Bytes of all files together, at most; but one as large as the store takes is always allowed.
    pub(super) bytes_max: u64,
}

/// A file whose bytes are in the store.
#[derive(Clone, Debug)]
pub(super) struct Upload {
    pub(super) file_name: FileName,
    pub(super) stored: Stored,
}

/// A whole form. Its files are to be kept or discarded.
#[must_use = "to be kept or discarded"]
pub(super) struct Received {
    store: AttachmentStore,
    texts: BTreeMap<&'static str, String>,
    files: Vec<(FileName, Arrived)>,
}

/// The rest of a file does not come; why stands elsewhere.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the upload was given up")]
struct GivenUp;

impl Received {
    /// What a field says, if it is there.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }

    /// The files' names and hashes: what a repetition of the form has in common with it, whatever boundaries it has.
    pub(super) fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        let files = self.files.iter();
        files.map(|(name, arrived)| (name.as_str(), arrived.stored().sha256.as_str()))
    }

    /// Gives all files their place in the store.
    pub(super) async fn keep(self) -> ApiResult<Vec<Upload>> {
        let mut kept = Vec::with_capacity(self.files.len());
        let mut files = self.files.into_iter();
        while let Some((file_name, arrived)) = files.next() {
            match self.store.keep(arrived).await {
                Ok(stored) => kept.push(Upload { file_name, stored }),
                Err(error) => {
                    for (_, arrived) in files {
                        self.store.discard(arrived).await;
                    }
                    return Err(error.into());
                }
            }
        }
        Ok(kept)
    }

    /// Forgets all files.
    pub(super) async fn discard(self) {
        for (_, arrived) in self.files {
            self.store.discard(arrived).await;
        }
    }
}

impl Form {
    /// Takes a whole body in.
    ///
    /// 415 for another media type; 413 if there are too many bytes, before any is read if the body says so itself; 400 if
    /// it is no form; 422 if there is anything in it that is not expected. A file that is empty or has no name is, where
    /// there is to be just one, none (400).
    pub(super) async fn receive(&self, store: &AttachmentStore, mut request: Request) -> ApiResult<Received> {
        if !is_form(request.headers()) {
            return Err(problem::unsupported_media_type("multipart/form-data"));
        }
        let body_max = self.body_max(store);
        if announced(request.headers()).is_some_and(|bytes| bytes > body_max) {
            return Err(self.too_large(store));
        }
        DefaultBodyLimit::max(usize::try_from(body_max).unwrap_or(usize::MAX)).apply(&mut request);
        let multipart = Multipart::from_request(request, &()).await;
        let multipart = multipart.map_err(|_| malformed("Content-Type names no boundary"))?;
        let mut received = Received {
            store: store.clone(),
            texts: BTreeMap::new(),
            files: Vec::new(),
        };
        match self.read(multipart, &mut received).await {
            Ok(()) => Ok(received),
            Err(error) => {
                received.discard().await;
                Err(error)
            }
        }
    }

    async fn read(&self, mut multipart: Multipart, received: &mut Received) -> ApiResult<()> {
        loop {
            let field = multipart.next_field().await;
            let Some(field) = field.map_err(|error| self.refused(&error, &received.store))? else {
                return Ok(());
            };
            let Part { name, file_name } = Part::of(field.headers());
            let text = self.texts.iter().find(|text| Some(**text) == name.as_deref());
            if let Some(text) = text {
                if file_name.is_some() {
                    return Err(problem::invalid(text, "must be a text, not a file"));
                }
                if received.texts.contains_key(text) {
                    return Err(problem::invalid(text, "must come only once"));
                }
                let value = self.text(text, field, &received.store).await?;
                received.texts.insert(text, value);
            } else if name.as_deref() == Some(self.files) {
                self.file(file_name, field, received).await?;
            } else {
                return Err(self.unknown(name));
            }
        }
    }

    async fn text(&self, name: &str, mut field: Field<'_>, store: &AttachmentStore) -> ApiResult<String> {
        let mut bytes = Vec::new();
        while let Some(chunk) = field.chunk().await.map_err(|error| self.refused(&error, store))? {
            if bytes.len() + chunk.len() > TEXT_BYTES_MAX {
                let message = format!("must have at most {TEXT_BYTES_MAX} bytes");
                return Err(problem::invalid(name, message));
            }
            bytes.extend_from_slice(&chunk);
        }
        String::from_utf8(bytes).map_err(|_| problem::invalid(name, "must be a text in UTF-8"))
    }

    async fn file(
        &self,
        file_name: Option<String>,
        field: Field<'_>,
        received: &mut Received,
    ) -> ApiResult<()> {
        let raw = file_name.ok_or_else(|| self.no_file())?;
        let one = self.files_max == 1;
        if received.files.len() == self.files_max {
            let message = if one {
                "must come only once".to_owned()
            } else {
                format!("must be at most {} files", self.files_max)
            };
            return Err(problem::invalid(self.files, message));
        }
        let name =
            clean(&raw).map_err(|error| problem::invalid(self.files, format!("has a name that {error}")))?;
        let mut broken = None;
        let chunks = field.map_err(|error| {
            broken = Some(error);
            GivenUp
        });
        match received.store.receive(chunks).await {
            Ok(arrived) => received.files.push((name, arrived)),
            // Browsers send this for a field in which no file was chosen.
            Err(StoreError::Empty) if raw.is_empty() && !one => {}
            Err(StoreError::Empty) if !one => {
                return Err(problem::invalid(self.files, format!("must not be empty: {name}")));
            }
            Err(error) => {
                let broken = broken.map(|error| self.refused(&error, &received.store));
                return Err(broken.unwrap_or_else(|| error.into()));
            }
        }
        Ok(())
    }

    /// Bytes in a body, at most.
    fn body_max(&self, store: &AttachmentStore) -> u64 {
        let texts = self.texts.len().saturating_mul(TEXT_BYTES_MAX) as u64;
        let files = self.files_bytes_max(store);
        files.saturating_add(texts).saturating_add(ENVELOPE_BYTES_MAX)
    }

    /// Bytes of all files together, at most.
    pub(super) fn files_bytes_max(&self, store: &AttachmentStore) -> u64 {
        self.bytes_max.max(store.max_size())
    }

    fn too_large(&self, store: &AttachmentStore) -> ApiError {
        let max = self.files_bytes_max(store);
        if self.files_max == 1 {
            StoreError::TooLarge { max }.into()
        } else {
            problem::too_large(format!("Files exceed {}MB together", max / (1024 * 1024)))
        }
    }

    fn refused(&self, error: &MultipartError, store: &AttachmentStore) -> ApiError {
        match error.status() {
            StatusCode::PAYLOAD_TOO_LARGE => self.too_large(store),
            StatusCode::BAD_REQUEST => malformed(error.body_text()),
            // Not the form's fault but the connection's.
            _ => problem::receive(error),
        }
    }

    fn unknown(&self, name: Option<String>) -> ApiError {
        let expected = self.texts.iter().copied().chain([self.files]);
        let expected: Vec<_> = expected.map(|name| format!("`{name}`")).collect();
        let message = format!("is not known here, expected {}", expected.join(", "));
        problem::invalid(&name.unwrap_or_default(), message)
    }

    /// There is none, or what there is has no name.
    pub(super) fn no_file(&self) -> ApiError {
        let Self { files, .. } = self;
        if self.files_max == 1 {
            problem::bad_request("No file provided").detail(format!("send one file in the field `{files}`"))
        } else {
            problem::invalid(files, "must be files, each under its name")
        }
    }
}

fn malformed(detail: impl Into<String>) -> ApiError {
    problem::bad_request("Malformed body").detail(detail.into())
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
