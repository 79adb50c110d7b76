//! The bytes of attachments: what the log says was attached is in the store, and unchanged.

use std::collections::HashSet;

use commands::{AttachmentStore, Soundness, StoreError};
use domain::decider::Decider;
use domain::ticket::{Sha256, TicketEvent, Tickets};
use eventlog::{EventFacts, Findings, Position, ReadError, export_type, last_position};
use futures::{StreamExt, stream};
use tokio_postgres::Client;
use uuid::Uuid;

use super::report::{Finding, Name, Outcome, Section};
use super::{Plan, Progress};
use crate::problem::chain;

/// How many files are read at once.
const AT_ONCE: usize = 4;
/// Most reasons for which files could not be read that are told.
const FAILURES_MAX: usize = 10;

/// The events that attach a file, as they are stored.
const CATEGORY: &str = "ticket";
const EVENT_TYPE: &str = "AttachmentAdded";

/// A file that the log says was attached, by the first event that says so.
struct Attached {
    position: Position,
    stream: Uuid,
    sha256: Sha256,
    size: u64,
}

pub(super) async fn verify(
    client: &Client,
    store: &AttachmentStore,
    plan: &Plan,
    told: &mut (dyn FnMut(Progress) + Send),
) -> Vec<Section> {
    let mut findings = Findings::default();
    let attached = match attached(client, plan.since, &mut findings).await {
        Ok(attached) => attached,
        Err(error) => {
            return vec![Section::without(
                Name::Attachments,
                Outcome::Failed,
                chain(&error),
            )];
        }
    };
    let total = i64::try_from(attached.len()).unwrap_or(i64::MAX);
    let mut failures: Vec<StoreError> = Vec::new();
    let mut checks = stream::iter(attached)
        .map(|attached| async move {
            let soundness = store.check(&attached.sha256, attached.size).await;
            (attached, soundness)
        })
        .buffered(AT_ONCE);
    let mut done = 0;
    while let Some((attached, soundness)) = checks.next().await {
        done += 1;
        told(Progress::new(Name::Attachments, done, total));
        let what = match soundness {
            Ok(Soundness::Sound) => continue,
            Ok(Soundness::Missing) => "the bytes of an attachment are missing",
            Ok(Soundness::Changed) => "the bytes of an attachment are others",
            Err(error) => {
                failures.push(error);
                if failures.len() >= FAILURES_MAX {
                    break;
                }
                continue;
            }
        };
        let mut finding = Finding::critical(what)
            .at(attached.position)
            .in_stream(Some(attached.stream));
        finding.expected = Some(attached.sha256.as_str().to_owned());
        findings.add(finding);
    }
    let mut section = Section::of(Name::Attachments, done.unsigned_abs(), "files", findings);
    for error in failures {
        section.failed(chain(&error));
    }
    vec![section]
}

/// Every file that the log says was attached, once.
async fn attached(
    client: &Client,
    since: Position,
    findings: &mut Findings<Finding>,
) -> Result<Vec<Attached>, ReadError> {
    let mut known = HashSet::new();
    let mut all = Vec::new();
    let until = last_position(client).await?;
    let mut events = export_type(client, CATEGORY, EVENT_TYPE, since.max(0), until).await?;
    while let Some(event) = events.next().await? {
        let EventFacts { position, stream, .. } = event;
        match Tickets::decode(event.event_type, event.schema_version, event.payload) {
            Ok(TicketEvent::AttachmentAdded(added)) => {
                if known.insert((added.sha256.clone(), added.size)) {
                    all.push(Attached {
                        position,
                        stream,
                        sha256: added.sha256,
                        size: added.size,
                    });
                }
            }
            _ => findings.add(
                Finding::critical("the event does not say which file was attached")
                    .at(position)
                    .in_stream(Some(stream)),
            ),
        }
    }
    Ok(all)
}
