//! The words of a text, in whatever language: the same function for what is stored, for what is asked, and for what is
//! highlighted, so that the three agree. The database's own parser is not asked: it depends on the database's locale and
//! takes paths, addresses and file names for one word each.
//!
//! Words are folded: without case, without accents, in one form of Unicode. Scripts that write without blanks are taken
//! two characters at a time.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Most characters of a word that count.
const WORD_CHARS_MAX: usize = 64;

/// A word and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// Which bytes of the text it is.
    pub(super) at: Range<usize>,
    /// As it is compared.
    pub(super) folded: String,
    /// What it is in its script.
    pub(super) part: Part,
}

/// What a word is in its script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A word between blanks or signs.
    Whole,
    /// Two characters of a run without blanks.
    Pair,
    /// The last character of such a run, so that it is found alone too. It has no place of its own.
    Last,
    /// The only character of such a run.
    Alone,
}

/// The words of `text`, from its beginning to its end.
pub(super) fn words(text: &str) -> impl Iterator<Item = Word> + '_ {
    runs(text).flat_map(|run| Words::of(text, run))
}

/// A stretch of a text without anything between words.
struct Run {
    at: Range<usize>,
    unspaced: bool,
}

fn runs(text: &str) -> impl Iterator<Item = Run> + '_ {
    let mut characters = text.char_indices().peekable();
    std::iter::from_fn(move || {
        let (start, first) = characters.find(|(_, character)| begins_word(*character))?;
        let unspaced = is_unspaced(first);
        let mut end = start + first.len_utf8();
        while let Some((at, next)) = characters
            .next_if(|(_, next)| in_word(*next) && (is_unspaced(*next) == unspaced || !begins_word(*next)))
        {
            end = at + next.len_utf8();
        }
        Some(Run {
            at: start..end,
            unspaced,
        })
    })
}

/// The words of a run.
enum Words {
    Whole(Option<Word>),
    Pairs(std::vec::IntoIter<Word>),
}

impl Words {
    fn of(text: &str, run: Run) -> Self {
        if run.unspaced {
            return Self::Pairs(pairs(text, run.at).into_iter());
        }
        let folded = fold(&text[run.at.clone()]);
        let word = Word {
            at: run.at,
            folded,
            part: Part::Whole,
        };
        Self::Whole(Some(word).filter(|word| !word.folded.is_empty()))
    }
}

impl Iterator for Words {
    type Item = Word;

    fn next(&mut self) -> Option<Word> {
        match self {
            Self::Whole(word) => word.take(),
            Self::Pairs(words) => words.next(),
        }
    }
}

fn pairs(text: &str, run: Range<usize>) -> Vec<Word> {
    // A mark belongs to the character before it.
    let mut starts: Vec<usize> = text[run.clone()]
        .char_indices()
        .filter(|(at, character)| *at == 0 || begins_word(*character))
        .map(|(at, _)| run.start + at)
        .collect();
    let characters = starts.len();
    starts.push(run.end);
    let pair = |place: usize| {
        let last = place + 1 == characters;
        let at = starts[place]..starts[(place + 2).min(characters)];
        Word {
            folded: fold(&text[at.clone()]),
            at,
            part: match (last, place) {
                (true, 0) => Part::Alone,
                (true, _) => Part::Last,
                (false, _) => Part::Pair,
            },
        }
    };
    (0..characters)
        .map(pair)
        .filter(|word| !word.folded.is_empty())
        .collect()
}

fn begins_word(character: char) -> bool {
    character.is_alphanumeric()
}

/// Whether a character goes on with a word: marks and joiners do, though they begin none.
fn in_word(character: char) -> bool {
    character.is_alphanumeric()
        || (!character.is_ascii()
            && (is_combining_mark(character) || matches!(character, '\u{200c}' | '\u{200d}' | '\u{640}')))
}

/// Whether the character's script puts no blanks between words.
const fn is_unspaced(character: char) -> bool {
    matches!(character,
        '\u{e00}'..='\u{eff}' // Thai, Lao
        | '\u{1000}'..='\u{109f}' // Burmese
        | '\u{1780}'..='\u{17ff}' // Khmer
        | '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' // Chinese characters
        | '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{ff66}'..='\u{ff9f}') // Japanese syllables
}

/// A word as it is compared.
fn fold(word: &str) -> String {
    if word.is_ascii() {
        return word[..word.len().min(WORD_CHARS_MAX)].to_ascii_lowercase();
    }
    let plain = word.nfkd().filter(|character| !is_dropped(*character));
    let small = plain.flat_map(char::to_lowercase);
    let mut folded = String::with_capacity(word.len());
    for character in small {
        match plainer(character) {
            Some(plainer) => folded.push_str(plainer),
            None => folded.push(character),
        }
    }
    let composed = folded.nfc().filter(|character| in_word(*character));
    composed.take(WORD_CHARS_MAX).collect()
}

/// Whether people write a word now with this mark, now without it.
const fn is_dropped(character: char) -> bool {
    matches!(character,
        '\u{300}'..='\u{36f}' // accents
        | '\u{591}'..='\u{5c7}' // Hebrew points
        | '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}' // Arabic vowels, hamza, stretching
        | '\u{200c}' | '\u{200d}') // joiners
}

/// Letters that have no accent that could be dropped, but are written without one.
const fn plainer(character: char) -> Option<&'static str> {
    Some(match character {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ł' => "l",
        'ħ' => "h",
        'ı' => "i",
        'þ' => "th",
        'ς' => "σ",
        '\u{649}' => "\u{64a}", // alef maksura, yeh
        '\u{629}' => "\u{647}", // teh marbuta, heh
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn folded(text: &str) -> Vec<String> {
        words(text).map(|word| word.folded).collect()
    }

    #[test]
    fn words_are_what_stands_between_signs() {
        assert_eq!(
            folded("Printer (HP-4250n) in C:\\tmp\\jam_2.log, won't print!"),
            [
                "printer", "hp", "4250n", "in", "c", "tmp", "jam", "2", "log", "won", "t", "print"
            ]
        );
        assert_eq!(folded(" \n… – 🔥 %_' "), Vec::<String>::new());
    }

    #[test]
    fn case_accents_and_forms_do_not_matter() {
        assert_eq!(
            folded("CAFÉ cafe\u{301} Straße STRASSE"),
            ["cafe", "cafe", "strasse", "strasse"]
        );
        assert_eq!(
            folded("Łódź Øre İstanbul ısı"),
            ["lodz", "ore", "istanbul", "isi"]
        );
        assert_eq!(
            folded("ΟΔΟΣ οδός Ёлка елка ﬁle"),
            ["οδοσ", "οδοσ", "елка", "елка", "file"]
        );
        assert_eq!(folded("طابعة الطّابعه أحمد"), ["طابعه", "الطابعه", "احمد"]);
    }

    #[test]
    fn marks_that_make_other_letters_stay() {
        assert_eq!(folded("हिन्दी"), ["हिन्दी"]);
        assert_eq!(folded("한국어 가"), ["한국어", "가"]);
        assert_ne!(folded("か"), folded("が"));
    }

    #[test]
    fn scripts_without_blanks_are_taken_in_pairs() {
        assert_eq!(folded("打印机坏"), ["打印", "印机", "机坏", "坏"]);
        assert_eq!(folded("用VPN连接"), ["用", "vpn", "连接", "接"]);
        let parts: Vec<Part> = words("打印 x 机").map(|word| word.part).collect();
        assert_eq!(parts, [Part::Pair, Part::Last, Part::Whole, Part::Alone]);
    }

    #[test]
    fn words_know_where_they_stand() {
        let text = "Das Café – 打印机";
        let shown: Vec<&str> = words(text).map(|word| &text[word.at]).collect();
        assert_eq!(shown, ["Das", "Café", "打印", "印机", "机"]);
    }

    #[test]
    fn a_long_word_counts_by_its_beginning() {
        assert_eq!(folded(&"X".repeat(1_000)), ["x".repeat(WORD_CHARS_MAX)]);
        assert_eq!(folded(&"ж".repeat(1_000)), ["ж".repeat(WORD_CHARS_MAX)]);
    }

    proptest! {
        #[test]
        fn words_stand_in_order_and_are_of_word_characters(text in any::<String>()) {
            let mut end = 0;
            for word in words(&text) {
                prop_assert!(word.at.start >= end || word.part != Part::Whole);
                prop_assert!(text.get(word.at.clone()).is_some());
                prop_assert!(!word.folded.is_empty() && word.folded.chars().all(in_word));
                end = word.at.start;
            }
        }
    }
}
