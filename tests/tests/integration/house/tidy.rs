//! Rules for files that no compiler knows.

use super::sources::{self, Source};

const LINES_MAX: usize = 500;

/// Words that must not stand in any file, each in two halves, so that they do not stand here.
const BANNED: &[(&str, &str)] = &[
    ("/work", "/"),
    ("/tmp/", "plan"),
    ("FIX", "ME"),
    ("localhost:", "3000"),
    ("ChangeMe", "123"),
];

/// Words that must not stand in Rust code.
const BANNED_IN_RUST: &[(&str, &str)] = &[
    ("to", "do!("),
    ("unimpl", "emented!("),
    ("#[ig", "nore"),
    ("#[should_", "panic"),
    ("#[al", "low("),
    ("#![al", "low("),
    ("// TO", "DO"),
];

/// Files that are written by machines.
const GENERATED: &[&str] = &["Cargo.lock", "package-lock.json", "golden"];

fn is_generated(source: &Source) -> bool {
    GENERATED.iter().any(|part| source.name.contains(part))
}

fn complain(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn no_file_holds_a_banned_word() {
    let mut faults = Vec::new();
    for source in sources::below("") {
        let rust = source.has_ending("rs");
        let rules = BANNED.iter().chain(if rust { BANNED_IN_RUST } else { &[] });
        for (first, second) in rules {
            let word = format!("{first}{second}");
            for (number, line) in source.text.lines().enumerate() {
                if line.contains(&word) {
                    faults.push(format!("{}:{}: {word}", source.name, number + 1));
                }
            }
        }
    }
    complain(&faults);
}

#[test]
fn every_rust_file_says_what_it_is_for_and_can_be_read_in_one_sitting() {
    let mut faults = Vec::new();
    for source in sources::rust() {
        let lines = source.text.lines().count();
        if lines > LINES_MAX {
            faults.push(format!("{}: {lines} lines", source.name));
        }
        if !source.text.starts_with("//!") {
            faults.push(format!("{}: begins without a header", source.name));
        }
        if source.name.ends_with("utils.rs") || source.name.ends_with("helpers.rs") {
            faults.push(format!("{}: a name that says nothing", source.name));
        }
    }
    complain(&faults);
}

#[test]
fn no_line_ends_with_blanks_and_every_file_ends_with_a_newline() {
    let mut faults = Vec::new();
    for source in sources::below("")
        .into_iter()
        .filter(|source| !is_generated(source))
    {
        if !source.text.is_empty() && !source.text.ends_with('\n') {
            faults.push(format!("{}: no newline at the end", source.name));
        }
        for (number, line) in source.text.lines().enumerate() {
            if line.ends_with([' ', '\t']) && !source.has_ending("md") {
                faults.push(format!("{}:{}: blanks at the end", source.name, number + 1));
            }
        }
    }
    complain(&faults);
}

#[test]
fn packages_of_node_are_pinned_and_name_no_download_address() {
    for (folder, has_client) in [("tests/node", true), ("web/realtime", true), ("web/app", false)] {
        let sources = sources::below(folder);
        let text = |name: &str| {
            let path = format!("{folder}/{name}");
            sources
                .iter()
                .find(|source| source.name == path)
                .unwrap()
                .text
                .clone()
        };
        let lock = text("package-lock.json");
        assert_eq!(
            lock.contains("\"socket.io-client\": \"4."),
            has_client,
            "{folder}: the official client"
        );
        assert!(!lock.contains("\"resolved\""), "{folder}: an address");
        let package: serde_json::Value = serde_json::from_str(&text("package.json")).unwrap();
        for kind in ["dependencies", "devDependencies"] {
            for (name, version) in package[kind].as_object().into_iter().flatten() {
                let wanted = version.as_str().unwrap();
                // Another version beside the first has a name of its own here: `npm:name@version`.
                let version = match wanted.strip_prefix("npm:") {
                    Some(alias) => alias.rsplit_once('@').unwrap().1,
                    None => wanted,
                };
                assert!(
                    version.starts_with(|first: char| first.is_ascii_digit()),
                    "{folder}: {name} {wanted}"
                );
            }
        }
    }
}
