//! Which mail somebody wants.

use crate::spelled::spelled;

spelled! {
    /// Which mail about tickets somebody wants. What lets them in (links, confirmations) comes in any case.
    Notifications {
        /// Everything that their role is told of: agents also of every new ticket.
        All = "ALL",
        /// Only what is about tickets that they opened or work on.
        Mine = "MINE",
        /// Nothing.
        None = "NONE",
    }
}
