//! What people write, as HTML: Markdown as they know it from GitHub, rendered and sanitised here and nowhere else.
//!
//! A text is data of whoever wrote it, and may be written against its readers. So three things hold it, each enough by itself:
//! HTML in it is text (`tree`); only what is on short lists is left of what was made (`clean`); and pages run no script
//! that is not the client's own (their Content-Security-Policy). Nothing is loaded from anywhere: an image is a link.
//!
//! The HTML is not stored. It is this program's reading of a text, so that a better program has a better one at its next start;
//! what was rendered is remembered here, so that a text is rendered once however many people look at it.
//!
//! Most texts are plain, and look as they were typed: each line is a line, and nothing is lost (`typed`).

mod blocks;
mod clean;
mod tree;
mod typed;

use std::sync::{Arc, LazyLock};

use moka::sync::Cache;
use sha2::{Digest, Sha256};

/// Bytes of remembered HTML, with what it takes to find it again.
const REMEMBERED_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// What a text costs beside its HTML.
const ENTRY_BYTES: usize = 128;
/// Bytes of HTML that may come of one text. What would be more is shown as it was typed.
const HTML_BYTES_MAX: usize = 1024 * 1024;

static REMEMBERED: LazyLock<Cache<[u8; 32], Arc<str>>> = LazyLock::new(|| {
    Cache::builder()
        .max_capacity(REMEMBERED_BYTES_MAX)
        .weigher(|_, html: &Arc<str>| u32::try_from(html.len() + ENTRY_BYTES).unwrap_or(u32::MAX))
        .build()
});

/// `text` as HTML that may be put into a page.
pub fn render(text: &str) -> Arc<str> {
    REMEMBERED.get_with(Sha256::digest(text).into(), || rendered(text).into())
}

fn rendered(text: &str) -> String {
    let html = tree::html(text).filter(|html| html.len() <= HTML_BYTES_MAX);
    blocks::marked(&clean::clean(&html.unwrap_or_else(|| plain(text))))
}

/// `text` as it was typed, for texts that would cost too much otherwise.
fn plain(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + text.len() / 4);
    html.push_str("<p>");
    for (number, line) in text.lines().enumerate() {
        if number > 0 {
            html.push_str("<br>");
        }
        for character in line.chars() {
            match character {
                '&' => html.push_str("&amp;"),
                '<' => html.push_str("&lt;"),
                '>' => html.push_str("&gt;"),
                other => html.push(other),
            }
        }
    }
    html.push_str("</p>");
    html
}

#[cfg(test)]
mod tests;
