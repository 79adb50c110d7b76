//! The project's files, as they lie in the work tree.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders that are nobody's work.
const SKIPPED: &[&str] = &[
    ".git",
    "target",
    "data",
    "node_modules",
    "dist",
    "build",
    "proptest-regressions",
];

pub(crate) struct Source {
    /// From the project's root, with slashes.
    pub(crate) name: String,
    pub(crate) text: String,
}

impl Source {
    pub(crate) fn has_ending(&self, ending: &str) -> bool {
        Path::new(&self.name)
            .extension()
            .is_some_and(|found| found == ending)
    }
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// All text files below `folder` (from the root).
pub(crate) fn below(folder: &str) -> Vec<Source> {
    let root = root();
    let mut sources = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() {
                if !SKIPPED.contains(&name) {
                    folders.push(path);
                }
            } else if let Ok(text) = fs::read_to_string(&path) {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                sources.push(Source { name, text });
            }
        }
    }
    assert!(!sources.is_empty(), "nothing in {folder}");
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    sources
}

/// All Rust files of the workspace.
pub(crate) fn rust() -> Vec<Source> {
    let mut sources = below("");
    sources.retain(|source| source.has_ending("rs"));
    sources
}
