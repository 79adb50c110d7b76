//! A value that must not be seen: not in logs, not in errors, not in memory after its use.

use std::fmt;

use serde::{Deserialize, Deserializer};
use zeroize::{Zeroize, Zeroizing};

/// Holds a secret. `Debug` shows nothing of it, and its memory is overwritten when it is dropped.
///
/// There is no `Display`, `Serialize` or `PartialEq` on purpose: whoever needs the value says [`Secret::expose`], which
/// can be searched for.
#[derive(Clone)]
pub struct Secret<T: Zeroize>(Zeroizing<T>);

impl<T: Zeroize> Secret<T> {
    /// Takes a value into custody.
    pub fn new(value: T) -> Self {
        Self(Zeroizing::new(value))
    }

    /// The value itself. Never to be logged, stored or put into an error.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// From a JSON string, as clients send it. There is no `Serialize`.
impl<'de> Deserialize<'de> for Secret<String> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_value_nor_length() {
        let short = format!("{:?}", Secret::new("swordfish".to_owned()));
        let long = format!("{:#?}", Some(Secret::new("swordfish".repeat(9))));
        assert_eq!(short, "[redacted]");
        assert!(!long.contains("sword"), "{long}");
    }
}
