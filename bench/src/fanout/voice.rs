//! How a broadcast is made: by a comment over HTTP, or by a word to a server that passes on what it is told.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::json;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::spawn_local;

use super::swarm::Swarm;
use crate::client::Client;
use crate::outcome::Outcome;

/// Connections over which comments are made. More than broadcasts are ever on their way: an answer waits for the read
/// models and may come after the broadcast.
const CONNECTIONS: usize = 16;
/// What is said beside the number, so that a frame is about 1.1 kB.
const WORDS: &str = "The printer on the second floor is on fire again, and this time the flame is blue. ";
const CONTENT_BYTES: usize = 500;

/// Somebody who speaks.
pub(crate) enum Voice {
    /// Comments on a ticket.
    Comments(Rc<Comments>),
    /// Tells a server that passes it on.
    Words(mpsc::UnboundedSender<String>),
}

/// Connections that are free.
pub(crate) struct Comments {
    path: String,
    free: RefCell<Vec<Client>>,
    turns: Semaphore,
}

impl Voice {
    /// Somebody with a session who comments on `ticket`.
    pub(crate) async fn comments(swarm: &Swarm, token: &str) -> Outcome<Self> {
        let target = swarm.target();
        let mut free = Vec::new();
        for _ in 0..CONNECTIONS {
            free.push(Client::connect(target.address).await?.signed_in(token));
        }
        Ok(Self::Comments(Rc::new(Comments {
            path: format!("/api/tickets/{}/comments", target.ticket),
            free: RefCell::new(free),
            turns: Semaphore::new(CONNECTIONS),
        })))
    }

    /// Makes the next broadcast, without waiting for it.
    pub(crate) async fn say(&self, swarm: &Rc<Swarm>) -> Outcome<()> {
        let content = content(swarm.tally.made());
        match self {
            Self::Words(words) => {
                swarm.tally.begin();
                words.send(content)?;
            }
            Self::Comments(comments) => {
                comments.turns.acquire().await?.forget();
                let client = comments.free.borrow_mut().pop();
                let mut client = client.ok_or("no free connection")?;
                let (comments, swarm) = (Rc::clone(comments), Rc::clone(swarm));
                swarm.tally.begin();
                spawn_local(async move {
                    let body = json!({ "content": content }).to_string();
                    match client.post(&comments.path, body.into()).await {
                        Ok(_) => {
                            comments.free.borrow_mut().push(client);
                            comments.turns.add_permits(1);
                        }
                        Err(failure) => swarm.tally.fail(format!("a comment failed: {failure}")),
                    }
                });
            }
        }
        Ok(())
    }

    /// Waits until everything that was said is answered.
    pub(crate) async fn rest(&self) -> Outcome<()> {
        if let Self::Comments(comments) = self {
            drop(comments.turns.acquire_many(u32::try_from(CONNECTIONS)?).await?);
        }
        Ok(())
    }
}

fn content(number: usize) -> String {
    let mut content = format!("{number} ");
    content.extend(WORDS.chars().cycle().take(CONTENT_BYTES - content.len()));
    content.trim_end().to_owned()
}
