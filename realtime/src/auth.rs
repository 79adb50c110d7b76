//! What a client passes as `auth` when it connects.

use std::str::FromStr;

use domain::TicketId;
use eventlog::Position;
use serde::Deserialize;
use serde_json::Value;
use wire::live::ListWatch;

/// Tickets whose rooms a client can renew at once, at most: as many as it may be in.
const TICKETS_MAX: usize = 100;
/// Lists that a client can watch at once, at most.
const LISTS_MAX: usize = 8;

const POSITION: &str = "position must be an integer, 0 or more";
const TICKETS: &str = "tickets must be at most 100 ticket ids";
const LISTS: &str = "lists must be at most 8 lists";

/// See above. Whatever else is in it is ignored.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Auth {
    /// The session's token.
    pub(crate) token: Option<String>,
    /// The last position that the client has seen.
    pub(crate) position: Option<Position>,
    /// The tickets whose rooms it was in.
    pub(crate) tickets: Vec<TicketId>,
    /// The lists that it looks at.
    pub(crate) lists: Vec<ListWatch>,
}

impl Auth {
    /// Says what is wrong, if anything is. A token that is none is as good as no token.
    pub(crate) fn parse(auth: &Value) -> Result<Self, &'static str> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Ok(Self {
            token: auth.get("token").and_then(text),
            position: present(auth, "position").map(position).transpose()?,
            tickets: present(auth, "tickets").map_or(Ok(Vec::new()), tickets)?,
            lists: present(auth, "lists").map_or(Ok(Vec::new()), lists)?,
        })
    }
}

fn present<'a>(auth: &'a Value, name: &str) -> Option<&'a Value> {
    auth.get(name).filter(|value| !value.is_null())
}

fn position(value: &Value) -> Result<Position, &'static str> {
    let position = value.as_u64().ok_or(POSITION)?;
    // Larger than any position of a log: the client is told so.
    Ok(Position::try_from(position).unwrap_or(Position::MAX))
}

fn tickets(value: &Value) -> Result<Vec<TicketId>, &'static str> {
    let ids = value.as_array().filter(|ids| ids.len() <= TICKETS_MAX);
    let id = |id: &Value| TicketId::from_str(id.as_str()?).ok();
    ids.and_then(|ids| ids.iter().map(id).collect()).ok_or(TICKETS)
}

fn lists(value: &Value) -> Result<Vec<ListWatch>, &'static str> {
    let lists = value.as_array().filter(|lists| lists.len() <= LISTS_MAX);
    let list = |list: &Value| ListWatch::deserialize(list).ok();
    lists
        .and_then(|lists| lists.iter().map(list).collect())
        .ok_or(LISTS)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wire::live::{Handshake, ListFilters};

    use super::*;

    #[test]
    fn what_the_protocol_describes_is_what_is_understood() {
        let described = Handshake {
            token: Some("t".to_owned()),
            position: Some(7),
            tickets: vec![uuid::Uuid::from_u128(7)],
            lists: vec![ListWatch {
                list: "mine".to_owned(),
                filters: ListFilters::default(),
                ids: vec![uuid::Uuid::from_u128(8)],
            }],
        };
        let Auth {
            token,
            position,
            tickets,
            lists,
        } = Auth::parse(&json!(described)).unwrap();
        let understood = Handshake {
            token,
            position,
            tickets: tickets.into_iter().map(TicketId::as_uuid).collect(),
            lists,
        };
        assert_eq!(understood, described);
    }

    #[test]
    fn what_a_client_passes_is_understood_and_what_it_does_not_pass_is_not_missed() {
        let id = "01a0608a-80f4-7707-8707-070707070707";
        let auth = Auth::parse(&json!({
            "token": "t", "position": 7, "tickets": [id], "lists": [{"list": "mine"}], "other": [1]
        }))
        .unwrap();
        assert_eq!(auth.token.as_deref(), Some("t"));
        assert_eq!(auth.position, Some(7));
        assert_eq!(auth.tickets, [TicketId::from_str(id).unwrap()]);
        assert_eq!(auth.lists[0].list, "mine");
        for nothing in [
            json!({}),
            json!(null),
            json!("text"),
            json!([1]),
            json!({"position": null, "token": 5}),
        ] {
            assert_eq!(Auth::parse(&nothing), Ok(Auth::default()), "{nothing}");
        }
    }

    #[test]
    fn what_is_none_is_said_to_be_none() {
        for position in [
            json!(-1),
            json!("7"),
            json!(1.5),
            json!(1e30),
            json!([7]),
            json!({}),
            json!(true),
        ] {
            let auth = json!({ "position": position });
            assert_eq!(Auth::parse(&auth), Err(POSITION), "{auth}");
        }
        assert_eq!(
            Auth::parse(&json!({ "position": u64::MAX })).unwrap().position,
            Some(Position::MAX)
        );
        let id = "01a0608a-80f4-7707-8707-070707070707";
        for tickets in [
            json!(id),
            json!(["x"]),
            json!([7]),
            json!(vec![id; 101]),
            json!({}),
        ] {
            assert_eq!(Auth::parse(&json!({ "tickets": tickets })), Err(TICKETS));
        }
        for lists in [
            json!("mine"),
            json!([{}]),
            json!([{"list": 7}]),
            json!(vec![json!({"list": "a"}); 9]),
        ] {
            assert_eq!(Auth::parse(&json!({ "lists": lists })), Err(LISTS));
        }
    }
}
