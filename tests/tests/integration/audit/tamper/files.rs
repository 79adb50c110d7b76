//! Tampering with the bytes of attachments.

use std::fs;
use std::path::{Path, PathBuf};

use tests::dice::Dice;

use super::Case;

pub(super) fn change(uploads: &Path, dice: &mut Dice) -> Case {
    let mut files = Vec::new();
    collect(&uploads.join("sha256"), &mut files);
    files.sort();
    let file = files[dice.below(files.len())].clone();
    let before = fs::read(&file).unwrap();
    let mut after = before.clone();
    let what = match dice.below(5) {
        0 => {
            fs::remove_file(&file).unwrap();
            "removed"
        }
        how => {
            let at = dice.below(after.len());
            match how {
                1 => after.truncate(at),
                2 => after.push(0),
                3 => after[at] ^= 1 << dice.below(8),
                _ => after = other(&files, &file, dice),
            }
            fs::write(&file, after).unwrap();
            "changed"
        }
    };
    Case {
        what: format!("{} {what}", file.display()),
        position: None,
        undo: Some(Box::new(move || fs::write(&file, before).unwrap())),
    }
}

/// The bytes of another file.
fn other(files: &[PathBuf], file: &Path, dice: &mut Dice) -> Vec<u8> {
    let others: Vec<_> = files.iter().filter(|other| *other != file).collect();
    fs::read(others[dice.below(others.len())]).unwrap()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}
