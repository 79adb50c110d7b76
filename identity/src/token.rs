//! Tokens: 256 random bits that open something for whoever shows them, as 64 lower-case hexadecimal digits. Only their
//! SHA-256 is stored, which is enough: nobody can try 2^256 of them.

use std::fmt;

use domain::ids::Entropy;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::secret::Secret;

/// Bytes of randomness in a token.
const TOKEN_BYTES: usize = 32;

/// A token, in the only copy that there will ever be.
#[derive(Clone)]
pub struct Token(Secret<String>);

impl Token {
    /// A new one, and what is stored of it.
    pub(crate) fn generate(entropy: &dyn Entropy) -> (Self, TokenHash) {
        let mut bytes = Zeroizing::new([0; TOKEN_BYTES]);
        entropy.fill(&mut *bytes);
        let hash = TokenHash(Sha256::digest(*bytes).into());
        (Self(Secret::new(hex::encode(*bytes))), hash)
    }

    /// The token itself, for its owner, and for nothing else.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token([redacted])")
    }
}

/// The SHA-256 of a token: names what the token opens without opening it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct TokenHash(pub(crate) [u8; 32]);

impl TokenHash {
    /// That of a token of this text; `None` if it does not have the form of a token.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let is_ours = text.len() == 2 * TOKEN_BYTES
            && text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        if !is_ours {
            return None;
        }
        let mut token = Zeroizing::new([0; TOKEN_BYTES]);
        hex::decode_to_slice(text, &mut *token).ok()?;
        Some(Self(Sha256::digest(*token).into()))
    }

    pub(crate) const fn as_slice(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    struct Sevens;
    impl Entropy for Sevens {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    #[test]
    fn a_token_is_256_bits_and_its_hash_is_found_again() {
        let (token, hash) = Token::generate(&Sevens);
        assert_eq!(token.expose(), "07".repeat(32));
        assert_eq!(
            hex::encode(hash.0),
            "4bb06f8e4e3a7715d201d573d0aa423762e55dabd61a2c02278fa56cc6d294e0"
        );
        assert!(TokenHash::of(token.expose()) == Some(hash));
        let shown = format!("{token:?}");
        assert!(!shown.contains("07"), "{shown}");
    }

    #[test]
    fn what_does_not_have_the_form_of_a_token_opens_nothing() {
        let good = "0f".repeat(32);
        assert!(TokenHash::of(&good).is_some());
        for bad in [
            "",
            "0",
            &good[1..],
            &good.to_uppercase(),
            &format!("{good}0"),
            &"0g".repeat(32),
            &"é".repeat(32),
        ] {
            assert!(TokenHash::of(bad).is_none(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn reading_a_token_never_panics(text in "\\PC{0,80}") {
            let _ = TokenHash::of(&text);
        }
    }
}
