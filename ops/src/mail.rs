//! Mail, put together.

use std::sync::Arc;

use api::AppState;
use reactors::{Context, Folder, Mailbox, NotAMailbox, Sender, Transport};
use url::Url;

use crate::config::Settings;

/// Who sends the mail of the desk that `app` is; `url` is where people reach it.
pub(crate) fn sender(app: &AppState, settings: &Settings, url: &str) -> Result<Sender, NotAMailbox> {
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
    let folder = Folder::new(settings.mail.dir.clone(), Arc::clone(&app.clock));
    Ok(Sender::new(&app.outbox, context, Transport::Folder(folder)))
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
