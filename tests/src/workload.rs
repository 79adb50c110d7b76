//! Writers who go on whatever happens to the server, and write down what they were told.

use std::sync::{Arc, Mutex};

use domain::ids::uuid_v7;
use ops::clock::{OsEntropy, SystemClock};
use reqwest::Method;
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_postgres::Client as Database;
use uuid::Uuid;

use crate::app::Client;
use crate::checker::{Report, Wish, check};
use crate::wait;

/// What a ticket of a writer is called, before its key.
const TITLE: &str = "Wish ";

/// Writers at work.
pub struct Workload {
    shared: Arc<Shared>,
    writers: Vec<JoinHandle<()>>,
}

struct Shared {
    journal: Mutex<Vec<Wish>>,
    acknowledged: watch::Sender<usize>,
    /// Where the server is at present.
    base: watch::Sender<String>,
    stop: watch::Sender<bool>,
}

impl Workload {
    /// `writers` begin to make tickets as `person`, each wish under a key of its own.
    pub fn start(person: &Client, writers: usize) -> Self {
        let shared = Arc::new(Shared {
            journal: Mutex::default(),
            acknowledged: watch::Sender::new(0),
            base: watch::Sender::new(person.base().to_owned()),
            stop: watch::Sender::new(false),
        });
        let writers = (0..writers)
            .map(|number| tokio::spawn(write(Arc::clone(&shared), person.clone(), number)))
            .collect();
        Self { shared, writers }
    }

    /// The server is elsewhere from now on.
    pub fn moved_to(&self, base: &str) {
        self.shared.base.send_replace(base.to_owned());
    }

    /// How many wishes have been acknowledged so far.
    pub fn acknowledged(&self) -> usize {
        *self.shared.acknowledged.borrow()
    }

    /// Waits until so many more wishes have been acknowledged.
    pub async fn more(&self, number: usize) {
        let mut acknowledged = self.shared.acknowledged.subscribe();
        let goal = *acknowledged.borrow() + number;
        let reached = acknowledged.wait_for(|count| *count >= goal);
        let outcome = wait::within(format!("{number} more acknowledgements"), reached).await;
        outcome.map(drop).unwrap();
    }

    /// Ends the writers, and compares what they were told with the log.
    pub async fn check(self, database: &Database) -> Report {
        let journal = self.stop().await;
        check(&journal, &keys(database).await)
    }

    /// Ends the writers; what they wrote down.
    pub async fn stop(self) -> Vec<Wish> {
        self.shared.stop.send_replace(true);
        for writer in self.writers {
            wait::within("the end of a writer", writer).await.unwrap();
        }
        std::mem::take(&mut self.shared.journal.lock().unwrap())
    }
}

/// The keys of all wishes that the log has, in its order; also looks that positions have no gap.
pub async fn keys(database: &Database) -> Vec<Uuid> {
    let rows = database
        .query(
            "SELECT position, type, payload ->> 'title' FROM log.events ORDER BY position",
            &[],
        )
        .await
        .unwrap();
    let mut keys = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        assert_eq!(
            row.get::<_, i64>(0),
            i64::try_from(place).unwrap() + 1,
            "positions have no gaps"
        );
        let (kind, title): (String, Option<String>) = (row.get(1), row.get(2));
        let key = title.as_deref().and_then(|title| title.strip_prefix(TITLE));
        if let (true, Some(key)) = (kind == "TicketCreated", key) {
            keys.push(key.parse().unwrap());
        }
    }
    keys
}

async fn write(shared: Arc<Shared>, person: Client, number: usize) {
    let mut turn = 0_usize;
    while !*shared.stop.borrow() {
        turn += 1;
        let key = uuid_v7(&SystemClock, &OsEntropy);
        // Every other wish is given up when its answer is lost; the others are repeated until there is one.
        let wish = fulfil(&shared, &person, key, (turn + number).is_multiple_of(2)).await;
        if wish.acknowledged {
            shared.acknowledged.send_modify(|count| *count += 1);
        }
        shared.journal.lock().unwrap().push(wish);
    }
}

async fn fulfil(shared: &Shared, person: &Client, key: Uuid, persistent: bool) -> Wish {
    let mut wish = Wish {
        key,
        acknowledged: false,
        refused: false,
    };
    loop {
        let base = shared.base.borrow().clone();
        let request = person.at(&base).request(Method::POST, "/api/tickets");
        let request = request.header("Idempotency-Key", &key.to_string()).json(&json!({
            "title": format!("{TITLE}{key}"),
            "description": "Written while things break",
            "category": "OTHER",
        }));
        match request.try_send().await {
            Ok(answer) if answer.status == 201 => wish.acknowledged = true,
            Ok(answer) if answer.status < 500 => {
                panic!("{}: {} {}", answer.asked, answer.status, answer.text());
            }
            Ok(_) | Err(_) => {
                let mut moved = shared.base.subscribe();
                let mut stopped = shared.stop.subscribe();
                moved.mark_unchanged();
                // Nobody announces that a server is back, unless it comes back elsewhere.
                let pause = tokio::time::sleep(std::time::Duration::from_millis(20));
                tokio::select! {
                    _ = moved.changed() => {}
                    _ = stopped.wait_for(|stop| *stop) => return wish,
                    () = pause => {}
                }
                if persistent {
                    continue;
                }
            }
        }
        return wish;
    }
}
