//! The dashboards' figures (`GET /api/stats`), computed from tallies that a read model keeps.

use std::collections::BTreeMap;

use domain::ticket::{Category, Priority, Status};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

/// How many tickets there are of one status, priority and category, and how long the resolved ones took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Their status.
    pub status: Status,
    /// Their priority.
    pub priority: Priority,
    /// Their category.
    pub category: Category,
    /// How many there are.
    pub tickets: i64,
    /// How many of them have been resolved or closed.
    pub resolved: i64,
    /// How long those took from beginning to resolution, together, in milliseconds.
    pub resolution_millis: i64,
}

/// The tallies that an agent's dashboard is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TicketTallies {
    /// Of all tickets that the reader may read.
    pub readable: Vec<Tally>,
    /// Of those that nobody works on. Agents only.
    pub unassigned: Vec<Tally>,
    /// Of those that the reader works on. Agents only.
    pub assigned_to_me: Vec<Tally>,
}

/// Hours, to a tenth. Whole hours are written as whole numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hours {
    tenths: i64,
}

impl Hours {
    /// The mean of `count` times that took `millis` milliseconds together, rounded; none of no times.
    fn mean(millis: i64, count: i64) -> Option<Self> {
        const TENTH_MILLIS: i64 = 360_000;
        (count > 0).then(|| Self {
            tenths: (millis + count * TENTH_MILLIS / 2) / (count * TENTH_MILLIS),
        })
    }
}

impl Serialize for Hours {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.tenths % 10 == 0 {
            return serializer.serialize_i64(self.tenths / 10);
        }
        // Tenths have a shortest form as numbers do: 35 / 10 is written 3.5.
        #[expect(clippy::cast_precision_loss, reason = "hours are far below 2^53")]
        serializer.serialize_f64(self.tenths as f64 / 10.0)
    }
}

impl<'de> Deserialize<'de> for Hours {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let hours = f64::deserialize(deserializer)?;
        #[expect(clippy::cast_possible_truncation, reason = "hours are far below 2^53")]
        Ok(Self {
            tenths: (hours * 10.0).round() as i64,
        })
    }
}

/// Tickets by priority; what is not there is 0.
pub type PriorityCounts = BTreeMap<String, i64>;

/// The figures by priority.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PriorityBreakdown {
    /// All tickets that the reader may read.
    pub my_tickets: PriorityCounts,
    /// Those that are OPEN.
    pub open: PriorityCounts,
    /// Those that are IN_PROGRESS.
    pub in_progress: PriorityCounts,
    /// Those that are RESOLVED or CLOSED.
    pub closed: PriorityCounts,
    /// All tickets. Agents only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub all: Option<PriorityCounts>,
    /// Unresolved ones that nobody works on. Agents only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unassigned: Option<PriorityCounts>,
    /// Those that the reader works on. Agents only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub my_assigned: Option<PriorityCounts>,
}

/// The dashboards' figures: the first ten for everybody about the tickets that they may read, the others for agents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Stats {
    /// All tickets.
    pub total_tickets: i64,
    /// Those that are OPEN.
    pub open_tickets: i64,
    /// Those that are IN_PROGRESS.
    pub in_progress_tickets: i64,
    /// Those that are WAITING.
    pub waiting_tickets: i64,
    /// Those that are RESOLVED.
    pub resolved_tickets: i64,
    /// Those that are CLOSED.
    pub closed_tickets: i64,
    /// Those that are RESOLVED or CLOSED.
    pub closed_tickets_total: i64,
    /// Those of priority CRITICAL, in any status.
    pub critical_tickets: i64,
    /// Those of priority HIGH, in any status.
    pub high_priority_tickets: i64,
    /// The same by priority.
    pub priority_breakdown: PriorityBreakdown,
    /// Unresolved tickets that nobody works on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unassigned_tickets: Option<i64>,
    /// Tickets that the reader works on, in any status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub my_assigned_tickets: Option<i64>,
    /// How long resolved tickets took on average, in hours, to a tenth.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>, minimum = 0, example = 3.5)]
    pub avg_resolution_time: Option<Hours>,
    /// The same by category; categories without a resolved ticket are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<BTreeMap<String, f64>>)]
    pub avg_resolution_time_by_category: Option<BTreeMap<String, Hours>>,
    /// The same by priority; priorities without a resolved ticket are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<BTreeMap<String, f64>>)]
    pub avg_resolution_time_by_priority: Option<BTreeMap<String, Hours>>,
}

impl Stats {
    /// What a requester sees of their own tickets.
    pub fn of_requester(tallies: &TicketTallies) -> Self {
        let all = &tallies.readable;
        let closed = |tally: &&Tally| !tally.status.is_open();
        Self {
            total_tickets: count(all, |_| true),
            open_tickets: count(all, |tally| tally.status == Status::Open),
            in_progress_tickets: count(all, |tally| tally.status == Status::InProgress),
            waiting_tickets: count(all, |tally| tally.status == Status::Waiting),
            resolved_tickets: count(all, |tally| tally.status == Status::Resolved),
            closed_tickets: count(all, |tally| tally.status == Status::Closed),
            closed_tickets_total: count(all, closed),
            critical_tickets: count(all, |tally| tally.priority == Priority::Critical),
            high_priority_tickets: count(all, |tally| tally.priority == Priority::High),
            priority_breakdown: PriorityBreakdown {
                my_tickets: by_priority(all, |_| true),
                open: by_priority(all, |tally| tally.status == Status::Open),
                in_progress: by_priority(all, |tally| tally.status == Status::InProgress),
                closed: by_priority(all, closed),
                ..PriorityBreakdown::default()
            },
            unassigned_tickets: None,
            my_assigned_tickets: None,
            avg_resolution_time: None,
            avg_resolution_time_by_category: None,
            avg_resolution_time_by_priority: None,
        }
    }

    /// What an agent sees of the whole desk.
    pub fn of_agent(tallies: &TicketTallies) -> Self {
        let all = &tallies.readable;
        let mut stats = Self::of_requester(tallies);
        let open = |tally: &&Tally| tally.status.is_open();
        stats.priority_breakdown.all = Some(by_priority(all, |_| true));
        stats.priority_breakdown.unassigned = Some(by_priority(&tallies.unassigned, open));
        stats.priority_breakdown.my_assigned = Some(by_priority(&tallies.assigned_to_me, |_| true));
        stats.unassigned_tickets = Some(count(&tallies.unassigned, open));
        stats.my_assigned_tickets = Some(count(&tallies.assigned_to_me, |_| true));
        stats.avg_resolution_time = Some(average_hours(all, |_| true).unwrap_or(Hours { tenths: 0 }));
        let by_category = Category::ALL.iter().filter_map(|category| {
            average_hours(all, |tally| tally.category == *category).map(|hours| (category.to_string(), hours))
        });
        stats.avg_resolution_time_by_category = Some(by_category.collect());
        let by_priority = Priority::ALL.iter().filter_map(|priority| {
            average_hours(all, |tally| tally.priority == *priority).map(|hours| (priority.to_string(), hours))
        });
        stats.avg_resolution_time_by_priority = Some(by_priority.collect());
        stats
    }
}

fn count(tallies: &[Tally], which: impl Fn(&&Tally) -> bool) -> i64 {
    tallies.iter().filter(which).map(|tally| tally.tickets).sum()
}

fn by_priority(tallies: &[Tally], which: impl Fn(&&Tally) -> bool) -> PriorityCounts {
    let mut counts = PriorityCounts::new();
    for tally in tallies.iter().filter(which).filter(|tally| tally.tickets != 0) {
        *counts.entry(tally.priority.to_string()).or_default() += tally.tickets;
    }
    counts
}

/// The mean of some; none if nothing was resolved.
fn average_hours(tallies: &[Tally], which: impl Fn(&&Tally) -> bool) -> Option<Hours> {
    let (resolved, millis) = tallies.iter().filter(which).fold((0, 0), |(n, millis), tally| {
        (n + tally.resolved, millis + tally.resolution_millis)
    });
    Hours::mean(millis, resolved)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tally(status: Status, priority: Priority, tickets: i64, resolved: i64, hours: i64) -> Tally {
        let resolution_millis = hours * 3_600_000;
        Tally {
            status,
            priority,
            category: Category::Other,
            tickets,
            resolved,
            resolution_millis,
        }
    }

    #[test]
    fn figures_add_up() {
        let tallies = TicketTallies {
            readable: vec![
                tally(Status::Open, Priority::High, 3, 0, 0),
                tally(Status::Closed, Priority::Medium, 2, 2, 5),
                tally(Status::Resolved, Priority::High, 1, 1, 10),
            ],
            unassigned: vec![
                tally(Status::Open, Priority::High, 2, 0, 0),
                tally(Status::Closed, Priority::Low, 1, 1, 1),
            ],
            assigned_to_me: vec![tally(Status::Closed, Priority::Medium, 2, 2, 5)],
        };
        let stats = Stats::of_agent(&tallies);
        assert_eq!(
            (
                stats.total_tickets,
                stats.open_tickets,
                stats.closed_tickets_total
            ),
            (6, 3, 3)
        );
        assert_eq!(
            (stats.unassigned_tickets, stats.my_assigned_tickets),
            (Some(2), Some(2))
        );
        let shown = serde_json::to_value(&stats).unwrap();
        assert_eq!(shown["avgResolutionTime"], 5);
        assert_eq!(
            shown["avgResolutionTimeByPriority"],
            json!({ "HIGH": 10, "MEDIUM": 2.5 })
        );
        assert_eq!(serde_json::from_value::<Stats>(shown).unwrap(), stats);
        assert!(Stats::of_requester(&tallies).unassigned_tickets.is_none());
    }

    #[test]
    fn hours_have_a_tenth_where_there_is_one() {
        let shown = |minutes: i64, count| {
            let mean = Hours::mean(minutes * 60_000, count);
            mean.map(|hours| serde_json::to_string(&hours).unwrap())
        };
        assert_eq!(shown(0, 0), None);
        for (minutes, count, expected) in [
            (0, 1, "0"),
            (2, 1, "0"),
            (3, 1, "0.1"),
            (60, 1, "1"),
            (210, 1, "3.5"),
            (215, 1, "3.6"),
            (600, 3, "3.3"),
            (1_197, 1, "20"),
            (60 * 24 * 365, 1, "8760"),
        ] {
            assert_eq!(shown(minutes, count).unwrap(), expected, "{minutes} of {count}");
        }
    }
}
