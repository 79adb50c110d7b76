//! What a check has found: all of it is counted, and the first of it kept.

/// Most findings of one check that are kept.
pub const FINDINGS_MAX: usize = 100;

/// What a check has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findings<T> {
    kept: Vec<T>,
    count: u64,
}

impl<T> Default for Findings<T> {
    fn default() -> Self {
        Self {
            kept: Vec::new(),
            count: 0,
        }
    }
}

impl<T> Findings<T> {
    /// Takes one in.
    pub fn add(&mut self, finding: T) {
        self.count += 1;
        if self.kept.len() < FINDINGS_MAX {
            self.kept.push(finding);
        }
    }

    /// How many there are.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The first of them, at most [`FINDINGS_MAX`].
    pub fn kept(&self) -> &[T] {
        &self.kept
    }

    /// The first of them, to be had.
    pub fn into_kept(self) -> Vec<T> {
        self.kept
    }

    /// How many more there are than are kept.
    pub fn more(&self) -> u64 {
        self.count.saturating_sub(self.kept.len() as u64)
    }

    /// The same findings in another form.
    pub fn map<U>(self, form: impl FnMut(T) -> U) -> Findings<U> {
        Findings {
            kept: self.kept.into_iter().map(form).collect(),
            count: self.count,
        }
    }

    /// Takes in those of another check.
    pub fn extend(&mut self, other: Self) {
        self.count += other.count;
        let free = FINDINGS_MAX.saturating_sub(self.kept.len());
        self.kept.extend(other.kept.into_iter().take(free));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_counted_and_the_first_are_kept() {
        let mut findings = Findings::default();
        assert!(findings.is_empty());
        for number in 0..250 {
            findings.add(number);
        }
        assert_eq!((findings.count(), findings.more()), (250, 150));
        assert_eq!(findings.kept().last(), Some(&99));
        let mut few = Findings::default();
        few.add(-1);
        few.extend(findings);
        assert_eq!((few.count(), few.kept().len(), few.more()), (251, 100, 151));
        assert_eq!(few.map(|number| number * 2).kept()[..2], [-2, 0]);
    }
}
