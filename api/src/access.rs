//! Recording who looks at what. Auditors read everything, so the record says what they read.

use domain::access::{RecordAccessed, What};
use domain::ids::TicketId;
use domain::limits::NOTE_CHARS_MAX;
use domain::text::Note;
use domain::{Actor, Role};

use crate::extract::Asked;
use crate::problem::ApiResult;
use crate::state::AppState;

impl AppState {
    /// Records that `actor` looks at something, if they do so as an auditor; to be called before it is shown, because
    /// what cannot be recorded is not shown. `detail` says what exactly, such as the query.
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
            detail: detail.and_then(note),
        };
        self.commands
            .record_access(actor, &asked.cause_once(self), accessed)
            .await?;
        Ok(())
    }
}

/// As much of `text` as a note holds; none if there is nothing to be noted.
fn note(text: &str) -> Option<Note> {
    let printable = text
        .chars()
        .filter(|character| !character.is_control())
        .take(NOTE_CHARS_MAX);
    Note::parse(&printable.collect::<String>()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_what_can_be_kept_of_a_text() {
        assert_eq!(note(""), None);
        assert_eq!(note("a\0b\n").unwrap().as_str(), "ab");
        assert_eq!(
            note(&"é".repeat(2 * NOTE_CHARS_MAX))
                .unwrap()
                .as_str()
                .chars()
                .count(),
            NOTE_CHARS_MAX
        );
    }
}
