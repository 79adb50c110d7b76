//! The operations that the OpenAPI document describes.

use reqwest::Method;
use tests::app::TestApp;

/// Every operation: method and path template.
pub(crate) async fn described(app: &TestApp) -> Vec<(Method, String)> {
    let document = app.anonymous().get("/api/openapi.json").await.good();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in ["get", "post", "put", "patch", "delete"] {
            if item.get(method).is_some() {
                operations.push((method.to_uppercase().parse().unwrap(), path.clone()));
            }
        }
    }
    assert!(operations.len() > 15, "{operations:?}");
    operations
}

/// `template` with each of its ids replaced.
pub(crate) fn filled(template: &str, id: &str) -> String {
    let mut path = String::new();
    for part in template.split('/').skip(1) {
        path.push('/');
        path.push_str(if part.starts_with('{') { id } else { part });
    }
    path
}
