//! Nobody is locked out by strangers who guess at their account: a browser on which they have signed in is known.

use serde_json::json;
use tests::app::TestApp;

use super::{Attempt, PROXY, refused};

const DEVICE_COOKIE: &str = "informejo_device";

/// Guesses from many addresses until nobody may any more.
async fn exhaust(app: &TestApp, email: &str) {
    for network in 0..6 {
        let address = format!("198.51.100.{network}");
        for _ in 0..2 {
            assert_eq!(Attempt::guess(&address, email).at(app).await.status, 401);
        }
    }
    refused(&Attempt::guess("198.51.100.77", email).at(app).await, 900);
}

#[tokio::test]
async fn the_owner_signs_in_on_a_browser_that_is_known_while_strangers_must_wait() {
    // From one address or on one known browser 2 at once, from all together 12.
    let app = TestApp::with(&[PROXY, ("PASSWORDS_PER_HOUR", "4")]).await;
    let (ulla, bert) = (app.user("Ulla").await, app.user("Bert").await);
    let at_home = "203.0.113.5";
    let ullas = Attempt {
        password: &ulla.password,
        ..Attempt::guess(at_home, ulla.email())
    };
    let answer = ullas.at(&app).await.is(200);
    let device = answer.cookie(DEVICE_COOKIE).unwrap();
    let lines: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
    let line = lines
        .iter()
        .find(|line| line.to_str().unwrap().contains(DEVICE_COOKIE));
    let line = line.unwrap().to_str().unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=15552000"] {
        assert!(line.contains(part), "{line}");
    }
    assert_eq!(device.len(), 64);

    exhaust(&app, ulla.email()).await;
    refused(&ullas.at(&app).await, 900);
    let known = Attempt {
        device: Some(&device),
        ..ullas
    };
    let answer = known.at(&app).await.is(200);
    // Its token changes each time.
    let next = answer.cookie(DEVICE_COOKIE).unwrap();
    assert_ne!(next, device);
    refused(&known.at(&app).await, 900);
    let known = Attempt {
        device: Some(&next),
        ..known
    };

    // Somebody else's browser is a stranger's, as is one that nobody gave out.
    exhaust(&app, bert.email()).await;
    let foreign = Attempt {
        device: Some(&next),
        password: &bert.password,
        ..Attempt::guess(at_home, bert.email())
    };
    refused(&foreign.at(&app).await, 900);
    let made_up = "0f".repeat(32);
    let planted = Attempt {
        device: Some(&made_up),
        ..known
    };
    refused(&planted.at(&app).await, 900);

    // And whoever has the browser cannot guess for ever either.
    let guess = Attempt {
        password: "not the password",
        ..known
    };
    for _ in 0..2 {
        assert_eq!(guess.at(&app).await.status, 401);
    }
    refused(&guess.at(&app).await, 300);
}

#[tokio::test]
async fn on_a_new_browser_the_owner_is_let_in_by_mail_while_strangers_must_wait() {
    let app = TestApp::with(&[PROXY, ("PASSWORDS_PER_HOUR", "4")]).await;
    let ulla = app.user("Ulla").await;
    exhaust(&app, ulla.email()).await;
    let wish = json!({ "email": ulla.email() });
    app.anonymous()
        .post("/api/auth/password/forgot", &wish)
        .await
        .is(202);
    let mail = app.mailbox().next_of(ulla.email(), "password_reset").await;
    let wish = json!({ "token": mail.token(), "newPassword": "herons-over-the-lake" });
    let reset = app
        .anonymous()
        .post("/api/auth/password/reset", &wish)
        .await
        .is(200);
    let device = reset.cookie(DEVICE_COOKIE).unwrap();
    let stranger = Attempt {
        password: "herons-over-the-lake",
        ..Attempt::guess("203.0.113.5", ulla.email())
    };
    refused(&stranger.at(&app).await, 900);
    let owner = Attempt {
        device: Some(&device),
        ..stranger
    };
    owner.at(&app).await.is(200);
}

#[tokio::test]
async fn behind_https_the_browsers_cookie_is_bound_to_the_host() {
    let app = TestApp::with(&[("APP_URL", "https://desk.example.test")]).await;
    let ulla = app.user("Ulla").await;
    let attempt = Attempt {
        password: &ulla.password,
        ..Attempt::guess("", ulla.email())
    };
    let answer = attempt.at(&app).await.is(200);
    assert!(answer.cookie("__Host-informejo_device").is_some());
    assert!(answer.cookie(DEVICE_COOKIE).is_none());
}
