//! Holding frames against the document of the protocol.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tests::socketio::{violation_of_answer, violation_of_event, violation_of_refusal};

#[test]
fn the_document_is_valid_by_the_schema_that_asyncapi_publishes() {
    let published =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("node/node_modules/@asyncapi/specs/schemas/3.0.0.json");
    let published = fs::read_to_string(&published)
        .unwrap_or_else(|error| panic!("{}: {error}; `make setup` brings it", published.display()));
    let schema: Value = serde_json::from_str(&published).unwrap();
    let validator = jsonschema::draft7::new(&schema).unwrap();
    let mut document: Value = serde_json::from_str(api::asyncapi()).unwrap();
    let faults: Vec<String> = validator
        .iter_errors(&document)
        .map(|error| format!("{:?}: {error}", error.instance_path().as_str()))
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));

    // And the schema would tell.
    document["operations"]["welcome"]["action"] = "shout".into();
    assert!(!validator.is_valid(&document));
}

#[test]
fn what_is_not_described_is_found() {
    let fine = json!([{ "position": 7 }]);
    assert_eq!(violation_of_event("bookmark", &fine), None);
    let wrong = [
        ("bookmark", json!([{ "position": "7" }])),
        ("bookmark", json!([{}])),
        ("bookmark", json!([{ "position": 7, "more": 1 }])),
        ("bookmark", json!([{ "position": 7 }, { "position": 7 }])),
        ("bookmark", json!([])),
        ("bookmarks", fine),
        ("join-ticket", json!(["00000000-0000-4000-8000-000000000000"])),
        (
            "viewers:changed",
            json!([{ "ticket": "not an id", "viewers": [] }]),
        ),
        (
            "viewers:changed",
            json!([{ "ticket": "00000000-0000-4000-8000-000000000000", "viewers": [{ "name": "Ada" }] }]),
        ),
    ];
    for (event, args) in wrong {
        assert!(violation_of_event(event, &args).is_some(), "{event} {args}");
    }
}

#[test]
fn acknowledgements_and_refusals_are_held_against_it_too() {
    let refused =
        json!([{ "ok": false, "error": "limited", "limit": "rooms-per-socket", "retryAfterMs": 5 }]);
    for (event, args) in [
        ("join-ticket", json!([{ "ok": true, "position": 3 }])),
        ("join-ticket", refused),
        ("leave-ticket", json!([{ "ok": true }])),
    ] {
        assert_eq!(violation_of_answer(event, &args), None);
    }
    for (event, args) in [
        ("join-ticket", json!([{ "ok": true }])),
        ("join-ticket", json!([{ "ok": false }])),
        ("join-ticket", json!([])),
        ("leave-ticket", json!([{ "ok": true, "position": 3 }])),
        ("dance", json!([{ "ok": true }])),
    ] {
        assert!(violation_of_answer(event, &args).is_some(), "{event} {args}");
    }
    for message in [
        "unauthorized",
        "unavailable",
        "bad request: position is not a number",
        "limited: sockets-per-account; retry in 1000 ms",
    ] {
        assert_eq!(violation_of_refusal(&json!({ "message": message })), None);
    }
    assert!(violation_of_refusal(&json!({ "message": "no" })).is_some());
}
