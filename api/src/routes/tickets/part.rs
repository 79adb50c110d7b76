//! What a part of a multipart body says of itself: its name, and its file's.
//!
//! Read here because senders differ in ways that the parser underneath does not know: browsers write `"` as `%22` and
//! leave `\` alone (HTML, multipart/form-data encoding), curl and others put a `\` in front of both, and some send
//! `filename*`.

use http::HeaderMap;
use http::header::CONTENT_DISPOSITION;
use percent_encoding::percent_decode_str;

/// A part's own description.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Part {
    /// The form's field.
    pub(super) name: Option<String>,
    /// The file's name at its owner's; none if it is no file.
    pub(super) file_name: Option<String>,
}

impl Part {
    /// The description in a part's headers.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let line = headers
            .get(CONTENT_DISPOSITION)
            .map(|value| String::from_utf8_lossy(value.as_bytes()));
        line.map(|line| Self::read(&line)).unwrap_or_default()
    }

    fn read(line: &str) -> Self {
        let mut part = Self::default();
        let mut extended = None;
        let mut rest = line.split_once(';').map_or("", |(_, rest)| rest);
        while let Some((name, value)) = rest.split_once('=') {
            let (value, after) = value_of(value);
            match name.trim().to_ascii_lowercase().as_str() {
                "name" => part.name = part.name.or(Some(value)),
                "filename" => part.file_name = part.file_name.or_else(|| Some(unescaped(&value))),
                "filename*" => extended = extended.or_else(|| decoded(&value)),
                _ => {}
            }
            rest = after;
        }
        part.file_name = extended.or(part.file_name);
        part
    }
}

/// The value in front of `text`, and what follows its semicolon.
fn value_of(text: &str) -> (String, &str) {
    let text = text.trim_start();
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, after) = text.split_once(';').unwrap_or((text, ""));
        return (value.trim().to_owned(), after);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    let mut end = quoted.len();
    while let Some((at, character)) = characters.next() {
        let rest = &quoted[at + character.len_utf8()..];
        match character {
            '"' => {
                end = at + 1;
                break;
            }
            // A quote that does not end the text, unless none comes after it: then the backslash was the text's own last.
            '\\' if rest.strip_prefix('"').is_some_and(|rest| rest.contains('"')) => {
                value.push('"');
                characters.next();
            }
            '\\' if rest.starts_with('\\') => {
                value.push('\\');
                characters.next();
            }
            other => value.push(other),
        }
    }
    let after = quoted[end..].split_once(';').map_or("", |(_, after)| after);
    (value, after)
}

/// A browser's file name: of all characters just these three come escaped.
fn unescaped(text: &str) -> String {
    text.replace("%22", "\"")
        .replace("%0D", "\r")
        .replace("%0A", "\n")
}

/// RFC 8187's form, in UTF-8.
fn decoded(text: &str) -> Option<String> {
    let (charset, rest) = text.split_once('\'')?;
    let (_language, value) = rest.split_once('\'')?;
    let decoded = percent_decode_str(value).decode_utf8().ok()?;
    charset
        .eq_ignore_ascii_case("utf-8")
        .then(|| decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(line: &str) -> (Option<String>, Option<String>) {
        let Part { name, file_name } = Part::read(line);
        (name, file_name)
    }

    fn file_name(line: &str) -> String {
        let (name, file_name) = read(&format!("form-data; name=\"file\"; {line}"));
        assert_eq!(name.as_deref(), Some("file"));
        file_name.unwrap()
    }

    #[test]
    fn names_of_every_sender_are_understood() {
        // Browsers.
        assert_eq!(file_name(r#"filename="shot 1.png""#), "shot 1.png");
        assert_eq!(
            file_name(r#"filename="a%22; filename=%22b.html""#),
            "a\"; filename=\"b.html"
        );
        assert_eq!(file_name(r#"filename="на пожаре.png""#), "на пожаре.png");
        assert_eq!(file_name(r#"filename="trailing\""#), "trailing\\");
        // curl, reqwest.
        assert_eq!(
            file_name(r#"filename="a\"; filename=\"b.html""#),
            "a\"; filename=\"b.html"
        );
        assert_eq!(file_name(r#"filename="trailing\\""#), "trailing\\");
        // Others.
        assert_eq!(file_name("filename=plain.txt"), "plain.txt");
        assert_eq!(
            file_name("filename=\"_.txt\"; filename*=UTF-8''%F0%9F%94%A5.txt"),
            "🔥.txt"
        );
        assert_eq!(file_name(r#"filename="""#), "");
    }

    #[test]
    fn a_field_that_is_no_file_has_no_file_name() {
        assert_eq!(read(r#"form-data; name="file""#), (Some("file".to_owned()), None));
        assert_eq!(read("form-data"), (None, None));
        assert_eq!(read(""), (None, None));
    }

    #[test]
    fn a_name_cannot_smuggle_another_parameter_in() {
        let (name, file_name) = read(r#"form-data; name="file"; filename="x\"; name=\"other""#);
        assert_eq!(name.as_deref(), Some("file"));
        assert_eq!(file_name.as_deref(), Some("x\"; name=\"other"));
    }

    proptest! {
        #[test]
        fn no_line_makes_it_panic(line in "\\PC*") {
            let _ = Part::read(&line);
        }

        #[test]
        fn escaped_names_come_back(name in "[a-z\"\\\\;= ж]{0,20}") {
            let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
            let line = format!("form-data; name=\"file\"; filename=\"{escaped}\"");
            prop_assert_eq!(Part::read(&line).file_name, Some(name));
        }
    }
}
