//! Every path with every other method (H9).

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use tests::app::TestApp;

use super::operations::{described, filled};

const ID: &str = "00000000-0000-4000-8000-000000000000";
const METHODS: [&str; 8] = [
    "GET",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "TRACE",
    "CONNECTED",
    "PROPFIND",
];

#[tokio::test]
async fn a_method_that_a_path_does_not_know_is_405_and_says_which_it_knows() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let mut known: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (method, path) in described(&app).await {
        known.entry(path).or_default().insert(method.to_string());
    }
    for (template, methods) in known {
        let path = filled(&template, ID);
        for method in METHODS {
            if methods.contains(method) {
                continue;
            }
            let method: Method = method.parse().unwrap();
            let answer = ada.request(method.clone(), &path).send().await;
            answer.problem(405);
            let allowed = answer.header("allow").to_owned();
            for known in &methods {
                assert!(allowed.contains(known.as_str()), "{method} {path}: {allowed}");
            }
        }
        if methods.contains("GET") {
            let head = ada.request(Method::HEAD, &path).send().await;
            assert!(
                head.body.is_empty() && head.status != 405,
                "HEAD {path}: {}",
                head.status
            );
        }
    }
}
