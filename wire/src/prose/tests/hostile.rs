//! Texts of people who do not.

use proptest::prelude::*;

use super::super::*;
use super::{fault, is_stable};

/// From public collections: ways into pages through Markdown, through sanitisers, and through what browsers make of both.
const TRIED: &[&str] = &[
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mi//xlink:href=\"data:x,<script>alert(4)</script>\">",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<body onload=alert(1)>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<details open ontoggle=alert(1)>",
    "<style>@import 'https://evil.example/x.css';</style>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content=0;url=https://evil.example>",
    "<form action=https://evil.example><button>",
    "<input autofocus onfocus=alert(1)>",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](  javascript:alert(1))",
    "[a](java&#115;cript:alert(1))",
    "[a](&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A&#x61lert(1))",
    "[a](javascript&colon;alert(1))",
    "[a](java&Tab;script:alert(1))",
    "[a](java\nscript:alert(1))",
    "[a](\u{1}javascript:alert(1))",
    "[a](\u{200b}javascript:alert(1))",
    "[a](<javascript:alert(1)>)",
    "[a](vbscript:msgbox(1))",
    "[a](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[a](data:text/html,<script>alert(1)</script>)",
    "[a](file:///etc/passwd)",
    "[a](//evil.example)",
    "[a](\\\\evil.example)",
    "[a](https:evil.example)",
    "[a](https://x\" onmouseover=\"alert(1))",
    "[a](<https://x\" onmouseover=\"alert(1)>)",
    "[a](https://x '\" onmouseover=\"alert(1)')",
    "[a](https://x \"&quot; onmouseover=&quot;alert(1)\")",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    "<xmpp:a@b.example>",
    "![a](javascript:alert(1))",
    "![a](https://evil.example/pixel.gif)",
    "![a](data:image/svg+xml,<svg onload=alert(1)>)",
    "![a\" onerror=\"alert(1)](https://x)",
    "[![a](javascript:alert(1))](javascript:alert(2))",
    "[a]: javascript:alert(1)\n\n[a]",
    "[a][b]\n\n[b]: javascript:alert(1)",
    "```\"><script>alert(1)</script>\nx\n```",
    "```x onload=alert(1)\nx\n```",
    "`<script>alert(1)</script>`",
    "| a |\n|-|\n| <img src=x onerror=alert(1)> |",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<!-- --!><img src=x onerror=alert(1)>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?xml-stylesheet href=\"javascript:alert(1)\"?>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
    "<table><td><svg><desc><td><title><style><a title=\"</title><img src onerror=alert(1)>\">",
    "<template><script>alert(1)</script></template>",
    "<xmp><p title=\"</xmp><svg/onload=alert(1)>\">",
    "<textarea><script>alert(1)</script></textarea>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "&amp;lt;script&amp;gt;",
    "\\<script>alert(1)</script>",
    "*<script>*alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<a\u{b}href=javascript:alert(1)>x</a>",
    "www.x.example\"onmouseover=\"alert(1)",
    "https://x.example/<script>alert(1)</script>",
    "https://x.example/'onmouseover='alert(1)",
    "a@b.example\"onmouseover=\"alert(1)",
    "mailto:a@b.example?subject=<script>",
    "- [<script>] x",
    "# <img src=x onerror=alert(1)>",
    "\u{202e}<script>",
    "<\0script>alert(1)</script>",
    "\u{ff1c}script\u{ff1e}alert(1)\u{ff1c}/script\u{ff1e}",
];

#[test]
fn nobody_gets_into_a_page() {
    for text in TRIED {
        // Alone, and within whatever else there is.
        let wrapped = [
            (*text).to_owned(),
            format!("a {text} b"),
            format!("> {text}"),
            format!("- {text}\n- {text}"),
            format!("1. [ ] {text}"),
            format!("**{text}**"),
            format!("[{text}](https://x.example)"),
            format!("| {text} |\n|-|\n| {text} |"),
            format!("~~~\n{text}\n~~~"),
            format!("<div>\n{text}\n\n{text}"),
            TRIED
                .join("\n")
                .replace('\n', &format!("\n{text}\n"))
                .chars()
                .take(4_000)
                .collect(),
        ];
        for text in wrapped {
            let html = render(&text);
            assert_eq!(fault(&html), None, "{text:?}: {html}");
            assert!(is_stable(&html), "{text:?}: {html}");
        }
    }
}

#[test]
fn what_would_cost_too_much_is_shown_as_it_was_typed() {
    const BYTES: usize = 100_000;
    let fill = |part: &str| part.repeat(BYTES / part.len());
    let plain = |text: &str| {
        let html = render(text);
        assert_eq!(fault(&html), None);
        html.matches("<p").count() == 1 && !html.contains("<li") && !html.contains("<blockquote")
    };
    for deep in [
        fill(">"),
        fill("> "),
        fill("1. "),
        "**a ".repeat(8_000) + &" b**".repeat(8_000),
    ] {
        assert!(plain(&deep), "{}", &deep[..20]);
    }
    for harmless in [
        fill("["),
        fill("!["),
        fill("a[b]("),
        fill("[a](<b"),
        fill("`"),
        fill("*a_ "),
        fill("<"),
        "&".repeat(BYTES / 10),
    ] {
        assert!(plain(&harmless), "{}", &harmless[..20]);
    }
    // Cells that nobody has written.
    let table = format!("{}|\n{}|\n{}", "|a".repeat(99), "|-".repeat(99), fill("|a\n"));
    assert!(!render(&table).contains("<table"));
    // One link, told over and over.
    let again = format!("[a]: https://{}\n\n{}", "x".repeat(30_000), "[a]".repeat(10_000));
    assert!(render(&again).len() < 4 * BYTES);
    // Nothing comes out much larger than it went in.
    for long in [
        fill("#\n"),
        fill("www.a.b.example "),
        fill("- a\n\n"),
        fill("> a\n\n"),
        fill("|a|\n|-|\n\n"),
    ] {
        let html = render(&long);
        assert_eq!(fault(&html), None);
        assert!(html.len() <= HTML_BYTES_MAX, "{}: {}", &long[..10], html.len());
    }
}

/// Pieces of what Markdown and HTML mean something by.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        proptest::sample::select(TRIED).prop_map(str::to_owned),
        proptest::sample::select(
            &[
                "*",
                "**",
                "_",
                "~~",
                "`",
                "```\n",
                "> ",
                "- ",
                "1. ",
                "# ",
                "|",
                "|-|\n",
                "[",
                "](",
                ")",
                "![",
                "<",
                ">",
                "</",
                "<!--",
                "-->",
                "&lt;",
                "&#60;",
                "\"",
                "'",
                "=",
                "\\",
                "\n",
                "\n\n",
                "    ",
                "http://x.example",
                "javascript:",
                "data:",
                "mailto:",
                "www.",
                "@",
                "[ ] ",
                "[x]: ",
                "a",
                "é",
                "\u{202e}",
                "\0",
                "\t",
                "\r\n",
            ][..]
        )
        .prop_map(str::to_owned),
        ".{0,12}",
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn only_what_is_on_the_lists_comes_out(text in pieces()) {
        let html = rendered(&text);
        prop_assert_eq!(fault(&html), None, "{}", html);
        prop_assert!(is_stable(&html), "{}", html);
    }
}
