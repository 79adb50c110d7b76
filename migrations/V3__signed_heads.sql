-- Signed heads: what the program swore at a time that the log was. Kept beside the log, for whoever asks for them;
-- what they prove, they prove where somebody else keeps a copy.

SET LOCAL ROLE informejo_owner;

CREATE TABLE log.signed_heads (
    position  bigint      NOT NULL PRIMARY KEY CHECK (position > 0),
    note      text        NOT NULL CHECK (octet_length(note) <= 65536), -- a C2SP checkpoint, as it was handed out
    peaks     bytea       NOT NULL, -- roots of the Merkle tree's complete subtrees: the next head needs only what came since
    signed_at timestamptz NOT NULL
);

CREATE TRIGGER signed_heads_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log.signed_heads
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();

-- Keeps a head, unless there is one of that position: programs that share a log may sign at the same moment.
CREATE FUNCTION log.keep_signed_head(p_position bigint, p_note text, p_peaks bytea, p_signed_at timestamptz)
RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $keep$
BEGIN
    IF NOT EXISTS (SELECT FROM log.events e WHERE e.position = p_position) THEN
        RAISE EXCEPTION 'there is no event at %', p_position USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO log.signed_heads (position, note, peaks, signed_at)
    VALUES (p_position, p_note, p_peaks, p_signed_at) ON CONFLICT (position) DO NOTHING;
    RETURN FOUND;
END
$keep$;

REVOKE ALL ON FUNCTION log.keep_signed_head FROM PUBLIC;
GRANT SELECT ON log.signed_heads TO informejo_app;
GRANT EXECUTE ON FUNCTION log.keep_signed_head TO informejo_app;

RESET ROLE;
