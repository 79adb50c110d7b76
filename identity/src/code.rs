//! The text of an access code: 80 random bits as sixteen characters that people can read to each other and type.
//!
//! Crockford's base 32: digits and letters without I, L, O and U. Whoever types takes I and L for 1 and O for 0, small
//! letters for capitals, and need not care for the groups.

use std::fmt;

use domain::ids::Entropy;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::secret::Secret;

/// Bytes of randomness in a code.
const CODE_BYTES: usize = 10;
/// Characters of five bits each.
const CODE_CHARS: usize = CODE_BYTES * 8 / 5;
/// Characters between two dashes.
const GROUP_CHARS: usize = 4;
/// Bytes that somebody may type for a code, dashes and spaces included.
const TYPED_BYTES_MAX: usize = 100;
/// The characters by the value of their five bits.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// An access code, in the only copy that there will ever be.
#[derive(Clone)]
pub struct AccessCode(Secret<String>);

impl AccessCode {
    /// A new one, and what is stored of it.
    pub(crate) fn generate(entropy: &dyn Entropy) -> (Self, CodeHash) {
        let mut bytes = Zeroizing::new([0; CODE_BYTES]);
        entropy.fill(&mut *bytes);
        (Self(Secret::new(spelled(&bytes))), CodeHash::of_bytes(&bytes))
    }

    /// The code itself in groups of four (`7K2M-9QXD-04TW-HC5Z`), for its owner, and for nothing else.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for AccessCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessCode([redacted])")
    }
}

/// The SHA-256 of a code's 80 bits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct CodeHash([u8; 32]);

impl CodeHash {
    /// That of what somebody typed; `None` if it is no code.
    pub(crate) fn of(typed: &str) -> Option<Self> {
        read(typed).map(|bytes| Self::of_bytes(&bytes))
    }

    fn of_bytes(bytes: &[u8; CODE_BYTES]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    pub(crate) const fn as_slice(&self) -> &[u8] {
        &self.0
    }
}

fn spelled(bytes: &[u8; CODE_BYTES]) -> String {
    let mut text = String::with_capacity(CODE_CHARS + CODE_CHARS / GROUP_CHARS);
    for at in 0..CODE_CHARS {
        if at > 0 && at % GROUP_CHARS == 0 {
            text.push('-');
        }
        let value = (0..5).fold(0, |value, bit| value << 1 | bit_at(bytes, at * 5 + bit));
        text.push(char::from(ALPHABET[usize::from(value)]));
    }
    text
}

fn bit_at(bytes: &[u8; CODE_BYTES], at: usize) -> u8 {
    bytes[at / 8] >> (7 - at % 8) & 1
}

fn read(typed: &str) -> Option<Zeroizing<[u8; CODE_BYTES]>> {
    if typed.len() > TYPED_BYTES_MAX {
        return None;
    }
    let mut bytes = Zeroizing::new([0; CODE_BYTES]);
    let mut characters = 0;
    for character in typed.chars().filter(|character| !separates(*character)) {
        let value = value_of(character)?;
        if characters == CODE_CHARS {
            return None;
        }
        for bit in 0..5 {
            let at = characters * 5 + bit;
            bytes[at / 8] |= (value >> (4 - bit) & 1) << (7 - at % 8);
        }
        characters += 1;
    }
    (characters == CODE_CHARS).then_some(bytes)
}

/// Whether it only stands between groups. Programs that show mails make other dashes of dashes.
const fn separates(character: char) -> bool {
    character.is_whitespace() || matches!(character, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

fn value_of(character: char) -> Option<u8> {
    let meant = match character.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let at = ALPHABET.iter().position(|known| char::from(*known) == meant)?;
    u8::try_from(at).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    struct Counting;
    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            for (byte, value) in bytes.iter_mut().zip(0x10..) {
                *byte = value;
            }
        }
    }

    #[test]
    fn a_code_is_sixteen_characters_in_groups_of_four() {
        let (code, hash) = AccessCode::generate(&Counting);
        assert_eq!(code.expose(), "208H-44RM-2MB1-E60S");
        assert!(CodeHash::of(code.expose()) == Some(hash));
        assert_eq!(format!("{code:?}"), "AccessCode([redacted])");
        assert_eq!(spelled(&[0; CODE_BYTES]), "0000-0000-0000-0000");
        assert_eq!(spelled(&[0xff; CODE_BYTES]), "ZZZZ-ZZZZ-ZZZZ-ZZZZ");
    }

    /// Defect 22 of the original: a code without its dashes failed.
    #[test]
    fn what_people_make_of_a_code_is_understood() {
        let meant = read("208H-44RM-2MB1-E60S");
        assert!(meant.is_some());
        for typed in [
            "208H44RM2MB1E60S",
            "208h-44rm-2mb1-e60s",
            " 2o8H 44RM 2MBl e6OS\n",
            "208H\u{2011}44RM\u{2013}2MBI\u{a0}E60S",
            "2-0-8-h-4-4-R-M-2-M-B-i-E-6-0-S-",
        ] {
            assert_eq!(read(typed), meant, "{typed}");
        }
    }

    #[test]
    fn what_is_no_code_opens_nothing() {
        let too_long = format!("208H-44RM-2MB1-E60S{}", " ".repeat(TYPED_BYTES_MAX));
        for typed in [
            "",
            "----",
            "208H-44RM-2MB1-E60",
            "208H-44RM-2MB1-E60SS",
            "208H-44RM-2MB1-E60U",
            "208H.44RM.2MB1.E60S",
            "208H-44RM-2MB1-E60Ѕ",
            "208H-44RM-2MB1-E6\u{0}S",
            &too_long,
        ] {
            assert!(CodeHash::of(typed).is_none(), "{typed:?}");
        }
    }

    proptest! {
        #[test]
        fn every_code_is_read_as_what_it_was(bytes: [u8; CODE_BYTES]) {
            let text = spelled(&bytes);
            prop_assert_eq!(*read(&text).unwrap(), bytes);
            prop_assert_eq!(*read(&text.to_lowercase().replace('-', "")).unwrap(), bytes);
        }

        #[test]
        fn reading_never_panics(text in "\\PC{0,120}") {
            let _ = CodeHash::of(&text);
        }
    }
}
