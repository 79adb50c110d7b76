//! Lists that clients look at: what enters, leaves or changes in them, and how many tickets they have.
//!
//! A client says by which filters it looks, and under which name. All that look at the same tickets share one [`List`],
//! which is judged by the same function as `GET /api/tickets`, and whose numbers are read once and moved by each event.

mod changes;
mod listen;
mod tally;
mod teller;
mod watch;

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use domain::AccountId;
use eventlog::Position;
use parking_lot::Mutex;
use projections::tickets::{Letters, ListReader, Matcher};
use socketioxide::socket::Sid;
use tokio::sync::{Notify, OnceCell, Semaphore};
use tokio::time::{Instant, sleep, timeout};
use wire::live::ListTallies;

use crate::authenticate::Unavailable;
use crate::client::Client;
use crate::told::Told;

pub(crate) use changes::ListFrames;
pub(crate) use listen::{NotWatched, listen, rights_changed, watch_all};
pub(crate) use teller::{CountFrames, tell_counts};
pub(crate) use watch::{List, Watched};

use tally::{Cells, Move};
use watch::Key;

/// At most one `list:counts` of a list in this time.
const COUNTS_INTERVAL: Duration = Duration::from_secs(1);
/// How long a read model that is behind may take to come nearer before it is asked again.
const READ_PAUSE: Duration = Duration::from_millis(20);

/// All lists that somebody watches. Locks are taken in this order: a client's own, then `kept`, then a list's.
pub(crate) struct Lists {
    reader: Option<ListReader>,
    letters: OnceCell<Arc<Letters>>,
    kept: Mutex<Kept>,
    /// Whoever watches any.
    watchers: Mutex<HashMap<Sid, Weak<Client>>>,
    /// Some numbers have changed.
    changed: Notify,
}

struct Kept {
    /// By the only person whose tickets can be in it, if there is one, so that an event asks few of them.
    lists: HashMap<Option<AccountId>, HashMap<Key, Weak<List>>>,
    /// Every ticket's event up to here has been counted.
    followed: Position,
    /// How many lists there were.
    made: u64,
}

impl Lists {
    /// Nobody watches any yet; events after `head` will be counted.
    pub(crate) fn new(reader: Option<ListReader>, head: Position) -> Self {
        Self {
            reader,
            letters: OnceCell::new(),
            kept: Mutex::new(Kept {
                lists: HashMap::new(),
                followed: head,
                made: 0,
            }),
            watchers: Mutex::default(),
            changed: Notify::new(),
        }
    }

    /// How titles are compared.
    pub(crate) async fn letters(&self) -> Result<Arc<Letters>, Unavailable> {
        let reader = self.reader.as_ref().ok_or(Unavailable)?;
        let asked = self.letters.get_or_try_init(|| async {
            reader.letters().await.map(Arc::new).map_err(|error| {
                tracing::warn!(%error, "[Socket.IO] The read models cannot be asked how titles are compared");
                Unavailable
            })
        });
        asked.await.cloned()
    }

    /// Whether it is known how titles are compared.
    fn has_letters(&self) -> bool {
        self.letters.initialized()
    }

    /// The list of what fits `key`, which others may be watching already. [`Self::letters`] must have been asked.
    fn list(&self, key: Key) -> Result<Arc<List>, Unavailable> {
        let letters = self.letters.get().ok_or(Unavailable)?;
        let mut kept = self.kept.lock();
        kept.made += 1;
        let number = kept.made;
        let lists = kept.lists.entry(key.filter.requester).or_default();
        if let Some(list) = lists.get(&key).and_then(Weak::upgrade) {
            return Ok(list);
        }
        let matcher = Matcher::new(key.filter.clone(), Arc::clone(letters));
        let list = Arc::new(List::new(number, matcher, key.cut));
        lists.insert(key, Arc::downgrade(&list));
        Ok(list)
    }

    /// Moves the numbers of all lists that the event concerns. Each event counts once, in log order.
    pub(crate) fn count(&self, told: &Told) {
        let mut kept = self.kept.lock();
        if told.position <= kept.followed {
            return;
        }
        kept.followed = told.position;
        let mut has_changed = false;
        for owner in [None, Some(told.owner())] {
            let Some(lists) = kept.lists.get(&owner) else {
                continue;
            };
            for list in lists.values().filter_map(Weak::upgrade) {
                let moved = Move {
                    from: told.was_in(&list),
                    to: told.is_in(&list),
                };
                has_changed |= list.tally.lock().take(told.position, moved);
            }
        }
        drop(kept);
        if has_changed {
            self.changed.notify_one();
        }
    }

    /// How many tickets the list has, and as of which position; none if that is not known.
    fn counts(&self, list: &List) -> Option<(Position, ListTallies)> {
        let followed = self.kept.lock().followed;
        let mut tally = list.tally.lock();
        let (base, cells) = tally.answer()?;
        Some((base.max(followed), tallies(cells)))
    }

    /// The same; reads them where nobody has yet, which `permits` bounds, for `patience` at most.
    pub(crate) async fn read_counts(
        &self,
        list: &List,
        permits: &Semaphore,
        patience: Duration,
    ) -> Result<(Position, ListTallies), Unavailable> {
        match timeout(patience, self.load(list, permits)).await {
            Ok(Ok(())) => self.counts(list).ok_or(Unavailable),
            Ok(Err(Unavailable)) | Err(_) => Err(Unavailable),
        }
    }

    /// Reads a list's numbers where they are not known: what the read model has at its own checkpoint, and from there on
    /// what the relay tells meanwhile and afterwards.
    async fn load(&self, list: &List, permits: &Semaphore) -> Result<(), Unavailable> {
        let reader = self.reader.as_ref().ok_or(Unavailable)?;
        let _one_at_a_time = list.loading.lock().await;
        if list.tally.lock().known().is_some() {
            return Ok(());
        }
        let from = {
            let kept = self.kept.lock();
            list.tally.lock().gather();
            kept.followed
        };
        loop {
            let read = {
                let _permit = permits.acquire().await.map_err(|_| Unavailable)?;
                reader.tallies(list.matcher.filter()).await
            };
            let read = read.map_err(|error| {
                tracing::warn!(%error, "[Socket.IO] The tickets of a list cannot be counted");
                Unavailable
            })?;
            // What happened up to `from` was not gathered, so the read model must have it.
            if read.position >= from {
                return list.tally.lock().found(&read).then_some(()).ok_or(Unavailable);
            }
            sleep(READ_PAUSE).await;
        }
    }

    /// What is known of numbers is not to be relied on any more: the event at this position is passed over, so the read
    /// model must have it.
    pub(crate) fn forget_counts(&self, position: Position) {
        {
            let mut kept = self.kept.lock();
            kept.followed = kept.followed.max(position);
        }
        for list in self.all() {
            list.tally.lock().forget();
        }
        self.changed.notify_one();
    }

    /// Those lists whose numbers are to be told now, with them; when the next ones are; and those whose numbers must be
    /// read anew.
    fn due(&self, now: Instant) -> Due {
        let mut due = Due::default();
        let followed = self.kept.lock().followed;
        for list in self.all() {
            let mut tally = list.tally.lock();
            if !tally.has_changed() {
                continue;
            }
            let Some(at) = tally.next_telling(now) else {
                drop(tally);
                due.unknown.push(list);
                continue;
            };
            if at > now {
                due.next = Some(due.next.map_or(at, |next| next.min(at)));
            } else if let Some((base, cells)) = tally.tell(now) {
                let counts = (base.max(followed), tallies(cells));
                drop(tally);
                due.told.push((list, counts));
            }
        }
        due
    }

    /// Forgets the lists that nobody watches any more.
    pub(crate) fn tidy(&self) {
        self.all();
    }

    /// All lists; forgets those that nobody watches any more.
    fn all(&self) -> Vec<Arc<List>> {
        let mut kept = self.kept.lock();
        let mut all = Vec::new();
        kept.lists.retain(|_, lists| {
            lists.retain(|_, list| {
                let list = list.upgrade();
                let is_there = list.is_some();
                all.extend(list);
                is_there
            });
            !lists.is_empty()
        });
        all
    }

    /// From now on, the client is among the watchers.
    fn add_watcher(&self, client: &Arc<Client>) {
        self.watchers.lock().insert(client.id, Arc::downgrade(client));
    }

    /// Whoever watches a list; forgets those that do no longer.
    pub(crate) fn watchers(&self) -> Vec<Arc<Client>> {
        let watchers = std::mem::take(&mut *self.watchers.lock());
        // A client's own lock comes first.
        let there: Vec<_> = watchers
            .values()
            .filter_map(Weak::upgrade)
            .filter(|client| client.is_watching())
            .collect();
        let mut watchers = self.watchers.lock();
        for client in &there {
            watchers
                .entry(client.id)
                .or_insert_with(|| Arc::downgrade(client));
        }
        there
    }

    /// How many lists somebody watches.
    pub(crate) fn len(&self) -> usize {
        self.all().len()
    }
}

/// What is to be done about numbers.
#[derive(Default)]
struct Due {
    told: Vec<(Arc<List>, (Position, ListTallies))>,
    next: Option<Instant>,
    unknown: Vec<Arc<List>>,
}

fn tallies(cells: &Cells) -> ListTallies {
    let mut tallies = ListTallies::default();
    for ((status, priority), tickets) in cells {
        if *tickets != 0 {
            tallies.total += tickets;
            *tallies.by_status.entry(status.to_string()).or_default() += tickets;
            *tallies.by_priority.entry(priority.to_string()).or_default() += tickets;
        }
    }
    tallies
}

#[cfg(test)]
mod tests;
