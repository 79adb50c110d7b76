//! The name under which a browser keeps a downloaded file: `Content-Disposition`, RFC 6266 with RFC 8187.

use domain::text::FileName;
use http::HeaderValue;
use http::header::InvalidHeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but RFC 8187's `attr-char`.
const NOT_ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// "Keep it, under this name": once in ASCII for those who know no better, once as it is.
pub(super) fn as_attachment(name: &FileName) -> Result<HeaderValue, InvalidHeaderValue> {
    let fallback = fallback(name.as_str());
    let exact = utf8_percent_encode(name.as_str(), NOT_ATTR_CHAR);
    HeaderValue::try_from(format!(
        "attachment; filename=\"{fallback}\"; filename*=UTF-8''{exact}"
    ))
}

/// The name in characters that nobody takes for anything but themselves: not even `%`, which some decode.
fn fallback(name: &str) -> String {
    let plain = |character: char| match character {
        '"' | '\\' | '/' | '%' => '_',
        ' ' => ' ',
        other if other.is_ascii_graphic() => other,
        _ => '_',
    };
    name.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use percent_encoding::percent_decode_str;
    use proptest::prelude::*;

    use super::*;

    fn header(name: &str) -> String {
        let value = as_attachment(&FileName::parse(name).unwrap()).unwrap();
        value.to_str().unwrap().to_owned()
    }

    #[test]
    fn plain_names_stand_as_they_are_and_others_twice() {
        assert_eq!(
            header("shot 1.png"),
            "attachment; filename=\"shot 1.png\"; filename*=UTF-8''shot%201.png"
        );
        assert_eq!(
            header("naïve.txt"),
            "attachment; filename=\"na_ve.txt\"; filename*=UTF-8''na%C3%AFve.txt"
        );
    }

    #[test]
    fn a_name_cannot_end_its_own_quotes() {
        assert_eq!(
            header("a\"; filename=\"b.html"),
            "attachment; filename=\"a_; filename=_b.html\"; filename*=UTF-8''a%22%3B%20filename%3D%22b.html"
        );
        assert_eq!(
            header("a\\"),
            "attachment; filename=\"a_\"; filename*=UTF-8''a%5C"
        );
    }

    proptest! {
        #[test]
        fn any_name_comes_back(raw in "\\PC{1,60}") {
            if let Ok(name) = FileName::parse(&raw) {
                let header = header(name.as_str());
                prop_assert!(header.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()));
                prop_assert_eq!(header.matches('"').count(), 2);
                let (_, exact) = header.rsplit_once("; filename*=UTF-8''").unwrap();
                prop_assert!(!exact.contains([';', ' ', '"', '\'', ',']));
                prop_assert_eq!(percent_decode_str(exact).decode_utf8().unwrap(), name.as_str());
            }
        }
    }
}
