//! Holds what the server sends against the document of the protocol, strictly: an event that is not in it, an argument
//! too many and a member that is not described are violations.

use std::collections::HashMap;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Value, json};

/// Finds what is wrong with an event's arguments; `None` if nothing is.
pub fn violation_of_event(event: &str, args: &Value) -> Option<String> {
    violation(&PROTOCOL.events, "event", event, args)
}

/// Finds what is wrong with an acknowledgement of `event`.
pub fn violation_of_answer(event: &str, args: &Value) -> Option<String> {
    violation(&PROTOCOL.answers, "acknowledgement of", event, args)
}

/// Finds what is wrong with the data of a CONNECT_ERROR packet.
pub fn violation_of_refusal(data: &Value) -> Option<String> {
    violation(&PROTOCOL.handshake, "handshake's", "connect_error", data)
}

fn violation(
    validators: &HashMap<String, Validator>,
    what: &str,
    name: &str,
    value: &Value,
) -> Option<String> {
    let Some(validator) = validators.get(name) else {
        return Some(format!("{what} {name} is not in /api/asyncapi.json: {value}"));
    };
    let faults: Vec<String> = validator
        .iter_errors(value)
        .map(|error| format!("at {:?}: {error}", error.instance_path().as_str()))
        .collect();
    (!faults.is_empty()).then(|| {
        format!(
            "{what} {name} is not as /api/asyncapi.json says: {}; it is {value}",
            faults.join("; ")
        )
    })
}

struct Protocol {
    events: HashMap<String, Validator>,
    answers: HashMap<String, Validator>,
    handshake: HashMap<String, Validator>,
}

static PROTOCOL: LazyLock<Protocol> = LazyLock::new(|| {
    let document: Value = serde_json::from_str(api::asyncapi()).unwrap();
    let mut components = document["components"].clone();
    let schemas = components["schemas"].as_object_mut().unwrap();
    schemas.values_mut().for_each(forbid_the_undescribed);

    // What goes to clients: what the server sends, and what it replies.
    let mut sent = Vec::new();
    for operation in document["operations"].as_object().unwrap().values() {
        let sends = operation["action"] == "send";
        let messages = if sends {
            &operation["messages"]
        } else {
            &operation["reply"]["messages"]
        };
        sent.extend(messages.as_array().unwrap().iter().cloned());
    }
    let mut protocol = Protocol {
        events: HashMap::new(),
        answers: HashMap::new(),
        handshake: HashMap::new(),
    };
    for reference in sent {
        let pointer = reference["$ref"].as_str().unwrap().trim_start_matches('#');
        let message = document.pointer(pointer).unwrap();
        let mut payload = message["payload"].clone();
        forbid_the_undescribed(&mut payload);
        let schema = json!({ "allOf": [payload], "components": components });
        let validator = jsonschema::draft7::options()
            .should_validate_formats(true)
            .with_format("uuid", |text: &str| uuid::Uuid::try_parse(text).is_ok())
            .build(&schema)
            .unwrap_or_else(|error| panic!("{pointer}: {error}"));
        let socketio = &message["x-socketio"];
        let (kind, name) = match socketio["packet"].as_str().unwrap() {
            "EVENT" => (&mut protocol.events, &socketio["event"]),
            "ACK" => (&mut protocol.answers, &socketio["event"]),
            _ => (&mut protocol.handshake, &message["name"]),
        };
        kind.insert(name.as_str().unwrap().to_owned(), validator);
    }
    protocol
});

/// Makes every object of the schema closed, so that a member that is not described is found. The document leaves them
/// open, because later versions may add some.
fn forbid_the_undescribed(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.contains_key("properties") && !members.contains_key("additionalProperties") {
                members.insert("additionalProperties".to_owned(), false.into());
            }
            members.values_mut().for_each(forbid_the_undescribed);
        }
        Value::Array(items) => items.iter_mut().for_each(forbid_the_undescribed),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
