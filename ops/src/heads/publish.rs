//! One place where signed heads are published, and how a note gets there.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use eventlog::Position;

use crate::cli::chain;
use crate::config::Place;

/// How long an address may take to accept a note.
const ACCEPT_WITHIN: Duration = Duration::from_secs(10);

pub(super) struct Publisher {
    place: Place,
    client: reqwest::Client,
}

impl Publisher {
    /// Redirects are not followed: where one leads by GET, an answer of 200 would be taken for an arrival.
    pub(super) fn to(place: Place) -> Result<Self, String> {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let client = client.build().map_err(|error| chain(&error))?;
        Ok(Self { place, client })
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// Brings the note there: whole or not at all. The error never names what may be secret in an address.
    pub(super) async fn publish(&self, position: Position, note: &str) -> Result<(), String> {
        match &self.place {
            Place::File(file) => write(file.clone(), note).await,
            // Of equal length, so that names sort as positions do.
            Place::Folder(folder) => write(folder.join(format!("{position:019}.head")), note).await,
            Place::Web(url) => {
                let request = self
                    .client
                    .put(url.clone())
                    .header("content-type", "text/plain; charset=utf-8")
                    .timeout(ACCEPT_WITHIN)
                    .body(note.to_owned());
                let answer = request
                    .send()
                    .await
                    .map_err(|error| chain(&error.without_url()))?;
                if answer.status().is_success() {
                    Ok(())
                } else {
                    Err(format!("the answer was {}", answer.status()))
                }
            }
        }
    }
}

async fn write(file: PathBuf, note: &str) -> Result<(), String> {
    let note = note.to_owned();
    let written = tokio::task::spawn_blocking(move || write_whole(&file, &note)).await;
    match written {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

/// Writes beside the file, then takes its place: nobody ever reads half of it.
fn write_whole(file: &Path, note: &str) -> io::Result<()> {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder)?;
    let mut beside = file.as_os_str().to_owned();
    beside.push(".new");
    let mut new = File::create(&beside)?;
    new.write_all(note.as_bytes())?;
    new.sync_all()?;
    fs::rename(&beside, file)?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_file_is_replaced_and_a_folder_filled() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("not/yet/desk.head");
        let publisher = Publisher::to(Place::File(file.clone())).unwrap();
        publisher.publish(1, "one\n").await.unwrap();
        publisher.publish(2, "two\n").await.unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "two\n");
        assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1);

        let folder = root.path().join("heads");
        let publisher = Publisher::to(Place::Folder(folder.clone())).unwrap();
        publisher.publish(9, "nine\n").await.unwrap();
        publisher.publish(10, "ten\n").await.unwrap();
        let mut names: Vec<_> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        assert_eq!(names, ["0000000000000000009.head", "0000000000000000010.head"]);

        let nowhere = Publisher::to(Place::File(file.join("below/a/file"))).unwrap();
        assert!(nowhere.publish(1, "one\n").await.is_err());
    }

    #[tokio::test]
    async fn an_address_that_sends_elsewhere_has_accepted_nothing() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = vec![0; 4096];
                let length = stream.read(&mut request).await.unwrap();
                let answer = if request[..length].starts_with(b"PUT ") {
                    "HTTP/1.1 303 See Other\r\nlocation: /elsewhere\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                } else {
                    "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                };
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        let place = Place::Web(format!("http://{address}/desk").parse().unwrap());
        let refused = Publisher::to(place).unwrap().publish(1, "one\n").await;
        assert_eq!(refused, Err("the answer was 303 See Other".to_owned()));
    }
}
