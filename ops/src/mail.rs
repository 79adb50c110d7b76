//! Mail, put together.

use std::path::PathBuf;
use std::sync::Arc;

use api::AppState;
use reactors::{Context, Folder, Mail, Mailbox, NoTls, NotAMailbox, ReactorError, Smtp, Transport};
use url::Url;

use crate::config::{Settings, SmtpSettings};

/// Why there is no mail.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MailError {
    /// Nobody can be who mails are from.
    #[error("mails are from nobody: set SMTP_FROM")]
    From(#[from] NotAMailbox),
    /// Nobody can be told whom to trust.
    #[error("SMTP_CA_FILE: {path} cannot be read")]
    CaFile {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// What is in it is of no use.
    #[error("SMTP_CA_FILE or the machine's own certificates cannot be used")]
    Tls(#[from] NoTls),
    /// The database is not there.
    #[error(transparent)]
    Reactor(#[from] ReactorError),
}

/// The mail of the desk that `app` is; `url` is where people reach it.
pub(crate) async fn open(app: &AppState, settings: &Settings, url: &str) -> Result<Mail, MailError> {
    let from = settings.mail.from.clone().map_or_else(|| from(url), Ok)?;
    let context = Context {
        log: app.log.clone(),
        pool: app.pool.clone(),
        directory: app.directory.clone(),
        identity: app.identity.clone(),
        clock: Arc::clone(&app.clock),
        app_url: url.to_owned(),
        from,
        guest_link_valid: settings.mail.guest_link_valid,
    };
    let transport = match &settings.mail.smtp {
        Some(smtp) => Transport::Smtp(server(smtp, context.from.email.domain())?),
        None => Transport::Folder(Folder::new(settings.mail.dir.clone(), Arc::clone(&app.clock))),
    };
    Ok(Mail::open(&app.outbox, context, transport).await?)
}

fn server(smtp: &SmtpSettings, own_name: &str) -> Result<Smtp, MailError> {
    let read = |path: &PathBuf| {
        std::fs::read(path).map_err(|source| MailError::CaFile {
            path: path.clone(),
            source,
        })
    };
    Ok(Smtp::new(reactors::SmtpSettings {
        host: smtp.host.clone(),
        port: smtp.port,
        login: smtp.login.clone(),
        security: smtp.security,
        certificates: smtp.ca_file.as_ref().map(read).transpose()?,
        answer_within: smtp.answer_within,
        own_name: own_name.to_owned(),
    })?)
}

/// Who mails are from where nobody has said it.
fn from(url: &str) -> Result<Mailbox, NotAMailbox> {
    let url = Url::parse(url).ok();
    let host = url.as_ref().and_then(Url::domain).unwrap_or("localhost");
    format!("Informejo <informejo@{host}>").parse()
}

#[cfg(test)]
mod tests {
    use super::from;

    #[test]
    fn mails_are_from_the_desk_unless_somebody_says_who() {
        for (url, address) in [
            ("https://help.example.org", "informejo@help.example.org"),
            ("http://localhost:3003", "informejo@localhost"),
            ("http://192.0.2.7:3003/desk", "informejo@localhost"),
            ("http://[2001:db8::7]", "informejo@localhost"),
            ("https://bücher.example", "informejo@xn--bcher-kva.example"),
        ] {
            assert_eq!(from(url).unwrap().email.to_string(), address);
        }
    }
}
