//! How a read model is, in one word and one colour.

use std::fmt;

/// Seconds without a heartbeat after which nobody applies events. One comes every second, and another node takes over
/// within three.
pub(crate) const SILENT_SECONDS_MAX: f64 = 7.0;
/// Seconds that an event may wait before the read model counts as behind.
pub(crate) const BEHIND_SECONDS_MAX: f64 = 10.0;

/// How a read model is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// Up to date, or nearly.
    Well,
    /// Events are applied, but the oldest one has waited for a while.
    Behind,
    /// Its next generation is being made, and nobody applies events to the live one meanwhile.
    Building,
    /// A stream waits because of an event that cannot be applied; all others go on.
    Parked,
    /// What was tried last failed, and nothing has been applied since.
    Failing,
    /// Nobody applies events.
    Dead,
}

/// What is judged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signs {
    pub(crate) parked: usize,
    /// The last failure is younger than the last heartbeat.
    pub(crate) failing: bool,
    /// Since the last heartbeat.
    pub(crate) silent_seconds: f64,
    pub(crate) lag_seconds: f64,
    /// A rebuild is at work.
    pub(crate) building: bool,
}

impl Health {
    pub(crate) fn of(signs: &Signs) -> Self {
        let silent = signs.silent_seconds > SILENT_SECONDS_MAX;
        match signs {
            Signs { building: true, .. } if silent => Self::Building,
            Signs { failing: true, .. } => Self::Failing,
            _ if silent => Self::Dead,
            Signs { parked: 1.., .. } => Self::Parked,
            _ if signs.lag_seconds > BEHIND_SECONDS_MAX => Self::Behind,
            _ => Self::Well,
        }
    }

    /// In a word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::Behind => "behind",
            Self::Building => "building",
            Self::Parked => "parked",
            Self::Failing => "failing",
            Self::Dead => "dead",
        }
    }

    /// As a traffic light.
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Well => "green",
            Self::Behind | Self::Building | Self::Parked => "yellow",
            Self::Failing | Self::Dead => "red",
        }
    }

    /// Whether nothing is applied to it.
    pub const fn is_red(self) -> bool {
        matches!(self, Self::Failing | Self::Dead)
    }

    /// Whether somebody has to do something: it does not become well by itself.
    pub const fn needs_somebody(self) -> bool {
        matches!(self, Self::Parked | Self::Failing | Self::Dead)
    }
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WELL: Signs = Signs {
        parked: 0,
        failing: false,
        silent_seconds: 1.0,
        lag_seconds: 0.0,
        building: false,
    };

    #[test]
    fn the_worst_sign_counts() {
        let of = |signs: Signs| Health::of(&signs);
        assert_eq!(of(WELL), Health::Well);
        let behind = Signs {
            lag_seconds: 11.0,
            ..WELL
        };
        assert_eq!(of(behind), Health::Behind);
        let parked = Signs { parked: 1, ..behind };
        assert_eq!(of(parked), Health::Parked);
        let dead = Signs {
            silent_seconds: 8.0,
            ..parked
        };
        assert_eq!(of(dead), Health::Dead);
        assert_eq!(
            of(Signs {
                failing: true,
                ..dead
            }),
            Health::Failing
        );
        assert_eq!(
            of(Signs {
                building: true,
                ..dead
            }),
            Health::Building
        );
        assert_eq!(
            of(Signs {
                building: true,
                ..WELL
            }),
            Health::Well,
            "the live one goes on"
        );
    }
}
