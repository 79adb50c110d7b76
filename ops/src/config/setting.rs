//! What a setting is.

use super::table::SETTINGS;

/// Which verbs a setting concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// All that touch the database.
    Database,
    /// `serve`, and verbs that read attachments.
    Store,
    /// `serve` only.
    Serve,
}

/// One setting. Its flag is its name in lower case with dashes: `PORT` is `--port`.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Name in the environment.
    pub name: &'static str,
    /// Other names that are still understood.
    pub old_names: &'static [&'static str],
    /// Placeholder for the value; a switch has none.
    pub value: &'static str,
    /// The default, in words where it is computed.
    pub default: &'static str,
    /// A value that works.
    pub example: &'static str,
    /// What it does.
    pub help: &'static str,
    /// Whether its value must never be shown.
    pub secret: bool,
    /// Which verbs it concerns.
    pub group: Group,
}

/// One that says nothing yet.
pub(super) const NONE: Setting = Setting {
    name: "",
    old_names: &[],
    value: "",
    default: "",
    example: "",
    help: "",
    secret: false,
    group: Group::Serve,
};

impl Setting {
    /// The setting of that name; every name that is asked for is in the table (a test sees to it).
    pub(super) fn named(name: &str) -> &'static Self {
        SETTINGS
            .iter()
            .find(|setting| setting.name == name)
            .unwrap_or(&NONE)
    }

    /// The flag without its dashes.
    pub(super) fn flag(&self) -> String {
        self.name.to_lowercase().replace('_', "-")
    }

    /// Whether it is on or off, and has no value.
    pub(super) fn is_switch(&self) -> bool {
        self.value.is_empty()
    }

    /// Its lines in `--help`.
    pub(super) fn full_help(&self) -> String {
        let default = if self.is_switch() { "false" } else { self.default };
        format!(
            "{} [env: {}] [default: {default}] [example: {}]",
            self.help, self.name, self.example
        )
    }
}
