//! An identity provider that lies. Written from the specifications (OpenID Connect Core and Discovery 1.0, RFC 7515, 7517,
//! 8037, 9207), not with a library: no library signs what must not be signed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::{RawForm, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256, Sha512};
use tokio::net::TcpListener;

use domain::time::Clock as _;
use ops::clock::SystemClock;

/// What is wrong with an ID token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// Nothing.
    None,
    /// It is not signed, and says so.
    AlgorithmNone,
    /// It is signed with the public key as if that were a secret.
    PublicKeyAsSecret,
    /// It is signed with our own secret as the client.
    ClientSecret,
    /// It is signed with a key that nobody has published.
    UnknownKey,
    /// It is signed with another key under the name of the published one.
    ForgedSignature,
    /// It is somebody else's.
    Issuer,
    /// It is for somebody else.
    Audience,
    /// It is for us and somebody else.
    TwoAudiences,
    /// It was given to somebody else.
    AuthorizedParty,
    /// It was good an hour ago.
    Expired,
    /// It is issued in an hour.
    IssuedInFuture,
    /// It is good in an hour.
    NotBefore,
    /// It is for another sign-in.
    Nonce,
    /// It is for no sign-in in particular.
    NoNonce,
    /// It comes with somebody else's access token.
    AccessTokenHash,
    /// It speaks of nobody.
    NoSubject,
    /// There is none.
    NoToken,
}

impl Lie {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::AlgorithmNone,
        Self::PublicKeyAsSecret,
        Self::ClientSecret,
        Self::UnknownKey,
        Self::ForgedSignature,
        Self::Issuer,
        Self::Audience,
        Self::TwoAudiences,
        Self::AuthorizedParty,
        Self::Expired,
        Self::IssuedInFuture,
        Self::NotBefore,
        Self::Nonce,
        Self::NoNonce,
        Self::AccessTokenHash,
        Self::NoSubject,
        Self::NoToken,
    ];
}

const SECRET: &str = "what the desk proves itself with";
const ACCESS_TOKEN: &str = "an access token";

/// What it says when it is asked, and what it was asked.
struct Speech {
    issuer: String,
    keys: Vec<(String, SigningKey)>,
    says_iss: bool,
    is_away: bool,
    /// The whole answers of the token endpoint, by code.
    tokens: HashMap<String, Value>,
    asked_for_keys: u32,
    /// What came to the token endpoint, lastly.
    exchanged: Vec<(String, String)>,
}

/// The provider.
#[derive(Clone)]
pub struct Hostile {
    /// Its issuer identifier.
    pub issuer: String,
    speech: Arc<Mutex<Speech>>,
}

impl Hostile {
    /// One that has not lied yet.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let speech = Arc::new(Mutex::new(Speech {
            issuer: issuer.clone(),
            keys: vec![("key-1".to_owned(), key(1))],
            says_iss: false,
            is_away: false,
            tokens: HashMap::new(),
            asked_for_keys: 0,
            exchanged: Vec::new(),
        }));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(describe))
            .route("/keys", get(keys))
            .route("/token", post(exchange))
            .with_state(Arc::clone(&speech));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { issuer, speech }
    }

    /// Its entry in the operator's file, under this name.
    pub fn entry(&self, name: &str) -> Value {
        json!({ "name": name, "issuer": self.issuer, "clientId": "desk", "clientSecret": SECRET })
    }

    /// From now on it says, or not, that it names itself when it sends browsers back (RFC 9207).
    pub fn says_iss(&self, says: bool) {
        self.speech.lock().unwrap().says_iss = says;
    }

    /// From now on it has an error for everybody, or not.
    pub fn is_away(&self, is_away: bool) {
        self.speech.lock().unwrap().is_away = is_away;
    }

    /// It has another key from now on.
    pub fn change_key(&self) {
        self.speech.lock().unwrap().keys = vec![("key-2".to_owned(), key(2))];
    }

    /// How often it was asked for its keys.
    pub fn asked_for_keys(&self) -> u32 {
        self.speech.lock().unwrap().asked_for_keys
    }

    /// What came to its token endpoint, lastly.
    pub fn exchanged(&self, field: &str) -> String {
        let speech = self.speech.lock().unwrap();
        let found = speech.exchanged.iter().find(|(name, _)| name == field);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// The code `c` is worth an ID token for `nonce` with these claims more, and this lie.
    pub fn will_say(&self, lie: Lie, nonce: &str, more: &Value) {
        self.code_is_worth("c", lie, nonce, more);
    }

    /// As [`Hostile::will_say`], for another code.
    pub fn code_is_worth(&self, code: &str, lie: Lie, nonce: &str, more: &Value) {
        let mut speech = self.speech.lock().unwrap();
        let (kid, signing) = speech.keys[0].clone();
        let now = SystemClock.now().as_millis() / 1_000;
        let mut claims = json!({
            "iss": speech.issuer,
            "sub": "somebody",
            "aud": "desk",
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            "name": "Some Body",
            "email": "somebody@example.test",
            "email_verified": true,
            "roles": [],
            "at_hash": half_hash(ACCESS_TOKEN),
        });
        merge(&mut claims, more);
        match lie {
            Lie::Issuer => claims["iss"] = json!("https://id.example.org"),
            Lie::Audience => claims["aud"] = json!("another"),
            Lie::TwoAudiences => claims["aud"] = json!(["desk", "another"]),
            Lie::AuthorizedParty => claims["azp"] = json!("another"),
            Lie::Expired => merge(&mut claims, &json!({ "iat": now - 3_900, "exp": now - 3_600 })),
            Lie::IssuedInFuture => merge(&mut claims, &json!({ "iat": now + 3_600, "exp": now + 3_900 })),
            Lie::NotBefore => claims["nbf"] = json!(now + 3_600),
            Lie::Nonce => claims["nonce"] = json!("of another sign-in"),
            Lie::NoNonce => drop(claims.as_object_mut().unwrap().remove("nonce")),
            Lie::AccessTokenHash => claims["at_hash"] = json!(half_hash("another access token")),
            Lie::NoSubject => claims["sub"] = json!(""),
            _ => {}
        }
        let header = match lie {
            Lie::AlgorithmNone => json!({ "alg": "none", "typ": "JWT" }),
            Lie::PublicKeyAsSecret => json!({ "alg": "HS256", "typ": "JWT", "kid": kid }),
            Lie::ClientSecret => json!({ "alg": "HS256", "typ": "JWT" }),
            Lie::UnknownKey => json!({ "alg": "EdDSA", "typ": "JWT", "kid": "nobody's" }),
            _ => json!({ "alg": "EdDSA", "typ": "JWT", "kid": kid }),
        };
        let content = format!("{}.{}", encoded(&header), encoded(&claims));
        let signature = match lie {
            Lie::AlgorithmNone => Vec::new(),
            Lie::PublicKeyAsSecret => hmac(signing.verifying_key().as_bytes(), content.as_bytes()),
            Lie::ClientSecret => hmac(SECRET.as_bytes(), content.as_bytes()),
            Lie::UnknownKey | Lie::ForgedSignature => key(9).sign(content.as_bytes()).to_bytes().to_vec(),
            _ => signing.sign(content.as_bytes()).to_bytes().to_vec(),
        };
        let id_token = format!("{content}.{}", URL_SAFE_NO_PAD.encode(signature));
        let mut tokens = json!({ "access_token": ACCESS_TOKEN, "token_type": "Bearer" });
        if lie != Lie::NoToken {
            tokens["id_token"] = json!(id_token);
        }
        speech.tokens.insert(code.to_owned(), tokens);
    }
}

async fn describe(State(speech): State<Arc<Mutex<Speech>>>) -> Result<Json<Value>, StatusCode> {
    let speech = speech.lock().unwrap();
    if speech.is_away {
        return Err(StatusCode::BAD_GATEWAY);
    }
    let issuer = &speech.issuer;
    Ok(Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        // It would believe anything.
        "id_token_signing_alg_values_supported": ["none", "HS256", "RS256", "EdDSA"],
        "authorization_response_iss_parameter_supported": speech.says_iss,
    })))
}

async fn keys(State(speech): State<Arc<Mutex<Speech>>>) -> Json<Value> {
    let mut speech = speech.lock().unwrap();
    speech.asked_for_keys += 1;
    let keys = speech.keys.iter().map(|(kid, key)| {
        let x = URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes());
        json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": kid, "x": x })
    });
    let keys: Vec<Value> = keys.collect();
    Json(json!({ "keys": keys }))
}

async fn exchange(
    State(speech): State<Arc<Mutex<Speech>>>,
    RawForm(form): RawForm,
) -> (StatusCode, Json<Value>) {
    let mut speech = speech.lock().unwrap();
    speech.exchanged = url::form_urlencoded::parse(&form).into_owned().collect();
    // A code is good once.
    let code = speech.exchanged.iter().find(|(name, _)| name == "code");
    let code = code.map(|(_, code)| code.clone()).unwrap_or_default();
    match speech.tokens.remove(&code) {
        None => (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))),
        Some(tokens) => (StatusCode::OK, Json(tokens)),
    }
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn merge(claims: &mut Value, more: &Value) {
    let more = more.as_object().unwrap().clone();
    for (name, value) in more {
        claims[name] = value;
    }
}

fn encoded(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

/// `at_hash` for EdDSA with Ed25519, whose hash is SHA-512.
fn half_hash(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha512::digest(token)[..32])
}

/// HMAC-SHA-256 (RFC 2104), for keys of up to 64 bytes.
fn hmac(key: &[u8], content: &[u8]) -> Vec<u8> {
    let mut block = [0_u8; 64];
    block[..key.len()].copy_from_slice(key);
    let pad = |with: u8| block.map(|byte| byte ^ with);
    let inner = Sha256::new()
        .chain_update(pad(0x36))
        .chain_update(content)
        .finalize();
    Sha256::new()
        .chain_update(pad(0x5c))
        .chain_update(inner)
        .finalize()
        .to_vec()
}
