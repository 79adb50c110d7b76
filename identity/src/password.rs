//! Passwords as people type them, and the rules for new ones.
//!
//! The rules follow NIST SP 800-63B: a least and a greatest length, no composition rules, nothing cut off, and no
//! password that stands at the top of every attacker's list. Unicode is welcome; it is normalised to NFKC, so that the
//! same keys pressed on another system (composed or not, full width or not) give the same password. Spaces count and
//! are not trimmed.

use std::fmt;

use serde::{Deserialize, Deserializer};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::secret::Secret;

/// Characters (Unicode scalar values after normalisation) in a new password, at least.
pub const PASSWORD_CHARS_MIN: usize = 8;
/// Characters in a new password, at most. Longer ones are refused, never cut.
pub const PASSWORD_CHARS_MAX: usize = 128;

/// Bytes up to which a typed password is normalised; what is longer is not anybody's password.
const NORMALISED_BYTES_MAX: usize = 16 * 1024;

/// The most common passwords of eight and more characters, lower-case, one a line.
const COMMON: &str = include_str!("common-passwords.txt");

/// A password as typed by somebody who wants in, in NFKC. Nothing is known of it yet.
#[derive(Clone)]
pub struct Password(Secret<String>);

impl Password {
    /// Takes what was typed. Accepts everything; rules are for new passwords only ([`NewPassword::parse`]).
    pub fn new(typed: String) -> Self {
        if typed.is_ascii() || typed.len() > NORMALISED_BYTES_MAX {
            return Self(Secret::new(typed));
        }
        let typed = Zeroizing::new(typed);
        // Room enough for most expansions, so that growing leaves no copies behind.
        let mut normalised = String::with_capacity(typed.len() * 4);
        normalised.extend(typed.nfkc());
        Self(Secret::new(normalised))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.expose().as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password([redacted])")
    }
}

/// From a JSON string. There is no `Serialize`.
impl<'de> Deserialize<'de> for Password {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

/// A password that meets the rules and may be stored (as a hash).
#[derive(Clone)]
pub struct NewPassword(Password);

/// Why a new password was not accepted. The message is meant for the person who typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRefusal {
    /// Fewer than [`PASSWORD_CHARS_MIN`] characters.
    #[error("must have at least {PASSWORD_CHARS_MIN} characters")]
    TooShort,
    /// More than [`PASSWORD_CHARS_MAX`] characters.
    #[error("must have at most {PASSWORD_CHARS_MAX} characters")]
    TooLong,
    /// One of the most common passwords, in whatever case.
    #[error("must not be one of the most common passwords")]
    Common,
}

impl NewPassword {
    /// Checks the rules.
    pub fn parse(password: Password) -> Result<Self, PasswordRefusal> {
        let text = password.0.expose().as_str();
        // The comparison stops early, so that a megabyte is not counted to its end.
        let chars = text.chars().take(PASSWORD_CHARS_MAX + 1).count();
        if chars < PASSWORD_CHARS_MIN {
            return Err(PasswordRefusal::TooShort);
        }
        if chars > PASSWORD_CHARS_MAX {
            return Err(PasswordRefusal::TooLong);
        }
        if is_common(text) {
            return Err(PasswordRefusal::Common);
        }
        Ok(Self(password))
    }

    pub(crate) fn as_password(&self) -> &Password {
        &self.0
    }
}

impl fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewPassword([redacted])")
    }
}

fn is_common(text: &str) -> bool {
    let lower = Zeroizing::new(text.to_lowercase());
    let mut characters = lower.chars();
    let first = characters.next();
    // "aaaaaaaa" and its like, without 26 lines in the list.
    characters.all(|character| Some(character) == first) || COMMON.lines().any(|common| common == *lower)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<NewPassword, PasswordRefusal> {
        NewPassword::parse(Password::new(text.to_owned()))
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(parse("sevench").unwrap_err(), PasswordRefusal::TooShort);
        assert_eq!(parse("žluťou").unwrap_err(), PasswordRefusal::TooShort);
        assert!(parse("eight ch").is_ok());
        assert!(parse(&"🦀🐘".repeat(4)).is_ok());
        assert!(parse(&"é1".repeat(64)).is_ok());
        assert_eq!(parse(&"é1".repeat(65)).unwrap_err(), PasswordRefusal::TooLong);
        assert_eq!(
            parse(&"é1".repeat(500_000)).unwrap_err(),
            PasswordRefusal::TooLong
        );
    }

    #[test]
    fn there_are_no_composition_rules() {
        for fine in [
            "correct horse battery staple",
            "        x",
            "zażółć gęślą jaźń",
            "31415926535",
            "\u{0}bcdefgh",
        ] {
            assert!(parse(fine).is_ok(), "{fine:?}");
        }
    }

    #[test]
    fn common_ones_are_refused_in_any_case() {
        for common in [
            "password",
            "PassWord123",
            "QWERTYUIOP",
            "12345678",
            "zzzzzzzzz",
            "ｐａｓｓｗｏｒｄ",
        ] {
            assert_eq!(parse(common).unwrap_err(), PasswordRefusal::Common, "{common}");
        }
    }

    #[test]
    fn the_same_keys_on_another_system_give_the_same_password() {
        let bytes = |text: &str| Password::new(text.to_owned()).as_bytes().to_vec();
        assert_eq!(bytes("cafe\u{301} noir"), bytes("caf\u{e9} noir"));
        assert_eq!(bytes("ﾊﾟｽﾜｰﾄﾞ"), bytes("パスワード"));
        assert_ne!(bytes("Case matters"), bytes("case matters"));
        assert_ne!(bytes(" spaces "), bytes("spaces"));
    }

    #[test]
    fn the_list_of_common_ones_is_in_order() {
        let lines: Vec<&str> = COMMON.lines().collect();
        assert!(lines.len() >= 200, "only {}", lines.len());
        for pair in lines.windows(2) {
            assert!(pair[0] < pair[1], "{} stands before {}", pair[0], pair[1]);
        }
        for line in lines {
            assert_eq!(line, line.trim().to_lowercase());
            assert!(
                line.chars().count() >= PASSWORD_CHARS_MIN,
                "{line} is refused for its length anyway"
            );
        }
    }

    #[test]
    fn debug_and_errors_do_not_tell() {
        let text = "correct horse battery staple";
        let shown = format!(
            "{:?} {:?} {:?}",
            Password::new(text.into()),
            parse(text),
            parse("hunter2")
        );
        assert!(!shown.contains("horse") && !shown.contains("hunter"), "{shown}");
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_taken_or_refused(text in "\\PC{0,200}") {
            let password = Password::new(text.clone());
            let normal: String = text.nfkc().collect();
            prop_assert_eq!(password.as_bytes(), normal.as_bytes());
            let chars = normal.chars().count();
            let accepted = NewPassword::parse(password).is_ok();
            prop_assert!(!accepted || (PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&chars));
        }
    }
}
