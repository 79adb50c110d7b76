//! The description of the live protocol (AsyncAPI 3), made of the very catalogue that realtime emits by.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Map, Value, json};
use utoipa::openapi::{RefOr, Schema};
use wire::live::catalogue::{CATALOGUE, Entry, Kind, Shape};
use wire::live::{ConnectRefused, Handshake, Refused};

/// The Socket.IO protocol's own version, which is not that of its libraries.
const SOCKET_IO_PROTOCOL: &str = "5";

const DESCRIPTION: &str = "\
What goes to and fro between Informejo and its clients beside HTTP, over Socket.IO.\n\n\
**How Socket.IO is described here.** The channel is the namespace `/`, the only one. A message is an EVENT packet: \
`x-socketio.event` is its first element, and its payload here is the array of the others, the event's arguments in \
order. A reply is an ACK packet, and its payload the array of what the acknowledgement's callback gets: exactly one \
object. The server acknowledges what asks for it, and asks for nothing itself. Nothing is binary.\n\n\
**Beginning.** A client sends CONNECT with `auth` and is either connected, when `welcome` is the first event, or gets \
CONNECT_ERROR, whose data is the payload of `connect_error`.\n\n\
**Missing nothing.** `meta.position` of a broadcast is its place in the log. Whoever connects with the last one that it \
has seen is told what it missed and may see, in order and once, then `caught-up`, then what happens. Where that is too \
much, there is `resync` instead.\n\n\
Objects are those of the HTTP API (`/api/openapi.json`). More members and more events may be added; clients ignore what \
they do not know.";

/// The description as JSON, made once.
pub fn asyncapi() -> &'static str {
    static JSON: LazyLock<String> = LazyLock::new(|| format!("{:#}", document()));
    &JSON
}

fn document() -> Value {
    let mut messages = handshake_messages();
    let mut operations = Map::new();
    operations.insert("connect".to_owned(), connect());
    for entry in CATALOGUE {
        messages.insert(key(entry), message(entry));
        if let Some(answer) = entry.answer {
            messages.insert(answer_key(entry), answer_message(entry, answer));
        }
        operations.insert(key(entry), operation(entry));
    }
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Informejo live",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
            "license": { "name": "MIT OR Apache-2.0" },
        },
        "defaultContentType": "application/json",
        "servers": { "informejo": server() },
        "channels": { "live": channel(&messages) },
        "operations": operations,
        "components": {
            "schemas": schemas(),
            "securitySchemes": {
                "session": {
                    "type": "httpApiKey",
                    "name": "informejo_session",
                    "in": "cookie",
                    "description": "Set by signing in (`__Host-informejo_session` behind https). Counts for pages of \
                        this server only, by their `Origin`.",
                },
                "token": {
                    "type": "apiKey",
                    "in": "user",
                    "description": "`auth.token` of the CONNECT packet: the `token` of the answer to signing in.",
                },
            },
        },
    })
}

fn server() -> Value {
    json!({
        "host": "{host}",
        "pathname": "/socket.io/",
        "protocol": "ws",
        "protocolVersion": SOCKET_IO_PROTOCOL,
        "description": "The port that serves HTTP. Over a websocket (`?EIO=4&transport=websocket`) or, where that does \
            not get through, over long polling (`transport=polling`). Protocol version 5 of Socket.IO is what its \
            libraries 3 and 4 speak.",
        "variables": { "host": { "default": "localhost:3003", "description": "As in the page's address." } },
        "security": [
            { "$ref": "#/components/securitySchemes/session" },
            { "$ref": "#/components/securitySchemes/token" },
        ],
    })
}

fn channel(messages: &Map<String, Value>) -> Value {
    json!({
        "address": "/",
        "title": "The namespace",
        "description": "Rooms are the server's own business: a client asks for a ticket's room, and is put into the \
            others (`admins`, `operators`) by what its account may do.",
        "messages": messages,
        "bindings": {
            "ws": {
                "method": "GET",
                "query": {
                    "type": "object",
                    "properties": {
                        "EIO": { "type": "string", "enum": ["4"], "description": "Version of Engine.IO's protocol." },
                        "transport": { "type": "string", "enum": ["websocket", "polling"] },
                    },
                    "required": ["EIO", "transport"],
                },
                "bindingVersion": "0.1.0",
            },
        },
        "tags": Kind::ALL.map(tag),
    })
}

fn tag(kind: Kind) -> Value {
    json!({ "name": kind.name(), "description": kind.description() })
}

/// An event's name as a key. Requests have keys of their own, because a name may go both ways.
fn key(entry: &Entry) -> String {
    let name = entry.name.replace(':', ".");
    match entry.kind {
        Kind::Request => format!("{name}.request"),
        Kind::Broadcast | Kind::Control | Kind::Signal => name,
    }
}

fn answer_key(entry: &Entry) -> String {
    format!("{}.answer", entry.name.replace(':', "."))
}

fn message(entry: &Entry) -> Value {
    let shapes: Vec<Value> = entry
        .arguments
        .iter()
        .map(|(_, shape)| reference(*shape))
        .collect();
    let names: Vec<&str> = entry.arguments.iter().map(|(name, _)| *name).collect();
    let whose = match entry.kind {
        Kind::Request => "From",
        Kind::Broadcast | Kind::Control | Kind::Signal => "To",
    };
    json!({
        "name": entry.name,
        "title": entry.name,
        "summary": entry.summary,
        "description": format!("{whose}: {}.", entry.audience),
        "tags": [{ "name": entry.kind.name() }],
        "payload": tuple(&shapes),
        "x-socketio": { "packet": "EVENT", "event": entry.name, "arguments": names },
    })
}

fn answer_message(entry: &Entry, answer: Shape) -> Value {
    let either = json!({ "anyOf": [reference(answer), reference(Shape::of::<Refused>())] });
    json!({
        "name": format!("{} acknowledged", entry.name),
        "title": format!("Acknowledgement of {}", entry.name),
        "summary": "Whether it was done, and if not, why not.",
        "payload": tuple(&[either]),
        "x-socketio": { "packet": "ACK", "event": entry.name, "arguments": ["answer"] },
    })
}

/// A packet's arguments.
fn tuple(shapes: &[Value]) -> Value {
    let count = shapes.len();
    let mut tuple = json!({ "type": "array", "minItems": count, "maxItems": count });
    if count > 0 {
        tuple["items"] = shapes.into();
    }
    tuple
}

fn operation(entry: &Entry) -> Value {
    let action = match entry.kind {
        Kind::Request => "receive",
        Kind::Broadcast | Kind::Control | Kind::Signal => "send",
    };
    let mut operation = json!({
        "action": action,
        "channel": { "$ref": "#/channels/live" },
        "summary": entry.summary,
        "tags": [{ "name": entry.kind.name() }],
        "messages": [message_reference(&key(entry))],
    });
    if entry.answer.is_some() {
        operation["reply"] = json!({
            "channel": { "$ref": "#/channels/live" },
            "messages": [message_reference(&answer_key(entry))],
        });
    }
    operation
}

fn message_reference(key: &str) -> Value {
    json!({ "$ref": format!("#/channels/live/messages/{key}") })
}

fn handshake_messages() -> Map<String, Value> {
    let connected = json!({
        "type": "object",
        "properties": { "sid": { "type": "string", "description": "The client's id of this connection." } },
        "required": ["sid"],
    });
    let messages = [
        (
            "connect",
            "CONNECT",
            "A client asks to be let in.",
            reference(Shape::of::<Handshake>()),
        ),
        ("connected", "CONNECT", "It is in. `welcome` follows.", connected),
        (
            "connect_error",
            "CONNECT_ERROR",
            "It is not let in.",
            reference(Shape::of::<ConnectRefused>()),
        ),
    ];
    let described = messages.map(|(name, packet, summary, payload)| {
        let message = json!({
            "name": name,
            "summary": summary,
            "payload": payload,
            "x-socketio": { "packet": packet },
        });
        (name.to_owned(), message)
    });
    described.into_iter().collect()
}

fn connect() -> Value {
    json!({
        "action": "receive",
        "channel": { "$ref": "#/channels/live" },
        "summary": "Begin, or come back.",
        "messages": [message_reference("connect")],
        "reply": {
            "channel": { "$ref": "#/channels/live" },
            "messages": [message_reference("connected"), message_reference("connect_error")],
        },
    })
}

/// The named schemas that all messages need.
fn schemas() -> BTreeMap<String, RefOr<Schema>> {
    let shapes = [
        Shape::of::<Handshake>(),
        Shape::of::<ConnectRefused>(),
        Shape::of::<Refused>(),
    ];
    let events = CATALOGUE.iter().flat_map(|entry| {
        let arguments = entry.arguments.iter().map(|(_, shape)| *shape);
        arguments.chain(entry.answer)
    });
    let mut schemas = Vec::new();
    for shape in shapes.into_iter().chain(events) {
        shape.collect(&mut schemas);
    }
    schemas.into_iter().collect()
}

fn reference(shape: Shape) -> Value {
    serde_json::to_value(shape.reference()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_leads_somewhere() {
        let document: Value = serde_json::from_str(asyncapi()).unwrap();
        let mut references = 0;
        for part in asyncapi().split("\"$ref\": \"#").skip(1) {
            let pointer = part.split('"').next().unwrap();
            assert!(document.pointer(pointer).is_some(), "{pointer}");
            references += 1;
        }
        assert!(references > 100, "{references}");
    }

    #[test]
    fn every_event_has_a_message_and_an_operation_in_its_direction() {
        let document: Value = serde_json::from_str(asyncapi()).unwrap();
        for entry in CATALOGUE {
            let key = key(entry);
            let message = &document["channels"]["live"]["messages"][&key];
            assert_eq!(message["x-socketio"]["event"], entry.name);
            let operation = &document["operations"][&key];
            let is_request = entry.kind == Kind::Request;
            assert_eq!(
                operation["action"],
                if is_request { "receive" } else { "send" },
                "{key}"
            );
            assert_eq!(operation["reply"].is_object(), is_request, "{key}");
        }
    }
}
