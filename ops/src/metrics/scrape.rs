//! What is looked up when Prometheus asks. Asks nobody but this program, so it answers during an outage too.

use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;

use api::{AppState, Render};
use projections::engine::{State, Status};
use realtime::{BROADCAST_NAMES, Limit, Realtime};

use super::Metrics;
use super::names::{self, PROJECTION};
use super::process::Process;
use crate::config::{Settings, Uploads};

/// Where the figures come from that nobody counts.
pub(crate) struct Sources {
    metrics: Metrics,
    app: AppState,
    realtime: Realtime,
    /// Folders whose file systems may become full, by what lies there.
    folders: Vec<(&'static str, PathBuf)>,
}

impl Sources {
    pub(crate) fn new(metrics: Metrics, app: AppState, realtime: Realtime, settings: &Settings) -> Self {
        let mut folders = vec![("data", settings.data_dir.clone())];
        if let Uploads::Folder(dir) = &settings.uploads {
            folders.push(("uploads", dir.clone()));
        }
        metrics
            .gauge(names::BUILD_INFO, &[("version", env!("CARGO_PKG_VERSION"))])
            .set(1.0);
        Self {
            metrics,
            app,
            realtime,
            folders,
        }
    }

    /// Writes all figures as they are when it is called.
    pub(crate) fn into_render(self) -> Render {
        Arc::new(move || self.render())
    }

    fn render(&self) -> String {
        let head = *self.app.log.head_watch().borrow();
        self.gauge(names::LOG_HEAD, head);
        self.metrics.saw(head);
        self.signed_heads();
        for status in self.app.projections.status() {
            self.projection(&status);
        }
        self.realtime();
        self.mail();
        self.pool();
        self.disks();
        let cpu_seconds = self.process();
        let mut text = self.metrics.handle.render();
        if let Some(seconds) = cpu_seconds {
            // A counter of fractions, which the recorder does not have.
            let name = names::PROCESS_CPU;
            let help = names::help_of(name);
            // Writing to a string does not fail.
            let _ = write!(
                text,
                "# HELP {name} {help}\n# TYPE {name} counter\n{name} {seconds}\n"
            );
        }
        text
    }

    fn signed_heads(&self) {
        let signed = *self.app.heads.watch().borrow();
        let state = self.app.heads.state();
        let lost = state.publications.values();
        let lost = lost.filter(|publication| publication.last_error.is_some());
        self.gauge(names::LOG_SIGNED, signed);
        let unsigned = self.metrics.behind(signed).as_secs_f64();
        self.metrics.gauge(names::LOG_UNSIGNED_SECONDS, &[]).set(unsigned);
        let fails = f64::from(u8::from(state.last_error.is_some()));
        self.metrics.gauge(names::LOG_SIGNING_FAILS, &[]).set(fails);
        self.metrics
            .gauge(names::LOG_UNPUBLISHED, &[])
            .set(count(lost.count()));
    }

    fn projection(&self, status: &Status) {
        let of = [(PROJECTION, status.name)];
        let set = |name, value: f64| self.metrics.gauge(name, &of).set(value);
        set(names::PROJECTION_POSITION, number(status.position));
        set(names::PROJECTION_GENERATION, number(status.generation));
        set(names::PROJECTION_LAG_EVENTS, number(status.lag));
        let behind = self.metrics.behind(status.position);
        set(names::PROJECTION_LAG_SECONDS, behind.as_secs_f64());
        set(names::PROJECTION_RATE, status.events_per_second);
        set(names::PROJECTION_PARKED, count(status.parked));
        let down = matches!(status.state, State::Failed | State::Stopped);
        set(names::PROJECTION_UP, f64::from(u8::from(!down)));
        let leads = status.state == State::Running;
        set(names::PROJECTION_LEADER, f64::from(u8::from(leads)));
    }

    fn realtime(&self) {
        let stats = self.realtime.stats();
        let transports = [
            ("websocket", stats.websockets),
            ("polling", stats.sockets.saturating_sub(stats.websockets)),
        ];
        for (transport, sockets) in transports {
            let gauge = self
                .metrics
                .gauge(names::REALTIME_SOCKETS, &[("transport", transport)]);
            gauge.set(count(sockets));
        }
        for (event, broadcasts) in BROADCAST_NAMES.into_iter().zip(stats.broadcasts) {
            let counter = self
                .metrics
                .counter(names::REALTIME_BROADCASTS, &[("event", event)]);
            counter.absolute(broadcasts);
        }
        for (limit, refused) in Limit::ALL.into_iter().zip(stats.limited) {
            let labels = [("limit", limit.as_str())];
            let counter = self.metrics.counter(names::REALTIME_LIMITED, &labels);
            counter.absolute(refused);
        }
        let counters = [
            (names::REALTIME_FRAMES, stats.emitted),
            (names::REALTIME_CUT, stats.cut),
            (names::REALTIME_RESTARTS, stats.restarts),
            (names::REALTIME_PAGES, stats.pages_read),
            (names::REALTIME_BOOKMARKS, stats.bookmarks),
            (names::REALTIME_SIGNAL_FRAMES, stats.signals),
            (names::REALTIME_SIGNALS_MISSED, stats.presence.missed),
        ];
        for (name, value) in counters {
            self.metrics.counter(name, &[]).absolute(value);
        }
        for (way, count) in [("told", stats.presence.told), ("heard", stats.presence.heard)] {
            let counter = self.metrics.counter(names::REALTIME_SIGNALS, &[("way", way)]);
            counter.absolute(count);
        }
        self.gauge(names::REALTIME_POSITION, stats.relayed);
        for (name, value) in [
            (names::REALTIME_PEOPLE, stats.presence.people),
            (names::REALTIME_NODES, stats.presence.nodes),
            (names::REALTIME_ROOMS, stats.rooms),
            (names::REALTIME_PARKED, stats.parked),
            (names::REALTIME_BEHIND, stats.behind),
        ] {
            self.metrics.gauge(name, &[]).set(count(value));
        }
    }

    fn mail(&self) {
        let mail = self.app.outbox.figures();
        self.metrics.counter(names::MAIL_SENT, &[]).absolute(mail.sent);
        self.metrics
            .counter(names::MAIL_FAILURES, &[])
            .absolute(mail.failures);
        self.gauge(names::MAIL_POSITION, mail.position);
        self.gauge(names::MAIL_WAITING, mail.waiting);
        self.gauge(names::MAIL_PARKED, mail.parked);
    }

    fn pool(&self) {
        let pool = self.app.pool.status();
        let figures = [
            (names::POOL_MAX, pool.max_size),
            (names::POOL_SIZE, pool.size),
            (names::POOL_AVAILABLE, pool.available),
            (names::POOL_WAITING, pool.waiting),
        ];
        for (name, value) in figures {
            self.metrics.gauge(name, &[]).set(count(value));
        }
    }

    fn disks(&self) {
        for (folder, path) in &self.folders {
            // Until something lies there, there may be no folder.
            let Ok(system) = rustix::fs::statvfs(path) else {
                continue;
            };
            let of = [("folder", *folder)];
            let bytes = |blocks: u64| {
                count(usize::try_from(blocks.saturating_mul(system.f_frsize)).unwrap_or(usize::MAX))
            };
            self.metrics
                .gauge(names::DISK_FREE, &of)
                .set(bytes(system.f_bavail));
            self.metrics
                .gauge(names::DISK_SIZE, &of)
                .set(bytes(system.f_blocks));
        }
    }

    /// Returns the seconds of processor time.
    fn process(&self) -> Option<f64> {
        let process = Process::look()?;
        let figures = [
            (names::PROCESS_MEMORY, process.memory_bytes),
            (names::PROCESS_FILES, process.files),
            (names::PROCESS_FILES_MAX, process.files_max),
            (names::PROCESS_START, process.start_seconds),
        ];
        for (name, value) in figures {
            self.metrics.gauge(name, &[]).set(value);
        }
        Some(process.cpu_seconds)
    }

    fn gauge(&self, name: &'static str, value: i64) {
        self.metrics.gauge(name, &[]).set(number(value));
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "exact up to 2^53, and a figure to look at beyond"
)]
fn number(value: i64) -> f64 {
    value as f64
}

#[expect(clippy::cast_precision_loss, reason = "as above")]
fn count(value: usize) -> f64 {
    value as f64
}
