//! Where attachments are kept: a folder, or S3.

use std::fs::{DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;

use object_store::ObjectStore;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::local::LocalFileSystem;
use object_store::prefix::PrefixStore;

use crate::config::Uploads;

/// Why attachments could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder could not be made.
    #[error("creating {folder} failed")]
    Folder {
        /// Which.
        folder: String,
        /// The answer of the operating system.
        #[source]
        source: std::io::Error,
    },
    /// The store does not take these settings.
    #[error("opening the store for attachments failed")]
    Open(#[source] object_store::Error),
}

/// Opens the store. A folder is made if it is missing, for the program's account only; what is written there is on
/// disk when the write is answered.
pub fn open(uploads: &Uploads) -> Result<Arc<dyn ObjectStore>, StoreError> {
    match uploads {
        Uploads::Folder(dir) => {
            let failed = |source| StoreError::Folder {
                folder: dir.display().to_string(),
                source,
            };
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(dir)
                .map_err(failed)?;
            sync_parent(dir).map_err(failed)?;
            let store = LocalFileSystem::new_with_prefix(dir).map_err(StoreError::Open)?;
            Ok(Arc::new(store.with_fsync(true)))
        }
        Uploads::S3 { url, variables } => {
            let mut builder = AmazonS3Builder::new().with_bucket_name(url.host_str().unwrap_or_default());
            for (name, value) in variables {
                // Others, such as AWS_PAGER, are for Amazon's own tools.
                if let Ok(key) = name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>() {
                    builder = builder.with_config(key, value);
                }
            }
            let store = builder.build().map_err(StoreError::Open)?;
            Ok(match url.path().trim_matches('/') {
                "" => Arc::new(store),
                prefix => Arc::new(PrefixStore::new(store, prefix)),
            })
        }
    }
}

fn sync_parent(dir: &Path) -> std::io::Result<()> {
    match dir.canonicalize()?.parent() {
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use object_store::ObjectStoreExt as _;
    use object_store::path::Path as ObjectPath;

    use super::*;

    #[tokio::test]
    async fn a_folder_is_made_private_and_keeps_what_it_is_given() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("data/uploads");
        let store = open(&Uploads::Folder(dir.clone())).unwrap();
        assert_eq!(std::fs::metadata(&dir).unwrap().mode() & 0o777, 0o700);
        let path = ObjectPath::from("ab/cd");
        store.put(&path, "bytes".into()).await.unwrap();
        let again = open(&Uploads::Folder(dir)).unwrap();
        assert_eq!(again.get(&path).await.unwrap().bytes().await.unwrap(), "bytes");
    }

    #[test]
    fn s3_is_opened_with_amazons_variables() {
        let url = "s3://bucket/some/prefix".parse().unwrap();
        let variables = [
            ("AWS_ACCESS_KEY_ID", "id"),
            ("AWS_SECRET_ACCESS_KEY", "hunter2"),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_PAGER", "less"),
        ];
        let variables = variables
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        let store = open(&Uploads::S3 { url, variables }).unwrap();
        assert_eq!(store.to_string(), "PrefixObjectStore(some/prefix)");
    }
}
