//! How a text is shown that was found: a stretch of it, in segments, some of which are what was looked for. Never as markup:
//! whoever shows it decides how.

use std::ops::Range;

use super::question::{Clause, Question};
use super::words::{Part, Word, words};

/// Characters of an excerpt, about.
const CHARS: usize = 200;
/// Characters of it before the first word that was looked for, at most.
const CHARS_BEFORE: usize = 50;
/// Places of a text that are considered.
const HITS_MAX: usize = 256;
/// What stands where something was left out.
const LEFT_OUT: &str = "…";

/// A text in segments.
pub type Snippet = Vec<Segment>;

/// A segment of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// What it says.
    pub text: String,
    /// Whether it is what was looked for.
    pub hit: bool,
}

/// A place of the text where one of the question's clauses is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Hit {
    at: Range<usize>,
    clause: usize,
}

/// All of `text`; none if nothing of the question is in it.
pub(super) fn whole(text: &str, question: &Question) -> Option<Snippet> {
    let hits = hits(text, question);
    (!hits.is_empty()).then(|| segments(text, 0..text.len(), &hits))
}

/// The stretch of `text` that has most of the question; none if nothing of it is in the text.
pub(super) fn excerpt(text: &str, question: &Question) -> Option<Snippet> {
    let hits = hits(text, question);
    let best = best(text, &hits)?;
    let start = before(text, best.start);
    let end = after(text, start, best.end);
    let mut snippet = segments(text, start..end, &hits);
    let plain = |text: &str| Segment {
        text: text.to_owned(),
        hit: false,
    };
    if start > 0 {
        snippet.insert(0, plain(LEFT_OUT));
    }
    if end < text.len() {
        snippet.push(plain(LEFT_OUT));
    }
    Some(snippet)
}

/// Where the question's clauses are, from the beginning to the end.
fn hits(text: &str, question: &Question) -> Vec<Hit> {
    let clauses: Vec<&Clause> = question.wanted().collect();
    let words: Vec<Word> = words(text).collect();
    let mut hits = Vec::new();
    for place in 0..words.len() {
        for (clause, wanted) in clauses.iter().enumerate() {
            if let Some(at) = stands(&words[place..], wanted) {
                let at = if wanted.words.len() == 1 && wanted.open {
                    typed(text, at, &words[place])
                } else {
                    at
                };
                hits.push(Hit { at, clause });
            }
        }
        if hits.len() >= HITS_MAX {
            break;
        }
    }
    hits
}

/// Where `clause` ends if it begins with the first of `words`.
fn stands(words: &[Word], clause: &Clause) -> Option<Range<usize>> {
    let mut standing = words.iter();
    let mut range: Option<Range<usize>> = None;
    for (place, wanted) in clause.words.iter().enumerate() {
        let word = loop {
            let word = standing.next()?;
            // It has no place of its own, so it stands between no others.
            if word.part != Part::Last || clause.words.len() == 1 {
                break word;
            }
        };
        let open = clause.open && place + 1 == clause.words.len();
        let is_it = if open {
            word.folded.starts_with(wanted.as_str())
        } else {
            word.folded == *wanted
        };
        if !is_it {
            return None;
        }
        let start = range.map_or(word.at.start, |range| range.start);
        range = Some(start..word.at.end);
    }
    range
}

/// Of a pair that one character found, only that one.
fn typed(text: &str, at: Range<usize>, word: &Word) -> Range<usize> {
    let first = text[at.clone()].chars().next().map_or(0, char::len_utf8);
    match word.part {
        Part::Pair => at.start..at.start + first,
        Part::Whole | Part::Last | Part::Alone => at,
    }
}

/// The stretch between two hits, or of one, that has most of the question in the length of an excerpt.
fn best(text: &str, hits: &[Hit]) -> Option<Range<usize>> {
    let mut best: Option<(usize, Range<usize>)> = None;
    for (place, first) in hits.iter().enumerate() {
        let mut clauses: Vec<usize> = Vec::new();
        let mut end = first.at.end;
        for hit in &hits[place..] {
            let is_far = hit.at.end.saturating_sub(first.at.start) > 4 * CHARS;
            if is_far || text[first.at.start..hit.at.end].chars().count() > CHARS - CHARS_BEFORE {
                break;
            }
            end = end.max(hit.at.end);
            if !clauses.contains(&hit.clause) {
                clauses.push(hit.clause);
            }
        }
        if best.as_ref().is_none_or(|(count, _)| clauses.len() > *count) {
            best = Some((clauses.len(), first.at.start..end));
        }
    }
    best.map(|(_, range)| range)
}

/// Where an excerpt begins that has what is at `hit`: at a word, if there is a blank on the way.
fn before(text: &str, hit: usize) -> usize {
    let mut back = text[..hit].char_indices().rev();
    let Some((far, _)) = back.nth(CHARS_BEFORE - 1) else {
        return 0;
    };
    let blank = text[far..hit].find(char::is_whitespace);
    far + blank.map_or(0, |blank| {
        let rest = &text[far + blank..hit];
        blank + rest.len() - rest.trim_start().len()
    })
}

/// Where an excerpt ends that begins at `start` and has what is before `hits_end`.
fn after(text: &str, start: usize, hits_end: usize) -> usize {
    let mut characters = text[start..].char_indices();
    let Some((length, _)) = characters.nth(CHARS) else {
        return text.len();
    };
    let end = (start + length).max(hits_end);
    let blank = text[hits_end..end].rfind(char::is_whitespace);
    blank.map_or(end, |blank| hits_end + blank)
}

/// The bytes of `range` in segments.
fn segments(text: &str, range: Range<usize>, hits: &[Hit]) -> Snippet {
    let mut places: Vec<Range<usize>> = hits
        .iter()
        .map(|hit| hit.at.start.max(range.start)..hit.at.end.min(range.end))
        .filter(|place| !place.is_empty())
        .collect();
    places.sort_unstable_by_key(|place| place.start);
    let mut snippet = Snippet::new();
    let mut push = |range: Range<usize>, hit: bool| {
        if !range.is_empty() {
            let text = text[range].to_owned();
            snippet.push(Segment { text, hit });
        }
    };
    let mut told = range.start;
    let mut places = places.into_iter().peekable();
    while let Some(mut place) = places.next() {
        while let Some(next) = places.next_if(|next| next.start <= place.end) {
            place.end = place.end.max(next.end);
        }
        push(told..place.start, false);
        told = place.end;
        push(place, true);
    }
    push(told..range.end, false);
    snippet
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(snippet: Option<Snippet>) -> String {
        let segments = snippet.unwrap_or_default();
        segments
            .iter()
            .map(|segment| {
                if segment.hit {
                    format!("[{}]", segment.text)
                } else {
                    segment.text.clone()
                }
            })
            .collect()
    }

    fn title(text: &str, question: &str) -> String {
        shown(whole(text, &Question::of(question)))
    }

    #[test]
    fn what_was_looked_for_is_marked_as_it_is_written() {
        assert_eq!(
            title("Café: the PRINTERS jam", "printer cafe"),
            "[Café]: the PRINTERS jam"
        );
        assert_eq!(
            title("Café: the PRINTERS jam", "cafe printer"),
            "[Café]: the [PRINTERS] jam"
        );
        assert_eq!(title("<b>jam</b> & jam", "jam "), "<b>[jam]</b> & [jam]");
        assert_eq!(title("paper, paper jam", "\"paper jam\""), "paper, [paper jam]");
        assert_eq!(title("paper jam", "jam -paper"), "paper [jam]");
        assert_eq!(title("paper jam", "toner"), "");
    }

    #[test]
    fn scripts_without_blanks_are_marked_where_they_are() {
        assert_eq!(title("打印机坏了", "印机坏"), "打[印机坏]了");
        assert_eq!(title("打印机坏了", "坏了"), "打印机[坏了]");
        assert_eq!(title("打印机坏了", "机"), "打印[机]坏了");
        assert_eq!(title("打印机坏了", "了"), "打印机坏[了]");
    }

    #[test]
    fn an_excerpt_is_where_most_of_the_question_is() {
        let text = format!(
            "jam {} the paper jam is in tray two {}",
            "x ".repeat(300),
            "y ".repeat(300)
        );
        let shown = shown(excerpt(&text, &Question::of("paper jam ")));
        assert!(shown.contains(" the [paper] [jam] is in tray two y"), "{shown}");
        assert!(shown.starts_with("…x") && shown.ends_with("y…"), "{shown}");
        assert!(shown.chars().count() < CHARS + 20, "{shown}");
        let long = "z".repeat(5_000);
        let marked = super::tests::shown(excerpt(&long, &Question::of("zz")));
        assert_eq!(marked, format!("[{long}]"));
    }

    proptest! {
        #[test]
        fn segments_are_the_text(text in any::<String>(), question in "\\PC{0,20}", word in 0_usize..5) {
            let typed = words(&text).nth(word).map_or(question, |word| word.folded);
            let question = Question::of(&typed);
            if let Some(snippet) = whole(&text, &question) {
                let all: String = snippet.iter().map(|segment| segment.text.as_str()).collect();
                prop_assert_eq!(all, text.clone());
            }
            let _ = excerpt(&text, &question);
        }
    }
}
