//! A page of figures, as Prometheus reads it.

use std::collections::{BTreeMap, BTreeSet};

use tests::app::{Client, TestApp};

/// The figures of one moment.
pub(crate) struct Scraped {
    /// A line's name and labels, and its value.
    lines: BTreeMap<String, f64>,
    /// The metrics by name, as `# TYPE` has them.
    pub(crate) types: BTreeMap<String, String>,
    /// Those that are explained.
    pub(crate) explained: BTreeSet<String>,
}

impl Scraped {
    /// Those of `app`, now.
    pub(crate) async fn of(app: &TestApp) -> Self {
        let url = format!("http://{}", app.metrics_address());
        let answer = Client::anonymous(&url).get("/metrics").await.is(200);
        assert_eq!(
            answer.header("content-type"),
            "text/plain; version=0.0.4; charset=utf-8"
        );
        Self::parse(&answer.text())
    }

    fn parse(text: &str) -> Self {
        let mut scraped = Self {
            lines: BTreeMap::new(),
            types: BTreeMap::new(),
            explained: BTreeSet::new(),
        };
        for line in text.lines().filter(|line| !line.is_empty()) {
            let words: Vec<&str> = line.split(' ').collect();
            match words[..] {
                ["#", "TYPE", name, kind] => {
                    scraped.types.insert(name.to_owned(), kind.to_owned());
                }
                ["#", "HELP", name, ..] => {
                    scraped.explained.insert(name.to_owned());
                }
                _ => {
                    let (name, value) = line.rsplit_once(' ').unwrap();
                    let value = value.parse().unwrap_or_else(|_| panic!("no figure: {line}"));
                    let former = scraped.lines.insert(name.to_owned(), value);
                    assert!(former.is_none(), "twice: {line}");
                }
            }
        }
        scraped
    }

    /// The figure of this name and these labels; 0 if there is none.
    pub(crate) fn get(&self, name: &str) -> f64 {
        self.lines.get(name).copied().unwrap_or(0.0)
    }

    /// All lines.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.lines.keys().map(String::as_str)
    }

    /// Whether there is a line of this name, with any labels.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.names()
            .any(|line| line == name || line.strip_prefix(name).is_some_and(|rest| rest.starts_with('{')))
    }
}
