//! nginx and HAProxy as processes of their own, with the shipped files.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;
use tests::wait;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::sleep;

use super::shipped::{self, Certificate, free_port};

/// How often a proxy is looked at that does not say when it listens.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// A proxy at work; it ends with the value.
pub(super) struct Front {
    child: Child,
    folder: TempDir,
    /// Where it speaks http, and https.
    pub(super) http: SocketAddr,
    pub(super) https: SocketAddr,
}

/// Two free ports of 127.0.0.1.
pub(super) fn addresses() -> (SocketAddr, SocketAddr) {
    let one = || SocketAddr::from(([127, 0, 0, 1], free_port()));
    (one(), one())
}

/// nginx's shipped site before these programs (one or two), believing HAProxy at 127.0.0.1.
fn site(
    programs: &[SocketAddr],
    at: (SocketAddr, SocketAddr),
    certificate: &Certificate,
    logs: &Path,
) -> String {
    let server = |program: &SocketAddr| format!("server {program};");
    let second = "# server 127.0.0.1:3004;";
    shipped::with(
        "nginx.conf",
        &[
            ("server 127.0.0.1:3003;", &server(&programs[0])),
            (second, &programs.get(1).map_or_else(|| second.to_owned(), server)),
            ("listen [::]:80;", ""),
            ("listen [::]:443 ssl;", ""),
            ("listen 80;", &format!("listen {};", at.0)),
            ("listen 443 ssl;", &format!("listen {} ssl;", at.1)),
            ("/etc/ssl/informejo/fullchain.pem", &certificate.file("cert.pem")),
            ("/etc/ssl/informejo/privkey.pem", &certificate.file("key.pem")),
            ("/var/log/nginx", logs.to_str().unwrap()),
            ("10.10.13.1", "127.0.0.1"),
        ],
    )
}

/// What Debian's nginx.conf is around the site: here, everything in one folder.
pub(super) fn nginx_around(site: &Path, folder: &Path) -> String {
    let folder = folder.display();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {folder}/{name};"))
        .concat();
    format!(
        "pid {folder}/nginx.pid;\nerror_log stderr;\nevents {{ worker_connections 1024; }}\n\
         http {{ {temporary} include {}; }}\n",
        site.display()
    )
}

impl Front {
    /// nginx before one or two programs.
    pub(super) async fn nginx(
        programs: &[SocketAddr],
        at: (SocketAddr, SocketAddr),
        certificate: &Certificate,
    ) -> Self {
        Self::nginx_with(programs, at, certificate, |site| site).await
    }

    /// nginx with a site that somebody has changed.
    pub(super) async fn nginx_with(
        programs: &[SocketAddr],
        at: (SocketAddr, SocketAddr),
        certificate: &Certificate,
        change: impl Fn(String) -> String,
    ) -> Self {
        let folder = tests::postgres::new_data_dir();
        let (site_file, file) = (folder.path().join("site.conf"), folder.path().join("nginx.conf"));
        let site = change(site(programs, at, certificate, folder.path()));
        std::fs::write(&site_file, site).unwrap();
        std::fs::write(&file, nginx_around(&site_file, folder.path())).unwrap();
        let mut nginx = Command::from(shipped::tool("nginx"));
        nginx.arg("-p").arg(folder.path()).arg("-c").arg(&file);
        // One process in the foreground, so that nothing is left behind by its end.
        nginx.args(["-e", "stderr", "-g", "daemon off; master_process off;"]);
        Self::start(nginx, folder, at).await
    }

    /// HAProxy with these lines of its two lists of servers: name and address.
    pub(super) async fn haproxy(
        servers: &[(&str, SocketAddr)],
        at: (SocketAddr, SocketAddr),
        certificate: &Certificate,
    ) -> Self {
        let folder = tests::postgres::new_data_dir();
        let check = "check inter 2s fall 2 rise 1";
        let mut parts = vec![
            ("*:80".to_owned(), at.0.to_string()),
            ("*:443".to_owned(), at.1.to_string()),
            (
                "/etc/haproxy/certs/informejo.pem".to_owned(),
                certificate.file("both.pem"),
            ),
            // It is started without rights that it could give up.
            ("    user haproxy\n    group haproxy\n".to_owned(), String::new()),
        ];
        if servers[0].0 != "nginx" {
            parts.push((format!("    server nginx 10.10.13.2:80 {check}\n"), String::new()));
            let track = "    server nginx 10.10.13.2:80 track informejo_backend/nginx\n";
            parts.push((track.to_owned(), String::new()));
        }
        for (number, (name, address)) in servers.iter().enumerate() {
            let shipped = match *name {
                "nginx" => "server nginx 10.10.13.2:80".to_owned(),
                name => format!("# server {name} 127.0.0.1:{}", 3003 + number),
            };
            parts.push((shipped, format!("server {name} {address}")));
        }
        let parts: Vec<(&str, &str)> = parts.iter().map(|(from, to)| (&**from, &**to)).collect();
        let file = folder.path().join("haproxy.cfg");
        std::fs::write(&file, shipped::with("haproxy.cfg", &parts)).unwrap();
        let mut haproxy = Command::from(shipped::tool("haproxy"));
        haproxy.arg("-db").arg("-f").arg(&file);
        Self::start(haproxy, folder, at).await
    }

    async fn start(mut command: Command, folder: TempDir, at: (SocketAddr, SocketAddr)) -> Self {
        let said = std::fs::File::create(folder.path().join("said")).unwrap();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(said.try_clone().unwrap())
            .stderr(said)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let listens = wait::within("a proxy that listens", async {
            loop {
                if let Some(status) = child.try_wait().unwrap() {
                    return Err(status);
                }
                if TcpStream::connect(at.1).await.is_ok() {
                    return Ok(());
                }
                sleep(LOOK_EVERY).await;
            }
        })
        .await;
        let front = Self {
            child,
            folder,
            http: at.0,
            https: at.1,
        };
        assert!(listens.is_ok(), "{listens:?}: {}", front.file("said"));
        front
    }

    /// What is in one of its files: `said`, or a log.
    pub(super) fn file(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }

    /// The address that people type.
    pub(super) fn url(&self) -> String {
        format!("https://{}", self.https)
    }

    /// Whether it is still at work.
    pub(super) fn works(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }
}
