//! Signing in at identity providers, seen from the browser: one that nobody here wrote ([`NodeProvider`]), one that lies in
//! whatever way a test wants ([`Hostile`]), and the [`Browser`] between them and the desk.

mod browser;
mod hostile;
mod node;

pub use browser::Browser;
pub use hostile::{Hostile, Lie};
pub use node::NodeProvider;

use crate::app::TestApp;

/// Where the desk of these tests says that it is. A browser finds it elsewhere, see [`Browser`].
pub const DESK: &str = "http://desk.example.test";

/// A desk with these providers, as in the operator's file.
pub async fn desk_with(providers: &serde_json::Value, more: &[(&str, &str)]) -> TestApp {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), providers.to_string()).unwrap();
    let path = file.path().to_str().unwrap();
    let settings: Vec<_> = [("APP_URL", DESK), ("OIDC_PROVIDERS", path)]
        .into_iter()
        .chain(more.iter().copied())
        .collect();
    TestApp::with(&settings).await
}
