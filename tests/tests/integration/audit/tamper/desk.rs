//! A desk of 10,000 events with read models, attachments and signed heads.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use api::heads::Heads;
use api::verification::Verifier;
use audit::Signer;
use bytes::Bytes;
use commands::AttachmentStore;
use domain::account::Registered;
use domain::ids::{AccountId, AttachmentId, CommentId, TicketId, uuid_v7};
use domain::ticket::{
    Assigned, AttachmentAdded, Category, CommentAdded, Created, Priority, Status, StatusChanged,
    TitleChanged, Visibility,
};
use domain::{AccountEvent, Role, TicketEvent, codec};
use eventlog::{Append, EventLog, Metadata, NewEvent, StreamId};
use futures::future::join_all;
use object_store::local::LocalFileSystem;
use ops::clock::{OsEntropy, SystemClock};
use projections::{Engine, Options, Projections};
use tempfile::TempDir;
use tests::postgres::TestDatabase;
use tests::wait;
use uuid::Uuid;

/// How many events there are.
pub(super) const EVENTS: i64 = 10_000;
const PEOPLE: usize = 40;
/// Events of one ticket.
const TICKET_EVENTS: usize = 6;
/// Every so many tickets have an attachment.
const ATTACHED_EVERY: usize = 40;
/// After so many tickets a head is signed.
const HEAD_EVERY: usize = 332;

pub(super) struct Desk {
    pub(super) database: TestDatabase,
    pub(super) verifier: Verifier,
    /// Where the bytes of attachments are.
    pub(super) uploads: PathBuf,
    /// Signed heads that somebody else keeps.
    pub(super) kept: Vec<String>,
    _folder: TempDir,
}

impl Desk {
    pub(super) async fn new() -> Self {
        let database = TestDatabase::new().await;
        let config = database.config();
        let options = eventlog::Options {
            append_wait: wait::DEADLINE,
            ..eventlog::Options::default()
        };
        let pool = eventlog::pool(&config, 4).unwrap();
        let log = EventLog::open(pool, config.clone(), Arc::new(SystemClock), options)
            .await
            .unwrap();
        let folder = tests::postgres::new_data_dir();
        let uploads = folder.path().join("uploads");
        std::fs::create_dir(&uploads).unwrap();
        let store = Arc::new(LocalFileSystem::new_with_prefix(&uploads).unwrap());
        let attachments = AttachmentStore::new(store, 1 << 20, Arc::new(OsEntropy));
        let signer = Signer::new("desk.example/log", &[7; 32]).unwrap();
        let heads = Heads::new(
            log.clone(),
            config.clone(),
            Arc::new(signer),
            Arc::new(SystemClock),
        );

        let engine = Engine::new(log.clone(), &config);
        let projections = Projections::start(engine.clone(), Options::default())
            .await
            .unwrap();
        let kept = fill(&log, &attachments, &heads).await;
        projections
            .wait_for(EVENTS, Duration::from_mins(2))
            .await
            .unwrap();
        projections.stop().await;
        Self {
            verifier: Verifier {
                config,
                engine,
                attachments,
                keys: vec![heads.key().clone()],
            },
            database,
            uploads,
            kept,
            _folder: folder,
        }
    }
}

/// Writes the log; the notes of the heads that were signed on the way.
async fn fill(log: &EventLog, attachments: &AttachmentStore, heads: &Heads) -> Vec<String> {
    let people: Vec<AccountId> = (0..PEOPLE).map(|_| AccountId::from_uuid(new_id())).collect();
    for (number, account) in people.iter().enumerate() {
        let registered = AccountEvent::Registered(Registered {
            account: *account,
            email: format!("person{number}@example.test").parse().unwrap(),
            name: format!("Person {number}").parse().unwrap(),
            role: if number < 5 { Role::Admin } else { Role::User },
            department: None,
        });
        let encoded = codec::encode_account(&registered);
        append(log, "account", account.as_uuid(), vec![stored(encoded)]).await;
    }
    let tickets = (usize::try_from(EVENTS).unwrap() - PEOPLE) / TICKET_EVENTS;
    let mut kept = Vec::new();
    for first in (0..tickets).step_by(HEAD_EVERY) {
        let some =
            (first..tickets.min(first + HEAD_EVERY)).map(|number| ticket(log, attachments, &people, number));
        join_all(some).await;
        kept.push(heads.sign().await.unwrap().head.note);
    }
    assert_eq!(log.head().await.unwrap().position, EVENTS);
    kept
}

async fn ticket(log: &EventLog, attachments: &AttachmentStore, people: &[AccountId], number: usize) {
    let (requester, agent) = (people[number % PEOPLE], people[number % 5]);
    let id = new_id();
    let comment = |author, visibility| {
        TicketEvent::CommentAdded(CommentAdded {
            comment: CommentId::from_uuid(new_id()),
            author,
            body: format!("Said about number {number}").parse().unwrap(),
            visibility,
        })
    };
    let last = if number.is_multiple_of(ATTACHED_EVERY) {
        attachment(attachments, requester, number).await
    } else {
        TicketEvent::TitleChanged(TitleChanged {
            title: format!("Printer {number} on ice").parse().unwrap(),
        })
    };
    let events = [
        TicketEvent::Created(Created {
            ticket: TicketId::from_uuid(id),
            requester,
            title: format!("Printer {number} on fire").parse().unwrap(),
            description: "It burns with a blue flame".parse().unwrap(),
            priority: Priority::ALL[number % Priority::ALL.len()],
            category: Category::ALL[number % Category::ALL.len()],
        }),
        TicketEvent::Assigned(Assigned { assignee: agent }),
        comment(agent, Visibility::Public),
        comment(agent, Visibility::Internal),
        TicketEvent::StatusChanged(StatusChanged {
            status: Status::ALL[1 + number % (Status::ALL.len() - 1)],
        }),
        last,
    ];
    assert_eq!(events.len(), TICKET_EVENTS);
    let events = events
        .iter()
        .map(|event| stored(codec::encode_ticket(event)))
        .collect();
    append(log, "ticket", id, events).await;
}

async fn attachment(attachments: &AttachmentStore, uploader: AccountId, number: usize) -> TicketEvent {
    let bytes = Bytes::from(format!("the bytes of file {number}\n").repeat(20));
    let bytes = futures::stream::iter([Ok::<_, std::io::Error>(bytes)]);
    let kept = attachments.put(bytes).await.unwrap();
    TicketEvent::AttachmentAdded(AttachmentAdded {
        attachment: AttachmentId::from_uuid(new_id()),
        uploader,
        file_name: format!("file{number}.txt").parse().unwrap(),
        size: kept.size,
        media_type: kept.media_type,
        sha256: kept.sha256,
    })
}

async fn append(log: &EventLog, category: &'static str, stream: Uuid, events: Vec<NewEvent>) {
    let append = Append {
        stream: StreamId::new(category, stream),
        expected: 0,
        events,
        metadata: Metadata {
            actor: "system:test".to_owned(),
            command_id: new_id(),
            correlation_id: new_id(),
            causation_id: None,
            origin: "test".to_owned(),
            fingerprint: None,
            traceparent: None,
        },
        category_unchanged_since: None,
    };
    log.append(append).await.unwrap();
}

fn stored(encoded: codec::Encoded) -> NewEvent {
    NewEvent {
        event_id: new_id(),
        event_type: encoded.event_type.to_owned(),
        schema_version: encoded.schema_version,
        payload: encoded.payload,
    }
}

fn new_id() -> Uuid {
    uuid_v7(&SystemClock, &OsEntropy)
}
