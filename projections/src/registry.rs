//! The read models of this program. A line here brings the runner, the lag figure, the rebuild and the test that it
//! equals a fresh fold.

use std::sync::Arc;

use crate::engine::ReadModel;
use crate::{history, people, search, tickets};

/// Every read model.
pub fn read_models() -> Vec<Arc<dyn ReadModel>> {
    vec![
        Arc::new(tickets::Tickets),
        Arc::new(people::People),
        Arc::new(history::History),
        Arc::new(search::Search),
    ]
}
