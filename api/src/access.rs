//! Recording who looks at what. Auditors read everything, so the record says what they read.

use domain::access::{RecordAccessed, What};
use domain::ids::TicketId;
use domain::limits::NOTE_CHARS_MAX;
use domain::text::Note;
use domain::{Actor, Role};

use crate::extract::Asked;
use crate::problem::{self, ApiResult};
use crate::state::AppState;

impl AppState {
    /// Records that `actor` looks at something, if they do so as an auditor; to be called before it is shown, because
    /// what cannot be recorded is not shown. `detail` says what exactly, such as the query; it is recorded whole, or the
    /// reading is refused (422): what is cut off could be just what was looked for.
    pub(crate) async fn accessed(
        &self,
        actor: &Actor,
        asked: &Asked,
        what: What,
        ticket: Option<TicketId>,
        detail: Option<&str>,
    ) -> ApiResult<()> {
        if actor.role() != Some(Role::Auditor) {
            return Ok(());
        }
        let accessed = RecordAccessed {
            what,
            ticket,
            detail: detail.map_or(Ok(None), note)?,
        };
        self.commands
            .record_access(actor, &asked.cause_once(self), accessed)
            .await?;
        Ok(())
    }
}

/// `text` as a note; none if there is nothing to be noted.
fn note(text: &str) -> ApiResult<Option<Note>> {
    if text.is_empty() {
        return Ok(None);
    }
    let noted = Note::parse(text).map(Some);
    noted.map_err(|_| {
        problem::unprocessable("Query cannot be recorded").detail(format!(
            "what an auditor reads is recorded with its query, which may have at most {NOTE_CHARS_MAX} characters"
        ))
    })
}
