//! D7: nobody changes what is written, and nobody gets in but through `log.append_events`.

use tokio_postgres::Client;

use crate::world::{World, command, stream};

async fn refused(client: &Client, sql: &str) -> String {
    let error = client.batch_execute(sql).await.expect_err(sql);
    drop(client.batch_execute("ROLLBACK").await);
    error
        .code()
        .unwrap_or_else(|| panic!("{sql}: {error}"))
        .code()
        .to_owned()
}

/// D7.
#[tokio::test]
async fn the_server_may_neither_change_nor_insert() {
    let world = World::new().await;
    world.log().await.append(command(&stream(), 0)).await.unwrap();
    let app = world.app().await;
    // Postgres answers this with a warning only; what follows shows that it granted nothing.
    app.batch_execute("GRANT INSERT, UPDATE, DELETE ON log.events TO informejo_app")
        .await
        .unwrap();
    let row = "'thing', gen_random_uuid(), 1, gen_random_uuid(), 'T', 1, '{}', '{}', now(), gen_random_uuid(), 0, \
               sha256('')";
    for sql in [
        "UPDATE log.events SET payload = '{}'",
        "DELETE FROM log.events",
        "TRUNCATE log.events",
        "DROP TABLE log.events",
        "DROP SCHEMA log CASCADE",
        "ALTER TABLE log.events DISABLE TRIGGER ALL",
        "ALTER TABLE log.events DISABLE TRIGGER events_are_append_only",
        "DROP TRIGGER events_are_append_only ON log.events",
        "ALTER TABLE log.events ADD COLUMN more int",
        "CREATE TRIGGER more BEFORE INSERT ON log.events FOR EACH ROW EXECUTE FUNCTION log.refuse_change()",
        "CREATE TABLE log.more ()",
        "CREATE OR REPLACE FUNCTION log.lock_head() RETURNS TABLE (head_position bigint, head_hash bytea) \
         LANGUAGE sql AS 'SELECT 1::bigint, NULL::bytea'",
        &format!("INSERT INTO log.events VALUES (-5, {row})"),
        &format!("INSERT INTO log.events VALUES (2, {row})"),
        &format!("INSERT INTO log.events OVERRIDING SYSTEM VALUE VALUES (2, {row})"),
        "COPY log.events FROM STDIN",
        "COPY log.events FROM '/dev/null'",
        "SELECT * FROM log.events FOR UPDATE",
        "SET session_replication_role = replica",
        "SET ROLE informejo_owner",
        "SET ROLE postgres",
        "ALTER ROLE informejo_app SUPERUSER",
        "SELECT log.refuse_change()",
        "BEGIN; LOCK TABLE log.events IN ACCESS EXCLUSIVE MODE",
    ] {
        assert_eq!(refused(&app, sql).await, "42501", "{sql}");
    }
}

/// D7.
#[tokio::test]
async fn the_owner_is_stopped_as_well() {
    let world = World::new().await;
    let log = world.log().await;
    log.append(command(&stream(), 0)).await.unwrap();
    for role in ["informejo_owner", "postgres"] {
        world
            .admin
            .batch_execute(&format!("SET ROLE {role}"))
            .await
            .unwrap();
        for sql in [
            "UPDATE log.events SET payload = '{}'",
            "DELETE FROM log.events WHERE false",
            "TRUNCATE log.events",
            "INSERT INTO log.events SELECT * FROM log.events ON CONFLICT (position) DO UPDATE SET type = 'x'",
        ] {
            assert_eq!(refused(&world.admin, sql).await, "23001", "{role}: {sql}");
        }
    }
    assert_eq!(log.head().await.unwrap().position, 1);
}

/// D7: no rights beyond those that the design names.
#[tokio::test]
async fn rights_are_exactly_these() {
    let world = World::new().await;
    let sql = "SELECT format('%s %s %s', kind, name, right_to) FROM ( \
               SELECT 'schema' AS kind, nspname AS name, grants.grantee, privilege_type AS right_to \
                 FROM pg_namespace, aclexplode(coalesce(nspacl, acldefault('n', nspowner))) grants \
                WHERE nspname = 'log' AND grants.grantee <> nspowner \
               UNION ALL SELECT 'relation', relname, grants.grantee, privilege_type \
                 FROM pg_class, aclexplode(coalesce(relacl, acldefault('r', relowner))) grants \
                WHERE relnamespace = 'log'::regnamespace AND relkind = 'r' AND grants.grantee <> relowner \
               UNION ALL SELECT 'function', proname, grants.grantee, privilege_type \
                 FROM pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner))) grants \
                WHERE pronamespace = 'log'::regnamespace AND grants.grantee <> proowner) rights \
               WHERE grantee = 0 OR grantee = 'informejo_app'::regrole OR true ORDER BY 1";
    let rows = world.admin.query(sql, &[]).await.unwrap();
    let rights: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(
        rights,
        [
            "function append_events EXECUTE",
            "function keep_signed_head EXECUTE",
            "function lock_head EXECUTE",
            "relation events SELECT",
            "relation signed_heads SELECT",
            "schema log USAGE",
        ]
    );
    let sql = "SELECT count(*) FROM information_schema.role_table_grants \
               WHERE table_schema = 'log' AND grantee NOT IN ('informejo_owner', 'informejo_app')";
    assert_eq!(world.admin.query_one(sql, &[]).await.unwrap().get::<_, i64>(0), 0);
    let sql = "SELECT rolname::text, rolcanlogin OR rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls \
               FROM pg_roles WHERE rolname IN ('informejo_app', 'informejo_owner') ORDER BY 1";
    let rows = world.admin.query(sql, &[]).await.unwrap();
    let roles: Vec<(String, bool)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    assert_eq!(
        roles,
        [
            ("informejo_app".to_owned(), false),
            ("informejo_owner".to_owned(), false)
        ]
    );
    let sql = "SELECT count(*) FROM pg_proc WHERE pronamespace = 'log'::regnamespace \
               AND (prosecdef OR proname = 'refuse_change') \
               AND NOT 'search_path=pg_catalog, pg_temp' = ANY (coalesce(proconfig, '{}'))";
    assert_eq!(world.admin.query_one(sql, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test]
async fn forged_batches_are_refused() {
    let world = World::new().await;
    let app = world.app().await;
    let call = |versions: &str, indexes: &str, hashes: &str, recorded_at: &str| {
        format!(
            "SELECT outcome FROM log.append_events(0, decode(repeat('00', 32), 'hex'), {recorded_at}, \
             ARRAY['thing', 'thing'], array_fill('{}'::uuid, ARRAY[2]), ARRAY[{versions}]::bigint[], \
             ARRAY['{}', '{}']::uuid[], ARRAY['T', 'T'], ARRAY[1, 1], ARRAY['{{}}', '{{}}'], ARRAY['{{}}', '{{}}'], \
             array_fill('{}'::uuid, ARRAY[2]), ARRAY[{indexes}]::int[], ARRAY[{hashes}]::bytea[], '{{}}', '{{}}')",
            crate::world::id(),
            crate::world::id(),
            crate::world::id(),
            crate::world::id()
        )
    };
    let hashes = "sha256('1'), sha256('2')";
    for (sql, code) in [
        (call("1, 3", "0, 1", hashes, "'epoch'"), "22023"), // a hole in the versions
        (call("1, 2", "0, 2", hashes, "'epoch'"), "22023"), // a hole in the command
        (call("1, 2", "1, 2", hashes, "'epoch'"), "22023"), // no beginning
        (call("1, 2", "0, 1", "sha256('1'), 'short'", "'epoch'"), "23514"),
        (call("1, 2", "0, 1", "sha256('1')", "'epoch'"), "23502"),
        (
            call(
                "1, 2",
                "0, 1",
                hashes,
                "'epoch'::timestamptz + interval '1 microsecond'",
            ),
            "23514",
        ),
    ] {
        assert_eq!(refused(&app, &sql).await, code, "{sql}");
    }
    let good = call("1, 2", "0, 1", hashes, "'epoch'");
    assert_eq!(
        app.query_one(&good, &[]).await.unwrap().get::<_, &str>(0),
        "appended"
    );
    let stale = app.query_one(&good, &[]).await.unwrap();
    assert_eq!(stale.get::<_, &str>(0), "stale");
}
