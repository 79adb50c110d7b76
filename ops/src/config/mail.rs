//! The settings of mail.

use std::path::{Path, PathBuf};
use std::time::Duration;

use identity::Secret;
use reactors::{Mailbox, Security};

use super::sources::ConfigError;
use super::values::{self, Reader};

/// How mail leaves, and what is in it.
#[derive(Debug, Clone)]
pub struct MailSettings {
    /// The server that mails are handed to; `None`: they are put into `dir`.
    pub smtp: Option<SmtpSettings>,
    /// Where mails are put as files.
    pub dir: PathBuf,
    /// Who mails are from; `None`: made of the help desk's address.
    pub from: Option<Mailbox>,
    /// How long a guest's link is good.
    pub guest_link_valid: Duration,
}

/// Which SMTP server, and how to speak to it.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Who signs in there, and by which password.
    pub login: Option<(String, Secret<String>)>,
    /// How the way there is encrypted.
    pub security: Security,
    /// Certificates that are trusted beside the machine's own.
    pub ca_file: Option<PathBuf>,
    /// How long one answer may take.
    pub answer_within: Duration,
}

impl MailSettings {
    pub(super) fn read(from: &Reader<'_>, data_dir: &Path) -> Result<Self, ConfigError> {
        let sender = |text: &str| text.parse::<Mailbox>().map_err(|_| "is not a mail address");
        Ok(Self {
            smtp: SmtpSettings::read(from)?,
            dir: from
                .optional("MAIL_DIR", values::folder)?
                .unwrap_or_else(|| data_dir.join("mail")),
            from: from.optional("SMTP_FROM", sender)?,
            guest_link_valid: Duration::from_hours(from.number("GUEST_LINK_HOURS", 1..=8760)?),
        })
    }
}

impl SmtpSettings {
    /// All of them are looked at, so that a wrong one is told even where nothing is sent by SMTP.
    fn read(from: &Reader<'_>) -> Result<Option<Self>, ConfigError> {
        let host = from.optional("SMTP_HOST", host)?;
        let port = from.optional("SMTP_PORT", port)?;
        let user = from.optional("SMTP_USER", some)?;
        let password = from.optional("SMTP_PASSWORD", |text| some(text).map(Secret::new))?;
        let security = from.optional("SMTP_TLS", security)?;
        let ca_file = from.optional("SMTP_CA_FILE", values::file)?;
        let answer_within = Duration::from_secs(from.number("SMTP_TIMEOUT", 1..=60)?);
        let Some(host) = host else { return Ok(None) };
        let security = security.unwrap_or(match port {
            Some(465) => Security::Implicit,
            _ => Security::StartTls,
        });
        let wrong = |name: &str, problem: &str| ConfigError {
            name: name.to_owned(),
            problem: problem.to_owned(),
        };
        let login = match (user, password) {
            (None, None) => None,
            (Some(user), Some(password)) => Some((user, password)),
            (Some(_), None) => return Err(wrong("SMTP_PASSWORD", "is missing, while SMTP_USER is given")),
            (None, Some(_)) => return Err(wrong("SMTP_USER", "is missing, while SMTP_PASSWORD is given")),
        };
        let here = ["localhost", "127.0.0.1", "::1"].contains(&host.as_str());
        if login.is_some() && security == Security::None && !here {
            return Err(wrong(
                "SMTP_TLS",
                "is none: the password would be sent for everybody to read",
            ));
        }
        Ok(Some(Self {
            host,
            port: port.unwrap_or(if security == Security::Implicit { 465 } else { 587 }),
            login,
            security,
            ca_file,
            answer_within,
        }))
    }
}

fn host(text: &str) -> Result<String, &'static str> {
    let name = text.trim_matches(['[', ']']);
    url::Host::parse(text)
        .map(|_| name.to_owned())
        .map_err(|_| "is not the name of a machine")
}

fn port(text: &str) -> Result<u16, &'static str> {
    match text.parse() {
        Ok(port) if port > 0 => Ok(port),
        _ => Err("is not a number from 1 to 65535"),
    }
}

fn some(text: &str) -> Result<String, &'static str> {
    if text.chars().any(char::is_control) {
        return Err("has control characters");
    }
    Ok(text.to_owned())
}

fn security(text: &str) -> Result<Security, &'static str> {
    match text {
        "starttls" => Ok(Security::StartTls),
        "implicit" => Ok(Security::Implicit),
        "none" => Ok(Security::None),
        _ => Err("is neither starttls nor implicit nor none"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Environment, Settings};

    fn read(pairs: &[(&str, &str)]) -> Result<Option<SmtpSettings>, String> {
        let pairs = pairs.iter().map(|(name, value)| (name.into(), value.into()));
        let environment = Environment::default().with_variables(pairs).unwrap();
        let settings = Settings::read(&environment).map_err(|error| error.to_string())?;
        Ok(settings.mail.smtp)
    }

    #[test]
    fn ports_and_encryption_fit_each_other() {
        assert!(read(&[("SMTP_PORT", "25")]).unwrap().is_none());
        for (given, port, security) in [
            (vec![], 587, Security::StartTls),
            (vec![("SMTP_PORT", "465")], 465, Security::Implicit),
            (vec![("SMTP_TLS", "implicit")], 465, Security::Implicit),
            (vec![("SMTP_PORT", "25")], 25, Security::StartTls),
            (
                vec![("SMTP_TLS", "none"), ("SMTP_PORT", "25")],
                25,
                Security::None,
            ),
        ] {
            let all = [vec![("SMTP_HOST", "mail.example.org")], given].concat();
            let smtp = read(&all).unwrap().unwrap();
            assert_eq!((smtp.port, smtp.security), (port, security));
        }
    }

    #[test]
    fn a_password_is_not_sent_openly_and_never_shown() {
        let login = [("SMTP_USER", "desk"), ("SMTP_PASSWORD", "swordfish")];
        let open = |host| [&[("SMTP_HOST", host), ("SMTP_TLS", "none")], &login[..]].concat();
        let refused = read(&open("mail.example.org")).unwrap_err();
        assert!(
            refused.starts_with("SMTP_TLS:") && !refused.contains("swordfish"),
            "{refused}"
        );
        let allowed = read(&open("localhost")).unwrap();
        assert!(!format!("{allowed:?}").contains("swordfish"), "{allowed:?}");
        for half in login {
            let refused = read(&[("SMTP_HOST", "mail.example.org"), half]).unwrap_err();
            assert!(
                refused.contains("is missing") && !refused.contains("swordfish"),
                "{refused}"
            );
        }
    }
}
