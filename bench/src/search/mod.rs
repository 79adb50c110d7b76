//! Lists and searches over HTTP on a desk with many texts, beside ILIKE on the same texts.

mod texts;

use std::time::{Duration, Instant};

use projections::Engine;
use projections::engine::Check;
use projections::registry;
use projections::search::{Question, Reader, Wanted, search};
use projections::tickets::Filter;

use self::texts::{COMMENTS, word};
use crate::args::Args;
use crate::client::Client;
use crate::database::{Connection, Server, connect, open_log, url};
use crate::desk::{self, Desk};
use crate::load::{micros, percentile};
use crate::outcome::{Outcome, say};
use crate::report::{Bound, Goal, Part};
use crate::table::{Column, Table};

/// Requests of each kind in a run.
const REQUESTS: usize = 60;
/// How often the rival is asked in a run.
const RIVALS: usize = 5;
const P95: &str = "p95 ms";
const COLUMNS: [(&str, usize); 3] = [("p50 ms", 2), (P95, 2), ("max ms", 2)];
const LISTS: [(&str, &str); 3] = [
    ("list: all", ""),
    ("list: two statuses", "&status=OPEN,WAITING"),
    (
        "list: a priority and a category",
        "&priority=HIGH&category=TRAVEL",
    ),
];

/// Writes the log once, makes the read models, and asks.
pub(crate) async fn measure(server: &Server, args: &Args) -> Outcome<Part> {
    let database = server.new_database("search").await?;
    let address = url(&database)?;
    let data = tempfile::tempdir_in(server.folder())?;
    let data = data.path().to_str().ok_or("a folder that is no text")?;
    let settings = [("DATABASE_URL", address.as_str()), ("DATA_DIR", data)];
    desk::create_admin(&settings).await?;
    let count = args.tickets / 2;
    say(&format!(
        "search: writing {count} tickets with {COMMENTS} comments each"
    ));
    let log = open_log(&database).await?;
    let requesters = texts::write(&log, count).await?;
    let engine = Engine::new(log.clone(), &database);
    engine.prepare().await?;
    for model in registry::read_models() {
        let begin = Instant::now();
        engine.rebuild(model.name(), Check::Skip, |_| {}).await?;
        say(&format!(
            "search: made {} in {:.1?}",
            model.name(),
            begin.elapsed()
        ));
    }
    let connection = connect(&database).await?;
    connection.client.batch_execute("VACUUM ANALYZE").await?;
    server.settle().await?;
    let head = log.head().await?.position;
    let desk = Desk::start(&settings).await?;
    let token = desk::sign_in(desk.address).await?;
    let mut client = Client::connect(desk.address).await?.signed_in(&token);
    let pool = eventlog::pool(&database, 2)?;
    let columns = COLUMNS.map(|(name, digits)| Column { name, digits });
    let title = format!(
        "GET /api/tickets (50) and /api/search (20), {count} tickets, {} comments, as an agent",
        count * COMMENTS
    );
    let mut table = Table::new(title, &columns);
    for run in 1..=args.runs {
        say(&format!("search {run}/{}", args.runs));
        for (name, filter) in LISTS {
            let path = |_| format!("/api/tickets?limit=50{filter}");
            table.record(name, &ask(&mut client, path).await?);
        }
        for (name, query) in SEARCHES {
            let path = |turn| format!("/api/search?q={}", query(turn));
            table.record(name, &ask(&mut client, path).await?);
        }
        let mut times = Vec::new();
        for (turn, requester) in requesters.iter().enumerate().take(REQUESTS) {
            let wanted = Wanted {
                reader: Reader::Requester(*requester),
                question: Question::of(&word(30 + turn)),
                filter: Filter::default(),
                after: None,
                limit: 20,
            };
            let begin = Instant::now();
            search(&pool, head, &wanted).await?;
            times.push(begin.elapsed());
        }
        table.record(
            "a requester's own (the read model, without HTTP)",
            &figures(times),
        );
        table.record("rival: ILIKE, a rare word", &rival(&connection, 20_000).await?);
        table.record("rival: ILIKE, a common word", &rival(&connection, 30).await?);
    }
    desk.stop().await?;
    log.close().await;
    drop((pool, connection));
    server.drop_database("search").await?;
    Ok(Part {
        goals: goals(&table),
        tables: vec![table],
        notes: vec![format!(
            "one client; the words of each kind change with every request ({REQUESTS} a run)"
        )],
    })
}

/// Makes a query that changes with every turn.
type Query = fn(usize) -> String;

/// Kinds of searches.
const SEARCHES: [(&str, Query); 11] = [
    ("search: in four of five comments", |turn| word(turn % 3)),
    ("search: in one of ten", |turn| word(20 + turn)),
    ("search: in one of a hundred", |turn| word(250 + turn)),
    ("search: in one of ten thousand", |turn| word(20_000 + 13 * turn)),
    ("search: two words", |turn| {
        format!("{}+{}", word(20 + turn), word(250 + turn))
    }),
    ("search: two words together", |turn| {
        format!("%22{}+{}%22", word(2 + turn % 10), word(20 + turn))
    }),
    ("search: three letters of a word", |turn| {
        word(100 + turn).chars().take(3).collect()
    }),
    ("search: one word without another", |turn| {
        format!("{}+-{}", word(20 + turn), word(1))
    }),
    ("search: with a slip of the fingers", |turn| {
        slipped(&word(2_000 + 17 * turn))
    }),
    ("search: nothing there", |turn| format!("qyx{turn}wq")),
    ("search: one of ten, open and urgent", |turn| {
        format!("{}&status=OPEN&priority=HIGH", word(20 + turn))
    }),
];

/// Two letters of a word change places.
fn slipped(word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    if let Some(middle) = letters.len().checked_sub(2) {
        letters.swap(middle, middle - 1);
    }
    letters.into_iter().collect()
}

async fn ask(client: &mut Client, path: impl Fn(usize) -> String) -> Outcome<[Option<f64>; 3]> {
    let mut times = Vec::new();
    for turn in 0..REQUESTS {
        let path = path(turn);
        let begin = Instant::now();
        let (status, answer) = client.get(&path).await?;
        times.push(begin.elapsed());
        if !status.is_success() {
            return Err(format!("GET {path}: {status}: {}", String::from_utf8_lossy(&answer)).into());
        }
    }
    Ok(figures(times))
}

/// Twenty tickets, the newest first, in whose title, description or comments a word is.
async fn rival(connection: &Connection, place: usize) -> Outcome<[Option<f64>; 3]> {
    let sql = "SELECT t.id FROM read_tickets.tickets t
               WHERE NOT t.deleted AND (t.title ILIKE $1 OR t.description ILIKE $1
                     OR t.id IN (SELECT c.ticket FROM read_tickets.comments c WHERE c.body ILIKE $1))
               ORDER BY t.created_at DESC LIMIT 20";
    let mut times = Vec::new();
    for turn in 0..RIVALS {
        let pattern = format!("%{}%", word(place + turn));
        let begin = Instant::now();
        connection.client.query(sql, &[&pattern]).await?;
        times.push(begin.elapsed());
    }
    Ok(figures(times))
}

fn figures(times: Vec<Duration>) -> [Option<f64>; 3] {
    let mut sorted: Vec<u32> = times.into_iter().map(micros).collect();
    sorted.sort_unstable();
    [50, 95, 100].map(|percent| Some(percentile(&sorted, percent)))
}

fn goals(table: &Table) -> Vec<Goal> {
    let slowest = |names: &[&str]| {
        let figures = names.iter().filter_map(|name| table.figure(name, P95));
        let slowest = figures.max_by(|one, other| one.median().total_cmp(&other.median()));
        slowest.cloned()
    };
    let lists = slowest(&LISTS.map(|(name, _)| name));
    let searches = slowest(&SEARCHES.map(|(name, _)| name));
    [
        Goal::of("slowest list, p95", lists, Bound::AtMost(15.0), " ms"),
        Goal::of("slowest search, p95", searches, Bound::AtMost(50.0), " ms"),
    ]
    .into_iter()
    .flatten()
    .collect()
}
