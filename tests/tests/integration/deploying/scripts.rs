//! The scripts of `ops/deploy`, run as an operator runs them, with a PM2 and a desk of their own (S-027, S-110).

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use tests::process::binary;

use super::managers::Pm2;
use super::shipped::{self, free_port, root, succeed};

fn text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

fn script(pm2: &Pm2, name: &str, from: &Path) -> Output {
    let mut command = pm2.command(shipped::path(name));
    command.current_dir(from).output().unwrap()
}

#[test]
fn the_scripts_are_sound() {
    let scripts = [
        "ops/deploy/deploy.sh",
        "ops/deploy/verify-deploy.sh",
        "ops/setup.sh",
    ];
    let mut shellcheck: Command = shipped::tool("shellcheck");
    succeed(shellcheck.current_dir(root()).args(scripts));
    succeed(shellcheck.current_dir(root()).args([".ci/run"]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deploying_twice_changes_nothing_and_what_is_deployed_is_verified() {
    let port = free_port();
    let ground = tests::process::Ground::new().await;
    let pm2 = Pm2::new(port, &format!("DATABASE_URL={}\n", ground.database.url()));
    let folder = shipped::path("");

    let first = script(&pm2, "deploy.sh", &folder);
    let said = text(&first);
    assert!(first.status.success(), "{said}");
    assert!(
        said.contains("deploy: starting") && !said.contains("FAILED"),
        "{said}"
    );
    for found in [
        "ok       PM2: informejo is online",
        "ok       it is ready",
        "ok       it shows its page",
        "ok       live updates by polling",
        "ok       live updates by websocket",
        "ok       informejo doctor",
    ] {
        assert!(said.contains(found), "{found}: {said}");
    }
    let pid = pm2.app()["pid"].clone();

    // Again, from somewhere else: nothing happens.
    let second = script(&pm2, "deploy.sh", Path::new("/"));
    let said = text(&second);
    assert!(second.status.success(), "{said}");
    assert!(said.contains("deploy: nothing has changed"), "{said}");
    assert_eq!(pm2.app()["pid"], pid);

    // Another setting is another deployment; a wrong one is none.
    let settings = std::fs::read_to_string(pm2.desk.join(".env")).unwrap();
    std::fs::write(pm2.desk.join(".env"), format!("{settings}LOG_FORMAT=xml\n")).unwrap();
    let wrong = script(&pm2, "deploy.sh", &folder);
    assert_eq!(wrong.status.code(), Some(1), "{}", text(&wrong));
    assert!(text(&wrong).contains("what runs, runs on"), "{}", text(&wrong));
    assert_eq!(pm2.app()["pid"], pid);
    std::fs::write(pm2.desk.join(".env"), format!("{settings}LOG_FORMAT=json\n")).unwrap();
    let third = script(&pm2, "deploy.sh", &folder);
    assert!(third.status.success(), "{}", text(&third));
    assert_ne!(pm2.app()["pid"], pid);

    // What does not run is not well.
    pm2.pm2(&["stop", "informejo"]);
    let verified = script(&pm2, "verify-deploy.sh", &folder);
    let said = text(&verified);
    assert_eq!(verified.status.code(), Some(1), "{said}");
    assert!(said.contains("FAILED   PM2: informejo is stopped"), "{said}");
    std::fs::remove_file(pm2.desk.join(".env")).unwrap();
    let without = script(&pm2, "deploy.sh", &folder);
    assert_eq!(without.status.code(), Some(1));
    assert!(text(&without).contains(".env is missing"), "{}", text(&without));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_systemd_runs_is_verified_with_the_settings_of_the_service() {
    let ground = tests::process::Ground::new().await;
    let server = ground.serve(&[]).await;
    let folder = tests::postgres::new_data_dir();
    // There is no systemd that could be asked here.
    let systemctl = folder.path().join("systemctl");
    std::fs::write(
        &systemctl,
        "#!/bin/sh\n[ \"$*\" = '--quiet is-active informejo' ]\n",
    )
    .unwrap();
    std::fs::set_permissions(&systemctl, Permissions::from_mode(0o755)).unwrap();
    let settings = folder.path().join("informejo.env");
    let [(_, url), (_, data)] = ground.settings();
    let port = server.address().port();
    let lines =
        format!("HOST=127.0.0.1\nPORT={port}\n# A comment\nDATABASE_URL=\"{url}\"\nDATA_DIR={data}\n");
    std::fs::write(&settings, lines).unwrap();
    let verify = async || {
        let mut verify = tokio::process::Command::new(shipped::path("verify-deploy.sh"));
        let path = format!("{}:/usr/bin:/bin", folder.path().display());
        verify
            .env_clear()
            .env("PATH", path)
            .env("INFORMEJO_BINARY", binary());
        verify.env("INFORMEJO_ENV_FILE", &settings).kill_on_drop(true);
        verify.output().await.unwrap()
    };
    let well = verify().await;
    let said = text(&well);
    assert!(well.status.success(), "{said}");
    assert!(said.contains("ok       systemd: informejo is active"), "{said}");
    assert!(said.contains("ok       informejo doctor"), "{said}");

    std::fs::write(
        &settings,
        format!("HOST=127.0.0.1\nPORT={port}\nDATABASE_URL=postgresql://127.0.0.1:1/none\nDATA_DIR={data}\n"),
    )
    .unwrap();
    let ill = verify().await;
    assert_eq!(ill.status.code(), Some(1), "{}", text(&ill));
    assert!(text(&ill).contains("FAILED   informejo doctor"), "{}", text(&ill));
}
