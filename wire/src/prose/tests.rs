//! What becomes of texts: as people mean them, as people type them without a thought of Markdown, and as nobody should.

mod hostile;
mod looks;

use super::clean::{self, ELEMENTS};

/// What `html` holds that must not be in a page; `None` if nothing does. It is read by a reader of its own, which takes
/// nothing that it does not know.
fn fault(html: &str) -> Option<String> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        if rest[..at].contains('>') {
            return Some(format!("a sign out of place in {}", &rest[..at]));
        }
        let Some(end) = rest[at..].find('>') else {
            return Some(format!("a tag without an end: {}", &rest[at..]));
        };
        let tag = &rest[at + 1..at + end];
        rest = &rest[at + end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return Some(format!("</{name}> closes nothing"));
            }
            continue;
        }
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        if !ELEMENTS.contains(&name) {
            return Some(format!("<{tag}> is on no list"));
        }
        if let Some(attribute) = attributes_of(attributes).find(|attribute| !is_known(name, attribute)) {
            return Some(format!("{attribute:?} of <{tag}>"));
        }
        if !["br", "hr"].contains(&name) {
            open.push(name);
        }
    }
    open.pop().map(|name| format!("<{name}> has no end"))
}

/// Names and values of `a="b" c="d"`; what is not of that form comes as a name without a value.
fn attributes_of(mut text: &str) -> impl Iterator<Item = (&str, &str)> {
    std::iter::from_fn(move || {
        text = text.trim_start();
        if text.is_empty() {
            return None;
        }
        let parsed = text.split_once("=\"").and_then(|(name, rest)| {
            let (value, rest) = rest.split_once('"')?;
            Some(((name, value), rest))
        });
        let (found, rest) = parsed.unwrap_or(((text, ""), ""));
        text = rest;
        Some(found)
    })
}

fn is_known(element: &str, (name, value): &(&str, &str)) -> bool {
    match (element, *name) {
        ("a", "href") => ["http:", "https:", "mailto:"]
            .iter()
            .any(|scheme| value.to_ascii_lowercase().starts_with(scheme)),
        ("a", "rel") => *value == "noopener noreferrer nofollow ugc",
        ("a", "title") => true,
        ("ol", "start") => value.bytes().all(|byte| byte.is_ascii_digit()),
        ("td" | "th", "align") => ["left", "center", "right"].contains(value),
        ("pre" | "table", "tabindex") => *value == "0",
        (_, "dir") => *value == "auto",
        _ => false,
    }
}

/// What browsers make of it is what it is: read and written again, it stays as it is.
fn is_stable(html: &str) -> bool {
    let bare = html.replace(" dir=\"auto\"", "").replace(" tabindex=\"0\"", "");
    clean::clean(&bare) == bare
}

#[test]
fn the_reader_of_these_tests_sees_what_is_wrong() {
    for good in [
        "<p dir=\"auto\">a &lt; b<br>\nc</p>",
        "",
        "<hr>",
        "<ol start=\"3\"><li>x</li></ol>",
    ] {
        assert_eq!(fault(good), None, "{good}");
    }
    for bad in [
        "<script>alert(1)</script>",
        "<p onclick=\"x\">a</p>",
        "<p",
        "<p>a",
        "a</p>",
        "<a href=\"javascript:alert(1)\">x</a>",
        "<a href=\"/tickets\">x</a>",
        "<a href=x>x</a>",
        "<a\nhref=\"http://x\">x</a>",
        "<img src=\"x\">",
        "<!-- x -->",
        "<td style=\"x\">a</td>",
        "<p><strong>a</p></strong>",
    ] {
        assert!(fault(bad).is_some(), "{bad}");
    }
    assert!(is_stable("<p>a</p>") && !is_stable("<p>a<p>b</p></p>"));
}
