//! What somebody asks, understood as web searches are: all of these words, "these together", -not this, this OR that. There
//! is no text that cannot be understood.

use std::collections::HashMap;
use std::fmt::Write as _;

use uuid::Uuid;

use super::words::{Part, Word, words};

/// Fewest characters of a word in the typing that stand for words beginning with them.
const PREFIX_CHARS_MIN: usize = 2;
/// Hexadecimal digits by which a ticket is called, at least.
const NUMBER_DIGITS_MIN: usize = 8;
/// Digits in the last group of an id.
const LAST_DIGITS: usize = 12;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Any of these may hold; each is found by something.
    alternatives: Vec<Vec<Clause>>,
    number: Option<Number>,
}

/// Words that must, or must not, stand together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Clause {
    /// One or more.
    pub(super) words: Vec<String>,
    /// Whether the last one may go on: somebody is still typing it.
    pub(super) open: bool,
    denied: bool,
}

/// Tickets whose ids begin, or end, in the same way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Number {
    /// The ids that begin so.
    pub(super) from: Uuid,
    pub(super) to: Uuid,
    /// How the others end.
    pub(super) end: Option<String>,
}

/// What else the words of a question stand for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Meanings {
    /// Of words that somebody is still typing: what they may become. Those that are not here become anything.
    pub(super) endings: HashMap<String, Vec<String>>,
}

impl Question {
    /// Understands `text`.
    pub fn of(text: &str) -> Self {
        let mut alternatives = vec![Vec::new()];
        let mut rest = text;
        while let Some((piece, after)) = next_piece(rest) {
            rest = after;
            if let Piece::Or = piece {
                alternatives.push(Vec::new());
            } else if let (Some(clause), Some(all)) = (piece.clause(rest), alternatives.last_mut()) {
                all.push(clause);
            }
        }
        // What only denies finds nothing.
        alternatives.retain(|clauses| clauses.iter().any(|clause| !clause.denied));
        Self {
            alternatives,
            number: number(text),
        }
    }

    /// The ticket that it may call by its number.
    pub(super) const fn number(&self) -> Option<&Number> {
        self.number.as_ref()
    }

    /// Words that are looked for.
    pub(super) fn wanted(&self) -> impl Iterator<Item = &Clause> {
        self.alternatives.iter().flatten().filter(|clause| !clause.denied)
    }

    /// Whether anything must not be there.
    pub(super) fn denies(&self) -> bool {
        self.alternatives.iter().flatten().any(|clause| clause.denied)
    }

    /// Words that somebody is still typing.
    pub(super) fn open_words(&self) -> impl Iterator<Item = &str> {
        self.wanted()
            .filter(|clause| clause.open)
            .filter_map(|clause| clause.words.last().map(String::as_str))
    }

    /// As Postgres reads it (`tsquery`); none if no word is asked for.
    pub(super) fn tsquery(&self, meanings: &Meanings) -> Option<String> {
        let alternatives: Vec<String> = self
            .alternatives
            .iter()
            .map(|clauses| {
                let clauses: Vec<String> = clauses.iter().map(|clause| clause.tsquery(meanings)).collect();
                format!("({})", clauses.join(" & "))
            })
            .collect();
        Some(alternatives.join(" | ")).filter(|query| !query.is_empty())
    }

    /// The same with other words for some that are looked for alone; none if nothing changes.
    pub(super) fn corrected(&self, others: &HashMap<String, String>) -> Option<Self> {
        let mut corrected = self.clone();
        let mut changed = false;
        for clause in corrected.alternatives.iter_mut().flatten() {
            let [word] = clause.words.as_mut_slice() else {
                continue;
            };
            if let Some(other) = others.get(word).filter(|_| !clause.denied) {
                other.clone_into(word);
                clause.open = false;
                changed = true;
            }
        }
        changed.then_some(corrected)
    }

    /// As somebody would type it.
    pub(super) fn typed(&self) -> String {
        let alternatives: Vec<String> = self
            .alternatives
            .iter()
            .map(|clauses| {
                let clauses: Vec<String> = clauses.iter().map(Clause::typed).collect();
                clauses.join(" ")
            })
            .collect();
        alternatives.join(" OR ")
    }
}

impl Clause {
    fn tsquery(&self, meanings: &Meanings) -> String {
        let last = self.words.len() - 1;
        let mut query = String::from(if self.denied { "!(" } else { "(" });
        for (place, word) in self.words.iter().enumerate() {
            if place > 0 {
                query.push_str(" <-> ");
            }
            if place < last || !self.open {
                quote(&mut query, word);
                continue;
            }
            match meanings.endings.get(word) {
                None => {
                    quote(&mut query, word);
                    query.push_str(":*");
                }
                Some(endings) => {
                    query.push('(');
                    quote(&mut query, word);
                    for ending in endings {
                        query.push_str(" | ");
                        quote(&mut query, ending);
                    }
                    query.push(')');
                }
            }
        }
        query.push(')');
        query
    }

    fn typed(&self) -> String {
        let words = self.words.join(" ");
        let denied = if self.denied { "-" } else { "" };
        if self.words.len() == 1 {
            format!("{denied}{words}")
        } else {
            format!("{denied}\"{words}\"")
        }
    }
}

fn quote(query: &mut String, word: &str) {
    // No word has a quote or a backslash in it; but nothing depends on that.
    let word = word.replace('\\', "\\\\").replace('\'', "''");
    // Writing to a String cannot fail.
    let _ = write!(query, "'{word}'");
}

/// A piece of what somebody typed.
enum Piece<'a> {
    Or,
    /// Between quotes.
    Quoted {
        text: &'a str,
        denied: bool,
    },
    /// Between blanks.
    Plain {
        text: &'a str,
        denied: bool,
    },
}

fn next_piece(text: &str) -> Option<(Piece<'_>, &str)> {
    const QUOTES: [char; 6] = ['"', '“', '”', '„', '«', '»'];
    let text = text.trim_start();
    let bare = text.strip_prefix('-');
    let (denied, text) = (bare.is_some(), bare.unwrap_or(text));
    if let Some(quoted) = text.strip_prefix(QUOTES) {
        // A quote that is never closed goes to the end.
        let (text, rest) = quoted.split_once(QUOTES).unwrap_or((quoted, ""));
        return Some((Piece::Quoted { text, denied }, rest));
    }
    let end = text.find(|character: char| character.is_whitespace() || QUOTES.contains(&character));
    let (text, rest) = text.split_at(end.unwrap_or(text.len()));
    match text {
        "" if !denied => None,
        "OR" if !denied => Some((Piece::Or, rest)),
        text => Some((Piece::Plain { text, denied }, rest)),
    }
}

impl Piece<'_> {
    /// What it says, if it has any word. `rest` is what follows.
    fn clause(&self, rest: &str) -> Option<Clause> {
        let (text, denied, plain) = match *self {
            Self::Or => return None,
            Self::Quoted { text, denied } => (text, denied, false),
            Self::Plain { text, denied } => (text, denied, true),
        };
        let words: Vec<Word> = words(text).filter(|word| word.part != Part::Last).collect();
        let last = words.last()?;
        let open = match last.part {
            // Any pair may begin with it.
            Part::Alone => true,
            Part::Whole => {
                let typing =
                    plain && !denied && rest.trim().is_empty() && text.ends_with(&text[last.at.clone()]);
                typing && last.folded.chars().count() >= PREFIX_CHARS_MIN
            }
            Part::Pair | Part::Last => false,
        };
        Some(Clause {
            words: words.into_iter().map(|word| word.folded).collect(),
            open,
            denied,
        })
    }
}

/// The tickets that `text` may call by number: the last or the first digits of their ids, as `#019a2b3c`, or whole ids.
fn number(text: &str) -> Option<Number> {
    let text = text.trim();
    let text = text.strip_prefix('#').unwrap_or(text);
    let digits: String = text.chars().filter(|character| *character != '-').collect();
    let is_number = (NUMBER_DIGITS_MIN..=32).contains(&digits.len())
        && digits.chars().all(|character| character.is_ascii_hexdigit());
    if !is_number {
        return None;
    }
    let bound = |filler: &str| Uuid::try_parse(&format!("{digits}{}", filler.repeat(32 - digits.len()))).ok();
    Some(Number {
        from: bound("0")?,
        to: bound("f")?,
        end: (digits.len() <= LAST_DIGITS).then(|| digits.to_ascii_lowercase()),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn query(text: &str) -> String {
        Question::of(text)
            .tsquery(&Meanings::default())
            .unwrap_or_default()
    }

    #[test]
    fn all_words_are_wanted_and_the_last_one_may_go_on() {
        assert_eq!(query("Printer JAM"), "(('printer') & ('jam':*))");
        assert_eq!(query("printer a"), "(('printer') & ('a'))");
        assert_eq!(query("printer jam!"), "(('printer') & ('jam'))");
        assert_eq!(query("10.0.0.12"), "(('10' <-> '0' <-> '0' <-> '12':*))");
    }

    #[test]
    fn quotes_minus_and_or_mean_what_they_mean_in_web_searches() {
        assert_eq!(
            query("\"paper jam\" -toner"),
            "(('paper' <-> 'jam') & !('toner'))"
        );
        assert_eq!(query("jam OR toner"), "(('jam')) | (('toner':*))");
        assert_eq!(query("„Paper jam“ x"), "(('paper' <-> 'jam') & ('x'))");
        assert_eq!(
            query("-\"paper jam\" tray"),
            "(!('paper' <-> 'jam') & ('tray':*))"
        );
        assert_eq!(query("\"never closed"), "(('never' <-> 'closed'))");
        assert_eq!(query("one\"two\""), "(('one') & ('two'))");
    }

    #[test]
    fn what_only_denies_or_says_nothing_finds_nothing() {
        for text in [
            "",
            " ",
            "-",
            "--",
            "-toner",
            "OR",
            "OR OR",
            "\"\"",
            "%_\\'&|!():*<->",
            "🔥",
            "- -\"a\"",
        ] {
            assert_eq!(query(text), "", "{text}");
        }
        assert_eq!(query("a OR -b"), "(('a'))");
    }

    #[test]
    fn words_in_the_typing_become_what_is_known() {
        let question = Question::of("paper prin");
        assert_eq!(question.open_words().collect::<Vec<_>>(), ["prin"]);
        let endings = HashMap::from([("prin".to_owned(), vec!["print".to_owned(), "printer".to_owned()])]);
        let query = question.tsquery(&Meanings { endings }).unwrap();
        assert_eq!(query, "(('paper') & (('prin' | 'print' | 'printer')))");
    }

    #[test]
    fn scripts_without_blanks_are_asked_in_pairs() {
        assert_eq!(query("打印机"), "(('打印' <-> '印机'))");
        assert_eq!(query("机"), "(('机':*))");
        assert_eq!(query("\"打印 x\""), "(('打印' <-> 'x'))");
    }

    #[test]
    fn a_ticket_is_called_by_the_end_or_the_beginning_of_its_id() {
        let number = |text: &str| Question::of(text).number;
        let range = Number {
            from: "019a2b3c-0000-0000-0000-000000000000".parse().unwrap(),
            to: "019a2b3c-ffff-ffff-ffff-ffffffffffff".parse().unwrap(),
            end: Some("019a2b3c".to_owned()),
        };
        assert_eq!(number("#019a2b3c"), Some(range.clone()));
        assert_eq!(number("019A2B3C "), Some(range));
        let whole: Uuid = "019a2b3c-1111-7222-8333-444455556666".parse().unwrap();
        assert_eq!(
            number(&whole.to_string()),
            Some(Number {
                from: whole,
                to: whole,
                end: None,
            })
        );
        for text in ["#019a2b3", "#019a2b3g", "#", &"0".repeat(33), "019a2b3c é"] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn other_words_take_the_place_of_mistyped_ones() {
        let others = HashMap::from([("pritner".to_owned(), "printer".to_owned())]);
        let corrected = Question::of("\"pritner jam\" -pritner Pritner")
            .corrected(&others)
            .unwrap();
        assert_eq!(corrected.typed(), "\"pritner jam\" -pritner printer");
        assert_eq!(Question::of("jam").corrected(&others), None);
    }

    proptest! {
        #[test]
        fn no_question_makes_it_panic(text in any::<String>()) {
            let question = Question::of(&text);
            let again = Question::of(&question.typed());
            prop_assert_eq!(again.alternatives.len(), question.alternatives.len());
        }
    }
}
