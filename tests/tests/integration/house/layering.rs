//! The graph of crates, by `cargo metadata`, and who may speak SQL to which schema.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

use super::sources;

/// Who may use whom. `tests` and `bench` may use anybody and are used by nobody.
const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("eventlog", &["domain"]),
    ("wire", &["domain"]),
    ("web", &[]),
    ("identity", &["domain"]),
    ("commands", &["domain", "eventlog"]),
    ("projections", &["domain", "eventlog"]),
    ("realtime", &["domain", "eventlog", "projections", "wire"]),
    ("audit", &["domain", "eventlog", "wire"]),
    ("reactors", &["domain", "eventlog", "identity", "projections"]),
    (
        "api",
        &[
            "domain",
            "eventlog",
            "wire",
            "identity",
            "commands",
            "projections",
            "realtime",
            "reactors",
            "audit",
            "web",
        ],
    ),
    (
        "ops",
        &[
            "domain",
            "eventlog",
            "wire",
            "identity",
            "commands",
            "projections",
            "realtime",
            "reactors",
            "audit",
            "api",
        ],
    ),
];

/// Who alone may use what from outside.
const RESERVED: &[(&str, &[&str])] = &[
    ("axum", &["api", "ops"]),
    ("utoipa-axum", &["api"]),
    ("tower-http", &["api", "ops"]),
    ("socketioxide", &["realtime"]),
    ("engineioxide", &["realtime"]),
    ("argon2", &["identity"]),
    ("rust-embed", &["web"]),
    ("ed25519-dalek", &["audit"]),
    ("refinery", &["eventlog"]),
    ("clap", &["ops"]),
    ("opentelemetry", &["eventlog", "ops"]),
    ("tracing-opentelemetry", &["eventlog", "ops"]),
    ("metrics", &["eventlog", "ops"]),
    ("metrics-exporter-prometheus", &["ops"]),
    ("dotenvy", &["ops"]),
];

/// Crates without input and output, and what they have no use for.
const PURE: &[&str] = &["domain", "audit"];
const NOT_IN_PURE: &[&str] = &[
    "tokio",
    "tokio-postgres",
    "futures",
    "getrandom",
    "tracing",
    "async-trait",
];

fn packages() -> BTreeMap<String, Package> {
    let metadata = MetadataCommand::new()
        .manifest_path(sources::root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .unwrap();
    let packages = metadata.packages.into_iter();
    packages
        .map(|package| (package.name.to_string(), package))
        .collect()
}

fn uses(package: &Package) -> BTreeSet<String> {
    let normal = package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind == DependencyKind::Normal);
    normal.map(|dependency| dependency.name.clone()).collect()
}

#[test]
fn arrows_between_crates_are_those_of_the_design() {
    let packages = packages();
    let ours: BTreeSet<&str> = packages.keys().map(String::as_str).collect();
    let known: BTreeSet<&str> = MAY_USE
        .iter()
        .map(|(name, _)| *name)
        .chain(["tests", "bench"])
        .collect();
    assert_eq!(ours, known, "a crate without a place in the graph");
    for (name, allowed) in MAY_USE {
        for used in uses(&packages[*name]) {
            if ours.contains(used.as_str()) {
                assert!(allowed.contains(&used.as_str()), "{name} must not use {used}");
            }
        }
    }
}

#[test]
fn each_library_stays_in_its_crate() {
    for (name, package) in packages() {
        if name == "tests" || name == "bench" {
            continue;
        }
        let used = uses(&package);
        for (library, allowed) in RESERVED {
            assert!(
                !used.contains(*library) || allowed.contains(&name.as_str()),
                "{name} must not use {library}"
            );
        }
        if PURE.contains(&name.as_str()) {
            for library in NOT_IN_PURE {
                assert!(!used.contains(*library), "{name} is pure: no {library}");
            }
        }
    }
}

#[test]
fn each_schema_is_spoken_to_by_one_crate() {
    let owners = [
        ("log.", "eventlog"),
        ("auth.", "identity"),
        ("read_", "projections"),
        ("reactors.", "reactors"),
    ];
    for source in sources::rust() {
        let Some((name, rest)) = source.name.split_once('/') else {
            continue;
        };
        if !rest.starts_with("src/") || name == "tests" || name == "bench" {
            continue;
        }
        // What stands in a `mod tests` may look behind the scenes.
        let code = source.text.split("#[cfg(test)]").next().unwrap();
        let words: Vec<&str> = code.split_whitespace().collect();
        for pair in words.windows(2) {
            let verb = pair[0].trim_start_matches(['"', '(', '\\']);
            let sql = [
                "FROM", "INTO", "UPDATE", "JOIN", "TABLE", "TRUNCATE", "EXECUTE", "COPY",
            ]
            .contains(&verb);
            for (schema, owner) in owners {
                assert!(
                    !sql || !pair[1].starts_with(schema) || name == owner,
                    "{}: SQL on {} belongs to {owner}",
                    source.name,
                    pair[1]
                );
            }
        }
    }
}

#[test]
fn migrations_make_durable_things_only() {
    for source in sources::below("migrations") {
        assert!(
            !source.text.contains("SCHEMA read_"),
            "{}: read models are made by projections",
            source.name
        );
    }
}

#[test]
fn names_of_live_events_are_taken_from_the_catalogue() {
    use wire::live::catalogue::CATALOGUE;

    for source in sources::below("realtime/src") {
        let code = source.text.split("#[cfg(test)]").next().unwrap();
        for entry in CATALOGUE {
            // Names of one word may mean something else.
            let is_plain = !entry.name.contains([':', '-']);
            let written = format!("\"{}\"", entry.name);
            assert!(
                is_plain || !code.contains(&written),
                "{}: {written} is in wire::live::event",
                source.name
            );
        }
        let words: String = code.split_whitespace().collect();
        for call in [".emit(\"", ".on(\""] {
            assert!(
                !words.contains(call),
                "{}: a name that is not in wire::live::event, after {call}",
                source.name
            );
        }
    }
}
