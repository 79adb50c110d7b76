//! A registration becomes one account, by its link and its password, whatever is repeated or left half-way.

use std::time::Duration;

use domain::ids::AccountId;
use domain::text::PersonName;
use futures::future::join_all;
use identity::{
    Applicant, Browser, Holding, IdentityError, Link, Proved, Purpose, REGISTRATION_VALID, SignedIn,
};
use uuid::Uuid;

use crate::people::{HOUR_MS, House, PASSWORD, email, new, typed};

const ADDRESS: &str = "Ulla@Example.test";

impl House {
    /// Somebody wants an account; which registration it is, and the token of its link.
    async fn applied(&self) -> (Uuid, String) {
        let applicant = Applicant {
            email: email(ADDRESS),
            name: PersonName::parse("Ulla").unwrap(),
            department: None,
        };
        let id = self
            .identity
            .registrations
            .create(&applicant, &new(PASSWORD))
            .await
            .unwrap();
        let link = Link {
            purpose: Purpose::Registration,
            subject: id,
            ticket: None,
        };
        let token = self
            .identity
            .links
            .create(&link, REGISTRATION_VALID)
            .await
            .unwrap();
        (id, token.expose().to_owned())
    }

    async fn prove(&self, token: &str, password: &str) -> Option<Proved> {
        match self.identity.registrations.prove(token, &typed(password)).await {
            Ok(proved) => Some(proved),
            Err(IdentityError::Refused) => None,
            Err(other) => panic!("{other}"),
        }
    }

    async fn hold(&self, proved: &Proved) -> Result<Holding, IdentityError> {
        let account = AccountId::from_uuid(proved.id);
        let logins = &self.identity.logins;
        logins
            .hold(&proved.applicant.email, account, &proved.password)
            .await
    }
}

#[tokio::test]
async fn link_and_password_prove_it_and_neither_alone() {
    let house = House::new().await;
    let (id, token) = house.applied().await;
    assert!(house.prove(&token, "eight tortoises").await.is_none());
    assert!(house.prove(&"0".repeat(64), PASSWORD).await.is_none());
    assert!(house.prove("", PASSWORD).await.is_none());
    let before = house.identity.hasher().verifications();
    assert_eq!(house.prove(&token, PASSWORD).await.unwrap().id, id);
    assert_eq!(house.identity.hasher().verifications(), before + 1);
    // Proving uses nothing up.
    let proved = house.prove(&token, PASSWORD).await.unwrap();
    assert_eq!(proved.applicant.email.as_str(), ADDRESS);
    assert!(house.identity.registrations.finish(id).await.unwrap());
    assert!(!house.identity.registrations.finish(id).await.unwrap());
    assert!(house.prove(&token, PASSWORD).await.is_none());
}

#[tokio::test]
async fn a_link_for_something_else_proves_nothing() {
    let house = House::new().await;
    let (subject, _) = house.applied().await;
    for purpose in [
        Purpose::PasswordReset,
        Purpose::Guest,
        Purpose::Identity,
        Purpose::Unsubscribe,
    ] {
        let link = Link {
            purpose,
            subject,
            ticket: None,
        };
        let token = house
            .identity
            .links
            .create(&link, REGISTRATION_VALID)
            .await
            .unwrap();
        assert!(
            house.prove(token.expose(), PASSWORD).await.is_none(),
            "{purpose:?}"
        );
    }
}

#[tokio::test]
async fn ten_wrong_passwords_end_it_however_many_come_at_once() {
    let house = House::patient().await;
    let (_, token) = house.applied().await;
    let before = house.identity.hasher().verifications();
    join_all((0..9).map(|_| house.prove(&token, "eight tortoises"))).await;
    assert_eq!(house.identity.hasher().verifications(), before + 9);
    assert!(house.prove(&token, PASSWORD).await.is_some(), "nine are not ten");
    assert!(house.prove(&token, "eight tortoises").await.is_none());
    assert!(house.prove(&token, PASSWORD).await.is_none());
    let admin = house.database.admin().await;
    let left = admin.query("SELECT FROM auth.registrations", &[]).await.unwrap();
    assert!(left.is_empty());
}

#[tokio::test]
async fn it_waits_a_day_and_no_longer() {
    let house = House::new().await;
    let (_, token) = house.applied().await;
    house.clock.advance(24 * HOUR_MS - 1);
    assert!(house.prove(&token, PASSWORD).await.is_some());
    assert_eq!(house.identity.registrations.purge_expired().await.unwrap(), 0);
    house.clock.advance(1);
    assert!(house.prove(&token, PASSWORD).await.is_none());
    assert_eq!(house.identity.registrations.purge_expired().await.unwrap(), 1);
}

#[tokio::test]
async fn an_address_is_held_again_after_a_crash_at_any_step() {
    let house = House::new().await;
    let (id, token) = house.applied().await;
    let account = AccountId::from_uuid(id);
    let proved = house.prove(&token, PASSWORD).await.unwrap();
    let first = house.hold(&proved).await.unwrap();
    // Dead before the account's event; and again, before it was confirmed.
    let proved = house.prove(&token, PASSWORD).await.unwrap();
    assert_eq!(house.hold(&proved).await.unwrap(), first);
    house.identity.logins.confirm(account).await.unwrap();
    // Dead before the registration was finished.
    let Holding::Begun(signed_in) = house.hold(&proved).await.unwrap() else {
        panic!("it had begun");
    };
    assert_eq!(first, Holding::Reserved(signed_in.clone()));
    assert!(
        house
            .identity
            .sessions
            .create(&signed_in, &Browser::default())
            .await
            .is_ok()
    );
    // Once the password has been changed, the old link and the old password open nothing.
    let next = new("a quite other tortoise");
    let identity = &house.identity;
    identity
        .change_password(account, &typed(PASSWORD), &next, None)
        .await
        .unwrap();
    assert!(matches!(house.hold(&proved).await, Err(IdentityError::Taken)));
    let late = identity.sessions.create(&signed_in, &Browser::default()).await;
    assert!(matches!(late, Err(IdentityError::Refused)));
}

#[tokio::test]
async fn an_address_that_was_taken_meanwhile_stays_with_its_owner() {
    let house = House::new().await;
    let (_, token) = house.applied().await;
    house.register("ulla@example.test").await;
    let proved = house.prove(&token, PASSWORD).await.unwrap();
    assert!(matches!(house.hold(&proved).await, Err(IdentityError::Taken)));
}

#[tokio::test]
async fn claiming_a_guests_account_ends_what_let_the_guest_in() {
    let house = House::new().await;
    let identity = &house.identity;
    let guest = house.new_account_id();
    let _ = identity
        .logins
        .reserve(&email("ulla@example.test"), guest, None)
        .await
        .unwrap();
    identity.logins.confirm(guest).await.unwrap();
    let link = Link {
        purpose: Purpose::Guest,
        subject: guest.as_uuid(),
        ticket: None,
    };
    let guests_token = identity
        .links
        .create(&link, Duration::from_hours(72))
        .await
        .unwrap();
    let begin = || async {
        identity
            .sessions
            .create(&SignedIn::guest(guest), &Browser::default())
            .await
    };
    let session = begin().await.unwrap();

    let (_, token) = house.applied().await;
    let proved = house.prove(&token, PASSWORD).await.unwrap();
    assert_eq!(house.hold(&proved).await.unwrap(), Holding::Passwordless(guest));
    let claims = join_all((0..8).map(|_| identity.claim(guest, &proved.password))).await;
    assert_eq!(claims.iter().filter(|claimed| claimed.is_ok()).count(), 1);
    assert!(matches!(house.hold(&proved).await.unwrap(), Holding::Begun(_)));

    assert!(!house.is_open(&session).await);
    let found = identity.links.redeem(Purpose::Guest, guests_token.expose()).await;
    assert_eq!(found.unwrap(), None);
    assert!(
        matches!(begin().await, Err(IdentityError::Refused)),
        "a guest slipped in"
    );
    assert!(house.sign_in(ADDRESS, PASSWORD).await.is_some());
}
