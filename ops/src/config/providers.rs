//! Identity providers: those of a JSON file, and the original's one Keycloak.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;

use domain::Role;
use identity::{ProviderSettings, Secret};
use serde::Deserialize;

use super::sources::ConfigError;
use super::values::Reader;

/// The name of the provider that the original's variables describe.
const KEYCLOAK: &str = "keycloak";

/// A provider as the file has it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Entry {
    name: String,
    label: Option<String>,
    issuer: String,
    client_id: String,
    client_secret: Option<String>,
    client_secret_file: Option<String>,
    scopes: Option<Vec<String>>,
    role_claims: Option<Vec<String>>,
    roles: Option<BTreeMap<Role, Vec<String>>>,
    trust_email: Option<bool>,
    roles_from_provider: Option<bool>,
}

/// All providers that are set.
pub(super) fn read(from: &Reader<'_>) -> Result<Vec<ProviderSettings>, ConfigError> {
    let mut providers = from.optional("OIDC_PROVIDERS", file)?.unwrap_or_default();
    if let Some(issuer) = from.optional("KEYCLOAK_ISSUER", text)? {
        let client_id = from.optional("KEYCLOAK_ID", text)?.ok_or_else(|| ConfigError {
            name: "KEYCLOAK_ID".to_owned(),
            problem: "is missing, though KEYCLOAK_ISSUER is set (example: informejo)".to_owned(),
        })?;
        let mut keycloak = ProviderSettings::new(KEYCLOAK.to_owned(), issuer, client_id);
        "Keycloak".clone_into(&mut keycloak.label);
        keycloak.client_secret = from.optional("KEYCLOAK_SECRET", text)?.map(Secret::new);
        if let Some(problem) = keycloak.problem() {
            return Err(ConfigError {
                name: "KEYCLOAK_ISSUER".to_owned(),
                problem,
            });
        }
        providers.push(keycloak);
    }
    let mut names = HashSet::new();
    match providers.iter().find(|provider| !names.insert(&provider.name)) {
        Some(twice) => Err(ConfigError {
            name: "OIDC_PROVIDERS".to_owned(),
            problem: format!(
                "has the provider {:?} twice (KEYCLOAK_ISSUER makes one of the name {KEYCLOAK})",
                twice.name
            ),
        }),
        None => Ok(providers),
    }
}

fn text(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Err("is empty");
    }
    Ok(text.to_owned())
}

/// What the file at `path` describes. The error never quotes it: there may be secrets in it.
fn file(path: &str) -> Result<Vec<ProviderSettings>, String> {
    let path = Path::new(path);
    let text = fs::read_to_string(path).map_err(|error| format!("cannot be read: {error}"))?;
    let entries: Vec<Entry> = serde_json::from_str(&text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        match error.classify() {
            // What serde says of names and types quotes at most the names of fields.
            serde_json::error::Category::Data if !error.to_string().contains("invalid type: string") => {
                format!("is not a list of providers: {error}")
            }
            _ => format!("is not a list of providers in JSON: line {line}, column {column}"),
        }
    })?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let providers = entries.into_iter().map(|entry| {
        let name = entry.name.clone();
        provider(entry, folder).map_err(|problem| format!("has the provider {name:?}, whose {problem}"))
    });
    providers.collect()
}

fn provider(entry: Entry, folder: &Path) -> Result<ProviderSettings, String> {
    let mut provider = ProviderSettings::new(entry.name, entry.issuer, entry.client_id);
    let secret = match (entry.client_secret, entry.client_secret_file) {
        (Some(_), Some(_)) => return Err("clientSecret and clientSecretFile are both given".to_owned()),
        (secret, None) => secret,
        (None, Some(file)) => {
            let text = fs::read_to_string(folder.join(file));
            let text = text.map_err(|error| format!("clientSecretFile cannot be read: {error}"))?;
            Some(text.trim_end().to_owned())
        }
    };
    if secret.as_ref().is_some_and(String::is_empty) {
        return Err("client secret is empty".to_owned());
    }
    provider.client_secret = secret.map(Secret::new);
    let ProviderSettings {
        label,
        scopes,
        role_claims,
        roles,
        trust_email,
        roles_from_provider,
        ..
    } = &mut provider;
    replace(label, entry.label);
    replace(scopes, entry.scopes);
    replace(role_claims, entry.role_claims);
    replace(roles, entry.roles);
    replace(trust_email, entry.trust_email);
    replace(roles_from_provider, entry.roles_from_provider);
    match provider.problem() {
        Some(problem) => Err(problem),
        None => Ok(provider),
    }
}

/// What is given counts instead of the default.
fn replace<T>(default: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *default = given;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Vec<ProviderSettings>, String> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("secret"), "s3cret\n").unwrap();
        let path = folder.path().join("providers.json");
        fs::write(&path, json).unwrap();
        file(path.to_str().unwrap())
    }

    #[test]
    fn what_is_left_out_is_as_for_keycloak() {
        let providers = read(
            r#"[{"name": "corp", "issuer": "https://id.example.org/realms/corp", "clientId": "desk", "clientSecretFile": "secret"},
                {"name": "other", "label": "Other", "issuer": "https://other.example.org", "clientId": "d", "scopes": ["openid"],
                 "roleClaims": ["groups"], "roles": {"ADMIN": ["desk-admins"], "AUDITOR": ["revision"]},
                 "trustEmail": true, "rolesFromProvider": false}]"#,
        );
        let providers = providers.unwrap();
        assert_eq!(providers[0].label, "corp");
        assert_eq!(providers[0].client_secret.as_ref().unwrap().expose(), "s3cret");
        assert_eq!(providers[0].roles[&Role::Admin][1], "it_admin");
        assert!(providers[0].roles_from_provider && !providers[0].trust_email);
        assert_eq!(providers[1].roles[&Role::Auditor], ["revision"]);
        assert!(!providers[1].roles_from_provider && providers[1].trust_email);
    }

    #[test]
    fn the_example_that_is_shipped_works() {
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/providers.example.json");
        let text = fs::read_to_string(shipped).unwrap();
        let folder = tempfile::tempdir().unwrap();
        for secret in ["keycloak.secret", "partners.secret"] {
            fs::write(folder.path().join(secret), "s3cret").unwrap();
        }
        let path = folder.path().join("providers.json");
        fs::write(&path, text).unwrap();
        assert_eq!(file(path.to_str().unwrap()).unwrap().len(), 2);
    }

    #[test]
    fn what_is_wrong_is_said_without_the_secret() {
        let with = |more: &str| {
            format!(
                r#"[{{"name": "corp", "issuer": "https://id.example.org", "clientId": "desk", "clientSecret": "s3cret" {more}}}]"#
            )
        };
        assert!(read(&with("")).is_ok());
        for (json, said) in [
            ("{}".to_owned(), "list of providers"),
            ("[{".to_owned(), "line 1"),
            (with(r#", "clientSecretFile": "secret""#), "both"),
            (with(r#", "colour": "red""#), "colour"),
            (with(r#", "roles": {"GUEST": ["g"]}"#), "ADMIN"),
            (with(r#", "roles": {"BOSS": ["g"]}"#), "list of providers"),
            (with(r#", "label": """#), "label"),
            (with("").replace("https://id", "http://id"), "https"),
            (with("").replace("corp", "Corp Ltd"), "name"),
            (
                with("").replace(r#""s3cret""#, r#"["s3cret"]"#),
                "list of providers",
            ),
            (with(r#", "scopes": "s3cret""#), "list of providers"),
            (with("").replace("s3cret", ""), "empty"),
        ] {
            let problem = read(&json).unwrap_err();
            assert!(problem.contains(said), "{json}: {problem}");
            assert!(!problem.contains("s3cret"), "{problem}");
        }
    }
}
