//! The program doing nothing: what it keeps in memory, and how soon it is ready. With its own embedded Postgres and
//! with one that runs already.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use tokio::time::sleep;

use crate::args::Args;
use crate::database::{Server, url};
use crate::desk::Desk;
use crate::outcome::{Outcome, say};
use crate::report::{Bound, Goal, Part};
use crate::table::{Column, Table};

/// How long it does nothing before its memory is looked at.
const REST: Duration = Duration::from_secs(2);
const READY: &str = "ready after ms";
const MEMORY: &str = "memory MiB";
const FIRST: &str = "embedded Postgres, first start, demo data made";
const AGAIN: &str = "embedded Postgres, started again";
const BESIDE: &str = "running Postgres, started again";

/// Starts it on nothing, and again on what it left.
pub(crate) async fn measure(server: &Server, args: &Args) -> Outcome<Part> {
    let columns = [(READY, 0), (MEMORY, 1)].map(|(name, digits)| Column { name, digits });
    let mut table = Table::new("At rest, with demo data", &columns);
    for run in 1..=args.runs {
        say(&format!("rest {run}/{}", args.runs));
        let folder = tempfile::Builder::new()
            .permissions(Permissions::from_mode(0o755)) // Postgres is somebody else when this runs as root
            .tempdir_in(server.folder())?;
        let data = folder.path().join("data");
        let data = data.to_str().ok_or("a folder that is no text")?;
        let embedded = [("DATA_DIR", data)];
        let demo = [("DATA_DIR", data), ("DEMO", "true")];
        start(&mut table, FIRST, &demo).await?;
        start(&mut table, AGAIN, &embedded).await?;
        let database = url(&server.new_database("rest").await?)?;
        let beside = [("DATA_DIR", data), ("DATABASE_URL", database.as_str())];
        let filled = Desk::start(&[beside[0], beside[1], ("DEMO", "true")]).await?;
        filled.stop().await?;
        start(&mut table, BESIDE, &beside).await?;
    }
    server.drop_database("rest").await?;
    let goals = [
        Goal::of(
            "memory at rest",
            table.figure(AGAIN, MEMORY).cloned(),
            Bound::AtMost(40.0),
            " MiB",
        ),
        Goal::of(
            "ready on existing data",
            table.figure(AGAIN, READY).cloned(),
            Bound::AtMost(1000.0),
            " ms",
        ),
    ];
    Ok(Part {
        tables: vec![table],
        goals: goals.into_iter().flatten().collect(),
        notes: vec!["memory is the program's own, without Postgres".to_owned()],
    })
}

async fn start(table: &mut Table, row: &str, settings: &[(&str, &str)]) -> Outcome<()> {
    let desk = Desk::start(settings).await?;
    sleep(REST).await;
    let ready = desk.ready_after.as_secs_f64() * 1000.0;
    table.record(row, &[Some(ready), Some(desk.memory()?)]);
    desk.stop().await
}
