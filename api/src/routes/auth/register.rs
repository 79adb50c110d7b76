//! `POST /api/auth/register`

use axum::extract::State;
use domain::text::{Department, Email, PersonName};
use domain::{Actor, Role};
use identity::{NewPassword, Password};
use serde::Deserialize;
use utoipa::ToSchema;
use wire::Me;

use crate::answer::Written;
use crate::extract::{Asked, Caller, Fields, Json};
use crate::limits::Attempt;
use crate::problem::ApiResult;
use crate::registration::Registration;
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

/// Make an account for oneself
///
/// Its role is USER. Sign in afterwards.
#[utoipa::path(
    post,
    path = "/api/auth/register",
    tag = "accounts",
    security(()),
    request_body = RegisterInput,
    responses(
        (status = 201, description = "The new account", body = Me),
        (status = 400, description = "`User already exists`, or not JSON"),
        (status = 429, description = "Too many registrations from or of this address"),
    ),
)]
pub(super) async fn register(
    State(app): State<AppState>,
    asked: Asked,
    caller: Caller,
    Json { input, .. }: Json<RegisterInput>,
) -> ApiResult<Written<Me>> {
    let registration = input.parse()?;
    app.limited(Attempt::SignUp, &caller, Some(registration.email.as_str()))
        .await?;
    let cause = asked.cause_once(&app);
    let registrar = app.registrar();
    let work = async move { registrar.register(&Actor::Anonymous, &cause, registration).await };
    // Not to be left half-way by a client that goes away: the address would be held for a minute.
    let executed = app.to_the_end(work).await??;
    security_log::record(SecurityEvent::Registered, Some(executed.state.id));
    app.settle(executed.position).await;
    Ok(Written::created(&executed, Me::from(&executed.state)))
}

impl RegisterInput {
    fn parse(self) -> ApiResult<Registration> {
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
        fields.done(values.map(|((email, name), password)| Registration {
            email,
            name,
            role: Role::User,
            department,
            password: Some(password),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<Registration, String> {
        let input: RegisterInput = serde_json::from_str(json).unwrap();
        input
            .parse()
            .map_err(|error| error.explanation().unwrap_or_default().to_owned())
    }

    #[test]
    fn an_empty_department_is_none() {
        let json = r#"{"email":"a@b.example","password":"correct horse","name":"Ada","department":" "}"#;
        let registration = parse(json).unwrap();
        assert_eq!(registration.department, None);
        assert_eq!(registration.role, Role::User);
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
