//! Which words there are, and in how many texts: kept by differences.

use std::collections::{HashMap, HashSet};

use sha2::{Digest, Sha256};

use super::words::{Part, words};
use crate::engine::{Rows, Write};

/// Characters of a word in the vocabulary, at least.
const CHARS_MIN: usize = 3;
/// Characters of a word in the vocabulary, at most.
const CHARS_MAX: usize = 32;

/// Whether a word is one that people may mistype, or end when they see it. Numbers and the like are not.
pub(super) fn is_common(word: &str) -> bool {
    let chars = word.chars().count();
    (CHARS_MIN..=CHARS_MAX).contains(&chars) && !word.chars().any(char::is_numeric)
}

/// In how many texts more each word is.
#[derive(Default)]
pub(super) struct Vocabulary {
    words: HashMap<String, i64>,
}

impl Vocabulary {
    /// Takes in a text.
    pub(super) fn add(&mut self, text: &str) {
        let said: HashSet<String> = words(text)
            .filter(|word| word.part == Part::Whole && is_common(&word.folded))
            .map(|word| word.folded)
            .collect();
        for word in said {
            *self.words.entry(word).or_default() += 1;
        }
    }

    /// The words in an order that does not depend on anything else.
    fn sorted(self) -> Vec<(i64, String, i64)> {
        let mut words: Vec<_> = self
            .words
            .into_iter()
            .map(|(word, texts)| (id(&word), word, texts))
            .collect();
        words.sort_unstable();
        words
    }

    /// As rows of an empty table.
    pub(super) fn put(self, rows: &mut Rows) {
        for (id, word, texts) in self.sorted() {
            rows.row(3).bigint(id).text(&word).bigint(texts);
        }
    }

    /// As changes of the table.
    pub(super) fn writes(self, writes: &mut Vec<Write>) {
        if self.words.is_empty() {
            return;
        }
        let (mut ids, mut words, mut counts) = (Vec::new(), Vec::new(), Vec::new());
        for (id, word, texts) in self.sorted() {
            ids.push(id);
            words.push(word);
            counts.push(texts);
        }
        writes.push(Write::new(
            "INSERT INTO words AS w (id, word, texts)
             SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[])
             ON CONFLICT (id) DO UPDATE SET texts = w.texts + excluded.texts",
            vec![Box::new(ids), Box::new(words), Box::new(counts)],
        ));
    }
}

/// What names a word without telling it.
fn id(word: &str) -> i64 {
    let hash: [u8; 32] = Sha256::digest(word).into();
    i64::from_be_bytes(hash.first_chunk().copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_counts_once_a_text() {
        let mut vocabulary = Vocabulary::default();
        vocabulary.add("Printer printer PRINTER ok 4250n 打印机");
        vocabulary.add("a printer");
        let words: Vec<_> = vocabulary
            .sorted()
            .into_iter()
            .map(|(_, word, texts)| (word, texts))
            .collect();
        assert_eq!(words, [("printer".to_owned(), 2)]);
    }
}
