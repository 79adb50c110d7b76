//! A moment in the life of the desk: what one names who asks how something was.

use std::fmt;
use std::str::FromStr;

use crate::time::Timestamp;

/// Just after the event at a position, or at a time of the clock.
///
/// A position says exactly how much had happened. A time is turned into one first (`eventlog` says how), and every
/// answer tells which one that was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Just after the event at this position; 0 is before the first one.
    Position(i64),
    /// At this time.
    Time(Timestamp),
}

/// The text is neither a position nor a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a position (digits) or an RFC 3339 time such as 2026-11-24T14:05:00Z")]
pub struct NotAMoment;

/// As it is written: digits, or RFC 3339.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Position(position) => position.fmt(f),
            Self::Time(time) => time.fmt(f),
        }
    }
}

impl FromStr for Moment {
    type Err = NotAMoment;

    fn from_str(text: &str) -> Result<Self, NotAMoment> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if digits {
            return text.parse().map(Self::Position).map_err(|_| NotAMoment);
        }
        Timestamp::parse(text).map(Self::Time).map_err(|_| NotAMoment)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn digits_are_a_position_and_anything_else_a_time() {
        assert_eq!("0".parse(), Ok(Moment::Position(0)));
        assert_eq!("0042".parse(), Ok(Moment::Position(42)));
        assert_eq!("9223372036854775807".parse(), Ok(Moment::Position(i64::MAX)));
        let time = Moment::Time(Timestamp::from_millis(1_795_393_955_572));
        assert_eq!("2026-11-23T01:32:35.572+01:00".parse(), Ok(time));
        for bad in [
            "",
            " ",
            "-1",
            "+1",
            "1.5",
            "9223372036854775808",
            "0x10",
            "٣",
            "1 ",
            "now",
            "2026-11-23",
            "2026-13-01T00:00:00Z",
            "2026-11-23T01:32:35",
            "1\0",
        ] {
            assert_eq!(bad.parse::<Moment>(), Err(NotAMoment), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_what_it_writes_it_reads(text in "\\PC*") {
            if let Ok(moment) = text.parse::<Moment>() {
                prop_assert_eq!(moment.to_string().parse(), Ok(moment));
            }
        }
    }
}
