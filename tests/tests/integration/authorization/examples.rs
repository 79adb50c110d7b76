//! What to send: the examples of the OpenAPI document.

use std::collections::HashMap;

use serde_json::{Map, Value};
use tests::app::TestApp;

/// The example body of every operation that takes one: JSON, or `FILE`.
pub(crate) struct Examples(HashMap<String, String>);

impl Examples {
    /// Those of the document that the help desk serves.
    pub(crate) async fn of(app: &TestApp) -> Self {
        let document = app.anonymous().get("/api/openapi.json").await.good();
        let mut bodies = HashMap::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let content = &operation["requestBody"]["content"];
                let body = match content.as_object() {
                    Some(types) if types.contains_key("multipart/form-data") => "FILE".to_owned(),
                    Some(_) => example(&document, &content["application/json"]["schema"]).to_string(),
                    None => continue,
                };
                let method = method.to_uppercase();
                bodies.insert(format!("{method} {}", named(path)), body);
            }
        }
        Self(bodies)
    }

    /// That of one operation; empty if it takes none.
    pub(crate) fn body(&self, method: &str, template: &str) -> &str {
        let body = self.0.get(&format!("{method} {}", named(template)));
        body.map_or("", String::as_str)
    }
}

/// A path without the names of its parameters.
pub(crate) fn named(template: &str) -> String {
    let parts = template
        .split('/')
        .map(|part| if part.starts_with('{') { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// The example of a schema, else one of its members' examples.
fn example(document: &Value, schema: &Value) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        let pointer = reference.trim_start_matches('#');
        return example(document, document.pointer(pointer).unwrap());
    }
    if let Some(example) = schema.get("example").or_else(|| schema["examples"].get(0)) {
        return example.clone();
    }
    let members = schema["properties"].as_object().into_iter().flatten();
    let members = members.filter_map(|(name, schema)| {
        let example = example(document, schema);
        (example != Value::Object(Map::new())).then(|| (name.clone(), example))
    });
    Value::Object(members.collect())
}
