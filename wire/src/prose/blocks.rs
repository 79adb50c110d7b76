//! What browsers must know of the outermost blocks: which way their text runs, and that wide ones are scrolled by keyboard too.

/// Those that have no end.
const VOID: &[&str] = &["br", "hr"];
/// Those that may be wider than the page.
const WIDE: &[&str] = &["pre", "table"];

/// `html`, which is clean, with marks on its blocks. A block runs from the side that its first strong letter says, whole: so
/// the items of a list stay in one line with their bullets.
pub(super) fn marked(html: &str) -> String {
    let mut marked = String::with_capacity(html.len() + html.len() / 8);
    let mut depth = 0_usize;
    let mut rest = html;
    // In clean HTML this sign begins a tag and nothing else.
    while let Some(at) = rest.find('<') {
        let tag = &rest[at + 1..];
        let name_ends = tag.find([' ', '>']).unwrap_or(tag.len());
        let name = &tag[..name_ends];
        marked.push_str(&rest[..at + 1 + name_ends]);
        if name.starts_with('/') {
            depth = depth.saturating_sub(1);
        } else if !VOID.contains(&name) {
            if depth == 0 {
                marked.push_str(" dir=\"auto\"");
            }
            if WIDE.contains(&name) {
                marked.push_str(" tabindex=\"0\"");
            }
            depth += 1;
        }
        rest = &tag[name_ends..];
    }
    marked.push_str(rest);
    marked
}
