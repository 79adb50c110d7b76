//! `GET /docs`: the description of the API, for people. Made on the server from the very document that programs read, so
//! that it needs no script and cannot differ.

use std::sync::LazyLock;

use http::HeaderMap;
use maud::{DOCTYPE, Markup, html};
use serde_json::{Map, Value};

use super::html_headers;
use super::schema::{Schemas, prose, text};
use super::style;
use crate::openapi;

/// The order in which the methods of a path are shown.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The page, made once.
pub(super) async fn get_docs() -> (HeaderMap, &'static str) {
    static PAGE: LazyLock<String> = LazyLock::new(|| {
        let document = serde_json::from_str(openapi::json()).unwrap_or(Value::Null);
        page(&document).into_string()
    });
    (html_headers(), &PAGE)
}

/// An endpoint, as the document has it.
struct Operation<'a> {
    method: &'static str,
    path: &'a str,
    said: &'a Value,
}

impl Operation<'_> {
    fn name(&self) -> &str {
        text(&self.said["operationId"])
    }

    fn is_in(&self, tag: &str) -> bool {
        list(&self.said["tags"]).any(|one| one == tag)
    }

    /// Who may ask.
    fn access(&self) -> &'static str {
        let is_open = |way: &Value| way.as_object().is_some_and(Map::is_empty);
        if list(&self.said["security"]).any(is_open) {
            "open to everybody"
        } else {
            "for those signed in"
        }
    }
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let mut operations = Vec::new();
    for (path, item) in entries(&document["paths"]) {
        for method in METHODS {
            if let Some(said) = item.get(method) {
                operations.push(Operation { method, path, said });
            }
        }
    }
    operations
}

fn page(document: &Value) -> Markup {
    let operations = operations(document);
    let schemas = Schemas::of(document);
    let info = &document["info"];
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Informejo API" }
                link rel="stylesheet" href=(style::PATH);
            }
            body.docs {
                (navigation(document, &operations))
                main id="content" {
                    header {
                        h1 { (text(&info["title"])) " API" }
                        p.version {
                            "Version " (text(&info["version"])) " · "
                            a href="/api/openapi.json" { "OpenAPI document" }
                            " · "
                            a href="/api/asyncapi.json" { "live protocol (AsyncAPI document)" }
                        }
                        @for paragraph in text(&info["description"]).split("\n\n") { p { (prose(paragraph)) } }
                    }
                    @for tag in list(&document["tags"]) { (group(tag, &operations, &schemas)) }
                }
            }
        }
    }
}

fn navigation(document: &Value, operations: &[Operation<'_>]) -> Markup {
    html! {
        nav aria-label="Endpoints" {
            a.skip href="#content" { "Skip to the description" }
            a.brand href="/" { span.mark aria-hidden="true" { "i" } "Informejo" }
            @for tag in list(&document["tags"]) {
                @let name = text(&tag["name"]);
                @if operations.iter().any(|operation| operation.is_in(name)) {
                    h2 { (name) }
                    ul {
                        @for operation in operations.iter().filter(|operation| operation.is_in(name)) {
                            li {
                                a href={ "#" (operation.name()) } {
                                    (method(operation.method))
                                    span { (text(&operation.said["summary"])) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn group(tag: &Value, operations: &[Operation<'_>], schemas: &Schemas<'_>) -> Markup {
    let name = text(&tag["name"]);
    html! {
        @if operations.iter().any(|operation| operation.is_in(name)) {
            section.group {
                h2 id={ "group-" (name) } { (name) }
                p { (text(&tag["description"])) }
                @for operation in operations.iter().filter(|operation| operation.is_in(name)) {
                    (section(operation, schemas))
                }
            }
        }
    }
}

fn section(operation: &Operation<'_>, schemas: &Schemas<'_>) -> Markup {
    let said = operation.said;
    html! {
        article.operation id=(operation.name()) {
            h3 { a href={ "#" (operation.name()) } { (text(&said["summary"])) } }
            p.place {
                (method(operation.method)) " " code { (operation.path) }
                span.access { (operation.access()) }
            }
            @for paragraph in text(&said["description"]).split("\n\n").filter(|text| !text.is_empty()) {
                p { (prose(paragraph)) }
            }
            @if list(&said["parameters"]).next().is_some() {
                h4 { "Parameters" }
                table { tbody { @for parameter in list(&said["parameters"]) { (parameter_row(parameter)) } } }
            }
            @for (media_type, content) in entries(&said["requestBody"]["content"]) {
                h4 { "Body " code { (media_type) } }
                (schemas.table(&content["schema"]))
                (schemas.example("Example", content))
            }
            h4 { "Answers" }
            (answers(&said["responses"], schemas))
        }
    }
}

fn parameter_row(parameter: &Value) -> Markup {
    html! {
        tr {
            th scope="row" {
                code { (text(&parameter["name"])) }
                @if parameter["required"] == true { span.must title="required" { "*" } }
            }
            td.type { (text(&parameter["in"])) }
            td { (prose(text(&parameter["description"]))) }
        }
    }
}

/// What is hoped for, one a row; what may go wrong, to be opened.
fn answers(responses: &Value, schemas: &Schemas<'_>) -> Markup {
    let (problems, hoped): (Vec<_>, Vec<_>) =
        entries(responses).partition(|(status, _)| status.as_str() >= "400");
    html! {
        table {
            tbody {
                @for (status, answer) in hoped {
                    tr {
                        th scope="row" { span.status.good { (status) } }
                        td {
                            p { (prose(text(&answer["description"]))) }
                            @for (_, content) in entries(&answer["content"]) {
                                (schemas.details(&content["schema"]))
                                (schemas.example("Example", content))
                            }
                        }
                    }
                }
            }
        }
        @if !problems.is_empty() {
            details {
                summary { "Problems: " @for (status, _) in &problems { (status) " " } }
                table {
                    tbody {
                        @for (status, answer) in &problems {
                            tr {
                                th scope="row" { span.status { (status) } }
                                td { p { (prose(text(&answer["description"]))) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn method(method: &str) -> Markup {
    html! { span class={ "method " (method) } { (method.to_uppercase()) } }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_endpoint_is_on_the_page_and_nothing_is_fetched_from_elsewhere() {
        let document: Value = serde_json::from_str(openapi::json()).unwrap();
        let page = page(&document).into_string();
        for operation in operations(&document) {
            assert!(
                page.contains(&format!("id=\"{}\"", operation.name())),
                "{}",
                operation.path
            );
        }
        // Addresses in examples are text.
        for forbidden in ["href=\"http", "href=\"//", "src=", "style=", "<script", "url("] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
    }

    #[test]
    fn what_a_description_says_is_text() {
        let document = json!({
            "info": {"title": "<b>"},
            "tags": [{"name": "t"}],
            "paths": {"/<i>": {"get": {
                "operationId": "x", "summary": "<script>", "description": "`<u>`", "tags": ["t"],
                "responses": {"200": {"description": "<s>"}}
            }}}
        });
        let page = page(&document).into_string();
        for tag in ["<b>", "<i>", "<script>", "<u>", "<s>"] {
            assert!(!page.contains(tag), "{tag}");
        }
        assert!(page.contains("<code>&lt;u&gt;</code>"));
    }
}
