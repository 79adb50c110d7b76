-- Schema `auth`: what is needed to recognise somebody. Nothing in it can be used to sign in: passwords are argon2id
-- hashes, session tokens SHA-256. Who an account is and what it may do is in the log, not here.

CREATE SCHEMA auth AUTHORIZATION informejo_owner;
GRANT USAGE ON SCHEMA auth TO informejo_app;

SET LOCAL ROLE informejo_owner;

-- One row is one login name. It is reserved before the account's first event is appended and confirmed after it.
CREATE TABLE auth.logins (
    email_key        text        NOT NULL PRIMARY KEY CHECK (email_key <> '' AND email_key = btrim(email_key)),
    account_id       uuid        NOT NULL UNIQUE,
    password_hash    text        CHECK (password_hash LIKE '$argon2id$%'), -- null: signs in by other means only
    password_version int         NOT NULL DEFAULT 1 CHECK (password_version > 0), -- a session is made for one of these
    reserved_at      timestamptz NOT NULL,
    confirmed_at     timestamptz -- null: not a login yet, and open to others a minute after `reserved_at`
);

CREATE INDEX logins_unconfirmed ON auth.logins (reserved_at) WHERE confirmed_at IS NULL;

-- One row is one signed-in browser or program.
CREATE TABLE auth.sessions (
    token_hash   bytea       NOT NULL PRIMARY KEY CHECK (octet_length(token_hash) = 32), -- SHA-256 of the token
    account_id   uuid        NOT NULL,
    created_at   timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL, -- to the minute; not indexed, so that updating it stays cheap
    expires_at   timestamptz NOT NULL CHECK (expires_at > created_at)
) WITH (fillfactor = 80);

CREATE INDEX sessions_of_account ON auth.sessions (account_id);

GRANT SELECT, INSERT, DELETE ON auth.logins, auth.sessions TO informejo_app;
GRANT UPDATE (password_hash, password_version, reserved_at, confirmed_at) ON auth.logins TO informejo_app;
GRANT UPDATE (last_seen_at) ON auth.sessions TO informejo_app;

RESET ROLE;
