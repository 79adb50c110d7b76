//! Where something is published: a file, a folder, or an address on the web.

use std::fmt;
use std::path::PathBuf;

use url::Url;

/// A place where something is published.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// A file that has the newest.
    File(PathBuf),
    /// A folder that gets a file each time.
    Folder(PathBuf),
    /// An address that gets the newest by PUT.
    Web(Url),
}

impl Place {
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        if text.starts_with("http://") || text.starts_with("https://") {
            let url = Url::parse(text).map_err(|_| "has an address that cannot be read")?;
            return Ok(Self::Web(url));
        }
        if text.contains("://") {
            return Err("has an address that begins neither with http:// nor with https://");
        }
        Ok(if text.ends_with('/') {
            Self::Folder(text.into())
        } else {
            Self::File(text.into())
        })
    }
}

/// Without what may be secret in an address: name, password and query.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) | Self::Folder(path) => write!(f, "{}", path.display()),
            Self::Web(url) => write!(f, "{}{}", url.origin().ascii_serialization(), url.path()),
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_a_file_a_folder_or_an_address() {
        let shown = |text| Place::parse(text).map(|place| place.to_string());
        assert_eq!(Place::parse("a/b").unwrap(), Place::File("a/b".into()));
        assert_eq!(Place::parse("a/b/").unwrap(), Place::Folder("a/b/".into()));
        assert_eq!(
            shown("https://me:hunter2@witness.example/desk?token=hunter2").unwrap(),
            "https://witness.example/desk"
        );
        assert!(shown("s3://bucket").is_err());
        assert!(shown("http://").is_err());
    }
}
