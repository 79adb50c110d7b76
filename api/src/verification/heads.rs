//! Signed heads, those that are kept beside the log and those that somebody else kept: what they swear must still be so.

use audit::head::HeadError;
use audit::merkle::Frontier;
use audit::note::NoteError;
use audit::{TreeHead, VerifierKey};
use eventlog::{Findings, Head, Position, ReadError, SIGNED_HEADS_PAGE_MAX, hashes, signed_heads};
use tokio_postgres::Client;

use super::report::{Finding, Name, Outcome, Section};
use super::{KeptHead, Plan};
use crate::problem::chain;

/// What signed heads swear, and what of it has been seen.
pub(super) struct Heads {
    sworn: Vec<Sworn>,
    next: usize,
    frontier: Frontier,
    /// Every event so far was there.
    whole: bool,
    stored: usize,
    given: usize,
    findings: Findings<Finding>,
    failure: Option<String>,
    key_missing: bool,
}

struct Sworn {
    head: Head,
    root: [u8; 32],
    /// Where it was kept, if not beside the log.
    place: Option<String>,
}

impl Heads {
    /// Collects all heads that are to be looked at, and opens them with the keys that are known.
    pub(super) async fn collect(client: &Client, keys: &[VerifierKey], plan: &Plan) -> Self {
        let mut this = Self {
            sworn: Vec::new(),
            next: 0,
            frontier: Frontier::default(),
            whole: true,
            stored: 0,
            given: plan.heads.len(),
            findings: Findings::default(),
            failure: None,
            key_missing: keys.is_empty(),
        };
        for KeptHead { place, note } in &plan.heads {
            this.take(note, keys, None, Some(place));
        }
        // From the event before on, so that the head of `since` itself is among them.
        let outcome = this.load(client, keys, plan.since.max(1) - 1).await;
        if let Err(error) = outcome {
            this.failure = Some(chain(&error));
        }
        this.sworn.sort_by_key(|sworn| sworn.head.position);
        if plan.since > 0
            && !this.sworn.is_empty()
            && let Err(error) = hashes(client, plan.since, |head| this.see(head)).await
        {
            this.failure = Some(chain(&error));
        }
        this
    }

    async fn load(
        &mut self,
        client: &Client,
        keys: &[VerifierKey],
        mut after: Position,
    ) -> Result<(), ReadError> {
        loop {
            let page = signed_heads(client, after).await?;
            for stored in &page {
                after = stored.position;
                self.stored += 1;
                self.take(&stored.note, keys, Some(stored.position), None);
            }
            if page.len() < SIGNED_HEADS_PAGE_MAX {
                return Ok(());
            }
        }
    }

    /// Opens a note; `position` is where it is kept to be of.
    fn take(&mut self, note: &str, keys: &[VerifierKey], position: Option<Position>, place: Option<&String>) {
        let which = place.map_or_else(
            || "the signed head".to_owned(),
            |place| format!("the head in {place}"),
        );
        let unsigned = HeadError::Note(NoteError::Unsigned);
        let opened = keys.iter().map(|key| TreeHead::open(note, key));
        let opened = opened
            .reduce(|one, other| if one == Err(unsigned) { other } else { one })
            .unwrap_or(Err(unsigned));
        let finding = match opened {
            Ok(tree) if position.is_none_or(|position| position == tree.head.position) => {
                if tree.head.position > 0 {
                    self.sworn.push(Sworn {
                        head: tree.head,
                        root: tree.root,
                        place: place.cloned(),
                    });
                }
                return;
            }
            Ok(tree) => Finding::critical(format!("{which} is of position {}", tree.head.position)),
            // A note of another key proves nothing to whoever has not that key: nobody knows whether it is good.
            Err(error) if error == unsigned => Finding::warning(format!(
                "{which} is signed by none of the keys that are known here"
            )),
            Err(error) => Finding::critical(format!("{which} is not to be believed: {error}")),
        };
        self.findings.add(match position {
            Some(position) => finding.at(position),
            None => finding,
        });
    }

    /// Takes in the next event's hash.
    pub(super) fn see(&mut self, seen: &Head) {
        self.whole &= self.frontier.size() + 1 == seen.position.unsigned_abs();
        if self.whole && !self.sworn.is_empty() {
            self.frontier.push(&seen.hash);
        } else if self.sworn.is_empty() {
            return;
        }
        while let Some(sworn) = self.sworn.get(self.next)
            && sworn.head.position <= seen.position
        {
            self.next += 1;
            let finding = if sworn.head.position < seen.position {
                Some(Finding::critical(sworn.say("its event is missing")))
            } else if sworn.head.hash != seen.hash {
                let finding = Finding::critical(sworn.say("its chain hash is not the log's"));
                Some(finding.instead(hex::encode(sworn.head.hash), hex::encode(seen.hash)))
            } else if !self.whole {
                Some(Finding::critical(
                    sworn.say("events before it are missing, so its tree cannot be made"),
                ))
            } else {
                let root = self.frontier.root();
                (root != sworn.root).then(|| {
                    Finding::critical(sworn.say("its Merkle root is not the log's"))
                        .instead(hex::encode(sworn.root), hex::encode(root))
                })
            };
            if let Some(finding) = finding {
                self.findings.add(finding.at(sworn.head.position));
            }
        }
    }

    /// After the last event.
    pub(super) fn section(mut self, end: Position) -> Section {
        for sworn in &self.sworn[self.next..] {
            let what = format!("the log ends at {end}: its end was cut off");
            self.findings
                .add(Finding::critical(sworn.say(&what)).at(sworn.head.position));
        }
        let checked = self.sworn.len() as u64;
        let mut section = Section::of(Name::SignedHeads, checked, "heads", self.findings);
        section.notes.push(format!(
            "{} kept beside the log, {} given",
            self.stored, self.given
        ));
        if self.key_missing && self.stored + self.given > 0 {
            section.failed("there is no key to check them with".to_owned());
        }
        if let Some(failure) = self.failure {
            section.failed(failure);
        }
        section
    }
}

impl Sworn {
    fn say(&self, what: &str) -> String {
        match &self.place {
            Some(place) => format!("the head in {place}: {what}"),
            None => format!("the signed head: {what}"),
        }
    }
}

/// The section of a walk that could not be done.
pub(super) fn failed(why: String) -> Section {
    Section::without(Name::SignedHeads, Outcome::Failed, why)
}
