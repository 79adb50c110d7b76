//! What lies in `ops/deploy` for Prometheus and Grafana: well-formed, true to what a server shows, and explained.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use ops::metrics::names::FIGURES;
use serde_json::Value;
use tests::app::TestApp;

use super::scraped::Scraped;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The one in PATH, or the one that `ops/setup.sh test` has unpacked: `target/tools/promtool`.
fn promtool(arguments: &[&str]) {
    let tests = std::env::current_exe().unwrap();
    let target = tests.ancestors().nth(3).unwrap();
    let unpacked = target.join("tools/promtool");
    let program = if unpacked.exists() {
        unpacked
    } else {
        "promtool".into()
    };
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root().join("ops/deploy/prometheus"))
        .output()
        .unwrap_or_else(|error| panic!("no promtool ({error}): run `make setup`"));
    assert!(
        output.status.success(),
        "promtool {arguments:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The metrics that an expression names.
fn metrics_in(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words
        .filter(|word| word.starts_with("informejo_") || word.starts_with("process_"))
        .map(str::to_owned)
        .collect()
}

/// The values after `key: ` in a YAML file.
fn values<'a>(yaml: &'a str, key: &str) -> Vec<&'a str> {
    let key = format!("{key}: ");
    let lines = yaml
        .lines()
        .map(|line| line.trim_start().trim_start_matches("- "));
    lines.filter_map(|line| line.strip_prefix(&key)).collect()
}

#[test]
fn prometheus_takes_the_rules_and_they_raise_what_they_should() {
    promtool(&["check", "config", "prometheus.yml"]);
    promtool(&["check", "rules", "alerts.yml"]);
    promtool(&["test", "rules", "alerts.test.yml"]);
    let (rules, tests) = (
        read("ops/deploy/prometheus/alerts.yml"),
        read("ops/deploy/prometheus/alerts.test.yml"),
    );
    let tested: BTreeSet<_> = values(&tests, "name").into_iter().collect();
    for alert in values(&rules, "alert") {
        assert!(tested.contains(alert), "{alert} has no test");
    }
}

#[test]
fn every_alert_and_every_figure_is_in_the_run_book() {
    let (rules, book) = (
        read("ops/deploy/prometheus/alerts.yml"),
        read("docs/operations.md"),
    );
    let anchors: BTreeSet<String> = book
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            line.trim_start_matches(['#', ' '])
                .to_lowercase()
                .replace(' ', "-")
        })
        .collect();
    let (alerts, runbooks) = (values(&rules, "alert"), values(&rules, "runbook"));
    assert_eq!(alerts.len(), runbooks.len(), "an alert without a chapter");
    for (alert, runbook) in alerts.into_iter().zip(runbooks) {
        let anchor = runbook.strip_prefix("docs/operations.md#").unwrap();
        assert_eq!(anchor, alert.to_lowercase());
        assert!(anchors.contains(anchor), "no chapter about {alert}");
    }
    for figure in FIGURES {
        assert!(book.contains(&format!("`{}`", figure.name)), "{}", figure.name);
    }
}

#[tokio::test]
async fn dashboards_and_rules_name_what_a_server_shows() {
    let app = TestApp::with(&[("METRICS_ADDRESS", "127.0.0.1:0")]).await;
    app.anonymous().get("/health").await.is(200);
    let scraped = Scraped::of(&app).await;
    let dashboard: Value = serde_json::from_str(&read("ops/deploy/grafana/informejo.json")).unwrap();
    let mut named = metrics_in(&read("ops/deploy/prometheus/alerts.yml"));
    for panel in dashboard["panels"].as_array().unwrap() {
        assert!(!panel["title"].as_str().unwrap().is_empty());
        for target in panel["targets"].as_array().unwrap() {
            named.extend(metrics_in(target["expr"].as_str().unwrap()));
        }
    }
    assert!(named.len() > 20, "{named:?}");
    for name in &named {
        assert!(scraped.has(name), "{name} is not shown");
    }
    let base = |name: &str| {
        let suffixes = ["_bucket", "_sum", "_count"];
        let base = suffixes.iter().find_map(|suffix| name.strip_suffix(suffix));
        base.unwrap_or(name).to_owned()
    };
    let looked_at: BTreeSet<String> = named.iter().map(|name| base(name)).collect();
    for figure in FIGURES {
        assert!(looked_at.contains(figure.name), "nobody looks at {}", figure.name);
    }
}
