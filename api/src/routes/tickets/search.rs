//! `GET /api/search`

use axum::Json;
use axum::extract::State;
use domain::Actor;
use domain::access::What;
use domain::ids::AccountId;
use domain::policy::Action;
use domain::text::SearchText;
use domain::ticket::{Audience, Category, Priority, Status};
use projections::search::{
    FoundTicket, Match, Question, Rank, Reader, SEARCH_LIMIT_MAX, Search, Snippet, Wanted, search,
};
use projections::tickets::{AssigneeFilter, Filter};
use serde::Deserialize;
use utoipa::IntoParams;
use wire::{SearchMatch, SearchPlace, SearchResult, SearchResults, SnippetSegment};

use super::list::{choices, said};
use super::shown::{Names, reads_all};
use crate::extract::{Asked, Fields, ListQuery, MinPosition, Repeats, SignedIn};
use crate::page;
use crate::problem::{self, ApiResult, permit_general};
use crate::state::{AppState, READ_MODELS_WAIT};

/// Tickets on a page, unless it is said.
const LIMIT_DEFAULT: usize = 20;

/// What to search for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SearchQuery {
    /// What to look for, 1 to 200 characters: all of these words, whatever their case and accents, the last one also where it
    /// goes on; `"words together"`, `-not this`, `this OR that`; `#9a2b3c4d` (the end or the beginning of an id) or an
    /// id for a ticket itself.
    #[param(required = true, example = "printer jam")]
    q: Option<String>,
    /// Only tickets of these statuses: OPEN, IN_PROGRESS, WAITING, RESOLVED, CLOSED; separated by commas, or one parameter
    /// each.
    #[param(example = "OPEN,IN_PROGRESS")]
    status: Option<String>,
    /// Only tickets of these priorities: LOW, MEDIUM, HIGH, CRITICAL.
    #[param(example = "HIGH")]
    priority: Option<String>,
    /// Only tickets of these categories: HARDWARE, SOFTWARE, NETWORK, ACCESS, TRAVEL, OTHER.
    #[param(example = "HARDWARE")]
    category: Option<String>,
    /// Only tickets that this account works on, or (`none`) nobody.
    #[param(example = "none")]
    assignee: Option<String>,
    /// How many tickets at most: 1 to 50; 20 if left out.
    #[param(example = "20")]
    limit: Option<String>,
    /// Where to go on: `nextCursor` of the page before.
    cursor: Option<String>,
}

impl Repeats for SearchQuery {
    const REPEATABLE: &'static [&'static str] = &["status", "priority", "category"];
}

/// Search tickets
///
/// In titles, descriptions, comments and names of files; the best tickets first: what is in a title counts more than what is
/// in a description, that more than what is in a comment, and what changed lately a little more than what did long ago.
/// Requesters search their own tickets, without internal comments; agents and auditors search everything. If nothing is
/// found, words that may be mistyped are taken for those that there are, and the answer says so.
#[utoipa::path(
    get,
    path = "/api/search",
    tag = "tickets",
    params(SearchQuery),
    responses((status = 200, description = "What was found", body = SearchResults)),
)]
pub(super) async fn search_tickets(
    SignedIn { actor, .. }: SignedIn,
    State(app): State<AppState>,
    asked: Asked,
    MinPosition(position): MinPosition,
    ListQuery(query): ListQuery<SearchQuery>,
) -> ApiResult<Json<SearchResults>> {
    permit_general(&actor, Action::ListTickets)?;
    let me = actor.account().ok_or_else(problem::unauthorized)?;
    let reader = if reads_all(&actor) {
        Reader::All
    } else {
        Reader::Requester(me)
    };
    let wanted = query.parse(reader)?;
    app.accessed(&actor, &asked, What::TicketList, None, Some(&query.noted()))
        .await?;
    if let Some(position) = position {
        app.projections
            .wait_for_some(&[Search::NAME], position, READ_MODELS_WAIT)
            .await
            .map_err(|_| problem::unavailable("the search has not come that far yet"))?;
    }
    let head = app.log.head_watch().borrow().to_owned();
    let found = app.read(search(&app.pool, head, &wanted)).await?;
    let people = Names(&app.directory);
    let results = found
        .tickets
        .into_iter()
        .map(|ticket| shown(&actor, ticket, &people));
    Ok(Json(SearchResults {
        results: results.collect(),
        total: found.total as u64,
        total_is_exact: found.complete,
        corrected: found.corrected,
        next_cursor: found.next.map(|next| next.to_string()),
    }))
}

fn shown(actor: &Actor, found: FoundTicket, people: &Names<'_>) -> SearchResult {
    let FoundTicket { row, matches } = found;
    let audience = Audience::of(actor, &row.ticket);
    let matches = matches.into_iter().filter_map(|found| match found {
        Match::Title(snippet) => Some(SearchMatch::of_ticket(SearchPlace::Title, segments(snippet))),
        Match::Description(snippet) => Some(SearchMatch::of_ticket(
            SearchPlace::Description,
            segments(snippet),
        )),
        Match::Comment(comment, snippet) => {
            SearchMatch::of_comment(&comment, segments(snippet), audience, people)
        }
        Match::File(file, snippet) => Some(SearchMatch::of_file(&file, segments(snippet), people)),
    });
    SearchResult {
        matches: matches.collect(),
        ticket: wire::Ticket::of(&row.ticket, row.version, audience, people),
    }
}

fn segments(snippet: Snippet) -> Vec<SnippetSegment> {
    let segments = snippet.into_iter();
    segments
        .map(|segment| SnippetSegment {
            text: segment.text,
            hit: segment.hit,
        })
        .collect()
}

impl SearchQuery {
    fn parse(&self, reader: Reader) -> ApiResult<Wanted> {
        let mut fields = Fields::default();
        let text: Option<SearchText> = fields.required("q", self.q.as_deref());
        let filter = Filter {
            status: choices(&mut fields, "status", self.status.as_deref(), Status::ALL),
            priority: choices(&mut fields, "priority", self.priority.as_deref(), Priority::ALL),
            category: choices(&mut fields, "category", self.category.as_deref(), Category::ALL),
            assignee: match said(self.assignee.as_deref()) {
                None => None,
                Some("none") => Some(AssigneeFilter::Unassigned),
                Some(text) => {
                    let id = text.parse::<AccountId>();
                    let id = id.map_err(|_| "must be an identifier or none");
                    fields.checked("assignee", id).map(AssigneeFilter::Of)
                }
            },
            requester: None,
            title_part: None,
        };
        let after = page::cursor(&mut fields, said(self.cursor.as_deref()), |_: &Rank| true);
        let limit = match said(self.limit.as_deref()) {
            None => LIMIT_DEFAULT,
            limit => page::limit(&mut fields, limit, SEARCH_LIMIT_MAX),
        };
        fields.done(text.map(|text| Wanted {
            reader,
            question: Question::of(text.as_str()),
            filter,
            after,
            limit,
        }))
    }

    /// What an auditor is recorded to have looked for.
    fn noted(&self) -> String {
        let parts = [
            ("search", &self.q),
            ("status", &self.status),
            ("priority", &self.priority),
            ("category", &self.category),
            ("assignee", &self.assignee),
            ("cursor", &self.cursor),
        ];
        let said = parts.iter().filter_map(|(name, value)| {
            said(value.as_deref()).map(|value| format!("{name}={}", value.trim()))
        });
        said.collect::<Vec<_>>().join("&")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(change: impl FnOnce(&mut SearchQuery)) -> Result<Wanted, String> {
        let mut query = SearchQuery {
            q: Some("jam".to_owned()),
            ..SearchQuery::default()
        };
        change(&mut query);
        query
            .parse(Reader::All)
            .map_err(|error| error.explanation().unwrap_or_default().to_owned())
    }

    #[test]
    fn a_question_is_enough() {
        let wanted = parse(|query| query.limit = Some(String::new())).unwrap();
        assert_eq!(
            (wanted.limit, wanted.after, wanted.filter),
            (20, None, Filter::default())
        );
    }

    #[test]
    fn everything_that_is_wrong_is_named() {
        let error = parse(|query| {
            query.q = Some("a\0b".to_owned());
            query.status = Some("DONE".to_owned());
            query.assignee = Some("me".to_owned());
            query.cursor = Some("1".to_owned());
            query.limit = Some("51".to_owned());
        });
        assert_eq!(
            error.unwrap_err(),
            "q must not contain the control character U+0000; \
             status must be one of OPEN, IN_PROGRESS, WAITING, RESOLVED, CLOSED; \
             assignee must be an identifier or none; cursor must be one of this list's links; \
             limit must be a number from 1 to 50"
        );
        assert_eq!(parse(|query| query.q = None).unwrap_err(), "q is required");
        assert_eq!(
            parse(|query| query.q = Some(" ".to_owned())).unwrap_err(),
            "q must not be empty"
        );
        assert!(parse(|query| query.q = Some("x".repeat(10_000))).is_err());
    }

    #[test]
    fn what_is_recorded_says_what_was_looked_for() {
        let query = SearchQuery {
            q: Some(" printer jam".to_owned()),
            status: Some("OPEN".to_owned()),
            limit: Some("5".to_owned()),
            ..SearchQuery::default()
        };
        assert_eq!(query.noted(), "search=printer jam&status=OPEN");
    }
}
