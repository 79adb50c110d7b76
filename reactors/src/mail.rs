//! Mail, put together: who writes down what is to be sent, and who sends it.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::context::Context;
use crate::error::ReactorError;
use crate::follower::Follower;
use crate::outbox::Outbox;
use crate::plans::Plans;
use crate::sender::Sender;
use crate::transport::Transport;

/// Everything that happens because of mail, ready to run.
pub struct Mail {
    follower: Follower,
    sender: Sender,
}

impl Mail {
    /// Sends what is put into `outbox` and what the log's events mean, by `transport`. To be opened before anybody can
    /// append to the log: events of before the very first time are not told.
    pub async fn open(outbox: &Outbox, context: Context, transport: Transport) -> Result<Self, ReactorError> {
        let plans = Plans::new(outbox, &context);
        let follower = Follower::new(plans.clone(), Arc::clone(&outbox.wake));
        follower.prepare().await?;
        Ok(Self {
            follower,
            sender: Sender::new(outbox, plans, context, transport),
        })
    }

    /// Goes on until `stop`, and then ends what is under way.
    pub async fn run(self, stop: CancellationToken) {
        let house = self.sender.clone().keep_house(stop.clone());
        tokio::join!(self.follower.run(stop.clone()), house, self.sender.run(stop));
    }
}
