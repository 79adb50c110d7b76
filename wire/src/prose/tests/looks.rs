//! Texts of people who mean well.

use super::super::*;

fn is(text: &str, expected: &str) {
    assert_eq!(&*render(text), expected, "{text:?}");
}

const LINK: &str = "rel=\"noopener noreferrer nofollow ugc\"";

#[test]
fn lines_stay_lines_and_paragraphs_paragraphs() {
    is(
        "Hello,\nthe printer burns.\n\nUlla",
        "<p dir=\"auto\">Hello,<br>\nthe printer burns.</p>\n<p dir=\"auto\">Ulla</p>\n",
    );
    is(
        "Hello\n---\nUlla",
        "<p dir=\"auto\">Hello</p>\n<hr>\n<p dir=\"auto\">Ulla</p>\n",
    );
}

#[test]
fn nothing_that_was_typed_is_lost() {
    is("[ERROR]: timeout", "<p dir=\"auto\">[ERROR]: timeout</p>\n");
    is(
        r"Look at \\server\_share\x and C:\_old\*.txt, or \*not\*",
        "<p dir=\"auto\">Look at \\\\server\\_share\\x and C:\\_old\\*.txt, or *not*</p>\n",
    );
    is(
        "It is in C:\\temp\\\nand D:\\",
        "<p dir=\"auto\">It is in C:\\temp\\<br>\nand D:\\</p>\n",
    );
    is("#", "<p dir=\"auto\">#</p>");
    is("-\n", "<p dir=\"auto\">-</p>");
    is(
        "a < b && c > d",
        "<p dir=\"auto\">a &lt; b &amp;&amp; c &gt; d</p>\n",
    );
    is(
        "```as somebody said\nx\n```",
        "<pre dir=\"auto\" tabindex=\"0\"><code>as somebody said\nx\n</code></pre>\n",
    );
    is(
        "```\n[a]: b\nC:\\_x\n```",
        "<pre dir=\"auto\" tabindex=\"0\"><code>[a]: b\nC:\\_x\n</code></pre>\n",
    );
    is("[here](/tickets/1)", "<p dir=\"auto\">here (/tickets/1)</p>\n");
}

#[test]
fn html_is_text() {
    is(
        "<b>bold</b> and <br/>\n\n<div>\n**x**\n</div>",
        "<p dir=\"auto\">&lt;b&gt;bold&lt;/b&gt; and &lt;br/&gt;</p>\n\
         <p dir=\"auto\">&lt;div&gt;<br>\n**x**<br>\n&lt;/div&gt;</p>\n",
    );
}

#[test]
fn emphasis_headings_quotes_and_code() {
    is(
        "**very** *much* ~~not~~ `a < b`",
        "<p dir=\"auto\"><strong>very</strong> <em>much</em> <del>not</del> <code>a &lt; b</code></p>\n",
    );
    is(
        "# One\n## Two\n### Three\n###### Six",
        "<h4 dir=\"auto\">One</h4>\n<h5 dir=\"auto\">Two</h5>\n<h6 dir=\"auto\">Three</h6>\n<h6 dir=\"auto\">Six</h6>\n",
    );
    is(
        "> said\n> > before",
        "<blockquote dir=\"auto\">\n<p>said</p>\n<blockquote>\n<p>before</p>\n</blockquote>\n</blockquote>\n",
    );
    is(
        "```rust\nfn main() {}\n```",
        "<pre dir=\"auto\" tabindex=\"0\"><code>fn main() {}\n</code></pre>\n",
    );
}

#[test]
fn lists_tasks_and_tables() {
    is(
        "- one\n- two\n  1. three",
        "<ul dir=\"auto\">\n<li>one</li>\n<li>two\n<ol>\n<li>three</li>\n</ol>\n</li>\n</ul>\n",
    );
    is(
        "3. three",
        "<ol dir=\"auto\" start=\"3\">\n<li>three</li>\n</ol>\n",
    );
    is(
        "- [ ] buy\n- [x] burn",
        "<ul dir=\"auto\">\n<li>\u{2610} buy</li>\n<li>\u{2611} burn</li>\n</ul>\n",
    );
    is(
        "| a | b |\n|:-|-:|\n| 1 | 2 |",
        "<table dir=\"auto\" tabindex=\"0\">\n<thead>\n<tr>\n<th align=\"left\">a</th>\n<th align=\"right\">b</th>\n</tr>\n\
         </thead>\n<tbody>\n<tr>\n<td align=\"left\">1</td>\n<td align=\"right\">2</td>\n</tr>\n</tbody>\n</table>\n",
    );
}

#[test]
fn links_are_found_and_images_are_links() {
    is(
        "See www.example.org, https://x.example/a?b=c&d or me@example.org.",
        &format!(
            "<p dir=\"auto\">See <a href=\"http://www.example.org\" {LINK}>www.example.org</a>, \
             <a href=\"https://x.example/a?b=c&amp;d\" {LINK}>https://x.example/a?b=c&amp;d</a> or \
             <a href=\"mailto:me@example.org\" {LINK}>me@example.org</a>.</p>\n"
        ),
    );
    is(
        "[it](https://x.example \"a title\") ![a picture](https://x.example/p.png) ![](HTTPS://x.example/q.png)",
        &format!(
            "<p dir=\"auto\"><a href=\"https://x.example\" title=\"a title\" {LINK}>it</a> \
             <a href=\"https://x.example/p.png\" {LINK}>a picture</a> \
             <a href=\"HTTPS://x.example/q.png\" {LINK}>HTTPS://x.example/q.png</a></p>\n"
        ),
    );
    is(
        "[![a picture](https://x.example/p.png)](https://x.example)",
        &format!("<p dir=\"auto\"><a href=\"https://x.example\" {LINK}>a picture</a></p>\n"),
    );
}

#[test]
fn each_block_runs_its_own_way() {
    is(
        "الطابعة تحترق\n\n- نعم\n\nThe printer burns",
        "<p dir=\"auto\">الطابعة تحترق</p>\n<ul dir=\"auto\">\n<li>نعم</li>\n</ul>\n<p dir=\"auto\">The printer burns</p>\n",
    );
}

#[test]
fn a_text_is_rendered_once() {
    let text = "Once, and *only* once";
    let first = render(text);
    assert!(Arc::ptr_eq(&first, &render(text)));
    assert!(!Arc::ptr_eq(&first, &render("Another")));
}
