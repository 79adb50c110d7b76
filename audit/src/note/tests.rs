//! The vectors of Go's `sumdb/note`, where the format comes from, and notes that are none.

use super::*;
use proptest::prelude::*;

const KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const SECRET: &str = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const TEXT: &str = "If you think cryptography is the answer to your problem,\n\
                    then you don't know what your problem is.\n";
const SIGNATURE: &str = "\u{2014} PeterNeumann \
                         x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

fn key() -> VerifierKey {
    KEY.parse().unwrap()
}

fn open(note: &str) -> Result<String, NoteError> {
    Note::parse(note)?.verified(&key()).map(str::to_owned)
}

fn malformed(note: &str) -> bool {
    matches!(Note::parse(note), Err(NoteError::Malformed(_)))
}

#[test]
fn equals_the_vectors() {
    let signer: Signer = SECRET.parse().unwrap();
    assert_eq!(signer.secret_text().as_str(), SECRET);
    assert_eq!(signer.key().to_string(), KEY);
    let note = format!("{TEXT}\n{SIGNATURE}");
    assert_eq!(sign(TEXT, &signer).unwrap(), note);
    assert_eq!(open(&note).unwrap(), TEXT);
}

#[test]
fn no_other_text_is_a_key() {
    for from in 0..KEY.len() {
        for until in from..=KEY.len() {
            let part = &KEY[from..until];
            assert!(part == KEY || part.parse::<VerifierKey>().is_err(), "{part}");
        }
    }
    for at in 0..KEY.len() {
        let mut bytes = KEY.as_bytes().to_vec();
        bytes[at] += 1;
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.parse::<VerifierKey>().is_err(), "{text}");
    }
    // Of another length, and of another type, each with the id that it would have.
    for text in [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ] {
        assert!(text.parse::<VerifierKey>().is_err(), "{text}");
        assert!(format!("PRIVATE+KEY+{text}").parse::<Signer>().is_err());
    }
    assert!(
        KEY.replace("c74f20a3", "C74F20A3")
            .parse::<VerifierKey>()
            .is_err()
    );
    assert!(SECRET.replace("c74f20a3", "c74f20a4").parse::<Signer>().is_err());
    assert!(KEY.parse::<Signer>().is_err());
}

#[test]
fn weak_keys_are_refused() {
    let identity = [&[1, 1], [0; 31].as_slice()].concat();
    let text = format!("weak+00000000+{}", STANDARD.encode(identity));
    assert_eq!(text.parse::<VerifierKey>(), Err(KeyError::Unsound));
}

#[test]
fn names_without_spaces_and_plus_signs_only() {
    let long = "n".repeat(256);
    for name in [
        "",
        "a b",
        "a+b",
        "a\u{a0}b",
        "a\u{2003}b",
        "a\nb",
        "a\u{7f}b",
        &long,
    ] {
        assert_eq!(
            Signer::new(name, &[1; 32]).unwrap_err(),
            KeyError::Name,
            "{name:?}"
        );
    }
    assert_eq!(
        Signer::new("desk.example/log", &[1; 32]).unwrap().key().name(),
        "desk.example/log"
    );
}

#[test]
fn signatures_of_others_are_passed_over() {
    let other = Signer::new("other", &[1; 32]).unwrap();
    let same_name = Signer::new("PeterNeumann", &[1; 32]).unwrap();
    let unknown_kind = "\u{2014} PeterNeumann AAAAAAE=\n";
    let others = [&other, &same_name].map(|signer| {
        let note = sign(TEXT, signer).unwrap();
        note[TEXT.len() + 1..].to_owned()
    });
    let note = format!("{TEXT}\n{}{SIGNATURE}{unknown_kind}{}", others[0], others[1]);
    assert_eq!(open(&note).unwrap(), TEXT);
    let note = format!("{TEXT}\n{}{}{unknown_kind}", others[0], others[1]);
    assert_eq!(open(&note), Err(NoteError::Unsigned));
}

#[test]
fn a_signature_that_does_not_fit_spoils_the_note() {
    let note = format!("{TEXT}\n{SIGNATURE}");
    assert_eq!(open(&note.replace("answer", "Answer")), Err(NoteError::Forged));
    let forged = "\u{2014} PeterNeumann x08gowAA\n";
    assert_eq!(open(&format!("{note}{forged}")), Err(NoteError::Forged));
}

#[test]
fn a_text_may_have_empty_lines() {
    let signer: Signer = SECRET.parse().unwrap();
    for text in ["a\n\nb\n", "\n", "a\n\n\n", "\u{2014} a b\n"] {
        assert_eq!(open(&sign(text, &signer).unwrap()).unwrap(), text);
    }
    for text in ["", "a", "a\r\n", "a\tb\n", "a\0b\n"] {
        assert!(
            matches!(sign(text, &signer), Err(NoteError::Malformed(_))),
            "{text:?}"
        );
    }
}

#[test]
fn what_is_no_note_is_told() {
    let note = format!("{TEXT}\n{SIGNATURE}");
    for broken in [
        String::new(),
        TEXT.to_owned(),
        format!("{TEXT}\n"),
        format!("{TEXT}{SIGNATURE}"),
        note.trim_end().to_owned(),
        format!("{note}\n"),
        format!("{note}x"),
        format!("x{TEXT}\n{SIGNATURE}x\n"),
        note.replace('\u{2014}', "-"),
        note.replace("\u{2014} ", "\u{2014}"),
        note.replace("PeterNeumann", "Peter+Neumann"),
        note.replace("PeterNeumann", ""),
        note.replace("AM=\n", "AM\n"),
        note.replace("AM=\n", "AN=\n"), // bits that nobody reads
        note.replace("AM=\n", "AM= \n"),
        format!("{TEXT}\n\u{2014} PeterNeumann x08gow==\n"),
        note.replace('\n', "\r\n"),
        format!("{TEXT}\n{}", SIGNATURE.repeat(SIGNATURES_MAX + 1)),
        format!("{}\n{SIGNATURE}", "x".repeat(NOTE_BYTES_MAX)),
    ] {
        assert!(malformed(&broken), "{broken:?}");
    }
    assert!(Note::parse(&format!("{TEXT}\n{}", SIGNATURE.repeat(SIGNATURES_MAX))).is_ok());
}

#[test]
fn a_secret_is_not_shown() {
    let signer: Signer = SECRET.parse().unwrap();
    let shown = format!("{signer:?}");
    assert!(shown.contains(KEY) && !shown.contains("AYEKFALV"), "{shown}");
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_stumble(text in "(?s).{0,200}", cut in 0_usize..400) {
        let _ = Note::parse(&text);
        let _ = text.parse::<VerifierKey>();
        let note = format!("{TEXT}\n{SIGNATURE}");
        let at = note.floor_char_boundary(cut.min(note.len()));
        let _ = Note::parse(&format!("{}{text}{}", &note[..at], &note[at..]));
    }
}
