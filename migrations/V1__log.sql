-- Schema `log`: the append-only log of events, and the roles that keep it so.
--
-- `informejo_owner` owns what is durable; nobody signs in as it. `informejo_app` is what the server runs as: it reads
-- the log and appends through `log.append_events`, the only way in. It may not INSERT, because whoever may insert a
-- row may forge its position.

-- Roles belong to the whole cluster: another database of it may have made them already, or be making them right now.
DO $roles$
DECLARE
    v_role text;
BEGIN
    FOREACH v_role IN ARRAY ARRAY['informejo_owner', 'informejo_app'] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = v_role) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', v_role);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL; -- another database was quicker
            END;
        END IF;
        -- A superuser may take on any role; anybody else must be a member.
        IF NOT pg_has_role(current_user, v_role, 'MEMBER') THEN
            BEGIN
                EXECUTE format('GRANT %I TO CURRENT_USER', v_role);
            EXCEPTION WHEN unique_violation THEN
                NULL; -- another database was quicker
            END;
        END IF;
    END LOOP;
    -- Read models are disposable: the server makes and drops schemas for them.
    EXECUTE format('GRANT CREATE ON DATABASE %I TO informejo_app', current_database());
END
$roles$;

CREATE SCHEMA log AUTHORIZATION informejo_owner;
GRANT USAGE ON SCHEMA log TO informejo_app;

SET LOCAL ROLE informejo_owner;

-- One row is one event. FORMAT.md of crate `eventlog` says what `hash` is made of.
CREATE TABLE log.events (
    position       bigint      NOT NULL PRIMARY KEY CHECK (position > 0),
    category       text        NOT NULL,
    stream         uuid        NOT NULL,
    version        bigint      NOT NULL CHECK (version > 0),
    event_id       uuid        NOT NULL,
    type           text        NOT NULL,
    schema_version int         NOT NULL CHECK (schema_version > 0),
    payload        json        NOT NULL, -- json, not jsonb: the text is kept byte for byte
    metadata       json        NOT NULL,
    recorded_at    timestamptz NOT NULL CHECK (recorded_at = date_trunc('milliseconds', recorded_at)),
    command_id     uuid        NOT NULL,
    command_index  int         NOT NULL CHECK (command_index >= 0),
    hash           bytea       NOT NULL CHECK (octet_length(hash) = 32),
    UNIQUE (stream, version),
    UNIQUE (command_id, command_index)
);
-- A category is read in order: a whole one (rules such as "the last admin stays"), or what is new in it.
CREATE INDEX events_category ON log.events (category, position);

CREATE FUNCTION log.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $refuse$
BEGIN
    RAISE EXCEPTION 'log.% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END
$refuse$;

-- Rights keep the server from changing what is written; these keep the owner from doing it by mistake.
CREATE TRIGGER events_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log.events
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();

-- Takes the lock under which everybody appends, until the end of the transaction, and returns the head: no row while
-- the log is empty. For an appender that shares the log with others: it must know the head to compute hashes, and
-- under this lock the head stays what it is.
CREATE FUNCTION log.lock_head() RETURNS TABLE (head_position bigint, head_hash bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- The plan is made once a session, perhaps while the table is empty: these settings keep it right when it has grown.
SET enable_seqscan = off SET enable_sort = off
AS $lock$
BEGIN
    PERFORM pg_advisory_xact_lock(7813579206431827); -- "informejo", and nothing else in this database
    -- A statement of its own: its snapshot is taken under the lock and sees whatever the last holder committed.
    RETURN QUERY SELECT e.position, e.hash FROM log.events e ORDER BY e.position DESC LIMIT 1;
END
$lock$;

-- Appends a batch of commands, all or none, in one call. Arrays hold one element an event; the events of one command
-- are neighbours in the order of command_index, which begins with 0. Positions are given here and nowhere else.
--
-- Outcomes, one row each unless said otherwise:
--   appended    the batch is in the log (once the transaction commits) and `head_*` is its new end;
--   stale       the log does not end at p_head_*, on which the hashes were computed, but at `head_*`: nothing done;
--   duplicate, conflict, category   a row for each command that cannot be appended, and nothing done at all:
--               `ordinal` is the place (from 1) of its first event, `actual` the version that its stream is at.
--               duplicate: the command is in the log already. conflict: its stream is at another version.
--               category: its category has an event after the position that p_guard_after names for it.
--
-- Hashes come from the caller and are not computed again here: that was measured to cost 40 % of the throughput.
-- Whoever may call this could append any event anyway; a wrong hash is found by the next walk of the chain.
CREATE FUNCTION log.append_events(
    p_head_position bigint, p_head_hash bytea, p_recorded_at timestamptz,
    p_category text[], p_stream uuid[], p_version bigint[], p_event_id uuid[], p_type text[], p_schema_version int[],
    p_payload text[], p_metadata text[], p_command_id uuid[], p_command_index int[], p_hash bytea[],
    p_guard_ordinal int[], p_guard_after bigint[]
) RETURNS TABLE (outcome text, ordinal int, actual bigint, head_position bigint, head_hash bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $append$
DECLARE
    v_position bigint;
    v_hash bytea;
BEGIN
    IF current_setting('synchronous_commit') = 'off' THEN
        PERFORM set_config('synchronous_commit', 'on', true); -- what is acknowledged is durable
    END IF;

    SELECT h.head_position, h.head_hash INTO v_position, v_hash FROM log.lock_head() h;
    v_position := coalesce(v_position, 0);
    v_hash := coalesce(v_hash, decode(repeat('00', 32), 'hex'));
    IF v_position <> p_head_position OR v_hash <> p_head_hash THEN
        RETURN QUERY SELECT 'stale', NULL::int, NULL::bigint, v_position, v_hash;
        RETURN;
    END IF;

    -- Commands whose events do not follow one another have no versions that could be trusted.
    IF 0 < ANY (p_command_index) AND EXISTS (
        SELECT FROM (
            SELECT n.command_index, n.version, n.stream, n.command_id,
                   lag(n.command_index) OVER w AS last_index, lag(n.version) OVER w AS last_version,
                   lag(n.stream) OVER w AS last_stream, lag(n.command_id) OVER w AS last_command
              FROM unnest(p_command_index, p_version, p_stream, p_command_id) WITH ORDINALITY
                   AS n (command_index, version, stream, command_id, ordinality)
            WINDOW w AS (ORDER BY n.ordinality)) pair
         WHERE pair.command_index > 0
           AND (pair.command_index, pair.version, pair.stream, pair.command_id)
               IS DISTINCT FROM (pair.last_index + 1, pair.last_version + 1, pair.last_stream, pair.last_command)
    ) THEN
        RAISE EXCEPTION 'the events of a command must be neighbours' USING ERRCODE = 'invalid_parameter_value';
    END IF;

    RETURN QUERY
        SELECT CASE WHEN duplicate.found THEN 'duplicate' ELSE 'conflict' END,
               n.ordinality::int, coalesce(last.version, 0), v_position, v_hash
          FROM unnest(p_stream, p_version, p_command_id, p_command_index) WITH ORDINALITY
               AS n (stream, version, command_id, command_index, ordinality)
          LEFT JOIN LATERAL (
               SELECT e.version FROM log.events e WHERE e.stream = n.stream ORDER BY e.version DESC LIMIT 1
          ) last ON true
          LEFT JOIN LATERAL (
               SELECT true AS found FROM log.events e WHERE e.command_id = n.command_id AND e.command_index = 0
          ) duplicate ON true
         WHERE n.command_index = 0
           AND (duplicate.found OR coalesce(last.version, 0) <> n.version - 1)
        UNION ALL
        SELECT 'category', g.ordinal, NULL::bigint, v_position, v_hash
          FROM unnest(p_guard_ordinal, p_guard_after) AS g (ordinal, after)
         WHERE EXISTS (SELECT FROM log.events e WHERE e.category = p_category[g.ordinal] AND e.position > g.after);
    IF FOUND THEN
        RETURN;
    END IF;

    INSERT INTO log.events (position, category, stream, version, event_id, type, schema_version, payload, metadata,
                            recorded_at, command_id, command_index, hash)
    SELECT v_position + n.ordinality, n.category, n.stream, n.version, n.event_id, n.type, n.schema_version,
           n.payload::json, n.metadata::json, p_recorded_at, n.command_id, n.command_index, n.hash
      FROM unnest(p_category, p_stream, p_version, p_event_id, p_type, p_schema_version, p_payload, p_metadata,
                  p_command_id, p_command_index, p_hash) WITH ORDINALITY
           AS n (category, stream, version, event_id, type, schema_version, payload, metadata,
                 command_id, command_index, hash, ordinality);
    PERFORM pg_notify('informejo_log', ''); -- once a batch: once a command would cost three quarters of the throughput
    RETURN QUERY SELECT 'appended', NULL::int, NULL::bigint,
                        v_position + cardinality(p_hash), p_hash[cardinality(p_hash)];
END
$append$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA log FROM PUBLIC;
GRANT SELECT ON log.events TO informejo_app;
GRANT EXECUTE ON FUNCTION log.lock_head, log.append_events TO informejo_app;

RESET ROLE;
