//! `GET /api/search`: what is found, in which order, how it is shown; and what is not found by whom.

use serde_json::{Value, json};
use tests::app::{Client, TestApp};

use super::{ITEM, path_of};
use crate::shape::has_keys;

/// Someone's search, once everything that is in the log can be found.
async fn search(app: &TestApp, person: &Client, query: &[(&str, &str)]) -> Value {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(query)
        .finish();
    person
        .request(reqwest::Method::GET, &format!("/api/search?{query}"))
        .header("Min-Position", &app.head().await.to_string())
        .send()
        .await
        .good()
}

/// The titles of the tickets that someone finds.
async fn found(app: &TestApp, person: &Client, text: &str) -> Vec<String> {
    let found = search(app, person, &[("q", text)]).await;
    let titles: Vec<String> = results(&found)
        .iter()
        .map(|result| result["ticket"]["title"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(found["total"], titles.len());
    assert_eq!(found["totalIsExact"], true);
    titles
}

fn results(found: &Value) -> &[Value] {
    found["results"].as_array().unwrap()
}

/// Where a ticket has what was looked for: kinds, and snippets with `[hits]`.
fn matches(result: &Value) -> Vec<(&str, String)> {
    let matches = result["matches"].as_array().unwrap().iter();
    matches
        .map(|found| {
            let segments = found["snippet"].as_array().unwrap().iter();
            let snippet = segments.map(|segment| {
                let text = segment["text"].as_str().unwrap();
                if segment["hit"] == true {
                    format!("[{text}]")
                } else {
                    text.to_owned()
                }
            });
            (found["where"].as_str().unwrap(), snippet.collect())
        })
        .collect()
}

async fn ticket(person: &Client, title: &str, description: &str) -> Value {
    let wish = json!({ "title": title, "description": description, "category": "HARDWARE" });
    person.post("/api/tickets", &wish).await.is(201).json()
}

async fn comment(person: &Client, ticket: &Value, content: &str) {
    let wish = json!({ "content": content });
    person
        .post(&format!("{}/comments", path_of(ticket)), &wish)
        .await
        .is(201);
}

async fn note(agent: &Client, ticket: &Value, content: &str) {
    let wish = json!({ "content": content, "isInternal": true });
    agent
        .post(&format!("{}/comments", path_of(ticket)), &wish)
        .await
        .is(201);
}

#[tokio::test]
async fn every_kind_of_text_is_found_and_shown_where_it_is() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    let ticket = ticket(
        &ulla,
        "Zebra printer broken",
        "It says <b>PC LOAD LETTER</b> & blinks since the quokka came.",
    )
    .await;
    comment(&ulla, &ticket, "The walrus is in tray two, as always.").await;
    let path = format!("{}/attachments", path_of(&ticket));
    ulla.upload(&path, "okapi_photo-2.png", "image/png", b"\x89PNG\r\n\x1a\n")
        .await
        .is(201);

    for (text, place, snippet) in [
        ("zebra", "title", "[Zebra] printer broken"),
        (
            "quokka",
            "description",
            "It says <b>PC LOAD LETTER</b> & blinks since the [quokka] came.",
        ),
        ("walrus", "comment", "The [walrus] is in tray two, as always."),
        ("okapi", "file", "[okapi]_photo-2.png"),
    ] {
        for person in [&ada, &ulla] {
            let found = search(&app, person, &[("q", text)]).await;
            let [result] = results(&found) else {
                panic!("{text}: {found}")
            };
            has_keys(&result["ticket"], ITEM);
            assert_eq!(result["ticket"]["id"], ticket["id"]);
            assert_eq!(matches(result), [(place, snippet.to_owned())], "{text}");
        }
    }
    let found = search(&app, &ada, &[("q", "walrus")]).await;
    let comment = &results(&found)[0]["matches"][0];
    assert_eq!(
        (&comment["isInternal"], &comment["by"]),
        (&json!(false), &json!("Ulla"))
    );
    let whole = ada.get(&path_of(&ticket)).await.good();
    assert_eq!(comment["id"], whole["comments"][0]["id"]);
    let found = search(&app, &ada, &[("q", "okapi")]).await;
    assert_eq!(
        results(&found)[0]["matches"][0]["id"],
        whole["attachments"][0]["id"]
    );
    // Words of title and description together, and a comment's author's own words only.
    assert_eq!(found_count(&app, &ada, "zebra quokka").await, 1);
    assert_eq!(found_count(&app, &ada, "zebra -quokka").await, 0);
}

async fn found_count(app: &TestApp, person: &Client, text: &str) -> usize {
    found(app, person, text).await.len()
}

#[tokio::test]
async fn titles_come_first_then_descriptions_then_comments() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    ticket(&ulla, "A ferret in the title", "Nothing else to be said here").await;
    ticket(&ulla, "In the description", "There is a ferret in this one").await;
    let said = ticket(&ulla, "In a comment", "Nothing else to be said here").await;
    comment(&ulla, &said, "a ferret, in a comment").await;
    ticket(&ulla, "Another ferret in a title", "Nothing else to be said here").await;
    let expected = [
        "Another ferret in a title",
        "A ferret in the title",
        "In the description",
        "In a comment",
    ];
    for person in [&ada, &ulla] {
        assert_eq!(found(&app, person, "ferret").await, expected);
    }
}

#[tokio::test]
async fn a_question_is_understood_as_in_web_searches() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    ticket(&ulla, "Paper jam in the café", "The display says 10.0.0.12 again").await;
    ticket(&ulla, "Jam on paper towels", "Straße, Łódź and OFFICE 10.0.0.13").await;
    ticket(&ulla, "打印机坏了 (printer)", "الطّابعة لا تعمل و принтер тоже").await;
    for (text, titles) in [
        ("paper jam", &["Jam on paper towels", "Paper jam in the café"][..]),
        ("\"paper jam\"", &["Paper jam in the café"]),
        ("jam -café", &["Jam on paper towels"]),
        ("CAFE", &["Paper jam in the café"]),
        ("strasse lodz", &["Jam on paper towels"]),
        ("10.0.0.12", &["Paper jam in the café"]),
        (
            "10.0.0.13 OR 打印机",
            &["打印机坏了 (printer)", "Jam on paper towels"],
        ),
        ("印机", &["打印机坏了 (printer)"]),
        ("机", &["打印机坏了 (printer)"]),
        ("الطابعة", &["打印机坏了 (printer)"]),
        ("ПРИНТЕР", &["打印机坏了 (printer)"]),
        // What is still being typed.
        ("pap", &["Jam on paper towels", "Paper jam in the café"]),
        ("paper tow", &["Jam on paper towels"]),
        ("pri", &["打印机坏了 (printer)"]),
        ("\"pap\"", &[]),
        ("pap jam", &[]),
        // What means nothing here.
        ("%", &[]),
        ("p_per", &[]),
        ("' & | ! ( ) : * <-> \\", &[]),
        ("-jam", &[]),
        ("… – —", &[]),
        ("🔥🔥", &[]),
        ("OR AND NOT", &[]),
        ("'; DROP TABLE x; --", &[]),
    ] {
        for person in [&ada, &ulla] {
            assert_eq!(found(&app, person, text).await, titles, "{text}");
        }
    }
}

#[tokio::test]
async fn slips_of_the_fingers_are_forgiven_and_it_is_said_what_was_taken_for_them() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    let ticket = ticket(&ulla, "Printer on fire", "The projector does not project").await;
    comment(&ulla, &ticket, "Принтер горит, and the stapler too").await;
    for (text, corrected, hit) in [
        ("pritner", "printer", "[Printer] on fire"),
        ("prnter fire", "printer fire", "[Printer] on [fire]"),
        ("porjector", "projector", "The [projector] does not project"),
        ("stappler", "stapler", "Принтер горит, and the [stapler] too"),
        ("принетр", "принтер", "[Принтер] горит, and the stapler too"),
    ] {
        for person in [&ada, &ulla] {
            let found = search(&app, person, &[("q", text)]).await;
            assert_eq!(found["corrected"], corrected, "{text}: {found}");
            let shown = matches(&results(&found)[0]);
            assert!(
                shown.iter().any(|(_, snippet)| snippet == hit),
                "{text}: {shown:?}"
            );
        }
    }
    let right = search(&app, &ada, &[("q", "printer")]).await;
    assert_eq!(right["corrected"], Value::Null);
    let nothing = search(&app, &ada, &[("q", "xylophone")]).await;
    assert_eq!(
        (&nothing["corrected"], &nothing["total"]),
        (&Value::Null, &json!(0))
    );
}

/// A word that is in an internal note and in another's ticket, but in nothing that Ulla may read.
#[tokio::test]
async fn what_the_searcher_may_not_see_is_neither_found_nor_counted_nor_offered() {
    let app = TestApp::new().await;
    let (ada, otto) = (app.admin("Ada").await, app.auditor("Otto").await);
    let (ulla, theo) = (app.user("Ulla").await, app.user("Theo").await);
    let gus = app.guest("Gus").await;
    let own = ticket(&ulla, "My own printer", "It does not print any more").await;
    let other = ticket(&ulla, "My own scanner", "It does not scan any more").await;
    note(&ada, &own, "canarynote: she breaks every printer").await;
    comment(&ada, &own, "We look at the printer tomorrow").await;
    ticket(&theo, "Theo's canaryticket printer", "He breaks it all the time").await;

    for person in [&ada, &otto] {
        assert_eq!(found(&app, person, "canarynote").await, ["My own printer"]);
        assert_eq!(found(&app, person, "canaryticket").await.len(), 1);
    }
    let shown = search(&app, &ada, &[("q", "canarynote")]).await;
    assert_eq!(results(&shown)[0]["matches"][0]["isInternal"], true);
    for person in [&ulla, &gus] {
        for text in [
            "canarynote",
            "canaryticket",
            "canary",
            "canarynoet",
            "canaryn",
            "breaks",
            "\"breaks every\"",
        ] {
            let found = search(&app, person, &[("q", text)]).await;
            let nothing = json!({
                "results": [], "total": 0, "totalIsExact": true, "corrected": null, "nextCursor": null,
            });
            assert_eq!(found, nothing, "{text}");
        }
    }
    assert_eq!(found(&app, &gus, "printer").await, [""; 0]);
    // What is hidden changes neither the order nor what is shown.
    let before = search(&app, &ulla, &[("q", "any more OR printer")]).await;
    note(&ada, &other, "printer printer printer, any more").await;
    note(&ada, &other, "printer again").await;
    let after = search(&app, &ulla, &[("q", "any more OR printer")]).await;
    assert_eq!(before, after);
    let found = search(&app, &ulla, &[("q", "printer")]).await;
    let [result] = results(&found) else {
        panic!("{found}")
    };
    assert_eq!(
        matches(result),
        [
            ("title", "My own [printer]".to_owned()),
            ("comment", "We look at the [printer] tomorrow".to_owned()),
        ]
    );
    assert_eq!(result["ticket"]["_count"]["comments"], 1);
}

#[tokio::test]
async fn only_the_newest_title_is_found_and_nothing_of_what_is_deleted() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    let ticket = ticket(&ulla, "Wombat printer", "The numbat is a marsupial").await;
    comment(&ulla, &ticket, "So is the bilby").await;
    let change = json!({ "title": "Echidna printer", "description": "The platypus is none" });
    ada.patch(&path_of(&ticket), &change).await.good();
    for person in [&ada, &ulla] {
        for (text, count) in [
            ("wombat", 0),
            ("numbat", 0),
            ("echidna", 1),
            ("platypus printer", 1),
            ("bilby", 1),
        ] {
            assert_eq!(found_count(&app, person, text).await, count, "{text}");
        }
    }
    ada.delete(&path_of(&ticket)).await.is(200);
    for person in [&ada, &ulla] {
        for text in [
            "echidna",
            "platypus",
            "bilby",
            "bilbi",
            ticket["id"].as_str().unwrap(),
        ] {
            assert_eq!(found_count(&app, person, text).await, 0, "{text}");
        }
    }
}

#[tokio::test]
async fn a_ticket_that_is_called_by_its_number_comes_first() {
    let app = TestApp::new().await;
    let (ada, ulla, theo) = (
        app.admin("Ada").await,
        app.user("Ulla").await,
        app.user("Theo").await,
    );
    let called = ticket(&ulla, "The one that is called", "Nothing else to be said here").await;
    let id = called["id"].as_str().unwrap();
    let number = format!("#{}", &id[..8]);
    let text = format!("It is about {number}, which is {id}");
    ticket(&ulla, &format!("See {number}"), &text).await;
    let end = format!("#{}", &id[id.len() - 8..]);
    for text in [
        number.as_str(),
        &id[..8],
        &number.to_uppercase(),
        id,
        &end,
        &end[1..],
    ] {
        let titles = found(&app, &ada, text).await;
        assert!(
            titles.contains(&"The one that is called".to_owned()),
            "{text}: {titles:?}"
        );
        if text == id || end.contains(text) {
            assert_eq!(titles[0], "The one that is called");
        }
        assert_eq!(found(&app, &theo, text).await, [""; 0], "{text}");
    }
}

#[tokio::test]
async fn pages_follow_each_other_and_filters_hold() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    for number in 0..7 {
        let ticket = ticket(&ulla, &format!("Lemur number {number}"), "It jumps around").await;
        if number % 2 == 0 {
            let change = json!({ "status": "WAITING", "priority": "HIGH", "assignedToId": ada.id() });
            ada.patch(&path_of(&ticket), &change).await.good();
        }
    }
    for person in [&ada, &ulla] {
        let mut titles: Vec<String> = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = search(
                &app,
                person,
                &[("q", "lemur"), ("limit", "3"), ("cursor", &cursor)],
            )
            .await;
            assert_eq!(page["total"], 7);
            let page_titles = results(&page)
                .iter()
                .map(|result| result["ticket"]["title"].to_string());
            titles.extend(page_titles);
            match page["nextCursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => break,
            }
        }
        assert_eq!(titles.len(), 7, "{titles:?}");
        titles.sort();
        titles.dedup();
        assert_eq!(titles.len(), 7, "{titles:?}");
        for (name, value, count) in [
            ("status", "WAITING", 4),
            ("status", "OPEN,WAITING", 7),
            ("status", "CLOSED", 0),
            ("priority", "HIGH", 4),
            ("category", "HARDWARE", 7),
            ("assignee", "none", 3),
            ("assignee", ada.id(), 4),
        ] {
            let found = search(&app, person, &[("q", "lemur"), (name, value)]).await;
            assert_eq!(found["total"], count, "{name}={value}");
        }
    }
}

#[tokio::test]
async fn a_wrong_question_is_told_and_no_question_is_an_error_of_the_server() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    ulla.new_ticket("Printer on fire").await;
    let long = format!("q={}", "x".repeat(10_000));
    for (field, query) in [
        ("q", ""),
        ("q", "q="),
        ("q", "q=%20"),
        ("q", "q=a%00b"),
        ("q", "q=a%0Ab"),
        ("q", "q=a%E2%80%AEb"),
        ("q", &long),
        ("limit", "q=a&limit=0"),
        ("limit", "q=a&limit=51"),
        ("cursor", "q=a&cursor=nonsense"),
        ("status", "q=a&status=DONE"),
        ("assignee", "q=a&assignee=nobody"),
        ("colour", "q=a&colour=red"),
    ] {
        ada.get(&format!("/api/search?{query}")).await.blames(422, field);
    }
    ada.get("/api/search?q=%ff").await.problem(400);
    app.operator("Opa")
        .await
        .get("/api/search?q=a")
        .await
        .problem(403);
    app.anonymous().get("/api/search?q=a").await.problem(401);
    let hostile = [
        "a ".repeat(100),
        "打".repeat(200),
        "\"a b\" ".repeat(33),
        "-a ".repeat(60),
        "a OR ".repeat(40),
        "((((((((".to_owned(),
        "\u{301}\u{301}\u{301}a".to_owned(),
        "jam' OR '1'='1".to_owned(),
        "a:*b & !!c <-> d".to_owned(),
        "ﷺ".repeat(200),
        "עברית שלום".to_owned(),
        "#".to_owned(),
        format!("#{}", "f".repeat(32)),
    ];
    for text in hostile {
        for person in [&ada, &ulla] {
            search(&app, person, &[("q", &text)]).await;
        }
    }
}

#[tokio::test]
async fn what_an_auditor_searches_for_is_recorded() {
    let app = TestApp::new().await;
    let otto = app.auditor("Otto").await;
    search(&app, &otto, &[("q", " printer "), ("status", "OPEN")]).await;
    let admin = app.database().admin().await;
    let row = admin
        .query_one(
            "SELECT payload::text FROM log.events WHERE category = 'access' ORDER BY position DESC LIMIT 1",
            &[],
        )
        .await
        .unwrap();
    let accessed: Value = serde_json::from_str(row.get(0)).unwrap();
    assert_eq!(
        accessed,
        json!({ "what": "TICKET_LIST", "ticket": null, "detail": "search=printer&status=OPEN" })
    );
}
