//! The database: its version, what it keeps, its rights, its clock, and how far the read models are.

use std::sync::Arc;

use domain::time::Clock;
use eventlog::{EventLog, Survey};
use projections::Engine;
use projections::engine::{Health, StoredStatus};
use tokio_postgres::Config;

use super::Finding;
use crate::cli::{VerbError, chain};
use crate::clock::SystemClock;
use crate::config::{Database, Settings};
use crate::database;

/// Milliseconds that the database's clock may differ from this machine's.
const SKEW_MS_WELL: i64 = 1_000;
const SKEW_MS_BEARABLE: i64 = 30_000;
/// Connections of a program beside those of its pool: the appender, listeners, projectors, a rebuild.
const CONNECTIONS_BESIDE_POOL: i64 = 12;
/// Connections that the doctor needs for looking at the read models.
const POOL_SIZE: usize = 2;

/// Looks at the database, and at what lies in it.
pub(super) async fn look(settings: &Settings) -> Vec<Finding> {
    if let Database::Embedded { dir, .. } = &settings.database
        && !dir.join("data").exists()
    {
        let why = format!("there is none in {} yet: the first start makes it", dir.display());
        return vec![Finding::skipped("database", why)];
    }
    let looked = database::with(settings, async |config| {
        let mut findings = database::with_client(config, async |client| {
            let began = SystemClock.now();
            let survey = eventlog::survey(client).await;
            let survey = survey.map_err(VerbError::failed("looking at the database"))?;
            let took_ms = SystemClock.now().as_millis() - began.as_millis();
            let skew_ms = survey.clock.as_millis() - began.as_millis() - took_ms / 2;
            let mut findings = judge(&survey, skew_ms, settings.pool_size);
            findings.push(match eventlog::pending_migrations(client).await {
                Ok(pending) => migrations(&pending),
                Err(error) => Finding::warning(
                    "database.migrations",
                    chain(&error),
                    "ask as the role that migrates the database",
                ),
            });
            Ok(findings)
        })
        .await?;
        findings.extend(read_models(config).await);
        Ok(findings)
    })
    .await;
    looked.unwrap_or_else(|error| {
        let advice = match &settings.database {
            Database::Url(_) => {
                "check DATABASE_URL, and whether the server runs and takes connections from here"
            }
            Database::Embedded { .. } => {
                "read the log of `informejo serve`, and data/postgres for who owns it"
            }
        };
        vec![
            Finding::error("database", chain(&error), advice),
            Finding::skipped("projections", "the database cannot be looked at"),
        ]
    })
}

/// What a survey means.
fn judge(survey: &Survey, skew_ms: i64, pool_size: usize) -> Vec<Finding> {
    let version = format!("PostgreSQL {}", survey.version);
    let mut findings = vec![if survey.is_supported {
        Finding::ok("database", version)
    } else {
        Finding::error("database", version, "upgrade to PostgreSQL 14 or newer")
    }];
    findings.push(if survey.off.is_empty() {
        Finding::ok("database.durability", "what is committed is on disk")
    } else {
        let off = survey.off.join(", ");
        Finding::error(
            "database.durability",
            format!("off: {off}; what was acknowledged can be lost"),
            "switch it on (ALTER SYSTEM SET … = on; SELECT pg_reload_conf()), also for the role and the database",
        )
    });
    findings.push(connections(survey.connections_max, pool_size));
    findings.push(clock(skew_ms));
    findings.push(match (survey.has_log, survey.wrong_rights.is_empty()) {
        (false, _) => Finding::skipped("database.rights", "there is no log yet"),
        (true, true) => Finding::ok(
            "database.rights",
            "the program may append to the log and cannot change it",
        ),
        (true, false) => Finding::error(
            "database.rights",
            survey.wrong_rights.join("; "),
            "run `informejo migrate` as the role that made the database; revoke what others have granted since",
        ),
    });
    findings
}

fn connections(most: i64, pool_size: usize) -> Finding {
    let wanted = i64::try_from(pool_size).unwrap_or(i64::MAX) + CONNECTIONS_BESIDE_POOL;
    let says = format!("the server takes {most} connections, a program wants up to {wanted}");
    if most < wanted {
        let advice = "raise max_connections of the server, or lower DATABASE_POOL_SIZE";
        Finding::warning("database.connections", says, advice)
    } else {
        Finding::ok("database.connections", says)
    }
}

fn clock(skew_ms: i64) -> Finding {
    let check = "database.clock";
    let seconds = skew_ms.unsigned_abs() / 1_000;
    let advice = "let a time service (chrony, systemd-timesyncd) set the clocks of both machines";
    let says = format!("the database's clock is {seconds} s {} this machine's", {
        if skew_ms < 0 { "behind" } else { "ahead of" }
    });
    if skew_ms.abs() <= SKEW_MS_WELL {
        Finding::ok(check, "the database's clock and this machine's agree")
    } else if skew_ms.abs() <= SKEW_MS_BEARABLE {
        Finding::warning(check, says, advice)
    } else {
        Finding::error(check, says, advice)
    }
}

fn migrations(pending: &[String]) -> Finding {
    if pending.is_empty() {
        return Finding::ok("database.migrations", "all are applied");
    }
    Finding::warning(
        "database.migrations",
        format!("not applied: {}", pending.join(", ")),
        "run `informejo migrate`, as a role that may create roles",
    )
}

async fn read_models(config: &Config) -> Vec<Finding> {
    let check = "projections";
    let pool = match eventlog::pool(config, POOL_SIZE) {
        Ok(pool) => pool,
        Err(error) => return vec![Finding::skipped(check, chain(&error))],
    };
    let options = eventlog::Options::default();
    let log = match EventLog::open(pool, config.clone(), Arc::new(SystemClock), options).await {
        Ok(log) => log,
        Err(error) => return vec![Finding::skipped(check, chain(&error))],
    };
    let statuses = Engine::new(log.clone(), config).status().await;
    log.close().await;
    match statuses {
        Ok(statuses) if statuses.is_empty() => {
            vec![Finding::skipped(
                check,
                "none was made yet: the first start makes them",
            )]
        }
        Ok(statuses) => {
            let somebody_works = statuses.iter().any(|status| status.health != Health::Dead);
            let judge = |status: &StoredStatus| read_model(status, somebody_works);
            statuses.iter().map(judge).collect()
        }
        Err(error) => vec![Finding::skipped(check, chain(&error))],
    }
}

/// `somebody_works`: a program applies events to one read model at least.
fn read_model(status: &StoredStatus, somebody_works: bool) -> Finding {
    let check = "projections";
    let (name, lag, parked) = (&status.name, status.lag, status.parked.len());
    let behind = format!("{name} is {lag} events and {:.0} s behind", status.lag_seconds);
    match status.health {
        Health::Well => Finding::ok(check, behind),
        Health::Behind => {
            Finding::warning(check, behind, "see docs/operations.md#informejoprojectionlagging")
        }
        Health::Building => Finding::warning(
            check,
            format!("{behind}; its next generation is being made"),
            "wait: `informejo projections status` tells how far it is",
        ),
        Health::Parked => Finding::warning(
            check,
            format!("{parked} streams are parked in {name}"),
            "see docs/operations.md#informejostreamparked",
        ),
        Health::Failing => {
            let error = status.last_error.as_ref().map_or("", |error| &error.kind);
            Finding::error(
                check,
                format!("{name} fails: {error}"),
                "see docs/operations.md#informejoprojectorfailed",
            )
        }
        Health::Dead if somebody_works => Finding::error(
            check,
            format!("no program applies events to {name}, though one runs; {behind}"),
            "see docs/operations.md#informejoprojectionwithoutleader",
        ),
        Health::Dead => Finding::warning(
            check,
            format!("no program applies events to {name}; {behind}"),
            "start one: `informejo serve`",
        ),
    }
}

#[cfg(test)]
mod tests {
    use domain::time::Timestamp;

    use super::super::Level;
    use super::*;

    fn well() -> Survey {
        Survey {
            version: "17.2".to_owned(),
            is_supported: true,
            off: Vec::new(),
            connections_max: 100,
            has_log: true,
            clock: Timestamp::EPOCH,
            wrong_rights: Vec::new(),
        }
    }

    fn worst(survey: &Survey, skew_ms: i64) -> Vec<(&'static str, Level)> {
        let findings = judge(survey, skew_ms, 16);
        assert!(findings.iter().all(|finding| {
            finding.advice.is_empty() == matches!(finding.level, Level::Ok | Level::Skipped)
        }));
        let bad = findings.iter().filter(|finding| finding.level != Level::Ok);
        bad.map(|finding| (finding.check, finding.level)).collect()
    }

    #[test]
    fn each_fault_is_found_alone() {
        assert_eq!(worst(&well(), -900), []);
        let old = Survey {
            is_supported: false,
            ..well()
        };
        assert_eq!(worst(&old, 0), [("database", Level::Error)]);
        let unsafe_ = Survey {
            off: vec!["fsync"],
            ..well()
        };
        assert_eq!(worst(&unsafe_, 0), [("database.durability", Level::Error)]);
        let small = Survey {
            connections_max: 20,
            ..well()
        };
        assert_eq!(worst(&small, 0), [("database.connections", Level::Warning)]);
        let empty = Survey {
            has_log: false,
            ..well()
        };
        assert_eq!(worst(&empty, 0), [("database.rights", Level::Skipped)]);
        let open = Survey {
            wrong_rights: vec!["x".to_owned()],
            ..well()
        };
        assert_eq!(worst(&open, 0), [("database.rights", Level::Error)]);
        assert_eq!(worst(&well(), 5_000), [("database.clock", Level::Warning)]);
        assert_eq!(worst(&well(), -60_000), [("database.clock", Level::Error)]);
    }

    #[test]
    fn a_read_model_is_as_well_as_its_health() {
        let level = |health, somebody_works| {
            let status = StoredStatus {
                name: "tickets".to_owned(),
                health,
                generation: 1,
                version: 1,
                position: 1,
                head: 1,
                lag: 0,
                lag_seconds: 0.0,
                rate: 0.0,
                owner: None,
                silent_seconds: 0.0,
                parked: Vec::new(),
                last_error: None,
                previous: None,
                build: None,
            };
            read_model(&status, somebody_works).level
        };
        assert_eq!(level(Health::Well, true), Level::Ok);
        for health in [Health::Behind, Health::Building, Health::Parked] {
            assert_eq!(level(health, true), Level::Warning, "{health:?}");
        }
        assert_eq!(level(Health::Failing, true), Level::Error);
        assert_eq!(level(Health::Dead, true), Level::Error);
        assert_eq!(level(Health::Dead, false), Level::Warning);
    }
}
