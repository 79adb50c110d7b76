//! What goes wrong, and what is changed, while people write.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use reqwest::Method;
use rustix::process::Signal;
use serde_json::{Value, json};
use tests::dice::Dice;
use tests::wait;
use tokio::time::sleep;

use super::desk::{Desk, PLACES, Who, id};
use super::told::Begun;

/// A kind of incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// `kill -9` of the server, and a new start.
    ServerKilled,
    /// The server stands still, and a client is cut meanwhile.
    ServerFrozen,
    /// The network of one place loses all connections.
    NetworkCut,
    /// All networks do.
    AllNetworksCut,
    /// One client's connection ends.
    ConnectionClosed,
    /// A place's client program stands still for a moment, and nothing is lost.
    ClientsFrozen,
    /// It stands still, and its network loses all connections meanwhile.
    ClientsFrozenAndCut,
    /// It stands still until the server has given up all its clients.
    ClientsFrozenUntilGivenUp,
    TicketDeleted,
    RoleChanged,
    AccountSwitched,
}

/// How often each of them is rolled; what takes longest is not.
const WEIGHTS: [(Kind, usize); 10] = [
    (Kind::ServerKilled, 1),
    (Kind::ServerFrozen, 3),
    (Kind::NetworkCut, 6),
    (Kind::AllNetworksCut, 2),
    (Kind::ConnectionClosed, 13),
    (Kind::ClientsFrozen, 3),
    (Kind::ClientsFrozenAndCut, 3),
    (Kind::TicketDeleted, 3),
    (Kind::RoleChanged, 3),
    (Kind::AccountSwitched, 3),
];
/// Once in so many cuts, client programs stand still until the server has given them up: that takes as long as two pings.
const GIVEN_UP_EVERY: usize = 250;
const GIVEN_UP_WITHIN: Duration = Duration::from_mins(2);

/// Incidents so far, and what is needed for the next one.
pub(super) struct Incidents {
    dice: Dice,
    /// Each kind once, before chance decides.
    first: Vec<Kind>,
    pub(super) counts: BTreeMap<Kind, usize>,
    /// Connections that were cut.
    pub(super) cuts: usize,
    pub(super) begun: Begun,
    is_eve_agent: bool,
    is_nora_active: bool,
}

impl fmt::Display for Incidents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cuts {}", self.cuts)?;
        self.counts
            .iter()
            .try_for_each(|(kind, count)| write!(f, " {kind:?} {count}"))
    }
}

impl Incidents {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            dice: Dice::new(seed),
            first: WEIGHTS.iter().map(|(kind, _)| *kind).collect(),
            counts: BTreeMap::new(),
            cuts: 0,
            begun: Begun::default(),
            is_eve_agent: true,
            is_nora_active: true,
        }
    }

    fn roll(&mut self) -> Kind {
        if !self.first.is_empty() {
            return self.first.swap_remove(self.dice.below(self.first.len()));
        }
        let given_up = self.counts.get(&Kind::ClientsFrozenUntilGivenUp).copied();
        if self.cuts / GIVEN_UP_EVERY > given_up.unwrap_or(0) {
            return Kind::ClientsFrozenUntilGivenUp;
        }
        let kinds = WEIGHTS
            .iter()
            .flat_map(|(kind, weight)| std::iter::repeat_n(*kind, *weight));
        let kinds: Vec<Kind> = kinds.collect();
        self.dice.one_of(&kinds)
    }

    /// Whether some kind has not happened yet.
    pub(super) fn has_kinds_left(&self) -> bool {
        !self.first.is_empty()
    }

    /// One more, and a pause after it.
    pub(super) async fn next(&mut self, desk: &mut Desk) {
        let kind = self.roll();
        *self.counts.entry(kind).or_default() += 1;
        let place = self.dice.below(PLACES);
        let somebody = self.dice.one_of(&Who::ALL);
        self.cuts += match kind {
            Kind::ServerKilled => kill_server(desk).await,
            Kind::ServerFrozen => {
                desk.server.signal(Signal::STOP);
                sleep(Duration::from_millis(50)).await;
                desk.places[place].client(somebody).lose_connection();
                desk.server.signal(Signal::CONT);
                1
            }
            Kind::NetworkCut => {
                desk.places[place].way.cut_all();
                Who::ALL.len()
            }
            Kind::AllNetworksCut => {
                desk.places.iter().for_each(|place| place.way.cut_all());
                PLACES * Who::ALL.len()
            }
            Kind::ConnectionClosed => {
                desk.places[place].client(somebody).lose_connection();
                1
            }
            Kind::ClientsFrozen => freeze(desk, place, self.moment(), false).await,
            Kind::ClientsFrozenAndCut => freeze(desk, place, self.moment(), true).await,
            Kind::ClientsFrozenUntilGivenUp => freeze_until_given_up(desk, place).await,
            Kind::TicketDeleted => self.delete_a_ticket(desk).await,
            Kind::RoleChanged => self.change_role(desk).await,
            Kind::AccountSwitched => self.switch_account(desk).await,
        };
        sleep(self.moment() / 4).await;
    }

    fn moment(&mut self) -> Duration {
        Duration::from_millis(u64::try_from(self.dice.below(600)).unwrap())
    }

    /// Whoever was deactivated last is let in again.
    pub(super) async fn end(&mut self, desk: &mut Desk) {
        if !self.is_nora_active {
            self.switch_account(desk).await;
        }
    }

    /// One ticket goes, and another one comes.
    async fn delete_a_ticket(&mut self, desk: &Desk) -> usize {
        let number = self.dice.below(desk.tickets.lock().unwrap().len());
        let owner = desk.people.get(if number.is_multiple_of(2) {
            Who::Ulla
        } else {
            Who::Otto
        });
        let next = id(&owner.new_ticket("Printer on fire").await);
        let gone = std::mem::replace(&mut desk.tickets.lock().unwrap()[number], next);
        self.begun.deletions.insert(gone.clone(), Instant::now());
        let path = format!("/api/tickets/{gone}");
        let ada = desk.people.get(Who::Ada);
        let answer = wait::until("an answer other than a conflict", async || {
            let answer = ada.delete(&path).await;
            // Others write on it at this moment.
            (answer.status != 409).then_some(answer)
        });
        answer.await.good();
        0
    }

    async fn change_role(&mut self, desk: &Desk) -> usize {
        self.is_eve_agent ^= true;
        let role = if self.is_eve_agent { "ADMIN" } else { "USER" };
        self.change_account(desk, Who::Eve, &json!({ "role": role }))
            .await;
        if self.is_eve_agent {
            // She sees more now, and her clients want to be where that is told.
            for place in &desk.places {
                place.client(Who::Eve).rejoin();
            }
        }
        0
    }

    async fn switch_account(&mut self, desk: &mut Desk) -> usize {
        self.is_nora_active ^= true;
        self.change_account(desk, Who::Nora, &json!({ "isActive": self.is_nora_active }))
            .await;
        if !self.is_nora_active {
            return PLACES;
        }
        let nora = desk.people.get(Who::Nora).again().await;
        for place in &desk.places {
            place
                .client(Who::Nora)
                .reconnect(&json!({ "token": nora.token() }));
        }
        desk.people.has_returned(Who::Nora, nora);
        0
    }

    async fn change_account(&mut self, desk: &Desk, who: Who, wish: &Value) {
        let account = desk.people.get(who).id().to_owned();
        let path = format!("/api/admin/users/{account}");
        let begun = self.begun.rights.entry(account).or_default();
        begun.push(Instant::now());
        let key = format!("{who:?}-{}", begun.len());
        let ada = desk.people.get(Who::Ada);
        ada.insist(Method::PATCH, &path, &key, wish).await.good();
    }
}

async fn kill_server(desk: &mut Desk) -> usize {
    let port = desk.server.address().port().to_string();
    desk.server.kill().await;
    desk.server = desk.ground.serve(&[("PORT", &port)]).await;
    PLACES * Who::ALL.len()
}

async fn freeze(desk: &Desk, place: usize, moment: Duration, is_cut: bool) -> usize {
    let place = &desk.places[place];
    place.program.signal(Signal::STOP);
    sleep(moment).await;
    if is_cut {
        place.way.cut_all();
    }
    place.program.signal(Signal::CONT);
    if is_cut { Who::ALL.len() } else { 0 }
}

/// Nothing of the place is heard any more: the server misses answers to its pings, or it has nowhere left to write to.
async fn freeze_until_given_up(desk: &Desk, place: usize) -> usize {
    let place = &desk.places[place];
    place.program.signal(Signal::STOP);
    let log = desk.server.log();
    let before = log.lines_so_far();
    let is_gone =
        |id: &String, since: usize| log.has(since, &format!("[Socket.IO] Client disconnected: {id}"));
    let is_here = |id: &String| {
        let came = log.has(0, &format!("[Socket.IO] Client connected: {id}"));
        came && !is_gone(id, 0)
    };
    let ids = place.clients().iter().map(|client| client.identity().0);
    let here: Vec<String> = ids.filter(is_here).collect();
    wait::until_within(GIVEN_UP_WITHIN, "clients that are given up", async || {
        here.iter().all(|id| is_gone(id, before)).then_some(())
    })
    .await;
    place.program.signal(Signal::CONT);
    here.len()
}
