//! Text from people, valid by construction.
//!
//! Whatever is in one of these types has been trimmed, brought to Unicode's NFC form, freed of nothing else, and
//! found to be within its limits and without control characters other than newline and tab (NUL among them, which
//! Postgres cannot store); titles and names also without characters that make one look like another. Parsing happens once, at the edge; everything inside relies on it.

use std::fmt;
use std::str::FromStr;

use email_address::EmailAddress;
use serde::{Deserialize, Serialize};
use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::limits;

/// Why a text was not accepted. The message is meant for the person who typed it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but white space.
    #[error("must not be empty")]
    Empty,
    /// Fewer characters than allowed, counted after trimming.
    #[error("must have at least {min} characters")]
    TooShort {
        /// The limit, in characters.
        min: usize,
    },
    /// More characters than allowed.
    #[error("must have at most {max} characters")]
    TooLong {
        /// The limit, in characters.
        max: usize,
    },
    /// More bytes than allowed in UTF-8.
    #[error("must have at most {max} bytes")]
    TooLarge {
        /// The limit, in bytes.
        max: usize,
    },
    /// A control character, named by its code point.
    #[error("must not contain the control character U+{0:04X}")]
    ControlCharacter(u32),
    /// Not of the form of an e-mail address.
    #[error("must be an e-mail address")]
    NotAnEmail,
}

/// What a kind of text allows.
struct Rules {
    chars_min: usize,
    chars_max: usize,
    bytes_max: usize,
    lines: Lines,
}

/// Whether a text may have more than one line.
#[derive(PartialEq)]
enum Lines {
    One,
    Many,
}

fn clean(raw: &str, rules: &Rules) -> Result<String, TextError> {
    // An input far beyond any limit is refused before it is copied and normalised.
    let bytes_max = rules.bytes_max.min(rules.chars_max.saturating_mul(4));
    if raw.len() > bytes_max.saturating_mul(4) {
        return Err(too_much(rules));
    }
    let unix = raw.replace("\r\n", "\n");
    let trimmed = unix.trim();
    // Nearly every text is in this form already, and looking is far cheaper than composing it anew.
    let text: String = if is_nfc(trimmed) {
        trimmed.to_owned()
    } else {
        trimmed.nfc().collect()
    };
    let one_line = rules.lines == Lines::One;
    for character in text.chars() {
        let allowed = matches!(character, '\n' | '\t') && !one_line;
        if (character.is_control() && !allowed) || (one_line && disguises(character)) {
            return Err(TextError::ControlCharacter(u32::from(character)));
        }
    }
    let chars = text.chars().count();
    if chars == 0 && rules.chars_min > 0 {
        return Err(TextError::Empty);
    }
    if chars < rules.chars_min {
        return Err(TextError::TooShort { min: rules.chars_min });
    }
    if chars > rules.chars_max || text.len() > rules.bytes_max {
        return Err(too_much(rules));
    }
    Ok(text)
}

/// Whether a character lets a title or a name look like another one: without width or blank, ending the line, or turning
/// the direction of what follows. Joiners and direction marks are not among them, since scripts need those.
pub const fn disguises(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' // Hangul fillers: letters that are blank
            | '\u{180e}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}'
            | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

const fn too_much(rules: &Rules) -> TextError {
    if rules.chars_max == usize::MAX {
        TextError::TooLarge { max: rules.bytes_max }
    } else {
        TextError::TooLong { max: rules.chars_max }
    }
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $rules:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Trims, normalises and checks `raw`.
            pub fn parse(raw: &str) -> Result<Self, TextError> {
                clean(raw, &$rules).map(Self)
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = TextError;

            fn from_str(raw: &str) -> Result<Self, TextError> {
                Self::parse(raw)
            }
        }
    };
}

text! {
    /// A ticket's title: one line of 5 to 200 characters.
    Title,
    Rules {
        chars_min: limits::TITLE_CHARS_MIN,
        chars_max: limits::TITLE_CHARS_MAX,
        bytes_max: usize::MAX,
        lines: Lines::One,
    }
}
text! {
    /// A ticket's description: at least 10 characters, at most 64 KiB.
    Description,
    Rules {
        chars_min: limits::DESCRIPTION_CHARS_MIN,
        chars_max: usize::MAX,
        bytes_max: limits::DESCRIPTION_BYTES_MAX,
        lines: Lines::Many,
    }
}
text! {
    /// What a comment says: not empty, at most 64 KiB.
    CommentBody,
    Rules { chars_min: 1, chars_max: usize::MAX, bytes_max: limits::COMMENT_BYTES_MAX, lines: Lines::Many }
}
text! {
    /// A person's name: one line of 2 to 200 characters.
    PersonName,
    Rules {
        chars_min: limits::NAME_CHARS_MIN,
        chars_max: limits::NAME_CHARS_MAX,
        bytes_max: usize::MAX,
        lines: Lines::One,
    }
}
text! {
    /// A department's name: one line of 1 to 200 characters.
    Department,
    Rules {
        chars_min: 1,
        chars_max: limits::DEPARTMENT_CHARS_MAX,
        bytes_max: usize::MAX,
        lines: Lines::One,
    }
}
text! {
    /// The name that an uploaded file had at its owner's: one line of 1 to 255 bytes. Shown, never used as a path.
    FileName,
    Rules { chars_min: 1, chars_max: usize::MAX, bytes_max: limits::FILE_NAME_BYTES_MAX, lines: Lines::One }
}

text! {
    /// A reason or a remark that the log keeps: one line of 1 to 500 characters.
    Note,
    Rules { chars_min: 1, chars_max: limits::NOTE_CHARS_MAX, bytes_max: usize::MAX, lines: Lines::One }
}
text! {
    /// What somebody calls a token of theirs: one line of 1 to 100 characters.
    TokenName,
    Rules { chars_min: 1, chars_max: limits::TOKEN_NAME_CHARS_MAX, bytes_max: usize::MAX, lines: Lines::One }
}
text! {
    /// What titles are searched for: one line of 1 to 200 characters, in the form that titles have.
    SearchText,
    Rules { chars_min: 1, chars_max: limits::TITLE_CHARS_MAX, bytes_max: usize::MAX, lines: Lines::One }
}

/// An e-mail address as its owner writes it, of at most 254 bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(String);

impl Email {
    /// Trims and checks `raw` (RFC 5321 form: no display name, no quoted local part, no address literal).
    pub fn parse(raw: &str) -> Result<Self, TextError> {
        let rules = Rules {
            chars_min: 1,
            chars_max: usize::MAX,
            bytes_max: limits::EMAIL_BYTES_MAX,
            lines: Lines::One,
        };
        let text = clean(raw, &rules)?;
        let options = email_address::Options::default()
            .without_display_text()
            .without_domain_literal()
            .with_required_tld();
        let parsed = EmailAddress::parse_with_options(&text, options).map_err(|_| TextError::NotAnEmail)?;
        if parsed.local_part().contains('"') {
            return Err(TextError::NotAnEmail);
        }
        Ok(Self(text))
    }

    /// The address as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which addresses are compared: lower case.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Email {
    type Err = TextError;

    fn from_str(raw: &str) -> Result<Self, TextError> {
        Self::parse(raw)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_is_trimmed_and_composed() {
        assert_eq!(
            Title::parse("  cafe\u{301} au lait \n").unwrap().as_str(),
            "caf\u{e9} au lait"
        );
        assert_eq!(CommentBody::parse("a\r\nb").unwrap().as_str(), "a\nb");
    }

    #[test]
    fn limits_count_what_is_left_after_trimming() {
        assert_eq!(Title::parse("  abcd  "), Err(TextError::TooShort { min: 5 }));
        assert_eq!(Title::parse("   "), Err(TextError::Empty));
        assert!(Title::parse(&"\u{1F525}".repeat(200)).is_ok());
        assert_eq!(
            Title::parse(&"x".repeat(201)),
            Err(TextError::TooLong { max: 200 })
        );
        assert!(CommentBody::parse(&"x".repeat(65_536)).is_ok());
        assert_eq!(
            CommentBody::parse(&"x".repeat(65_537)),
            Err(TextError::TooLarge { max: 65_536 })
        );
        assert_eq!(
            CommentBody::parse(&"x".repeat(10_000_000)),
            Err(TextError::TooLarge { max: 65_536 })
        );
    }

    #[test]
    fn control_characters_are_refused() {
        assert_eq!(CommentBody::parse("a\0b"), Err(TextError::ControlCharacter(0)));
        assert_eq!(
            CommentBody::parse("a\u{7f}b"),
            Err(TextError::ControlCharacter(0x7f))
        );
        assert_eq!(Title::parse("two\nlines"), Err(TextError::ControlCharacter(10)));
        assert!(CommentBody::parse("two\nlines\tand a tab").is_ok());
        for disguised in [
            "\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}",
            "Sys\u{200b}tem",
            "abc\u{202e}gnp.exe",
            "Sys\u{ad}tem",
            "\u{3164}\u{3164}\u{3164}\u{3164}\u{3164}",
            "first\u{2028}second",
            "in\u{2063}visible",
        ] {
            assert!(matches!(
                Title::parse(disguised),
                Err(TextError::ControlCharacter(_))
            ));
        }
        assert!(Title::parse("\u{1F469}\u{200d}\u{1F52C} in the lab").is_ok());
    }

    #[test]
    fn e_mail_addresses_compare_without_case() {
        let email = Email::parse(" Ada.Agent@Example.TEST ").unwrap();
        assert_eq!(email.as_str(), "Ada.Agent@Example.TEST");
        assert_eq!(email.key(), "ada.agent@example.test");
        for bad in [
            "",
            "ada",
            "ada@",
            "@example.test",
            "Ada <ada@example.test>",
            "a b@example.test",
            "ada@host",
            "a@b.c\nBcc: x@y.z",
        ] {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
        assert!(Email::parse(&format!("{}@example.test", "a".repeat(250))).is_err());
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_is_idempotent(raw in any::<String>()) {
            if let Ok(body) = CommentBody::parse(&raw) {
                prop_assert_eq!(&CommentBody::parse(body.as_str()).unwrap(), &body);
            }
            if let Ok(title) = Title::parse(&raw) {
                prop_assert_eq!(&Title::parse(title.as_str()).unwrap(), &title);
            }
            let _ = Email::parse(&raw);
            let _ = FileName::parse(&raw);
        }
    }
}
