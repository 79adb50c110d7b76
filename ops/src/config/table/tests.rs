//! The list itself.

use super::SETTINGS;

#[test]
fn names_are_unique_and_everything_is_explained() {
    let mut names: Vec<_> = SETTINGS
        .iter()
        .flat_map(|s| s.old_names.iter().chain([&s.name]))
        .collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
    for setting in SETTINGS {
        assert!(
            !setting.help.is_empty() && !setting.example.is_empty(),
            "{}",
            setting.name
        );
        assert_eq!(
            setting.is_switch(),
            setting.default.is_empty(),
            "{}",
            setting.name
        );
    }
}
