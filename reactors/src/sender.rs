//! Does what is written down: claims what is due, makes the mail, hands it over, and writes down what came of it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use crate::compose::compose;
use crate::context::Context;
use crate::delivery::{Delivery, Kind};
use crate::error::ReactorError;
use crate::failure::{Failure, Reach};
use crate::figures::Figures;
use crate::operations::Operations;
use crate::outbox::{MAIL, Outbox};
use crate::pause::Pause;
use crate::plans::Plans;
use crate::queue::{Fate, Queue};
use crate::transport::Transport;

/// Mails at a time.
const AT_A_TIME: usize = 4;
/// How often is looked for what is due without a call: pauses that are over, and what other nodes left.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often figures are looked up and old rows are forgotten.
const HOUSE_EVERY: Duration = Duration::from_secs(15);
/// Wait after a failure of the database.
const DATABASE_WAIT: Duration = Duration::from_secs(1);
/// How long one mail may take, its making included. Less than a claim lasts.
const MAIL_TIME_MAX: Duration = Duration::from_mins(4);
/// How long what is under way may take when the program ends.
const END_WITHIN: Duration = Duration::from_secs(3);

/// Sends mail.
#[derive(Clone)]
pub(crate) struct Sender(Arc<Parts>);

struct Parts {
    queue: Queue,
    plans: Plans,
    context: Context,
    transport: Transport,
    pause: Pause,
    wake: Arc<Notify>,
    figures: Arc<Figures>,
    operations: Operations,
}

impl Sender {
    /// Sends what is put into `outbox`, and what the reactor `mail` writes down.
    pub(crate) fn new(outbox: &Outbox, plans: Plans, context: Context, transport: Transport) -> Self {
        Self(Arc::new(Parts {
            queue: Queue::new(context.pool.clone(), Arc::clone(&context.clock)),
            plans,
            context,
            transport,
            pause: Pause::default(),
            wake: Arc::clone(&outbox.wake),
            figures: Arc::clone(&outbox.figures),
            operations: outbox.operations(),
        }))
    }

    /// Goes on until `stop`. What is under way then has three seconds to end; after that, others may send it at once.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let mut under_way = JoinSet::new();
        while stop
            .run_until_cancelled(self.ready(&mut under_way))
            .await
            .is_some()
        {
            // Not cut short: what is claimed must be seen to.
            let idle = match self.0.queue.claim().await {
                Ok(Some(delivery)) => {
                    under_way.spawn(self.clone().deliver(delivery, stop.clone()));
                    continue;
                }
                Ok(None) => {
                    self.0.transport.tidy();
                    LOOK_EVERY
                }
                Err(error) => {
                    tracing::warn!(%error, "failed to look for mail that is due");
                    DATABASE_WAIT
                }
            };
            // A call that came since the claim is kept by `wake`.
            let waiting = timeout(idle, self.0.wake.notified());
            stop.run_until_cancelled(waiting).await;
        }
        while under_way.join_next().await.is_some() {}
    }

    /// Sees to the figures and to old rows until `stop`.
    pub(crate) async fn keep_house(self, stop: CancellationToken) {
        let Parts {
            figures, operations, ..
        } = &*self.0;
        let house = async {
            loop {
                match operations.status().await {
                    Ok(all) => all
                        .iter()
                        .filter(|status| status.name == MAIL)
                        .for_each(|status| figures.saw(status)),
                    Err(error) => tracing::debug!(%error, "failed to see how much mail waits"),
                }
                if let Err(error) = operations.purge().await {
                    tracing::warn!(%error, "failed to forget old deliveries");
                }
                sleep(HOUSE_EVERY).await;
            }
        };
        stop.run_until_cancelled(house).await;
    }

    /// Waits until something may be claimed.
    async fn ready(&self, under_way: &mut JoinSet<()>) {
        let pause = &self.0.pause;
        loop {
            if let Some(until) = pause.until() {
                sleep_until(until).await;
            }
            while under_way.try_join_next().is_some() {}
            // After a failure, one mail finds out whether the way out is open again.
            let room = if pause.is_doubtful() { 1 } else { AT_A_TIME };
            if under_way.len() < room {
                return;
            }
            under_way.join_next().await;
        }
    }

    async fn deliver(self, delivery: Delivery, stop: CancellationToken) {
        let end = async {
            stop.cancelled().await;
            sleep(END_WITHIN).await;
        };
        let written = tokio::select! {
            sent = self.attempt(&delivery) => self.settle(&delivery, sent).await,
            () = end => self.0.queue.release(&delivery).await,
        };
        if let Err(error) = written {
            // The claim runs out, and it is tried again.
            tracing::warn!(delivery.id = %delivery.id, %error, "failed to write down what became of a mail");
        }
    }

    /// Makes the mail and hands it over; tells whether there was one.
    async fn attempt(&self, delivery: &Delivery) -> Result<bool, Failure> {
        let Parts {
            context, transport, ..
        } = &*self.0;
        let sending = async {
            if delivery.kind == Kind::Unread {
                return self.0.plans.read_again(delivery).await.map(|()| false);
            }
            match compose(delivery, context).await? {
                Some(message) => transport.send(delivery, &message).await.map(|()| true),
                None => Ok(false),
            }
        };
        match timeout(MAIL_TIME_MAX, AssertUnwindSafe(sending).catch_unwind()).await {
            Ok(Ok(sent)) => sent,
            Ok(Err(_)) => Err(Failure::new(Reach::Mail, "making the mail panicked")),
            Err(_) => Err(Failure::new(Reach::Mail, "it took too long")),
        }
    }

    async fn settle(&self, delivery: &Delivery, sent: Result<bool, Failure>) -> Result<(), ReactorError> {
        let Parts {
            queue,
            pause,
            figures,
            ..
        } = &*self.0;
        let kind = delivery.kind.as_str();
        match sent {
            Ok(sent) => {
                if sent {
                    figures.count_sent();
                    pause.end();
                }
                queue.done(delivery).await?;
                tracing::info!(delivery.id = %delivery.id, kind, sent, attempts = delivery.attempts, "mail done");
            }
            Err(failure) => {
                figures.count_failure();
                if failure.reach == Reach::Sender {
                    pause.begin();
                }
                let parked = queue.failed(delivery, &failure).await? == Fate::Parked;
                tracing::warn!(
                    delivery.id = %delivery.id, kind, %failure, attempts = delivery.attempts, parked,
                    "mail failed"
                );
            }
        }
        Ok(())
    }
}
