//! The attachments' store: whether what is put there can be read again and removed.

use std::time::Duration;

use domain::ids::uuid_v7;
use object_store::ObjectStoreExt;
use object_store::path::Path;

use super::Finding;
use crate::cli::chain;
use crate::clock::{OsEntropy, SystemClock};
use crate::config::Uploads;
use crate::store;

const CHECK: &str = "uploads.store";
/// How long the store may take in all.
const PATIENCE: Duration = Duration::from_secs(15);
const PROBE: &[u8] = b"put here by informejo doctor, which failed to remove it";

/// Tries the store with a small object of its own.
pub(super) async fn look(uploads: &Uploads) -> Vec<Finding> {
    // Where nothing is yet, nothing is made.
    if let Uploads::Folder(dir) = uploads
        && !dir.exists()
    {
        let why = format!("{} is not there yet: the first start makes it", dir.display());
        return vec![Finding::skipped(CHECK, why)];
    }
    let problem = match tokio::time::timeout(PATIENCE, probe(uploads)).await {
        Ok(Ok(())) => return vec![Finding::ok(CHECK, "attachments can be put, read and removed")],
        Ok(Err(problem)) => problem,
        Err(_) => format!("the store has not answered within {} s", PATIENCE.as_secs()),
    };
    let advice = match uploads {
        Uploads::Folder(_) => "give the folder to the account that the program runs as",
        Uploads::S3 { .. } => {
            "check UPLOAD_URL, the AWS_… settings, and the key's rights to put, get and delete"
        }
    };
    vec![Finding::error(CHECK, problem, advice)]
}

async fn probe(uploads: &Uploads) -> Result<(), String> {
    let store = store::open(uploads).map_err(|error| chain(&error))?;
    // The server removes what is left over in this place after an hour.
    let path = Path::from(format!("incoming/doctor-{}", uuid_v7(&SystemClock, &OsEntropy)));
    let said = |error: object_store::Error| chain(&error);
    store.put(&path, PROBE.into()).await.map_err(said)?;
    let read = async { store.get(&path).await?.bytes().await };
    let read = read.await;
    store.delete(&path).await.map_err(said)?;
    match read {
        Ok(bytes) if bytes == PROBE => Ok(()),
        Ok(_) => Err("the store gives back other bytes than it was given".to_owned()),
        Err(error) => Err(said(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    #[tokio::test]
    async fn a_folder_is_tried_and_nothing_stays() {
        let dir = tempfile::tempdir().unwrap();
        let findings = look(&Uploads::Folder(dir.path().to_owned())).await;
        assert_eq!(findings[0].level, Level::Ok, "{findings:?}");
        let left = std::fs::read_dir(dir.path().join("incoming")).unwrap().count();
        assert_eq!(left, 0);
        let missing = look(&Uploads::Folder(dir.path().join("missing"))).await;
        assert_eq!(missing[0].level, Level::Skipped, "{missing:?}");
        assert!(!dir.path().join("missing").exists());
    }
}
