//! Signed notes and the keys that sign them, as [C2SP](https://c2sp.org/signed-note) writes them: a text of whole
//! lines, an empty line, and a line for each signature.
//!
//! ```text
//! desk.example/log
//! 42
//! …
//!
//! — desk.example/log Az3grlgtzPICa5OS8npVmf1Myq/…
//! ```
//!
//! Only Ed25519 signatures (type 1) are made and checked; others, and those of keys that are not asked for, are passed
//! over, as the format wants it.

mod key;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub use key::{KeyError, KeyId, SECRET_KEY_BYTES, Signer, VerifierKey, is_name};

/// Longest note.
pub const NOTE_BYTES_MAX: usize = 256 * 1024;
/// Most signatures on a note.
pub const SIGNATURES_MAX: usize = 64;

/// What a line with a signature begins with: an em dash and a space.
const SIGNATURE_MARK: &str = "\u{2014} ";

/// A note as it was written. Its text proves nothing until [`verified`](Self::verified) has given it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note<'a> {
    text: &'a str,
    signatures: Vec<Signature<'a>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Signature<'a> {
    name: &'a str,
    id: KeyId,
    bytes: Vec<u8>,
}

/// Why a note is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It is no note; what is wrong with it.
    #[error("not a signed note: {0}")]
    Malformed(&'static str),
    /// None of its signatures is of the key.
    #[error("the note is not signed by this key")]
    Unsigned,
    /// It has a signature of the key that does not fit its text.
    #[error("the signature does not fit")]
    Forged,
}

impl<'a> Note<'a> {
    /// Takes a note apart, and checks that it is one. Believes nothing yet.
    pub fn parse(note: &'a str) -> Result<Self, NoteError> {
        use NoteError::Malformed;
        if note.len() > NOTE_BYTES_MAX {
            return Err(Malformed("it is too long"));
        }
        check_characters(note)?;
        let end = note.rfind("\n\n").ok_or(Malformed("it has no empty line"))?;
        let (text, lines) = (&note[..=end], &note[end + 2..]);
        let lines = lines
            .strip_suffix('\n')
            .ok_or(Malformed("it does not end with a signature's line"))?;
        let signatures: Vec<_> = lines
            .split('\n')
            .take(SIGNATURES_MAX + 1)
            .map(signature)
            .collect::<Option<_>>()
            .ok_or(Malformed("a signature's line is not one"))?;
        if signatures.len() > SIGNATURES_MAX {
            return Err(Malformed("it has too many signatures"));
        }
        Ok(Self { text, signatures })
    }

    /// The text, if `key` has signed it. A signature of this key that does not fit makes the whole note unbelievable,
    /// whatever else it has.
    pub fn verified(&self, key: &VerifierKey) -> Result<&'a str, NoteError> {
        let own = |signature: &&Signature<'_>| signature.name == key.name() && signature.id == key.id();
        let mut signed = Err(NoteError::Unsigned);
        for signature in self.signatures.iter().filter(own) {
            if !key.fits(self.text, &signature.bytes) {
                return Err(NoteError::Forged);
            }
            signed = Ok(self.text);
        }
        signed
    }

    /// The text, whoever has signed it.
    pub const fn unverified(&self) -> &'a str {
        self.text
    }
}

/// The note with this text and a signature. The text consists of whole lines.
pub fn sign(text: &str, signer: &Signer) -> Result<String, NoteError> {
    if !text.ends_with('\n') {
        return Err(NoteError::Malformed("its last line has no end"));
    }
    check_characters(text)?;
    let signature = [signer.key().id().as_slice(), &signer.sign(text)].concat();
    let (name, signature) = (signer.key().name(), STANDARD.encode(signature));
    let note = format!("{text}\n{SIGNATURE_MARK}{name} {signature}\n");
    if note.len() > NOTE_BYTES_MAX {
        return Err(NoteError::Malformed("it is too long"));
    }
    Ok(note)
}

fn check_characters(text: &str) -> Result<(), NoteError> {
    if text.bytes().any(|byte| byte < b' ' && byte != b'\n') {
        return Err(NoteError::Malformed("it has control characters"));
    }
    Ok(())
}

fn signature(line: &str) -> Option<Signature<'_>> {
    let (name, bytes) = line.strip_prefix(SIGNATURE_MARK)?.split_once(' ')?;
    let bytes = STANDARD.decode(bytes).ok()?;
    let (id, bytes) = bytes.split_first_chunk()?;
    (is_name(name) && !bytes.is_empty()).then(|| Signature {
        name,
        id: *id,
        bytes: bytes.to_vec(),
    })
}

#[cfg(test)]
mod tests;
