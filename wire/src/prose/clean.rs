//! The second line: of any HTML, only what is on these lists is left.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

/// Elements that are left.
pub(super) const ELEMENTS: &[&str] = &[
    "a",
    "blockquote",
    "br",
    "code",
    "del",
    "em",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "strong",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
];
/// Where links may lead.
pub(super) const SCHEMES: &[&str] = &["http", "https", "mailto"];
/// Nobody is told where a link was, a page that it opens has no way back, and no search engine counts it.
const REL: &str = "noopener noreferrer nofollow ugc";

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let set = |names: &[&'static str]| names.iter().copied().collect::<HashSet<_>>();
    let aligned = HashMap::from([("align", set(&["left", "center", "right"]))]);
    let mut builder = Builder::empty();
    builder
        .tags(set(ELEMENTS))
        .generic_attributes(HashSet::new())
        .generic_attribute_prefixes(HashSet::new())
        .tag_attributes(HashMap::from([
            ("a", set(&["href", "title"])),
            ("ol", set(&["start"])),
        ]))
        .tag_attribute_values(HashMap::from([("td", aligned.clone()), ("th", aligned)]))
        .url_schemes(set(SCHEMES))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some(REL))
        .strip_comments(true);
    builder
});

/// What is left of `html`.
pub(super) fn clean(html: &str) -> String {
    CLEANER.clean(html).to_string()
}
