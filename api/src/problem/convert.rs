//! What errors of other crates mean to whoever asked.

use commands::{CommandError, StoreError};
use domain::policy::{Action, Denial};
use domain::{access, account, operation, ticket};
use eventlog::ReadError;
use identity::IdentityError;
use projections::history::StreamError;
use projections::{EngineError, QueryError};
use reactors::ReactorError;

use crate::operations::SkipError;

use super::{
    ApiError, away, bad_request, conflict, fault, forbidden, invalid, not_found, precondition_failed,
    too_large, too_many, unauthorized, unavailable, unprocessable,
};

/// What the original says of a ticket that is not there.
pub(crate) const TICKET_NOT_FOUND: &str = "Ticket not found";
/// What is said of an account that is not there.
pub(crate) const USER_NOT_FOUND: &str = "User not found";
/// What is said of an identity provider that is not there.
pub(crate) const PROVIDER_NOT_FOUND: &str = "Provider not found";

/// What is said of a read model that is not there.
const PROJECTION_NOT_FOUND: &str = "Projection not found";

/// An aggregate's refusal as an answer.
trait Refused: std::error::Error + 'static {
    /// What is said of the aggregate if it is not there.
    const NOT_FOUND: &'static str;

    fn answer(self) -> ApiError;
}

impl Refused for ticket::Refusal {
    const NOT_FOUND: &'static str = TICKET_NOT_FOUND;

    fn answer(self) -> ApiError {
        match self {
            Self::NotFound => not_found(TICKET_NOT_FOUND),
            Self::AlreadyExists => conflict("there is a ticket with this id already"),
            Self::TooManyComments | Self::TooManyAttachments => unprocessable(self.to_string()),
            Self::AttachmentsTooLarge => too_large(self.to_string()),
        }
    }
}

impl Refused for account::Refusal {
    const NOT_FOUND: &'static str = USER_NOT_FOUND;

    fn answer(self) -> ApiError {
        match self {
            Self::NotFound => not_found(USER_NOT_FOUND),
            Self::AlreadyExists | Self::OwnAccount | Self::LastAdmin => bad_request(self.to_string()),
        }
    }
}

impl Refused for access::Refusal {
    const NOT_FOUND: &'static str = "Not found";

    fn answer(self) -> ApiError {
        match self {}
    }
}

impl Refused for operation::Refusal {
    const NOT_FOUND: &'static str = PROJECTION_NOT_FOUND;

    fn answer(self) -> ApiError {
        match self {
            Self::NoSuchEvent => unprocessable(self.to_string()),
        }
    }
}

fn command<R: Refused>(error: CommandError<R>) -> ApiError {
    match error {
        CommandError::Denied { denial, .. } => denied(denial, R::NOT_FOUND),
        CommandError::Refused(refusal) => refusal.answer(),
        CommandError::Assignee(reason) => invalid("assignedToId", reason.to_string()),
        CommandError::Stale { expected, actual } => {
            precondition_failed(format!("it is at version {actual}, not at {expected}")).at_version(actual)
        }
        CommandError::Contended => conflict("Conflict").detail("others change the same at once, try again"),
        CommandError::KeyReused => {
            unprocessable("Idempotency key reused").detail("this Idempotency-Key belongs to another request")
        }
        CommandError::Unstorable(reason) => unprocessable("Invalid input").detail(reason),
        error @ CommandError::Unavailable(_) => away(&error),
        error @ CommandError::Load(_) => fault(&error),
    }
}

impl From<CommandError<ticket::Refusal>> for ApiError {
    fn from(error: CommandError<ticket::Refusal>) -> Self {
        command(error)
    }
}

impl From<CommandError<access::Refusal>> for ApiError {
    fn from(error: CommandError<access::Refusal>) -> Self {
        command(error)
    }
}

impl From<CommandError<operation::Refusal>> for ApiError {
    fn from(error: CommandError<operation::Refusal>) -> Self {
        command(error)
    }
}

impl From<CommandError<account::Refusal>> for ApiError {
    fn from(error: CommandError<account::Refusal>) -> Self {
        command(error)
    }
}

/// The policy's no, about a thing of which `missing` is said if it is not there.
pub fn denied(denial: Denial, missing: &'static str) -> ApiError {
    match denial {
        Denial::SignIn => unauthorized(),
        Denial::Forbidden => forbidden(),
        Denial::Hidden => not_found(missing),
    }
}

/// Asks the policy about something that is not one ticket or account.
pub(crate) fn permit_general(actor: &domain::Actor, action: Action) -> Result<(), ApiError> {
    domain::policy::permit(actor, action, &domain::policy::Facts::General)
        .map_err(|denial| denied(denial, "Not found"))
}

/// An aggregate could not be loaded.
pub(crate) fn load(error: impl Into<CommandError<account::Refusal>>) -> ApiError {
    error.into().into()
}

impl From<IdentityError> for ApiError {
    /// For calls in which nobody proves anything: a refusal there means that the session is over.
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Refused => unauthorized(),
            IdentityError::Password(refusal) => invalid("password", refusal.to_string()),
            IdentityError::Taken | IdentityError::HasLogin => bad_request("User already exists"),
            IdentityError::TooMany { wait } => too_many(wait),
            error @ (IdentityError::Busy
            | IdentityError::Unavailable(_)
            | IdentityError::Stale { .. }
            | IdentityError::Lost) => away(&error),
            error @ IdentityError::Fault(_) => fault(&error),
        }
    }
}

impl From<ReactorError> for ApiError {
    fn from(error: ReactorError) -> Self {
        match error {
            error @ ReactorError::Unavailable(_) => away(&error),
            error @ ReactorError::Fault(_) => fault(&error),
        }
    }
}

impl From<EngineError> for ApiError {
    /// Says only the kind of error: an error in full may quote an event, and operators see no contents.
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::UnknownReadModel => not_found(PROJECTION_NOT_FOUND),
            EngineError::AlreadyRebuilding
            | EngineError::NotParked
            | EngineError::StillParked(_)
            | EngineError::NoSuchGeneration
            | EngineError::OfAnotherVersion { .. }
            | EngineError::PreviousInUse
            | EngineError::Busy
            | EngineError::Aborted
            | EngineError::Apply(_) => conflict("Conflict").detail(error.kind()),
            error @ (EngineError::Log(_) | EngineError::Database(_)) => away(&error),
            error @ EngineError::Interrupted => fault(&error),
        }
    }
}

impl From<SkipError> for ApiError {
    fn from(error: SkipError) -> Self {
        match error {
            SkipError::Engine(error) => error.into(),
            SkipError::Command(error) => error.into(),
        }
    }
}

impl From<ReadError> for ApiError {
    fn from(error: ReadError) -> Self {
        match error {
            error @ (ReadError::Unavailable(_) | ReadError::Closed) => away(&error),
            error => fault(&error),
        }
    }
}

impl From<QueryError> for ApiError {
    fn from(error: QueryError) -> Self {
        match error {
            error @ QueryError::Unavailable(_) => away(&error),
            QueryError::TooSlow => unavailable("the search takes too long, narrow it down"),
            error @ QueryError::Malformed(_) => fault(&error),
        }
    }
}

impl From<StreamError> for ApiError {
    fn from(error: StreamError) -> Self {
        match error {
            StreamError::Log(error) => error.into(),
            error @ (StreamError::Event { .. } | StreamError::Metadata { .. }) => fault(&error),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            // The original's text, whatever the setting says, as far as it is true.
            StoreError::TooLarge { max } => {
                too_large(format!("File size exceeds {}MB limit", max / (1024 * 1024)))
            }
            StoreError::Empty => bad_request("No file provided").detail("the file is empty"),
            StoreError::Receive(source) => receive(&*source),
            StoreError::Missing => not_found("File not found"),
            error @ StoreError::Unavailable(_) => away(&error),
        }
    }
}

/// The client stopped sending or broke off.
pub(crate) fn receive(error: &(dyn std::error::Error + 'static)) -> ApiError {
    if crate::server::body_timed_out(error) {
        super::request_timeout()
    } else {
        bad_request("Malformed body").detail("the body ended early")
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    fn status(error: impl Into<ApiError>) -> u16 {
        error.into().status().as_u16()
    }

    #[test]
    fn hidden_things_look_like_missing_ones() {
        let hidden: ApiError = CommandError::<ticket::Refusal>::Denied {
            action: Action::ReadTicket,
            denial: Denial::Hidden,
        }
        .into();
        assert_eq!(hidden, CommandError::Refused(ticket::Refusal::NotFound).into());
        assert_eq!(hidden.status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn what_the_client_can_mend_is_4xx_and_what_passes_is_503() {
        type Error = CommandError<account::Refusal>;
        assert_eq!(status(Error::Refused(account::Refusal::LastAdmin)), 400);
        assert_eq!(status(Error::Refused(account::Refusal::NotFound)), 404);
        assert_eq!(status(Error::Assignee(ticket::NotAssignable)), 422);
        assert_eq!(status(Error::KeyReused), 422);
        assert_eq!(status(Error::Contended), 409);
        assert_eq!(
            status(Error::Stale {
                expected: 1,
                actual: 2
            }),
            412
        );
        assert_eq!(status(Error::Unavailable(String::new())), 503);
        let wait = std::time::Duration::from_millis(1);
        assert_eq!(status(IdentityError::TooMany { wait }), 429);
        assert_eq!(status(IdentityError::Busy), 503);
        assert_eq!(status(IdentityError::Unavailable(String::new())), 503);
        assert_eq!(status(IdentityError::Fault(String::new())), 500);
        assert_eq!(status(StoreError::TooLarge { max: 10 << 20 }), 413);
        assert_eq!(status(StoreError::Missing), 404);
    }
}
