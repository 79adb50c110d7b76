//! A mail as it goes out: headers, and the same text twice, for programs that show HTML and for those that do not.

use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::text::Email;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};
use url::Host;

use super::headers::{AutoSubmitted, EncodedSubject, ListUnsubscribe, ListUnsubscribePost};
use super::templates::Rendered;
use super::words::one_line;
use crate::failure::{Failure, Reach};

/// Bytes of text in an encoded word, so that it is at most 75 characters long (RFC 2047, section 2).
const ENCODED_WORD_BYTES: usize = 45;

/// What a mail is made of.
pub(super) struct Draft<'a> {
    /// To whom.
    pub(super) to: &'a Email,
    /// What it is about; user text may be in it.
    pub(super) subject: String,
    /// Its `Message-ID`.
    pub(super) id: String,
    /// The `Message-ID` of the mail that it follows.
    pub(super) follows: Option<String>,
    /// Where one says, by one request, that one wants no more of it.
    pub(super) unsubscribe: Option<String>,
    /// What it says.
    pub(super) contents: Rendered,
}

/// The mail, from whom it says and of that time. An address that no mail can be sent to is a failure for good.
pub(super) fn message(draft: &Draft<'_>, from: &Mailbox, at: SystemTime) -> Result<Message, Failure> {
    let to = address(draft.to).ok_or_else(unusable)?;
    let mut builder = Message::builder()
        .message_id(Some(draft.id.clone()))
        .date(at)
        .from(from.clone())
        // No name: people may choose theirs, and write what they want into it.
        .to(Mailbox::new(None, to))
        .header(AutoSubmitted("auto-generated".to_owned()));
    let subject = one_line(&draft.subject);
    builder = if subject.contains("=?") {
        builder.header(EncodedSubject(encoded(&subject)))
    } else {
        builder.subject(subject)
    };
    if let Some(first) = &draft.follows {
        builder = builder.in_reply_to(first.clone()).references(first.clone());
    }
    if let Some(url) = &draft.unsubscribe {
        builder = builder
            .header(ListUnsubscribe(format!("<{url}>")))
            .header(ListUnsubscribePost("List-Unsubscribe=One-Click".to_owned()));
    }
    // Made of the id, so that a mail that is sent twice is the same; no text holds it, since ids are hashes.
    let boundary: String = draft
        .id
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(32)
        .collect();
    let part = |kind, text| SinglePart::builder().header(kind).body(text);
    let parts = MultiPart::alternative()
        .boundary(format!("part-{boundary}"))
        .singlepart(part(ContentType::TEXT_PLAIN, draft.contents.text.clone()))
        .singlepart(part(ContentType::TEXT_HTML, draft.contents.html.clone()));
    builder.multipart(parts).map_err(|_| unusable())
}

/// The address as mail servers know it: domains of other scripts have an ASCII form, which every server understands.
fn address(email: &Email) -> Option<Address> {
    let (user, domain) = email.as_str().rsplit_once('@')?;
    let domain = Host::parse(domain).ok()?.to_string();
    Address::new(user, domain).ok()
}

/// A text that looks as if it were encoded already is encoded whole (RFC 2047), so that it is shown as it was written.
fn encoded(text: &str) -> String {
    let mut words = vec![String::new()];
    for character in text.chars() {
        let full = words
            .last()
            .is_none_or(|word| word.len() + character.len_utf8() > ENCODED_WORD_BYTES);
        if full {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(character);
        }
    }
    let words: Vec<_> = words
        .iter()
        .map(|word| format!("=?utf-8?B?{}?=", STANDARD.encode(word)))
        .collect();
    words.join("\r\n ")
}

fn unusable() -> Failure {
    Failure::new(Reach::MailForGood, "the address cannot be used")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_every_script_can_be_sent_to() {
        let address = |text: &str| address(&Email::parse(text).unwrap()).map(|address| address.to_string());
        assert_eq!(address("Ada@Example.TEST").as_deref(), Some("Ada@example.test"));
        assert_eq!(
            address("ada@bücher.example").as_deref(),
            Some("ada@xn--bcher-kva.example")
        );
        assert_eq!(
            address("ädä@bücher.example").as_deref(),
            Some("ädä@xn--bcher-kva.example")
        );
    }

    #[test]
    fn what_looks_encoded_is_shown_as_it_was_written() {
        assert_eq!(encoded("=?x"), "=?utf-8?B?PT94?=");
        let long = encoded(&"é=?".repeat(40));
        assert!(long.split("\r\n ").all(|word| word.len() <= 75), "{long}");
        assert!(long.split("\r\n ").count() > 2);
    }
}
