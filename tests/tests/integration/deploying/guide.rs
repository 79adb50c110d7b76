//! What `docs/realtime.md` names is there: events, settings, tests, files, log lines, chapters.

use std::collections::BTreeSet;
use std::path::Path;

use ops::config::SETTINGS;

use super::shipped::root;

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn guide() -> String {
    read("docs/realtime.md")
}

/// Everything that stands between backticks, outside of whole blocks.
fn quoted(text: &str) -> BTreeSet<&str> {
    let mut in_block = false;
    let lines = text.lines().filter(|line| {
        let is_fence = line.starts_with("```");
        in_block ^= is_fence;
        !in_block && !is_fence
    });
    lines
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .collect()
}

#[test]
fn every_event_of_the_protocol_is_in_the_guide() {
    let guide = guide();
    let quoted = quoted(&guide);
    let source = read("wire/src/live/event.rs");
    let names: Vec<&str> = source
        .lines()
        .filter(|line| line.starts_with("pub const"))
        .filter_map(|line| line.split('"').nth(1))
        .collect();
    assert!(names.len() > 20, "{names:?}");
    for name in &names {
        assert!(quoted.contains(name), "the guide does not tell of {name}");
    }
    // And none that there is not.
    let looks_like_one = |word: &&&str| {
        let (before, after) = word.split_once(':').unwrap_or_default();
        let is_word = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase());
        is_word(before) && is_word(after)
    };
    for word in quoted.iter().filter(looks_like_one) {
        assert!(names.contains(word), "there is no event {word}");
    }
}

#[test]
fn every_setting_and_every_test_that_the_guide_names_is_there() {
    let guide = guide();
    let is_setting = |word: &&str| {
        word.contains('_')
            && word
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    };
    let settings: BTreeSet<&str> = SETTINGS
        .iter()
        .flat_map(|setting| setting.old_names.iter().copied().chain([setting.name]))
        .collect();
    for name in quoted(&guide).into_iter().filter(is_setting) {
        assert!(settings.contains(name), "there is no setting {name}");
    }
    for setting in SETTINGS
        .iter()
        .filter(|setting| setting.name.starts_with("REALTIME_"))
    {
        assert!(
            guide.contains(setting.name),
            "the guide does not tell of {}",
            setting.name
        );
    }
    // A file by itself is beside the one before it.
    let mut folder = root().join("tests/tests/integration");
    let parts: Vec<&str> = guide.split('`').skip(1).step_by(2).collect();
    let is_rust = |part: &str| Path::new(part).extension().is_some_and(|ending| ending == "rs");
    for path in parts
        .into_iter()
        .filter(|part| is_rust(part) && !part.contains(' '))
    {
        let places = [
            root().join(path),
            root().join("tests/tests/integration").join(path),
            folder.join(path),
        ];
        let found = places.iter().find(|place| place.exists());
        let found = found.unwrap_or_else(|| panic!("there is no {path}"));
        folder = found.parent().unwrap().to_owned();
    }
}

#[test]
fn every_file_and_chapter_that_the_guide_points_to_is_there() {
    let guide = guide();
    let anchors: BTreeSet<String> = guide
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            let title = line
                .trim_start_matches(['#', ' '])
                .to_lowercase()
                .replace(' ', "-");
            title.replace(',', "")
        })
        .collect();
    for link in guide
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
    {
        match link.split_once('#') {
            Some(("", anchor)) => assert!(anchors.contains(anchor), "no chapter {anchor}"),
            Some((file, _)) => assert!(root().join("docs").join(file).exists(), "{file}"),
            None => assert!(root().join("docs").join(link).exists(), "{link}"),
        }
    }
    for entry in std::fs::read_dir(root().join("ops/deploy")).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let is_about_it = guide.contains(&name) || name == "Dockerfile.dockerignore" || entry.path().is_dir();
        assert!(is_about_it, "the guide does not tell of {name}");
    }
}

#[test]
fn nothing_points_to_the_port_of_long_ago() {
    let old = format!("{}{}", "30", "00");
    for file in [
        "docs/realtime.md",
        "ops/deploy/nginx.conf",
        "ops/deploy/haproxy.cfg",
        "ops/deploy/ecosystem.config.js",
        "ops/deploy/compose.yaml",
    ] {
        assert!(!read(file).contains(&format!(":{old}")), "{file}");
    }
    let port = SETTINGS.iter().find(|setting| setting.name == "PORT").unwrap();
    assert_eq!(port.default, "3003");
}
