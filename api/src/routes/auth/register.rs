//! `POST /api/auth/register`

use axum::extract::State;
use domain::Actor;
use domain::policy::Action;
use domain::text::{Department, Email, PersonName};
use identity::{Applicant, NewPassword, Password};
use reactors::Letter;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::answer::Accepted;
use crate::extract::{Caller, Fields, Json};
use crate::limits::Attempt;
use crate::problem::{ApiResult, permit_general};
use crate::security_log::{self, SecurityEvent};
use crate::state::AppState;

/// Who wants an account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RegisterInput {
    /// Where you are reached; also the name to sign in with.
    #[schema(value_type = String, required, example = "ada@example.org", max_length = 254)]
    email: Option<String>,
    /// 8 to 128 characters, none of the most common passwords.
    #[schema(value_type = String, required, format = Password, example = "correct horse battery", min_length = 8, max_length = 128)]
    password: Option<Password>,
    /// What others call you.
    #[schema(value_type = String, required, example = "Ada Lovelace", min_length = 2, max_length = 200)]
    name: Option<String>,
    /// Where you belong.
    #[schema(example = "Engines", max_length = 200)]
    department: Option<String>,
}

/// Ask for an account
///
/// A link to finish it is mailed to the address; the account begins when it is followed, see `/api/auth/register/confirm`.
/// The answer is the same whether the address is free or not: who has an account already is told so by mail.
#[utoipa::path(
    post,
    path = "/api/auth/register",
    tag = "accounts",
    security(()),
    request_body = RegisterInput,
    responses(
        (status = 202, description = "A mail is on its way, whoever has the address", body = Accepted),
        (status = 429, description = "Too many registrations from or of this address"),
    ),
)]
pub(super) async fn register(
    State(app): State<AppState>,
    caller: Caller,
    Json { input, .. }: Json<RegisterInput>,
) -> ApiResult<Accepted> {
    permit_general(&Actor::Anonymous, Action::RegisterAccount)?;
    let (applicant, password) = input.parse()?;
    app.limited(Attempt::SignUp, &caller, Some(applicant.email.as_str()))
        .await?;
    // Whose the address is, is not looked up anywhere: nobody learns it from the answer or from the time it takes.
    let registration = app.identity.registrations.create(&applicant, &password).await?;
    let letter = Letter::Registration {
        registration,
        email: applicant.email,
    };
    app.outbox.put(&letter).await?;
    security_log::record(SecurityEvent::RegistrationAsked, None);
    Ok(Accepted {
        message: "To finish, follow the link in the mail that we send to this address.",
    })
}

impl RegisterInput {
    fn parse(self) -> ApiResult<(Applicant, NewPassword)> {
        let mut fields = Fields::default();
        let email: Option<Email> = fields.required("email", self.email.as_deref());
        let name: Option<PersonName> = fields.required("name", self.name.as_deref());
        let department = self
            .department
            .as_deref()
            .filter(|department| !department.trim().is_empty());
        let department: Option<Department> = fields.optional("department", department);
        let password = if let Some(password) = self.password {
            fields.checked("password", NewPassword::parse(password))
        } else {
            fields.problem("password", "is required");
            None
        };
        let values = email.zip(name).zip(password);
        fields.done(values.map(|((email, name), password)| {
            let applicant = Applicant {
                email,
                name,
                department,
            };
            (applicant, password)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<(Applicant, NewPassword), String> {
        let input: RegisterInput = serde_json::from_str(json).unwrap();
        input
            .parse()
            .map_err(|error| error.explanation().unwrap_or_default().to_owned())
    }

    #[test]
    fn an_empty_department_is_none() {
        let json = r#"{"email":"a@b.example","password":"correct horse","name":"Ada","department":" "}"#;
        let (applicant, _) = parse(json).unwrap();
        assert_eq!(applicant.department, None);
    }

    #[test]
    fn all_fields_are_judged_at_once_and_the_password_is_not_repeated() {
        let error = parse(r#"{"email":"nobody","password":"hunter2"}"#).unwrap_err();
        assert_eq!(
            error,
            "email must be an e-mail address; name is required; password must have at least 8 characters"
        );
    }

    #[test]
    fn nobody_chooses_their_role() {
        let json = r#"{"email":"a@b.example","password":"correct horse","name":"Ada","role":"ADMIN"}"#;
        assert!(serde_json::from_str::<RegisterInput>(json).is_err());
    }
}
