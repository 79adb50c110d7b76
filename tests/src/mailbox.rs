//! The mail of a help desk that puts it into a folder, read by a parser that is not ours.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use mailparse::{MailHeaderMap, ParsedMail, addrparse_header};

use crate::{secrecy, wait};

/// A folder of mails. Gives each of them once, the oldest first; clones share what was given.
#[derive(Clone, Debug)]
pub struct Mailbox {
    dir: PathBuf,
    given: Arc<Mutex<HashSet<PathBuf>>>,
}

impl Mailbox {
    /// The mails in `dir`, which need not be there yet.
    pub fn at(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            given: Arc::default(),
        }
    }

    /// Waits for the next mail to this address, whatever it is.
    pub async fn next(&self, to: &str) -> Mail {
        wait::until(("a mail", to), async || self.take(to, None)).await
    }

    /// Waits for the next mail of this kind to this address, such as `password_reset` (`reactors::Kind`). Others stay for
    /// later.
    pub async fn next_of(&self, to: &str, kind: &str) -> Mail {
        wait::until((kind, to), async || self.take(to, Some(kind))).await
    }

    /// Every mail that there is, given or not, the oldest first.
    pub fn all(&self) -> Vec<Mail> {
        let paths = self.paths();
        paths.iter().map(|path| Mail::read(path)).collect()
    }

    fn take(&self, to: &str, kind: Option<&str>) -> Option<Mail> {
        let mut given = self.given.lock().unwrap();
        let fresh = self.paths().into_iter().filter(|path| !given.contains(path));
        let (path, mail) = fresh
            .map(|path| (path.clone(), Mail::read(&path)))
            .find(|(_, mail)| mail.is_to(to) && kind.is_none_or(|kind| mail.kind == kind))?;
        given.insert(path);
        Some(mail)
    }

    fn paths(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(&self.dir) else {
            return Vec::new();
        };
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
        paths.sort();
        paths
    }
}

/// One mail, as a mail program sees it.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Which mail, by its file's name.
    pub kind: String,
    /// The addresses in `To`.
    pub to: Vec<String>,
    /// Its headers in their order, decoded.
    pub headers: Vec<(String, String)>,
    /// Its plain text; empty if there is none.
    pub text: String,
    /// Its HTML; empty if there is none.
    pub html: String,
    /// What was written.
    pub raw: String,
}

impl Mail {
    fn read(path: &Path) -> Self {
        let name = path.file_name().unwrap().to_str().unwrap();
        let kind = name.split('-').nth(1).unwrap();
        Self::parse(kind, &fs::read_to_string(path).unwrap())
    }

    /// Takes a mail apart.
    pub fn parse(kind: &str, raw: &str) -> Self {
        let parsed = mailparse::parse_mail(raw.as_bytes()).unwrap();
        let to = parsed.headers.get_first_header("To").unwrap();
        let to = addrparse_header(to).unwrap();
        let headers = parsed.headers.iter();
        let mail = Self {
            kind: kind.to_owned(),
            to: to
                .iter()
                .filter_map(|to| match to {
                    mailparse::MailAddr::Single(single) => Some(single.addr.clone()),
                    mailparse::MailAddr::Group(_) => None,
                })
                .collect(),
            headers: headers
                .map(|header| (header.get_key(), header.get_value()))
                .collect(),
            text: part(&parsed, "text/plain").unwrap_or_default(),
            html: part(&parsed, "text/html").unwrap_or_default(),
            raw: raw.to_owned(),
        };
        for (_, token) in mail.links().filter_map(|link| link.split_once('#')) {
            secrecy::plant("link", token);
        }
        mail
    }

    /// A header's value; empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        let mut headers = self.headers.iter();
        let found = headers.find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }

    /// The subject.
    pub fn subject(&self) -> &str {
        self.header("Subject")
    }

    /// The first link in its text.
    pub fn link(&self) -> &str {
        self.links().next().expect("no link in the mail")
    }

    /// Every link in its text.
    pub fn links(&self) -> impl Iterator<Item = &str> {
        self.text
            .split_whitespace()
            .filter(|word| word.starts_with("http"))
    }

    /// The token in its text: what stands after `#` of the first link that has one.
    pub fn token(&self) -> &str {
        let mut tokens = self.links().filter_map(|link| link.split_once('#'));
        tokens.next().expect("no token in the mail").1
    }

    fn is_to(&self, address: &str) -> bool {
        self.to.iter().any(|to| to.eq_ignore_ascii_case(address))
    }
}

/// The first part of this type, decoded.
fn part(mail: &ParsedMail<'_>, media_type: &str) -> Option<String> {
    let mut parts = mail.parts();
    let part = parts.find(|part| part.ctype.mimetype == media_type)?;
    Some(part.get_body().unwrap())
}
