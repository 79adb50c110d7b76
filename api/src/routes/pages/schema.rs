//! Shapes of JSON, as tables and examples for people.

use maud::{Markup, html};
use serde_json::{Map, Value};

/// How deep an example is written out; shapes may contain themselves.
const DEPTH_MAX: usize = 6;

/// The document's named shapes.
pub(super) struct Schemas<'a>(&'a Value);

impl<'a> Schemas<'a> {
    pub(super) fn of(document: &'a Value) -> Self {
        Self(&document["components"]["schemas"])
    }

    /// What `schema` refers to.
    fn resolved<'b>(&'b self, schema: &'b Value) -> &'b Value {
        let name = schema["$ref"]
            .as_str()
            .and_then(|reference| reference.rsplit('/').next());
        if let Some(name) = name {
            return &self.0[name];
        }
        // One of null and something: the something.
        let choices = schema["oneOf"].as_array().into_iter().flatten();
        let mut things = choices.filter(|choice| choice["type"] != "null");
        match (things.next(), things.next()) {
            (Some(only), None) => self.resolved(only),
            _ => schema,
        }
    }

    /// The fields of an object, one a row.
    pub(super) fn table(&self, schema: &Value) -> Markup {
        let schema = self.resolved(schema);
        let required: Vec<_> = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .map(text)
            .collect();
        html! {
            table {
                tbody {
                    @for (name, field) in schema["properties"].as_object().into_iter().flatten() {
                        tr {
                            th scope="row" {
                                code { (name) }
                                @if required.contains(&name.as_str()) { span.must title="required" { "*" } }
                            }
                            td.type { (self.kind(field)) }
                            td { (prose(self.description(field))) }
                        }
                    }
                }
            }
        }
    }

    /// The table of an object, or of a list's items, to be opened.
    pub(super) fn details(&self, schema: &Value) -> Markup {
        let resolved = self.resolved(schema);
        let (of, what) = match resolved.get("items") {
            Some(items) => (items, "Fields of each item"),
            None => (resolved, "Fields"),
        };
        let has_fields = self.resolved(of)["properties"]
            .as_object()
            .is_some_and(|fields| !fields.is_empty());
        html! { @if has_fields { details { summary { (what) } (self.table(of)) } } }
    }

    /// An example of some content: the document's own, or one made of its fields' examples.
    pub(super) fn example(&self, title: &str, content: &Value) -> Markup {
        let example = match content.get("example") {
            Some(example) => example.clone(),
            None => self.sample(&content["schema"], 0),
        };
        let pretty = serde_json::to_string_pretty(&example).unwrap_or_default();
        let says_something = !matches!(&example, Value::Null) && example != Value::Object(Map::new());
        html! { @if says_something { details { summary { (title) } pre { code { (pretty) } } } } }
    }

    fn description<'b>(&'b self, field: &'b Value) -> &'b str {
        match text(&field["description"]) {
            "" => text(&self.resolved(field)["description"]),
            said => said,
        }
    }

    fn kind(&self, field: &Value) -> String {
        let own = kind_of(field);
        let resolved = self.resolved(field);
        match (own.as_str(), resolved.get("items")) {
            (_, Some(items)) => format!("list of {}", self.kind(items)),
            ("", None) => kind_of(resolved),
            _ => own,
        }
    }

    fn sample(&self, schema: &Value, depth: usize) -> Value {
        let said = schema.get("example").or_else(|| schema["examples"].get(0));
        if let Some(example) = said {
            return example.clone();
        }
        let resolved = self.resolved(schema);
        let said = resolved.get("example").or_else(|| resolved["examples"].get(0));
        if let Some(example) = said {
            return example.clone();
        }
        if depth == DEPTH_MAX {
            return Value::Null;
        }
        if let Some(items) = resolved.get("items") {
            return Value::Array(vec![self.sample(items, depth + 1)]);
        }
        if let Some(fields) = resolved["properties"].as_object() {
            let sample = |(name, field): (&String, &Value)| (name.clone(), self.sample(field, depth + 1));
            return Value::Object(fields.iter().map(sample).collect());
        }
        plain_sample(resolved)
    }
}

/// A value of a plain type.
fn plain_sample(schema: &Value) -> Value {
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    let kind = kind_of(schema);
    let kind = kind.split(' ').next().unwrap_or_default();
    match (kind, text(&schema["format"])) {
        ("string", "uuid") => "01a205d1-a6f4-7707-8707-070707070707".into(),
        ("string", "date-time") => "2026-11-23T00:32:35.572Z".into(),
        ("string", _) => "…".into(),
        ("integer" | "number", _) => 0.into(),
        ("boolean", _) => false.into(),
        ("object", _) => Value::Object(Map::new()),
        _ => Value::Null,
    }
}

/// The type that a schema names itself: `string`, `string or null`; nothing if it names none.
fn kind_of(schema: &Value) -> String {
    match &schema["type"] {
        Value::String(kind) => kind.clone(),
        Value::Array(kinds) => kinds.iter().map(text).collect::<Vec<_>>().join(" or "),
        _ => String::new(),
    }
}

/// A text of the document; nothing if it is none.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A description, with what stands in backticks as code.
pub(super) fn prose(said: &str) -> Markup {
    html! {
        @for (index, part) in said.split('`').enumerate() {
            @if index % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_example_is_made_of_the_fields_examples() {
        let document = json!({"components": {"schemas": {
            "Person": {"type": "object", "properties": {
                "id": {"type": "string", "format": "uuid"},
                "name": {"type": "string", "example": "Ada"},
                "boss": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Person"}]}
            }}
        }}});
        let schemas = Schemas::of(&document);
        let list = json!({"type": "array", "items": {"$ref": "#/components/schemas/Person"}});
        let sample = schemas.sample(&list, 0);
        assert_eq!(sample[0]["name"], "Ada");
        assert_eq!(sample[0]["boss"]["name"], "Ada");
        assert_eq!(schemas.kind(&list), "list of object");
    }
}
