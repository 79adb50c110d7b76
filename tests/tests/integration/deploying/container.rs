//! The container's files, as far as they can be judged without Docker: what they refer to exists, and the checks in them
//! work.

use std::process::Command;

use ops::config::SETTINGS;
use serde_json::Value;
use tests::process::Ground;

use super::shipped::{self, root, succeed};

/// The instructions of the Dockerfile, with continued lines joined.
fn instructions() -> Vec<(String, String)> {
    let text = shipped::read("Dockerfile").replace("\\\n", " ");
    let lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    lines
        .map(|line| {
            let (word, rest) = line.split_once(' ').unwrap();
            (word.to_owned(), rest.trim().to_owned())
        })
        .collect()
}

fn rest_of<'a>(all: &'a [(String, String)], word: &str) -> Vec<&'a str> {
    all.iter()
        .filter(|(found, _)| found == word)
        .map(|(_, rest)| &**rest)
        .collect()
}

fn compose() -> Value {
    let script = "const fs = require('node:fs'); \
                  console.log(JSON.stringify(require('js-yaml').load(fs.readFileSync(process.argv[1], 'utf8'))))";
    let mut node = Command::new("node");
    node.current_dir(root().join("tests/pm2"));
    node.args(["-e", script]).arg(shipped::path("compose.yaml"));
    serde_json::from_str(&succeed(&mut node)).unwrap()
}

#[test]
fn the_image_is_built_by_the_workspace_s_own_compiler_and_runs_as_nobody_special() {
    let all = instructions();
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let version = manifest
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = \""))
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap();
    let from = rest_of(&all, "FROM");
    assert!(from[0].starts_with("node:22-"), "{from:?}");
    assert!(
        from[1].starts_with(&format!("rust:{version}-bookworm ")),
        "{from:?}"
    );
    assert!(
        from[2].ends_with("bookworm-slim"),
        "the same libc as where it was built: {from:?}"
    );
    let run = rest_of(&all, "RUN");
    assert!(run[0].ends_with("npm run build --prefix app"), "{run:?}");
    for copied in rest_of(&all, "COPY") {
        let source = copied
            .split_whitespace()
            .find(|word| !word.starts_with("--"))
            .unwrap();
        if let Some(built) = copied
            .strip_prefix("--from=build ")
            .and_then(|rest| rest.split(' ').next())
        {
            assert!(
                run[1].ends_with(&format!("cp target/release/informejo {built}")),
                "{run:?}"
            );
        } else if let Some(client) = copied.strip_prefix("--from=web ") {
            assert_eq!(client, "/src/web/app/dist web/app/dist");
        } else {
            assert!(root().join(source).exists(), "{source}");
        }
    }
    assert_eq!(rest_of(&all, "USER"), ["10001"]);
    let position = |word: &str| all.iter().rposition(|(found, _)| found == word).unwrap();
    assert!(position("USER") < position("ENTRYPOINT"));
    let port = SETTINGS
        .iter()
        .find(|setting| setting.name == "PORT")
        .unwrap()
        .default;
    assert_eq!(rest_of(&all, "EXPOSE"), [port]);
    let ignored = shipped::read("Dockerfile.dockerignore");
    for secret in [".env", "data", ".git", "target", "web/*/dist"] {
        assert!(ignored.lines().any(|line| line == secret), "{secret}");
    }
}

#[tokio::test]
async fn the_image_s_health_check_tells_a_desk_from_none() {
    let all = instructions();
    let check = rest_of(&all, "HEALTHCHECK")[0];
    let words: Vec<String> = serde_json::from_str(check.split("CMD ").nth(1).unwrap()).unwrap();
    let run = |port: String| {
        let mut command = tokio::process::Command::new(&words[0]);
        command.args(&words[1..]).env("PORT", port).kill_on_drop(true);
        async move { command.output().await.unwrap().status.success() }
    };
    let ground = Ground::new().await;
    let mut server = ground.serve(&[]).await;
    let port = server.address().port().to_string();
    assert!(run(port.clone()).await);
    server.kill().await;
    assert!(!run(port).await);
}

#[test]
fn compose_is_yaml_and_fits_the_image_and_the_program() {
    let compose = compose();
    let (desk, database) = (
        &compose["services"]["informejo"],
        &compose["services"]["postgres"],
    );
    assert_eq!(desk["build"]["dockerfile"], "ops/deploy/Dockerfile");
    let context = shipped::path("").join(desk["build"]["context"].as_str().unwrap());
    assert_eq!(context.canonicalize().unwrap(), root().canonicalize().unwrap());
    for name in desk["environment"].as_object().unwrap().keys() {
        assert!(SETTINGS.iter().any(|setting| setting.name == name), "{name}");
    }
    let published = desk["ports"][0].as_str().unwrap();
    assert_eq!(published, "127.0.0.1:3003:3003", "nobody else reaches it");
    let grace = desk["stop_grace_period"].as_str().unwrap();
    let grace: u64 = grace.strip_suffix('s').unwrap().parse().unwrap();
    assert!(grace > ops::shutdown::SHUTDOWN_WITHIN.as_secs());
    let all = instructions();
    let volume = rest_of(&all, "VOLUME")[0];
    assert_eq!(desk["volumes"][0], format!("data:{volume}"));
    assert_eq!(desk["depends_on"]["postgres"]["condition"], "service_healthy");
    assert!(
        database["healthcheck"]["test"][1]
            .as_str()
            .unwrap()
            .starts_with("pg_isready")
    );
    for (_, volume) in [
        ("desk", &desk["volumes"][0]),
        ("database", &database["volumes"][0]),
    ] {
        let name = volume.as_str().unwrap().split(':').next().unwrap();
        assert!(
            compose["volumes"].as_object().unwrap().contains_key(name),
            "{name}"
        );
    }
}

#[test]
fn the_example_of_settings_names_settings() {
    for line in shipped::read("informejo.env.example").lines() {
        let line = line.trim_start_matches("# ");
        let Some((name, _)) = line.split_once('=') else {
            continue;
        };
        if name.chars().all(|c| c.is_ascii_uppercase() || c == '_') {
            assert!(SETTINGS.iter().any(|setting| setting.name == name), "{name}");
        }
    }
}
