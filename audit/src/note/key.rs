//! Keys of notes: their names, their ids, and the texts that they are kept and handed on as.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// How many random bytes a key is made of.
pub const SECRET_KEY_BYTES: usize = ed25519_dalek::SECRET_KEY_LENGTH;

/// The first bytes of the hash of a key's name, type and public part: finds the key, proves nothing.
pub type KeyId = [u8; 4];

/// The type of an Ed25519 key, before its bytes.
const ED25519: u8 = 1;
/// What the text of a secret key begins with.
const SECRET_MARK: &str = "PRIVATE+KEY+";
/// Longest name of a key.
const NAME_BYTES_MAX: usize = 255;

/// Why a text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The name is empty, too long, or has spaces, control characters or a plus sign.
    #[error("the name of a key must have 1 to 255 bytes, without spaces, control characters and plus signs")]
    Name,
    /// It does not consist of a name, an id and a key.
    #[error("not a key: it must read name+id+key")]
    Malformed,
    /// It is another kind of key than an Ed25519 one, or not a sound one.
    #[error("not a sound Ed25519 key")]
    Unsound,
    /// The id is not that of this name and key.
    #[error("the key's id does not fit its name and bytes")]
    Id,
}

/// What a signature is checked with. Its text, `name+id+key`, is what is handed on to others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: KeyId,
    key: VerifyingKey,
}

impl VerifierKey {
    fn new(name: &str, key: VerifyingKey) -> Result<Self, KeyError> {
        if !is_name(name) {
            return Err(KeyError::Name);
        }
        let mut sha = Sha256::new();
        sha.update(name);
        sha.update([b'\n', ED25519]);
        sha.update(key.as_bytes());
        let [a, b, c, d, ..] = <[u8; 32]>::from(sha.finalize());
        Ok(Self {
            name: name.to_owned(),
            id: [a, b, c, d],
            key,
        })
    }

    /// Whose it is.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its id.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The public key's 32 bytes, as RFC 8032 writes them.
    pub fn bytes(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    pub(super) fn fits(&self, text: &str, signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.key.verify_strict(text.as_bytes(), &signature).is_ok())
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[ED25519], self.key.as_bytes().as_slice()].concat();
        write!(
            f,
            "{}+{}+{}",
            self.name,
            hex::encode(self.id),
            STANDARD.encode(key)
        )
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (name, id, bytes) = parts(text)?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| KeyError::Unsound)?;
        if key.is_weak() {
            return Err(KeyError::Unsound);
        }
        Self::new(name, key)?.with_id(id)
    }
}

impl VerifierKey {
    fn with_id(self, id: KeyId) -> Result<Self, KeyError> {
        if self.id == id {
            Ok(self)
        } else {
            Err(KeyError::Id)
        }
    }
}

/// What signs. Its secret part is wiped from memory when it is dropped, and shown only by
/// [`secret_text`](Self::secret_text).
pub struct Signer {
    key: VerifierKey,
    secret: SigningKey,
}

impl Signer {
    /// The key with this name and these random bytes.
    pub fn new(name: &str, secret: &[u8; SECRET_KEY_BYTES]) -> Result<Self, KeyError> {
        let secret = SigningKey::from_bytes(secret);
        let key = VerifierKey::new(name, secret.verifying_key())?;
        Ok(Self { key, secret })
    }

    /// The same key under another name, and so with another id.
    pub fn renamed(&self, name: &str) -> Result<Self, KeyError> {
        Self::new(name, self.secret.as_bytes())
    }

    /// What its signatures are checked with.
    pub const fn key(&self) -> &VerifierKey {
        &self.key
    }

    /// `PRIVATE+KEY+name+id+key`, to be kept where nobody else reads it.
    pub fn secret_text(&self) -> Zeroizing<String> {
        let mut key = Zeroizing::new([ED25519; SECRET_KEY_BYTES + 1]);
        key[1..].copy_from_slice(self.secret.as_bytes());
        let key = Zeroizing::new(STANDARD.encode(*key));
        let (name, id) = (&self.key.name, hex::encode(self.key.id));
        Zeroizing::new(format!("{SECRET_MARK}{name}+{id}+{}", key.as_str()))
    }

    pub(super) fn sign(&self, text: &str) -> [u8; 64] {
        self.secret.sign(text.as_bytes()).to_bytes()
    }
}

/// Without the secret.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("key", &self.key.to_string())
            .finish_non_exhaustive()
    }
}

impl FromStr for Signer {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let text = text.strip_prefix(SECRET_MARK).ok_or(KeyError::Malformed)?;
        let (name, id, secret) = parts(text)?;
        let this = Self::new(name, &Zeroizing::new(secret))?;
        if this.key.id == id {
            Ok(this)
        } else {
            Err(KeyError::Id)
        }
    }
}

/// Name, id and the 32 bytes of a key. The key's base64 may have plus signs in it.
fn parts(text: &str) -> Result<(&str, KeyId, [u8; 32]), KeyError> {
    let mut parts = text.splitn(3, '+');
    let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(KeyError::Malformed);
    };
    let digits = id.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    let id = hex::decode(id).ok().and_then(|id| id.try_into().ok());
    let key = STANDARD.decode(key).map(Zeroizing::new);
    let (Some(id), Ok(key), true) = (id, key, digits) else {
        return Err(KeyError::Malformed);
    };
    match key.split_first() {
        Some((&ED25519, key)) => Ok((name, id, key.try_into().map_err(|_| KeyError::Unsound)?)),
        _ => Err(KeyError::Unsound),
    }
}

/// Whether a key, and so a log, may have this name.
pub fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= NAME_BYTES_MAX
        && !name
            .chars()
            .any(|letter| letter == '+' || letter.is_whitespace() || letter.is_control())
}
