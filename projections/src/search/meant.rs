//! What somebody means who has not typed everything yet, or not everything right.
//!
//! Whoever may not read everything is told nothing of what others say: their own texts are all that is looked through.

use std::collections::HashMap;

use deadpool_postgres::Pool;
use domain::AccountId;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::likeness::{distance, distance_max};
use super::question::{Meanings, Question};
use super::said::Reader;
use super::vocabulary::is_common;
use crate::engine::trigram;
use crate::error::QueryError;
use crate::stored::Columns;
use crate::tickets::Query;

/// Most words that a word in the typing may become: the most common ones.
const ENDINGS_MAX: usize = 24;
/// Most words of a question that are taken for mistyped.
const MISTYPED_MAX: usize = 4;
/// Most words that are looked at more closely, of those that share letters with a mistyped one.
const ALIKE_MAX: usize = 100;
/// Most words that are looked at where the database cannot say which are alike.
const COMPARED_MAX: usize = 5_000;
/// Most tickets, and most texts, of which one's own words are taken.
const OWN_MAX: usize = 1_000;

/// What words in the typing may become.
pub(super) async fn endings(
    pool: &Pool,
    reader: Reader,
    question: &Question,
) -> Result<Meanings, QueryError> {
    let mut meanings = Meanings::default();
    if reader != Reader::All {
        // Their own texts are looked through for whatever begins alike.
        return Ok(meanings);
    }
    for word in question.open_words() {
        // Numbers are in no vocabulary, and not many begin alike; single characters begin pairs, which are not either.
        if word.chars().any(char::is_numeric) || word.chars().count() < 2 {
            continue;
        }
        let mut query = Query::default();
        let pattern = query.bind(format!("{word}%"), Type::TEXT);
        let sql = format!(
            "SELECT word FROM read_search.words WHERE word LIKE {pattern} ORDER BY texts DESC, word LIMIT {ENDINGS_MAX}"
        );
        let rows = query.run(pool, &sql).await?;
        meanings.endings.insert(word.to_owned(), texts(&rows)?);
    }
    Ok(meanings)
}

/// Other words for those that nobody has said.
pub(super) async fn corrections(
    pool: &Pool,
    reader: Reader,
    question: &Question,
) -> Result<HashMap<String, String>, QueryError> {
    let mut corrections = HashMap::new();
    let mistypable = question
        .wanted()
        .filter_map(|clause| <&[String; 1]>::try_from(clause.words.as_slice()).ok())
        .filter(|[word]| is_common(word));
    let mut mistyped: Vec<&str> = mistypable.map(|[word]| word.as_str()).collect();
    mistyped.sort_unstable();
    mistyped.dedup();
    mistyped.truncate(MISTYPED_MAX);
    if mistyped.is_empty() {
        return Ok(corrections);
    }
    let own = match reader {
        Reader::All => None,
        Reader::Requester(id) => Some(own_words(pool, id).await?),
    };
    for word in mistyped {
        let meant = match &own {
            Some(own) => closest(word, own),
            None => match alike(pool, word).await? {
                Some(meant) => Some(meant),
                None => closest(word, &beginning_alike(pool, word).await?),
            },
        };
        if let Some(meant) = meant.filter(|meant| meant != word) {
            corrections.insert(word.to_owned(), meant);
        }
    }
    Ok(corrections)
}

/// The word that is least different, the first of those that are equally so; `word` itself if it is there.
fn closest(word: &str, words: &[String]) -> Option<String> {
    let most = distance_max(word);
    words
        .iter()
        .filter_map(|other| Some((distance(word, other, most)?, other)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, other)| other.clone())
}

/// The word of everybody's that is most like `word`, or the same; none if none is, or if the database cannot say.
async fn alike(pool: &Pool, word: &str) -> Result<Option<String>, QueryError> {
    let class = trigram(&**pool.get().await?).await?;
    let Some(schema) = class
        .as_deref()
        .and_then(|class| class.strip_suffix(".gin_trgm_ops"))
    else {
        return Ok(None);
    };
    let mut query = Query::default();
    let asked = query.bind(word.to_owned(), Type::TEXT);
    let sql = format!(
        "SELECT word FROM read_search.words WHERE word OPERATOR({schema}.%) {asked}
         ORDER BY {schema}.similarity(word, {asked}) DESC, texts DESC, word LIMIT {ALIKE_MAX}"
    );
    // Two letters that changed places leave less in common than the database asks for by itself.
    let planning =
        "SET LOCAL pg_trgm.similarity_threshold = 0.2; SET LOCAL enable_seqscan = off; SET LOCAL jit = off";
    let rows = query.run_planned(pool, &sql, planning).await?;
    Ok(closest(word, &texts(&rows)?))
}

/// Common words of everybody's that begin with the same letter and are about as long: those that are most used first.
async fn beginning_alike(pool: &Pool, word: &str) -> Result<Vec<String>, QueryError> {
    let mut query = Query::default();
    let first: String = word.chars().take(1).collect();
    let pattern = query.bind(format!("{first}%"), Type::TEXT);
    let (least, most) = lengths(&mut query, word);
    let sql = format!(
        "SELECT word FROM read_search.words WHERE word LIKE {pattern} AND length(word) BETWEEN {least} AND {most}
         ORDER BY texts DESC, word LIMIT {COMPARED_MAX}"
    );
    texts(&query.run_bounded(pool, &sql).await?)
}

fn lengths(query: &mut Query, word: &str) -> (String, String) {
    let length = i32::try_from(word.chars().count()).unwrap_or(i32::MAX);
    let most = i32::try_from(distance_max(word)).unwrap_or(0);
    (
        query.bind(length - most, Type::INT4),
        query.bind(length + most, Type::INT4),
    )
}

/// The words of what a requester may read, those that are most used first.
async fn own_words(pool: &Pool, reader: AccountId) -> Result<Vec<String>, QueryError> {
    let mut query = Query::default();
    let reader = query.bind(reader.as_uuid(), Type::UUID);
    let there = format!(
        "EXISTS (SELECT 1 FROM read_tickets.tickets t
                 WHERE t.id = x.ticket AND t.requester = {reader} AND NOT t.deleted)"
    );
    let sql = format!(
        "SELECT w.lexeme FROM (
             (SELECT x.title || x.description AS words FROM read_search.tickets x
              WHERE x.requester = {reader} AND {there} ORDER BY x.position DESC LIMIT {OWN_MAX})
             UNION ALL
             (SELECT x.words FROM read_search.texts x
              WHERE x.reader = {reader} AND {there} ORDER BY x.position DESC LIMIT {OWN_MAX})
         ) AS x, unnest(x.words) AS w (lexeme, positions, weights)
         GROUP BY w.lexeme ORDER BY count(*) DESC, w.lexeme"
    );
    let mut words = texts(&query.run_bounded(pool, &sql).await?)?;
    words.retain(|word| is_common(word));
    Ok(words)
}

fn texts(rows: &[Row]) -> Result<Vec<String>, QueryError> {
    rows.iter().map(|row| Columns::of(row).value()).collect()
}
