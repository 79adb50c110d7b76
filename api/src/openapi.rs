//! The description of the API (OpenAPI), collected from the endpoints, and what holds for all of them.

use std::sync::LazyLock;

use utoipa::OpenApi;
use utoipa::openapi::path::{Operation, Parameter};
use utoipa::openapi::schema::ObjectBuilder;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, HeaderBuilder, Object, OpenApi as Document, PathItem, Ref, RefOr, Response,
    ResponseBuilder, Responses, Type,
};
use wire::{FieldProblem, Problem};

use crate::routes;

/// Descriptions of what every endpoint may answer.
const UNREADABLE: &str = "The request cannot be read";
const INVALID: &str = "A field is wrong; `details` names every one that is";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Informejo",
        description = "A help desk whose only truth is an append-only log.\n\n\
            Sign in by `POST /api/auth/login`; the session is recognised by its cookie or by `Authorization: Bearer`. \
            Every error is a problem document (RFC 9457) with the member `error`. \
            An answer to a command has its place in the log as `X-Position`; a read with that as `Min-Position` shows at \
            least that. Commands with an `Idempotency-Key` may be repeated and have one effect; with `If-Match` they only \
            have it at that version.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    components(schemas(Problem, FieldProblem)),
    security(("session" = []), ("bearer" = [])),
    tags(
        (name = "accounts", description = "One's own account, and signing in"),
        (name = "tickets", description = "Tickets, comments and attachments"),
        (name = "guests", description = "Tickets of people without an account of their own, and their way to them"),
        (name = "people", description = "Everybody's accounts, for those who administer them"),
        (name = "audit", description = "What was, whether the record holds, and proofs of it"),
        (name = "operations", description = "How the program is doing"),
    ),
)]
struct Base;

/// The description that the routes' are added to.
pub(crate) fn base() -> Document {
    Base::openapi()
}

/// The description of the whole API.
pub fn openapi() -> Document {
    let mut document = routes::all().into_openapi();
    env!("CARGO_PKG_VERSION").clone_into(&mut document.info.version);
    add_security_schemes(&mut document);
    for item in document.paths.paths.values_mut() {
        complete(item);
    }
    document
}

/// The description as JSON, made once.
pub(crate) fn json() -> &'static str {
    static JSON: LazyLock<String> =
        LazyLock::new(|| openapi().to_pretty_json().unwrap_or_else(|_| "{}".to_owned()));
    &JSON
}

fn add_security_schemes(document: &mut Document) {
    let components = document.components.get_or_insert_default();
    let cookie = ApiKeyValue::with_description(
        "informejo_session",
        "Set by signing in; `__Host-informejo_session` behind https.",
    );
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "The `token` of the answer to signing in, or an API token (`inf_…`).",
        ));
    components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer.build()));
}

/// Says of every operation what all of them may answer, and that errors are problem documents.
fn complete(item: &mut PathItem) {
    let unsafe_ones = [&mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
    for operation in unsafe_ones.into_iter().flatten() {
        add(
            &mut operation.responses,
            "403",
            "Not permitted, or sent by another site's page",
        );
        complete_operation(operation);
    }
    if let Some(operation) = &mut item.get {
        if operation.security.is_none() {
            add(&mut operation.responses, "403", "Not permitted");
        }
        complete_operation(operation);
    }
}

fn complete_operation(operation: &mut Operation) {
    let is_public = operation.security.is_some();
    let responses = &mut operation.responses;
    if !is_public {
        add(responses, "401", "Not signed in");
    }
    if operation.request_body.is_some() {
        add(responses, "400", UNREADABLE);
        add(responses, "408", "The body did not arrive in time");
        add(responses, "413", "The body has too many bytes");
        add(responses, "415", "The body is of another media type");
        add(responses, "422", INVALID);
    }
    if operation
        .parameters
        .as_ref()
        .is_some_and(|parameters| !parameters.is_empty())
    {
        add(responses, "400", UNREADABLE);
        add(responses, "422", INVALID);
    }
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter {
            say_what_fits(parameter);
        }
    }
    add(responses, "500", "A fault of the program");
    add(
        responses,
        "503",
        "Something that is needed is away; try again after `Retry-After`",
    );
    for (status, response) in &mut responses.responses {
        if let (true, RefOr::T(response)) = (status.as_str() >= "400", response) {
            describe_problem(response);
            if status == "429" {
                describe_retry_after(response);
            }
        }
    }
}

/// Says of the headers that many commands have what may stand in them.
fn say_what_fits(parameter: &mut Parameter) {
    let pattern = match parameter.name.as_str() {
        "Idempotency-Key" => "^[!-~]{1,255}$",
        "If-Match" => r#"^(\*|(W/)?"[!-~]*")$"#,
        _ => return,
    };
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(pattern));
    parameter.schema = Some(text.into());
}

fn add(responses: &mut Responses, status: &str, description: &str) {
    let response = || ResponseBuilder::new().description(description).build().into();
    responses
        .responses
        .entry(status.to_owned())
        .or_insert_with(response);
}

fn describe_problem(response: &mut Response) {
    if response.content.is_empty() {
        let problem = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name("Problem")))
            .build();
        response
            .content
            .insert("application/problem+json".to_owned(), problem.into());
    }
}

fn describe_retry_after(response: &mut Response) {
    let header = HeaderBuilder::new()
        .schema(Some(Object::with_type(Type::Integer)))
        .description(Some("Seconds until it may be tried again"));
    response
        .headers
        .insert("Retry-After".to_owned(), RefOr::T(header.build()));
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::Value;

    use super::*;

    fn operations(document: &Value) -> Vec<(String, &Value)> {
        let paths = document["paths"].as_object().unwrap();
        let items = paths.iter().flat_map(|(path, item)| {
            item.as_object()
                .unwrap()
                .iter()
                .map(move |(method, operation)| (format!("{method} {path}"), operation))
        });
        items.collect()
    }

    #[test]
    fn every_operation_is_named_told_of_and_has_problems_for_errors() {
        let document: Value = serde_json::from_str(json()).unwrap();
        let mut names = HashSet::new();
        let operations = operations(&document);
        assert!(operations.len() >= 12, "{}", operations.len());
        for (place, operation) in operations {
            assert!(
                names.insert(operation["operationId"].as_str().unwrap()),
                "{place}: its name is taken"
            );
            assert!(operation["summary"].is_string(), "{place} has no summary");
            assert_eq!(operation["tags"].as_array().unwrap().len(), 1, "{place}");
            for (status, response) in operation["responses"].as_object().unwrap() {
                let media = &response["content"]["application/problem+json"];
                let is_problem = media["schema"]["$ref"] == "#/components/schemas/Problem";
                let is_readiness = place == "get /ready" && status == "503";
                assert_eq!(
                    is_problem,
                    status.as_str() >= "400" && !is_readiness,
                    "{place} {status}"
                );
            }
        }
    }

    #[test]
    fn every_schema_that_is_referred_to_is_there() {
        let document: Value = serde_json::from_str(json()).unwrap();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        for part in json().split("\"#/components/schemas/").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(schemas.contains_key(name), "{name}");
        }
    }
}
