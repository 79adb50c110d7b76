//! What people write cannot become a tag, a header or another person's words.

use domain::Role;
use domain::ticket::{TicketEvent, Visibility};
use mailparse::{MailHeaderMap, ParsedMail, parse_mail};

use super::world::{Told, World, comment};
use crate::compose::MailKind;

/// What a browser could take for more than text, in any place of a page.
const HOSTILE: &[&str] = &[
    "<script>window.pwned=1</script>",
    "\"><img src=x onerror=window.pwned=1>",
    "'><svg/onload=window.pwned=1>",
    "</title></style></textarea></pre><iframe src=javascript:pwned>",
    "{{ frame.app_url }} {% raw %} ${7*7}",
    "<a href=\"https://evil.example\">Sign in here</a>",
    "<!-- --><![CDATA[x]]>&lt;b&gt;&#60;b&#62;",
    "=?utf-8?Q?=0D=0ABcc=3A_x=40evil.example?= and more",
    "Hello\r\nBcc: x@evil.example\r\n\r\n<b>body</b>",
    "\u{202e}gnp.exe \u{2066}\u{200b}\u{2028}next",
    "emoji \u{1F469}\u{200d}\u{1F52C} \u{1F525} and Ελληνικά عربى",
];

/// Tags that a mail of ours has.
const TAGS: &[&str] = &[
    "!doctype", "html", "head", "meta", "title", "style", "body", "div", "p", "h1", "table", "tr", "th",
    "td", "a", "bdi", "br", "strong",
];

fn parts(mail: &ParsedMail<'_>) -> (String, String) {
    assert_eq!(mail.ctype.mimetype, "multipart/alternative");
    let [text, html] = &mail.subparts[..] else {
        panic!("not two parts");
    };
    assert_eq!(text.ctype.mimetype, "text/plain");
    assert_eq!(html.ctype.mimetype, "text/html");
    (text.get_body().unwrap(), html.get_body().unwrap())
}

/// Every tag's name with its attributes' names, by the plainest of readings: what follows a `<`.
fn tags(html: &str) -> Vec<&str> {
    let tags = html.split('<').skip(1);
    tags.map(|tag| tag.split('>').next().unwrap()).collect()
}

fn look(mail: &[u8], what: &str) {
    let source = String::from_utf8(mail.to_vec()).unwrap();
    let lines = source.split("\r\n");
    assert!(
        lines.clone().all(|line| line.len() <= 998 && line.is_ascii()),
        "{what}"
    );
    assert!(!source.replace("\r\n", "").contains(['\r', '\n']), "{what}");
    let parsed = parse_mail(mail).unwrap();
    let names: Vec<_> = parsed
        .headers
        .iter()
        .map(mailparse::MailHeader::get_key)
        .collect();
    let known = [
        "Message-ID",
        "Date",
        "From",
        "To",
        "Auto-Submitted",
        "Subject",
        "In-Reply-To",
        "References",
        "List-Unsubscribe",
        "List-Unsubscribe-Post",
        "MIME-Version",
        "Content-Type",
    ];
    assert!(
        names.iter().all(|name| known.contains(&name.as_str())),
        "{what}: {names:?}"
    );
    assert_eq!(
        parsed.headers.get_all_values("To"),
        ["ulla@example.test"],
        "{what}"
    );
    let (text, html) = parts(&parsed);
    // Nothing is fetched, and nothing runs.
    let forbidden = ["src=", "onerror", "onload", "javascript:", "url("];
    for tag in tags(&html) {
        let name = tag.trim_start_matches('/').split([' ', '\n']).next().unwrap();
        assert!(TAGS.contains(&name), "{what}: <{tag}>");
        assert!(
            forbidden.iter().all(|attribute| !tag.contains(attribute)),
            "{what}: <{tag}>"
        );
    }
    let head = html.split("</head>").next().unwrap();
    assert!(!head.contains("url(") && !head.contains("@import"), "{what}");
    for link in html.split("href=\"").skip(1) {
        assert!(link.starts_with("https://desk.example.org"), "{what}: {link}");
    }
    let (text, html) = (text.replace("\r\n", "\n"), html.replace("\r\n", "\n"));
    for disguise in ['\u{202e}', '\u{200b}', '\u{2028}', '\r', '\0'] {
        assert!(!html.contains(disguise) && !text.contains(disguise), "{what}");
    }
    // Only the desk speaks outside of quotations and labelled lines.
    let (above, footer) = text.rsplit_once("\n-- ").unwrap();
    assert!(footer.contains("You get this mail because"), "{what}");
    assert!(!above.contains("\nBcc:"), "{what}");
}

#[test]
fn what_people_write_stays_text() {
    for hostile in HOSTILE {
        for role in [Role::User, Role::Guest] {
            let world = World::with_names([hostile, hostile], role, hostile, hostile);
            for (kind, event) in mails(hostile) {
                let mail = world.mail(&Told::requester(kind, event));
                look(&mail, &format!("{kind:?} {hostile:?}"));
            }
        }
    }
}

fn mails(text: &str) -> [(MailKind, Option<TicketEvent>); 3] {
    [
        (MailKind::Created, None),
        (MailKind::NewTicket, None),
        (MailKind::Comment, Some(comment(text, Visibility::Public))),
    ]
}

#[test]
fn a_subject_is_shown_as_the_title_was_written() {
    for (title, shown) in [
        ("Printer on fire", "Printer on fire"),
        ("=?utf-8?Q?x?= is what it says", "=?utf-8?Q?x?= is what it says"),
        ("two\r\nlines", "two  lines"),
        ("a\u{202e}b", "ab"),
        ("Ελληνικά \u{1F525} und Käse", "Ελληνικά \u{1F525} und Käse"),
    ] {
        let world = World::new(Role::User, title, "Something is wrong");
        let mail = world.mail(&Told::requester(MailKind::Created, None));
        let subject = parse_mail(&mail)
            .unwrap()
            .headers
            .get_first_value("Subject")
            .unwrap();
        assert_eq!(subject, format!("Ticket Created: {shown}"));
    }
    let long = "\u{1F525}".repeat(200);
    let world = World::new(Role::User, &long, "Something is wrong");
    let mail = world.mail(&Told::requester(MailKind::Created, None));
    let subject = parse_mail(&mail)
        .unwrap()
        .headers
        .get_first_value("Subject")
        .unwrap();
    assert_eq!(subject, format!("Ticket Created: {long}"));
    look(&mail, "long");
}

#[test]
fn a_long_text_is_cut_off_and_the_footer_is_not() {
    let long = format!("{}{}", "<&>\n".repeat(4_000), "THE END");
    let world = World::new(Role::User, "Long story", &long);
    let mail = world.mail(&Told::requester(MailKind::NewTicket, None));
    look(&mail, "long");
    let parsed = parse_mail(&mail).unwrap();
    for part in [parts(&parsed).0, parts(&parsed).1] {
        assert!(part.len() < 90_000, "mail programs cut it off");
        assert!(!part.contains("THE END"));
        assert!(part.contains("only the beginning"));
        assert!(part.contains("unsubscribe#"));
    }
}
