//! From the moment that somebody asks about to a position of the log.

use domain::Moment;
use eventlog::Position;
use projections::history::History;

use crate::problem::{self, ApiResult};
use crate::state::{AppState, READ_MODELS_WAIT};

impl AppState {
    /// How far the log had come at `moment`; 422 about `field` if that is still to come.
    pub(crate) async fn position_of(&self, field: &str, moment: Moment) -> ApiResult<Position> {
        let future = || problem::invalid(field, "must not be in the future");
        match moment {
            Moment::Position(position) => {
                // Another node may have appended what this one has not heard of yet.
                let known = *self.log.head_watch().borrow();
                if position > known && position > self.log.head().await?.position {
                    return Err(future());
                }
                Ok(position)
            }
            Moment::Time(time) if time > self.clock.now() => Err(future()),
            Moment::Time(time) => Ok(self.log.position_at(time).await?),
        }
    }

    /// Waits until the read model of what was has come to `position`, or answers 503.
    pub(crate) async fn remembered(&self, position: Position) -> ApiResult<()> {
        let names = [History::NAME];
        self.projections
            .wait_for_some(&names, position, READ_MODELS_WAIT)
            .await
            .map_err(|_| problem::unavailable("the read models have not come that far yet"))
    }
}
