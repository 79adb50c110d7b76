//! Signed heads are kept once, in order, and for good.

use domain::time::Timestamp;
use eventlog::{
    Head, Position, Reader, SignedHead, hashes, latest_signed_head, lock_signing, signed_heads,
    signed_heads_before,
};

use crate::world::{World, command, stream};

fn head(position: Position) -> SignedHead {
    SignedHead {
        position,
        note: format!("desk.example/log\n{position}\n"),
        peaks: vec![[1; 32], [2; 32]],
        signed_at: Timestamp::from_millis(1_795_393_955_572),
    }
}

#[tokio::test]
async fn a_head_is_kept_once_and_for_good() {
    let world = World::new().await;
    let log = world.log().await;
    for version in 0..3 {
        log.append(command(&stream(), 0)).await.unwrap();
        assert!(log.keep_signed_head(&head(version + 1)).await.unwrap());
    }
    let other = SignedHead {
        note: "another".to_owned(),
        ..head(2)
    };
    assert!(!log.keep_signed_head(&other).await.unwrap());
    assert!(
        log.keep_signed_head(&head(4)).await.is_err(),
        "there is no such event"
    );
    let app = world.app().await;
    assert_eq!(latest_signed_head(&app).await.unwrap(), Some(head(3)));
    assert_eq!(signed_heads(&app, 1).await.unwrap(), [head(2), head(3)]);
    assert_eq!(
        signed_heads_before(&app, 3, 10).await.unwrap(),
        [head(2), head(1)]
    );
    for sql in [
        "UPDATE log.signed_heads SET note = ''",
        "DELETE FROM log.signed_heads",
        "TRUNCATE log.signed_heads",
    ] {
        assert!(world.admin.batch_execute(sql).await.is_err(), "{sql}");
        assert!(app.batch_execute(sql).await.is_err(), "{sql}");
    }
    let insert = "INSERT INTO log.signed_heads VALUES (9, '', '', now())";
    assert!(app.batch_execute(insert).await.is_err());
}

#[tokio::test]
async fn every_hash_is_given_in_order() {
    let world = World::new().await;
    let log = world.log().await;
    for _ in 0..5 {
        log.append(command(&stream(), 0)).await.unwrap();
    }
    let app = world.app().await;
    let mut seen: Vec<Head> = Vec::new();
    hashes(&app, 4, |head| seen.push(*head)).await.unwrap();
    let all = world.all(&log).await;
    let expected = all[..4].iter().map(|event| Head {
        position: event.position,
        hash: event.hash,
    });
    assert_eq!(seen, expected.collect::<Vec<_>>());
}

#[tokio::test]
async fn one_signs_at_a_time() {
    let world = World::new().await;
    let first = Reader::connect(&world.config).await.unwrap();
    let second = Reader::connect(&world.config).await.unwrap();
    second.batch_execute("SET lock_timeout = '50ms'").await.unwrap();
    assert!(lock_signing(&first).await.unwrap());
    assert!(!lock_signing(&second).await.unwrap());
    drop(first);
    second.batch_execute("SET lock_timeout = '30s'").await.unwrap();
    assert!(lock_signing(&second).await.unwrap());
}
