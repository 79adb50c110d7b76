//! The browser client (`web/app`), as `npm run build` leaves it in `app/dist`: names, bytes, kinds, encodings and tags. What
//! is done with them over HTTP is the API's.
//!
//! In builds for development files are read from `app/dist` when they are asked for, so that a client that is built anew needs
//! no new program; otherwise they are embedded.

use std::borrow::Cow;

use rust_embed::{Embed, EmbeddedFile};

/// The folder whose files have their contents' hash in their names: what is there never changes.
pub const ASSETS: &str = "assets/";
const PAGE: &str = "index.html";

#[derive(Embed)]
#[folder = "app/dist/"]
struct Dist;

/// How a file is compressed beside the file itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Smaller.
    Brotli,
    /// Older.
    Gzip,
}

impl Encoding {
    /// All, the best first.
    pub const ALL: [Self; 2] = [Self::Brotli, Self::Gzip];

    /// What it is called between browsers and servers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// How the name of a file ends that is compressed so.
    const fn ending(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
        }
    }
}

/// A file of the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    name: String,
}

/// The bytes of a file, as they are or compressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The bytes.
    pub bytes: Cow<'static, [u8]>,
    /// What other bytes do not have: a hash.
    pub tag: String,
}

impl File {
    /// The file of this name, with slashes, from the client's root. Not the page, which is [`page`]; nor compressed files, which
    /// are their files' [`File::content`]; nor whatever hides behind a dot.
    pub fn named(name: &str) -> Option<Self> {
        (is_name(name) && Dist::get(name).is_some()).then(|| Self {
            name: name.to_owned(),
        })
    }

    /// All that are not among [`ASSETS`]: icons and the like, which keep their names when they change.
    pub fn at_root() -> impl Iterator<Item = Self> {
        let names = Dist::iter().filter(|name| is_name(name) && !name.starts_with(ASSETS));
        names.map(|name| Self {
            name: name.into_owned(),
        })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is, by the ending of its name.
    pub fn kind(&self) -> &'static str {
        kind(&self.name)
    }

    /// Its bytes, compressed or not; `None` if they are not there.
    pub fn content(&self, encoding: Option<Encoding>) -> Option<Content> {
        let name = format!("{}{}", self.name, encoding.map_or("", Encoding::ending));
        Dist::get(&name).map(content)
    }

    /// Whether it lies there compressed too.
    pub fn has_encodings(&self) -> bool {
        Encoding::ALL
            .iter()
            .any(|encoding| self.content(Some(*encoding)).is_some())
    }
}

/// The page that all of the client's addresses show; `None` if it is not built, which in an embedded client it is.
pub fn page() -> Option<String> {
    let bytes = Dist::get(PAGE)?.data.into_owned();
    String::from_utf8(bytes).ok()
}

fn content(file: EmbeddedFile) -> Content {
    Content {
        tag: hex::encode(&file.metadata.sha256_hash()[..16]),
        bytes: file.data,
    }
}

/// Names are compared as they are: nothing in them is decoded, and no way leads up.
fn is_name(name: &str) -> bool {
    let is_plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    let is_compressed = Encoding::ALL
        .iter()
        .any(|encoding| name.ends_with(encoding.ending()));
    name != PAGE && !is_compressed && name.split('/').all(is_plain)
}

/// What files of this ending are.
fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "css" => "text/css; charset=utf-8",
        "ico" => "image/x-icon",
        "jpg" => "image/jpeg",
        "js" => "text/javascript; charset=utf-8",
        "json" | "map" => "application/json",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "webmanifest" => "application/manifest+json",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        _ => UNKNOWN,
    }
}

const UNKNOWN: &str = "application/octet-stream";

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn all() -> Vec<File> {
        Dist::iter().filter_map(|name| File::named(&name)).collect()
    }

    #[test]
    fn every_file_has_a_kind_and_every_text_is_there_compressed() {
        let files = all();
        assert!(
            files
                .iter()
                .any(|file| file.kind().starts_with("text/javascript"))
        );
        for file in files {
            let name = file.name();
            assert_ne!(file.kind(), UNKNOWN, "{name}");
            let plain = file.content(None).unwrap();
            let is_long = plain.bytes.len() > 1_024;
            let mut tags = BTreeSet::from([plain.tag]);
            for encoding in Encoding::ALL {
                let Some(compressed) = file.content(Some(encoding)) else {
                    let is_text = file.kind().starts_with("text/");
                    assert!(!is_text, "{name} is not there by {}", encoding.name());
                    continue;
                };
                assert!(!is_long || compressed.bytes.len() < plain.bytes.len(), "{name}");
                tags.insert(compressed.tag);
            }
            assert_eq!(tags.len(), 1 + usize::from(file.has_encodings()) * 2, "{name}");
        }
    }

    #[test]
    fn what_is_asked_for_over_and_over_has_its_hash_in_its_name() {
        let page = page().unwrap();
        let files = all();
        let assets: Vec<_> = files
            .iter()
            .filter(|file| file.name().starts_with(ASSETS))
            .collect();
        assert!(!assets.is_empty());
        for file in assets {
            let stem = file.name().rsplit_once('.').unwrap().0;
            let hash = stem.get(stem.len().saturating_sub(8)..).unwrap();
            let before = &stem[..stem.len() - hash.len()];
            assert!(before.ends_with('-'), "{} has no hash in its name", file.name());
        }
        assert!(page.contains("/assets/"), "the page has no script: {page}");
        assert!(File::at_root().all(|file| !file.name().starts_with(ASSETS)));
    }

    #[test]
    fn names_lead_nowhere_else() {
        let known = all().remove(0);
        let name = known.name();
        assert_eq!(File::named(name).as_ref(), Some(&known));
        for other in [
            String::new(),
            "/".to_owned(),
            ".".to_owned(),
            "index.html".to_owned(),
            "nothing.js".to_owned(),
            "assets".to_owned(),
            "assets/".to_owned(),
            format!("/{name}"),
            format!("{name}/"),
            format!("{name}.br"),
            format!("{name}.gz"),
            format!("{name}\0"),
            format!("./{name}"),
            format!("assets//{name}"),
            format!("assets/../{name}"),
            format!("assets\\..\\{name}"),
            format!("%2e/{name}"),
            "../package.json".to_owned(),
            "../../Cargo.toml".to_owned(),
            "assets/../../../Cargo.toml".to_owned(),
            "/etc/passwd".to_owned(),
        ] {
            assert_eq!(File::named(&other), None, "{other:?}");
        }
    }
}
