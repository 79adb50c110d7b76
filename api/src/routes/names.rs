//! What people are called.

use std::sync::Arc;

use domain::Account;
use domain::ids::AccountId;
use projections::people::Directory;
use wire::People;

/// The directory, as `wire` asks it.
pub(super) struct Names<'a>(pub(super) &'a Directory);

impl People for Names<'_> {
    fn person(&self, id: AccountId) -> Option<Arc<Account>> {
        self.0.get(id)
    }
}
