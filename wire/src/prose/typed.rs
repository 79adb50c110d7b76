//! What Markdown would swallow of texts that were not meant as such, kept by backslashes before it is read.
//!
//! * A line such as `[ERROR]: timeout` would define a link that nobody sees.
//! * In Windows paths, `\\server\share` and `C:\_old\`, backslashes would escape what follows.

use std::borrow::Cow;

/// Spaces before code.
const INDENT_OF_CODE: usize = 4;

/// `text`, so that Markdown shows what stands there.
pub(super) fn kept(text: &str) -> Cow<'_, str> {
    if !text.contains("]:") && !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len() + 64);
    let mut fence = None;
    for line in text.split_inclusive('\n') {
        let start = line.trim_start_matches(' ');
        let is_code = line.len() - start.len() >= INDENT_OF_CODE;
        let marker = ["```", "~~~"]
            .into_iter()
            .find(|marker| start.starts_with(marker));
        match (fence, marker) {
            (None, Some(_)) => fence = marker,
            (Some(open), Some(close)) if open == close => fence = None,
            _ => {}
        }
        if is_code || fence.is_some() || marker.is_some() {
            kept.push_str(line);
        } else {
            line_kept(line, &mut kept);
        }
    }
    Cow::Owned(kept)
}

fn line_kept(line: &str, kept: &mut String) {
    // After what quotes and lists begin with.
    let said = line.trim_start_matches(|c: char| " >-*+.)\t".contains(c) || c.is_ascii_digit());
    if said.starts_with('[') && said.contains("]:") {
        kept.push_str(&line[..line.len() - said.len()]);
        kept.push('\\');
        words_kept(said, kept);
    } else {
        words_kept(line, kept);
    }
}

fn words_kept(text: &str, kept: &mut String) {
    for word in text.split_inclusive([' ', '\t', '\n']) {
        if !is_path(word.trim_start_matches(['"', '\'', '('])) {
            kept.push_str(word);
            continue;
        }
        let mut letters = word.chars().peekable();
        while let Some(letter) = letters.next() {
            kept.push(letter);
            let escapes = |next: &char| next.is_ascii_punctuation() || *next == '\n';
            if letter == '\\' && letters.peek().is_some_and(escapes) {
                kept.push('\\');
            }
        }
    }
}

/// Whether it begins as paths do on Windows.
fn is_path(word: &str) -> bool {
    let of_server = word
        .strip_prefix("\\\\")
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric() || c == '?' || c == '.'));
    let mut letters = word.chars();
    let of_drive = letters.next().is_some_and(|letter| letter.is_ascii_alphabetic())
        && letters.next() == Some(':')
        && letters.next() == Some('\\');
    of_server || of_drive
}
