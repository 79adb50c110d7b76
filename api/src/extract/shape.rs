//! What serde says about an input of the wrong shape, as a problem that names the field.

use serde::de::value::{Error as ValueError, MapDeserializer};
use serde::de::{DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde_path_to_error::{Path, Segment};
use wire::FieldProblem;

use crate::problem::{self, ApiError, ApiResult};

/// Reads JSON: 400 if it is none, 422 if a field is not what it must be.
pub(super) fn json<T: DeserializeOwned>(bytes: &[u8]) -> ApiResult<T> {
    if is_array(bytes) {
        // serde would take its items for the fields in their order, and an empty one for nothing said.
        return Err(problem::invalid_fields(vec![FieldProblem {
            path: vec![],
            message: "must be an object".to_owned(),
        }]));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let read =
        serde_path_to_error::deserialize(&mut json).map_err(|error| refused(error.path(), error.inner()));
    let value = read?;
    json.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

/// Whether it is well-formed JSON, and an array.
fn is_array(bytes: &[u8]) -> bool {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    first == Some(&b'[') && serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok()
}

fn refused(path: &Path, error: &serde_json::Error) -> ApiError {
    let message = without_place(error);
    // Well-formed JSON, but a text with half a character, which no text of ours can hold.
    let half_a_character = message.contains("surrogate") || message.contains("unexpected end of hex escape");
    match error.classify() {
        serde_json::error::Category::Data => field(path, &message),
        serde_json::error::Category::Syntax if half_a_character => {
            field(path, "must not contain a lone surrogate")
        }
        _ => malformed(error),
    }
}

/// Reads the pairs of a query: 422 if one is not known, or comes twice.
pub(super) fn pairs<T: DeserializeOwned>(pairs: Vec<(String, String)>) -> ApiResult<T> {
    let pairs = pairs.into_iter().map(|(name, value)| (name, Value(value)));
    let pairs = MapDeserializer::<_, ValueError>::new(pairs);
    serde_path_to_error::deserialize(pairs).map_err(|error| field(error.path(), &error.inner().to_string()))
}

/// The value of a query's parameter: a text, which may stand where a field may be missing.
struct Value(String);

impl<'de> Deserializer<'de> for Value {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_string(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_some(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl IntoDeserializer<'_, ValueError> for Value {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

fn malformed(error: &serde_json::Error) -> ApiError {
    problem::bad_request("Malformed JSON").detail(error.to_string())
}

/// serde_json's message without its line and column, which a field's path says better.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let end = text.rfind(" at line ").unwrap_or(text.len());
    text[..end].to_owned()
}

/// What is wrong with the field at `path`, in words that follow its name.
fn field(path: &Path, message: &str) -> ApiError {
    let mut path: Vec<String> = path.iter().filter_map(segment).collect();
    let named = |prefix: &str| {
        let rest = message.strip_prefix(prefix)?.strip_prefix('`')?;
        rest.split_once('`').map(|(name, _)| name.to_owned())
    };
    let message = if let Some(name) = named("unknown field ") {
        if path.last() != Some(&name) {
            path.push(name);
        }
        let expected = message.split_once(", ").map_or("", |(_, expected)| expected);
        format!("is not known here, {expected}")
            .trim_end_matches(", ")
            .to_owned()
    } else if let Some(name) = named("duplicate field ") {
        if path.last() != Some(&name) {
            path.push(name);
        }
        "must come only once".to_owned()
    } else if let Some(name) = named("missing field ") {
        path.push(name);
        "is required".to_owned()
    } else if let Some((found, expected)) = message
        .strip_prefix("invalid type: ")
        .and_then(|rest| rest.split_once(", expected "))
    {
        // serde names the type of ours; for whoever sends JSON each is an object.
        let expected = if expected.starts_with("struct ") {
            "an object"
        } else {
            expected
        };
        format!("must be {expected}, not {}", kind(found))
    } else {
        message.to_owned()
    };
    problem::invalid_fields(vec![FieldProblem { path, message }])
}

/// The kind of a value that serde describes, without the value: what was sent may be a password.
fn kind(found: &str) -> &str {
    match found {
        "sequence" => return "array",
        "map" => return "object",
        _ => {}
    }
    let known = ["string", "integer", "floating point", "boolean", "character"];
    known
        .into_iter()
        .find(|kind| found.starts_with(kind))
        .unwrap_or(found)
}

fn segment(segment: &Segment) -> Option<String> {
    match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } => Some(key.clone()),
        Segment::Enum { variant } => Some(variant.clone()),
        Segment::Unknown => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    struct Input {
        #[serde(rename = "title")]
        _title: Option<String>,
        #[serde(rename = "count")]
        _count: Option<u8>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Filter {
        #[serde(rename = "status")]
        _status: Option<String>,
    }

    fn of_json(text: impl AsRef<[u8]>) -> String {
        shown(json::<Input>(text.as_ref()).map(|_| ()))
    }

    fn of_query(pairs: &[(&str, &str)]) -> String {
        let pairs = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        shown(super::pairs::<Filter>(pairs.collect()).map(|_| ()))
    }

    fn shown(outcome: ApiResult<()>) -> String {
        match outcome {
            Ok(()) => "ok".to_owned(),
            Err(error) => {
                let status = error.status().as_u16();
                format!("{status} {}", error.explanation().unwrap_or_default())
            }
        }
    }

    #[test]
    fn an_array_is_no_input_empty_or_not() {
        for text in ["[]", " [ ]", "[\"a title\",7]", "[null]"] {
            assert_eq!(of_json(text), "422 must be an object", "{text}");
        }
    }

    #[test]
    fn what_is_not_json_is_malformed() {
        for text in [
            "",
            "{",
            "{\"title\":}",
            "{} x",
            "{\"title\":\"a\nb\"}",
            "{\"count\":NaN}",
        ] {
            assert!(of_json(text).starts_with("400 "), "{text}: {}", of_json(text));
        }
        assert!(of_json(b"{\"title\":\"\xff\"}").starts_with("400 "));
        assert!(of_json("[".repeat(100_000)).starts_with('4'));
        assert!(of_json(format!("{{\"title\":{}", "[".repeat(100_000))).starts_with('4'));
    }

    #[test]
    fn what_is_json_of_another_shape_names_the_field() {
        assert_eq!(of_json("{}"), "ok");
        assert_eq!(
            of_json(r#"{"title":5}"#),
            "422 title must be a string, not integer"
        );
        assert_eq!(
            of_json(r#"{"count":"hunter2"}"#),
            "422 count must be u8, not string"
        );
        assert_eq!(
            of_json(r#"{"titel":"x"}"#),
            "422 titel is not known here, expected `title` or `count`"
        );
        assert_eq!(
            of_json(r#"{"title":"a","title":"b"}"#),
            "422 title must come only once"
        );
        assert_eq!(
            of_json(r#"{"title":"\ud800"}"#),
            "422 title must not contain a lone surrogate"
        );
        assert_eq!(
            of_json(r#"{"title":"\udc00x"}"#),
            "422 title must not contain a lone surrogate"
        );
        assert!(of_json("[]").starts_with("422 ") || of_json("[]") == "ok");
        assert_eq!(of_json("5"), "422 must be an object, not integer");
        assert_eq!(of_json("null"), "422 must be an object, not null");
        assert_eq!(
            of_json(r#"{"title":[]}"#),
            "422 title must be a string, not array"
        );
        assert_eq!(
            of_json(r#"{"title":{}}"#),
            "422 title must be a string, not object"
        );
    }

    #[test]
    fn a_query_is_read_as_strictly() {
        assert_eq!(of_query(&[("status", "OPEN")]), "ok");
        assert_eq!(
            of_query(&[("stauts", "OPEN")]),
            "422 stauts is not known here, expected `status`"
        );
        assert_eq!(
            of_query(&[("status", "A"), ("status", "B")]),
            "422 status must come only once"
        );
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in any::<Vec<u8>>()) {
            let _ = of_json(bytes);
        }
    }
}
