//! Where somebody is sent after signing in: a place here, and nowhere else.

use url::Url;

/// Most bytes of such a place.
const BYTES_MAX: usize = 2_000;

/// Whether `path` leads to a place under `app_url`'s origin, whoever reads it: browsers take `\` for `/`, drop tabs and line
/// ends, and find another host behind `//`.
pub(super) fn is_here(path: &str, app_url: &Url) -> bool {
    let is_plain =
        path.len() <= BYTES_MAX && path.bytes().all(|byte| byte.is_ascii_graphic()) && !path.contains('\\');
    let is_path = path.starts_with('/') && !path.starts_with("//");
    is_plain
        && is_path
        && app_url
            .join(path)
            .is_ok_and(|url| url.origin() == app_url.origin())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_lead_here() {
        let app_url = Url::parse("https://desk.example.org").unwrap();
        for good in ["/", "/tickets/7?x=1#y", "/a//b", "/%2F%2Fevil.example", "/x:y@z"] {
            assert!(is_here(good, &app_url), "{good}");
        }
        for bad in [
            "",
            "tickets",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "/a\r\nSet-Cookie: x=y",
            "https://evil.example",
            "javascript:alert(1)",
            " /x",
            "/é",
            &format!("/{}", "x".repeat(BYTES_MAX)),
        ] {
            assert!(!is_here(bad, &app_url), "{bad:?}");
        }
    }
}
