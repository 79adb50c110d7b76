//! Mails by SMTP (RFC 5321), with TLS.
//!
//! Connections are kept and used again by hand, not by the library's pool: that one takes back a connection whose
//! sending was cut short, in the middle of a mail, and no time limit of its own ends an answer that does not come. Here a
//! connection that is not at the end of a conversation is dropped, and everything has a limit.
//!
//! The library is built without its logging, which would show what is said, the password among it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use identity::Secret;
use lettre::address::Envelope;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::{Address, Message};
use parking_lot::Mutex;
use tokio::time::{Instant, timeout};

use crate::failure::{Failure, Reach};

/// How long a connection is kept that nobody uses.
const IDLE_MAX: Duration = Duration::from_secs(30);
/// How much longer than other answers the one to a whole mail may take: the server may look for viruses first.
const TAKING_FACTOR: u32 = 3;

/// How a conversation is kept from others' eyes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// By STARTTLS, or not at all: without it nothing is sent.
    StartTls,
    /// By TLS from the beginning.
    Implicit,
    /// Not at all.
    None,
}

/// Which server, and how to speak to it.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    /// Its name, or its address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Name and password, where it wants them.
    pub login: Option<(String, Secret<String>)>,
    /// TLS.
    pub security: Security,
    /// Certificates in PEM that are trusted beside those of the machine.
    pub certificates: Option<Vec<u8>>,
    /// How long one answer may take.
    pub answer_within: Duration,
    /// What this program calls itself: a domain.
    pub own_name: String,
}

/// The server's certificates, or those that it is held against, cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("TLS cannot be prepared")]
pub struct NoTls(#[source] Error);

/// An SMTP server. A cheap handle.
#[derive(Clone)]
pub struct Smtp(Arc<Parts>);

struct Parts {
    settings: SmtpSettings,
    own_name: ClientId,
    tls: Option<TlsParameters>,
    idle: Mutex<Vec<(Instant, AsyncSmtpConnection)>>,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp")
            .field("settings", &self.0.settings)
            .finish_non_exhaustive()
    }
}

impl Smtp {
    /// The server of these settings. It is asked for nothing yet.
    pub fn new(settings: SmtpSettings) -> Result<Self, NoTls> {
        let tls = match settings.security {
            Security::None => None,
            Security::StartTls | Security::Implicit => Some(tls(&settings).map_err(NoTls)?),
        };
        Ok(Self(Arc::new(Parts {
            own_name: ClientId::Domain(settings.own_name.clone()),
            settings,
            tls,
            idle: Mutex::default(),
        })))
    }

    /// Hands one mail over.
    pub(crate) async fn send(&self, message: &Message) -> Result<(), Failure> {
        let mut connection = match self.kept().await {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let outcome = self.converse(&mut connection, message).await;
        let is_usable = match &outcome {
            Ok(()) => true,
            // It has answered; so it may be told to forget what it was told.
            Err((_, Ended::Refused)) => self.answer(1, connection.command(Rset)).await.is_ok(),
            Err((_, Ended::Lost)) => false,
        };
        if is_usable {
            self.0.idle.lock().push((Instant::now(), connection));
        }
        outcome.map_err(|(failure, _)| failure)
    }

    /// Lets go of connections that nobody has used for a while.
    pub(crate) fn tidy(&self) {
        self.0.idle.lock().retain(|(since, _)| since.elapsed() < IDLE_MAX);
    }

    /// A connection that is still alive.
    async fn kept(&self) -> Option<AsyncSmtpConnection> {
        loop {
            let (since, mut connection) = self.0.idle.lock().pop()?;
            if since.elapsed() < IDLE_MAX
                && let Ok(true) = timeout(self.0.settings.answer_within, connection.test_connected()).await
            {
                return Some(connection);
            }
        }
    }

    /// A new connection, encrypted and signed in as the settings say.
    async fn connect(&self) -> Result<AsyncSmtpConnection, Failure> {
        let Parts {
            settings,
            own_name,
            tls,
            ..
        } = &*self.0;
        let everybody = |kind| move |error: Problem| failure(Reach::Sender, kind, &error);
        let implicit = tls.clone().filter(|_| settings.security == Security::Implicit);
        let server = (settings.host.as_str(), settings.port);
        let connecting = AsyncSmtpConnection::connect_tokio1(
            server,
            Some(settings.answer_within),
            own_name,
            implicit,
            None,
        );
        let mut connection = self
            .answer(2, connecting)
            .await
            .map_err(everybody("the server cannot be reached"))?;
        if settings.security == Security::StartTls
            && let Some(tls) = tls.clone()
        {
            if !connection.can_starttls() {
                return Err(Failure::new(Reach::Sender, "the server does not offer STARTTLS"));
            }
            let encrypting = connection.starttls(tls, own_name);
            self.answer(2, encrypting)
                .await
                .map_err(everybody("the connection cannot be encrypted"))?;
        }
        if let Some((name, password)) = &settings.login {
            let credentials = Credentials::new(name.clone(), password.expose().clone());
            let signing_in = connection.auth(DEFAULT_MECHANISMS, &credentials);
            self.answer(2, signing_in)
                .await
                .map_err(everybody("the server did not accept name and password"))?;
        }
        Ok(connection)
    }

    async fn converse(
        &self,
        connection: &mut AsyncSmtpConnection,
        message: &Message,
    ) -> Result<(), (Failure, Ended)> {
        let envelope = message.envelope();
        let text = message.formatted();
        let options = options(connection, envelope, &text).map_err(|failure| (failure, Ended::Refused))?;
        let from = Mail::new(envelope.from().cloned(), options);
        // A sender that is refused is a matter of settings: others will fare no better, and an operator may help.
        self.answer(1, connection.command(from))
            .await
            .map_err(|error| ended(Reach::Mail, "the server refused the sender", &error))?;
        for to in envelope.to() {
            let to = Rcpt::new(to.clone(), Vec::new());
            self.answer(1, connection.command(to))
                .await
                .map_err(|error| ended(Reach::MailForGood, "the server refused the recipient", &error))?;
        }
        self.answer(1, connection.command(Data))
            .await
            .map_err(|error| ended(Reach::MailForGood, "the server refused the mail", &error))?;
        self.answer(TAKING_FACTOR, connection.message(&text))
            .await
            .map_err(|error| ended(Reach::MailForGood, "the server refused the mail", &error))?;
        Ok(())
    }

    /// Waits for an answer, `times` as long as one may take.
    async fn answer<T>(
        &self,
        times: u32,
        answering: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Problem> {
        match timeout(self.0.settings.answer_within * times, answering).await {
            Ok(answer) => answer.map_err(Problem::Error),
            Err(_) => Err(Problem::TooLate),
        }
    }
}

/// What came instead of a good answer.
enum Problem {
    Error(Error),
    TooLate,
}

/// Whether the conversation may go on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// The server has answered no.
    Refused,
    /// Nobody knows what it has heard.
    Lost,
}

/// A failure in the middle of a conversation. `reach` is that of a lasting refusal.
fn ended(reach: Reach, kind: &'static str, problem: &Problem) -> (Failure, Ended) {
    let Problem::Error(error) = problem else {
        // It hangs, and will do so for the next one.
        return (failure(Reach::Sender, kind, problem), Ended::Lost);
    };
    match error.status().map(u16::from) {
        // "Service not available, closing transmission channel".
        Some(421) => (failure(Reach::Sender, kind, problem), Ended::Lost),
        Some(_) if error.is_permanent() => (failure(reach, kind, problem), Ended::Refused),
        Some(_) => (failure(Reach::Mail, kind, problem), Ended::Refused),
        None => (Failure::new(Reach::Mail, "the connection was lost"), Ended::Lost),
    }
}

fn failure(reach: Reach, kind: &'static str, problem: &Problem) -> Failure {
    match problem {
        Problem::TooLate => Failure::new(reach, "the server did not answer in time"),
        Problem::Error(error) if error.is_tls() => Failure::new(reach, "TLS with the server failed"),
        Problem::Error(error) => {
            let failure = Failure::new(reach, kind);
            match error.status() {
                Some(code) => failure.with_code(code.into()),
                None => failure,
            }
        }
    }
}

/// What the server is to be told about what comes.
fn options(
    connection: &AsyncSmtpConnection,
    envelope: &Envelope,
    text: &[u8],
) -> Result<Vec<MailParameter>, Failure> {
    let offers = |extension| connection.server_info().supports_feature(extension);
    let mut options = Vec::new();
    let addresses = || envelope.from().into_iter().chain(envelope.to());
    let is_ascii = |address: &Address| AsRef::<str>::as_ref(address).is_ascii();
    if !addresses().all(is_ascii) {
        if !offers(Extension::SmtpUtfEight) {
            let kind = "the server takes no addresses with such characters";
            return Err(Failure::new(Reach::MailForGood, kind));
        }
        options.push(MailParameter::SmtpUtfEight);
    }
    if !text.is_ascii() && offers(Extension::EightBitMime) {
        options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    Ok(options)
}

fn tls(settings: &SmtpSettings) -> Result<TlsParameters, Error> {
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(pem) = &settings.certificates {
        builder = builder.add_root_certificate(Certificate::from_pem(pem)?);
    }
    builder.build_rustls()
}
