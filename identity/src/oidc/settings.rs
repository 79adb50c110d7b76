//! What there is to know of a provider before it was ever asked.

use std::collections::BTreeMap;

use domain::Role;
use url::{Host, Url};

use crate::secret::Secret;

/// Most characters of a provider's name.
const NAME_CHARS_MAX: usize = 40;
/// Roles in the order in which they win where somebody has several at the provider.
const PRECEDENCE: [Role; 3] = [Role::Admin, Role::Auditor, Role::Operator];

/// One identity provider, as the operator describes it.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// Its name in our addresses: small letters, digits and dashes.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// Its issuer identifier, to the letter.
    pub issuer: String,
    /// What we are called there.
    pub client_id: String,
    /// With which we prove that; without one we are a public client.
    pub client_secret: Option<Secret<String>>,
    /// What is asked for, `openid` among it or not.
    pub scopes: Vec<String>,
    /// In which claims roles stand: names, or paths with dots in which `{clientId}` is `client_id`.
    pub role_claims: Vec<String>,
    /// Which of the provider's roles make somebody what here, compared without case.
    pub roles: BTreeMap<Role, Vec<String>>,
    /// Whether its addresses are believed although it does not say that it has verified them.
    pub trust_email: bool,
    /// Whether the provider decides over roles, at each sign-in.
    pub roles_from_provider: bool,
}

impl ProviderSettings {
    /// A provider with the defaults, which are those of Keycloak.
    pub fn new(name: String, issuer: String, client_id: String) -> Self {
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        Self {
            label: name.clone(),
            name,
            issuer,
            client_id,
            client_secret: None,
            scopes: words(&["openid", "email", "profile"]),
            role_claims: words(&["realm_access.roles", "resource_access.{clientId}.roles", "roles"]),
            roles: BTreeMap::from([(Role::Admin, words(&["admin", "it_admin", "administrator"]))]),
            trust_email: false,
            roles_from_provider: true,
        }
    }

    /// What is wrong with it, in words for the operator.
    pub fn problem(&self) -> Option<String> {
        let is_slug = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if self.name.is_empty() || self.name.len() > NAME_CHARS_MAX || !self.name.bytes().all(is_slug) {
            return Some(format!(
                "name {:?} is not 1 to {NAME_CHARS_MAX} small letters, digits and dashes",
                self.name
            ));
        }
        if self.label.trim().is_empty() {
            return Some("label is empty".to_owned());
        }
        if self.client_id.is_empty() {
            return Some("clientId is empty".to_owned());
        }
        let Ok(issuer) = Url::parse(&self.issuer) else {
            return Some(format!("issuer {:?} is not a URL", self.issuer));
        };
        if !is_private(&issuer) || issuer.query().is_some() || issuer.fragment().is_some() {
            return Some(format!(
                "issuer {:?} is not https (http is for this machine only), or has more than a host and a path",
                self.issuer
            ));
        }
        if self
            .roles
            .keys()
            .any(|role| matches!(role, Role::Guest | Role::User))
        {
            return Some(
                "roles: only ADMIN, AUDITOR and OPERATOR can be given; everybody else is a USER".to_owned(),
            );
        }
        None
    }

    /// What somebody with these roles at the provider is here.
    pub(super) fn role_of(&self, theirs: &[String]) -> Role {
        let has = |role: &Role| {
            let named = self.roles.get(role).map_or(&[][..], Vec::as_slice);
            named.iter().any(|name| {
                theirs
                    .iter()
                    .any(|their| their.to_lowercase() == name.to_lowercase())
            })
        };
        PRECEDENCE.into_iter().find(has).unwrap_or(Role::User)
    }
}

/// Whether nobody on the way can read or change what is sent there: https, or this very machine.
pub(super) fn is_private(url: &Url) -> bool {
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && is_here)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keycloak() -> ProviderSettings {
        let issuer = "https://id.example.org/realms/desk".to_owned();
        ProviderSettings::new("keycloak".to_owned(), issuer, "desk".to_owned())
    }

    #[test]
    fn roles_are_compared_without_case_and_the_highest_wins() {
        let mut settings = keycloak();
        settings.roles.insert(Role::Auditor, vec!["Revision".to_owned()]);
        let role = |names: &[&str]| {
            let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
            settings.role_of(&names)
        };
        assert_eq!(role(&["IT_Admin"]), Role::Admin);
        assert_eq!(role(&["revision", "ADMINISTRATOR"]), Role::Admin);
        assert_eq!(role(&["REVISION"]), Role::Auditor);
        assert_eq!(role(&["admins", "administrators "]), Role::User);
        assert_eq!(role(&[]), Role::User);
    }

    #[test]
    fn what_cannot_work_or_is_not_safe_is_named() {
        assert_eq!(keycloak().problem(), None);
        let broken: [fn(&mut ProviderSettings); 7] = [
            |it| it.name = "Key Cloak".to_owned(),
            |it| it.name = "../x".to_owned(),
            |it| it.label = " ".to_owned(),
            |it| it.client_id = String::new(),
            |it| it.issuer = "http://id.example.org".to_owned(),
            |it| it.issuer = "id.example.org".to_owned(),
            |it| drop(it.roles.insert(Role::Guest, vec!["guest".to_owned()])),
        ];
        for breaks in broken {
            let mut settings = keycloak();
            breaks(&mut settings);
            assert!(settings.problem().is_some(), "{settings:?}");
        }
        let mut here = keycloak();
        here.issuer = "http://127.0.0.1:8080/realms/desk".to_owned();
        assert_eq!(here.problem(), None);
    }
}
