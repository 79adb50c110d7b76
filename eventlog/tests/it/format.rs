//! FORMAT.md says what is true.

use crate::world::{World, event, payload, stream};

const FORMAT: &str = include_str!("../../FORMAT.md");

#[tokio::test]
async fn the_sql_of_the_format_page_agrees_with_the_log() {
    let world = World::new().await;
    let log = world.log().await;
    let (one, other) = (stream(), stream());
    let mut first = payload(
        &one,
        0,
        "{ \"text\": \"Grüße aus Köln — プリンター 🖨 \\n\\u0041\", \"n\": 1.0 }",
    );
    first.events.push(event("[]"));
    log.append(first).await.unwrap();
    log.append(payload(&other, 0, "\"ü\"")).await.unwrap();
    log.append(payload(&one, 2, "null")).await.unwrap();

    let (_, sql) = FORMAT.split_once("```sql\n").unwrap();
    let (sql, _) = sql.split_once("```").unwrap();
    assert!(world.admin.query(sql, &[]).await.unwrap().is_empty());

    let change = "ALTER TABLE log.events DISABLE TRIGGER ALL; UPDATE log.events SET payload = '\"u\"' WHERE position = 3";
    world.admin.batch_execute(change).await.unwrap();
    let bad = world.admin.query_one(sql, &[]).await.unwrap();
    assert_eq!(bad.get::<_, i64>(0), 3);
}

#[test]
fn the_hashes_of_the_format_page_are_those_of_the_vectors() {
    let vectors: serde_json::Value = serde_json::from_str(include_str!("../vectors/chain.json")).unwrap();
    for vector in vectors.as_array().unwrap() {
        assert!(FORMAT.contains(vector["hash"].as_str().unwrap()));
    }
}
