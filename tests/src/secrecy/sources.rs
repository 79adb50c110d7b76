//! Where secrets are in what tests send, are answered and set.

use std::path::Path;

use reqwest::header::{HeaderMap, SET_COOKIE};
use serde_json::Value;

use super::plant;

/// What a member of this name is, if it is a secret.
fn kind(member: &str) -> Option<&'static str> {
    match member {
        "password" | "currentPassword" | "newPassword" => Some("password"),
        "token" => Some("token"),
        "code" | "accessCode" => Some("code"),
        _ => None,
    }
}

/// Plants the secrets that somebody sends.
pub(crate) fn of_wish(wish: &Value) {
    match wish {
        Value::Object(members) => {
            for (name, value) in members {
                match (kind(name), value) {
                    (Some(kind), Value::String(text)) => plant(kind, text),
                    _ => of_wish(value),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(of_wish),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Plants the secrets that an answer hands to whoever asked: from now on they must not be seen.
pub(crate) fn of_answer(headers: &HeaderMap, body: &[u8]) {
    let cookies = headers.get_all(SET_COOKIE).iter();
    for cookie in cookies.filter_map(|line| line.to_str().ok()) {
        let pair = cookie.split(';').next().unwrap_or_default();
        if let Some((_, value)) = pair.split_once('=') {
            plant("cookie", value);
        }
    }
    if body.first() == Some(&b'{') {
        of_wish(&serde_json::from_slice(body).unwrap_or_default());
    }
}

/// Plants the secrets among settings in the form of environment variables.
pub(crate) fn of_settings<'a>(settings: impl IntoIterator<Item = (&'a str, &'a str)>) {
    for (name, value) in settings {
        if name == "DATABASE_URL" {
            let of_whom = value.split_once("://").and_then(|(_, rest)| rest.split_once('@'));
            if let Some((_, password)) = of_whom.and_then(|(user, _)| user.split_once(':')) {
                plant("database password", password);
            }
        } else if name.ends_with("_PASSWORD") || name.ends_with("_SECRET") {
            plant("setting", value);
        }
    }
}

/// Plants the key in a help desk's folder that signs heads.
pub(crate) fn of_data_dir(folder: &Path) {
    if let Ok(key) = std::fs::read_to_string(folder.join("log.key")) {
        let secret = key.trim().rsplit('+').next().unwrap_or_default();
        plant("signing key", secret);
    }
}
