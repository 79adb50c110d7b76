//! The same figure, measured several times.

/// One value for each run, in the order of the runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Runs(pub(crate) Vec<f64>);

impl Runs {
    /// The middle one; of an even number, the mean of the two in the middle.
    pub(crate) fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        match sorted.len() {
            0 => f64::NAN,
            odd if odd % 2 == 1 => sorted[middle],
            _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
        }
    }

    pub(crate) fn min(&self) -> f64 {
        self.0.iter().copied().fold(f64::INFINITY, f64::min)
    }

    pub(crate) fn max(&self) -> f64 {
        self.0.iter().copied().fold(f64::NEG_INFINITY, f64::max)
    }

    /// Compares with another figure run by run: what disturbed one run mostly disturbed both.
    pub(crate) fn against(&self, other: &Self, compare: impl Fn(f64, f64) -> f64) -> Self {
        let pairs = self.0.iter().zip(&other.0);
        Self(pairs.map(|(mine, theirs)| compare(*mine, *theirs)).collect())
    }

    /// Median and range, with so many digits after the point.
    pub(crate) fn show(&self, digits: usize) -> String {
        let [median, min, max] = [self.median(), self.min(), self.max()].map(|value| number(value, digits));
        if self.0.len() < 2 {
            median
        } else {
            format!("{median} [{min}-{max}]")
        }
    }
}

/// A number with commas between the thousands.
fn number(value: f64, digits: usize) -> String {
    let plain = format!("{value:.digits$}");
    let (whole, fraction) = plain
        .find('.')
        .map_or((plain.as_str(), ""), |point| plain.split_at(point));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        let left = whole.len() - place;
        if left.is_multiple_of(3) && grouped.ends_with(|last: char| last.is_ascii_digit()) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_median_and_the_range() {
        assert_eq!(Runs(vec![3.0, 1.0, 2000.0]).show(0), "3 [1-2,000]");
        assert_eq!(Runs(vec![0.25]).show(2), "0.25");
        assert_eq!(Runs(vec![1.0, 2.0]).median().to_bits(), 1.5_f64.to_bits());
    }

    #[test]
    fn thousands_have_commas() {
        let shown = [0.0, 999.0, 1000.0, -1000.0, 12_345_678.0].map(|value| number(value, 0));
        assert_eq!(shown, ["0", "999", "1,000", "-1,000", "12,345,678"]);
        assert_eq!(number(-123.456, 1), "-123.5");
    }
}
