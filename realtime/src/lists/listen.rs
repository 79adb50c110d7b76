//! Watching a list, and watching it no longer.

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use domain::actor::Actor;
use eventlog::Position;
use futures::future::Either;
use socketioxide::ParserError;
use socketioxide::extract::{AckSender, SocketRef, TryData};
use wire::live::{
    Answer, ListAnswer, ListCounts, ListTallies, ListUnwatch, ListWatch, ListWatched, Resync, ResyncReason,
    event,
};

use super::watch::{Watch, Watched};
use crate::asked::{Asked, Pending, done};
use crate::authenticate::Unavailable;
use crate::client::Client;
use crate::frame::Frame;
use crate::limits::Limit;
use crate::shared::Shared;

const UNAVAILABLE: &str = "unavailable";
/// There is room again when the client watches one list less: it knows best when.
const FULL_RETRY: Duration = Duration::from_secs(1);
/// Characters of what is said about a malformed request, at most.
const EXPLANATION_CHARS_MAX: usize = 200;

/// Why a list is not watched.
pub(crate) enum NotWatched {
    /// As many as one client may watch are.
    Limited,
    /// This.
    Because(String),
}

/// Makes a socket understand `list:watch` and `list:unwatch`.
pub(crate) fn listen(shared: &Arc<Shared>, socket: &SocketRef) {
    let on_watch = Arc::clone(shared);
    let on_unwatch = Arc::clone(shared);
    socket.on(
        event::LIST_WATCH,
        move |socket: SocketRef, TryData(said): TryData<ListWatch>, ack: AckSender| {
            let asked = Asked::of(&on_watch, &socket, ack).and_then(Asked::within_joins);
            asked.map_or_else(done, |asked| asked.watch(said))
        },
    );
    socket.on(
        event::LIST_UNWATCH,
        move |socket: SocketRef, TryData(said): TryData<ListUnwatch>, ack: AckSender| {
            if let Some(asked) = Asked::of(&on_unwatch, &socket, ack) {
                match said {
                    Ok(ListUnwatch { list }) => {
                        asked.client.unwatch(&list);
                        asked.answer(&Answer::OK);
                    }
                    Err(error) => asked.refuse(&malformed(&error)),
                }
            }
            ready(())
        },
    );
}

impl Asked {
    fn watch(self, said: Result<ListWatch, ParserError>) -> Pending {
        let watch = match said {
            Ok(said) => Watch::parse(said).map_err(|error| format!("bad request: {error}")),
            Err(error) => Err(malformed(&error)),
        };
        let watch = match watch {
            Ok(watch) => watch,
            Err(error) => {
                self.refuse(&error);
                return done();
            }
        };
        if !self.shared.lists.has_letters() {
            return Either::Left(Box::pin(async move {
                let answer = watch_one(&self.shared, &self.client, watch).await;
                self.answer_watch(answer);
            }));
        }
        // At once: what the client wishes next of the list of this name comes after this.
        let begun = begin(&self.shared, &self.client, watch);
        Either::Left(Box::pin(async move {
            let answer = match begun {
                Ok(watched) => numbers(&self.shared, &self.client, watched).await,
                Err(error) => Err(error),
            };
            self.answer_watch(answer);
        }))
    }

    fn answer_watch(self, answer: Result<(Position, ListTallies), NotWatched>) {
        match answer {
            Ok((position, counts)) => self.answer(&ListAnswer {
                ok: true,
                position,
                counts,
            }),
            Err(NotWatched::Limited) => self.limited(Limit::ListsPerSocket, FULL_RETRY),
            Err(NotWatched::Because(error)) => self.refuse(&error),
        }
    }
}

fn malformed(error: &ParserError) -> String {
    let text = format!("bad request: {error}");
    text.chars().take(EXPLANATION_CHARS_MAX).collect()
}

/// Watches a list: from now on the client is told what changes in it. The numbers, and the position that they are of.
async fn watch_one(
    shared: &Shared,
    client: &Arc<Client>,
    watch: Watch,
) -> Result<(Position, ListTallies), NotWatched> {
    shared.lists.letters().await.map_err(unavailable)?;
    // First watched and then counted, so that nothing happens in between unheard.
    let watched = begin(shared, client, watch)?;
    numbers(shared, client, watched).await
}

fn begin(shared: &Shared, client: &Arc<Client>, watch: Watch) -> Result<Watched, NotWatched> {
    let watched = client.watch(shared.options.lists_per_socket_max, |actor: &Actor| {
        watch.by(actor, &shared.lists)
    })?;
    shared.lists.add_watcher(client);
    Ok(watched)
}

async fn numbers(
    shared: &Shared,
    client: &Arc<Client>,
    watched: Watched,
) -> Result<(Position, ListTallies), NotWatched> {
    let Some(list) = &watched.list else {
        return Ok((*shared.relayed.borrow(), ListTallies::default()));
    };
    let counts = shared
        .lists
        .read_counts(list, &shared.log_reads, shared.options.patience)
        .await;
    counts.map_err(|error| {
        client.give_up(&watched);
        unavailable(error)
    })
}

fn unavailable(_: Unavailable) -> NotWatched {
    NotWatched::Because(UNAVAILABLE.to_owned())
}

/// Watches the lists of a handshake; the answers in their order.
pub(crate) async fn watch_all(
    shared: &Shared,
    client: &Arc<Client>,
    lists: Vec<ListWatch>,
) -> Vec<ListWatched> {
    let answers = lists.into_iter().map(|said| async move {
        let list = said.list.clone();
        let watched = match Watch::parse(said) {
            Ok(watch) => watch_one(shared, client, watch).await,
            Err(error) => Err(NotWatched::Because(format!("bad request: {error}"))),
        };
        let refused = |error: String| ListWatched {
            list: list.chars().take(EXPLANATION_CHARS_MAX).collect(),
            ok: false,
            error: Some(error),
            position: None,
            counts: None,
        };
        match watched {
            Ok((position, counts)) => ListWatched {
                list,
                ok: true,
                error: None,
                position: Some(position),
                counts: Some(counts),
            },
            Err(NotWatched::Limited) => refused("limited".to_owned()),
            Err(NotWatched::Because(error)) => refused(error),
        }
    });
    futures::future::join_all(answers).await
}

/// The client's rights may be others than before: it watches its lists by the present ones from now on. If that makes
/// other lists of them, it is told to look again, and the new numbers.
pub(crate) fn rights_changed(shared: &Arc<Shared>, client: &Arc<Client>, position: Position) {
    if !client.watch_anew(|watched, actor| watched.watch.clone().by(actor, &shared.lists).ok()) {
        return;
    }
    let resync = Resync {
        position,
        reason: ResyncReason::Rights,
    };
    if let Some(frame) = Frame::plain(event::RESYNC, &resync) {
        shared.tell(client, &frame);
    }
    let (shared, client) = (Arc::clone(shared), Arc::clone(client));
    shared.tasks.clone().spawn(async move {
        for watched in client.watched() {
            let (position, counts) = match &watched.list {
                None => (position, ListTallies::default()),
                Some(list) => {
                    let read = shared
                        .lists
                        .read_counts(list, &shared.log_reads, shared.options.patience);
                    let Ok(counts) = read.await else { continue };
                    counts
                }
            };
            let counts = ListCounts {
                list: watched.watch.name.to_string(),
                position,
                counts,
            };
            if let Some(frame) = Frame::plain(event::LIST_COUNTS, &counts) {
                shared.tell(&client, &frame);
            }
        }
    });
}
