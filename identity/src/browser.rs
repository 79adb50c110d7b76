//! What is noted of the browser or program that a session belongs to, so that its owner recognises it.

use std::net::IpAddr;

/// Characters of a user agent that are kept.
const USER_AGENT_CHARS_MAX: usize = 300;

/// What somebody signs in with. Nothing is decided on it: a client says what it likes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Browser {
    user_agent: Option<String>,
    address: Option<IpAddr>,
}

impl Browser {
    /// What it calls itself, as far as that is text and to 300 characters, and where it is.
    pub fn new(user_agent: Option<&[u8]>, address: Option<IpAddr>) -> Self {
        let user_agent = user_agent.map(|bytes| {
            String::from_utf8_lossy(bytes)
                .chars()
                .filter(|character| !character.is_control())
                .take(USER_AGENT_CHARS_MAX)
                .collect::<String>()
        });
        Self {
            user_agent: user_agent.filter(|text| !text.trim().is_empty()),
            address: address.map(|address| address.to_canonical()),
        }
    }

    /// What it calls itself.
    pub fn user_agent(&self) -> Option<&str> {
        self.user_agent.as_deref()
    }

    /// Where it is.
    pub const fn address(&self) -> Option<IpAddr> {
        self.address
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_calls_itself_is_cut_and_cleaned() {
        let said = |bytes: &[u8]| {
            let browser = Browser::new(Some(bytes), None);
            browser.user_agent().map(str::to_owned)
        };
        assert_eq!(said(b"Mozilla/5.0").as_deref(), Some("Mozilla/5.0"));
        assert_eq!(said(b"a\0b\x1b[31m\r\nc\x7f").as_deref(), Some("ab[31mc"));
        assert_eq!(said("é".repeat(400).as_bytes()), Some("é".repeat(300)));
        assert_eq!(said(b"\xff").as_deref(), Some("\u{fffd}"));
        assert_eq!(said(b" "), None);
    }

    #[test]
    fn an_address_has_one_form() {
        let mapped = Browser::new(None, "::ffff:192.0.2.7".parse().ok());
        assert_eq!(mapped.address(), "192.0.2.7".parse().ok());
    }
}
