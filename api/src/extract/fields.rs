//! From the plain strings of an input to domain values, with everything that is wrong at once.

use std::fmt::Display;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};
use wire::FieldProblem;

use crate::problem::{self, ApiResult};

/// Characters in a text to look for, at most.
const SEARCH_CHARS_MAX: usize = 254;

/// Collects what is wrong with an input's fields. Values come out as options; once [`Self::done`] has said that nothing
/// is wrong, those of required fields are there.
#[derive(Debug, Default)]
pub struct Fields {
    problems: Vec<FieldProblem>,
}

impl Fields {
    /// A field that must be there.
    pub fn required<T>(&mut self, name: &str, raw: Option<&str>) -> Option<T>
    where
        T: FromStr<Err: Display>,
    {
        if raw.is_none() {
            self.problem(name, "is required");
        }
        self.optional(name, raw)
    }

    /// A field that may be missing.
    pub fn optional<T>(&mut self, name: &str, raw: Option<&str>) -> Option<T>
    where
        T: FromStr<Err: Display>,
    {
        match raw?.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.problem(name, after_the_name(&error.to_string()));
                None
            }
        }
    }

    /// A field that may be missing, and whose value may be null.
    pub fn nullable<T>(&mut self, name: &str, raw: Option<Option<&str>>) -> Option<Option<T>>
    where
        T: FromStr<Err: Display>,
    {
        match raw? {
            None => Some(None),
            Some(raw) => self.optional(name, Some(raw)).map(Some),
        }
    }

    /// A field that may be missing and has one of a few spellings.
    pub fn choice<T>(&mut self, name: &str, raw: Option<&str>, all: &[T]) -> Option<T>
    where
        T: Copy + Display,
    {
        let raw = raw?;
        let found = all.iter().find(|value| value.to_string() == raw);
        if found.is_none() {
            let all: Vec<_> = all.iter().map(ToString::to_string).collect();
            self.problem(name, format!("must be one of {}", all.join(", ")));
        }
        found.copied()
    }

    /// A field that must be there and has one of a few spellings.
    pub fn required_choice<T>(&mut self, name: &str, raw: Option<&str>, all: &[T]) -> Option<T>
    where
        T: Copy + Display,
    {
        if raw.is_none() {
            self.problem(name, "is required");
        }
        self.choice(name, raw, all)
    }

    /// A part of a text to look for, trimmed; nothing if it is blank. Postgres cannot look for a NUL.
    pub fn search(&mut self, name: &str, raw: Option<&str>) -> Option<String> {
        let part = raw?.trim();
        if part.chars().count() > SEARCH_CHARS_MAX {
            self.problem(name, format!("must have at most {SEARCH_CHARS_MAX} characters"));
        }
        if part.contains(char::is_control) {
            self.problem(name, "must not contain control characters");
        }
        (!part.is_empty()).then(|| part.to_owned())
    }

    /// A value that was checked elsewhere.
    pub fn checked<T, E: Display>(&mut self, name: &str, outcome: Result<T, E>) -> Option<T> {
        outcome
            .map_err(|error| self.problem(name, error.to_string()))
            .ok()
    }

    /// Something is wrong with field `name`.
    pub fn problem(&mut self, name: &str, message: impl Into<String>) {
        self.problems.push(FieldProblem::new(name, message));
    }

    /// The values, if nothing was wrong; else 422 with everything that was.
    ///
    /// `values` is `None` only if one of the fields that it is made of had a problem.
    pub fn done<T>(self, values: Option<T>) -> ApiResult<T> {
        match values {
            Some(values) if self.problems.is_empty() => Ok(values),
            _ => Err(problem::invalid_fields(self.problems)),
        }
    }
}

/// An error as a fragment that follows the field's name: "not an identifier" lacks its verb.
fn after_the_name(error: &str) -> String {
    if error.starts_with("not ") {
        format!("is {error}")
    } else {
        error.to_owned()
    }
}

/// For `#[serde(default, deserialize_with = "present")]`: a field that is there is `Some`, also if it is null (which
/// then is an inner `None`, or refused).
pub fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use domain::Role;
    use domain::text::{PersonName, Title};

    use super::*;

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let mut fields = Fields::default();
        let title = fields.required::<Title>("title", Some("abc"));
        let name = fields.required::<PersonName>("name", None);
        let role = fields.choice("role", Some("BOSS"), &Role::ALL);
        let error = fields.done(title.zip(name).zip(role)).unwrap_err();
        assert_eq!(
            error.explanation().unwrap(),
            "title must have at least 5 characters; name is required; \
             role must be one of GUEST, USER, ADMIN, AUDITOR, OPERATOR"
        );
    }

    #[test]
    fn missing_null_and_a_value_are_three_things() {
        #[derive(Deserialize)]
        struct Input {
            #[serde(default, deserialize_with = "present")]
            #[expect(clippy::option_option, reason = "what is tested")]
            name: Option<Option<String>>,
        }
        let read = |text| serde_json::from_str::<Input>(text).unwrap().name;
        assert_eq!(read("{}"), None);
        assert_eq!(read(r#"{"name":null}"#), Some(None));
        assert_eq!(read(r#"{"name":"x"}"#), Some(Some("x".to_owned())));
    }

    #[test]
    fn a_problem_follows_its_fields_name() {
        let mut fields = Fields::default();
        let id = fields.optional::<domain::AccountId>("assignedToId", Some("nobody"));
        let error = fields.done(id).unwrap_err();
        assert_eq!(error.explanation().unwrap(), "assignedToId is not an identifier");
    }

    #[test]
    fn a_nul_names_its_field() {
        let mut fields = Fields::default();
        let title = fields.required::<Title>("title", Some("abc\0def"));
        let error = fields.done(title).unwrap_err();
        assert_eq!(
            error.explanation().unwrap(),
            "title must not contain the control character U+0000"
        );
    }
}
