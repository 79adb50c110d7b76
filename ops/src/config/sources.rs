//! Where settings come from: flags before the environment before `.env`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use super::setting::{Group, Setting};
use super::table::SETTINGS;

/// What stands in the place of a secret.
const HIDDEN: &str = "(given, not shown)";

/// A setting that is wrong: which one, as it was given, and what is wrong with it. One line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {problem}")]
pub struct ConfigError {
    /// The flag or the variable.
    pub name: String,
    /// What is wrong, with an example of what would be right.
    pub problem: String,
}

/// Settings given as flags, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Given(BTreeMap<&'static str, String>);

/// The flags of verbs that touch the database.
#[derive(Debug, Clone, Default)]
pub struct DatabaseFlags(Given);

/// The flags of verbs that also read attachments.
#[derive(Debug, Clone, Default)]
pub struct StoreFlags(Given);

/// The flags of `serve`: all of them.
#[derive(Debug, Clone, Default)]
pub struct ServeFlags(Given);

fn augment(mut command: Command, groups: &[Group]) -> Command {
    for setting in SETTINGS.iter().filter(|setting| groups.contains(&setting.group)) {
        let mut arg = Arg::new(setting.name)
            .long(setting.flag())
            .help(setting.full_help());
        arg = arg.help_heading("Settings");
        command = command.arg(if setting.is_switch() {
            arg.action(ArgAction::SetTrue)
        } else {
            arg.value_name(setting.value).action(ArgAction::Set)
        });
    }
    command
}

fn given(matches: &ArgMatches) -> Given {
    let value = |setting: &Setting| {
        if setting.is_switch() {
            let on = matches.try_get_one::<bool>(setting.name).ok()??;
            on.then(|| "true".to_owned())
        } else {
            matches.try_get_one::<String>(setting.name).ok()?.cloned()
        }
    };
    Given(
        SETTINGS
            .iter()
            .filter_map(|setting| Some((setting.name, value(setting)?)))
            .collect(),
    )
}

macro_rules! flags {
    ($name:ident, $groups:expr) => {
        impl Args for $name {
            fn augment_args(command: Command) -> Command {
                augment(command, &$groups)
            }
            fn augment_args_for_update(command: Command) -> Command {
                augment(command, &$groups)
            }
        }

        impl FromArgMatches for $name {
            fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
                Ok(Self(given(matches)))
            }
            fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
                self.0 = given(matches);
                Ok(())
            }
        }

        impl From<$name> for Environment {
            fn from(flags: $name) -> Self {
                Self {
                    flags: flags.0,
                    ..Self::default()
                }
            }
        }
    };
}

flags!(DatabaseFlags, [Group::Database]);
flags!(StoreFlags, [Group::Database, Group::Store]);
flags!(ServeFlags, [Group::Database, Group::Store, Group::Serve]);

/// Everything that settings are read from.
#[derive(Default)]
pub struct Environment {
    flags: Given,
    variables: BTreeMap<String, String>,
    file: BTreeMap<String, String>,
}

/// Values may be secrets.
impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Environment").finish_non_exhaustive()
    }
}

impl Environment {
    /// Adds the variables of the process, or those of a test. Only known ones are looked at.
    pub fn with_variables(
        mut self,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        for (name, value) in variables {
            let Ok(name) = name.into_string() else { continue };
            if !is_known(&name) {
                continue;
            }
            let value = value.into_string().map_err(|_| ConfigError {
                name: name.clone(),
                problem: "is not valid UTF-8".into(),
            })?;
            self.variables.insert(name, value);
        }
        Ok(self)
    }

    /// Adds the values of a file, if it is there.
    pub fn with_file(mut self, path: &Path) -> Result<Self, ConfigError> {
        let wrong = |problem: String| ConfigError {
            name: path.display().to_string(),
            problem,
        };
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(self),
            Err(error) => return Err(wrong(format!("cannot be read: {error}"))),
        };
        for item in dotenvy::from_read_iter(text.as_bytes()) {
            let (name, value) = item.map_err(|error| match error {
                dotenvy::Error::LineParse(line, _) => {
                    // The line itself may hold a secret.
                    let number = text.lines().position(|other| other.contains(line.trim()));
                    let which =
                        number.map_or_else(|| "a line".into(), |number| format!("line {}", number + 1));
                    wrong(format!(
                        "{which} cannot be read (quote values that hold blanks or #)"
                    ))
                }
                error => wrong(format!("cannot be read: {error}")),
            })?;
            if is_known(&name) {
                self.file.insert(name, value);
            }
        }
        Ok(self)
    }

    /// A setting's text and the name that it was given by.
    pub(super) fn get(&self, setting: &Setting) -> Option<(String, String)> {
        if let Some(value) = self.flags.0.get(setting.name) {
            return Some((value.clone(), format!("--{}", setting.flag())));
        }
        let names = || {
            [setting.name]
                .into_iter()
                .chain(setting.old_names.iter().copied())
        };
        let from = |values: &BTreeMap<String, String>, place: &str| {
            names().find_map(|name| {
                let value = values.get(name).filter(|value| !value.trim().is_empty())?;
                Some((value.trim().to_owned(), format!("{name}{place}")))
            })
        };
        from(&self.variables, "").or_else(|| from(&self.file, " (in .env)"))
    }

    /// The settings that somebody has given, by name, with their values; those of secrets are not shown.
    pub fn given(&self) -> BTreeMap<&'static str, String> {
        let shown = |setting: &Setting| {
            let (value, _) = self.get(setting)?;
            let value = if setting.secret { HIDDEN.to_owned() } else { value };
            Some((setting.name, value))
        };
        SETTINGS.iter().filter_map(shown).collect()
    }

    /// The variables for S3, as Amazon's own tools name them.
    pub(super) fn aws(&self) -> BTreeMap<String, String> {
        let all = self.file.iter().chain(&self.variables);
        let aws = all.filter(|(name, value)| name.starts_with("AWS_") && !value.is_empty());
        aws.map(|(name, value)| (name.clone(), value.clone())).collect()
    }
}

fn is_known(name: &str) -> bool {
    name.starts_with("AWS_")
        || SETTINGS
            .iter()
            .any(|setting| setting.name == name || setting.old_names.contains(&name))
}
