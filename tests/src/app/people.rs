//! The people of a test: each has an address, a password and a session, all made through public doors. The first admin
//! is made as the program's own verb makes one.

use api::registration::Registration;
use commands::{Cause, Origin};
use domain::text::{Email, PersonName};
use domain::{Actor, Role};
use identity::{NewPassword, Password};
use ops::clock::{OsEntropy, SystemClock};
use serde_json::json;

use super::{Client, TestApp};

impl TestApp {
    /// Nobody in particular.
    pub fn anonymous(&self) -> Client {
        self.nobody.clone()
    }

    /// A requester with an account.
    pub async fn user(&self, name: &str) -> Client {
        self.anonymous().sign_up(name).await
    }

    /// An agent: an admin.
    pub async fn admin(&self, name: &str) -> Client {
        self.made(name, Role::Admin).await
    }

    /// Somebody with an account that was made without any mail.
    pub async fn made(&self, name: &str, role: Role) -> Client {
        let email = format!("{}@example.test", name.to_lowercase());
        let password = format!("gulls-over-{name}-harbour");
        let secret = Password::new(password.clone());
        let registration = Registration {
            email: Email::parse(&email).unwrap(),
            name: PersonName::parse(name).unwrap(),
            role,
            department: None,
            password: Some(NewPassword::parse(secret).unwrap()),
        };
        let cause = Cause::once(Origin::CommandLine, uuid::Uuid::nil(), &SystemClock, &OsEntropy);
        let registrar = self.shared().registrar();
        let made = registrar
            .register(&Actor::System("create-admin"), &cause, registration)
            .await;
        self.shared().settle(made.unwrap().position).await;
        self.anonymous().sign_in(&email, &password).await
    }

    /// Somebody who reads everything and changes nothing.
    pub async fn auditor(&self, name: &str) -> Client {
        self.of_role(name, "AUDITOR").await
    }

    /// Somebody who sees how the system does, and no ticket.
    pub async fn operator(&self, name: &str) -> Client {
        self.of_role(name, "OPERATOR").await
    }

    /// Somebody without an account of their own.
    pub async fn guest(&self, name: &str) -> Client {
        self.of_role(name, "GUEST").await
    }

    /// Somebody who signed up and was given a role by an admin.
    pub async fn of_role(&self, name: &str, role: &str) -> Client {
        let person = self.user(name).await;
        self.give_role(&person, role).await
    }

    /// An admin gives this person a role; the same person, signed in anew.
    pub async fn give_role(&self, person: &Client, role: &str) -> Client {
        let admin = self.admin(&format!("Admin{}", &person.id()[24..])).await;
        let path = format!("/api/admin/users/{}", person.id());
        admin.patch(&path, &json!({ "role": role })).await.good();
        person.again().await
    }
}
