"""Who asks: the one whose session stands in $TOKEN, but for requests after which they would be somebody else."""

import os

import schemathesis

# These end the session that asks: whoever does so is somebody else from then on, or nobody. Nobody asks these.
ASKED_BY_NOBODY = {
    ("POST", "/api/auth/login"),
    ("POST", "/api/auth/logout"),
    ("DELETE", "/api/auth/sessions/{id}"),
    ("POST", "/api/admin/users/{id}/end-access"),
}


@schemathesis.hook
def before_call(context, case, kwargs):
    token = os.environ.get("TOKEN")
    if token and (case.method, case.path) not in ASKED_BY_NOBODY:
        if case.headers is None:
            case.headers = {}
        case.headers["Authorization"] = f"Bearer {token}"
