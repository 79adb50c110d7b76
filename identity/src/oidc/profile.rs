//! What a provider's claims say of somebody, in our words.

use domain::Role;
use domain::limits::NAME_CHARS_MAX;
use domain::text::{Email, PersonName};
use serde_json::{Map, Value};

use super::settings::ProviderSettings;

/// Somebody at a provider, as it was proved just now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Who says so: with the subject, the only name that never changes.
    pub issuer: String,
    /// Whom it speaks of.
    pub subject: String,
    /// Where they are reached, as the provider says.
    pub email: Option<Email>,
    /// Whether that is believed: the provider has verified it, or the operator trusts it in that.
    pub email_is_believed: bool,
    /// What they are called, as far as anything of that can be a name here.
    pub name: Option<PersonName>,
    /// What they are to be here; nothing where the provider has no say in that.
    pub role: Option<Role>,
}

impl Profile {
    pub(super) fn of(settings: &ProviderSettings, subject: &str, claims: &Map<String, Value>) -> Self {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let email = text("email").and_then(|email| Email::parse(email).ok());
        let is_verified = match claims.get("email_verified") {
            Some(Value::Bool(verified)) => *verified,
            // Some providers write it so.
            Some(Value::String(verified)) => verified == "true",
            _ => false,
        };
        let whole = [text("given_name"), text("family_name")];
        let whole = whole.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let local = email
            .as_ref()
            .and_then(|email| email.as_str().rsplit_once('@'))
            .map(|(local, _)| local);
        let names = [
            text("name"),
            Some(whole.as_str()),
            text("preferred_username"),
            text("nickname"),
            local,
            email.as_ref().map(Email::as_str),
        ];
        let name = names.into_iter().flatten().find_map(|name| {
            // Better cut off than not let in.
            let cut: String = name.trim().chars().take(NAME_CHARS_MAX).collect();
            PersonName::parse(&cut).ok()
        });
        let role = settings
            .roles_from_provider
            .then(|| settings.role_of(&roles(settings, claims)));
        Self {
            issuer: settings.issuer.clone(),
            subject: subject.to_owned(),
            email_is_believed: email.is_some() && (is_verified || settings.trust_email),
            email,
            name,
            role,
        }
    }
}

/// Whether the claims say all that is wanted of them, so that the provider need not be asked for more.
pub(super) fn says_all(settings: &ProviderSettings, claims: &Map<String, Value>) -> bool {
    let has_roles = || {
        settings
            .role_claims
            .iter()
            .any(|path| found(path, &settings.client_id, claims).is_some())
    };
    claims.contains_key("email")
        && claims.contains_key("name")
        && (!settings.roles_from_provider || has_roles())
}

/// All roles that they have at the provider.
fn roles(settings: &ProviderSettings, claims: &Map<String, Value>) -> Vec<String> {
    let places = settings.role_claims.iter();
    let values = places.filter_map(|path| found(path, &settings.client_id, claims));
    values
        .flat_map(|value| match value {
            Value::String(one) => vec![one.clone()],
            Value::Array(many) => many.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        })
        .collect()
}

/// What stands at `path`: a claim of that very name (some have dots in theirs), or one within others.
fn found<'a>(path: &str, client_id: &str, claims: &'a Map<String, Value>) -> Option<&'a Value> {
    if let Some(value) = claims.get(path) {
        return Some(value);
    }
    let mut steps = path.split('.').map(|step| match step {
        "{clientId}" => client_id,
        step => step,
    });
    let first = claims.get(steps.next()?)?;
    steps.try_fold(first, |value, step| value.get(step))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn profile(claims: &Value) -> Profile {
        let issuer = "https://id.example.org".to_owned();
        let settings = ProviderSettings::new("idp".to_owned(), issuer, "desk.example.org".to_owned());
        Profile::of(&settings, "s-1", claims.as_object().unwrap())
    }

    #[test]
    fn roles_are_found_wherever_keycloak_and_others_put_them() {
        for claims in [
            json!({ "realm_access": { "roles": ["offline_access", "Admin"] } }),
            json!({ "resource_access": { "desk.example.org": { "roles": ["it_admin"] } } }),
            json!({ "roles": ["administrator"] }),
            json!({ "roles": "admin" }),
        ] {
            assert_eq!(profile(&claims).role, Some(Role::Admin), "{claims}");
        }
        for claims in [
            json!({}),
            json!({ "resource_access": { "other": { "roles": ["admin"] } } }),
            json!({ "realm_access": "admin", "roles": { "admin": true } }),
            json!({ "roles": [["admin"], 1, null] }),
            json!({ "name": "admin", "groups": ["admin"] }),
        ] {
            assert_eq!(profile(&claims).role, Some(Role::User), "{claims}");
        }
    }

    #[test]
    fn a_name_is_found_in_what_there_is() {
        let email = "a@example.org";
        for (claims, name) in [
            (
                json!({ "name": " Ada Lovelace ", "email": email }),
                Some("Ada Lovelace"),
            ),
            (
                json!({ "name": "A", "given_name": "Ada", "family_name": "L" }),
                Some("Ada L"),
            ),
            (
                json!({ "name": "", "preferred_username": "ada", "email": email }),
                Some("ada"),
            ),
            (
                json!({ "name": "x\u{0}y", "email": "ada@example.org" }),
                Some("ada"),
            ),
            (json!({ "email": email }), Some(email)),
            (json!({ "name": 7 }), None),
        ] {
            let found = profile(&claims).name;
            assert_eq!(found.as_ref().map(PersonName::as_str), name, "{claims}");
        }
        let long = profile(&json!({ "name": "é".repeat(5_000) })).name.unwrap();
        assert_eq!(long.as_str().chars().count(), NAME_CHARS_MAX);
    }

    #[test]
    fn an_address_is_believed_only_if_it_is_verified() {
        for (claims, believed) in [
            (json!({ "email": "a@example.org", "email_verified": true }), true),
            (
                json!({ "email": "a@example.org", "email_verified": "true" }),
                true,
            ),
            (
                json!({ "email": "a@example.org", "email_verified": false }),
                false,
            ),
            (json!({ "email": "a@example.org", "email_verified": 1 }), false),
            (json!({ "email": "a@example.org" }), false),
            (json!({ "email": "no address", "email_verified": true }), false),
            (json!({ "email_verified": true }), false),
        ] {
            assert_eq!(profile(&claims).email_is_believed, believed, "{claims}");
        }
    }
}
