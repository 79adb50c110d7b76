//! Every figure that the program shows to Prometheus: what it is called, what kind it is, what it says. The only place
//! where these names stand; dashboards, alert rules and the run book are checked against it.

/// What kind of figure it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// It only grows, from 0 at the start of the program.
    Counter,
    /// It is what it is at the moment.
    Gauge,
    /// How many were at most as large as each of these bounds.
    Histogram(&'static [f64]),
}

/// One figure.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    /// Its name.
    pub name: &'static str,
    /// Its kind.
    pub kind: Kind,
    /// Its labels.
    pub labels: &'static [&'static str],
    /// What it says.
    pub help: &'static str,
}

const fn counter(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Figure {
    Figure {
        name,
        kind: Kind::Counter,
        labels,
        help,
    }
}

const fn gauge(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Figure {
    Figure {
        name,
        kind: Kind::Gauge,
        labels,
        help,
    }
}

const fn histogram(
    name: &'static str,
    labels: &'static [&'static str],
    bounds: &'static [f64],
    help: &'static str,
) -> Figure {
    Figure {
        name,
        kind: Kind::Histogram(bounds),
        labels,
        help,
    }
}

/// Seconds of an append: a commit takes half a millisecond on a good disk and some on a bad one.
const APPEND_SECONDS: &[f64] = &[
    0.0005, 0.001, 0.002, 0.004, 0.008, 0.015, 0.03, 0.06, 0.12, 0.25, 0.5, 1.0, 1.5,
];
/// Seconds of a request: what is promised is 20 and 100 ms.
const REQUEST_SECONDS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 30.0,
];
/// Events of a batch, by powers of two up to the largest batches that there are.
const BATCH_EVENTS: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0];

/// The label of a read model.
pub const PROJECTION: &str = "projection";

macro_rules! names {
    ($($(#[$doc:meta])* $constant:ident = $name:literal;)*) => {
        $($(#[$doc])* pub(crate) const $constant: &str = $name;)*
    };
}

names! {
    BUILD_INFO = "informejo_build_info";
    LOG_HEAD = "informejo_log_head_position";
    LOG_APPENDS = "informejo_log_appends_total";
    LOG_EVENTS = "informejo_log_events_total";
    LOG_BATCH_EVENTS = "informejo_log_batch_events";
    LOG_APPEND_SECONDS = "informejo_log_append_duration_seconds";
    LOG_CONFLICTS = "informejo_log_conflicts_total";
    LOG_DUPLICATES = "informejo_log_duplicate_commands_total";
    LOG_APPEND_ERRORS = "informejo_log_append_errors_total";
    LOG_LOST_CONNECTIONS = "informejo_log_lost_connections_total";
    LOG_SIGNED = "informejo_log_signed_head_position";
    LOG_UNSIGNED_SECONDS = "informejo_log_unsigned_seconds";
    LOG_SIGNING_FAILS = "informejo_log_signing_fails";
    LOG_UNPUBLISHED = "informejo_log_publications_failing";
    PROJECTION_POSITION = "informejo_projection_position";
    PROJECTION_GENERATION = "informejo_projection_generation";
    PROJECTION_LAG_EVENTS = "informejo_projection_lag_events";
    PROJECTION_LAG_SECONDS = "informejo_projection_lag_seconds";
    PROJECTION_RATE = "informejo_projection_events_per_second";
    PROJECTION_PARKED = "informejo_projection_parked_streams";
    PROJECTION_UP = "informejo_projection_up";
    PROJECTION_LEADER = "informejo_projection_leader";
    REALTIME_SOCKETS = "informejo_realtime_sockets";
    REALTIME_ROOMS = "informejo_realtime_rooms";
    REALTIME_POSITION = "informejo_realtime_position";
    REALTIME_BROADCASTS = "informejo_realtime_broadcasts_total";
    REALTIME_FRAMES = "informejo_realtime_frames_total";
    REALTIME_CUT = "informejo_realtime_slow_clients_cut_total";
    REALTIME_LIMITED = "informejo_realtime_limited_total";
    REALTIME_RESTARTS = "informejo_realtime_relay_restarts_total";
    REALTIME_PARKED = "informejo_realtime_parked_streams";
    REALTIME_BEHIND = "informejo_realtime_clients_behind";
    REALTIME_PAGES = "informejo_realtime_pages_read_total";
    REALTIME_BOOKMARKS = "informejo_realtime_bookmarks_total";
    REALTIME_SIGNAL_FRAMES = "informejo_realtime_signal_frames_total";
    REALTIME_PEOPLE = "informejo_realtime_people";
    REALTIME_NODES = "informejo_realtime_nodes";
    REALTIME_SIGNALS = "informejo_realtime_signals_total";
    REALTIME_SIGNALS_MISSED = "informejo_realtime_signals_missed_total";
    MAIL_SENT = "informejo_mail_sent_total";
    MAIL_FAILURES = "informejo_mail_failures_total";
    MAIL_POSITION = "informejo_mail_position";
    MAIL_WAITING = "informejo_mail_waiting";
    MAIL_PARKED = "informejo_mail_parked";
    POOL_MAX = "informejo_pool_connections_max";
    POOL_SIZE = "informejo_pool_connections";
    POOL_AVAILABLE = "informejo_pool_connections_available";
    POOL_WAITING = "informejo_pool_waiting";
    HTTP_REQUESTS = "informejo_http_requests_total";
    HTTP_SECONDS = "informejo_http_request_duration_seconds";
    HTTP_UNDER_WAY = "informejo_http_requests_in_flight";
    HTTP_ABANDONED = "informejo_http_requests_abandoned_total";
    DISK_FREE = "informejo_disk_free_bytes";
    DISK_SIZE = "informejo_disk_size_bytes";
    PROCESS_CPU = "process_cpu_seconds_total";
    PROCESS_MEMORY = "process_resident_memory_bytes";
    PROCESS_FILES = "process_open_fds";
    PROCESS_FILES_MAX = "process_max_fds";
    PROCESS_START = "process_start_time_seconds";
}

/// All of them.
pub const FIGURES: &[Figure] = &[
    gauge(
        BUILD_INFO,
        &["version"],
        "Always 1; the label is the program's version.",
    ),
    gauge(
        LOG_HEAD,
        &[],
        "The last position of the log that this program knows.",
    ),
    counter(LOG_APPENDS, &[], "Commands whose events were appended."),
    counter(LOG_EVENTS, &[], "Events that were appended."),
    histogram(
        LOG_BATCH_EVENTS,
        &[],
        BATCH_EVENTS,
        "Events of each transaction that appended some.",
    ),
    histogram(
        LOG_APPEND_SECONDS,
        &[],
        APPEND_SECONDS,
        "How long an append took, waiting for its turn included.",
    ),
    counter(
        LOG_CONFLICTS,
        &[],
        "Appends that somebody else was quicker than; they are decided anew.",
    ),
    counter(
        LOG_DUPLICATES,
        &[],
        "Commands that were in the log already and were answered as the first time.",
    ),
    counter(
        LOG_APPEND_ERRORS,
        &["reason"],
        "Appends that failed: unavailable (no answer in time) or refused (cannot be stored).",
    ),
    counter(
        LOG_LOST_CONNECTIONS,
        &[],
        "Connections for appending that were lost or could not be made.",
    ),
    gauge(
        LOG_SIGNED,
        &[],
        "The position of the last signed head that this program knows.",
    ),
    gauge(
        LOG_UNSIGNED_SECONDS,
        &[],
        "For how long the log has reached beyond the last signed head.",
    ),
    gauge(
        LOG_SIGNING_FAILS,
        &[],
        "1 while no head can be signed: the log is damaged, or cannot be read.",
    ),
    gauge(
        LOG_UNPUBLISHED,
        &[],
        "Places where signed heads are published and the last one did not arrive.",
    ),
    gauge(
        PROJECTION_POSITION,
        &[PROJECTION],
        "The last position that a read model has applied.",
    ),
    gauge(
        PROJECTION_GENERATION,
        &[PROJECTION],
        "A read model's live generation.",
    ),
    gauge(
        PROJECTION_LAG_EVENTS,
        &[PROJECTION],
        "Events that a read model has yet to apply.",
    ),
    gauge(
        PROJECTION_LAG_SECONDS,
        &[PROJECTION],
        "For how long the log has reached beyond what a read model has applied.",
    ),
    gauge(
        PROJECTION_RATE,
        &[PROJECTION],
        "Events a second that this program has applied to a read model lately.",
    ),
    gauge(
        PROJECTION_PARKED,
        &[PROJECTION],
        "Streams that wait because an event could not be applied; known to the leader only.",
    ),
    gauge(
        PROJECTION_UP,
        &[PROJECTION],
        "1 while a read model is applied or stood by for, 0 when it failed or was stopped.",
    ),
    gauge(
        PROJECTION_LEADER,
        &[PROJECTION],
        "1 where this program applies the events to a read model.",
    ),
    gauge(
        REALTIME_SOCKETS,
        &["transport"],
        "Clients of the live updates: websocket or polling.",
    ),
    gauge(REALTIME_ROOMS, &[], "Tickets that somebody is looking at."),
    gauge(
        REALTIME_POSITION,
        &[],
        "The last position that was broadcast or passed over.",
    ),
    counter(REALTIME_BROADCASTS, &["event"], "Events that were broadcast."),
    counter(
        REALTIME_FRAMES,
        &[],
        "Frames that were handed to clients' connections.",
    ),
    counter(
        REALTIME_CUT,
        &[],
        "Clients that were cut because they did not read or sent too much.",
    ),
    counter(
        REALTIME_LIMITED,
        &["limit"],
        "Handshakes and requests of clients that were refused because of a limit.",
    ),
    counter(
        REALTIME_RESTARTS,
        &[],
        "How often the relay was started over after an error.",
    ),
    gauge(
        REALTIME_PARKED,
        &[],
        "Streams that are no longer broadcast because an event could not be.",
    ),
    gauge(
        REALTIME_BEHIND,
        &[],
        "Clients that are being told what they missed, or had no room for.",
    ),
    counter(
        REALTIME_PAGES,
        &[],
        "Pages of the log that were read for clients that had missed them.",
    ),
    counter(
        REALTIME_BOOKMARKS,
        &[],
        "Frames that told clients how far the log has come while nothing happened for them.",
    ),
    counter(
        REALTIME_SIGNAL_FRAMES,
        &[],
        "Frames about people and operations that were handed to clients' connections.",
    ),
    gauge(
        REALTIME_PEOPLE,
        &[],
        "People who are not offline, at all programs.",
    ),
    gauge(
        REALTIME_NODES,
        &[],
        "Other programs on the same database that this one hears of.",
    ),
    counter(
        REALTIME_SIGNALS,
        &["way"],
        "Messages between programs about people: told or heard.",
    ),
    counter(
        REALTIME_SIGNALS_MISSED,
        &[],
        "How often such a message may have been missed, and the others were asked.",
    ),
    counter(MAIL_SENT, &[], "Mails that this program has handed over."),
    counter(
        MAIL_FAILURES,
        &[],
        "Tries of this program to send a mail that failed.",
    ),
    gauge(
        MAIL_POSITION,
        &[],
        "The last position up to which it is written down who is mailed.",
    ),
    gauge(MAIL_WAITING, &[], "Mails that are still to be tried."),
    gauge(
        MAIL_PARKED,
        &[],
        "Mails that were given up, and wait for an operator.",
    ),
    gauge(POOL_MAX, &[], "Connections to the database for queries, at most."),
    gauge(POOL_SIZE, &[], "Connections to the database for queries, now."),
    gauge(POOL_AVAILABLE, &[], "Those of them that nobody uses."),
    gauge(POOL_WAITING, &[], "Requests that wait for a connection."),
    counter(
        HTTP_REQUESTS,
        &["method", "route", "status"],
        "Requests that were answered.",
    ),
    histogram(
        HTTP_SECONDS,
        &["method", "route"],
        REQUEST_SECONDS,
        "How long the answers took.",
    ),
    gauge(HTTP_UNDER_WAY, &[], "Requests that are being handled."),
    counter(
        HTTP_ABANDONED,
        &[],
        "Requests whose client went away before the answer.",
    ),
    gauge(
        DISK_FREE,
        &["folder"],
        "Bytes that the program may still write where its data and its uploads lie.",
    ),
    gauge(
        DISK_SIZE,
        &["folder"],
        "Bytes of the file systems where its data and its uploads lie.",
    ),
    counter(
        PROCESS_CPU,
        &[],
        "Seconds of processor time that the program has used.",
    ),
    gauge(PROCESS_MEMORY, &[], "Bytes of memory that the program holds."),
    gauge(
        PROCESS_FILES,
        &[],
        "Files and connections that the program has open.",
    ),
    gauge(PROCESS_FILES_MAX, &[], "How many it may have open."),
    gauge(
        PROCESS_START,
        &[],
        "When the program started, in seconds since 1970.",
    ),
];

/// What the figure of that name says.
pub(crate) fn help_of(name: &str) -> &'static str {
    let figure = FIGURES.iter().find(|figure| figure.name == name);
    figure.map_or("", |figure| figure.help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_conventions_and_are_unique() {
        let mut names: Vec<_> = FIGURES.iter().map(|figure| figure.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FIGURES.len());
        for figure in FIGURES {
            let name = figure.name;
            assert!(
                name.starts_with("informejo_") || name.starts_with("process_"),
                "{name}"
            );
            assert!(
                name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'),
                "{name}"
            );
            let is_counter = figure.kind == Kind::Counter;
            assert_eq!(name.ends_with("_total"), is_counter, "{name}");
            assert!(figure.help.ends_with('.'), "{name}");
        }
    }
}
