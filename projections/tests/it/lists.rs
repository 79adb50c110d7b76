//! Lists that are followed without the database: the same tickets as its own answer has.

use std::sync::Arc;

use domain::Ticket;
use projections::tickets::{Letters, ListReader, ListTally, Matcher, SmallTitle};

use crate::history::Dice;
use crate::queries::{everything, some_filter, world};
use crate::server::{Server, connect};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filter_fits_just_the_tickets_that_the_database_finds_and_their_numbers_are_right() {
    let (world, all) = world().await;
    let reader = ListReader::new(world.pool.clone());
    let letters = Arc::new(reader.letters().await.unwrap());
    let head = world.log.head().await.unwrap().position;
    let mut dice = Dice::new(8);
    for round in 0..120 {
        let some = &all[dice.roll(all.len())];
        let mut filter = some_filter(&mut dice, some);
        if dice.roll(4) == 0 {
            filter.requester = Some(some.requester);
        }
        let matcher = Matcher::new(filter.clone(), Arc::clone(&letters));
        let fitting: Vec<Ticket> = all
            .iter()
            .filter(|ticket| matcher.fits(ticket, &SmallTitle::new()))
            .cloned()
            .collect();
        assert_eq!(
            everything(&world, &filter, 200).await,
            fitting,
            "round {round}: {filter:?}"
        );
        let counted = reader.tallies(&filter).await.unwrap();
        assert_eq!(counted.position, head, "the checkpoint is that of the rows");
        for ListTally {
            status,
            priority,
            tickets,
        } in &counted.tallies
        {
            let of_kind = fitting
                .iter()
                .filter(|ticket| ticket.status == *status && ticket.priority == *priority);
            assert_eq!(
                i64::try_from(of_kind.count()).unwrap(),
                *tickets,
                "round {round}: {filter:?}"
            );
        }
        let total: i64 = counted.tallies.iter().map(|tally| tally.tickets).sum();
        assert_eq!(
            total,
            i64::try_from(fitting.len()).unwrap(),
            "round {round}: {filter:?}"
        );
    }
    let deleted = Ticket {
        deleted: true,
        ..all[0].clone()
    };
    let everybodys = Matcher::new(projections::tickets::Filter::default(), letters);
    assert!(!everybodys.fits(&deleted, &SmallTitle::new()));
}

/// Letters with which locales disagree, and neighbours that some of them look at.
const LETTERS: &[char] = &[
    'a', 'A', 'z', 'Z', 'i', 'I', 'İ', 'ı', 'ß', 'ẞ', 'ä', 'Ä', 'é', 'É', 'σ', 'ς', 'Σ', 'Α', 'α', 'Ж', 'ж',
    'ǅ', 'Ǆ', 'ǆ', 'Ⅷ', 'ⅷ', 'Å', 'å', 'K', '𐐀', '𐐨', 'ﬁ', '%', '_', '\\', '\'', ' ', '.', '1',
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn titles_are_compared_as_the_database_does_it_whatever_its_locale() {
    let server = Server::shared();
    let admin = connect(&server.config("postgres")).await;
    let locales = [
        ("C", "LOCALE 'C'"),
        ("C.UTF-8", "LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"),
        ("en_US.UTF-8", "LOCALE 'en_US.UTF-8'"),
        ("ICU", "LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'und'"),
        (
            "builtin",
            "LOCALE 'C' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'",
        ),
    ];
    let mut known = Vec::new();
    for (number, (locale, how)) in locales.into_iter().enumerate() {
        let name = format!("letters_{number}");
        let create = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' {how}");
        // Not every Postgres has every locale.
        if admin.batch_execute(&create).await.is_err() {
            continue;
        }
        known.push(locale);
        let config = server.config(&name);
        let pool =
            deadpool_postgres::Pool::builder(deadpool_postgres::Manager::new(config, tokio_postgres::NoTls))
                .max_size(2)
                .build()
                .unwrap();
        compare(&pool, locale).await;
    }
    assert!(known.contains(&"C") && known.len() >= 2, "{known:?}");
}

async fn compare(pool: &deadpool_postgres::Pool, locale: &str) {
    let letters = Letters::of(pool).await.unwrap();
    let mut dice = Dice::new(5);
    let mut word = |longest| -> String {
        let length = 1 + dice.roll(longest);
        (0..length).map(|_| dice.one_of(LETTERS)).collect()
    };
    let titles: Vec<String> = (0..4_000).map(|_| word(8)).collect();
    // Every other part is from the title itself, as somebody else may write it.
    let parts: Vec<String> = titles
        .iter()
        .enumerate()
        .map(|(number, title)| match number % 4 {
            0 => title.chars().take(2).collect::<String>().to_uppercase(),
            2 => title.chars().skip(1).take(2).collect::<String>().to_lowercase(),
            _ => word(2),
        })
        .collect();
    let patterns: Vec<String> = parts
        .iter()
        .map(|part| {
            let escaped = part.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            format!("%{escaped}%")
        })
        .collect();
    let client = pool.get().await.unwrap();
    let rows = client
        .query(
            "SELECT title ILIKE pattern FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS t (title, pattern, place)
             ORDER BY place",
            &[&titles, &patterns],
        )
        .await
        .unwrap();
    let mut found = 0;
    for ((row, title), part) in rows.iter().zip(&titles).zip(&parts) {
        let is_found: bool = row.get(0);
        found += usize::from(is_found);
        let contained = letters.small(title).contains(&letters.small(part));
        assert_eq!(contained, is_found, "{locale}: {part:?} in {title:?}");
    }
    assert!(found > 300, "{locale}: {found}");
}
