//! The table: what each kind of person is answered. In the order of [`super::cast::Cast::everybody`]:
//! anonymous · guest, own ticket · guest, another's · user, own · user, another's · admin · auditor · operator.

/// One operation, as one of the requests that make a difference.
pub(crate) struct Row {
    pub(crate) method: &'static str,
    /// As in the OpenAPI document.
    pub(crate) template: &'static str,
    /// What is sent: JSON, `FILE` for an upload, `SUBMISSION` for a ticket without an account. If it is empty, the example of
    /// the OpenAPI document, where the operation takes anything.
    pub(crate) body: &'static str,
    pub(crate) expected: [u16; 8],
}

/// What programs may not do with a token, whoever it is of.
const NOT_BY_TOKEN: [&str; 6] = [
    "/api/auth/sessions",
    "/api/auth/tokens",
    "/api/auth/password",
    "/api/auth/logout",
    "/api/auth/identity",
    "/api/guest/links",
];

impl Row {
    /// What a program is answered whose token is an admin's, capped to a user's rights: as a user who tries another's ticket.
    pub(crate) fn expected_of_token(&self) -> u16 {
        let mut not_by_token = NOT_BY_TOKEN.into_iter();
        // What a link out of a mail permits, it permits whoever has it.
        let by_link = ["/api/auth/password/forgot", "/api/auth/password/reset"].contains(&self.template);
        if !by_link && not_by_token.any(|path| self.template.starts_with(path)) {
            403
        } else {
            self.expected[4]
        }
    }
}

const fn row(method: &'static str, template: &'static str, body: &'static str, expected: [u16; 8]) -> Row {
    Row {
        method,
        template,
        body,
        expected,
    }
}

pub(crate) const TABLE: &[Row] = &[
    // tickets
    row(
        "GET",
        "/api/tickets",
        "",
        [401, 200, 200, 200, 200, 200, 200, 403],
    ),
    row(
        "POST",
        "/api/tickets",
        "",
        [401, 403, 403, 201, 201, 201, 403, 403],
    ),
    row(
        "POST",
        "/api/tickets/anonymous",
        "SUBMISSION",
        [201, 201, 201, 201, 201, 201, 403, 403],
    ),
    row(
        "GET",
        "/api/tickets/{id}",
        "",
        [401, 200, 404, 200, 404, 200, 200, 403],
    ),
    row(
        "PATCH",
        "/api/tickets/{id}",
        r#"{"title":"Other title"}"#,
        [401, 403, 404, 200, 404, 200, 403, 403],
    ),
    row(
        "PATCH",
        "/api/tickets/{id}",
        r#"{"description":"Other description"}"#,
        [401, 403, 404, 200, 404, 200, 403, 403],
    ),
    row(
        "PATCH",
        "/api/tickets/{id}",
        r#"{"status":"CLOSED"}"#,
        [401, 403, 404, 403, 404, 200, 403, 403],
    ),
    row(
        "PATCH",
        "/api/tickets/{id}",
        r#"{"priority":"LOW"}"#,
        [401, 403, 404, 403, 404, 200, 403, 403],
    ),
    row(
        "PATCH",
        "/api/tickets/{id}",
        r#"{"category":"OTHER"}"#,
        [401, 403, 404, 403, 404, 200, 403, 403],
    ),
    row(
        "PATCH",
        "/api/tickets/{id}",
        r#"{"assignedToId":"ADMIN"}"#,
        [401, 403, 404, 403, 404, 200, 403, 403],
    ),
    row(
        "PATCH",
        "/api/tickets/{id}",
        r#"{"title":"Half of it","status":"CLOSED"}"#,
        [401, 403, 404, 403, 404, 200, 403, 403],
    ),
    row(
        "DELETE",
        "/api/tickets/{id}",
        "",
        [401, 403, 404, 403, 404, 200, 403, 403],
    ),
    row(
        "POST",
        "/api/tickets/{id}/comments",
        "",
        [401, 201, 404, 201, 404, 201, 403, 403],
    ),
    row(
        "POST",
        "/api/tickets/{id}/comments",
        r#"{"content":"x","isInternal":true}"#,
        [401, 403, 404, 403, 404, 201, 403, 403],
    ),
    row(
        "POST",
        "/api/tickets/{id}/attachments",
        "",
        [401, 201, 404, 201, 404, 201, 403, 403],
    ),
    row(
        "GET",
        "/api/tickets/{id}/attachments/{attachment}",
        "",
        [401, 200, 404, 200, 404, 200, 200, 403],
    ),
    row(
        "GET",
        "/api/tickets/{id}/history",
        "",
        [401, 200, 404, 200, 404, 200, 200, 403],
    ),
    row(
        "GET",
        "/api/tickets/{id}/diff",
        "",
        [401, 200, 404, 200, 404, 200, 200, 403],
    ),
    row("GET", "/api/stats", "", [401, 200, 200, 200, 200, 200, 200, 403]),
    row("GET", "/api/search", "", [401, 200, 200, 200, 200, 200, 200, 403]),
    // guests
    row(
        "POST",
        "/api/guest/session",
        r#"{"code":"Q2MZ-8RDP-5VTN-J6KW"}"#,
        [401; 8],
    ),
    row(
        "POST",
        "/api/guest/link",
        r#"{"email":"x@example.test"}"#,
        [202; 8],
    ),
    row(
        "DELETE",
        "/api/guest/links",
        "",
        [401, 200, 200, 200, 200, 200, 200, 200],
    ),
    // people
    row("GET", "/api/users", "", [401, 403, 403, 403, 403, 200, 200, 403]),
    row(
        "GET",
        "/api/admin/users",
        "",
        [401, 403, 403, 403, 403, 200, 200, 403],
    ),
    row(
        "GET",
        "/api/admin/users/counts",
        "",
        [401, 403, 403, 403, 403, 200, 200, 403],
    ),
    row(
        "POST",
        "/api/admin/users/{id}/end-access",
        "",
        [401, 403, 403, 403, 403, 200, 403, 403],
    ),
    row(
        "PATCH",
        "/api/admin/users/{id}",
        r#"{"name":"Other name"}"#,
        [401, 403, 403, 403, 403, 200, 403, 403],
    ),
    row(
        "PATCH",
        "/api/admin/users/{id}",
        r#"{"role":"ADMIN"}"#,
        [401, 403, 403, 403, 403, 200, 403, 403],
    ),
    row(
        "PATCH",
        "/api/admin/users/{id}",
        r#"{"isActive":false}"#,
        [401, 403, 403, 403, 403, 200, 403, 403],
    ),
    row(
        "DELETE",
        "/api/admin/users/{id}",
        "",
        [401, 403, 403, 403, 403, 200, 403, 403],
    ),
    // proofs of the record
    row(
        "GET",
        "/api/audit/evidence/{id}",
        "",
        [401, 403, 403, 403, 403, 403, 200, 403],
    ),
    row(
        "GET",
        "/api/audit/log",
        "",
        [401, 403, 403, 403, 403, 403, 200, 403],
    ),
    // one's own account
    row(
        "POST",
        "/api/auth/register",
        r#"{"email":"NEW","password":"gulls-over-harbour","name":"New"}"#,
        [202; 8],
    ),
    row(
        "POST",
        "/api/auth/register/confirm",
        r#"{"token":"x","password":"wrong"}"#,
        [401; 8],
    ),
    row(
        "POST",
        "/api/auth/password/forgot",
        r#"{"email":"NEW"}"#,
        [202; 8],
    ),
    row(
        "POST",
        "/api/auth/password/reset",
        r#"{"token":"x","newPassword":"a-different-harbour-11"}"#,
        [401; 8],
    ),
    row(
        "GET",
        "/api/auth/sessions",
        "",
        [401, 200, 200, 200, 200, 200, 200, 200],
    ),
    row(
        "DELETE",
        "/api/auth/sessions/{id}",
        "",
        [401, 404, 404, 404, 404, 404, 404, 404],
    ),
    row(
        "DELETE",
        "/api/auth/sessions",
        "",
        [401, 200, 200, 200, 200, 200, 200, 200],
    ),
    row(
        "GET",
        "/api/auth/tokens",
        "",
        [401, 403, 403, 200, 200, 200, 200, 200],
    ),
    row(
        "POST",
        "/api/auth/tokens",
        r#"{"name":"Robot","expiresInDays":1}"#,
        [401, 403, 403, 201, 201, 201, 201, 201],
    ),
    row(
        "DELETE",
        "/api/auth/tokens/{id}",
        "",
        [401, 403, 403, 404, 404, 404, 404, 404],
    ),
    row(
        "POST",
        "/api/auth/login",
        r#"{"email":"x@example.test","password":"wrong"}"#,
        [401; 8],
    ),
    row(
        "GET",
        "/api/auth/me",
        "",
        [401, 200, 200, 200, 200, 200, 200, 200],
    ),
    row("GET", "/api/auth/session", "", [200; 8]),
    row(
        "POST",
        "/api/auth/password",
        r#"{"currentPassword":"wrong","newPassword":"a-different-harbour-11"}"#,
        [401, 422, 422, 422, 422, 422, 422, 422],
    ),
    row(
        "PATCH",
        "/api/auth/me",
        r#"{"name":"Other name"}"#,
        [401, 403, 403, 200, 200, 200, 403, 403],
    ),
    row(
        "PATCH",
        "/api/auth/me",
        r#"{"notifications":"MINE"}"#,
        [401, 200, 200, 200, 200, 200, 200, 200],
    ),
    row(
        "PATCH",
        "/api/auth/me",
        r#"{"department":"Engines","notifications":"ALL"}"#,
        [401, 403, 403, 200, 200, 200, 403, 403],
    ),
    // whoever holds the link decides
    row("POST", "/api/mail/unsubscribe/{token}", "", [200; 8]),
    row("GET", "/api/mail/unsubscribe/{token}", "", [303; 8]),
    // the record
    row(
        "GET",
        "/api/audit/diff",
        "",
        [401, 403, 403, 403, 403, 403, 200, 403],
    ),
    row(
        "GET",
        "/api/audit/verification",
        "",
        [401, 403, 403, 403, 403, 403, 200, 403],
    ),
    row(
        "POST",
        "/api/audit/verification",
        r#"{"skipAttachments":true}"#,
        [401, 403, 403, 403, 403, 403, 202, 403],
    ),
    row(
        "POST",
        "/api/audit/heads",
        "",
        [401, 403, 403, 403, 403, 403, 200, 403],
    ),
    row(
        "GET",
        "/api/audit/heads",
        "",
        [401, 403, 403, 403, 403, 200, 200, 200],
    ),
    row(
        "GET",
        "/api/audit/heads/latest",
        "",
        [401, 403, 403, 403, 403, 200, 200, 200],
    ),
    // operators
    row(
        "GET",
        "/api/ops/projections",
        "",
        [401, 403, 403, 403, 403, 200, 200, 200],
    ),
    row(
        "GET",
        "/api/ops/projections/{name}/parked",
        "",
        [401, 403, 403, 403, 403, 404, 404, 404],
    ),
    row(
        "POST",
        "/api/ops/projections/{name}/rebuild",
        "",
        [401, 403, 403, 403, 403, 403, 403, 404],
    ),
    row(
        "POST",
        "/api/ops/projections/{name}/accept-diff",
        "",
        [401, 403, 403, 403, 403, 403, 403, 404],
    ),
    row(
        "POST",
        "/api/ops/projections/{name}/abort",
        "",
        [401, 403, 403, 403, 403, 403, 403, 404],
    ),
    row(
        "POST",
        "/api/ops/projections/{name}/rollback",
        "",
        [401, 403, 403, 403, 403, 403, 403, 404],
    ),
    row(
        "POST",
        "/api/ops/projections/{name}/drop-old",
        "",
        [401, 403, 403, 403, 403, 403, 403, 404],
    ),
    row(
        "POST",
        "/api/ops/projections/{name}/parked/{stream}/retry",
        "",
        [401, 403, 403, 403, 403, 403, 403, 404],
    ),
    row(
        "POST",
        "/api/ops/projections/{name}/parked/{stream}/skip",
        "",
        [401, 403, 403, 403, 403, 403, 403, 404],
    ),
    row(
        "GET",
        "/api/ops/reactors",
        "",
        [401, 403, 403, 403, 403, 200, 200, 200],
    ),
    row(
        "GET",
        "/api/ops/reactors/{name}/parked",
        "",
        [401, 403, 403, 403, 403, 404, 404, 404],
    ),
    row(
        "POST",
        "/api/ops/reactors/{name}/parked/retry",
        "",
        [401, 403, 403, 403, 403, 403, 403, 404],
    ),
    row(
        "POST",
        "/api/ops/reactors/{name}/parked/{id}/retry",
        "",
        [401, 403, 403, 403, 403, 403, 403, 404],
    ),
    // the service
    row("GET", "/api/version", "", [200; 8]),
    row("GET", "/api/origin", "", [200; 8]),
    row("GET", "/api/openapi.json", "", [200; 8]),
    row("GET", "/api/asyncapi.json", "", [200; 8]),
    row("GET", "/health", "", [200; 8]),
    row("GET", "/ready", "", [200; 8]),
    // last, because it ends everybody's session
    row("GET", "/api/auth/providers", "", [200; 8]),
    row("GET", "/api/auth/providers/{name}/start", "", [404; 8]),
    row("GET", "/api/auth/providers/{name}/callback", "", [404; 8]),
    row(
        "POST",
        "/api/auth/identity/link",
        r#"{"token":"x"}"#,
        [401, 422, 422, 422, 422, 422, 422, 422],
    ),
    row("POST", "/api/auth/logout", "", [200; 8]),
];
