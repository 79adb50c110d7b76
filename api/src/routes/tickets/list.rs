//! `GET /api/tickets`

use std::fmt::Display;

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use domain::access::What;
use domain::ids::AccountId;
use domain::policy::Action;
use domain::text::SearchText;
use domain::ticket::{Audience, Category, Priority, Status};
use domain::{Actor, Moment};
use http::HeaderValue;
use http::header::LINK;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use projections::history::{self, AsOf};
use projections::tickets::{AssigneeFilter, Cursor, Filter, LIST_LIMIT_MAX, Page, Sort, Wanted, list};
use serde::Deserialize;
use utoipa::IntoParams;

use super::shown::{Names, as_of_moment, reads_all};
use crate::answer::X_AT_POSITION;
use crate::extract::{Asked, Fields, ListQuery, MinPosition, Repeats, SignedIn};
use crate::page;
use crate::problem::{self, ApiResult, permit_general};
use crate::state::AppState;

/// Tickets on a page, unless it is said.
const LIMIT_DEFAULT: usize = 100;
/// What cannot stand between the angle brackets of a link as it is.
const NOT_IN_LINKS: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>');

/// Which tickets to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(super) struct TicketFilter {
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
    /// `true`: only tickets that the sender works on.
    #[param(example = "true")]
    assigned_to_me: Option<String>,
    /// Only tickets that this account works on, or (`none`) nobody.
    #[param(example = "none")]
    assignee: Option<String>,
    /// Only tickets of this account's own.
    requester: Option<String>,
    /// Only tickets whose title contains this, in whatever case.
    #[param(example = "printer")]
    q: Option<String>,
    /// What comes first: `newest` (if left out), `oldest`, `updated` (what changed last), or `priority` (what matters most, and of
    /// that the newest).
    #[param(example = "newest")]
    sort: Option<String>,
    /// How many at most: 1 to 200; 100 if left out.
    #[param(example = "50")]
    limit: Option<String>,
    /// Where to go on; as in the `Link` of the page before, by the same `sort`.
    cursor: Option<String>,
    /// As it was at this moment: a position, or an RFC 3339 time. Now, if it is left out.
    #[param(example = "2026-11-24T14:05:00Z")]
    at: Option<String>,
}

impl Repeats for TicketFilter {
    const REPEATABLE: &'static [&'static str] = &["status", "priority", "category"];
}

/// List tickets
///
/// Requesters see their own, agents and auditors all. A ticket that is created meanwhile neither repeats nor hides another on
/// the pages that follow; one that changes meanwhile may move, where what has changed decides.
#[utoipa::path(
    get,
    path = "/api/tickets",
    tag = "tickets",
    params(TicketFilter),
    responses(
        (
            status = 200,
            description = "The tickets, without their comments and attachments",
            body = Vec<wire::Ticket>,
            headers(
                ("Link" = String, description = "The next page (`rel=\"next\"`), if there is one"),
                ("X-At-Position" = i64, description = "The position of the moment that was asked about"),
            ),
        ),
    ),
)]
pub(super) async fn list_tickets(
    SignedIn { actor, .. }: SignedIn,
    State(app): State<AppState>,
    asked: Asked,
    _: MinPosition,
    ListQuery(filter): ListQuery<TicketFilter>,
    RawQuery(query): RawQuery,
) -> ApiResult<Response> {
    permit_general(&actor, Action::ListTickets)?;
    let me = actor.account().ok_or_else(problem::unauthorized)?;
    let mut wanted = filter.parse(me)?;
    let as_of = match wanted.at {
        Some(moment) => Some(as_of_moment(&app, &actor, moment).await?),
        None => None,
    };
    if !reads_all(&actor) {
        match wanted.filter.requester.replace(me) {
            Some(other) if other != me => return Ok(Json([(); 0]).into_response()),
            Some(_) | None => {}
        }
    }
    app.accessed(&actor, &asked, What::TicketList, None, query.as_deref())
        .await?;
    let wanted = wanted.page();
    let page = match as_of {
        Some(as_of) => app.read(history::list(&app.pool, as_of, wanted)).await,
        None => app.read(list(&app.pool, wanted)).await,
    };
    respond(&app, &actor, &page?, query.as_deref(), as_of)
}

fn respond(
    app: &AppState,
    actor: &Actor,
    page: &Page,
    query: Option<&str>,
    as_of: Option<AsOf>,
) -> ApiResult<Response> {
    let people = Names(&app.directory);
    let shown = page.tickets.iter().map(|row| {
        let audience = Audience::of(actor, &row.ticket);
        wire::Ticket::of(&row.ticket, row.version, audience, &people)
    });
    let mut response = Json(shown.collect::<Vec<_>>()).into_response();
    if let Some(next) = &page.next {
        let link = link(query.unwrap_or_default(), next, as_of);
        let link = HeaderValue::try_from(link).map_err(|error| problem::fault(&error))?;
        response.headers_mut().insert(LINK, link);
    }
    if let Some(as_of) = as_of {
        response
            .headers_mut()
            .insert(X_AT_POSITION, as_of.position.into());
    }
    Ok(response)
}

/// The same list, from `next` on; what its moment was turned into holds for the next pages too.
fn link(query: &str, next: &Cursor, as_of: Option<AsOf>) -> String {
    let is_cursor = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default();
        ["cursor", "at"].contains(&&*percent_decode_str(name).decode_utf8_lossy())
    };
    let at = as_of.map_or_else(String::new, |as_of| format!("at={}&", as_of.position));
    let kept = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !is_cursor(pair));
    let kept = kept.flat_map(|pair| utf8_percent_encode(pair, NOT_IN_LINKS).chain(["&"]));
    let kept: String = kept.collect();
    format!("</api/tickets?{kept}{at}cursor={next}>; rel=\"next\"")
}

/// A filter that was understood.
#[derive(Debug, PartialEq, Eq)]
struct Parsed {
    filter: Filter,
    sort: Sort,
    after: Option<Cursor>,
    limit: usize,
    at: Option<Moment>,
}

impl Parsed {
    const fn page(&self) -> Wanted<'_> {
        Wanted {
            filter: &self.filter,
            sort: self.sort,
            after: self.after,
            limit: self.limit,
        }
    }
}

impl TicketFilter {
    fn parse(&self, me: AccountId) -> ApiResult<Parsed> {
        let mut fields = Fields::default();
        let filter = Filter {
            status: choices(&mut fields, "status", self.status.as_deref(), Status::ALL),
            priority: choices(&mut fields, "priority", self.priority.as_deref(), Priority::ALL),
            category: choices(&mut fields, "category", self.category.as_deref(), Category::ALL),
            assignee: self.assignee(&mut fields, me),
            requester: said(self.requester.as_deref()).and_then(|text| {
                fields.checked("requester", text.parse().map_err(|_| "must be an identifier"))
            }),
            title_part: fields
                .optional::<SearchText>("q", said(self.q.as_deref()))
                .map(|text| text.as_str().to_owned()),
        };
        let sort = fields.choice("sort", said(self.sort.as_deref()), Sort::ALL);
        let sort = sort.unwrap_or_default();
        let after = page::cursor(&mut fields, self.cursor.as_deref(), |cursor: &Cursor| {
            cursor.sort == sort
        });
        let limit = said(self.limit.as_deref()).and_then(|text| {
            let limit = text
                .parse()
                .ok()
                .filter(|limit| (1..=LIST_LIMIT_MAX).contains(limit));
            let message = format!("must be a number from 1 to {LIST_LIMIT_MAX}");
            fields.checked("limit", limit.ok_or(message))
        });
        let at = fields.optional("at", said(self.at.as_deref()));
        fields.done(Some(Parsed {
            filter,
            sort,
            after,
            limit: limit.unwrap_or(LIMIT_DEFAULT),
            at,
        }))
    }

    fn assignee(&self, fields: &mut Fields, me: AccountId) -> Option<AssigneeFilter> {
        let mine = match said(self.assigned_to_me.as_deref()) {
            None | Some("false") => None,
            Some("true") => Some(AssigneeFilter::Of(me)),
            Some(_) => {
                fields.problem("assignedToMe", "must be true or false");
                None
            }
        };
        let theirs = match said(self.assignee.as_deref()) {
            None => return mine,
            Some("none") => Some(AssigneeFilter::Unassigned),
            Some(text) => {
                let id = text.parse().map_err(|_| "must be an identifier or none");
                fields.checked("assignee", id).map(AssigneeFilter::Of)
            }
        };
        if mine.is_some() && theirs.is_some() {
            fields.problem("assignee", "cannot stand beside assignedToMe");
        }
        theirs
    }
}

/// A parameter that says something: clients send empty ones for filters that are not set.
pub(super) fn said(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim().is_empty())
}

/// Some of a few spellings, separated by commas.
pub(super) fn choices<T: Copy + Display>(
    fields: &mut Fields,
    name: &str,
    text: Option<&str>,
    all: &[T],
) -> Vec<T> {
    let spelled = said(text).into_iter().flat_map(|text| text.split(','));
    spelled
        .filter_map(|spelled| fields.choice(name, Some(spelled.trim()), all))
        .collect()
}

#[cfg(test)]
mod tests {
    use domain::ids::TicketId;
    use domain::time::Timestamp;
    use uuid::Uuid;

    use super::*;

    const ME: AccountId = AccountId::from_uuid(Uuid::from_u128(1));
    const CURSOR: Cursor = Cursor {
        sort: Sort::Newest,
        priority: None,
        time: Timestamp::from_millis(1_795_393_955_572),
        id: TicketId::from_uuid(Uuid::from_u128(7)),
    };

    fn parse(change: impl FnOnce(&mut TicketFilter)) -> Result<Parsed, String> {
        let mut filter = TicketFilter::default();
        change(&mut filter);
        filter
            .parse(ME)
            .map_err(|error| error.explanation().unwrap_or_default().to_owned())
    }

    #[test]
    fn nothing_said_is_everything() {
        let all = Parsed {
            filter: Filter::default(),
            sort: Sort::Newest,
            after: None,
            limit: 100,
            at: None,
        };
        assert_eq!(parse(|_| {}).unwrap(), all);
        let empty = parse(|filter| {
            filter.status = Some(String::new());
            filter.assigned_to_me = Some("false".to_owned());
            filter.assignee = Some(String::new());
            filter.q = Some(" ".to_owned());
            filter.sort = Some(String::new());
            filter.limit = Some(String::new());
        });
        assert_eq!(empty.unwrap(), all);
    }

    #[test]
    fn filters_are_understood() {
        let wanted = parse(|filter| {
            filter.status = Some("OPEN, WAITING".to_owned());
            filter.category = Some("TRAVEL".to_owned());
            filter.assigned_to_me = Some("true".to_owned());
            filter.requester = Some("00000000-0000-0000-0000-000000000002".to_owned());
            filter.q = Some(" 50% cafe\u{301} ".to_owned());
            filter.limit = Some("200".to_owned());
            filter.cursor = Some(CURSOR.to_string());
            filter.at = Some("7".to_owned());
        });
        let Parsed {
            filter,
            sort,
            after,
            limit,
            at,
        } = wanted.unwrap();
        assert_eq!(sort, Sort::Newest);
        assert_eq!(at, Some(Moment::Position(7)));
        assert_eq!(filter.status, [Status::Open, Status::Waiting]);
        assert_eq!(filter.category, [Category::Travel]);
        assert_eq!(filter.assignee, Some(AssigneeFilter::Of(ME)));
        assert_eq!(filter.requester, Some(AccountId::from_uuid(Uuid::from_u128(2))));
        assert_eq!(filter.title_part.as_deref(), Some("50% caf\u{e9}"));
        assert_eq!((after, limit), (Some(CURSOR), 200));
        let unassigned = parse(|filter| filter.assignee = Some("none".to_owned()));
        assert_eq!(
            unassigned.unwrap().filter.assignee,
            Some(AssigneeFilter::Unassigned)
        );
    }

    #[test]
    fn a_place_in_one_order_is_none_in_another() {
        let cursor = |sort: Sort| Cursor {
            sort,
            priority: (sort == Sort::Priority).then_some(Priority::High),
            ..CURSOR
        };
        for sort in Sort::ALL {
            for other in Sort::ALL {
                let parsed = parse(|filter| {
                    filter.sort = Some(sort.to_string());
                    filter.cursor = Some(cursor(*other).to_string());
                });
                if sort == other {
                    let parsed = parsed.unwrap();
                    assert_eq!((parsed.sort, parsed.after), (*sort, Some(cursor(*other))));
                } else {
                    assert_eq!(parsed.unwrap_err(), "cursor must be one of this list's links");
                }
            }
        }
    }

    #[test]
    fn everything_that_is_wrong_is_named() {
        let error = parse(|filter| {
            filter.status = Some("OPEN,DONE".to_owned());
            filter.assigned_to_me = Some("true".to_owned());
            filter.assignee = Some("none".to_owned());
            filter.requester = Some("me".to_owned());
            filter.q = Some("a\0b".to_owned());
            filter.sort = Some("best".to_owned());
            filter.limit = Some("0".to_owned());
            filter.cursor = Some("1".to_owned());
        });
        assert_eq!(
            error.unwrap_err(),
            "status must be one of OPEN, IN_PROGRESS, WAITING, RESOLVED, CLOSED; \
             assignee cannot stand beside assignedToMe; requester must be an identifier; \
             q must not contain the control character U+0000; \
             sort must be one of newest, oldest, updated, priority; cursor must be one of this list's links; \
             limit must be a number from 1 to 200"
        );
        for limit in ["201", "-1", "1.5", "x", "99999999999999999999"] {
            assert!(
                parse(|filter| filter.limit = Some(limit.to_owned())).is_err(),
                "{limit}"
            );
        }
    }

    #[test]
    fn the_next_page_is_of_the_same_moment() {
        let as_of = AsOf {
            position: 7,
            deleted_since: false,
        };
        assert!(
            link("at=2026-11-24T14:05:00Z&limit=1", &CURSOR, Some(as_of))
                .starts_with("</api/tickets?limit=1&at=7&cursor=")
        );
    }

    #[test]
    fn the_next_page_is_of_the_same_list() {
        assert_eq!(
            link("", &CURSOR, None),
            "</api/tickets?cursor=newest_1795393955572_00000000-0000-0000-0000-000000000007>; rel=\"next\""
        );
        assert!(
            link("status=OPEN&cursor=x&q=a%20%3E&%63ursor=y&q=\"<>ж", &CURSOR, None).starts_with(
                "</api/tickets?status=OPEN&q=a%20%3E&q=%22%3C%3E%D0%B6&cursor=newest_1795393955572_"
            )
        );
    }
}
