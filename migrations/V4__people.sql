-- Schema `auth`, further means of being recognised: links, codes, tokens, identity providers; what has been asked for
-- and not been proved yet; and how often somebody has tried. As before, nothing in it can be used to sign in: what is
-- secret is stored as SHA-256 or argon2id.
--
-- Schema `reactors`: what is to be done outside the database (mail), and how far that has come.

CREATE SCHEMA reactors AUTHORIZATION informejo_owner;
GRANT USAGE ON SCHEMA reactors TO informejo_app;

SET LOCAL ROLE informejo_owner;

-- So that people recognise their sessions; a guest's end with the links that opened them.
ALTER TABLE auth.sessions
    ADD COLUMN user_agent text CHECK (length(user_agent) <= 300),
    ADD COLUMN address    inet;

-- One row is one link that was mailed. Whoever makes one is whoever sends it, so the token is nowhere but in the mail.
CREATE TABLE auth.links (
    token_hash bytea       NOT NULL PRIMARY KEY CHECK (octet_length(token_hash) = 32), -- SHA-256 of the token
    purpose    text        NOT NULL CHECK (purpose IN ('registration', 'password_reset', 'guest', 'identity', 'unsubscribe')),
    subject    uuid        NOT NULL, -- an account, a registration or an identity, as the purpose says
    ticket_id  uuid,                 -- where it leads
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at > created_at)
);

CREATE INDEX links_of_subject ON auth.links (subject, purpose);
CREATE INDEX links_expired ON auth.links (expires_at);

-- One row is one access code: what a guest types who cannot follow the link. 80 random bits.
CREATE TABLE auth.access_codes (
    code_hash  bytea       NOT NULL PRIMARY KEY CHECK (octet_length(code_hash) = 32), -- SHA-256 of the code
    account_id uuid        NOT NULL,
    ticket_id  uuid        NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at > created_at)
);

CREATE INDEX access_codes_of_account ON auth.access_codes (account_id);
CREATE INDEX access_codes_expired ON auth.access_codes (expires_at);

-- One row is somebody who wants an account and has not proved yet that the address is theirs. It becomes an account,
-- and its first event, by the link that is mailed there together with the password that was chosen here.
CREATE TABLE auth.registrations (
    id            uuid        NOT NULL PRIMARY KEY,
    email         text        NOT NULL,
    name          text        NOT NULL,
    department    text,
    password_hash text        NOT NULL CHECK (password_hash LIKE '$argon2id$%'),
    created_at    timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL CHECK (expires_at > created_at),
    attempts      smallint    NOT NULL DEFAULT 0 CHECK (attempts >= 0) -- wrong passwords with the right link
);

CREATE INDEX registrations_expired ON auth.registrations (expires_at);

-- One row is one token with which a program acts for its owner.
CREATE TABLE auth.api_tokens (
    id           uuid        NOT NULL PRIMARY KEY,
    token_hash   bytea       NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32), -- SHA-256 of the token
    account_id   uuid        NOT NULL,
    name         text        NOT NULL CHECK (name <> '' AND length(name) <= 100),
    role         text        NOT NULL, -- it does at most what this role may, and what its owner's present role may
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL CHECK (expires_at > created_at),
    last_used_at timestamptz -- to the minute
);

CREATE INDEX api_tokens_of_account ON auth.api_tokens (account_id);

-- One row is somebody at an identity provider, by the only name that never changes: issuer and subject (OpenID Connect
-- Core 1.0, section 2). Never by e-mail address.
CREATE TABLE auth.identities (
    id           uuid        NOT NULL PRIMARY KEY,
    issuer       text        NOT NULL CHECK (issuer <> ''),
    subject      text        NOT NULL CHECK (subject <> '' AND length(subject) <= 255),
    account_id   uuid        NOT NULL,
    created_at   timestamptz NOT NULL,
    last_used_at timestamptz,
    UNIQUE (issuer, subject)
);

CREATE INDEX identities_of_account ON auth.identities (account_id);

-- One row is one browser that has been sent to an identity provider and has not come back.
CREATE TABLE auth.oidc_flows (
    state_hash    bytea       NOT NULL PRIMARY KEY CHECK (octet_length(state_hash) = 32),
    browser_hash  bytea       NOT NULL CHECK (octet_length(browser_hash) = 32), -- SHA-256 of the browser's cookie
    provider      text        NOT NULL,
    nonce         text        NOT NULL,
    pkce_verifier text        NOT NULL, -- of no use without the code, which only the browser gets
    return_to     text        NOT NULL,
    created_at    timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL CHECK (expires_at > created_at)
);

CREATE INDEX oidc_flows_expired ON auth.oidc_flows (expires_at);

-- The provider's side of a session, for signing out there too.
CREATE TABLE auth.oidc_sessions (
    token_hash bytea NOT NULL PRIMARY KEY REFERENCES auth.sessions (token_hash) ON DELETE CASCADE,
    provider   text  NOT NULL,
    id_token   text  NOT NULL -- only a hint to the provider; nothing here accepts it
);

-- One row is a browser on which the owner of an account has signed in: it does not wait with everybody else when strangers
-- guess. A browser gets a new token whenever somebody signs in on it, and keeps the accounts that it had.
CREATE TABLE auth.devices (
    token_hash   bytea       NOT NULL CHECK (octet_length(token_hash) = 32), -- SHA-256 of its cookie
    account_id   uuid        NOT NULL,
    last_used_at timestamptz NOT NULL, -- when this account was signed in to
    PRIMARY KEY (token_hash, account_id)
);

CREATE INDEX devices_of_account ON auth.devices (account_id);
CREATE INDEX devices_unused ON auth.devices (last_used_at);

-- Limits that all nodes share (GCRA). One row is one key, such as an address that signs in; it can be forgotten once
-- `full_at` has passed. Not in the write-ahead log: a crash of the database forgets what was tried, and nothing more.
CREATE UNLOGGED TABLE auth.limits (
    key_hash bytea       NOT NULL PRIMARY KEY CHECK (octet_length(key_hash) = 32), -- SHA-256 of what is limited
    full_at  timestamptz NOT NULL -- when everything that may come at once may come again
) WITH (fillfactor = 70);

CREATE INDEX limits_forgotten ON auth.limits (full_at);

-- What is to be waited, in milliseconds, until one may come again under each of these limits; 0 or less is nothing. After
-- a silence `p_at_once` may come, and one more every `p_every_ms`.
-- A row that is further ahead than its limit and five minutes was not written by a clock like this one, and does not count.
CREATE FUNCTION auth.wait_for_limits(p_key bytea[], p_every_ms bigint[], p_at_once bigint[], p_now timestamptz)
RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $wait$
    SELECT coalesce(max(ceil(ahead.ms)::bigint - n.every_ms * (n.at_once - 1)), 0)
      FROM unnest(p_key, p_every_ms, p_at_once) AS n (key, every_ms, at_once)
      JOIN auth.limits l ON l.key_hash = n.key
     CROSS JOIN LATERAL (SELECT extract(epoch FROM l.full_at - p_now) * 1000) AS ahead (ms)
     WHERE ahead.ms <= n.every_ms * n.at_once + 300000
$wait$;

-- Takes one from each of these limits, or from none of them: what is to be waited in milliseconds, 0 if it was taken.
-- The program's clock counts, not the database's. Rows are locked in the order of their keys, so that nobody waits in a
-- circle.
CREATE FUNCTION auth.take_from_limits(p_key bytea[], p_every_ms bigint[], p_at_once bigint[], p_now timestamptz)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $take$
DECLARE
    v_asked record;
    v_most  timestamptz; -- where `full_at` may be at most for one more to come
    v_taken bytea[] := '{}';
    v_wait  bigint;
BEGIN
    -- Without a lock at first: a flood of what is refused costs reads, and holds up nobody.
    v_wait := auth.wait_for_limits(p_key, p_every_ms, p_at_once, p_now);
    IF v_wait > 0 THEN
        RETURN v_wait;
    END IF;
    FOR v_asked IN
        SELECT n.key, n.at_once, n.every_ms * interval '1 millisecond' AS every
          FROM unnest(p_key, p_every_ms, p_at_once) AS n (key, every_ms, at_once)
         ORDER BY n.key
    LOOP
        v_most := p_now + v_asked.every * (v_asked.at_once - 1);
        INSERT INTO auth.limits AS l (key_hash, full_at) VALUES (v_asked.key, p_now + v_asked.every)
        ON CONFLICT (key_hash) DO UPDATE
        SET full_at = least(greatest(l.full_at, p_now), v_most) + v_asked.every
        WHERE l.full_at <= v_most OR l.full_at > v_most + v_asked.every + interval '5 minutes';
        EXIT WHEN NOT FOUND;
        v_taken := v_taken || v_asked.key;
    END LOOP;
    IF cardinality(v_taken) = cardinality(p_key) THEN
        RETURN 0;
    END IF;
    -- Somebody took the last one between the look and the lock. What was taken before is still locked.
    UPDATE auth.limits l SET full_at = l.full_at - n.every_ms * interval '1 millisecond'
      FROM unnest(p_key, p_every_ms) AS n (key, every_ms)
     WHERE l.key_hash = n.key AND n.key = ANY (v_taken);
    RETURN greatest(auth.wait_for_limits(p_key, p_every_ms, p_at_once, p_now), 1);
END
$take$;

-- Gives back one to each of these limits.
CREATE FUNCTION auth.give_back_to_limits(p_key bytea[], p_every_ms bigint[]) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $give$
DECLARE
    v_taken record;
BEGIN
    FOR v_taken IN SELECT n.key, n.every_ms FROM unnest(p_key, p_every_ms) AS n (key, every_ms) ORDER BY n.key LOOP
        UPDATE auth.limits SET full_at = full_at - v_taken.every_ms * interval '1 millisecond'
         WHERE key_hash = v_taken.key;
    END LOOP;
END
$give$;

REVOKE ALL ON FUNCTION auth.wait_for_limits, auth.take_from_limits, auth.give_back_to_limits FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth.wait_for_limits, auth.take_from_limits, auth.give_back_to_limits TO informejo_app;

GRANT SELECT, INSERT, DELETE ON auth.links, auth.access_codes, auth.registrations, auth.api_tokens, auth.identities,
    auth.oidc_flows, auth.oidc_sessions, auth.devices, auth.limits TO informejo_app;
GRANT UPDATE (attempts) ON auth.registrations TO informejo_app;
GRANT UPDATE (last_used_at) ON auth.api_tokens TO informejo_app;
GRANT UPDATE (token_hash, last_used_at) ON auth.devices TO informejo_app;
GRANT UPDATE (last_used_at, account_id) ON auth.identities TO informejo_app;
GRANT UPDATE ON auth.limits TO informejo_app;

-- How far a reactor has read the log. It moves in the transaction that writes down what is to be done.
CREATE TABLE reactors.checkpoints (
    name       text        NOT NULL PRIMARY KEY,
    position   bigint      NOT NULL CHECK (position >= 0),
    updated_at timestamptz NOT NULL,
    last_error text        -- why it does not go on, where it does not
);

-- One row is one thing to be done: one mail to one recipient.
CREATE TABLE reactors.deliveries (
    id            uuid        NOT NULL PRIMARY KEY,
    reactor       text        NOT NULL,
    kind          text        NOT NULL, -- which mail
    event_id      uuid,                 -- what it tells of, where that is an event
    position      bigint,               -- where that event is
    account_id    uuid,                 -- to whom, where that is known
    email         text,                 -- to which address, where only that is known; emptied once it is sent
    subject_id    uuid,                 -- a registration or an identity, as the kind says
    created_at    timestamptz NOT NULL,
    due_at        timestamptz NOT NULL, -- not before
    claimed_until timestamptz,          -- somebody is at it, until then at most
    attempts      int         NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    done_at       timestamptz,          -- sent, or found to be for nobody
    parked_at     timestamptz,          -- given up until an operator says otherwise
    last_error    text,
    UNIQUE (reactor, event_id, account_id, kind)
) WITH (fillfactor = 80);

CREATE INDEX deliveries_due ON reactors.deliveries (reactor, due_at) WHERE done_at IS NULL AND parked_at IS NULL;
CREATE INDEX deliveries_parked ON reactors.deliveries (reactor, parked_at) WHERE parked_at IS NOT NULL;
CREATE INDEX deliveries_done ON reactors.deliveries (done_at) WHERE done_at IS NOT NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON reactors.checkpoints, reactors.deliveries TO informejo_app;

RESET ROLE;
