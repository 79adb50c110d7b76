//! In which order tickets are listed, and places in such a list.

use std::fmt;
use std::str::FromStr;

use domain::ticket::{Priority, Ticket};
use domain::{TicketId, Timestamp};

/// What comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sort {
    /// What began last.
    #[default]
    Newest,
    /// What began first.
    Oldest,
    /// What changed last.
    Updated,
    /// What matters most, and of that what began last.
    Priority,
}

impl Sort {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Newest, Self::Oldest, Self::Updated, Self::Priority];

    /// Its spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Oldest => "oldest",
            Self::Updated => "updated",
            Self::Priority => "priority",
        }
    }

    /// The order in SQL; columns have `prefix` before their names.
    pub(crate) fn order(self, prefix: &str) -> String {
        let within = self.order_within(prefix);
        if self != Self::Priority {
            return within;
        }
        let ranks = Priority::ALL.iter().rev().enumerate();
        let ranks: Vec<String> = ranks
            .map(|(rank, priority)| format!(" WHEN '{}' THEN {rank}", priority.as_str()))
            .collect();
        format!("CASE {prefix}priority{} END, {within}", ranks.concat())
    }

    /// The same among tickets of one priority, as it stands in indexes.
    pub(crate) fn order_within(self, prefix: &str) -> String {
        let (column, way) = (self.column(), if self == Self::Oldest { "ASC" } else { "DESC" });
        format!("{prefix}{column} {way}, {prefix}id {way}")
    }

    /// Which time decides.
    pub(crate) const fn column(self) -> &'static str {
        match self {
            Self::Updated => "updated_at",
            Self::Newest | Self::Oldest | Self::Priority => "created_at",
        }
    }

    /// How what follows compares with what is before it.
    pub(crate) const fn follows(self) -> &'static str {
        match self {
            Self::Oldest => ">",
            Self::Newest | Self::Updated | Self::Priority => "<",
        }
    }
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A place in a list: just after this ticket. As text it is opaque to clients, and safe in a URL. It names its order, since
/// it is a place in no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// In which order.
    pub sort: Sort,
    /// The ticket's priority, where that decides.
    pub priority: Option<Priority>,
    /// When the ticket began or changed, whichever decides.
    pub time: Timestamp,
    /// Which one it is.
    pub id: TicketId,
}

impl Cursor {
    /// Just after `ticket`.
    pub(super) fn after(sort: Sort, ticket: &Ticket) -> Self {
        Self {
            sort,
            priority: (sort == Sort::Priority).then_some(ticket.priority),
            time: match sort {
                Sort::Updated => ticket.updated_at,
                Sort::Newest | Sort::Oldest | Sort::Priority => ticket.created_at,
            },
            id: ticket.id,
        }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.sort)?;
        if let Some(priority) = self.priority {
            write!(f, "-{priority}")?;
        }
        write!(f, "_{}_{}", self.time.as_millis(), self.id)
    }
}

/// The text is no cursor of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of a list")]
pub struct NotACursor;

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let mut parts = text.splitn(3, '_');
        let mut part = || parts.next().ok_or(NotACursor);
        let (order, millis, id) = (part()?, part()?, part()?);
        let (sort, priority) = order.split_once('-').unwrap_or((order, ""));
        let sort = Sort::ALL.iter().find(|known| known.as_str() == sort);
        let sort = *sort.ok_or(NotACursor)?;
        let priority = Priority::ALL.iter().find(|known| known.as_str() == priority);
        if (sort == Sort::Priority) != priority.is_some() || (order.contains('-') && priority.is_none()) {
            return Err(NotACursor);
        }
        Ok(Self {
            sort,
            priority: priority.copied(),
            time: Timestamp::from_millis(millis.parse().map_err(|_| NotACursor)?),
            id: id.parse().map_err(|_| NotACursor)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_cursor_survives_its_text() {
        for sort in Sort::ALL {
            let cursor = Cursor {
                sort: *sort,
                priority: (*sort == Sort::Priority).then_some(Priority::High),
                time: Timestamp::from_millis(1_795_393_955_572),
                id: TicketId::from_uuid(Uuid::from_u128(7)),
            };
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
        let id = Uuid::from_u128(7);
        for bad in [
            String::new(),
            "_".to_owned(),
            "newest".to_owned(),
            "newest_1".to_owned(),
            "newest_1_".to_owned(),
            format!("newest_x_{id}"),
            format!("1_{id}"),
            format!("best_1_{id}"),
            format!("priority_1_{id}"),
            format!("priority-_1_{id}"),
            format!("priority-DIRE_1_{id}"),
            format!("newest-HIGH_1_{id}"),
            format!("newest-_1_{id}"),
            "newest_1_7".to_owned(),
        ] {
            assert_eq!(bad.parse::<Cursor>(), Err(NotACursor), "{bad}");
        }
    }

    #[test]
    fn what_matters_most_comes_first() {
        assert_eq!(
            Sort::Priority.order("f."),
            "CASE f.priority WHEN 'CRITICAL' THEN 0 WHEN 'HIGH' THEN 1 WHEN 'MEDIUM' THEN 2 WHEN 'LOW' THEN 3 END, \
             f.created_at DESC, f.id DESC"
        );
        assert_eq!(Sort::Oldest.order(""), "created_at ASC, id ASC");
    }
}
