//! The name that an uploaded file had at its owner's, made harmless to show and to keep a download under.
//!
//! It is never a path here: bytes are stored under their SHA-256. But other programs, and people, do things with it.

use domain::limits::FILE_NAME_BYTES_MAX;
use domain::text::{FileName, TextError};

/// The name of a file that comes without one.
const UNNAMED: &str = "unnamed";
/// Bytes behind the last dot that are still taken for an extension.
const EXTENSION_BYTES_MAX: usize = 20;

/// The last part of a path (of whatever system), without characters that cannot be seen or that turn the reading
/// direction, and shortened to what a file system holds, in front of its extension.
pub(super) fn clean(raw: &str) -> Result<FileName, TextError> {
    let parts = raw.split(['/', '\\']).map(visible);
    // A name of dots only means a folder.
    let last = parts
        .rev()
        .find(|part| !part.chars().all(|character| character == '.'));
    let name = last.as_deref().unwrap_or(UNNAMED);
    match FileName::parse(shorten(name, FILE_NAME_BYTES_MAX).trim()) {
        // NFC makes a few characters longer, up to three times.
        Err(TextError::TooLarge { .. }) => FileName::parse(shorten(name, FILE_NAME_BYTES_MAX / 3).trim()),
        parsed => parsed,
    }
}

fn visible(part: &str) -> String {
    let kept: String = part
        .chars()
        .filter(|character| !is_invisible(*character))
        .collect();
    kept.trim().to_owned()
}

/// Characters that make a name look like another one: controls, line separators, marks of direction, and such as have
/// no width, but for the two joiners that scripts and emoji need.
const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
    )
}

/// At most `bytes_max` bytes of `name`: its beginning and its extension.
fn shorten(name: &str, bytes_max: usize) -> String {
    if name.len() <= bytes_max {
        return name.to_owned();
    }
    let extension = name.rfind('.').map(|dot| &name[dot..]);
    let extension = extension
        .filter(|extension| extension.len() <= EXTENSION_BYTES_MAX)
        .unwrap_or_default();
    let stem = &name[..name.len() - extension.len()];
    let stem = &stem[..stem.floor_char_boundary(bytes_max - extension.len())];
    format!("{stem}{extension}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cleaned(raw: &str) -> String {
        clean(raw).unwrap().to_string()
    }

    /// U1.
    #[test]
    fn no_name_is_a_path() {
        for (raw, name) in [
            ("../../x", "x"),
            ("..\\..\\x", "x"),
            ("..\\", "unnamed"),
            ("/etc/passwd", "passwd"),
            ("C:\\fakepath\\shot 1.png", "shot 1.png"),
            ("%2e%2e/x", "x"),
            ("%2e%2e%2fx", "%2e%2e%2fx"),
            ("..", "unnamed"),
            ("a/", "a"),
            ("a\\", "a"),
            ("", "unnamed"),
            (" \t ", "unnamed"),
            (".env", ".env"),
        ] {
            assert_eq!(cleaned(raw), name, "{raw:?}");
        }
    }

    /// U1.
    #[test]
    fn no_name_looks_like_another_one() {
        assert_eq!(cleaned("a\0b.txt"), "ab.txt");
        assert_eq!(cleaned("a\r\nSet-Cookie: x"), "aSet-Cookie: x");
        assert_eq!(cleaned("invoice\u{202e}gpj.exe"), "invoicegpj.exe");
        assert_eq!(cleaned("a\u{200b}\u{feff}b"), "ab");
        assert_eq!(cleaned("a\"; filename=\"b.html"), "a\"; filename=\"b.html");
        assert_eq!(
            cleaned("👩\u{200d}🚒 на пожаре.png"),
            "👩\u{200d}🚒 на пожаре.png"
        );
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let long = cleaned(&format!("{}.tar.gz", "x".repeat(300)));
        assert_eq!((long.len(), &long[250..]), (255, "xx.gz"));
        let long = cleaned(&format!("{}.jpeg", "ж".repeat(300)));
        assert!(long.len() <= 255 && long.ends_with("ж.jpeg"));
        assert_eq!(cleaned(&"x".repeat(300)).len(), 255);
        assert_eq!(cleaned(&format!("x.{}", "y".repeat(300))).len(), 255);
        // Longer in NFC than as it was sent.
        assert!(clean(&"\u{1d160}".repeat(63)).is_ok());
    }

    proptest! {
        #[test]
        fn every_name_becomes_a_good_one(raw in "[\\PC\\x00-\\x1f\u{1d160}./\\\\]{0,300}") {
            let name = clean(&raw).unwrap();
            let text = name.as_str();
            prop_assert!((1..=255).contains(&text.len()));
            prop_assert!(!text.contains(['/', '\\']) && !text.chars().any(is_invisible));
            prop_assert!(!text.chars().all(|character| character == '.'));
            prop_assert_eq!(clean(text).unwrap(), name);
        }
    }
}
