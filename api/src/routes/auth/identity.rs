//! `POST /api/auth/identity/link`
//!
//! Three proofs are needed at once, so that nobody gets into an account by confirming something that they did not begin:
//! - **the identity**: the request comes in a session of the account that signing in at the provider has made. Whoever has
//!   the address's mail but did not sign in at the provider cannot let anybody in, not by mistake either;
//! - **the address**: the token that was mailed there;
//! - **the account**: its password. A guest's has none, and is proved by the address, which is all that opens it. An account that is
//!   opened at another provider only cannot be proved here.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::policy::Action;
use identity::{IdentityError, Password, Purpose};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::extract::{Asked, Caller, Fields, InSession, Json};
use crate::limits::Attempt;
use crate::oidc::{can_be_proved, join};
use crate::problem::{self, ApiError, ApiResult, load, permit_general};
use crate::security_log::{self, SecurityEvent};
use crate::session::{Arrival, LoginAnswer, begin_session};
use crate::state::AppState;

/// What proves that both accounts are one person's.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LinkInput {
    /// The token that was mailed.
    #[schema(value_type = String, required, example = "64 hexadecimal digits")]
    token: Option<String>,
    /// The password of the account that has had the address before, if it has one.
    #[schema(value_type = String, format = Password, example = "correct horse battery")]
    password: Option<Password>,
}

/// Let an identity provider's user into the account that has their address
///
/// To be asked in the session that began at the provider. From then on signing in there opens the account that has had the
/// address before, in a session of which this answers the token; the account that was made meanwhile is deactivated, and its
/// tickets stay its own.
#[utoipa::path(
    post,
    path = "/api/auth/identity/link",
    tag = "accounts",
    request_body = LinkInput,
    responses(
        (status = 200, description = "Linked, and signed in to the account", body = LoginAnswer),
        (status = 422, description = "The link does not work any more or is for another identity's session, or the password is \
            another one"),
        (status = 429, description = "Too many attempts from this address or on this account"),
    ),
)]
pub(super) async fn link_identity(
    State(app): State<AppState>,
    signed_in: InSession,
    arrival: Arrival,
    caller: Caller,
    asked: Asked,
    Json { input, .. }: Json<LinkInput>,
) -> ApiResult<Response> {
    permit_general(&signed_in.actor, Action::ReadOwnAccount)?;
    let (token, password) = input.parse()?;
    let by_address = app.limited(Attempt::LinkIdentity, &caller, None).await?;
    let apart = signed_in.account;
    let identity = &app.identity;
    let link = identity.links.look(Purpose::Identity, &token).await?;
    let link = link.ok_or_else(no_link)?;
    let known = identity.identities.get(link.subject).await?;
    let known = known
        .filter(|known| known.account_id == apart.id)
        .ok_or_else(|| {
            problem::unprocessable("Sign in through your provider first")
                .detail("this link is for whoever has signed in there, and works in their session only")
        })?;
    let holder = identity.logins.holder(&apart.email).await?;
    let holder = holder
        .filter(|holder| holder.account_id != apart.id)
        .ok_or_else(no_link)?;
    let to = app.commands.account(holder.account_id).await.map_err(load)?;
    let to = to
        .filter(|to| can_be_proved(to, holder.has_password))
        .ok_or_else(no_link)?;
    let proved = match password {
        None if holder.has_password => {
            return Err(problem::invalid(
                "password",
                "is required: that of the account that you have had before",
            ));
        }
        None => identity::SignedIn::vouched(holder.account_id),
        Some(password) => {
            let counted = app
                .limited(Attempt::SignIn, &caller, Some(apart.email.as_str()))
                .await?;
            match identity.logins.sign_in(apart.email.as_str(), &password).await {
                Ok(proved) if proved.account_id == holder.account_id => {
                    counted.forget(&app).await;
                    proved
                }
                Ok(_) | Err(IdentityError::Refused) => {
                    security_log::record(SecurityEvent::PasswordRefused, Some(holder.account_id));
                    return Err(problem::invalid("password", "is another one"));
                }
                Err(error) => return Err(error.into()),
            }
        }
    };
    if identity.links.redeem(Purpose::Identity, &token).await?.is_none() {
        return Err(no_link());
    }
    let work = {
        let (app, cause) = (app.clone(), asked.cause_once(&app));
        async move { join(&app, &cause, &known, &apart, &to).await }
    };
    if !app.to_the_end(work).await?? {
        return Err(no_link());
    }
    by_address.forget(&app).await;
    let begun = begin_session(&app, &arrival, &proved).await?;
    Ok(begun.ok_or_else(no_link)?.into_response())
}

fn no_link() -> ApiError {
    problem::unprocessable("This link does not work any more")
}

impl LinkInput {
    fn parse(self) -> ApiResult<(String, Option<Password>)> {
        let mut fields = Fields::default();
        if self.token.is_none() {
            fields.problem("token", "is required");
        }
        fields.done(self.token.map(|token| (token, self.password)))
    }
}
