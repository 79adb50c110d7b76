//! What a client watches, and what of it may be in there.

use std::collections::HashSet;
use std::sync::Arc;

use domain::TicketId;
use domain::actor::Actor;
use domain::ids::AccountId;
use domain::policy::{Action, Facts, permit};
use domain::text::SearchText;
use eventlog::Position;
use parking_lot::Mutex;
use projections::tickets::{AssigneeFilter, Filter, Matcher};
use tokio::sync::Mutex as AsyncMutex;
use wire::live::{ListFilters, ListWatch};

use super::Lists;
use super::tally::Tally;
use crate::authenticate::Unavailable;
use crate::broadcast::Cut;

/// Characters in a list's name, at most.
const NAME_CHARS_MAX: usize = 40;
/// Tickets of a list on the screen, at most.
const IDS_MAX: usize = 200;
/// Values of one filter, at most: more than there are of any.
const VALUES_MAX: usize = 20;

/// Which tickets, in which cut.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) filter: Filter,
    pub(super) cut: Cut,
}

/// A list that somebody watches: the same one for all who look at the same tickets.
#[derive(Debug)]
pub(crate) struct List {
    /// Of no other one.
    pub(super) number: u64,
    pub(crate) matcher: Matcher,
    pub(crate) cut: Cut,
    pub(super) tally: Mutex<Tally>,
    pub(super) loading: AsyncMutex<()>,
}

impl List {
    pub(super) fn new(number: u64, matcher: Matcher, cut: Cut) -> Self {
        Self {
            number,
            matcher,
            cut,
            tally: Mutex::default(),
            loading: AsyncMutex::new(()),
        }
    }
}

/// What a client asked to watch, once it has been understood.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    pub(crate) name: Arc<str>,
    /// By all but the assignee `me`, who may become another.
    filter: Filter,
    mine: bool,
    ids: HashSet<TicketId>,
}

impl Watch {
    /// Understands what a client said, or says what is wrong with it.
    pub(crate) fn parse(said: ListWatch) -> Result<Self, String> {
        let ListWatch { list, filters, ids } = said;
        let chars = list.chars().count();
        if chars == 0 || chars > NAME_CHARS_MAX || list.chars().any(char::is_control) {
            return Err(format!("list must have 1 to {NAME_CHARS_MAX} characters"));
        }
        if ids.len() > IDS_MAX {
            return Err(format!("ids must have at most {IDS_MAX} values"));
        }
        let (filter, mine) = parse_filters(filters)?;
        Ok(Self {
            name: list.into(),
            filter,
            mine,
            ids: ids.into_iter().map(TicketId::from_uuid).collect(),
        })
    }

    /// Whether both are of one and the same request of a client.
    pub(crate) fn is_wish(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.name, &other.name)
    }

    /// What is watched by `actor`; an error text if `actor` may not.
    pub(crate) fn by(self, actor: &Actor, lists: &Lists) -> Result<Watched, &'static str> {
        let list = match self.key(actor)? {
            Some(key) => Some(lists.list(key).map_err(|Unavailable| "unavailable")?),
            None => None,
        };
        Ok(Watched {
            watch: self,
            list,
            told: 0,
        })
    }

    /// Which tickets `actor` means, of those that it may read; none if it may read none of them.
    fn key(&self, actor: &Actor) -> Result<Option<Key>, &'static str> {
        const NOT_PERMITTED: &str = "not permitted";
        permit(actor, Action::ListTickets, &Facts::General).map_err(|_| NOT_PERMITTED)?;
        let me = actor.account().ok_or(NOT_PERMITTED)?;
        let mut filter = self.filter.clone();
        if self.mine {
            filter.assignee = Some(AssigneeFilter::Of(me));
        }
        if permit(actor, Action::ReadTicket, &Facts::ForeignTicket).is_ok() {
            let cut = Cut::Agent;
            return Ok(Some(Key { filter, cut }));
        }
        // Whoever may not read all tickets sees their own, whatever they ask for.
        match filter.requester.replace(me) {
            Some(other) if other != me => Ok(None),
            Some(_) | None => Ok(Some(Key {
                filter,
                cut: Cut::Requester,
            })),
        }
    }
}

/// A watch under the rights of whoever watches.
#[derive(Clone, Debug)]
pub(crate) struct Watched {
    pub(crate) watch: Watch,
    /// None: it has no ticket that the client may read, and never will.
    pub(crate) list: Option<Arc<List>>,
    /// The last position whose change in it the client was told.
    pub(crate) told: Position,
}

impl Watched {
    /// Whether the ticket is on the client's screen.
    pub(crate) fn shows(&self, ticket: TicketId) -> bool {
        self.watch.ids.contains(&ticket)
    }

    /// Is `now` instead. What was told of the same tickets is not told again.
    pub(crate) fn become_watched(&mut self, now: Self) {
        let told = if now.is_same(self) { self.told } else { 0 };
        *self = Self { told, ..now };
    }

    /// Whether both are the same tickets in the same cut.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (&self.list, &other.list) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }
}

fn parse_filters(said: ListFilters) -> Result<(Filter, bool), String> {
    let ListFilters {
        status,
        priority,
        category,
        assignee,
        requester,
        q,
    } = said;
    let (mut mine, mut by_assignee) = (false, None);
    match assignee.as_deref().filter(|text| !text.trim().is_empty()) {
        None => {}
        Some("me") => mine = true,
        Some("none") => by_assignee = Some(AssigneeFilter::Unassigned),
        Some(id) => {
            let agent: AccountId = id
                .parse()
                .map_err(|_| "assignee must be an identifier, me or none".to_owned())?;
            by_assignee = Some(AssigneeFilter::Of(agent));
        }
    }
    let title_part = match q.as_deref().filter(|text| !text.trim().is_empty()) {
        None => None,
        Some(text) => {
            let text = SearchText::parse(text).map_err(|error| format!("q {error}"))?;
            Some(text.as_str().to_owned())
        }
    };
    let filter = Filter {
        status: some(status, "status")?,
        priority: some(priority, "priority")?,
        category: some(category, "category")?,
        assignee: by_assignee,
        requester: requester.map(AccountId::from_uuid),
        title_part,
    };
    Ok((filter, mine))
}

/// The values in their order and each once, so that the same list is known again.
fn some<T: Ord>(mut values: Vec<T>, name: &str) -> Result<Vec<T>, String> {
    if values.len() > VALUES_MAX {
        return Err(format!("{name} must have at most {VALUES_MAX} values"));
    }
    values.sort_unstable();
    values.dedup();
    Ok(values)
}

#[cfg(test)]
mod tests {
    use domain::actor::Role;
    use domain::ticket::{Priority, Status};
    use uuid::Uuid;

    use super::*;

    const ME: AccountId = AccountId::from_uuid(Uuid::from_u128(1));
    const OTHER: AccountId = AccountId::from_uuid(Uuid::from_u128(2));

    fn said(json: serde_json::Value) -> ListWatch {
        serde_json::from_value(json).unwrap()
    }

    fn key(role: Role, filters: &serde_json::Value) -> Result<Option<Key>, &'static str> {
        let watch = Watch::parse(said(serde_json::json!({ "list": "l", "filters": filters }))).unwrap();
        let actor = Actor::Account { id: ME, role };
        watch.key(&actor)
    }

    #[test]
    fn a_requesters_list_is_of_their_own_tickets_whatever_they_ask_for() {
        for filters in [
            serde_json::json!({}),
            serde_json::json!({ "requester": ME.as_uuid() }),
        ] {
            let own = key(Role::User, &filters).unwrap().unwrap();
            assert_eq!((own.filter.requester, own.cut), (Some(ME), Cut::Requester));
        }
        let foreign = serde_json::json!({ "requester": OTHER.as_uuid() });
        assert_eq!(key(Role::User, &foreign), Ok(None));
        let agents = key(Role::Admin, &foreign).unwrap().unwrap();
        assert_eq!((agents.filter.requester, agents.cut), (Some(OTHER), Cut::Agent));
        assert_eq!(key(Role::Operator, &serde_json::json!({})), Err("not permitted"));
    }

    #[test]
    fn the_same_list_is_the_same_however_it_is_said() {
        let one = key(
            Role::Admin,
            &serde_json::json!({ "status": ["WAITING", "OPEN", "OPEN"], "q": " x ", "assignee": "me" }),
        );
        let other = key(
            Role::Admin,
            &serde_json::json!({ "status": ["OPEN", "WAITING"], "q": "x", "assignee": ME.to_string() }),
        );
        assert_eq!(one, other);
        assert_eq!(
            one.unwrap().unwrap().filter.status,
            [Status::Open, Status::Waiting]
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        let wrong = [
            (
                serde_json::json!({ "list": "" }),
                "list must have 1 to 40 characters",
            ),
            (
                serde_json::json!({ "list": "x".repeat(41) }),
                "list must have 1 to 40 characters",
            ),
            (
                serde_json::json!({ "list": "l", "ids": vec![Uuid::nil(); 201] }),
                "ids must have at most 200 values",
            ),
            (
                serde_json::json!({ "list": "l", "filters": { "assignee": "x" } }),
                "assignee must be an identifier, me or none",
            ),
            (
                serde_json::json!({ "list": "l", "filters": { "q": "a\0b" } }),
                "q must not contain the control character U+0000",
            ),
            (
                serde_json::json!({ "list": "l", "filters": { "priority": vec![Priority::Low; 21] } }),
                "priority must have at most 20 values",
            ),
        ];
        for (json, error) in wrong {
            assert_eq!(Watch::parse(said(json)).unwrap_err(), error);
        }
    }
}
