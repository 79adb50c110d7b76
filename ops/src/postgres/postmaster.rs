//! Starting the server process of a cluster, knowing whether it lives, and stopping it.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::Child;
use std::time::Duration;

use rustix::process::{Signal, kill_process};
use tokio::time::{Instant, sleep};
use tokio_postgres::NoTls;

use super::account::Account;
use super::binaries::Search;
use super::error::PostgresError;
use super::initdb::{self, SUPERUSER};
use super::layout::{Layout, PORT};
use super::pid_file::PidFile;

/// How often a start or a stop is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// How long to wait before starting again after a refusal that passes by itself.
const PAUSE: Duration = Duration::from_millis(100);

/// Ending without a word to anybody takes Postgres at most 5 s; then it kills its own processes.
const IMMEDIATE_WITHIN: Duration = Duration::from_secs(7);

/// Larger logs are moved aside at the next start, in bytes.
const LOG_MAX: u64 = 10 << 20;

/// How much of the log an error quotes, in bytes.
const LOG_TAIL: u64 = 2000;

/// Refusals to start that pass: processes of a killed postmaster are still ending.
const PASSING: [&str; 2] = [
    "pre-existing shared memory block",
    "lock file \"postmaster.pid\" already exists",
];

/// A cluster's server process: ours, or one that another program started.
#[derive(Debug)]
pub(super) struct Postmaster {
    pub(super) layout: Layout,
    pub(super) account: Account,
    pub(super) search: Search,
    pub(super) settings: Vec<(String, String)>,
    /// Ours, with the length that the log had when it started.
    child: Option<(Child, u64)>,
}

impl Postmaster {
    pub(super) fn new(
        layout: Layout,
        account: Account,
        search: Search,
        settings: Vec<(String, String)>,
    ) -> Self {
        Self {
            layout,
            account,
            search,
            settings,
            child: None,
        }
    }

    /// The postmaster that runs now, by its own file.
    pub(super) fn running(&mut self) -> Result<Option<PidFile>, PostgresError> {
        self.reap()?;
        Ok(PidFile::read(&self.layout.data)?.filter(|file| file.runs(&self.layout.data)))
    }

    /// Sees to it that the server runs and accepts connections; says whether it had to be started for that.
    /// Only for the holder of the turn.
    pub(super) async fn bring_up(&mut self, within: Duration) -> Result<(PidFile, bool), PostgresError> {
        let deadline = Instant::now() + within;
        let mut launched = false;
        loop {
            // The end of one that was started earlier is why this is needed, and no refusal.
            if let Some(log) = self.reap()?.filter(|_| launched) {
                if !PASSING.iter().any(|text| log.contains(text)) || Instant::now() >= deadline {
                    return Err(PostgresError::Exited { log });
                }
                sleep(PAUSE).await;
            }
            let file = PidFile::read(&self.layout.data)?;
            if let Some(file) = file.as_ref().filter(|file| file.runs(&self.layout.data)) {
                if file.ready && self.answers(file).await {
                    return Ok((file.clone(), launched));
                }
            } else if self.child.is_none() {
                self.launch(file).await?;
                launched = true;
            }
            if Instant::now() >= deadline {
                return Err(PostgresError::NotReady {
                    seconds: within.as_secs(),
                    log: self.log_after(0),
                });
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// Stops the server: politely (connections are cut, everything is written down) for `within`, then at once (the
    /// next start recovers). Only for the holder of the turn.
    pub(super) async fn shut_down(&mut self, within: Duration) -> Result<(), PostgresError> {
        let mut last = None;
        for (signal, within) in [(Signal::INT, within), (Signal::QUIT, IMMEDIATE_WITHIN)] {
            let deadline = Instant::now() + within;
            let mut told = false;
            while let Some(file) = self.running()? {
                if !told {
                    // It may have ended by itself in this instant: then the next look finds it gone.
                    let _ = kill_process(file.pid, signal);
                    told = true;
                }
                last = Some(file.pid.as_raw_nonzero().get());
                if Instant::now() >= deadline {
                    break;
                }
                sleep(LOOK_EVERY).await;
            }
            if self.running()?.is_none() {
                return self.wait_for_child(deadline).await;
            }
        }
        Err(PostgresError::StillRunning {
            pid: last.unwrap_or_default(),
        })
    }

    /// The file goes a moment before the process.
    async fn wait_for_child(&mut self, deadline: Instant) -> Result<(), PostgresError> {
        while self.child.is_some() && Instant::now() < deadline {
            self.reap()?;
            sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    async fn launch(&mut self, stale: Option<PidFile>) -> Result<(), PostgresError> {
        let binaries = self.search.find(self.layout.made_by(), &self.layout.home)?;
        initdb::make(&self.layout, self.account, &binaries).await?;
        let (log, length) = self.open_log()?;
        let program = binaries.dir.join("postgres");
        let failed = || PostgresError::io(format!("starting {}", program.display()));
        let mut command = self.account.command(&program);
        command.arg("-D").arg(&self.layout.data);
        for (name, value) in self.all_settings() {
            let mut setting = OsString::from(name);
            setting.push("=");
            setting.push(value);
            command.arg("-c").arg(setting);
        }
        if let Some(stale) = stale {
            // Its number may belong to somebody else now (in a container it soon does), whom Postgres would take for
            // another postmaster. Removing the file would open a race; this makes Postgres look past that number only.
            command.env("PG_GRANDPARENT_PID", stale.pid.as_raw_nonzero().to_string());
        }
        command.stdout(log.try_clone().map_err(failed())?).stderr(log);
        self.child = Some((command.spawn().map_err(failed())?, length));
        Ok(())
    }

    /// What must be so, whatever the cluster's own files say.
    fn all_settings(&self) -> Vec<(&OsStr, OsString)> {
        let ours = [
            ("listen_addresses", OsString::new()),
            ("port", PORT.to_string().into()),
            ("unix_socket_directories", quoted(&self.layout.run)),
            ("unix_socket_permissions", "0700".into()),
            ("logging_collector", "off".into()),
            ("log_destination", "stderr".into()),
        ];
        let ours = ours.into_iter().map(|(name, value)| (OsStr::new(name), value));
        ours.chain(
            self.settings
                .iter()
                .map(|(name, value)| (OsStr::new(name), value.into())),
        )
        .collect()
    }

    /// Collects our process if it has ended; then what it said since its start.
    fn reap(&mut self) -> Result<Option<String>, PostgresError> {
        let Some((child, log_start)) = &mut self.child else {
            return Ok(None);
        };
        let log_start = *log_start;
        if child
            .try_wait()
            .map_err(PostgresError::io("waiting for PostgreSQL"))?
            .is_none()
        {
            return Ok(None);
        }
        self.child = None;
        Ok(Some(self.log_after(log_start)))
    }

    /// Whether connections are accepted: the file says "ready" also while a crash is being recovered from.
    async fn answers(&self, file: &PidFile) -> bool {
        let config = config(&file.socket_dir, file.port, "postgres");
        let Ok((client, connection)) = config.connect(NoTls).await else {
            return false;
        };
        drop(client);
        // Says goodbye properly, so that the server has nothing to log.
        connection.await.is_ok()
    }

    fn open_log(&self) -> Result<(File, u64), PostgresError> {
        let path = &self.layout.log;
        let failed = || PostgresError::io(format!("opening {}", path.display()));
        if fs::metadata(path).is_ok_and(|meta| meta.len() > LOG_MAX) {
            fs::rename(path, path.with_extension("log.1")).map_err(failed())?;
        }
        let file = File::options()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(path)
            .map_err(failed())?;
        self.account.give(path)?;
        let length = file.metadata().map_err(failed())?.len();
        Ok((file, length))
    }

    /// The end of the log, of what was written after `start`, on one line.
    fn log_after(&self, start: u64) -> String {
        let mut text = Vec::new();
        let read = File::open(&self.layout.log).and_then(|mut file| {
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(start.max(length.saturating_sub(LOG_TAIL))))?;
            file.take(LOG_TAIL).read_to_end(&mut text)
        });
        match read {
            Ok(_) => String::from_utf8_lossy(&text).trim().replace('\n', " | "),
            Err(error) => format!("{} cannot be read: {error}", self.layout.log.display()),
        }
    }
}

/// A folder as an element of a list in a setting, whatever is in its name.
fn quoted(dir: &Path) -> OsString {
    let mut bytes = vec![b'"'];
    for &byte in dir.as_os_str().as_bytes() {
        bytes.extend(if byte == b'"' {
            b"\"\"".as_slice()
        } else {
            std::slice::from_ref(&byte)
        });
    }
    bytes.push(b'"');
    OsString::from_vec(bytes)
}

/// How to connect to the cluster behind a socket.
pub(super) fn config(socket_dir: &Path, port: u16, dbname: &str) -> tokio_postgres::Config {
    let mut config = tokio_postgres::Config::new();
    config
        .host_path(socket_dir)
        .port(port)
        .user(SUPERUSER)
        .dbname(dbname);
    config
        .application_name("informejo")
        .connect_timeout(Duration::from_secs(5));
    config
}
