//! Several streams in one read.

use eventlog::{StreamEnds, StreamPart};

use crate::world::{World, command, id, payload, stream};

#[tokio::test]
async fn parts_of_several_streams_are_read_at_once_each_in_order() {
    let world = World::new().await;
    let log = world.log().await;
    let streams = [stream(), stream(), stream()];
    for version in 0..5 {
        for stream in &streams {
            log.append(command(stream, version)).await.unwrap();
        }
    }
    let part = |stream: usize, after, upto| StreamPart {
        id: streams[stream].id,
        after,
        upto,
    };
    let nowhere = StreamPart {
        id: id(),
        after: 0,
        upto: 9,
    };
    let parts = [
        part(2, 1, 3),
        part(0, 0, 100),
        part(1, 4, 5),
        nowhere,
        part(1, 9, 9),
    ];
    let mut read = Vec::new();
    log.read_streams("thing", &parts[..4], |event| {
        read.push((event.stream.id, event.version));
    })
    .await
    .unwrap();
    let of = |stream: usize| {
        let id = streams[stream].id;
        let versions = read.iter().filter(|(of, _)| *of == id);
        versions.map(|(_, version)| *version).collect::<Vec<_>>()
    };
    assert_eq!(of(0), [1, 2, 3, 4, 5]);
    assert_eq!(of(1), [5]);
    assert_eq!(of(2), [2, 3]);
    assert_eq!(read.len(), 8);

    let mut others = 0;
    log.read_streams("other", &parts, |_| others += 1).await.unwrap();
    assert_eq!(others, 0, "a stream is found under its own category only");
    log.read_streams("thing", &[], |_| others += 1).await.unwrap();
    assert_eq!(others, 0);
}

#[tokio::test]
async fn the_ends_of_several_streams_are_read_at_once() {
    let world = World::new().await;
    let log = world.log().await;
    let (many, short) = (stream(), stream());
    for version in 0..3 {
        let text = format!("{{\"version\": {version}}}");
        log.append(payload(&many, version, &text)).await.unwrap();
    }
    log.append(command(&short, 0)).await.unwrap();
    let mut ends = log
        .stream_ends("thing", &[short.id, id(), many.id])
        .await
        .unwrap();
    ends.sort_by_key(|ends| ends.first.position);
    let all = world.all(&log).await;
    let event = |position: usize| (*all[position - 1]).clone();
    let expected = [
        StreamEnds {
            first: event(1),
            last: event(3),
        },
        StreamEnds {
            first: event(4),
            last: event(4),
        },
    ];
    assert_eq!(ends, expected);
    assert_eq!(log.stream_ends("other", &[many.id]).await.unwrap(), []);
    assert_eq!(log.stream_ends("thing", &[]).await.unwrap(), []);
}
