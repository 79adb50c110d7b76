//! What a search found, for one audience.

use domain::Timestamp;
use domain::ticket::{self, Audience};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::person::{People, Uploader};
use crate::ticket::{Comment, Ticket};

/// What a search found, a page of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SearchResults {
    /// The tickets, the best ones first.
    pub results: Vec<SearchResult>,
    /// How many tickets there are on all pages.
    pub total: u64,
    /// Whether `total` are all. Of words that are very common only the newest and best tickets are looked at; then there are
    /// more.
    pub total_is_exact: bool,
    /// What was looked for instead, because nothing was found by what was asked. None, if that was found.
    pub corrected: Option<String>,
    /// `cursor` of the next page, if there is one.
    pub next_cursor: Option<String>,
}

/// A ticket that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SearchResult {
    /// The ticket, as in a list.
    pub ticket: Ticket,
    /// Where in it: its title, its description, the newest comments, the newest files. Empty if it was called by its number.
    pub matches: Vec<SearchMatch>,
}

/// A text that has what was looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SearchMatch {
    /// What kind of text it is.
    #[serde(rename = "where")]
    pub place: SearchPlace,
    /// Which comment, which attachment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// The text (titles and names of files) or a stretch of it, in segments that follow each other.
    pub snippet: Vec<SnippetSegment>,
    /// Whether it is hidden from the requester. Only of comments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_internal: Option<bool>,
    /// When it was said or attached. Only of comments and files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub created_at: Option<Timestamp>,
    /// Who said or attached it. Only of comments and files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// What kind of text something was found in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SearchPlace {
    /// A ticket's title.
    Title,
    /// A ticket's description.
    Description,
    /// A comment.
    Comment,
    /// The name of an attached file.
    File,
}

/// A segment of a text. Never markup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SnippetSegment {
    /// What it says.
    pub text: String,
    /// Whether it is what was looked for.
    pub hit: bool,
}

impl SearchMatch {
    /// In the ticket's title or description.
    pub const fn of_ticket(place: SearchPlace, snippet: Vec<SnippetSegment>) -> Self {
        Self {
            place,
            id: None,
            snippet,
            is_internal: None,
            created_at: None,
            by: None,
        }
    }

    /// In a comment, if `audience` may read it.
    pub fn of_comment(
        comment: &ticket::Comment,
        snippet: Vec<SnippetSegment>,
        audience: Audience,
        people: &impl People,
    ) -> Option<Self> {
        let comment = Comment::of(comment, audience, people)?;
        Some(Self {
            id: Some(comment.id),
            is_internal: Some(comment.is_internal),
            created_at: Some(comment.created_at),
            by: Some(comment.user.name),
            ..Self::of_ticket(SearchPlace::Comment, snippet)
        })
    }

    /// In the name of an attached file.
    pub fn of_file(file: &ticket::Attachment, snippet: Vec<SnippetSegment>, people: &impl People) -> Self {
        Self {
            id: Some(file.id.as_uuid()),
            created_at: Some(file.created_at),
            by: Some(Uploader::of(file.uploader, people).name),
            ..Self::of_ticket(SearchPlace::File, snippet)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::Account;
    use domain::ids::{AccountId, CommentId, TicketId};
    use domain::ticket::Visibility;

    use super::*;

    struct Nobody;

    impl People for Nobody {
        fn person(&self, _: AccountId) -> Option<Arc<Account>> {
            None
        }
    }

    #[test]
    fn an_internal_comment_is_no_match_for_a_requester() {
        let comment = ticket::Comment {
            ticket: TicketId::from_uuid(Uuid::nil()),
            id: CommentId::from_uuid(Uuid::nil()),
            author: AccountId::from_uuid(Uuid::nil()),
            body: "secret".parse().unwrap(),
            visibility: Visibility::Internal,
            created_at: Timestamp::from_millis(0),
        };
        let of = |audience| SearchMatch::of_comment(&comment, Vec::new(), audience, &Nobody);
        assert_eq!(of(Audience::Requester), None);
        assert_eq!(of(Audience::Nobody), None);
        assert_eq!(of(Audience::Agent).unwrap().is_internal, Some(true));
    }
}
