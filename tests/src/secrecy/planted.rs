//! The secrets that tests have chosen or received, and looking for all of them at once.

use std::collections::HashMap;

/// Fewer characters than these are no secret but a word that may stand anywhere.
pub const CHARS_MIN: usize = 10;

/// Bytes by which a secret is recognised at first.
const HEAD: usize = 8;
/// Entries of the table that most places of a text are dismissed by; a power of two.
const TABLE: usize = 1 << 20;

/// A secret, and whose.
#[derive(Clone, Debug)]
pub struct Secret {
    /// What it is: `password`, `token` …
    pub kind: &'static str,
    /// Which test has planted it.
    pub by: String,
    value: String,
}

/// All of them. Searching costs the same for one as for thousands, since every test adds some.
#[derive(Default)]
pub(super) struct Planted {
    secrets: Vec<Secret>,
    /// By their first bytes.
    heads: HashMap<u64, Vec<usize>>,
    /// Whether the first bytes of one may begin here.
    table: Vec<bool>,
}

impl Planted {
    /// Adds one, unless it is too short or known.
    pub(super) fn add(&mut self, kind: &'static str, value: &str) {
        if value.len() < CHARS_MIN || !value.is_ascii() {
            return;
        }
        let head = head(value.as_bytes());
        let known = self.heads.entry(head).or_default();
        if known.iter().any(|&at| self.secrets[at].value == value) {
            return;
        }
        known.push(self.secrets.len());
        self.table.resize(TABLE, false);
        self.table[slot(head)] = true;
        let by = std::thread::current().name().unwrap_or("?").to_owned();
        self.secrets.push(Secret {
            kind,
            by,
            value: value.to_owned(),
        });
    }

    /// The first secret in `text` that is not `except`, and where it begins.
    pub(super) fn find(&self, text: &[u8], except: &str) -> Option<(&Secret, usize)> {
        if self.secrets.is_empty() {
            return None;
        }
        let mut window = 0;
        // By index: without optimisation an iterator takes several times as long, and this sees every byte of a run.
        let mut end = 0;
        while end < text.len() {
            window = (window << 8) | u64::from(text[end]);
            end += 1;
            if self.table[slot(window)] && end >= HEAD {
                let rest = &text[end - HEAD..];
                let candidates = self.heads.get(&window).into_iter().flatten();
                let mut found = candidates.map(|&at| &self.secrets[at]);
                let found = found.find(|secret| {
                    let value = secret.value.as_bytes();
                    rest.starts_with(value) && value != except.as_bytes()
                });
                if let Some(secret) = found {
                    return Some((secret, end - HEAD));
                }
            }
        }
        None
    }

    /// `text` without any of them.
    pub(super) fn masked(&self, text: &[u8]) -> String {
        let mut masked = text.to_vec();
        while let Some((secret, at)) = self.find(&masked, "") {
            let mask = format!("‹{}›", secret.kind).into_bytes();
            masked.splice(at..at + secret.value.len(), mask);
        }
        String::from_utf8_lossy(&masked).into_owned()
    }
}

fn head(value: &[u8]) -> u64 {
    value[..HEAD]
        .iter()
        .fold(0, |window, &byte| (window << 8) | u64::from(byte))
}

fn slot(window: u64) -> usize {
    (window.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 44) as usize
}
