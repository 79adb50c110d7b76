//! How many slips of the fingers lie between two words.

/// Most slips in a word of this length.
pub(super) fn distance_max(word: &str) -> usize {
    match word.chars().count() {
        0..=4 => 1,
        5..=8 => 2,
        _ => 3,
    }
}

/// How many letters are missing, too many, wrong, or have changed places with the next one; none if more than `most`.
pub(super) fn distance(one: &str, other: &str, most: usize) -> Option<usize> {
    let one: Vec<char> = one.chars().collect();
    let other: Vec<char> = other.chars().collect();
    if one.len().abs_diff(other.len()) > most {
        return None;
    }
    // Three lines of the table: the one before the last, the last, and the one that is being written.
    let mut earlier: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.iter().enumerate() {
        let mut line = Vec::with_capacity(last.len());
        line.push(row + 1);
        for (column, other_letter) in other.iter().enumerate() {
            let wrong = last[column] + usize::from(letter != other_letter);
            let mut fewest = wrong.min(last[column + 1] + 1).min(line[column] + 1);
            let swapped =
                row > 0 && column > 0 && *letter == other[column - 1] && one[row - 1] == *other_letter;
            if swapped {
                fewest = fewest.min(earlier[column - 1] + 1);
            }
            line.push(fewest);
        }
        if line.iter().all(|distance| *distance > most) {
            return None;
        }
        earlier = std::mem::replace(&mut last, line);
    }
    last.last().copied().filter(|distance| *distance <= most)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn slips_are_counted() {
        for (one, other, slips) in [
            ("printer", "printer", 0),
            ("pritner", "printer", 1),
            ("prnter", "printer", 1),
            ("printter", "printer", 1),
            ("pranter", "printer", 1),
            ("принетр", "принтер", 1),
            ("rpintre", "printer", 2),
            ("", "ab", 2),
        ] {
            assert_eq!(distance(one, other, 3), Some(slips), "{one} {other}");
        }
        assert_eq!(distance("toner", "printer", 2), None);
        assert_eq!(distance("abc", "abcdef", 2), None);
    }

    proptest! {
        #[test]
        fn it_is_the_same_both_ways(one in "[a-c]{0,8}", other in "[a-c]{0,8}", most in 0_usize..5) {
            let there = distance(&one, &other, most);
            prop_assert_eq!(there, distance(&other, &one, most));
            prop_assert_eq!(there == Some(0), one == other);
        }
    }
}
